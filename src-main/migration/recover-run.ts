import { AppError, toErrorValue } from '#shared/errors/app-error';
import { tableLabel } from '#shared/model/table';
import type { LedgerRow } from '../targets/target.ts';
import { sweepRun } from './clean-up.ts';
import type { RunContext } from './run-context.ts';

/**
 * Makes the journal agree with the ledger before anything is done: transactions that a crash left open are aborted, partitions that Snowflake says are
 * loaded count as loaded, whatever the journal says, and files of abandoned attempts are deleted. A table that only the journal has as loaded fails:
 * nobody can tell then what is in it.
 */
export async function recoverRun(context: RunContext): Promise<void> {
  const { journal, runId, plan, connections, progress, signal } = context;
  const ledgerName = `${plan.options.ledger.database}.${plan.options.ledger.schema}`;
  const done = progress.beginActivity('Read the ledger', ledgerName);
  try {
    const noted = (journal.begunLoads(runId) ?? []).map(({ sessionId }) => sessionId);
    const sessionIds = [...new Set([...journal.attempts(runId).flatMap(({ sessionId }) => sessionId ?? []), ...noted])];
    const aborted = sessionIds.length === 0 ? 0 : await connections.target.abortOrphans({ sessionIds }, { signal });
    if (aborted > 0)
      progress.addEvent(
        'warning',
        `${aborted} transactions that were left open have been aborted. Nothing of them was loaded.`,
      );
    const ledger = await connections.target.readLedger({ ledger: plan.options.ledger, runId }, { signal });
    refuseMismatches(context, ledger);
    for (const row of ledger) applyLedgerRow(context, row);
    journal.setRecovered(runId);
  } finally {
    done();
  }
  if (plan.options.cleanUp !== 'never') await sweepRun(context, { keepsStaged: true });
}

function refuseMismatches({ plan, progress, queue }: RunContext, ledger: LedgerRow[]): void {
  const key = (tableId: string, partitionId: string): string => JSON.stringify([tableId, partitionId]);
  const loaded = new Set(ledger.flatMap((row) => (row.state === 'LOADED' ? [key(row.tableId, row.partitionId)] : [])));
  for (const task of plan.tables) {
    const lost = task.partitions.filter(
      ({ id }) => progress.partition(task.id, id).state === 'loaded' && !loaded.has(key(task.id, id)),
    );
    if (lost.length === 0) continue;
    const { database, schema } = plan.options.ledger;
    const facts = { table: tableLabel(task.target), count: lost.length, schema: `${database}.${schema}` };
    const error = toErrorValue(new AppError('LEDGER_MISMATCH', { facts }));
    queue.remove(task.id);
    progress.updateTable(task.id, { state: 'failed', error });
    progress.addEvent('error', `${tableLabel(task.source)} failed: ${error.message}`, task.id);
  }
}

/** A table with loaded partitions was prepared once; doing it again could empty it. The journal may have been lost in between. */
function applyLedgerRow({ progress }: RunContext, row: LedgerRow): void {
  if (row.state !== 'LOADED') return;
  if (!progress.table(row.tableId).isPrepared) progress.updateTable(row.tableId, { isPrepared: true });
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
