import { tableLabel } from '#shared/model/table';
import type { UnloadOutcome, UnloadRequest } from '../source.ts';
import { queryOptional } from './catalog.ts';
import type { Session } from './connect.ts';
import { redshiftDialect, unloadStatement, whereClause } from './dialect.ts';

/** Names the statement that is about to run, so that an error can say which one it was. */
export type Announce = (statement: string, isUnload: boolean) => void;

/**
 * Counts and unloads in one transaction. A transaction of Redshift sees one snapshot, taken with its first SELECT, so both see the same rows
 * (https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation.html); UNLOAD is a query and is not among the commands that cannot run in a
 * transaction block. REPEATABLE READ means SERIALIZABLE in Redshift (https://docs.aws.amazon.com/redshift/latest/dg/r_BEGIN.html) and gives PostgreSQL the
 * same promise. Files written before a failure stay; they lie under a path that nothing else uses.
 */
export async function unload(
  session: Session,
  request: UnloadRequest,
  parts: { signal: AbortSignal; announce: Announce },
): Promise<UnloadOutcome> {
  const started = performance.now();
  const run = async (statement: string, isUnload = false): Promise<(string | null)[][]> => {
    parts.announce(statement, isUnload);
    return (await session.query(statement, parts.signal)).rows;
  };
  await run('BEGIN ISOLATION LEVEL REPEATABLE READ');
  const { table, conditions } = request.select;
  const counted = await run(`SELECT COUNT(*) FROM ${redshiftDialect.tableName(table)}${whereClause(conditions)}`);
  const sourceRows = Number(counted[0]?.[0] ?? 0);
  session.takeNotices();
  await run(unloadStatement(request), true);
  const noticedRows = readNoticedRows(session.takeNotices());
  await run('COMMIT');
  const lastCount = await queryOptional(session, 'SELECT pg_last_unload_count()', parts.signal);
  const queryId = await queryOptional(session, 'SELECT pg_last_unload_id()', parts.signal);
  return {
    sourceRows,
    unloadedRows: toCount(lastCount?.rows[0]?.[0]) ?? noticedRows ?? sourceRows,
    queryId: queryId?.rows[0]?.[0] ?? null,
    elapsedMs: Math.round(performance.now() - started),
  };
}

export function unloadLabel(request: UnloadRequest): string {
  return tableLabel(request.select.table);
}

/** `UNLOAD completed, 192497 record(s) unloaded successfully.` */
function readNoticedRows(notices: string[]): number | null {
  const counts = notices.flatMap((notice) => toCount(/UNLOAD completed, (\d+) record/i.exec(notice)?.[1]) ?? []);
  return counts.at(-1) ?? null;
}

function toCount(text: string | null | undefined): number | null {
  return text === null || text === undefined || text === '' ? null : Number(text);
}
