import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watch } from './watchdog.ts';

const never = new AbortController().signal;
const options = { signal: never, what: 'UNLOAD of public.a', silenceMs: 60_000 };
const hang = <T>(): Promise<T> => new Promise<T>(() => undefined);

describe('a watchdog', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('stops work that hangs without a word, and does not wait for it for ever', async () => {
    let isStopped = false;
    const work = watch(options, (signal) => {
      signal.addEventListener('abort', () => (isStopped = true));
      return hang();
    });
    const failed = expect(work).rejects.toMatchObject({
      code: 'NO_PROGRESS',
      facts: { what: 'UNLOAD of public.a', minutes: 1 },
    });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(isStopped).toBe(true);
    await vi.advanceTimersByTimeAsync(15_000);
    await failed;
  });

  it('lets work go on that gives signs of life', async () => {
    const work = watch(options, async (_signal, touch) => {
      for (let step = 0; step < 5; step += 1) {
        await new Promise((resolve) => setTimeout(resolve, 50_000));
        touch();
      }
      return 'done';
    });
    await vi.advanceTimersByTimeAsync(250_000);
    expect(await work).toBe('done');
  });

  it('waits longer for the first sign of life', async () => {
    const work = watch({ ...options, firstMs: 300_000 }, async (_signal, touch) => {
      await new Promise((resolve) => setTimeout(resolve, 290_000));
      touch();
      return hang();
    });
    const failed = expect(work).rejects.toMatchObject({ code: 'NO_PROGRESS' });
    await vi.advanceTimersByTimeAsync(290_000 + 60_000 + 15_000);
    await failed;
  });

  it('asks for progress that nobody reports before it stops anything', async () => {
    const answers = [true, true, false];
    const work = watch({ ...options, isMoving: () => Promise.resolve(answers.shift() ?? false) }, hang);
    const failed = expect(work).rejects.toMatchObject({ code: 'NO_PROGRESS' });
    await vi.advanceTimersByTimeAsync(120_000);
    expect(answers).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(60_000 + 15_000);
    await failed;
  });

  it('takes the error of stopped work for what it is: a consequence', async () => {
    const work = watch(
      options,
      (signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('cancelled')))),
    );
    const failed = expect(work).rejects.toMatchObject({ code: 'NO_PROGRESS' });
    await vi.advanceTimersByTimeAsync(60_000);
    await failed;
  });

  it('passes a cancel on and ends with it', async () => {
    const controller = new AbortController();
    const work = watch({ ...options, signal: controller.signal }, hang);
    const failed = expect(work).rejects.toMatchObject({ name: 'AbortError' });
    controller.abort();
    await vi.advanceTimersByTimeAsync(15_000);
    await failed;
  });
});
