import type { JournalTable } from '#shared/model/journal';
import type { PartitionProgress, RunState, TableState } from '#shared/model/run';

// The journal keeps what was being done when a process ended. Nobody does it now: it is interrupted, or waits.

export function runAtRest(state: RunState): RunState {
  return state === 'running' || state === 'pausing' || state === 'cancelling' ? 'interrupted' : state;
}

export function tableAtRest(table: JournalTable): JournalTable {
  return MOVING.has(table.state) ? { ...table, state: 'waiting' } : table;
}

export function partitionAtRest(partition: PartitionProgress): PartitionProgress {
  if (partition.state === 'extracting') return { ...partition, state: 'waiting' };
  return partition.state === 'loading' ? { ...partition, state: 'staged' } : partition;
}

const MOVING: ReadonlySet<TableState> = new Set(['preparing', 'running', 'finishing']);
