import type { ErrorValue } from '#shared/errors/app-error';
import type { JournalPartition } from '#shared/model/journal';

/** Sums over the partitions of one table, kept up to date by the change of one partition: never by a walk over all of them. */
export interface TableAggregate {
  /** Replaces what a partition contributed before. */
  change(before: JournalPartition | null, after: JournalPartition): void;
  read(): AggregateValues;
}

/** Rows and bytes are sums of what is known; null when nothing is. */
export interface AggregateValues {
  staged: number;
  loaded: number;
  failed: number;
  sourceRows: number | null;
  stagedRows: number | null;
  stagedBytes: number | null;
  loadedRows: number | null;
  firstError: ErrorValue | null;
}

const SUMMED = ['sourceRows', 'stagedRows', 'stagedBytes', 'loadedRows'] as const;
const STAGED_STATES: ReadonlySet<string> = new Set(['staged', 'loading', 'loaded']);

export function createTableAggregate(): TableAggregate {
  const states = { staged: 0, loaded: 0, failed: 0 };
  const sums = { sourceRows: 0, stagedRows: 0, stagedBytes: 0, loadedRows: 0 };
  const known = { sourceRows: 0, stagedRows: 0, stagedBytes: 0, loadedRows: 0 };
  const errors = new Map<string, ErrorValue>();

  const add = (partition: JournalPartition, sign: 1 | -1): void => {
    if (STAGED_STATES.has(partition.state)) states.staged += sign;
    if (partition.state === 'loaded') states.loaded += sign;
    if (partition.state === 'failed') states.failed += sign;
    for (const key of SUMMED) {
      const value = partition[key];
      if (value === null) continue;
      sums[key] += sign * value;
      known[key] += sign;
    }
  };

  return {
    change(before, after) {
      if (before) add(before, -1);
      add(after, 1);
      if (after.error) errors.set(after.partitionId, after.error);
      else errors.delete(after.partitionId);
    },
    read() {
      const sum = (key: (typeof SUMMED)[number]): number | null => (known[key] === 0 ? null : sums[key]);
      const [firstError = null] = errors.values();
      return {
        ...states,
        sourceRows: sum('sourceRows'),
        stagedRows: sum('stagedRows'),
        stagedBytes: sum('stagedBytes'),
        loadedRows: sum('loadedRows'),
        firstError,
      };
    },
  };
}
