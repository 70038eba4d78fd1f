import { AppError } from '#shared/errors/app-error';
import { ERROR_CODES } from '#shared/errors/error-codes';
import { sleep } from '../lib/abort.ts';

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;

export interface RetryOptions {
  maxAttempts: number;
  signal: AbortSignal;
  /** Told before each wait: what failed, and when the next try begins. */
  onRetry(error: AppError, attempt: number, waitMs: number): void;
  wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  random?: () => number;
}

/** Repeats `work` while its error's class is `automatic`, with growing and spread waits. Other errors, and the last one, are thrown as they are. */
export async function retry<T>(work: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { maxAttempts, signal, onRetry, wait = sleep, random = Math.random } = options;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(attempt);
    } catch (error) {
      if (attempt >= maxAttempts || !isRetryable(error)) throw error;
      const waitMs = Math.round(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1)) * (0.5 + random() / 2));
      onRetry(error, attempt, waitMs);
      await wait(waitMs, signal);
    }
  }
}

export function isRetryable(error: unknown): error is AppError {
  return error instanceof AppError && ERROR_CODES[error.code].retry === 'automatic';
}
