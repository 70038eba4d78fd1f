import { throwIfAborted, toAbortError } from './abort.ts';

/** A counting semaphore, first come first served, whose size may change while it is in use. */
export interface Semaphore {
  /** Runs `work` when a place is free; rejects with an AbortError when the signal fires while waiting. */
  run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
  resize(size: number): void;
}

export function createSemaphore(initialSize: number): Semaphore {
  let size = initialSize;
  let used = 0;
  const waiting = new Set<() => void>();

  const wakeNext = (): void => {
    for (const wake of waiting) {
      if (used >= size) return;
      waiting.delete(wake);
      used += 1;
      wake();
    }
  };

  const acquire = (signal: AbortSignal): Promise<void> => {
    throwIfAborted(signal);
    if (used < size) {
      used += 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const wake = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = (): void => {
        waiting.delete(wake);
        reject(toAbortError(signal));
      };
      waiting.add(wake);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  };

  return {
    async run(work, signal) {
      await acquire(signal);
      try {
        return await work();
      } finally {
        used -= 1;
        wakeNext();
      }
    },
    resize(newSize) {
      size = newSize;
      wakeNext();
    },
  };
}
