import type { PartitionProgress, RunSnapshot, RunState, TableState } from '#shared/model/run';

/** A run that was at work when its process ended is interrupted, not running. */
export function runStateAtRest(state: RunState): RunState {
  return state === 'running' || state === 'pausing' || state === 'cancelling' ? 'interrupted' : state;
}

/** The run as it is while nobody here works on it: the journal still has what was being done when the process ended, and that waits now. */
export function atRest(snapshot: RunSnapshot): RunSnapshot {
  const tables = snapshot.tables.map((table) =>
    MOVING.has(table.state) ? { ...table, state: 'waiting' as const } : table,
  );
  return { ...snapshot, state: runStateAtRest(snapshot.state), tables };
}

export function partitionAtRest(partition: PartitionProgress): PartitionProgress {
  if (partition.state === 'extracting') return { ...partition, state: 'waiting' };
  return partition.state === 'loading' ? { ...partition, state: 'staged' } : partition;
}

const MOVING: ReadonlySet<TableState> = new Set(['preparing', 'running', 'finishing']);
