import { describe, expect, it } from 'vitest';
import type { CheckResult } from '#shared/model/check';
import { checkSummary } from './check-summary.ts';

const check = (state: CheckResult['state']): CheckResult => ({
  id: state,
  name: state,
  state,
  summary: '',
  did: [],
  error: null,
  elapsedMs: null,
  finishedAt: null,
});

describe('the sentence on a list of checks', () => {
  it.each([
    [[], ''],
    [['passed', 'passed', 'skipped'], 'All checks passed.'],
    [['passed', 'running', 'waiting'], '1 of 3 checks finished.'],
    [['failed', 'running'], '1 of 2 checks finished, 1 failed.'],
    [['failed', 'warning', 'passed'], 'All checks finished, 1 failed, 1 warning.'],
    [['warning', 'warning'], 'All checks finished, 2 warnings.'],
  ] as const)('tells of %j: %s', (states, sentence) => expect(checkSummary(states.map(check))).toBe(sentence));
});
