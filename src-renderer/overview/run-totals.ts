import type { RunSummary } from '#shared/model/run';

/** What all runs of a project have done together. */
export function runTotals(runs: readonly Pick<RunSummary, 'state' | 'elapsedMs' | 'totals'>[]): {
  done: number;
  loadedRows: number;
  stagedBytes: number;
  elapsedMs: number;
} {
  const sums = { done: 0, loadedRows: 0, stagedBytes: 0, elapsedMs: 0 };
  for (const { state, elapsedMs, totals } of runs) {
    if (state === 'done') sums.done += 1;
    sums.loadedRows += totals.loadedRows;
    sums.stagedBytes += totals.stagedBytes;
    sums.elapsedMs += elapsedMs;
  }
  return sums;
}
