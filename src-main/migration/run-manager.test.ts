import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors/app-error';
import type { Journal } from '#shared/model/journal';
import type { MigrationPlan } from '#shared/model/plan';
import type { RunOptions } from '#shared/model/project';
import { silentLog } from '../lib/log.ts';
import { temporaryFolder } from '../lib/testing/temporary-folder.ts';
import { openJournal } from '../store/journal.ts';
import { preparePlan } from './prepare-plan.ts';
import { createRunManager, type RunManager } from './run-manager.ts';
import { createFakeWorld, planInput, type FakeWorld } from './testing/fake-sides.ts';

const never = new AbortController().signal;

interface Bench {
  world: FakeWorld;
  journal: Journal;
  journalPath: string;
  runs: RunManager;
  plan(names: string[], options?: Partial<RunOptions>): Promise<MigrationPlan>;
}

function createBench(rows: Record<string, number>): Bench {
  const world = createFakeWorld(rows);
  const journalPath = join(temporaryFolder('run'), 'journal.db');
  const journal = openJournal(journalPath);
  const plan: Bench['plan'] = (names, options) =>
    preparePlan(planInput(names, options), { ...world, withProfile: true, signal: never });
  return { world, journal, journalPath, runs: createManager(world, journal), plan };
}

function createManager(world: FakeWorld, journal: Journal): RunManager {
  return createRunManager({
    journal,
    log: silentLog,
    connect: () =>
      Promise.resolve({
        source: world.source,
        target: world.target,
        staging: null,
        extractor: null,
      }),
    parseManifest: world.parseManifest,
    onChange: () => undefined,
    onEnd: () => undefined,
  });
}

/** A second start of the app on the same journal and the same Snowflake. */
function restart(bench: Bench): RunManager {
  // The end of a process frees its lock, as closing the journal does.
  bench.journal.close();
  return createManager(bench.world, openJournal(bench.journalPath));
}

/** A promise that stays open: as good as a process that died at this point. */
const crash = (): Promise<void> => new Promise(() => undefined);

const rowsOf = ({ world }: Bench): Record<string, number> => Object.fromEntries(world.targetRows);

describe('a run', () => {
  it('loads every table, counts every row and deletes the staged files', async () => {
    const bench = createBench({ a: 10, b: 20, empty: 0 });
    const { runId } = bench.runs.start(await bench.plan(['a', 'b', 'empty']));
    expect(await bench.runs.finished(runId)).toBe('done');
    expect(rowsOf(bench)).toEqual({ A: 10, B: 20, EMPTY: 0 });
    expect(bench.world.staged.size).toBe(0);
    const snapshot = bench.runs.snapshot(runId);
    expect(snapshot.totals).toMatchObject({
      tables: 3,
      tablesLoaded: 3,
      sourceRows: 30,
      stagedRows: 30,
      loadedRows: 30,
    });
    expect(snapshot.tables.map((table) => [table.state, table.sourceRows, table.stagedRows, table.loadedRows])).toEqual(
      [
        ['loaded', 10, 10, 10],
        ['loaded', 20, 20, 20],
        ['loaded', 0, 0, 0],
      ],
    );
  });

  it('goes on with the other tables when one fails, and retries only that one', async () => {
    const bench = createBench({ a: 1, b: 2, c: 3 });
    bench.world.hooks.beforeUnload = (request) => {
      if (request.select.table.name === 'b')
        throw new AppError('UNLOAD_ROLE_REFUSED', { facts: { role: 'r', detail: 'no' } });
    };
    const { runId } = bench.runs.start(await bench.plan(['a', 'b', 'c']));
    expect(await bench.runs.finished(runId)).toBe('finished-with-failures');
    expect(bench.runs.snapshot(runId).tables.map((table) => table.error?.code ?? table.state)).toEqual([
      'loaded',
      'UNLOAD_ROLE_REFUSED',
      'loaded',
    ]);

    bench.world.hooks = {};
    bench.world.calls.length = 0;
    bench.runs.resume(runId, { freshPlan: await bench.plan(['a', 'b', 'c']) });
    expect(await bench.runs.finished(runId)).toBe('done');
    expect(bench.world.calls.filter((call) => call.startsWith('unload'))).toEqual(['unload b']);
    expect(rowsOf(bench)).toEqual({ A: 1, B: 2, C: 3 });
  });

  it('repeats what may pass, under a new path each time', async () => {
    const bench = createBench({ a: 5 });
    const uris: string[] = [];
    bench.world.hooks.beforeUnload = ({ uri }) => {
      uris.push(uri);
      if (uris.length < 2) throw new AppError('CONNECTION_LOST', { facts: { host: 'h' } });
    };
    const { runId } = bench.runs.start(await bench.plan(['a'], { maxAttempts: 2 }));
    expect(await bench.runs.finished(runId)).toBe('done');
    expect(new Set(uris).size).toBe(2);
    expect(bench.runs.partitions(runId, bench.runs.plan(runId).tables[0]?.id ?? '')[0]?.attempt).toBe(2);
  });

  it('does not begin a table whose target holds rows, and says how many', async () => {
    const bench = createBench({ a: 5 });
    bench.world.targetRows.set('A', 7);
    const { runId } = bench.runs.start(await bench.plan(['a']));
    expect(await bench.runs.finished(runId)).toBe('finished-with-failures');
    expect(bench.runs.snapshot(runId).tables[0]?.error).toMatchObject({ code: 'TARGET_NOT_EMPTY', facts: { rows: 7 } });
    expect(bench.world.calls).toEqual([]);
  });

  it.each([
    ['append', 12],
    ['truncate', 5],
    ['replace', 5],
  ] as const)('with %s leaves %i rows where 7 were before', async (existingRows, rows) => {
    const bench = createBench({ a: 5 });
    bench.world.targetRows.set('A', 7);
    const { runId } = bench.runs.start(await bench.plan(['a'], { existingRows }));
    expect(await bench.runs.finished(runId)).toBe('done');
    expect(rowsOf(bench)).toEqual({ A: rows });
  });

  it('pauses between two steps and goes on without unloading again', async () => {
    const bench = createBench({ a: 5, b: 6 });
    const plan = await bench.plan(['a', 'b'], { unloadLanes: 1, loadLanes: 1 });
    let runId = '';
    bench.world.hooks.beforeUnload = () => {
      if (bench.runs.snapshot(runId).state === 'running') bench.runs.pause(runId);
    };
    runId = bench.runs.start(plan).runId;
    expect(await bench.runs.finished(runId)).toBe('paused');
    const unloads = bench.world.calls.filter((call) => call.startsWith('unload')).length;
    expect(rowsOf(bench)['A'] ?? 0).toBe(0);

    bench.world.hooks = {};
    bench.runs.resume(runId);
    expect(await bench.runs.finished(runId)).toBe('done');
    expect(rowsOf(bench)).toEqual({ A: 5, B: 6 });
    expect(bench.world.calls.filter((call) => call.startsWith('unload'))).toHaveLength(2);
    expect(unloads).toBeGreaterThan(0);
  });

  it('cancels what runs and keeps what is loaded', async () => {
    const bench = createBench({ a: 5, b: 6 });
    const plan = await bench.plan(['a', 'b'], { unloadLanes: 1, loadLanes: 1 });
    let runId = '';
    bench.world.hooks.beforeUnload = async (request) => {
      if (request.select.table.name === 'b') {
        await expect.poll(() => bench.world.targetRows.get('A')).toBe(5);
        bench.runs.cancel(runId);
      }
    };
    runId = bench.runs.start(plan).runId;
    expect(await bench.runs.finished(runId)).toBe('cancelled');
    const states = bench.runs.snapshot(runId).tables.map((table) => table.state);
    expect(states[1]).toBe('cancelled');
    expect(rowsOf(bench)).toMatchObject({ A: 5, B: 0 });
  });

  it('refuses a second run of the same project while one is at work', async () => {
    const bench = createBench({ a: 5 });
    const plan = await bench.plan(['a']);
    bench.world.hooks.beforeUnload = crash;
    bench.runs.start(plan);
    expect(() => bench.runs.start(plan)).toThrowError(expect.objectContaining({ code: 'RUN_BUSY' }) as Error);
  });
});

describe('a run whose process died', () => {
  it('after COMMIT but before the journal knew: the ledger decides, nothing is loaded twice', async () => {
    const bench = createBench({ a: 5 });
    const plan = await bench.plan(['a']);
    const committed = new Promise<void>((resolve) => {
      bench.world.hooks.afterCommit = () => {
        resolve();
        return crash();
      };
    });
    const { runId } = bench.runs.start(plan);
    await committed;
    bench.world.hooks = {};
    const runs = restart(bench);
    expect(runs.snapshot(runId).state).toBe('interrupted');
    expect(runs.list(plan.projectId)).toMatchObject([{ runId, state: 'interrupted' }]);
    expect(runs.snapshot(runId).tables).toMatchObject([{ state: 'waiting' }]);
    expect(runs.partitions(runId, plan.tables[0]?.id ?? '')).toMatchObject([{ state: 'staged' }]);
    runs.resume(runId);
    expect(await runs.finished(runId)).toBe('done');
    expect(rowsOf(bench)).toEqual({ A: 5 });
    expect(runs.snapshot(runId).tables[0]).toMatchObject({ sourceRows: 5, stagedRows: 5, loadedRows: 5 });
    expect(bench.world.staged.size).toBe(0);
  });

  it('before COMMIT: the staged files are loaded, once', async () => {
    const bench = createBench({ a: 5 });
    const reached = new Promise<void>((resolve) => {
      bench.world.hooks.beforeLoad = () => {
        resolve();
        return crash();
      };
    });
    const { runId } = bench.runs.start(await bench.plan(['a']));
    await reached;
    bench.world.hooks = {};
    const runs = restart(bench);
    runs.resume(runId);
    expect(await runs.finished(runId)).toBe('done');
    expect(rowsOf(bench)).toEqual({ A: 5 });
    expect(bench.world.calls.filter((call) => call.startsWith('unload'))).toHaveLength(1);
  });

  it('during UNLOAD: a new path is used', async () => {
    const bench = createBench({ a: 5 });
    const uris: string[] = [];
    const reached = new Promise<void>((resolve) => {
      bench.world.hooks.beforeUnload = ({ uri }) => {
        uris.push(uri);
        resolve();
        return crash();
      };
    });
    const { runId } = bench.runs.start(await bench.plan(['a']));
    await reached;
    bench.world.hooks = { beforeUnload: ({ uri }) => void uris.push(uri) };
    const runs = restart(bench);
    runs.resume(runId);
    expect(await runs.finished(runId)).toBe('done');
    expect(new Set(uris).size).toBe(2);
    expect(rowsOf(bench)).toEqual({ A: 5 });
  });

  it('right after the swap: it is not swapped back', async () => {
    const bench = createBench({ a: 5 });
    await bench.world.target.runDdl('CREATE A', { signal: never });
    bench.world.targetRows.set('A', 5);
    const plan = await bench.plan(['a'], { existingRows: 'replace' });
    const swapped = new Promise<void>((resolve) => {
      bench.world.hooks.afterDdl = (statement) => {
        if (!statement.startsWith('SWAP')) return undefined;
        resolve();
        return crash();
      };
    });
    const { runId } = bench.runs.start(plan);
    await swapped;
    bench.world.hooks = {};
    const runs = restart(bench);
    runs.resume(runId);
    expect(await runs.finished(runId)).toBe('done');
    expect(bench.world.calls.filter((call) => call.startsWith('SWAP'))).toHaveLength(1);
    expect(rowsOf(bench)).toEqual({ A: 5 });
  });
});
