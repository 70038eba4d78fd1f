import { describe, expect, it } from 'vitest';
import type { RunSnapshot } from '#shared/model/run';
import { resultSentence } from './result-sentence.ts';

type Part = Pick<RunSnapshot, 'state' | 'tables' | 'totals'>;
const part = (state: Part['state'], counts: [number | null, number, number], tablesFailed = 0): Part => ({
  state,
  tables: [{ state: 'loaded', sourceRows: counts[0], stagedRows: counts[1], loadedRows: counts[2] }] as Part['tables'],
  totals: { tablesLoaded: 1, tablesFailed, loadedRows: counts[2] } as Part['totals'],
});

describe('the sentence on a run', () => {
  it.each([
    [part('done', [5, 5, 5]), 'ok', 'Every row arrived'],
    [part('done', [null, 5, 5]), 'ok', 'Every row arrived'],
    [part('done', [6, 5, 5]), 'warning', '1 table changed during the run'],
    [part('done', [5, 5, 4]), 'warning', '1 table changed during the run'],
    [part('finished-with-failures', [5, 5, 5], 2), 'failed', '2 tables failed'],
    [part('cancelled', [5, 5, 5]), 'warning', 'The run was cancelled'],
    [part('paused', [5, 5, 5]), 'warning', 'The run is not complete'],
  ])('%j', (run, tone, title) => expect(resultSentence(run)).toMatchObject({ tone, title }));
});
