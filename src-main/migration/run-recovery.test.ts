import { copyFileSync, cpSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors/app-error';
import { temporaryFolder } from '../lib/testing/temporary-folder.ts';
import { openJournal } from '../store/journal.ts';
import { crash, createRunBench, eventually, rowsOf, tableId, type RunBench } from './testing/run-bench.ts';

/** Ends the process as it is, and destroys its journal. */
function loseJournal(bench: RunBench): void {
  bench.journal.close();
  writeFileSync(bench.journalPath, 'torn');
  for (const suffix of ['-wal', '-shm']) rmSync(`${bench.journalPath}${suffix}`, { force: true });
  bench.journal = openJournal(bench.journalPath);
}

/** A run of `a` in four parts that dies while it loads part 2; parts 0 and 1 are committed. */
async function crashInTheMiddle(bench: RunBench, options: Parameters<RunBench['plan']>[1] = {}): Promise<string> {
  let reached: () => void = () => undefined;
  const middle = new Promise<void>((resolve) => (reached = resolve));
  bench.world.hooks.beforeLoad = ({ partitionId }) => (partitionId === 'p2' ? (reached(), crash()) : undefined);
  const lanes = { parts: 4, unloadLanes: 1, loadLanes: 1, loadLanesPerTable: 1 };
  const { runId } = bench.runs.start(await bench.plan(['a'], { ...lanes, ...options }));
  await middle;
  bench.world.hooks = {};
  return runId;
}

describe('a run whose journal was lost', () => {
  it.each(['stop', 'truncate', 'append', 'replace'] as const)(
    'is rebuilt from its plan and the ledger, and loads nothing twice (%s)',
    async (existingRows) => {
      const bench = createRunBench({ a: 40 }, { openJournal });
      if (existingRows !== 'stop') {
        await bench.world.target.runDdl('CREATE A', { signal: new AbortController().signal });
        bench.world.targetRows.set('A', 7);
      }
      const runId = await crashInTheMiddle(bench, { existingRows });
      loseJournal(bench);
      const [finding] = bench.journal.findings;
      expect(finding).toMatchObject({ rebuiltRuns: [runId], lostRuns: [] });
      expect(finding?.setAside.every((path) => path.includes('damaged') && existsSync(path))).toBe(true);

      const aborted: string[] = [];
      bench.world.target.abortOrphans = ({ sessionIds }) => Promise.resolve(aborted.push(...sessionIds));
      const runs = bench.restart();
      expect(runs.unfinished().map((run) => [run.runId, run.state])).toEqual([[runId, 'interrupted']]);
      runs.resume(runId);
      expect(await runs.finished(runId)).toBe('done');
      expect(rowsOf(bench)).toEqual({ A: existingRows === 'append' ? 47 : 40 });
      // A transaction that the dead process left open would keep its locks for minutes.
      expect(aborted).toEqual(['session']);
      expect(bench.world.staged.size).toBe(0);
    },
  );

  it('keeps to the partitions that the ledger knows, although the plan of now has others', async () => {
    const bench = createRunBench({ a: 40 }, { openJournal });
    const runId = await crashInTheMiddle(bench);
    loseJournal(bench);
    const runs = bench.restart();
    const freshPlan = await bench.plan(['a'], { parts: 2 });
    bench.world.parts = 4;
    runs.resume(runId, { freshPlan });
    expect(await runs.finished(runId)).toBe('done');
    expect(runs.partitions(runId, tableId(runs, runId, 'a'))).toHaveLength(4);
    expect(rowsOf(bench)).toEqual({ A: 40 });
  });
});

async function recreate({ world }: RunBench): Promise<void> {
  const options = { signal: new AbortController().signal };
  await world.target.runDdl('DROP A', options);
  await world.target.runDdl('CREATE A', options);
}

describe('a table that somebody else touched during the run', () => {
  it('does not pass for loaded when rows are missing at the end', async () => {
    const bench = createRunBench({ a: 40 }, { openJournal });
    bench.world.hooks.afterCommit = ({ partitionId }) => {
      if (partitionId === 'p3') bench.world.targetRows.set('A', 35);
    };
    const { runId } = bench.runs.start(await bench.plan(['a'], { parts: 4, unloadLanes: 1, loadLanes: 1 }));
    expect(await bench.runs.finished(runId)).toBe('finished-with-failures');
    expect(bench.runs.snapshot(runId).tables[0]?.error).toMatchObject({ code: 'TARGET_CHANGED', retry: 'user' });
  });

  it('is loaded with a warning when it holds more rows than were loaded', async () => {
    const bench = createRunBench({ a: 40 }, { openJournal });
    bench.world.hooks.afterCommit = () => void bench.world.targetRows.set('A', (rowsOf(bench)['A'] ?? 0) + 2);
    const { runId } = bench.runs.start(await bench.plan(['a']));
    expect(await bench.runs.finished(runId)).toBe('done');
    expect(bench.runs.snapshot(runId).tables[0]?.warnings).toEqual([
      'DB.PUBLIC.A holds 2 rows more than this run loaded: somebody else added rows meanwhile.',
    ]);
  });

  it('does not mistake a second source table of the same run for somebody else', async () => {
    const bench = createRunBench({ a: 4, b: 5 }, { openJournal });
    await recreate(bench);
    const plan = await bench.plan(['a', 'b'], { existingRows: 'append', unloadLanes: 1, loadLanes: 1 });
    const [first] = plan.tables;
    const tables = plan.tables.map((task) => (first ? { ...task, target: first.target } : task));
    const { runId } = bench.runs.start({ ...plan, tables });
    expect(await bench.runs.finished(runId)).toBe('done');
    expect(rowsOf(bench)).toEqual({ A: 9 });
    expect(bench.runs.snapshot(runId).tables.flatMap(({ warnings }) => warnings)).toEqual([]);
  });

  it.each([
    ['dropped', (bench: RunBench) => void bench.world.targetRows.delete('A')],
    ['created anew', recreate],
  ])('is loaded from the start when it was %s and nothing can be left in it', async (_, change) => {
    const bench = createRunBench({ a: 40 }, { openJournal });
    const runId = await crashInTheMiddle(bench);
    await change(bench);
    const runs = bench.restart();
    runs.resume(runId);
    expect(await runs.finished(runId)).toBe('done');
    expect(rowsOf(bench)).toEqual({ A: 40 });
    expect(runs.snapshot(runId).events.some(({ text }) => text.endsWith('It is loaded from the start.'))).toBe(true);
  });

  it('that was created anew and holds rows of somebody else gets nothing more', async () => {
    const bench = createRunBench({ a: 40 }, { openJournal });
    const runId = await crashInTheMiddle(bench);
    await recreate(bench);
    bench.world.targetRows.set('A', 3);
    const runs = bench.restart();
    runs.resume(runId);
    expect(await runs.finished(runId)).toBe('finished-with-failures');
    expect(runs.snapshot(runId).tables[0]?.error).toMatchObject({ code: 'TARGET_CHANGED' });
    expect(rowsOf(bench)).toEqual({ A: 3 });
  });

  it('that is loaded from the start and crashes in between is loaded once all the same', async () => {
    const bench = createRunBench({ a: 40 }, { openJournal });
    const runId = await crashInTheMiddle(bench);
    await recreate(bench);
    const runs = bench.restart();
    const { forgetLoads } = bench.world.target;
    const forgotten = new Promise<void>((resolve) => {
      bench.world.target.forgetLoads = async (request, options) => {
        await forgetLoads(request, options);
        resolve();
        await crash();
        return 0;
      };
    });
    runs.resume(runId);
    await forgotten;
    bench.world.target.forgetLoads = forgetLoads;
    const again = bench.restart();
    again.resume(runId);
    expect(await again.finished(runId)).toBe('done');
    expect(rowsOf(bench)).toEqual({ A: 40 });
  });

  it('gets nothing more when the ledger forgot what the journal has as loaded', async () => {
    const bench = createRunBench({ a: 40 }, { openJournal });
    const runId = await crashInTheMiddle(bench);
    bench.world.ledger.clear();
    const runs = bench.restart();
    runs.resume(runId);
    expect(await runs.finished(runId)).toBe('finished-with-failures');
    expect(runs.snapshot(runId).tables[0]?.error).toMatchObject({ code: 'LEDGER_MISMATCH', facts: { count: 2 } });
    expect(rowsOf(bench)).toEqual({ A: 20 });
  });
});

describe('a journal that lost its last commits and looks sound', () => {
  it('does not let a fresh plan replace the partitions of a table whose load has begun', async () => {
    const bench = createRunBench({ a: 40 }, { openJournal });
    const plan = await bench.plan(['a'], { parts: 4, existingRows: 'append', unloadLanes: 1, loadLanes: 1 });
    await recreate(bench);
    const older = temporaryFolder('older');
    let reached: () => void = () => undefined;
    const middle = new Promise<void>((resolve) => (reached = resolve));
    bench.world.hooks.beforeUnload = () => {
      bench.world.hooks.beforeUnload = () => undefined;
      for (const name of ['journal.db', 'journal.db-wal'])
        copyFileSync(join(dirname(bench.journalPath), name), join(older, name));
    };
    bench.world.hooks.beforeLoad = ({ partitionId }) => (partitionId === 'p2' ? (reached(), crash()) : undefined);
    const { runId } = bench.runs.start(plan);
    await middle;
    bench.world.hooks = {};
    bench.journal.close();
    for (const name of ['runs', 'instances'])
      cpSync(join(dirname(bench.journalPath), name), join(older, name), { recursive: true });
    bench.journalPath = join(older, 'journal.db');
    bench.journal = openJournal(bench.journalPath);
    expect(bench.journal.findings).toEqual([]);
    expect(bench.journal.attempts(runId).every(({ sessionId }) => sessionId === null)).toBe(true);

    const runs = bench.restart();
    const freshPlan = await bench.plan(['a'], { parts: 2, existingRows: 'append' });
    bench.world.parts = 4;
    runs.resume(runId, { freshPlan });
    expect(await runs.finished(runId)).toBe('done');
    expect(rowsOf(bench)).toEqual({ A: 40 });
  });
});

describe('staged files', () => {
  const refuse = (): never => {
    throw new AppError('LOAD_REFUSED', { facts: { table: 'A', file: 'f', detail: 'd' } });
  };

  it.each([
    ['never', 'done', 1],
    ['on-success', 'done', 0],
    ['always', 'done', 0],
    ['never', 'failed', 1],
    ['on-success', 'failed', 0],
    ['always', 'failed', 0],
  ] as const)('with the policy %s, of a table that is %s: %i attempts keep theirs', async (cleanUp, end, left) => {
    const bench = createRunBench({ a: 4 }, { openJournal });
    if (end === 'failed') bench.world.hooks.beforeLoad = refuse;
    const { runId } = bench.runs.start(await bench.plan(['a'], { cleanUp }));
    await bench.runs.finished(runId);
    expect(bench.world.staged.size).toBe(left);
  });

  it('of a cancelled run go, also those of attempts that were staged before', async () => {
    const bench = createRunBench({ a: 4 }, { openJournal });
    let goOn: () => void = () => undefined;
    bench.world.hooks.beforeLoad = () => new Promise<void>((resolve) => (goOn = resolve));
    const { runId } = bench.runs.start(await bench.plan(['a']));
    await eventually(() => expect(bench.world.staged.size).toBe(1));
    await eventually(() => expect(bench.runs.snapshot(runId).tables[0]?.partitionsStaged).toBe(1));
    bench.runs.cancel(runId);
    goOn();
    expect(await bench.runs.finished(runId)).toBe('cancelled');
    expect(bench.world.staged.size).toBe(0);
    expect(rowsOf(bench)).toEqual({ A: 0 });
  });

  it('of a run that crashed and is then cancelled go, and the answer tells what stays', async () => {
    const bench = createRunBench({ a: 40 }, { openJournal });
    const runId = await crashInTheMiddle(bench);
    const runs = bench.restart();
    runs.cancel(runId);
    expect(await runs.finished(runId)).toBe('cancelled');
    expect(bench.world.staged.size).toBe(0);
    expect(runs.snapshot(runId).tables[0]).toMatchObject({ state: 'cancelled', stays: { rows: 20, partitions: 2 } });
    expect(bench.world.leases.size).toBe(0);
  });

  it('that cannot be deleted are a warning that names place and permission, said once', async () => {
    const bench = createRunBench({ a: 4 }, { openJournal });
    bench.world.hooks.beforeRemove = () => {
      throw new AppError('S3_ACCESS_DENIED', { facts: { action: 's3:DeleteObject', resource: '@DB.PUBLIC.STAGE/x' } });
    };
    const { runId } = bench.runs.start(await bench.plan(['a']));
    expect(await bench.runs.finished(runId)).toBe('done');
    const { tables, events } = bench.runs.snapshot(runId);
    expect(tables[0]?.warnings).toHaveLength(1);
    expect(tables[0]?.warnings[0]).toMatch(/^Staged files stay in s3:\/\/bucket\/mig\/.*s3:DeleteObject/);
    expect(events.filter(({ text }) => text.startsWith('Staged files stay'))).toHaveLength(1);
  });

  it('that a side which was away for a moment kept are gone at the end', async () => {
    const bench = createRunBench({ a: 4 }, { openJournal });
    let refusals = 0;
    bench.world.hooks.beforeRemove = () => {
      refusals += 1;
      if (refusals <= 2) throw new AppError('S3_UNAVAILABLE', { facts: { detail: '503' } });
    };
    const { runId } = bench.runs.start(await bench.plan(['a']));
    expect(await bench.runs.finished(runId)).toBe('done');
    expect(bench.world.staged.size).toBe(0);
    expect(bench.runs.snapshot(runId).tables[0]?.warnings).toEqual([]);
  });
});
