import type { Table } from '../catalog/catalog-types.ts';
import { runSql } from './database.ts';
import type { CoreContext } from './statement-context.ts';

/** Committed rows and an estimate of bytes, by table id. DuckDB answers count(*) from its own metadata. */
export async function rowCounts(context: CoreContext, tables: Table[]): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  for (let i = 0; i < tables.length; i += 200) {
    const parts = tables.slice(i, i + 200).map((t) => `SELECT ${t.id} AS id, count(*) AS n FROM ${t.storage}`);
    const rows = await runSql(context.session.connection, parts.join(' UNION ALL '));
    for (const row of rows) counts.set(Number(row['id']), Number(row['n']));
  }
  return counts;
}

/** The vendor's number is of compressed storage; here an estimate from the row count, at least 1024 for a filled table. */
export function bytesOf(table: Table, rows: number): number {
  return rows === 0 ? 0 : Math.max(1024, rows * table.columns.length * 4);
}
