import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconLoader2,
  IconLock,
  IconMinus,
  IconPlayerPause,
} from '@tabler/icons-react';
import classes from './status-badge.module.css';

export const STATUS_TONES = ['ok', 'warning', 'failed', 'running', 'waiting', 'paused', 'blocked', 'skipped'] as const;
export type StatusTone = (typeof STATUS_TONES)[number];

/** A state as icon and word, never as colour alone: `<StatusBadge tone="failed" label="Failed" />`. `plain` leaves out the coloured ground. */
export function StatusBadge({ tone, label, plain = false }: { tone: StatusTone; label: string; plain?: boolean }) {
  return (
    <span className={classes.badge} data-tone={tone} data-plain={plain}>
      <StatusIcon tone={tone} />
      {label}
    </span>
  );
}

/** The icon of a state alone; write the word beside it. */
export function StatusIcon({ tone, size = 16 }: { tone: StatusTone; size?: number }) {
  const Icon = ICONS[tone];
  return <Icon size={size} aria-hidden className={classes.icon} data-tone={tone} />;
}

const ICONS = {
  ok: IconCircleCheck,
  warning: IconAlertTriangle,
  failed: IconCircleX,
  running: IconLoader2,
  waiting: IconCircleDashed,
  paused: IconPlayerPause,
  blocked: IconLock,
  skipped: IconMinus,
} satisfies Record<StatusTone, typeof IconLock>;
