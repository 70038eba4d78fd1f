import type { Session } from './connect.ts';
import { execute, toRecords } from './execute.ts';

/** Open transactions of these sessions, as SHOW TRANSACTIONS lists them for this user. docs.snowflake.com/en/sql-reference/sql/show-transactions */
async function openTransactions(session: Session, sessionIds: Set<string>, signal: AbortSignal): Promise<string[]> {
  const result = await execute(session, { sql: 'SHOW TRANSACTIONS', signal });
  return toRecords(result)
    .filter((row) => sessionIds.has(row['session'] ?? '') && row['id'] !== null)
    .map((row) => row['id'] ?? '');
}

export async function hasOpenTransaction(session: Session, sessionId: string, signal: AbortSignal): Promise<boolean> {
  return (await openTransactions(session, new Set([sessionId]), signal)).length > 0;
}

/**
 * Aborts what these sessions left open, as after a crash; answers how many were aborted. A transaction that ends in the same moment counts as gone.
 * docs.snowflake.com/en/sql-reference/functions/system_abort_transaction
 */
export async function abortTransactionsOf(
  session: Session,
  sessionIds: string[],
  signal: AbortSignal,
): Promise<number> {
  const wanted = new Set(sessionIds.filter((id) => id !== ''));
  if (wanted.size === 0) return 0;
  let aborted = 0;
  for (const id of await openTransactions(session, wanted, signal)) {
    if (!/^\d+$/.test(id)) continue;
    try {
      await execute(session, { sql: `SELECT SYSTEM$ABORT_TRANSACTION(${id})`, signal });
      aborted += 1;
    } catch (error) {
      const left = new Set(await openTransactions(session, wanted, signal));
      if (signal.aborted || left.has(id)) throw error;
    }
  }
  return aborted;
}
