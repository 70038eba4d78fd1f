import type { WireBatch } from '../column-batch.ts';

/** A batch as a wire reader makes it, from rows of text; null is NULL. Cells lie in another order than the columns, with bytes between them. */
export function wireBatch(rows: (string | Uint8Array | null)[][], columnCount: number): WireBatch {
  const stride = rows.length + 3;
  const starts = new Int32Array(stride * columnCount);
  const lengths = new Int32Array(stride * columnCount);
  const parts: Uint8Array[] = [];
  let at = 0;
  const put = (bytes: Uint8Array): void => {
    parts.push(bytes);
    at += bytes.length;
  };
  rows.forEach((row, rowIndex) => {
    for (let column = 0; column < columnCount; column++) {
      const cell = row[column] ?? null;
      put(Buffer.from('####'));
      const place = column * stride + rowIndex;
      starts[place] = at;
      lengths[place] = cell === null ? -1 : Buffer.byteLength(cell);
      if (cell !== null) put(Buffer.from(cell as string));
    }
  });
  const bytes = new Uint8Array(Buffer.concat(parts));
  return { bytes, rowCount: rows.length, stride, starts, lengths };
}

/** Numbers from 0 up to 1, the same for the same seed: https://github.com/cprosche/mulberry32 */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
