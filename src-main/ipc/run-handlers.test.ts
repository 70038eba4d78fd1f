import { describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors/app-error';
import type { Secrets } from '#shared/model/connection-settings';
import type { Core } from '../compose.ts';
import { silentLog } from '../lib/log.ts';
import { createRunBench, rowsOf, tableId, type RunBench } from '../migration/testing/run-bench.ts';
import { openJournal } from '../store/journal.ts';
import { createRunHandlers } from './run-handlers.ts';

const context = { signal: new AbortController().signal };

function setUp(rows: Record<string, number>): {
  bench: RunBench;
  stored: Secrets;
  handlers: ReturnType<typeof createRunHandlers>;
} {
  const bench = createRunBench(rows, { openJournal });
  const stored: Secrets = {};
  const core = {
    runs: bench.runs,
    journal: bench.journal,
    log: silentLog,
    projects: { record: () => Promise.resolve() },
    secrets: { write: (_projectId: string, values: Secrets) => Promise.resolve(void Object.assign(stored, values)) },
  } as unknown as Core;
  const handlers = createRunHandlers({
    core,
    saveFile: () => Promise.resolve(null),
    sendValidationProgress: () => undefined,
  });
  return { bench, stored, handlers };
}

describe('calls about a run', () => {
  it('continue with a new password where the old one was refused', async () => {
    const { bench, stored, handlers } = setUp({ a: 3 });
    bench.world.hooks.beforeLogin = () => {
      if (stored['snowflake.password'] !== 'new')
        throw new AppError('LOGIN_FAILED', { facts: { server: 's', user: 'u' }, field: 'snowflake.password' });
    };
    const { runId } = bench.runs.start(await bench.plan(['a']));
    await bench.runs.finished(runId);
    const [waiting] = await handlers['run.unfinished'](undefined, context);
    expect(waiting).toMatchObject({ runId, state: 'paused' });
    expect((await handlers['run.snapshot']({ runId }, context)).pause?.secrets).toEqual(['snowflake.password']);

    await handlers['run.continueWith']({ runId, secrets: { 'snowflake.password': 'new' } }, context);
    expect(await bench.runs.finished(runId)).toBe('done');
    expect(rowsOf(bench)).toEqual({ A: 3 });
    expect(await handlers['run.unfinished'](undefined, context)).toEqual([]);
  });

  it('tell the failed tries of a table, and of one of its partitions', async () => {
    const { bench, handlers } = setUp({ a: 4 });
    bench.world.hooks.beforeLoad = ({ partitionId }) => {
      throw new AppError('LOAD_REFUSED', { facts: { table: 'A', file: partitionId, detail: 'd' }, queryId: 'q1' });
    };
    const { runId } = bench.runs.start(await bench.plan(['a'], { parts: 2 }));
    await bench.runs.finished(runId);
    const id = tableId(bench.runs, runId, 'a');
    expect(await handlers['run.errors']({ runId, tableId: id }, context)).toHaveLength(2);
    expect(await handlers['run.errors']({ runId, tableId: id, partitionId: 'p1' }, context)).toMatchObject([
      { partitionId: 'p1', attempt: 1, error: { code: 'LOAD_REFUSED', queryId: 'q1' } },
    ]);
  });

  it('tell what was wrong with the journal', async () => {
    const { handlers } = setUp({ a: 1 });
    expect(await handlers['run.journalFindings'](undefined, context)).toEqual([]);
  });

  it.each(['run.pauseTable', 'run.resumeTable', 'run.cancelTable'] as const)(
    'answer %s of an unknown run with an error, not with a crash',
    async (name) => {
      const { handlers } = setUp({ a: 1 });
      await expect(handlers[name]({ runId: 'none', tableId: 't' }, context)).rejects.toMatchObject({
        code: 'RUN_NOT_FOUND',
      });
    },
  );
});
