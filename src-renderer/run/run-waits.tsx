import { useEffect, useState } from 'react';
import { formatCount } from '#shared/format/count';
import type { Wait } from '#shared/model/run';
import { ErrorDetails } from '../ui/error-card.tsx';
import { LiveRegion } from '../ui/live-region.tsx';
import { Notice } from '../ui/notice.tsx';
import { SIDE_NAMES } from './pause-wording.ts';

/** Sides that do not answer while the run is at work, with the time until the next try. */
export function RunWaits({ waits }: { waits: readonly Wait[] }) {
  const now = useClock(waits.length > 0);
  return waits.map((wait) => (
    <Notice key={wait.side} tone="warning" title={`Reconnecting: ${SIDE_NAMES[wait.side]} does not answer`}>
      <p>{wait.error.message}</p>
      <p>
        {countdown(wait, now)} Try {formatCount(wait.tries + 1)}, since {timeOf(wait.since)}. Without an answer until{' '}
        {timeOf(wait.givesUpAt)} the run pauses. Nothing is lost.
      </p>
      <ErrorDetails error={wait.error} />
      <LiveRegion text={`${SIDE_NAMES[wait.side]} does not answer. The run tries to reconnect.`} />
    </Notice>
  ));
}

/** `Next try in 12 s.` */
export function countdown({ nextTryAt }: { nextTryAt: string }, now: number): string {
  const seconds = Math.ceil((Date.parse(nextTryAt) - now) / 1000);
  return seconds > 0 ? `Next try in ${seconds} s.` : 'Trying now.';
}

/** The time of now, to the second, while it is needed. */
export function useClock(isNeeded: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!isNeeded) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isNeeded]);
  return now;
}

function timeOf(iso: string): string {
  return new Date(iso).toLocaleTimeString();
}
