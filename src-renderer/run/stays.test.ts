import { expect, it } from 'vitest';
import { partlyLoaded, staysSentence } from './stays.ts';

it('knows the tables that hold a part of their rows', () => {
  const tables = [
    { state: 'loaded', partitionsLoaded: 3 },
    { state: 'running', partitionsLoaded: 2 },
    { state: 'waiting', partitionsLoaded: 0 },
    { state: 'failed', partitionsLoaded: 1 },
  ] as const;
  expect(partlyLoaded(tables)).toEqual([tables[1], tables[3]]);
});

it('says what stays of a table that did not come to its end', () => {
  const table = { database: 'D', schema: 'S', name: 'T' };
  expect(staysSentence({ stays: null })).toBeNull();
  expect(staysSentence({ stays: { table, rows: 1200, partitions: 1 } })).toBe(
    '1,200 rows of 1 partition stay in D.S.T. Retry goes on from there.',
  );
});
