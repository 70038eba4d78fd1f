import type { RunEvent } from '#shared/model/run';

/** Both lists as one, each event once, newest first. */
export function mergeEvents(left: readonly RunEvent[], right: readonly RunEvent[]): RunEvent[] {
  const bySequence = new Map([...left, ...right].map((event) => [event.sequence, event]));
  return [...bySequence.values()].sort((a, b) => b.sequence - a.sequence);
}
