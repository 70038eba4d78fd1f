import type { Side } from '#shared/model/run';

const sides = new WeakMap<object, Side>();

/** Remembers whose call an error came from. */
export function markSide(error: unknown, side: Side): void {
  if (typeof error === 'object' && error !== null && !sides.has(error)) sides.set(error, side);
}

/** The side of an error or of its nearest cause; null when it came from none. */
export function sideOf(error: unknown): Side | null {
  for (let at = error; typeof at === 'object' && at !== null; at = (at as { cause?: unknown }).cause) {
    const side = sides.get(at);
    if (side) return side;
  }
  return null;
}
