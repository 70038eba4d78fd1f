import type { ColumnDescription, TableDescription } from '#shared/model/table';
import { exactTextExpression } from './carry.ts';
import type { Session } from './connect.ts';
import { sqlServerDialect, whereClause } from './dialect.ts';
import { isRefusal } from './errors.ts';
import { keyLiteral } from './key-literals.ts';
import { quoteIdentifier } from './quoting.ts';

/** Rows that are sorted to find the boundaries; of a larger table the rows of some of its pages. */
const SAMPLE_ROWS = 1_000_000;

export interface QuantileRequest {
  table: TableDescription;
  columns: ColumnDescription[];
  count: number;
  where: string | null;
}

/**
 * Every n-th key in the server's own order. They need not cut evenly, only in the same place for every statement of the run, so rows may be estimated and
 * pages sampled. A key with few values gives fewer boundaries, down to none.
 */
export async function findQuantiles(
  session: Session,
  request: QuantileRequest,
  signal: AbortSignal,
): Promise<string[][]> {
  const toLiterals = request.columns.map((column) => keyLiteral(request.table.ref, column));
  if (request.count < 2) return [];
  const rowCount = await countKeys(session, request, signal);
  if (rowCount < 2) return [];
  const keys = await readKeys(session, { request, rowCount }, signal);
  const boundaries = keys
    .filter((key, index) => !isSame(key, keys[index - 1]))
    .map((key) => key.map((value, index) => toLiterals[index]?.(value ?? '') ?? null))
    .filter((literals): literals is string[] => literals.every((literal) => literal !== null));
  return thinOut(boundaries, request.count - 1);
}

/** The catalog's estimate where all rows count, as a count reads the whole index. */
async function countKeys(session: Session, request: QuantileRequest, signal: AbortSignal): Promise<number> {
  const { rowEstimate } = request.table;
  if (rowEstimate !== null && rowEstimate > 0 && request.where === null) return rowEstimate;
  const { rows } = await session.query(
    `SELECT COUNT_BIG(*) FROM ${sqlServerDialect.tableName(request.table.ref)}${whereClause([...notNull(request), request.where])}`,
    { signal },
  );
  return Number(rows[0]?.[0] ?? 0);
}

async function readKeys(
  session: Session,
  parts: { request: QuantileRequest; rowCount: number },
  signal: AbortSignal,
): Promise<(string | null)[][]> {
  const { request, rowCount } = parts;
  const whole = quantileStatement({ ...request, rowCount, samplePercent: null });
  if (request.table.kind !== 'table' || rowCount <= SAMPLE_ROWS) return (await session.query(whole, { signal })).rows;
  const samplePercent = (SAMPLE_ROWS / rowCount) * 100;
  const sample = quantileStatement({ ...request, rowCount: SAMPLE_ROWS, samplePercent });
  try {
    const { rows } = await session.query(sample, { signal });
    // Few pages with long rows in clusters may give too little to cut by.
    if (rows.length >= request.count / 2) return rows;
  } catch (error) {
    if (signal.aborted || !session.isOpen() || !isRefusal(error)) throw error;
  }
  return (await session.query(whole, { signal })).rows;
}

/** Keys number 1 + n, 1 + 2n and so on; without NULLs in any column. */
export function quantileStatement(
  request: QuantileRequest & { rowCount: number; samplePercent: number | null },
): string {
  const names = request.columns.map(({ name }) => quoteIdentifier(name));
  const step = Math.max(1, Math.ceil(request.rowCount / request.count));
  const sample = request.samplePercent === null ? '' : ` TABLESAMPLE (${request.samplePercent.toFixed(6)} PERCENT)`;
  const keys = names.map((name, index) => `${name} AS [k${index + 1}]`).join(', ');
  const numbered = `SELECT ${keys}, ROW_NUMBER() OVER (ORDER BY ${names.join(', ')}) AS [row_number_] FROM ${sqlServerDialect.tableName(request.table.ref)}${sample}${whereClause([...notNull(request), request.where])}`;
  const texts = request.columns.map(({ nativeType }, index) =>
    exactTextExpression({ name: `k${index + 1}`, nativeType }),
  );
  return `SELECT ${texts.join(', ')} FROM (${numbered}) AS [numbered] WHERE [row_number_] > 1 AND ([row_number_] - 1) % ${step} = 0 ORDER BY [row_number_]`;
}

function notNull({ columns }: QuantileRequest): string[] {
  return columns.map(({ name }) => `${quoteIdentifier(name)} IS NOT NULL`);
}

function isSame(one: (string | null)[], other: (string | null)[] | undefined): boolean {
  return one.every((value, index) => value === other?.[index]);
}

/** At most `most` of them, evenly: an estimate may be far below the number of rows. */
function thinOut(boundaries: string[][], most: number): string[][] {
  if (boundaries.length <= most) return boundaries;
  return Array.from(
    { length: most },
    (_none, index) => boundaries[Math.floor(((index + 1) * boundaries.length) / (most + 1))] ?? [],
  );
}
