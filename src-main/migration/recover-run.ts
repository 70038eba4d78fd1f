import type { LedgerRow } from '../targets/target.ts';
import { removeAttemptFiles } from './clean-up.ts';
import type { RunContext } from './run-context.ts';

/**
 * Makes the journal agree with the ledger before anything is done: transactions that a crash left open are aborted, partitions that Snowflake says are
 * loaded count as loaded, whatever the journal says, and files of abandoned attempts are deleted.
 */
export async function recoverRun(context: RunContext): Promise<void> {
  const { journal, runId, plan, connections, progress, signal } = context;
  const attempts = journal.attempts(runId);
  if (attempts.length === 0) return;
  const done = progress.beginActivity(
    'Read the ledger',
    `${plan.options.ledger.database}.${plan.options.ledger.schema}`,
  );
  try {
    const sessionIds = attempts.flatMap((attempt) => attempt.sessionId ?? []);
    const aborted = sessionIds.length === 0 ? 0 : await connections.target.abortOrphans({ sessionIds }, { signal });
    if (aborted > 0)
      progress.addEvent(
        'warning',
        `${aborted} transactions that were left open have been aborted. Nothing of them was loaded.`,
      );
    const ledger = await connections.target.readLedger({ ledger: plan.options.ledger, runId }, { signal });
    for (const row of ledger) applyLedgerRow(context, row);
  } finally {
    done();
  }
  await collectGarbage(context);
}

function applyLedgerRow({ progress }: RunContext, row: LedgerRow): void {
  if (row.state !== 'LOADED') return;
  const known = progress.partition(row.tableId, row.partitionId);
  if (known.state === 'loaded') return;
  progress.updatePartition(row.tableId, row.partitionId, {
    state: 'loaded',
    attemptId: row.attemptId,
    loadedRows: row.loadedRows,
    stagedRows: known.stagedRows ?? row.expectedRows,
    sourceRows: known.sourceRows ?? row.expectedRows,
    error: null,
  });
}

/** Attempts that can no longer be loaded: all but the newest one of a partition that is staged and not loaded yet. */
async function collectGarbage(context: RunContext): Promise<void> {
  if (context.plan.options.cleanUp === 'never') return;
  for (const attempt of context.journal.attempts(context.runId)) {
    if (attempt.isCleaned) continue;
    const partition = context.progress.partition(attempt.tableId, attempt.partitionId);
    const mayBeLoaded =
      partition.attemptId === attempt.attemptId && attempt.manifest !== null && partition.state !== 'loaded';
    if (!mayBeLoaded) await removeAttemptFiles(context, attempt);
  }
}
