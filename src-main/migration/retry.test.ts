import { describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors/app-error';
import { retry } from './retry.ts';

const passing = (): AppError => new AppError('CONNECTION_LOST', { facts: { host: 'h' } });
const never = new AbortController().signal;

function setUp(maxAttempts: number): { waits: number[]; options: Parameters<typeof retry>[1] } {
  const waits: number[] = [];
  const wait = (ms: number): Promise<void> => Promise.resolve(void waits.push(ms));
  return { waits, options: { maxAttempts, signal: never, onRetry: () => undefined, wait, random: () => 1 } };
}

describe('retry', () => {
  it('repeats errors that may pass, waiting longer each time', async () => {
    const { waits, options } = setUp(5);
    const result = await retry(
      (attempt) => (attempt < 4 ? Promise.reject(passing()) : Promise.resolve(attempt)),
      options,
    );
    expect(result).toBe(4);
    expect(waits).toEqual([1000, 2000, 4000]);
  });

  it('never waits longer than a minute', async () => {
    const { waits, options } = setUp(10);
    await expect(retry(() => Promise.reject(passing()), options)).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    expect(Math.max(...waits)).toBe(60_000);
    expect(waits).toHaveLength(9);
  });

  it.each([new AppError('LOGIN_FAILED'), new AppError('INTERNAL'), new Error('unknown')])(
    'does not repeat %s',
    async (error) => {
      const { waits, options } = setUp(5);
      await expect(retry(() => Promise.reject(error), options)).rejects.toBe(error);
      expect(waits).toEqual([]);
    },
  );
});
