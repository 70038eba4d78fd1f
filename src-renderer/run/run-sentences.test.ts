import { describe, expect, it } from 'vitest';
import { speedSentence, startLabel } from './run-sentences.ts';

describe('sentences on a run', () => {
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
