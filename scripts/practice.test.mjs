import { describe, expect, it } from 'vitest';
import { parsePracticeArguments } from './lib/practice-arguments.mjs';
import { buildConnections, buildWorkflow } from './lib/practice-files.mjs';
import { formatPracticeReport, judgePractice } from './lib/practice-report.mjs';

const sandbox = {
  redshift: { host: '127.0.0.1', port: 1, database: 'dev', user: 'u', password: 'p1' },
  s3: {
    endpoint: 'http://127.0.0.1:2',
    region: 'us-east-1',
    bucket: 'b',
    accessKeyId: 'AKIA',
    secretAccessKey: 'p2',
    iamRoleArn: 'arn:aws:iam::111122223333:role/unload',
  },
  snowflake: {
    accessUrl: 'http://127.0.0.1:3',
    account: 'a',
    user: 's',
    password: 'p3',
    database: 'DB',
    schema: 'TPCH',
    warehouse: 'WH',
    role: 'R',
    stage: 'STAGE',
  },
};

const table = {
  source: 'dev.tpch.region',
  sourceRows: 5,
  stagedRows: 5,
  loadedRows: 5,
  stagedBytes: 1234,
  partitions: 1,
  elapsedMs: 1500,
  outcome: 'loaded',
  error: null,
};
const good = {
  outcome: 'done',
  tables: [table],
  validation: { passed: 3, warnings: 0, failed: 0, notCompared: 0 },
  elapsedMs: 2000,
};

describe('parsePracticeArguments', () => {
  it('takes unload from Redshift at a small scale when nothing is said', () => {
    expect(parsePracticeArguments([])).toEqual({
      help: false,
      source: 'redshift',
      strategy: 'unload',
      scale: 0.01,
      json: false,
    });
  });

  it('takes regular for SQL Server', () => {
    expect(parsePracticeArguments(['--source', 'sqlserver'])).toMatchObject({ strategy: 'regular' });
  });

  it.each([
    [['--source', 'oracle'], '--source takes redshift or sqlserver, not "oracle".'],
    [['--scale', '0'], '--scale takes a number above 0 up to 100, not "0".'],
    [['--scale', '1e9'], '--scale takes a number above 0 up to 100, not "1e9".'],
    [['--source', 'sqlserver', '--strategy', 'unload'], 'SQL Server has no UNLOAD'],
    [['--fast'], "Unknown option '--fast'"],
  ])('refuses %j as bad input', (argv, sentence) => {
    expect(() => parsePracticeArguments(argv)).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringContaining(sentence) }),
    );
  });
});

describe('the practice files', () => {
  it('name eight tables and the external stage', () => {
    const workflow = buildWorkflow({ source: 'redshift', strategy: 'unload', sandbox });
    expect(workflow.tables).toHaveLength(8);
    expect(workflow.defaultTableConfiguration.extraction).toEqual({
      strategy: 'unload',
      externalStage: 'DB.TPCH.STAGE',
    });
  });

  it('keep every secret in its slot, and nowhere else', () => {
    const { secrets, ...rest } = buildConnections({ source: 'redshift', sandbox });
    expect(secrets).toEqual({ 'source.password': 'p1', 's3.secretAccessKey': 'p2', 'snowflake.password': 'p3' });
    expect(JSON.stringify(rest)).not.toMatch(/p[123]/);
  });
});

describe('judgePractice', () => {
  it('is content when every row arrived and the checks passed', () => {
    expect(judgePractice(good)).toBeNull();
  });

  it.each([
    ['a lost row', { ...good, tables: [{ ...table, loadedRows: 4 }] }, '5 source rows, 5 staged, 4 loaded'],
    ['unknown counts', { ...good, tables: [{ ...table, sourceRows: null }] }, '- source rows'],
    ['a failed check', { ...good, validation: { ...good.validation, failed: 1 } }, '1 checks failed'],
    ['no check', { ...good, validation: { ...good.validation, passed: 0 } }, 'No check was made'],
    ['no table', { ...good, tables: [] }, 'no table'],
    ['another outcome', { ...good, outcome: 'paused' }, '"paused"'],
  ])('complains about %s', (_what, report, sentence) => {
    expect(judgePractice(report)).toContain(sentence);
  });
});

it('prints a table with thousands separators, errors with advice, and the outcome', () => {
  const failed = {
    ...table,
    source: 'dev.tpch.nation',
    outcome: 'failed',
    loadedRows: null,
    error: { code: 'X', title: 'No access', advice: 'Grant it.' },
  };
  expect(
    formatPracticeReport({
      ...good,
      outcome: 'finished-with-failures',
      tables: [{ ...table, stagedBytes: 1234567 }, failed],
    }),
  ).toBe(`table            source rows  staged  loaded      bytes  partitions  seconds  outcome
dev.tpch.region            5       5       5  1,234,567           1      1.5  loaded
dev.tpch.nation            5       5       -      1,234           1      1.5  failed

dev.tpch.nation: No access (X)
  Grant it.

Checks: 3 passed, 0 warnings, 0 failed, 0 not compared.
Outcome: finished-with-failures, after 2.0 seconds.
`);
});
