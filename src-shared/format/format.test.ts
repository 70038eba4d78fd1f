import { describe, expect, it } from 'vitest';
import { formatBytes } from './bytes.ts';
import { formatCount, formatShortCount } from './count.ts';
import { formatDuration } from './duration.ts';

describe('counts, bytes and durations for people', () => {
  it.each([
    [0, '0'],
    [1234567, '1,234,567'],
    [null, 'unknown'],
  ])('writes the count %s as %s', (count, text) => expect(formatCount(count)).toBe(text));

  it('shortens large counts', () => expect(formatShortCount(3_214_000_000)).toBe('3.21B'));

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 KB'],
    [999_999, '1.00 MB'],
    [1_536_000, '1.54 MB'],
    [256_000_000_000, '256 GB'],
    [null, 'unknown'],
  ])('writes %s bytes as %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it.each([
    [0, '0 ms'],
    [950, '950 ms'],
    [1500, '1.5 s'],
    [59_400, '59 s'],
    [59_999, '1 min'],
    [61_000, '1 min 1 s'],
    [7_260_000, '2 h 1 min'],
    [90_000_000, '1 d 1 h'],
    [null, 'unknown'],
  ])('writes %s ms as %s', (elapsedMs, text) => expect(formatDuration(elapsedMs)).toBe(text));
});
