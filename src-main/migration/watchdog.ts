import { AppError } from '#shared/errors/app-error';
import { createAbortController, throwIfAborted, toAbortError } from '../lib/abort.ts';

export interface WatchdogOptions {
  signal: AbortSignal;
  /** For the message: `UNLOAD of public.orders`. */
  what: string;
  /** Without a sign of life for so long, the work is stopped. */
  silenceMs: number;
  /** The first sign of life may take longer. */
  firstMs?: number;
  /** Asked before the work is stopped: true when there is progress that nobody reported. */
  isMoving?(signal: AbortSignal): Promise<boolean>;
}

/** How long stopped work may take to end before it is left alone. */
const GRACE_MS = 15_000;

/**
 * Runs `work` with a signal of its own, which fires on cancel and when nothing happens for too long; `touch` is the sign of life. Rejects with NO_PROGRESS
 * then, also when the work never settles: some faults of drivers hang without a word. The time does not jump with the system's clock.
 */
export async function watch<T>(
  options: WatchdogOptions,
  work: (signal: AbortSignal, touch: () => void) => Promise<T>,
): Promise<T> {
  const { signal, what, silenceMs, firstMs = silenceMs } = options;
  throwIfAborted(signal);
  const inner = createAbortController();
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  let failure: Error | null = null;
  return new Promise<T>((resolve, reject) => {
    const end = (act: () => void): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      act();
    };
    const stop = (error: Error): void => {
      if (isOver || failure) return;
      failure = error;
      clearTimeout(timer);
      inner.abort();
      timer = setTimeout(() => end(() => reject(error)), GRACE_MS);
    };
    const onAbort = (): void => stop(toAbortError(signal));
    const arm = (ms: number): void => {
      clearTimeout(timer);
      if (isOver || failure) return;
      timer = setTimeout(() => void look(ms), ms);
    };
    const look = async (ms: number): Promise<void> => {
      const isMoving = (await options.isMoving?.(inner.signal).catch(() => false)) ?? false;
      if (isMoving) return arm(silenceMs);
      stop(new AppError('NO_PROGRESS', { facts: { what, minutes: Math.max(1, Math.round(ms / 60_000)) } }));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    arm(firstMs);
    work(inner.signal, () => arm(silenceMs)).then(
      (value) => end(() => resolve(value)),
      (error: unknown) => end(() => reject(failure ?? toError(error))),
    );
  });
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
