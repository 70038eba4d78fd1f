import { AppError } from '#shared/errors/app-error';
import type { JournalInstance } from '#shared/model/journal';
import { sleep } from '../../lib/abort.ts';
import type { LeaseState, LedgerLocation } from '../target.ts';
import type { Session } from './connect.ts';
import { execute, toRecords } from './execute.ts';
import { leaseTable, ledgerTable } from './ledger-sql.ts';
import type { SessionPool } from './session-pool.ts';

interface AcquireRequest {
  ledger: LedgerLocation;
  runId: string;
  holder: JournalInstance;
  leaseSeconds: number;
  takeOverFrom: string | null;
}

const TIMES = ['SINCE', 'RENEWED_AT', 'EXPIRES_AT'].map(
  (name) => `TO_VARCHAR(CONVERT_TIMEZONE('UTC', ${name}), 'YYYY-MM-DD HH24:MI:SS') || ' UTC' AS ${name}`,
);
const COLUMNS = `RUN_ID, INSTANCE_ID, HOST, PID, OS_USER, MACHINE, ${TIMES.join(', ')}`;
const TRIES = 5;
const LONGEST_PAUSE_MS = 1000;

/**
 * One MERGE takes the lease; MERGE statements of one table wait for each other. Where two rows came about all the same, as a MERGE that waited may not see
 * what the other one committed, whoever sees both gives up its own and tries again: the later of two commits always sees both.
 * docs.snowflake.com/en/sql-reference/transactions#resource-locking
 */
export async function acquireLease(
  pool: SessionPool,
  request: AcquireRequest,
  signal: AbortSignal,
): Promise<{ kind: 'held' } | { kind: 'held-by-other'; by: LeaseState }> {
  for (let attempt = 1; ; attempt += 1) {
    const leases = await pool.withOwnSession({ signal, tag: { lease: request.runId } }, async (session) => {
      await execute(session, { sql: mergeSql(request.ledger), binds: mergeBinds(request), signal });
      return readLeases(session, request, signal);
    });
    const other = leases.find(({ instanceId }) => instanceId !== request.holder.id);
    const isMine = leases.some(({ instanceId }) => instanceId === request.holder.id);
    if (isMine && !other) return { kind: 'held' };
    if (other && !isMine) return { kind: 'held-by-other', by: other };
    await giveUp(pool, { ...request, instanceId: request.holder.id }, signal);
    if (attempt === TRIES && other) return { kind: 'held-by-other', by: other };
    await sleep(Math.random() * LONGEST_PAUSE_MS, signal);
  }
}

/** Also renews a lease that has run out, as long as nobody took it. */
export async function renewLease(
  pool: SessionPool,
  request: { ledger: LedgerLocation; runId: string; instanceId: string; leaseSeconds: number },
  signal: AbortSignal,
): Promise<{ kind: 'held' } | { kind: 'lost'; by: LeaseState | null }> {
  const now = 'CURRENT_TIMESTAMP()';
  const result = await pool.run({
    sql: `UPDATE ${leaseTable(request.ledger)} SET RENEWED_AT = ${now}, EXPIRES_AT = DATEADD('second', ?, ${now}) WHERE RUN_ID = ? AND INSTANCE_ID = ?`,
    binds: [request.leaseSeconds, request.runId, request.instanceId],
    signal,
    object: label(request.ledger),
  });
  if (Number(result.rows[0]?.[0] ?? 0) > 0) return { kind: 'held' };
  const [by] = await readLeases(await pool.shared(signal), request, signal);
  return { kind: 'lost', by: by ?? null };
}

/** The row goes: a lease that nobody holds is no row. */
export async function releaseLease(
  pool: SessionPool,
  request: { ledger: LedgerLocation; runId: string; instanceId: string },
  signal: AbortSignal,
): Promise<void> {
  await giveUp(pool, request, signal);
}

/** Runs with a living lease that have registered partitions of this run's target tables. */
export async function otherRunsInto(
  pool: SessionPool,
  request: { ledger: LedgerLocation; runId: string },
  signal: AbortSignal,
): Promise<{ targetTable: string; runId: string; holder: LeaseState }[]> {
  const ledger = ledgerTable(request.ledger);
  const result = await pool.run({
    sql:
      `SELECT DISTINCT P.TARGET_TABLE, L.* FROM ${ledger} AS P\n` +
      `JOIN (SELECT ${COLUMNS} FROM ${leaseTable(request.ledger)} WHERE RUN_ID <> ? AND EXPIRES_AT > CURRENT_TIMESTAMP()) AS L ON L.RUN_ID = P.RUN_ID\n` +
      `WHERE P.TARGET_TABLE IN (SELECT TARGET_TABLE FROM ${ledger} WHERE RUN_ID = ?)`,
    binds: [request.runId, request.runId],
    signal,
    object: label(request.ledger),
  });
  return toRecords(result).map((row) => ({
    targetTable: row['target_table'] ?? '',
    runId: row['run_id'] ?? '',
    holder: toLease(row),
  }));
}

/** More than one only for a moment, while two take the lease at once. */
export async function readLeases(
  session: Session,
  request: { ledger: LedgerLocation; runId: string },
  signal: AbortSignal,
): Promise<LeaseState[]> {
  const result = await execute(session, {
    sql: `SELECT ${COLUMNS} FROM ${leaseTable(request.ledger)} WHERE RUN_ID = ?`,
    binds: [request.runId],
    signal,
    object: label(request.ledger),
  });
  return toRecords(result).map(toLease);
}

export function leaseLost(by: LeaseState | null, queryId: string): AppError {
  const holder = by ? `process ${by.pid} of ${by.user} on ${by.host}` : 'another instance';
  return new AppError('LEASE_LOST', {
    facts: { ...by, holder, since: by?.since ?? 'an unknown time' },
    queryId,
  });
}

async function giveUp(
  pool: SessionPool,
  request: { ledger: LedgerLocation; runId: string; instanceId: string },
  signal: AbortSignal,
): Promise<void> {
  await pool.run({
    sql: `DELETE FROM ${leaseTable(request.ledger)} WHERE RUN_ID = ? AND INSTANCE_ID = ?`,
    binds: [request.runId, request.instanceId],
    signal,
    object: label(request.ledger),
  });
}

/** Binds: run id, instance id, host, pid, user, machine, instance to take over from, lease seconds two times. */
function mergeSql(ledger: LedgerLocation): string {
  const now = 'CURRENT_TIMESTAMP()';
  const until = "DATEADD('second', N.LEASE_SECONDS, CURRENT_TIMESTAMP())";
  return [
    `MERGE INTO ${leaseTable(ledger)} AS L`,
    'USING (SELECT ? AS RUN_ID, ? AS INSTANCE_ID, ? AS HOST, ?::NUMBER(38,0) AS PID, ? AS OS_USER, ? AS MACHINE, ? AS TAKE_OVER_FROM, ?::NUMBER(38,0) AS LEASE_SECONDS) AS N',
    'ON L.RUN_ID = N.RUN_ID',
    `WHEN MATCHED AND (L.EXPIRES_AT <= ${now} OR L.INSTANCE_ID = N.INSTANCE_ID OR L.INSTANCE_ID = N.TAKE_OVER_FROM) THEN UPDATE SET`,
    `INSTANCE_ID = N.INSTANCE_ID, HOST = N.HOST, PID = N.PID, OS_USER = N.OS_USER, MACHINE = N.MACHINE, SINCE = ${now}, RENEWED_AT = ${now}, EXPIRES_AT = ${until}`,
    'WHEN NOT MATCHED THEN INSERT (RUN_ID, INSTANCE_ID, HOST, PID, OS_USER, MACHINE, SINCE, RENEWED_AT, EXPIRES_AT)',
    `VALUES (N.RUN_ID, N.INSTANCE_ID, N.HOST, N.PID, N.OS_USER, N.MACHINE, ${now}, ${now}, ${until})`,
  ].join('\n');
}

function mergeBinds({ runId, holder, leaseSeconds, takeOverFrom }: AcquireRequest): (string | number)[] {
  return [runId, holder.id, holder.host, holder.pid, holder.user, holder.machine, takeOverFrom ?? '', leaseSeconds];
}

function toLease(row: Record<string, string | null>): LeaseState {
  return {
    instanceId: row['instance_id'] ?? '',
    host: row['host'] ?? '',
    pid: Number(row['pid'] ?? 0),
    user: row['os_user'] ?? '',
    machine: row['machine'] ?? '',
    since: row['since'] ?? '',
    renewedAt: row['renewed_at'] ?? '',
    expiresAt: row['expires_at'] ?? '',
  };
}

function label(ledger: LedgerLocation): string {
  return `${ledger.database}.${ledger.schema}`;
}
