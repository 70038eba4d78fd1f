import { describe, expect, it } from 'vitest';
import type { RunDelta, RunEvent, RunSnapshot, TableProgress } from '#shared/model/run';
import { mergeRunDelta } from './merge-run-delta.ts';

const table = (id: string, loadedRows: number | null = null): TableProgress => ({
  id,
  source: { database: 'dev', schema: 'public', name: id },
  target: { database: 'DEV', schema: 'PUBLIC', name: id.toUpperCase() },
  state: 'running',
  partitionCount: 1,
  partitionsStaged: 0,
  partitionsLoaded: 0,
  partitionsFailed: 0,
  expectedRows: 10,
  sourceRows: null,
  stagedRows: null,
  loadedRows,
  stagedBytes: null,
  startedAt: null,
  elapsedMs: null,
  error: null,
  isPaused: false,
  unloadLanes: null,
  loadLanes: null,
  stays: null,
  leftOut: [],
  warnings: [],
});
const event = (sequence: number): RunEvent => ({ sequence, at: 'now', level: 'info', tableId: null, text: 'x' });
const snapshot = (version: number, parts: Partial<RunSnapshot> = {}): RunSnapshot => ({
  runId: 'r1',
  projectId: 'p1',
  planId: 'l1',
  state: 'running',
  version,
  startedAt: '2026-01-01T00:00:00Z',
  finishedAt: null,
  elapsedMs: 0,
  totals: {
    tables: 2,
    tablesLoaded: 0,
    tablesFailed: 0,
    partitions: 2,
    partitionsLoaded: 0,
    expectedRows: 20,
    sourceRows: 0,
    stagedRows: 0,
    loadedRows: 0,
    stagedBytes: 0,
    warnings: 0,
  },
  rowsPerSecond: null,
  bytesPerSecond: null,
  remainingMs: null,
  speedHistory: [],
  lanes: [],
  laneLimits: { unloadLanes: 4, loadLanes: 4, loadLanesPerTable: 2 },
  waits: [],
  pause: null,
  tables: [table('a'), table('b')],
  events: [event(1)],
  ...parts,
});

describe('merging a change into a run', () => {
  it('replaces the tables that changed and keeps the order and the others', () => {
    const before = snapshot(4);
    const after = mergeRunDelta(before, snapshot(5, { tables: [table('b', 7)], events: [], state: 'pausing' }));
    expect(after?.tables.map((each) => [each.id, each.loadedRows])).toEqual([
      ['a', null],
      ['b', 7],
    ]);
    expect(after?.tables[0]).toBe(before.tables[0]);
    expect(after).toMatchObject({ version: 5, state: 'pausing' });
  });

  it('appends a table that it did not know', () => {
    const after = mergeRunDelta(snapshot(1), snapshot(2, { tables: [table('c')], events: [] }));
    expect(after?.tables.map((each) => each.id)).toEqual(['a', 'b', 'c']);
  });

  it('appends events once and keeps the newest 200', () => {
    const events = Array.from({ length: 200 }, (_, index) => event(index));
    const delta = snapshot(2, { tables: [], events: [event(198), event(199), event(200)] });
    const merged = mergeRunDelta(snapshot(1, { events }), delta)?.events;
    expect(merged).toHaveLength(200);
    expect(merged?.at(0)?.sequence).toBe(1);
    expect(merged?.at(-1)?.sequence).toBe(200);
  });

  it('ignores what it already knows and what belongs to another run', () => {
    const before = snapshot(3);
    const old: RunDelta = snapshot(3, { state: 'done' });
    expect(mergeRunDelta(before, old)).toBe(before);
    expect(mergeRunDelta(before, { ...snapshot(4), runId: 'other' })).toBe(before);
  });

  it('asks for a snapshot when a change was missed', () => {
    expect(mergeRunDelta(snapshot(3), snapshot(5))).toBeNull();
  });

  it('asks for a snapshot when the numbers begin anew, as after a resume', () => {
    expect(mergeRunDelta(snapshot(30), snapshot(2))).toBeNull();
  });
});
