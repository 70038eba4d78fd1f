import { AppError, isAbort, toErrorValue } from '#shared/errors/app-error';
import type { Side } from '#shared/model/run';
import type { RunLimits } from '#shared/model/run-limits';
import { createAbortController } from '../lib/abort.ts';
import { failureKind } from './failure-kind.ts';
import { pauseForUser } from './pause-for-user.ts';
import { PauseRequested } from './pause-requested.ts';
import type { RunControl } from './run-control.ts';
import type { RunProgress } from './run-progress.ts';
import { watch } from './watchdog.ts';

/** Sides that do not answer. All work that met the same outage waits for one probe. */
export interface Outages {
  /**
   * Resolves when the side answers; `wasAway` is false when it did so at once: then the failure was not an outage. Rejects with PauseRequested when it
   * stays away for too long or the user is needed, with an AbortError on cancel.
   */
  wait(side: Side): Promise<{ wasAway: boolean }>;
  /** The network may be back: all probes are made now. */
  hurry(): void;
}

export interface OutagesOptions {
  /** One small call that logs in anew; rejects like any other call. */
  probe(side: Side, signal: AbortSignal): Promise<void>;
  control: RunControl;
  progress: Pick<RunProgress, 'setWait' | 'addEvent'>;
  limits: Pick<RunLimits, 'reconnectSeconds'>;
  /** Milliseconds of a clock that does not jump. */
  monotonic?: () => number;
}

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
/** A line that swallows everything must not keep a probe for long. */
const PROBE_LIMIT_MS = 60_000;
const SIDE_NAMES: Record<Side, string> = {
  source: 'The source',
  snowflake: 'Snowflake',
  staging: 'S3',
  machine: 'This machine',
};

export function createOutages(options: OutagesOptions): Outages {
  const { probe, control, progress, limits, monotonic = () => performance.now() } = options;
  const waiting = new Map<Side, Promise<{ wasAway: boolean }>>();
  const sleepers = new Set<() => void>();
  const isPausing = (): boolean => control.pause !== null;

  const nap = async (ms: number): Promise<void> => {
    let wake: () => void = () => undefined;
    const hurried = new Promise<void>((resolve) => (wake = resolve));
    sleepers.add(wake);
    try {
      await Promise.race([control.sleep(ms, { signal: control.signal, isPausing }), hurried]);
    } finally {
      sleepers.delete(wake);
    }
  };

  /** Ends with PauseRequested as soon as a pause comes: nobody waits for a probe that hangs. */
  const probeOrPause = async (side: Side): Promise<void> => {
    const over = createAbortController();
    const signal = AbortSignal.any([control.signal, over.signal]);
    const watched = { signal, what: SIDE_NAMES[side], silenceMs: PROBE_LIMIT_MS };
    try {
      await Promise.race([
        watch(watched, (inner) => probe(side, inner)),
        control.sleep(2 * PROBE_LIMIT_MS, { signal, isPausing }),
      ]);
    } finally {
      over.abort();
    }
  };

  /** Null when the side answers, with whatever. */
  const findProblem = async (side: Side): Promise<AppError | null> => {
    try {
      await probeOrPause(side);
      return null;
    } catch (problem) {
      if (isAbort(problem) || !(problem instanceof AppError)) throw problem;
      const kind = failureKind(problem, side);
      if (kind === 'needs-you') throw pauseForUser(control, side, problem);
      return kind === 'away' || kind === 'again' ? problem : null;
    }
  };

  const reconnect = async (side: Side): Promise<{ wasAway: boolean }> => {
    const begun = monotonic();
    const since = new Date();
    const patienceMs = limits.reconnectSeconds * 1000;
    for (let tries = 1; ; tries += 1) {
      if (isPausing()) throw new PauseRequested();
      const latest = await findProblem(side);
      if (!latest) {
        if (tries > 1) progress.addEvent('info', `${SIDE_NAMES[side]} answers again. The work goes on.`);
        return { wasAway: tries > 1 };
      }
      if (monotonic() - begun > patienceMs) throw giveUp(side, since, latest);
      if (tries === 1)
        progress.addEvent('warning', `${SIDE_NAMES[side]} does not answer: ${latest.message} It is tried again.`);
      const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 1));
      progress.setWait(side, {
        side,
        since: since.toISOString(),
        tries,
        nextTryAt: new Date(Date.now() + waitMs).toISOString(),
        givesUpAt: new Date(Date.now() + Math.max(0, patienceMs - (monotonic() - begun))).toISOString(),
        error: toErrorValue(latest),
      });
      await nap(waitMs);
    }
  };
  const giveUp = (side: Side, since: Date, error: AppError): PauseRequested => {
    progress.addEvent(
      'warning',
      `${SIDE_NAMES[side]} did not answer for ${Math.round(limits.reconnectSeconds / 60)} minutes. The run pauses; nothing is lost.`,
    );
    control.requestPause({
      cause: 'unreachable',
      side,
      since: since.toISOString(),
      error: toErrorValue(error),
      secrets: [],
    });
    return new PauseRequested();
  };

  return {
    wait(side) {
      const known = waiting.get(side);
      if (known) return known;
      const made = reconnect(side).finally(() => {
        waiting.delete(side);
        progress.setWait(side, null);
      });
      waiting.set(side, made);
      return made;
    },
    hurry() {
      for (const wake of [...sleepers]) wake();
    },
  };
}
