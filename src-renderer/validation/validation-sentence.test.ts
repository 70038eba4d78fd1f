import { expect, it } from 'vitest';
import type { ValidationResult } from '#shared/model/validation';
import { countByStatus, validationSentence } from './validation-sentence.ts';

const results = (...statuses: ValidationResult['status'][]) =>
  statuses.map((status) => ({ status }) as ValidationResult);

it.each([
  [results('pass', 'pass'), 'ok', 'All row counts agree'],
  [results('pass', 'fail', 'error'), 'failed', '1 table differs'],
  [results('fail', 'fail', 'warning'), 'failed', '2 tables differ'],
  [results('pass', 'error', 'warning'), 'failed', '1 table could not be compared'],
  [results('pass', 'warning', 'not-compared'), 'warning', '2 tables need a look'],
  [results('not-compared'), 'warning', '1 table needs a look'],
  [results(), 'warning', 'Nothing was compared'],
])('%j', (list, tone, title) => expect(validationSentence({ results: list })).toMatchObject({ tone, title }));

it('counts errors apart from differences', () => {
  expect(countByStatus(results('error', 'fail', 'fail'))).toMatchObject({ error: 1, fail: 2, pass: 0 });
});
