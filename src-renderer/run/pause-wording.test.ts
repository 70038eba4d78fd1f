import { describe, expect, it } from 'vitest';
import type { Pause, RunTotals } from '#shared/model/run';
import { pauseSentence } from './pause-wording.ts';

const totals = { tables: 8, tablesLoaded: 1, loadedRows: 25 } as RunTotals;

describe('a run that stands still', () => {
  it('says what is done, what is left and what Resume does', () => {
    const sentence = pauseSentence({ state: 'paused', totals, pause: null });
    expect(sentence?.title).toBe('The run is paused');
    expect(sentence?.text).toMatch(/^25 rows are loaded, 1 table is complete and 7 tables are left\. Resume goes on/);
    expect(pauseSentence({ state: 'interrupted', totals, pause: null })?.title).toMatch(/interrupted/);
  });

  it.each([
    [{ cause: 'user', side: null }, 'The run is paused'],
    [{ cause: 'needs-you', side: 'source' }, 'The run is paused: it needs you'],
    [{ cause: 'unreachable', side: 'snowflake' }, 'The run is paused: Snowflake did not come back in time'],
    [{ cause: 'lease-held', side: null }, 'The run is at work in another window'],
    [{ cause: 'too-many-failures', side: null }, 'The run is paused: too many tables failed'],
  ] as [Pick<Pause, 'cause' | 'side'>, string][])('names its cause: %j', (pause, title) =>
    expect(pauseSentence({ state: 'paused', totals, pause })?.title).toBe(title),
  );

  it.each(['running', 'pausing', 'done', 'cancelled'] as const)('says nothing of a run that is %s', (state) =>
    expect(pauseSentence({ state, totals, pause: null })).toBeNull(),
  );
});
