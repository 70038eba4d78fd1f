import { describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors/app-error';
import { openJournal } from '../store/journal.ts';
import { createRunBench, eventually, rowsOf, tableId, tableState } from './testing/run-bench.ts';

const lost = (): AppError => new AppError('CONNECTION_LOST', { facts: { host: 'h' } });

describe('a side that does not answer', () => {
  it('is waited for, shown meanwhile, and does not count as a try', async () => {
    const bench = createRunBench({ a: 4 }, { openJournal });
    let isAway = true;
    bench.world.hooks.beforeUnload = () => {
      if (isAway) throw lost();
    };
    bench.world.hooks.onProbe = () => {
      if (isAway) throw new AppError('CONNECTION_REFUSED', { facts: { host: 'h', port: 1 } });
    };
    const { runId } = bench.runs.start(await bench.plan(['a'], { maxAttempts: 1 }));
    await eventually(() => expect(bench.runs.snapshot(runId).waits).toHaveLength(1));
    expect(bench.runs.snapshot(runId)).toMatchObject({
      state: 'running',
      waits: [{ side: 'source', tries: 1, error: { code: 'CONNECTION_REFUSED' } }],
    });
    isAway = false;
    bench.runs.resumed();
    expect(await bench.runs.finished(runId)).toBe('done');
    expect(bench.runs.snapshot(runId).waits).toEqual([]);
    expect(rowsOf(bench)).toEqual({ A: 4 });
  });

  it('pauses the run when it stays away, and resuming goes on', async () => {
    const bench = createRunBench({ a: 4 }, { openJournal });
    const refuse = (): never => {
      throw new AppError('CONNECTION_REFUSED', { facts: { host: 'h', port: 1 } });
    };
    bench.world.hooks = { beforeLoad: refuse, onProbe: (side) => (side === 'snowflake' ? refuse() : undefined) };
    const { runId } = bench.runs.start(await bench.plan(['a'], { limits: { reconnectSeconds: 1 } }));
    expect(await bench.runs.finished(runId)).toBe('paused');
    expect(bench.runs.snapshot(runId).pause).toMatchObject({ cause: 'unreachable', side: 'snowflake' });
    expect(tableState(bench.runs, runId, 'a')).toBe('waiting');

    bench.world.hooks = {};
    const again = bench.restart();
    expect(again.snapshot(runId).pause).toMatchObject({ cause: 'unreachable' });
    again.resume(runId);
    expect(await again.finished(runId)).toBe('done');
    expect(again.snapshot(runId).pause).toBeNull();
    expect(rowsOf(bench)).toEqual({ A: 4 });
  });

  it('counts a failure as a try when the side answers at once', async () => {
    const bench = createRunBench({ a: 4 }, { openJournal });
    bench.world.hooks.beforeUnload = () => {
      throw lost();
    };
    const { runId } = bench.runs.start(await bench.plan(['a'], { maxAttempts: 2 }));
    expect(await bench.runs.finished(runId)).toBe('finished-with-failures');
    const id = tableId(bench.runs, runId, 'a');
    expect(bench.runs.partitions(runId, id)[0]).toMatchObject({ attempt: 2, maxAttempts: 2, errorCount: 2 });
    expect(bench.runs.errors(runId, id).map(({ attempt, error }) => [attempt, error.code])).toEqual([
      [1, 'CONNECTION_LOST'],
      [2, 'CONNECTION_LOST'],
    ]);
  });
});

describe('what only the user can mend', () => {
  it('pauses the run, names the secret, and goes on with new connections', async () => {
    let connections = 0;
    const bench = createRunBench({ a: 2, b: 3 }, { openJournal, onConnect: () => void (connections += 1) });
    bench.world.hooks.beforeLogin = () => {
      throw new AppError('LOGIN_FAILED', { facts: { server: 's', user: 'u' }, field: 'snowflake.password' });
    };
    const { runId } = bench.runs.start(await bench.plan(['a', 'b']));
    expect(await bench.runs.finished(runId)).toBe('paused');
    expect(bench.runs.snapshot(runId)).toMatchObject({
      pause: {
        cause: 'needs-you',
        side: 'snowflake',
        secrets: ['snowflake.password'],
        error: { code: 'LOGIN_FAILED' },
      },
      totals: { tablesFailed: 0 },
    });

    bench.world.hooks = {};
    const unloads = bench.world.calls.filter((call) => call.startsWith('unload')).length;
    bench.runs.resume(runId);
    expect(await bench.runs.finished(runId)).toBe('done');
    expect(connections).toBe(2);
    expect(rowsOf(bench)).toEqual({ A: 2, B: 3 });
    // What was staged before is loaded without being unloaded again.
    expect(bench.world.calls.filter((call) => call.startsWith('unload'))).toHaveLength(2);
    expect(unloads).toBeGreaterThan(0);
  });

  it('tells a full disk apart as a matter of this machine', async () => {
    const bench = createRunBench({ a: 2 }, { openJournal });
    bench.world.hooks.beforeUnload = () => {
      throw new AppError('DISK_FULL', { facts: { path: '/tmp' } });
    };
    const { runId } = bench.runs.start(await bench.plan(['a']));
    expect(await bench.runs.finished(runId)).toBe('paused');
    expect(bench.runs.snapshot(runId).pause).toMatchObject({ cause: 'needs-you', side: 'machine', secrets: [] });
  });
});

describe('failures inside of a table', () => {
  it('do not stop its other partitions, and a retry loads only what is left', async () => {
    const bench = createRunBench({ a: 40 }, { openJournal });
    bench.world.hooks.beforeLoad = ({ partitionId }) => {
      if (partitionId === 'p1') throw new AppError('LOAD_REFUSED', { facts: { table: 'A', file: 'f', detail: 'd' } });
    };
    const { runId } = bench.runs.start(await bench.plan(['a'], { parts: 4 }));
    expect(await bench.runs.finished(runId)).toBe('finished-with-failures');
    const table = bench.runs.snapshot(runId).tables[0];
    expect(table).toMatchObject({ partitionsLoaded: 3, partitionsFailed: 1, error: { code: 'LOAD_REFUSED' } });
    expect(table?.stays).toEqual({ table: table?.target, rows: 30, partitions: 3 });

    bench.world.hooks = {};
    bench.world.calls.length = 0;
    bench.runs.retryTables(runId, [table?.id ?? '']);
    expect(await bench.runs.finished(runId)).toBe('done');
    expect(bench.world.calls.filter((call) => call.startsWith('load'))).toHaveLength(1);
    expect(rowsOf(bench)).toEqual({ A: 40 });
    const [, failed] = bench.runs.partitions(runId, table?.id ?? '');
    expect(failed).toMatchObject({ error: null, firstError: { code: 'LOAD_REFUSED' }, errorCount: 1 });
  });

  it('stop it when no partition of it can go on', async () => {
    const bench = createRunBench({ a: 40 }, { openJournal });
    let loads = 0;
    bench.world.hooks.beforeLoad = () => {
      loads += 1;
      throw new AppError('TARGET_TABLE_NOT_FOUND', { facts: { table: 'A' } });
    };
    const { runId } = bench.runs.start(await bench.plan(['a'], { parts: 20, unloadLanes: 1, loadLanes: 1 }));
    expect(await bench.runs.finished(runId)).toBe('finished-with-failures');
    expect(loads).toBeLessThanOrEqual(2);
  });

  it('stop the run after as many failed tables as the user chose', async () => {
    const bench = createRunBench({ a: 1, b: 1, c: 1, d: 1 }, { openJournal });
    bench.world.hooks.beforeUnload = () => {
      throw new AppError('UNLOAD_ROLE_REFUSED', { facts: { role: 'r', detail: 'd' } });
    };
    const options = { stopAfterFailedTables: 1, unloadLanes: 1, loadLanes: 1 };
    const { runId } = bench.runs.start(await bench.plan(['a', 'b', 'c', 'd'], options));
    expect(await bench.runs.finished(runId)).toBe('finished-with-failures');
    const { tables, pause } = bench.runs.snapshot(runId);
    expect(tables.filter(({ state }) => state === 'waiting').length).toBeGreaterThan(0);
    expect(pause).toMatchObject({ cause: 'too-many-failures', error: { code: 'UNLOAD_ROLE_REFUSED' } });
  });

  it('begin a new attempt under a new path when a session is lost inside of the load', async () => {
    const bench = createRunBench({ a: 4 }, { openJournal });
    const attempts: string[] = [];
    bench.world.hooks.beforeLoad = ({ attemptId }) => {
      attempts.push(attemptId);
      if (attempts.length === 1) throw new AppError('SESSION_EXPIRED', { facts: { server: 's' } });
    };
    const { runId } = bench.runs.start(await bench.plan(['a'], { maxAttempts: 2 }));
    expect(await bench.runs.finished(runId)).toBe('done');
    expect(new Set(attempts).size).toBe(2);
    expect(bench.world.staged.size).toBe(0);
    expect(rowsOf(bench)).toEqual({ A: 4 });
  });
});

describe('a journal that cannot be written any more', () => {
  it('pauses the run after what is at work; nothing new begins, and a later start goes on', async () => {
    const bench = createRunBench({ a: 40 }, { openJournal });
    const plan = await bench.plan(['a'], { parts: 4, unloadLanes: 1, loadLanes: 1 });
    const { setPartition } = bench.journal;
    let writes = 0;
    bench.journal.setPartition = (runId, partition) => {
      writes += 1;
      if (writes > 5) throw new AppError('DISK_FULL', { facts: { path: bench.journalPath } });
      setPartition(runId, partition);
    };
    const { runId } = bench.runs.start(plan);
    expect(await bench.runs.finished(runId)).toBe('paused');
    expect(bench.runs.snapshot(runId).pause).toMatchObject({
      cause: 'needs-you',
      side: 'machine',
      error: { code: 'DISK_FULL' },
    });
    const unloads = bench.world.calls.filter((call) => call.startsWith('unload')).length;
    expect(unloads).toBeLessThan(4);

    const runs = bench.restart();
    runs.resume(runId);
    expect(await runs.finished(runId)).toBe('done');
    expect(rowsOf(bench)).toEqual({ A: 40 });
  });
});

describe('a limit of failed tables', () => {
  it('counts what fails from now on, so that one of several failed tables can be retried', async () => {
    const bench = createRunBench({ a: 1, b: 2, c: 3 }, { openJournal });
    bench.world.hooks.beforeUnload = () => {
      throw new AppError('UNLOAD_ROLE_REFUSED', { facts: { role: 'r', detail: 'd' } });
    };
    const options = { stopAfterFailedTables: 2, unloadLanes: 1, loadLanes: 1 };
    const { runId } = bench.runs.start(await bench.plan(['a', 'b', 'c'], options));
    await bench.runs.finished(runId);
    bench.world.hooks = {};
    bench.runs.retryTables(runId, [tableId(bench.runs, runId, 'a')]);
    await bench.runs.finished(runId);
    expect(tableState(bench.runs, runId, 'a')).toBe('loaded');
    expect(tableState(bench.runs, runId, 'b')).toBe('failed');
  });
});
