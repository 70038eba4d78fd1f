import type { CreateIndex, DdlStatement, IndexDefinition } from './ast-ddl.ts';
import { parseDataSpace, parseIndexColumns, parseIndexOptions } from './parse-index-clauses.ts';
import type { Parser } from './parser.ts';

/** `[UNIQUE] [CLUSTERED | NONCLUSTERED] [COLUMNSTORE] INDEX ...` behind CREATE. https://learn.microsoft.com/en-us/sql/t-sql/statements/create-index-transact-sql */
export function parseCreateIndex(p: Parser): CreateIndex {
  const unique = p.acceptWords('UNIQUE');
  const clustered = p.acceptWords('CLUSTERED');
  if (!clustered) p.acceptWords('NONCLUSTERED');
  const columnstore = p.acceptWords('COLUMNSTORE');
  p.expectWords('INDEX');
  const name = p.identifier();
  p.expectWords('ON');
  const table = p.objectName();
  const hasColumns = !columnstore || (!clustered && p.isOperator('('));
  const columns = hasColumns ? parseIndexColumns(p) : [];
  if (columnstore && p.acceptWords('ORDER')) parseIndexColumns(p);
  const rest = parseIndexTail(p, 'CREATE INDEX');
  return { kind: 'create-index', name, table, unique, clustered, columnstore, columns, ...rest };
}

/** An index within CREATE TABLE; `isOfColumn`: behind a column, which it then is for. */
export function parseInlineIndex(p: Parser, isOfColumn: boolean): IndexDefinition {
  const at = p.position();
  p.expectWords('INDEX');
  const name = p.identifier();
  const unique = p.acceptWords('UNIQUE');
  const clustered = p.acceptWords('CLUSTERED');
  if (!clustered) p.acceptWords('NONCLUSTERED');
  const columnstore = p.acceptWords('COLUMNSTORE');
  const hasColumns = !isOfColumn && !(clustered && columnstore);
  const columns = hasColumns ? parseIndexColumns(p) : [];
  const rest = parseIndexTail(p, 'CREATE TABLE');
  return p.located({ kind: 'index' as const, name, unique, clustered, columnstore, columns, ...rest }, at);
}

function parseIndexTail(p: Parser, statement: string): Pick<IndexDefinition, 'include' | 'where' | 'options' | 'on'> {
  const include = p.acceptWords('INCLUDE') ? p.list(() => p.identifier()) : [];
  const where = p.acceptWords('WHERE') ? p.condition() : null;
  const options = parseIndexOptions(p, statement);
  const on = parseDataSpace(p);
  if (p.acceptWords('FILESTREAM_ON')) p.anyIdentifier();
  return { include, where, options, on };
}

/** `INDEX ix ON t REBUILD` behind ALTER. */
export function parseAlterIndex(p: Parser): DdlStatement {
  p.expectWords('INDEX');
  const index = p.acceptWords('ALL') ? ('ALL' as const) : p.identifier();
  p.expectWords('ON');
  const table = p.objectName();
  const action = p.oneOf(['REBUILD', 'REORGANIZE', 'DISABLE']);
  if (action !== 'DISABLE' && p.acceptWords('PARTITION')) {
    p.expectOperator('=');
    if (!p.acceptWords('ALL')) p.expression();
  }
  if (action === 'REBUILD') parseIndexOptions(p, 'ALTER INDEX REBUILD');
  return { kind: 'alter-index', index, table, action };
}

/** `INDEX [IF EXISTS] ix ON t, ...` or `INDEX t.ix` behind DROP. */
export function parseDropIndex(p: Parser): DdlStatement {
  p.expectWords('INDEX');
  const ifExists = p.acceptWords('IF', 'EXISTS');
  const indexes = p.commaSeparated(() => {
    const name = p.objectName();
    if (p.acceptWords('ON')) {
      if (name.schema !== null) throw p.unexpected();
      const table = p.objectName();
      parseIndexOptions(p, 'DROP INDEX');
      return { name: { name: name.name, quoted: true, at: name.at }, table };
    }
    if (name.schema === null) throw p.unexpected();
    const table = { server: null, database: name.server, schema: name.database, name: name.schema, at: name.at };
    return { name: { name: name.name, quoted: true, at: name.at }, table };
  });
  return { kind: 'drop-index', indexes, ifExists };
}
