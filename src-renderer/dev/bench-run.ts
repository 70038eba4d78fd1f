import { AppError, toErrorValue } from '#shared/errors/app-error';
import type { MigrationPlan } from '#shared/model/plan';
import type { Project } from '#shared/model/project';
import {
  PAUSE_CAUSES,
  type PartitionProgress,
  type Pause,
  type RunSnapshot,
  type RunState,
  type RunSummary,
  type TableProgress,
  type TableState,
  type Wait,
} from '#shared/model/run';
import type { ValidationReport } from '#shared/model/validation';
import { benchTables, benchTarget, benchTask } from './bench-tables.ts';

const STATES: readonly TableState[] = [
  'loaded',
  'loaded',
  'failed',
  'running',
  'waiting',
  'loaded',
  'running',
  'waiting',
];

export function benchPlan(project: Project): MigrationPlan {
  return {
    id: 'plan1',
    projectId: project.id,
    createdAt: '2026-01-06T10:00:00.000Z',
    strategy: 'unload',
    staging: project.staging,
    stagePrefix: '',
    options: project.options,
    tables: benchTables(8).map(({ ref }, index) => benchTask(ref, index === 1 ? 7 : 1)),
    remarks: [
      'Tables are read one after the other: rows that change meanwhile may be in one table and not yet in another.',
    ],
  };
}

/** `cause` is a cause of a pause, or `wait` for a side that does not answer. */
export function benchRun(project: Project, state: RunState, cause: string | null = null): RunSnapshot {
  const isOver = state !== 'running' && state !== 'paused';
  const tables = benchTables(8).map(({ ref }, index) => benchProgress(ref, index, isOver, state === 'done'));
  const count = (wanted: TableState) => tables.filter((table) => table.state === wanted).length;
  return {
    runId: 'run1',
    projectId: project.id,
    planId: 'plan1',
    state,
    version: 1,
    startedAt: '2026-01-06T10:05:00.000Z',
    finishedAt: isOver ? '2026-01-06T10:09:00.000Z' : null,
    elapsedMs: 247_000,
    totals: {
      tables: 8,
      tablesLoaded: count('loaded'),
      tablesFailed: count('failed'),
      partitions: 14,
      partitionsLoaded: 9,
      expectedRows: 12_000_000,
      sourceRows: 9_000_000,
      stagedRows: 8_200_000,
      loadedRows: 6_100_000,
      stagedBytes: 812_000_000,
      warnings: 1,
    },
    rowsPerSecond: 48_200,
    bytesPerSecond: 6_100_000,
    remainingMs: 122_000,
    speedHistory: Array.from({ length: 60 }, (_, index) => 30_000 + 20_000 * Math.sin(index / 6)),
    lanes: isOver
      ? []
      : [
          { lane: '1', activity: 'Unloading', table: 'tpch.orders', since: '2026-01-06T10:08:00.000Z', rows: null },
          { lane: '2', activity: 'Loading', table: 'tpch.region', since: '2026-01-06T10:08:20.000Z', rows: null },
        ],
    laneLimits: { unloadLanes: 4, loadLanes: 4, loadLanesPerTable: 2 },
    waits: cause === 'wait' ? [benchWait()] : [],
    pause: benchPause(state, cause),
    tables,
    events: [
      { sequence: 1, at: '2026-01-06T10:05:00.000Z', level: 'info', tableId: null, text: 'The run began.' },
      {
        sequence: 2,
        at: '2026-01-06T10:06:00.000Z',
        level: 'error',
        tableId: null,
        text: 'Redshift refused the role for UNLOAD.',
      },
    ],
  };
}

export function benchPartitions(): PartitionProgress[] {
  const lost = toErrorValue(
    new AppError('CONNECTION_LOST', { facts: { host: 'my-cluster' }, raw: 'read ECONNRESET', queryId: '01b2c3' }),
  );
  const base: PartitionProgress = {
    id: 'p0',
    index: 0,
    label: 'o_orderdate before 1993-01-01',
    state: 'loaded',
    attempt: 1,
    maxAttempts: 3,
    nextTryAt: null,
    sourceRows: 600_000,
    stagedRows: 600_000,
    stagedBytes: 90_000_000,
    stagedFiles: 1,
    loadedRows: 600_000,
    error: null,
    firstError: null,
    errorCount: 0,
  };
  return [
    base,
    { ...base, id: 'p1', label: 'o_orderdate from 1993-01-01', attempt: 2, firstError: lost, errorCount: 1 },
    {
      ...base,
      id: 'p2',
      label: 'o_orderdate from 1994-01-01',
      state: 'waiting',
      loadedRows: null,
      attempt: 2,
      nextTryAt: new Date(Date.now() + 30_000).toISOString(),
      error: lost,
      firstError: lost,
      errorCount: 2,
    },
  ];
}

function benchWait(): Wait {
  return {
    side: 'snowflake',
    since: new Date(Date.now() - 65_000).toISOString(),
    tries: 3,
    nextTryAt: new Date(Date.now() + 21_000).toISOString(),
    givesUpAt: new Date(Date.now() + 535_000).toISOString(),
    error: toErrorValue(
      new AppError('CONNECTION_REFUSED', { facts: { host: 'myorg-account123', port: 443 }, raw: 'ECONNREFUSED' }),
    ),
  };
}

function benchPause(state: RunState, cause: string | null): Pause | null {
  const known = PAUSE_CAUSES.find((each) => each === cause);
  if (state !== 'paused' || known === undefined) return null;
  const error =
    known === 'needs-you'
      ? new AppError('LOGIN_FAILED', { facts: { server: 'my-cluster:5439', user: 'migration_reader' } })
      : known === 'lease-held'
        ? new AppError('LEASE_HELD', {
            facts: { holder: 'anna on laptop-7', since: '10:02', renewedAt: '10:05', expiresAt: '10:07' },
          })
        : null;
  return {
    cause: known,
    side: known === 'needs-you' ? 'source' : known === 'unreachable' ? 'snowflake' : null,
    since: '2026-01-06T10:08:00.000Z',
    error: error === null ? null : toErrorValue(error),
    secrets: known === 'needs-you' ? ['source.password'] : [],
  };
}

export function benchSummary(snapshot: RunSnapshot): RunSummary {
  const { runId, projectId, planId, state, startedAt, finishedAt, elapsedMs, totals } = snapshot;
  return { runId, projectId, planId, state, startedAt, finishedAt, elapsedMs, totals };
}

export function benchValidation(): ValidationReport {
  return {
    runId: 'run1',
    startedAt: '2026-01-06T10:10:00.000Z',
    elapsedMs: 1800,
    counts: { passed: 6, warnings: 1, failed: 1, notCompared: 0 },
    results: benchTables(8).map(({ ref }, index) => ({
      id: `r${index}`,
      level: 'metrics',
      check: 'Row count',
      source: ref,
      target: benchTarget(ref, index).target,
      column: null,
      sourceValue: String(1000 * (index + 1)),
      targetValue: String(1000 * (index + 1) - (index === 3 ? 2 : 0)),
      status: index === 3 ? 'fail' : index === 5 ? 'warning' : 'pass',
      detail: index === 3 ? '2 rows fewer in Snowflake.' : '',
      error: null,
    })),
  };
}

function benchProgress(
  source: TableProgress['source'],
  index: number,
  isOver: boolean,
  isDone: boolean,
): TableProgress {
  const early = STATES[index] ?? 'waiting';
  const state: TableState = isDone ? 'loaded' : isOver && early !== 'failed' ? 'loaded' : early;
  const rows = state === 'loaded' ? 1000 * (index + 1) ** 2 : null;
  const facts = { role: 'arn:aws:iam::123456789012:role/Wrong', detail: 'not associated with the cluster' };
  return {
    id: `t${index}`,
    source,
    target: benchTarget(source, index).target,
    state,
    partitionCount: index === 1 ? 7 : 1,
    partitionsStaged: state === 'loaded' ? (index === 1 ? 7 : 1) : 0,
    partitionsLoaded: state === 'loaded' ? (index === 1 ? 7 : 1) : 0,
    partitionsFailed: state === 'failed' ? 1 : 0,
    expectedRows: 1000,
    sourceRows: rows,
    stagedRows: rows,
    loadedRows: rows,
    stagedBytes: rows,
    startedAt: null,
    elapsedMs: state === 'waiting' ? null : 3200 * (index + 1),
    error: state === 'failed' ? toErrorValue(new AppError('UNLOAD_ROLE_REFUSED', { facts })) : null,
    isPaused: index === 4,
    unloadLanes: null,
    loadLanes: null,
    stays: state === 'failed' ? { table: benchTarget(source, index).target, rows: 2_400_000, partitions: 4 } : null,
    leftOut: [],
    warnings: index === 5 ? ['The staged files could not be deleted: s3:DeleteObject is missing.'] : [],
  };
}
