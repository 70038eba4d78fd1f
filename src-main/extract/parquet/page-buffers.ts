import { releaseBytes } from './release-bytes.ts';

/** Uninitialised memory for pages, used again: zeroing and faulting in a fresh megabyte for each page costs as much as filling it. */
export interface PageBuffers {
  /** At least `bytes` long. */
  take(bytes: number): Uint8Array;
  giveBack(buffer: Uint8Array): void;
}

const KEPT_BYTES = 8 * 1024 * 1024;

export function createPageBuffers(): PageBuffers {
  const bySize = new Map<number, Uint8Array[]>();
  let keptBytes = 0;
  return {
    take(bytes) {
      const kept = bySize.get(bytes)?.pop();
      if (kept) {
        keptBytes -= kept.length;
        return kept;
      }
      return allocate(bytes);
    },
    giveBack(buffer) {
      if (keptBytes + buffer.length > KEPT_BYTES) return releaseBytes(buffer);
      keptBytes += buffer.length;
      const kept = bySize.get(buffer.length);
      if (kept) kept.push(buffer);
      else bySize.set(buffer.length, [buffer]);
    },
  };
}

/** A plain Uint8Array, never a Buffer: kernels that see two kinds of arrays are compiled for neither. */
export function allocate(bytes: number): Uint8Array {
  const { buffer, byteOffset } = Buffer.allocUnsafeSlow(bytes);
  return new Uint8Array(buffer, byteOffset, bytes);
}
