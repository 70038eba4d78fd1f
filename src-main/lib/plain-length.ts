/** The length in front of a value in Parquet's PLAIN layout: four bytes, little-endian. Answers the place behind it. */
export function writeLength(out: Uint8Array, at: number, length: number): number {
  out[at] = length & 255;
  out[at + 1] = (length >>> 8) & 255;
  out[at + 2] = (length >>> 16) & 255;
  out[at + 3] = length >>> 24;
  return at + 4;
}
