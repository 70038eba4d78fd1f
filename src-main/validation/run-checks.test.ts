import { describe, expect, it } from 'vitest';
import { judge } from './run-checks.ts';

describe('what two row counts mean', () => {
  it.each([
    ['stop', 'missing', 5, 5, 'pass'],
    ['stop', 'missing', 5, 4, 'fail'],
    ['truncate', 'exists', 5, 6, 'fail'],
    ['append', 'exists', 5, 9, 'not-compared'],
    ['append', 'exists', 5, 4, 'fail'],
    ['append', 'missing', 5, 9, 'fail'],
  ] as const)(
    '%s into a target that %s: %i in the source, %i in Snowflake: %s',
    (existingRows, targetState, sourceRows, targetRows, status) => {
      expect(judge({ existingRows, targetState }, sourceRows, targetRows).status).toBe(status);
    },
  );

  it('says by how many they differ', () => {
    expect(judge({ existingRows: 'stop', targetState: 'exists' }, 5000, 3000).detail).toBe(
      'Snowflake holds 2,000 rows fewer than the source.',
    );
  });
});
