import type { PartitionProgress } from '#shared/model/run';
import { countdown } from './run-waits.tsx';

/** `Try 2 of 3. Next try in 12 s.` Null while there was nothing to repeat. */
export function attemptSentence(
  partition: Pick<PartitionProgress, 'attempt' | 'maxAttempts' | 'nextTryAt' | 'state'>,
  now: number,
): string | null {
  const { attempt, maxAttempts, nextTryAt, state } = partition;
  if (nextTryAt !== null) return `${tries(attempt)} of ${maxAttempts} failed. ${countdown({ nextTryAt }, now)}`;
  if (attempt < 2) return null;
  return state === 'loaded' ? `Loaded at try ${attempt}.` : `Try ${attempt} of ${maxAttempts}.`;
}

function tries(count: number): string {
  return count === 1 ? '1 try' : `${count} tries`;
}
