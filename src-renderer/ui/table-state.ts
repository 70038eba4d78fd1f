import type { PartitionState, TableState } from '#shared/model/run';
import type { StatusTone } from './status-badge.tsx';

/** How states of tables and partitions look and read. */
export const TABLE_STATE_LOOKS = {
  failed: { tone: 'failed', label: 'Failed' },
  running: { tone: 'running', label: 'Running' },
  preparing: { tone: 'running', label: 'Being prepared' },
  finishing: { tone: 'running', label: 'Being finished' },
  waiting: { tone: 'waiting', label: 'Waiting' },
  cancelled: { tone: 'skipped', label: 'Cancelled' },
  skipped: { tone: 'skipped', label: 'Skipped' },
  loaded: { tone: 'ok', label: 'Loaded' },
} as const satisfies Record<TableState, { tone: StatusTone; label: string }>;

export const PARTITION_STATE_LOOKS = {
  waiting: { tone: 'waiting', label: 'Waiting' },
  extracting: { tone: 'running', label: 'Being unloaded' },
  staged: { tone: 'waiting', label: 'Unloaded' },
  loading: { tone: 'running', label: 'Being loaded' },
  loaded: { tone: 'ok', label: 'Loaded' },
  failed: { tone: 'failed', label: 'Failed' },
  cancelled: { tone: 'skipped', label: 'Cancelled' },
  skipped: { tone: 'skipped', label: 'Skipped' },
} as const satisfies Record<PartitionState, { tone: StatusTone; label: string }>;
