import { expect, it } from 'vitest';
import { tableActions } from './table-actions.ts';

it.each([
  ['running', 'waiting', false, ['pause', 'cancel']],
  ['running', 'running', false, ['pause', 'cancel']],
  ['running', 'running', true, ['resume', 'cancel']],
  ['running', 'failed', false, ['retry']],
  ['running', 'cancelled', true, ['retry']],
  ['running', 'loaded', false, []],
  ['paused', 'waiting', true, ['resume']],
  ['paused', 'waiting', false, []],
  ['paused', 'failed', false, ['retry']],
  ['cancelled', 'waiting', true, []],
  ['finished-with-failures', 'failed', false, ['retry']],
  ['done', 'loaded', false, []],
  ['pausing', 'running', false, []],
  ['cancelling', 'failed', false, []],
] as const)('in a run that is %s, a table that is %s (paused: %s) offers %j', (run, state, isPaused, actions) =>
  expect(tableActions(run, { state, isPaused })).toEqual(actions),
);
