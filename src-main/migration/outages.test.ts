import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '#shared/errors/app-error';
import type { Pause, Side, Wait } from '#shared/model/run';
import { createOutages, type Outages } from './outages.ts';
import { PauseRequested } from './pause-requested.ts';
import { createRunControl, type RunControl } from './run-control.ts';

const refused = (): AppError => new AppError('CONNECTION_REFUSED', { facts: { host: 'h', port: 1 } });

function setUp(probe: (side: Side, signal: AbortSignal) => Promise<void>): {
  outages: Outages;
  control: RunControl;
  waits: (Wait | null)[];
  events: string[];
  clock: { now: number };
} {
  const waits: (Wait | null)[] = [];
  const events: string[] = [];
  const clock = { now: 0 };
  const control = createRunControl({
    limits: { unloadLanes: 1, loadLanes: 1, loadLanesPerTable: 1 },
    ownLanes: () => ({ unloadLanes: null, loadLanes: null }),
    onPause: () => undefined,
  });
  const outages = createOutages({
    probe,
    control,
    progress: {
      setWait: (_side, wait) => void waits.push(wait),
      addEvent: (_level, text) => void events.push(text),
    },
    limits: { reconnectSeconds: 60 },
    monotonic: () => clock.now,
  });
  return { outages, control, waits, events, clock };
}

describe('waiting for a side that is away', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('asks once for all who wait, less and less often, and tells when it is tried again', async () => {
    let probes = 0;
    const { outages, waits, events } = setUp(() => {
      probes += 1;
      return probes < 4 ? Promise.reject(refused()) : Promise.resolve();
    });
    const all = Promise.all([outages.wait('source'), outages.wait('source')]);
    await vi.advanceTimersByTimeAsync(1000 + 2000 + 4000);
    expect(await all).toEqual([{ wasAway: true }, { wasAway: true }]);
    expect(probes).toBe(4);
    expect(waits.map((wait) => wait?.tries ?? null)).toEqual([1, 2, 3, null]);
    expect(events).toEqual([
      'The source does not answer: h:1 refused the connection. It is tried again.',
      'The source answers again. The work goes on.',
    ]);
  });

  it('is no outage when the side answers at once', async () => {
    const { outages, waits } = setUp(() => Promise.resolve());
    expect(await outages.wait('snowflake')).toEqual({ wasAway: false });
    expect(waits).toEqual([null]);
  });

  it('ends in a pause when its time is over, by a clock that does not jump', async () => {
    const { outages, control, clock } = setUp(() => Promise.reject(refused()));
    const waiting = outages.wait('snowflake');
    const ended = expect(waiting).rejects.toBeInstanceOf(PauseRequested);
    // The system's clock jumps ahead by a day: nobody gives up.
    vi.setSystemTime(Date.now() + 86_400_000);
    await vi.advanceTimersByTimeAsync(1000);
    expect(control.pause).toBeNull();
    clock.now = 61_000;
    await vi.advanceTimersByTimeAsync(30_000);
    await ended;
    expect(control.pause).toMatchObject({
      cause: 'unreachable',
      side: 'snowflake',
      error: { code: 'CONNECTION_REFUSED' },
    });
  });

  it('asks the user as soon as the side answers with a refused login', async () => {
    let probes = 0;
    const { outages, control } = setUp(() => {
      probes += 1;
      return Promise.reject(
        probes === 1 ? refused() : new AppError('LOGIN_FAILED', { facts: { server: 's', user: 'u' } }),
      );
    });
    const ended = expect(outages.wait('source')).rejects.toBeInstanceOf(PauseRequested);
    await vi.advanceTimersByTimeAsync(1000);
    await ended;
    expect(control.pause).toMatchObject({ cause: 'needs-you', side: 'source', secrets: ['source.password'] });
  });

  it('ends at once when the user pauses while a probe hangs, and ends the probe', async () => {
    let probing: AbortSignal | null = null;
    const { outages, control } = setUp((_side, signal) => {
      probing = signal;
      return new Promise(() => undefined);
    });
    const paused = expect(outages.wait('source')).rejects.toBeInstanceOf(PauseRequested);
    await vi.advanceTimersByTimeAsync(10);
    expect(probing).toMatchObject({ aborted: false });
    control.requestPause({ cause: 'user', side: null, since: 'now', error: null, secrets: [] });
    await paused;
    expect(probing).toMatchObject({ aborted: true });
  });

  it('ends at once when the user pauses or cancels', async () => {
    const pause: Pause = { cause: 'user', side: null, since: 'now', error: null, secrets: [] };
    const one = setUp(() => Promise.reject(refused()));
    const paused = expect(one.outages.wait('source')).rejects.toBeInstanceOf(PauseRequested);
    await vi.advanceTimersByTimeAsync(10);
    one.control.requestPause(pause);
    await paused;
    const two = setUp(() => Promise.reject(refused()));
    const cancelled = expect(two.outages.wait('source')).rejects.toMatchObject({ name: 'AbortError' });
    await vi.advanceTimersByTimeAsync(10);
    two.control.cancel();
    await cancelled;
  });
});
