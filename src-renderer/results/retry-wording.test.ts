import { expect, it } from 'vitest';
import { isRetryRows, RETRY_ROWS_OPTIONS, retryWarning } from './retry-wording.ts';

it('offers the ways that can load a table that holds rows', () => {
  expect(RETRY_ROWS_OPTIONS.map(({ value }) => value)).toEqual(['truncate', 'replace', 'append']);
  expect(isRetryRows('stop')).toBe(false);
});

it.each([
  ['truncate', /deleted/],
  ['replace', /copy/],
  ['append', /twice/],
] as const)('says what %s does to rows that are there', (rows, words) => expect(retryWarning(rows)).toMatch(words));
