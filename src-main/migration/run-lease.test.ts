import { describe, expect, it } from 'vitest';
import { openJournal } from '../store/journal.ts';
import type { FakeWorld } from './testing/fake-sides.ts';
import { leaseOf } from './testing/fake-sides.ts';
import { crash, createRunBench, eventually, rowsOf } from './testing/run-bench.ts';

const other = { id: 'other', host: 'LAPTOP', pid: 4711, user: 'ada', machine: 'm' };
const takenOver = (world: FakeWorld, runId: string): void => void world.leases.set(runId, leaseOf(other));

describe('the lease on a run', () => {
  it('keeps a second instance away, tells it who holds the run, and leaves the journal alone', async () => {
    const bench = createRunBench({ a: 5 }, { openJournal });
    let goOn: () => void = () => undefined;
    bench.world.hooks.beforeUnload = () => new Promise<void>((resolve) => (goOn = resolve));
    const { runId } = bench.runs.start(await bench.plan(['a']));
    await eventually(() => expect(bench.world.leases.size).toBe(1));
    await eventually(() => expect(bench.runs.snapshot(runId).tables[0]?.state).toBe('running'));

    const second = bench.second();
    second.resume(runId);
    expect(await second.finished(runId)).toBe('paused');
    const { instance } = bench.journal;
    expect(second.snapshot(runId).pause).toMatchObject({
      cause: 'lease-held',
      error: { code: 'LEASE_HELD', facts: { host: instance.host, pid: instance.pid, user: instance.user } },
    });
    expect(bench.journal.readRun(runId)?.state).toBe('running');
    expect(bench.journal.tables(runId).map(({ state }) => state)).toEqual(['running']);
    goOn();
    expect(await bench.runs.finished(runId)).toBe('done');
    expect(rowsOf(bench)).toEqual({ A: 5 });
    expect(bench.world.leases.size).toBe(0);
  });

  it('is taken over from an instance of this machine that is certainly dead', async () => {
    const bench = createRunBench({ a: 5 }, { openJournal });
    const reached = new Promise<void>((resolve) => {
      bench.world.hooks.beforeLoad = () => (resolve(), crash());
    });
    const { runId } = bench.runs.start(await bench.plan(['a']));
    await reached;
    bench.world.hooks = {};
    const runs = bench.restart();
    runs.resume(runId);
    expect(await runs.finished(runId)).toBe('done');
    expect(rowsOf(bench)).toEqual({ A: 5 });
  });

  it('of another machine is taken over only when it has run out', async () => {
    const bench = createRunBench({ a: 5 }, { openJournal });
    const plan = await bench.plan(['a']);
    const { runId } = bench.runs.start(plan);
    bench.runs.pause(runId);
    await bench.runs.finished(runId);
    takenOver(bench.world, runId);
    bench.runs.resume(runId);
    expect(await bench.runs.finished(runId)).toBe('paused');
    expect(bench.runs.snapshot(runId).pause?.error?.message).toContain('Process 4711 of ada on LAPTOP');

    bench.world.leases.set(runId, { ...leaseOf(other), isExpired: true });
    bench.runs.resume(runId);
    expect(await bench.runs.finished(runId)).toBe('done');
    expect(rowsOf(bench)).toEqual({ A: 5 });
  });

  it('that was lost stops the load before its COMMIT, and nothing more is written to the journal', async () => {
    const bench = createRunBench({ a: 5 }, { openJournal });
    bench.world.hooks.beforeLoad = ({ runId }) => takenOver(bench.world, runId);
    const { runId } = bench.runs.start(await bench.plan(['a']));
    expect(await bench.runs.finished(runId)).toBe('paused');
    expect(bench.runs.snapshot(runId).pause).toMatchObject({ cause: 'lease-lost', error: { code: 'LEASE_LOST' } });
    expect(rowsOf(bench)).toEqual({ A: 0 });
    expect(bench.journal.readRun(runId)?.state).toBe('running');
    expect(bench.world.leases.get(runId)?.instanceId).toBe('other');
  });

  it('that ran out during a sleep, and that nobody took, is renewed, and the load is done again', async () => {
    const bench = createRunBench({ a: 5 }, { openJournal });
    let loads = 0;
    bench.world.hooks.beforeLoad = ({ runId }) => {
      const lease = bench.world.leases.get(runId);
      loads += 1;
      if (lease && loads === 1) bench.world.leases.set(runId, { ...lease, isExpired: true });
    };
    const { runId } = bench.runs.start(await bench.plan(['a'], { maxAttempts: 1 }));
    expect(await bench.runs.finished(runId)).toBe('done');
    expect(loads).toBe(2);
    expect(rowsOf(bench)).toEqual({ A: 5 });
  });

  it('is looked at as soon as the system wakes up', async () => {
    const bench = createRunBench({ a: 5 }, { openJournal });
    bench.world.hooks.beforeUnload = crash;
    const { runId } = bench.runs.start(await bench.plan(['a']));
    await eventually(() => expect(bench.runs.snapshot(runId).tables[0]?.state).toBe('running'));
    bench.runs.suspended();
    takenOver(bench.world, runId);
    bench.runs.resumed();
    await eventually(() => expect(bench.runs.snapshot(runId).pause?.cause).toBe('lease-lost'));
  });
});

describe('two runs into one table', () => {
  it('do not work at the same time: the second one says who loads the table, and loads its other tables', async () => {
    const bench = createRunBench({ a: 5, b: 6 }, { openJournal });
    let goOn: () => void = () => undefined;
    bench.world.hooks.beforeUnload = () => new Promise<void>((resolve) => (goOn = resolve));
    const first = bench.runs.start(await bench.plan(['a'])).runId;
    await eventually(() => expect(bench.runs.snapshot(first).tables[0]?.state).toBe('running'));
    bench.world.hooks = {};

    const plan = { ...(await bench.plan(['a', 'b'], { existingRows: 'truncate' })), projectId: 'another' };
    const second = bench.second();
    const { runId } = second.start(plan);
    expect(await second.finished(runId)).toBe('finished-with-failures');
    expect(second.snapshot(runId).tables.map(({ state, error }) => error?.code ?? state)).toEqual([
      'TARGET_IN_USE',
      'loaded',
    ]);
    goOn();
    expect(await bench.runs.finished(first)).toBe('done');
    expect(rowsOf(bench)).toEqual({ A: 5, B: 6 });

    second.retryTables(runId, [second.plan(runId).tables[0]?.id ?? '']);
    expect(await second.finished(runId)).toBe('done');
    expect(rowsOf(bench)).toEqual({ A: 5, B: 6 });
  });
});
