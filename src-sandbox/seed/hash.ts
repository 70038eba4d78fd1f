/**
 * A well-mixed 32-bit number from three whole numbers: the same on every machine, so a row can be made without the rows before it.
 * The finaliser is MurmurHash3's.
 */
export function hash32(stream: number, row: number, salt = 0): number {
  let h =
    Math.imul(stream, 0x9e3779b1) ^
    Math.imul(row | 0, 0x85ebca6b) ^
    Math.imul(Math.floor(row / 4294967296) + salt, 0xc2b2ae35);
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return h >>> 0;
}

/** A whole number from `low` to `high`, both included. */
export function between(random: number, low: number, high: number): number {
  return low + (random % (high - low + 1));
}
