import type { WireBatch } from '../../extract/column-batch.ts';

/** What the decoders of single types share: characters of numbers and times on the wire, and 64-bit values in two words. */
export const PLUS = 43;
export const MINUS = 45;
export const DOT = 46;
export const ZERO = 48;
export const TWO_32 = 4294967296;

export function cellText(batch: WireBatch, start: number, length: number): string {
  return Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset + start, Math.min(length, 400)).toString('utf8');
}

/** An integer of up to 53 bits. */
export function writeInt64(value: number, out: Int32Array, at: number): void {
  out[at] = value | 0;
  out[at + 1] = Math.floor(value / TWO_32);
}

/** Two's complement, least significant word first. */
export function writeBigInt(value: bigint, words: number, out: Int32Array, at: number): void {
  for (let word = 0; word < words; word++) out[at + word] = Number(BigInt.asIntN(32, value >> BigInt(32 * word)));
}
