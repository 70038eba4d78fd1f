import { describe, expect, it } from 'vitest';
import type { ConnectionReport } from '#shared/model/check';
import type { SnowflakeSettings, SourceSettings, StagingSettings } from '#shared/model/connection-settings';
import { tableSelectionSchema, type Project } from '#shared/model/project';
import type { RunState, RunTotals } from '#shared/model/run';
import { settingsDigest } from '#shared/model/settings-digest';
import { sampleProject } from '../api/testing/sample-project.ts';
import { buildStepStates, firstOpenStep, stepsAffectedBy } from './step-states.ts';

const report: ConnectionReport = {
  server: 's',
  version: 'v',
  user: 'u',
  elapsedMs: 1,
  facts: [],
  rights: [],
  warnings: [],
};
const source: SourceSettings = {
  kind: 'redshift',
  host: 'h',
  port: 5439,
  database: 'dev',
  auth: { kind: 'password', user: 'u' },
  tls: { mode: 'verify-full', caFile: '' },
};
const snowflake: SnowflakeSettings = {
  account: 'a-b',
  user: 'u',
  auth: { kind: 'access-token' },
  role: '',
  warehouse: 'WH',
  accessUrl: '',
  proxy: { host: '', port: null, user: '' },
};
const staging: StagingSettings = {
  stage: { database: 'D', schema: 'S', name: 'G' },
  s3Uri: 's3://bucket/x/',
  iamRole: 'default',
  region: '',
  encryption: { kind: 'none' },
  credentials: null,
  s3Endpoint: '',
};
const check = { id: 'c', name: 'c', summary: '', did: [], error: null, elapsedMs: 1, finishedAt: null };
const ready: Partial<Project> = {
  source,
  snowflake,
  staging,
  sourceTest: { digest: settingsDigest(source), report },
  snowflakeTest: { digest: settingsDigest(snowflake), report },
  stagingCheck: { digest: settingsDigest(staging), checks: [{ ...check, state: 'passed' }] },
};
const selection = [tableSelectionSchema.parse({ source: { database: 'dev', schema: 'public', name: 't' } })];
const totals = (parts: Partial<RunTotals>): RunTotals => ({
  tables: 1,
  tablesLoaded: 0,
  tablesFailed: 0,
  partitions: 1,
  partitionsLoaded: 0,
  expectedRows: null,
  sourceRows: 0,
  stagedRows: 0,
  loadedRows: 0,
  stagedBytes: 0,
  warnings: 0,
  ...parts,
});
const run = (state: RunState, parts: Partial<RunTotals> = {}, finishedAt: string | null = null) => ({
  state,
  totals: totals(parts),
  finishedAt,
});
const states = (project: Project, lastRun: Parameters<typeof buildStepStates>[1] = null) =>
  Object.fromEntries(buildStepStates(project, lastRun).map((step) => [step.id, step.state]));
const reason = (project: Project, id: string, lastRun: Parameters<typeof buildStepStates>[1] = null) =>
  buildStepStates(project, lastRun).find((step) => step.id === id)?.reason;

describe('the states of the steps', () => {
  it('of a new project: both connections wait, the rest is blocked by name', () => {
    const project = sampleProject();
    expect(states(project)).toEqual({
      source: 'waiting',
      snowflake: 'waiting',
      staging: 'blocked',
      tables: 'blocked',
      migrate: 'blocked',
      results: 'blocked',
      validation: 'blocked',
    });
    expect(reason(project, 'tables')).toBe('Needs "Connect to source database" first.');
  });

  it('a connection is done when what was tested is what is set', () => {
    expect(states(sampleProject(ready))).toMatchObject({
      source: 'done',
      snowflake: 'done',
      staging: 'done',
      tables: 'waiting',
    });
    const changed = sampleProject({ ...ready, source: { ...source, host: 'other' } });
    expect(states(changed)).toMatchObject({ source: 'waiting', staging: 'blocked' });
    expect(reason(changed, 'source')).toBe('Settings or secrets changed since the last test.');
  });

  it('a passcode does not make a test stale', () => {
    const auth = { kind: 'password' as const, passcode: '' };
    const tested = settingsDigest({ ...snowflake, auth: { ...auth, passcode: '123456' } });
    const project = sampleProject({
      ...ready,
      snowflake: { ...snowflake, auth },
      snowflakeTest: { digest: tested, report },
    });
    expect(states(project).snowflake).toBe('done');
  });

  it('a forgotten secret has to be entered again, and the steps behind it wait for that', () => {
    const steps = buildStepStates(sampleProject({ ...ready, selection }), null, null, ['snowflake.token']);
    expect(steps.find(({ id }) => id === 'snowflake')).toMatchObject({
      state: 'waiting',
      reason: 'A password or key has to be entered again.',
    });
    expect(steps.find(({ id }) => id === 'source')?.state).toBe('done');
    expect(steps.find(({ id }) => id === 'tables')?.state).toBe('blocked');
  });

  it('a failed check fails the bucket and blocks the tables', () => {
    const project = sampleProject({
      ...ready,
      stagingCheck: { digest: settingsDigest(staging), checks: [{ ...check, state: 'failed' }] },
    });
    expect(states(project)).toMatchObject({ staging: 'failed', tables: 'blocked' });
    expect(reason(project, 'staging')).toBe('1 check failed.');
  });

  it('without UNLOAD there is no bucket step, and nothing waits for one', () => {
    const project = sampleProject({ ...ready, strategy: 'regular', staging: null, stagingCheck: null });
    expect(states(project)).toEqual(expect.not.objectContaining({ staging: expect.anything() }));
    expect(states(project).tables).toBe('waiting');
  });

  it.each([
    ['running', {}, 'running', 'blocked', 'blocked'],
    ['paused', { tablesLoaded: 1 }, 'waiting', 'waiting', 'waiting'],
    ['done', { tablesLoaded: 1 }, 'done', 'done', 'waiting'],
    ['finished-with-failures', { tablesFailed: 2, tablesLoaded: 1 }, 'failed', 'failed', 'waiting'],
    ['finished-with-failures', { tablesFailed: 2 }, 'failed', 'failed', 'blocked'],
    ['cancelled', {}, 'waiting', 'waiting', 'blocked'],
  ] as const)(
    'a run that is %s with %j: migrate %s, results %s, validation %s',
    (state, parts, migrate, results, validation) => {
      const project = sampleProject({ ...ready, selection });
      expect(states(project, run(state, parts))).toMatchObject({ tables: 'done', migrate, results, validation });
    },
  );
});

describe('the data validation', () => {
  const counts = { passed: 1, warnings: 0, failed: 0, notCompared: 0 };
  const startedAt = '2026-01-06T10:00:00.000Z';
  const judged = (comparison: Parameters<typeof buildStepStates>[2], finishedAt = '2026-01-06T09:00:00.000Z') => {
    const steps = buildStepStates(sampleProject(ready), run('done', { tablesLoaded: 1 }, finishedAt), comparison);
    const { state, reason: why } = steps.find(({ id }) => id === 'validation') ?? {};
    return [state, why];
  };

  it.each([
    [null, ['waiting', null]],
    [{ startedAt, counts }, ['done', null]],
    [{ startedAt, counts: { ...counts, warnings: 1, notCompared: 1 } }, ['done', '2 tables need a look.']],
    [{ startedAt, counts: { ...counts, failed: 1 } }, ['failed', '1 check failed.']],
  ])('is judged by its newest outcome (%#)', (comparison, expected) => expect(judged(comparison)).toEqual(expected));

  it('waits again when the run went on after it', () => {
    expect(judged({ startedAt, counts }, '2026-01-06T11:00:00.000Z')).toEqual([
      'waiting',
      'The run went on since the last comparison.',
    ]);
  });
});

describe('the step to open first', () => {
  it.each([
    [sampleProject(), null, 'source'],
    [sampleProject({ source, sourceTest: ready.sourceTest ?? null }), null, 'snowflake'],
    [sampleProject(ready), null, 'tables'],
    [sampleProject({ ...ready, selection }), null, 'migrate'],
    [sampleProject({ ...ready, selection }), run('running'), 'migrate'],
    [sampleProject({ ...ready, selection }), run('done', { tablesLoaded: 1 }), 'validation'],
  ] as const)('fits the project (%#)', (project, lastRun, step) =>
    expect(firstOpenStep(buildStepStates(project, lastRun))).toBe(step),
  );
});

describe('what a change makes stale', () => {
  it('names the later steps that hold something', () => {
    expect(stepsAffectedBy('source', sampleProject())).toEqual([]);
    expect(stepsAffectedBy('source', sampleProject({ ...ready, selection }))).toEqual([
      'Set up S3 bucket: the checks have to run again.',
      'Select tables to migrate data: the selected tables are looked up in the new source.',
    ]);
  });
});
