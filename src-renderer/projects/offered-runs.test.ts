import { expect, it } from 'vitest';
import type { RunState } from '#shared/model/run';
import { offeredRuns } from './offered-runs.ts';

const cards = [
  { id: 'p1', lastRunId: 'r2' },
  { id: 'p2', lastRunId: 'r3' },
];
const run = (runId: string, projectId: string | null, state: RunState) => ({ runId, projectId, state });

it.each([
  [
    [run('r2', 'p1', 'paused'), run('r3', 'p2', 'interrupted')],
    ['r2', 'r3'],
  ],
  [[run('r1', 'p1', 'paused')], []],
  [[run('r2', 'p1', 'finished-with-failures')], []],
  [[run('r9', 'workflow-1', 'paused'), run('r8', null, 'paused')], []],
  [[], []],
])('offers of %j: %j', (runs, ids) => expect(offeredRuns(runs, cards).map(({ run: { runId } }) => runId)).toEqual(ids));
