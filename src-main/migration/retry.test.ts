import { describe, expect, it } from 'vitest';
import { backOffMs } from './retry.ts';

describe('the wait after a failure', () => {
  it('grows with every failure and never exceeds a minute', () => {
    const waits = [1, 2, 3, 4, 10].map((failures) => backOffMs(failures, () => 1));
    expect(waits).toEqual([1000, 2000, 4000, 8000, 60_000]);
  });

  it('is spread over the upper half, so that what failed together does not come back together', () => {
    expect(backOffMs(3, () => 0)).toBe(2000);
    expect(backOffMs(3, () => 1)).toBe(4000);
  });
});
