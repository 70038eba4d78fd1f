import { expect, it } from 'vitest';
import type { RunTotals } from '#shared/model/run';
import { runTotals } from './run-totals.ts';

it('adds up what the runs have done', () => {
  const totals = (loadedRows: number, stagedBytes: number) => ({ loadedRows, stagedBytes }) as RunTotals;
  expect(
    runTotals([
      { state: 'done', elapsedMs: 1000, totals: totals(5, 100) },
      { state: 'cancelled', elapsedMs: 500, totals: totals(2, 10) },
    ]),
  ).toEqual({ done: 1, loadedRows: 7, stagedBytes: 110, elapsedMs: 1500 });
  expect(runTotals([])).toEqual({ done: 0, loadedRows: 0, stagedBytes: 0, elapsedMs: 0 });
});
