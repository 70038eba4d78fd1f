import { ActionIcon, Tooltip, UnstyledButton } from '@mantine/core';
import { IconChevronRight, IconRefresh } from '@tabler/icons-react';
import { formatDuration } from '#shared/format/duration';
import type { CheckResult, CheckState } from '#shared/model/check';
import { useId, useState } from 'react';
import { checkSummary } from './check-summary.ts';
import { CopyBlock } from './copy-block.tsx';
import { ErrorDetails } from './error-card.tsx';
import { LiveRegion } from './live-region.tsx';
import { StatusIcon, type StatusTone } from './status-badge.tsx';
import classes from './check-list.module.css';

export interface CheckListProps {
  /** What is checked: "Checks of the bucket". */
  label: string;
  checks: readonly CheckResult[];
  /** Repeats one check; without it rows cannot be repeated. */
  onRepeat?: (id: string) => void;
  isBusy?: boolean;
}

/**
 * A row per check with name, state in words, duration and, when opened, what was done, what came back and what to do.
 * For S3 checks, preflight and privileges; progress is announced to screen readers.
 */
export function CheckList({ label, checks, onRepeat, isBusy = false }: CheckListProps) {
  return (
    <>
      <ul className={classes.list} aria-label={label}>
        {checks.map((check) => (
          <CheckRow key={check.id} check={check} onRepeat={isBusy ? undefined : onRepeat} />
        ))}
      </ul>
      <LiveRegion text={checkSummary(checks)} />
    </>
  );
}

function CheckRow({ check, onRepeat }: { check: CheckResult; onRepeat: ((id: string) => void) | undefined }) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const hasDetails = check.did.length > 0 || check.error !== null || check.finishedAt !== null;
  const look = CHECK_LOOKS[check.state];
  return (
    <li className={classes.row} data-state={check.state}>
      <div className={classes.line}>
        <UnstyledButton
          className={classes.toggle}
          aria-expanded={isOpen}
          aria-controls={isOpen ? id : undefined}
          disabled={!hasDetails}
          onClick={() => setOpen(!isOpen)}
        >
          <IconChevronRight size={16} aria-hidden className={classes.chevron} data-open={isOpen} />
          <StatusIcon tone={look.tone} size={18} />
          <span className={classes.texts}>
            <span className={classes.name}>
              {check.name}
              <span className={classes.state} data-tone={look.tone}>
                {look.word}
              </span>
            </span>
            {check.summary !== '' && <span className={classes.summary}>{check.summary}</span>}
          </span>
        </UnstyledButton>
        <span className={classes.time}>{check.elapsedMs === null ? '' : formatDuration(check.elapsedMs)}</span>
        {onRepeat !== undefined && check.state !== 'running' && (
          <Tooltip label={`Repeat "${check.name}"`}>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Repeat ${check.name}`}
              onClick={() => onRepeat(check.id)}
            >
              <IconRefresh size={16} aria-hidden />
            </ActionIcon>
          </Tooltip>
        )}
      </div>
      {isOpen && (
        <div id={id} className={classes.details}>
          <CheckDetails check={check} />
        </div>
      )}
    </li>
  );
}

function CheckDetails({ check }: { check: CheckResult }) {
  return (
    <>
      {check.error !== null && (
        <div className={classes.error}>
          <p>
            <strong>{check.error.title}.</strong> {check.error.message}
          </p>
          <p>{check.error.advice}</p>
        </div>
      )}
      {check.did.length > 0 && <CopyBlock label="What was done" text={check.did.join('\n')} />}
      {check.error !== null && <ErrorDetails error={check.error} />}
      {check.finishedAt !== null && (
        <p className={classes.when}>Checked {new Date(check.finishedAt).toLocaleString()}.</p>
      )}
    </>
  );
}

const CHECK_LOOKS = {
  waiting: { tone: 'waiting', word: 'Waiting' },
  running: { tone: 'running', word: 'Running' },
  passed: { tone: 'ok', word: 'Passed' },
  warning: { tone: 'warning', word: 'Warning' },
  failed: { tone: 'failed', word: 'Failed' },
  skipped: { tone: 'skipped', word: 'Skipped' },
} as const satisfies Record<CheckState, { tone: StatusTone; word: string }>;
