import { expectAssignmentOperator } from './assignment.ts';
import {
  SET_SWITCHES,
  SET_VALUE_NAMES,
  type SetSwitch,
  type SetValueName,
  type StatementNode,
} from './ast-statement.ts';
import { parseConstantOrWord } from './parse-execute.ts';
import type { Parser } from './parser.ts';
import { syntaxErrors } from './syntax-error.ts';

/** https://learn.microsoft.com/en-us/sql/t-sql/statements/set-statements-transact-sql */
export function parseSet(p: Parser): StatementNode {
  p.expectWords('SET');
  const token = p.peek();
  if (token.kind === 'variable') return parseSetVariable(p);
  if (token.kind !== 'word') throw p.unexpected();
  if (p.acceptWords('TRANSACTION', 'ISOLATION', 'LEVEL')) return parseIsolation(p);
  if (p.acceptWords('IDENTITY_INSERT')) {
    const table = p.objectName(2);
    return { kind: 'set-identity-insert', table, on: parseOnOff(p) };
  }
  if (p.acceptWords('STATISTICS')) {
    const names = p.commaSeparated(() => p.oneOf(['IO', 'TIME', 'PROFILE', 'XML']));
    return { kind: 'set-statistics', names, on: parseOnOff(p) };
  }
  const valueName: SetValueName | undefined = SET_VALUE_NAMES.find((name) => name === token.value);
  if (valueName) {
    p.next();
    return { kind: 'set-value', name: valueName, value: parseConstantOrWord(p) };
  }
  return parseSwitches(p);
}

function parseSetVariable(p: Parser): StatementNode {
  const variable = p.variable();
  if (!p.acceptOperator('.')) {
    return { kind: 'set-variable', variable, operator: expectAssignmentOperator(p), value: p.expression() };
  }
  const member = p.anyIdentifier();
  if (p.isOperator('(')) {
    const args = p.parenthesized(() => (p.isOperator(')') ? [] : p.commaSeparated(() => p.expression())));
    return { kind: 'set-variable-member', variable, member, value: null, args };
  }
  p.expectOperator('=');
  return { kind: 'set-variable-member', variable, member, value: p.expression(), args: null };
}

function parseIsolation(p: Parser): StatementNode {
  const kind = 'set-isolation';
  if (p.acceptWords('READ')) {
    return { kind, level: `READ ${p.oneOf(['UNCOMMITTED', 'COMMITTED'])}` };
  }
  if (p.acceptWords('REPEATABLE')) {
    p.expectWords('READ');
    return { kind, level: 'REPEATABLE READ' };
  }
  return { kind, level: p.oneOf(['SNAPSHOT', 'SERIALIZABLE']) };
}

/** QUOTED_IDENTIFIER changes how the rest of the batch is read. https://learn.microsoft.com/en-us/sql/t-sql/statements/set-quoted-identifier-transact-sql */
function parseSwitches(p: Parser): StatementNode {
  const names = p.commaSeparated((): SetSwitch => {
    const token = p.next();
    const name = SET_SWITCHES.find((known) => known === token.value);
    if (token.kind !== 'word') throw p.unexpected(token);
    if (!name) throw syntaxErrors.notSetOption(token.line, token.text);
    return name;
  });
  const on = parseOnOff(p);
  if (names.includes('QUOTED_IDENTIFIER') || names.includes('ANSI_DEFAULTS')) p.quotedIdentifier = on;
  return { kind: 'set-switch', names, on };
}

function parseOnOff(p: Parser): boolean {
  return p.oneOf(['ON', 'OFF']) === 'ON';
}
