import type { Statement, StatementNode } from './ast-statement.ts';
import { parseAlter, parseCreate, parseDrop } from './parse-ddl.ts';
import { parseUpdateStatistics } from './parse-ddl-objects.ts';
import { parseDelete, parseInsert, parseTruncate, parseUpdate } from './parse-dml.ts';
import { parseExecute, parseProcedureCall } from './parse-execute.ts';
import { parseMerge } from './parse-merge.ts';
import {
  parseBegin,
  parseDeclare,
  parseIf,
  parseLoopExit,
  parseRaiserror,
  parseReturn,
  parseThrow,
  parseTransactionEnd,
  parseWaitfor,
  parseWhile,
} from './parse-procedural.ts';
import { parseStatementQuery, parseWith } from './parse-query.ts';
import { parsePermission } from './parse-security.ts';
import { parseDbcc, parseExecuteAs, parseKill, parseUse } from './parse-server.ts';
import { parseSet } from './parse-set.ts';
import type { Parser } from './parser.ts';

/** One statement with the semicolon behind it, if there is one. */
export function parseStatement(p: Parser): Statement {
  const at = p.position();
  const node = statementNode(p);
  p.acceptOperator(';');
  return p.located(node, at);
}

function statementNode(p: Parser): StatementNode {
  const token = p.peek();
  if (p.isOperator('(')) return { kind: 'select', query: parseStatementQuery(p) };
  const parse = token.kind === 'word' ? STATEMENTS[token.value] : undefined;
  if (parse) return parse(p);
  // The first statement of a batch may call a procedure by its name alone.
  if (p.lastEnd() === 0 && p.isIdentifier()) return parseProcedureCall(p, null);
  throw p.unexpected();
}

const STATEMENTS: Readonly<Record<string, (p: Parser) => StatementNode>> = {
  SELECT: (p) => ({ kind: 'select', query: parseStatementQuery(p) }),
  WITH: parsePrefixed,
  INSERT: (p) => parseInsert(p, []),
  UPDATE: (p) => (p.isWords('UPDATE', 'STATISTICS') ? parseUpdateStatistics(p) : parseUpdate(p, [])),
  DELETE: (p) => parseDelete(p, []),
  MERGE: (p) => parseMerge(p, []),
  TRUNCATE: parseTruncate,
  CREATE: parseCreate,
  ALTER: parseAlter,
  DROP: parseDrop,
  GRANT: parsePermission,
  DENY: parsePermission,
  REVOKE: parsePermission,
  EXEC: parseExecuteOrAs,
  EXECUTE: parseExecuteOrAs,
  DECLARE: parseDeclare,
  SET: parseSet,
  IF: parseIf,
  WHILE: parseWhile,
  BREAK: parseLoopExit,
  CONTINUE: parseLoopExit,
  BEGIN: parseBegin,
  COMMIT: parseTransactionEnd,
  ROLLBACK: parseTransactionEnd,
  SAVE: parseTransactionEnd,
  THROW: parseThrow,
  RAISERROR: parseRaiserror,
  PRINT: (p) => {
    p.expectWords('PRINT');
    return { kind: 'print', value: p.expression() };
  },
  RETURN: parseReturn,
  WAITFOR: parseWaitfor,
  USE: parseUse,
  KILL: parseKill,
  DBCC: parseDbcc,
  CHECKPOINT: (p) => {
    p.expectWords('CHECKPOINT');
    return { kind: 'checkpoint' };
  },
  RECONFIGURE: (p) => {
    p.expectWords('RECONFIGURE');
    return { kind: 'reconfigure', withOverride: p.acceptWords('WITH', 'OVERRIDE') };
  },
  REVERT: (p) => {
    p.expectWords('REVERT');
    return { kind: 'revert' };
  },
};

function parseExecuteOrAs(p: Parser): StatementNode {
  return p.isWords('EXEC', 'AS') || p.isWords('EXECUTE', 'AS') ? parseExecuteAs(p) : parseExecute(p);
}

/** A statement behind WITH: common table expressions serve queries and data changes. */
function parsePrefixed(p: Parser): StatementNode {
  const prefix = parseWith(p);
  if (p.isWords('INSERT')) return parseInsert(p, prefix.ctes);
  if (p.isWords('UPDATE')) return parseUpdate(p, prefix.ctes);
  if (p.isWords('DELETE')) return parseDelete(p, prefix.ctes);
  if (p.isWords('MERGE')) return parseMerge(p, prefix.ctes);
  if (!p.isWords('SELECT') && !p.isOperator('(')) throw p.unexpected();
  return { kind: 'select', query: parseStatementQuery(p, prefix) };
}
