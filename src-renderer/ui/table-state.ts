import type { PartitionState, TableProgress, TableState } from '#shared/model/run';
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

/** What lists show of a table: its state, or that the user paused it. */
export type ShownTableState = TableState | 'paused';

export const SHOWN_TABLE_LOOKS = {
  failed: TABLE_STATE_LOOKS.failed,
  running: TABLE_STATE_LOOKS.running,
  preparing: TABLE_STATE_LOOKS.preparing,
  finishing: TABLE_STATE_LOOKS.finishing,
  paused: { tone: 'paused', label: 'Paused' },
  waiting: TABLE_STATE_LOOKS.waiting,
  cancelled: TABLE_STATE_LOOKS.cancelled,
  skipped: TABLE_STATE_LOOKS.skipped,
  loaded: TABLE_STATE_LOOKS.loaded,
} as const satisfies Record<ShownTableState, { tone: StatusTone; label: string }>;

/** In the order of the lists: failures first, then what moves, then what waits, then what is over. */
export const SHOWN_TABLE_STATES = Object.keys(SHOWN_TABLE_LOOKS) as ShownTableState[];

export function shownTableState({ state, isPaused }: Pick<TableProgress, 'state' | 'isPaused'>): ShownTableState {
  return isPaused && !isOver(state) ? 'paused' : state;
}

/** True for states after which nothing more is done to a table by itself. */
export function isOver(state: TableState): boolean {
  return state === 'loaded' || state === 'failed' || state === 'cancelled' || state === 'skipped';
}

export const PARTITION_STATE_LOOKS = {
  waiting: { tone: 'waiting', label: 'Waiting' },
  extracting: { tone: 'running', label: 'Being extracted' },
  staged: { tone: 'waiting', label: 'Extracted' },
  loading: { tone: 'running', label: 'Being loaded' },
  loaded: { tone: 'ok', label: 'Loaded' },
  failed: { tone: 'failed', label: 'Failed' },
  cancelled: { tone: 'skipped', label: 'Cancelled' },
  skipped: { tone: 'skipped', label: 'Skipped' },
} as const satisfies Record<PartitionState, { tone: StatusTone; label: string }>;
