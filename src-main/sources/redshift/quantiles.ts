import { AppError } from '#shared/errors/app-error';
import { tableLabel, type ColumnDescription, type TableRef } from '#shared/model/table';
import type { Session } from './connect.ts';
import { redshiftDialect, whereClause } from './dialect.ts';
import { quoteIdentifier, quoteLiteral } from './quoting.ts';

/** Rows that are sorted to find the boundaries; of a larger table a random sample of about that size. */
const SAMPLE_ROWS = 1_000_000;

interface QuantileRequest {
  table: TableRef;
  columns: ColumnDescription[];
  count: number;
  where: string | null;
}

/**
 * Lowest keys of `count` equal parts by NTILE, without the first part's. Boundaries from a sample are only about right, which is enough: they need not cut
 * evenly, only in the same place for every statement of the run. A key with few values gives fewer boundaries, down to none.
 */
export async function findQuantiles(
  session: Session,
  request: QuantileRequest,
  signal: AbortSignal,
): Promise<string[][]> {
  const toLiterals = request.columns.map((column) => literalOf(request.table, column));
  if (request.count < 2) return [];
  const { rows: counted } = await session.query(countStatement(request), signal);
  const keyCount = Number(counted[0]?.[0] ?? 0);
  if (keyCount < 2) return [];
  const { rows } = await session.query(
    quantileStatement({ ...request, fraction: Math.min(1, SAMPLE_ROWS / keyCount) }),
    signal,
  );
  const keys = rows.map((row) => row.map((value) => value ?? ''));
  const distinct = keys.filter((key, index) => index > 0 && !isSame(key, keys[index - 1]));
  return distinct.map((key) => key.map((value, index) => (toLiterals[index] ?? quoteLiteral)(value)));
}

function isSame(one: string[], other: string[] | undefined): boolean {
  return one.every((value, index) => value === other?.[index]);
}

function countStatement(request: QuantileRequest): string {
  return `SELECT COUNT(*) FROM ${redshiftDialect.tableName(request.table)}${whereClause([...notNull(request), request.where])}`;
}

/** The first row of every part, in the order of the key: a row whose part differs from that of the row before. */
export function quantileStatement(request: QuantileRequest & { fraction: number }): string {
  const names = request.columns.map(({ name }) => quoteIdentifier(name));
  const keys = names.map((_, index) => keyAlias(index));
  const sample = request.fraction < 1 ? `RANDOM() < ${request.fraction.toFixed(9)}` : null;
  const where = whereClause([...notNull(request), request.where, sample]);
  const columns = names.map((name, index) => `${name} AS ${keyAlias(index)}`).join(', ');
  const order = keys.join(', ');
  const parts = `SELECT ${columns}, NTILE(${request.count}) OVER (ORDER BY ${names.join(', ')}) AS part FROM ${redshiftDialect.tableName(request.table)}${where}`;
  const steps = `SELECT ${order}, part, LAG(part) OVER (ORDER BY ${['part', ...keys].join(', ')}) AS part_before FROM (${parts}) AS parts`;
  const shown = keys.map((key) => `CAST(${key} AS VARCHAR)`).join(', ');
  return `SELECT ${shown} FROM (${steps}) AS steps WHERE part_before IS NULL OR part_before <> part ORDER BY part`;
}

function notNull({ columns }: QuantileRequest): string[] {
  return columns.map(({ name }) => `${quoteIdentifier(name)} IS NOT NULL`);
}

function literalOf(table: TableRef, column: ColumnDescription): (text: string) => string {
  switch (column.type.kind) {
    case 'integer':
    case 'decimal':
      return (text) => text;
    case 'date':
      return (text) => `'${text}'::date`;
    case 'timestamp':
      return (text) => `'${text}'::timestamp`;
    case 'timestamp-tz':
      return (text) => `'${text}'::timestamptz`;
    case 'text':
      return quoteLiteral;
    default:
      throw new AppError('NOT_SUPPORTED', {
        facts: {
          detail: `${tableLabel(table)} cannot be cut into ranges of ${column.name}: values of type ${column.nativeType} have no order to cut by.`,
        },
      });
  }
}

function keyAlias(index: number): string {
  return `k${index + 1}`;
}
