import type { RunState } from '#shared/model/run';
import { StatusBadge, type StatusTone } from './status-badge.tsx';

/** The state of a run as icon and words. */
export function RunStateBadge({ state, plain }: { state: RunState; plain?: boolean }) {
  const { tone, label } = RUN_STATE_LOOKS[state];
  return <StatusBadge tone={tone} label={label} plain={plain ?? false} />;
}

export const RUN_STATE_LOOKS = {
  running: { tone: 'running', label: 'Running' },
  pausing: { tone: 'running', label: 'About to pause' },
  paused: { tone: 'paused', label: 'Paused' },
  cancelling: { tone: 'running', label: 'Being cancelled' },
  cancelled: { tone: 'skipped', label: 'Cancelled' },
  done: { tone: 'ok', label: 'Done' },
  'finished-with-failures': { tone: 'failed', label: 'Finished with failures' },
  interrupted: { tone: 'warning', label: 'Interrupted' },
} as const satisfies Record<RunState, { tone: StatusTone; label: string }>;
