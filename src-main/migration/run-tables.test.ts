import { describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors/app-error';
import { openJournal } from '../store/journal.ts';
import { createRunBench, eventually, rowsOf, tableId, tableState } from './testing/run-bench.ts';

/** A hook that waits until it is opened. */
function createGate(): { pass(): Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { pass: () => opened, open };
}

describe('one table of a run', () => {
  it('can be paused before its turn while the others go on, and resumed afterwards alone', async () => {
    const bench = createRunBench({ a: 1, b: 2 }, { openJournal });
    const gate = createGate();
    bench.world.hooks.beforeUnload = gate.pass;
    const { runId } = bench.runs.start(await bench.plan(['a', 'b'], { unloadLanes: 1, loadLanes: 1 }));
    const b = tableId(bench.runs, runId, 'b');
    const snapshot = bench.runs.pauseTable(runId, b);
    expect(snapshot.tables.map(({ isPaused }) => isPaused)).toEqual([false, true]);
    gate.open();
    expect(await bench.runs.finished(runId)).toBe('paused');
    expect(bench.runs.snapshot(runId).pause).toMatchObject({ cause: 'tables-paused' });
    expect(rowsOf(bench)).toMatchObject({ A: 1 });
    expect(rowsOf(bench)['B'] ?? 0).toBe(0);

    bench.world.hooks = {};
    bench.runs.resumeTable(runId, b);
    expect(await bench.runs.finished(runId)).toBe('done');
    expect(rowsOf(bench)).toEqual({ A: 1, B: 2 });
  });

  it('can be paused in the middle: what is at work is finished, the rest waits until it is resumed in the same run', async () => {
    const bench = createRunBench({ a: 40, b: 1 }, { openJournal });
    const second = createGate();
    const last = createGate();
    let unloads = 0;
    bench.world.hooks.beforeUnload = async ({ select }) => {
      if (select.table.name === 'b') return last.pass();
      unloads += 1;
      if (unloads === 2) await second.pass();
    };
    const options = { parts: 4, unloadLanes: 6, loadLanes: 1 };
    const plan = await bench.plan(['a', 'b'], options);
    const { runId } = bench.runs.start(plan);
    const a = tableId(bench.runs, runId, 'a');
    bench.runs.setTableLanes(runId, a, { unloadLanes: 1, loadLanes: 1 });
    await eventually(() => expect(unloads).toBe(2));
    bench.runs.pauseTable(runId, a);
    second.open();
    await eventually(() => expect(tableState(bench.runs, runId, 'a')).toBe('waiting'));
    expect(rowsOf(bench)['A']).toBeLessThan(40);
    bench.runs.resumeTable(runId, a);
    last.open();
    expect(await bench.runs.finished(runId)).toBe('done');
    expect(rowsOf(bench)).toEqual({ A: 40, B: 1 });
  });

  it('can be cancelled while it is at work; the answer tells what stays, its files go, the others are loaded', async () => {
    const bench = createRunBench({ a: 40, b: 1 }, { openJournal });
    const gate = createGate();
    bench.world.hooks.beforeLoad = ({ table, partitionId }) =>
      table.name === 'A' && partitionId === 'p2' ? gate.pass() : undefined;
    const options = { parts: 4, unloadLanes: 1, loadLanes: 1, loadLanesPerTable: 1 };
    const { runId } = bench.runs.start(await bench.plan(['a', 'b'], options));
    const a = tableId(bench.runs, runId, 'a');
    await eventually(() => expect(bench.runs.partitions(runId, a)[2]?.state).toBe('loading'));
    bench.runs.cancelTable(runId, a);
    bench.world.hooks = {};
    gate.open();
    expect(await bench.runs.finished(runId)).toBe('finished-with-failures');
    const [cancelled, other] = bench.runs.snapshot(runId).tables;
    expect(cancelled).toMatchObject({ state: 'cancelled', stays: { rows: 20, partitions: 2 } });
    expect(other?.state).toBe('loaded');
    expect(rowsOf(bench)).toMatchObject({ A: 20, B: 1 });
    expect(bench.world.staged.size).toBe(0);

    bench.runs.retryTables(runId, [a]);
    expect(await bench.runs.finished(runId)).toBe('done');
    expect(rowsOf(bench)).toEqual({ A: 40, B: 1 });
  });

  it('can be retried while the run is at work with others', async () => {
    const bench = createRunBench({ a: 1, b: 2 }, { openJournal });
    const gate = createGate();
    let isBroken = true;
    bench.world.hooks.beforeUnload = ({ select }) => {
      if (select.table.name === 'b') return gate.pass();
      if (isBroken) throw new AppError('UNLOAD_ROLE_REFUSED', { facts: { role: 'r', detail: 'd' } });
      return undefined;
    };
    const { runId } = bench.runs.start(await bench.plan(['a', 'b']));
    await eventually(() => expect(tableState(bench.runs, runId, 'a')).toBe('failed'));
    isBroken = false;
    bench.runs.retryTables(runId, [tableId(bench.runs, runId, 'a')]);
    await eventually(() => expect(tableState(bench.runs, runId, 'a')).toBe('loaded'));
    gate.open();
    expect(await bench.runs.finished(runId)).toBe('done');
    expect(rowsOf(bench)).toEqual({ A: 1, B: 2 });
  });

  it('is not known by a wrong id', async () => {
    const bench = createRunBench({ a: 1 }, { openJournal });
    const { runId } = bench.runs.start(await bench.plan(['a']));
    await bench.runs.finished(runId);
    expect(() => bench.runs.pauseTable(runId, 'nonsense')).toThrowError(
      expect.objectContaining({ code: 'RUN_NOT_FOUND' }) as Error,
    );
  });
});

describe('lanes', () => {
  it('are changed while the run is at work, and the snapshot has them', async () => {
    const bench = createRunBench({ a: 80 }, { openJournal });
    let atWork = 0;
    let most = 0;
    const gate = createGate();
    bench.world.hooks.beforeUnload = async () => {
      atWork += 1;
      most = Math.max(most, atWork);
      await gate.pass();
      atWork -= 1;
    };
    const { runId } = bench.runs.start(await bench.plan(['a'], { parts: 8, unloadLanes: 1, loadLanes: 1 }));
    await eventually(() => expect(atWork).toBe(1));
    const snapshot = bench.runs.setLanes(runId, { unloadLanes: 5, loadLanes: 2, loadLanesPerTable: 2 });
    expect(snapshot.laneLimits).toEqual({ unloadLanes: 5, loadLanes: 2, loadLanesPerTable: 2 });
    await eventually(() => expect(most).toBe(5));
    bench.runs.setTableLanes(runId, tableId(bench.runs, runId, 'a'), { unloadLanes: 2, loadLanes: null });
    expect(bench.runs.snapshot(runId).tables[0]).toMatchObject({ unloadLanes: 2, loadLanes: null });
    gate.open();
    expect(await bench.runs.finished(runId)).toBe('done');
    expect(rowsOf(bench)).toEqual({ A: 80 });
  });
});
