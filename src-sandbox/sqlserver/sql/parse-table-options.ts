import type { TableOption } from './ast-ddl.ts';
import type { ObjectName } from './ast.ts';
import { parseOptionValue, skipPartitions } from './parse-index-clauses.ts';
import type { Parser } from './parser.ts';
import { syntaxErrors } from './syntax-error.ts';

const OPTIONS: ReadonlySet<string> = new Set([
  'DATA_COMPRESSION',
  'LOCK_ESCALATION',
  'MEMORY_OPTIMIZED',
  'DURABILITY',
  'XML_COMPRESSION',
]);

/** The list of WITH (...) and of ALTER TABLE SET (...). https://learn.microsoft.com/en-us/sql/t-sql/statements/create-table-transact-sql#table_option */
export function parseTableOptions(p: Parser, statement: string): TableOption[] {
  return p.list(() => {
    const token = p.next();
    if (token.kind !== 'word') throw p.unexpected(token);
    if (token.value === 'SYSTEM_VERSIONING') return parseVersioning(p);
    if (!OPTIONS.has(token.value)) throw syntaxErrors.notRecognizedOption(token.line, token.text, statement);
    p.expectOperator('=');
    const value = parseOptionValue(p);
    skipPartitions(p);
    return { kind: 'option', name: token.value, value };
  });
}

function parseVersioning(p: Parser): TableOption {
  p.expectOperator('=');
  const on = p.oneOf(['ON', 'OFF']) === 'ON';
  let historyTable: ObjectName | null = null;
  let dataConsistencyCheck: boolean | null = null;
  if (on && p.isOperator('(')) {
    p.list(() => {
      if (p.acceptWords('HISTORY_TABLE')) {
        p.expectOperator('=');
        historyTable = p.objectName(1);
      } else if (p.acceptWords('DATA_CONSISTENCY_CHECK')) {
        p.expectOperator('=');
        dataConsistencyCheck = p.oneOf(['ON', 'OFF']) === 'ON';
      } else {
        p.expectWords('HISTORY_RETENTION_PERIOD');
        p.expectOperator('=');
        parseRetention(p);
      }
    });
  }
  return { kind: 'system-versioning', on, historyTable, dataConsistencyCheck };
}

function parseRetention(p: Parser): void {
  if (p.acceptWords('INFINITE')) return;
  p.integer();
  p.oneOf(['DAY', 'DAYS', 'WEEK', 'WEEKS', 'MONTH', 'MONTHS', 'YEAR', 'YEARS']);
}
