import { AppError } from '#shared/errors/app-error';
import { tableLabel, type ColumnDescription, type TableRef } from '#shared/model/table';
import type { Session } from './connect.ts';
import { redshiftDialect, whereClause } from './dialect.ts';
import { quoteIdentifier, quoteLiteral } from './quoting.ts';

/** Rows that are sorted to find the boundaries; of a larger table a random sample of about that size. */
const SAMPLE_ROWS = 1_000_000;

interface QuantileRequest {
  table: TableRef;
  column: ColumnDescription;
  count: number;
  where: string | null;
}

/**
 * Lowest values of `count` equal parts by NTILE, without the first part's. Boundaries from a sample are only about right, which is enough: they need not cut
 * evenly, only in the same place for every statement of the run. A column with few values gives fewer boundaries, down to none.
 */
export async function findQuantiles(
  session: Session,
  request: QuantileRequest,
  signal: AbortSignal,
): Promise<string[]> {
  const toLiteral = literalOf(request);
  if (request.count < 2) return [];
  const { rows: counted } = await session.query(countStatement(request), signal);
  const valueCount = Number(counted[0]?.[0] ?? 0);
  if (valueCount < 2) return [];
  const { rows } = await session.query(
    quantileStatement({ ...request, fraction: Math.min(1, SAMPLE_ROWS / valueCount) }),
    signal,
  );
  const lowest = rows[0]?.[0] ?? null;
  const boundaries = rows
    .slice(1)
    .flatMap(([value]) => (value === null || value === undefined || value === lowest ? [] : [value]));
  return [...new Set(boundaries)].map(toLiteral);
}

function countStatement(request: QuantileRequest): string {
  return `SELECT COUNT(${quoteIdentifier(request.column.name)}) FROM ${redshiftDialect.tableName(request.table)}${whereClause([request.where])}`;
}

export function quantileStatement(request: QuantileRequest & { fraction: number }): string {
  const name = quoteIdentifier(request.column.name);
  const sample = request.fraction < 1 ? `RANDOM() < ${request.fraction.toFixed(9)}` : null;
  const where = whereClause([`${name} IS NOT NULL`, request.where, sample]);
  const parts = `SELECT ${name} AS k, NTILE(${request.count}) OVER (ORDER BY ${name}) AS part FROM ${redshiftDialect.tableName(request.table)}${where}`;
  return `SELECT CAST(MIN(k) AS VARCHAR) FROM (${parts}) AS parts GROUP BY part ORDER BY part`;
}

function literalOf(request: QuantileRequest): (text: string) => string {
  switch (request.column.type.kind) {
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
          detail: `${tableLabel(request.table)} cannot be cut into ranges of ${request.column.name}: values of type ${request.column.nativeType} have no order to cut by.`,
        },
      });
  }
}
