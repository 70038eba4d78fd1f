import { describe, expect, it } from 'vitest';
import type { RunState, RunTotals } from '#shared/model/run';
import { restSentence, speedSentence, startLabel } from './run-sentences.ts';

const totals = { tables: 8, tablesLoaded: 7, loadedRows: 1234 } as RunTotals;

describe('sentences on a run', () => {
  it.each([
    ['paused', 'The run is paused'],
    ['interrupted', 'The run was interrupted before its end'],
  ] as [RunState, string][])('say what is done and left of a run that is %s', (state, title) => {
    expect(restSentence({ state, totals })).toEqual({
      title,
      text: '1,234 rows are loaded, 7 tables are complete and 1 table is left. Resume goes on with what is left; partitions that are loaded stay as they are.',
    });
  });

  it.each(['running', 'done', 'cancelled', 'pausing'] as RunState[])('offer nothing to resume while %s', (state) => {
    expect(restSentence({ state, totals })).toBeNull();
  });

  it.each([
    [[], 'Rows loaded a second over the last two minutes: nothing is measured yet'],
    [[1000, 3000, 2000], 'Rows loaded a second over the last two minutes: 2,000 now, 3,000 at most, 2,000 on average'],
  ])('put the speeds %j in words', (history, text) => expect(speedSentence(history)).toBe(text));

  it.each([
    [8, 8, 'Migrate 8 tables'],
    [7, 8, 'Migrate 7 of 8 tables'],
    [1, 1, 'Migrate 1 table'],
    [1200, 1200, 'Migrate 1,200 tables'],
  ])('name %i of %i tables on the button', (runnable, total, label) => expect(startLabel(runnable, total)).toBe(label));
});
