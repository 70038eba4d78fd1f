import { duckDbType, type SnowflakeType } from '../sql/data-type.ts';
import type { Relation } from '../sql/scope.ts';
import { quoteText, runSql } from './database.ts';
import type { Session } from './session.ts';
import type { Prelude } from './translate-environment.ts';

/** A value of a made-up relation, in the form that its DuckDB type takes as text. */
export type Cell = string | number | bigint | boolean | null;

let lastId = 0;
const made = new WeakMap<Session, string[]>();

/** A relation over rows that the server computes: a temporary table, filled before the statement runs. */
export function virtualRelation(
  session: Session,
  given: {
    columns: { name: string; type: SnowflakeType }[];
    rows: () => Cell[][] | Promise<Cell[][]>;
    prelude: Prelude[];
    qualifiers: string[];
  },
): Relation {
  const table = `v${(lastId += 1)}`;
  given.prelude.push(() => fill(session, table, given));
  return {
    kind: 'columns',
    sql: `temp.${table}`,
    columns: given.columns.map((c, i) => ({
      name: c.name,
      sqlName: `r${i + 1}`,
      column: { name: c.name, type: c.type, nullable: true },
    })),
    qualifiers: given.qualifiers,
  };
}

async function fill(
  session: Session,
  table: string,
  given: { columns: { type: SnowflakeType }[]; rows: () => Cell[][] | Promise<Cell[][]> },
): Promise<void> {
  const old = made.get(session) ?? [];
  while (old.length > 20) await runSql(session.connection, `DROP TABLE IF EXISTS temp.${old.shift()}`);
  made.set(session, [...old, table]);
  const columns = given.columns.map((c, i) => `r${i + 1} ${duckDbType(c.type)}`);
  await runSql(session.connection, `CREATE TEMP TABLE ${table} (${columns.join(', ')})`);
  const rows = await given.rows();
  for (let i = 0; i < rows.length; i += 500) {
    const lines = rows.slice(i, i + 500).map((row) => `(${row.map(cellSql).join(', ')})`);
    await runSql(session.connection, `INSERT INTO temp.${table} VALUES ${lines.join(', ')}`);
  }
}

function cellSql(cell: Cell): string {
  if (cell === null) return 'NULL';
  if (typeof cell === 'string') return quoteText(cell);
  return typeof cell === 'boolean' ? String(cell) : `'${cell}'`;
}
