import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors/app-error';
import type { LoadRequest } from '../target.ts';
import { loadPartition } from './load-partition.ts';
import { createSessionPool, type SessionPool } from './session-pool.ts';
import {
  startScriptedAccount,
  type ScriptedAccount,
  type ScriptedAnswer,
  type ScriptedStatement,
} from './testing/scripted-account.ts';
import { settingsFor } from './testing/settings.ts';

let account: ScriptedAccount | null = null;
let pool: SessionPool | null = null;

afterEach(async () => {
  await pool?.close();
  await account?.close();
  pool = null;
  account = null;
});

const request: LoadRequest = {
  table: { database: 'DB', schema: 'PUBLIC', name: 'ORDERS' },
  columns: [{ targetName: 'ID', loadExpression: '$1:c1::NUMBER(38,0)' }],
  stage: { database: 'DB', schema: 'STAGES', name: 'S3' },
  path: 'run/',
  files: ['a.parquet', 'b.parquet'],
  ledger: { database: 'L', schema: 'S' },
  runId: 'r1',
  tableId: 't1',
  partitionId: 'p1',
  attemptId: 'attempt-1',
  expectedRows: 7,
  fileDigest: 'd1',
  deletePredicate: null,
};

const LEDGER_COLUMNS = [
  'RUN_ID',
  'TABLE_ID',
  'PARTITION_ID',
  'TARGET_TABLE',
  'ATTEMPT_ID',
  'STATE',
  'EXPECTED_ROWS',
  'LOADED_ROWS',
  'FILE_DIGEST',
];
const ledger = (state: string, attempt: string | null = null, loaded: string | null = null): ScriptedAnswer => ({
  columns: LEDGER_COLUMNS,
  rows: [['r1', 't1', 'p1', 'DB.PUBLIC.ORDERS', attempt, state, null, loaded, null]],
});
const copied = (files: [string, string, string][]): ScriptedAnswer => ({
  columns: ['file', 'status', 'rows_parsed', 'rows_loaded', 'error_limit', 'errors_seen', 'first_error'],
  rows: files.map(([file, status, rows]) => [`s3://bucket/run/${file}`, status, rows, rows, '1', '0', null]),
});
const allCopied = copied([
  ['a.parquet', 'LOADED', '3'],
  ['b.parquet', 'LOADED', '4'],
]);
const updated = (count: number): ScriptedAnswer => ({
  columns: ['number of rows updated', 'number of multi-joined rows updated'],
  rows: [[String(count), '0']],
});
const none: ScriptedAnswer = { columns: ['status'], rows: [['Statement executed successfully.']] };

type Script = Partial<
  Record<
    'SELECT' | 'BEGIN' | 'DELETE' | 'COPY' | 'UPDATE' | 'COMMIT' | 'SHOW',
    (statement: ScriptedStatement) => ScriptedAnswer
  >
>;

async function load(script: Script, changes: Partial<LoadRequest> = {}, signal = new AbortController().signal) {
  account = await startScriptedAccount({
    statement: (statement) => {
      const verb = statement.sql.split(/\s/)[0] as keyof Script;
      const scripted = script[verb]?.(statement);
      if (scripted) return scripted;
      if (verb === 'SELECT') return ledger('PLANNED');
      if (verb === 'COPY') return allCopied;
      if (verb === 'UPDATE') return updated(1);
      return verb === 'SHOW' ? { columns: ['id', 'user', 'session'], rows: [] } : none;
    },
  });
  pool = createSessionPool({ settings: settingsFor(account.url), secrets: { 'snowflake.password': 'pw-pw' } });
  return loadPartition(pool, { ...request, ...changes }, signal);
}

async function failing(script: Script, changes: Partial<LoadRequest> = {}): Promise<AppError> {
  const error: unknown = await load(script, changes).catch((reason: unknown) => reason);
  if (error instanceof AppError) return error;
  throw new Error(`expected an AppError, got ${JSON.stringify(error)}`);
}

/** Verbs of the loading session after its set-up. */
function verbs(sessionId = '1001'): string[] {
  const all = (account?.statements ?? []).filter(
    (statement) => statement.sessionId === sessionId && !/ALTER SESSION|CURRENT_SESSION/.test(statement.sql),
  );
  return all.map((statement) => statement.sql.split(/\s/)[0] ?? '');
}

describe('loadPartition', () => {
  it('copies, marks the ledger and commits on a session of its own that it closes', async () => {
    const sessions: string[] = [];
    const outcome = await load({}, { onSession: (id) => void sessions.push(id) });
    expect(outcome).toMatchObject({ kind: 'loaded', loadedRows: 7 });
    expect(verbs()).toEqual(['SELECT', 'BEGIN', 'COPY', 'UPDATE', 'COMMIT']);
    expect(sessions).toEqual(['1001']);
    const update = account?.statements.find((statement) => statement.sql.startsWith('UPDATE'));
    expect(update?.binds).toEqual([
      'attempt-1',
      '7',
      '7',
      'd1',
      '1001',
      expect.stringMatching(/^01/),
      'r1',
      't1',
      'p1',
    ]);
    expect(account?.statements[0]?.sql).toContain(
      `QUERY_TAG = '{"app":"snowferry","run":"r1","table":"t1","partition":"p1","attempt":"attempt-1"}'`,
    );
  });

  it('deletes the rows of the partition first when it may have been loaded before', async () => {
    await load({}, { deletePredicate: '"ID" < 10' });
    expect(verbs()).toEqual(['SELECT', 'BEGIN', 'DELETE', 'COPY', 'UPDATE', 'COMMIT']);
  });

  it('changes nothing when the ledger says that the partition is loaded', async () => {
    const outcome = await load({ SELECT: () => ledger('LOADED', 'attempt-0', '7') });
    expect(outcome).toEqual({ kind: 'already-loaded', loadedRows: 7 });
    expect(verbs()).toEqual(['SELECT']);
  });

  it('rolls back when another try marked the ledger first, and takes the partition for loaded', async () => {
    let reads = 0;
    const outcome = await load({
      UPDATE: () => updated(0),
      SELECT: () => ((reads += 1), reads === 1 ? ledger('PLANNED') : ledger('LOADED', 'attempt-0', '7')),
    });
    expect(outcome).toEqual({ kind: 'already-loaded', loadedRows: 7 });
    expect(verbs()).toEqual(['SELECT', 'BEGIN', 'COPY', 'UPDATE', 'SELECT', 'ROLLBACK', 'SELECT']);
  });

  it('rolls back when its ledger row does not change although nobody loaded the partition', async () => {
    const error = await failing({ UPDATE: () => updated(0) });
    expect(error.code).toBe('LOAD_LOST_RACE');
    expect(verbs()).toContain('ROLLBACK');
    expect(verbs()).not.toContain('COMMIT');
  });

  it('loads an empty partition without COPY', async () => {
    const outcome = await load({}, { files: [], expectedRows: 0 });
    expect(outcome).toMatchObject({ kind: 'loaded', loadedRows: 0 });
    expect(verbs()).toEqual(['SELECT', 'BEGIN', 'UPDATE', 'COMMIT']);
  });

  it('loads more than 1,000 files by several COPYs in one transaction', async () => {
    const files = Array.from({ length: 2500 }, (_, index) => `f${index}.parquet`);
    const outcome = await load(
      {
        COPY: ({ sql }) =>
          copied([...sql.matchAll(/'(f\d+\.parquet)'/g)].map((match) => [match[1] ?? '', 'LOADED', '2'])),
      },
      { files, expectedRows: 5000 },
    );
    expect(outcome).toMatchObject({ kind: 'loaded', loadedRows: 5000 });
    expect(verbs()).toEqual(['SELECT', 'BEGIN', 'COPY', 'COPY', 'COPY', 'UPDATE', 'COMMIT']);
  });

  it.each<[string, Script, string]>([
    [
      'rows are missing',
      {
        COPY: () =>
          copied([
            ['a.parquet', 'LOADED', '3'],
            ['b.parquet', 'LOADED', '3'],
          ]),
      },
      'LOAD_COUNT_MISMATCH',
    ],
    [
      'a file was loaded in part',
      {
        COPY: () =>
          copied([
            ['a.parquet', 'LOADED', '3'],
            ['b.parquet', 'PARTIALLY_LOADED', '4'],
          ]),
      },
      'LOAD_REFUSED',
    ],
    ['COPY left a file out', { COPY: () => copied([['a.parquet', 'LOADED', '7']]) }, 'LOAD_COUNT_MISMATCH'],
    [
      'COPY loaded nothing',
      { COPY: () => ({ columns: ['status'], rows: [['Copy executed with 0 files processed.']] }) },
      'LOAD_COUNT_MISMATCH',
    ],
    [
      'a file is gone',
      {
        COPY: () => ({
          error: {
            code: '091016',
            message: "Remote file 's3://bucket/run/b.parquet' was not found. If you are running a copy command, ...",
          },
        }),
      },
      'S3_OBJECT_MISSING',
    ],
    [
      'a value does not fit',
      {
        COPY: () => ({
          error: {
            code: '100078',
            message:
              'String \'too long\' is too long and would be truncated\n  File \'run/b.parquet\', line 2, character 0\n  Row 2, column "ORDERS"["NOTE":2]',
          },
        }),
      },
      'LOAD_REFUSED',
    ],
    ['the ledger holds the partition twice', { UPDATE: () => updated(2) }, 'INTERNAL'],
    [
      'COMMIT is refused',
      { COMMIT: () => ({ error: { code: '000625', message: 'Statement was aborted.' } }) },
      'STATEMENT_CANCELLED_BY_SERVER',
    ],
  ])('rolls back when %s', async (_, script, code) => {
    const error = await failing(script);
    expect(error.code).toBe(code);
    expect(verbs().at(-1)).toBe('ROLLBACK');
  });

  it('names file, row and column of a value that does not fit', async () => {
    const message =
      'Numeric value \'x\' is not recognized\n  File \'run/b.parquet\', line 2, character 0\n  Row 2, column "ORDERS"["ID":1]';
    const error = await failing({ COPY: () => ({ error: { code: '100038', message } }) });
    expect(error.facts).toMatchObject({ table: 'DB.PUBLIC.ORDERS', file: 'run/b.parquet' });
    expect(error.message).toContain('Row 2, column "ORDERS"["ID":1]');
  });

  it('rolls back and says so by an AbortError when it is cancelled during COPY', async () => {
    const controller = new AbortController();
    const running = load({ COPY: () => 'hang' }, {}, controller.signal);
    await expect.poll(() => verbs().at(-1)).toBe('COPY');
    controller.abort();
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    expect(verbs()).toEqual(['SELECT', 'BEGIN', 'COPY', 'ROLLBACK']);
    expect(account?.cancelled).toHaveLength(1);
  });

  it('tries the ledger again when too many statements wait for its lock', async () => {
    let refusals = 1;
    const waiting: ScriptedAnswer = {
      error: {
        code: '000625',
        message:
          'Your statement was aborted because the number of waiters for this lock exceeds the 20 statements limit.',
      },
    };
    const outcome = await load({ UPDATE: () => (refusals-- > 0 ? waiting : updated(1)) });
    expect(outcome).toMatchObject({ kind: 'loaded' });
    expect(verbs()).toEqual(['SELECT', 'BEGIN', 'COPY', 'UPDATE', 'UPDATE', 'COMMIT']);
  });

  it('does not begin without a row in the ledger', async () => {
    const error = await failing({ SELECT: () => ({ columns: LEDGER_COLUMNS, rows: [] }) });
    expect(error.code).toBe('INTERNAL');
    expect(verbs()).toEqual(['SELECT']);
  });
});

describe('a session that is lost inside the transaction', () => {
  it('leaves no transaction behind: another session ends it', async () => {
    const gone = { error: { code: '390111', message: 'Session no longer exists. New login required.' } };
    let isOpen = true;
    const error = await failing({
      COPY: () => gone,
      SHOW: () => ({ columns: ['id', 'user', 'session'], rows: isOpen ? [['77', 'ADA', '1001']] : [] }),
      SELECT: ({ sql }) => {
        if (!sql.includes('SYSTEM$ABORT_TRANSACTION(77)')) return ledger('PLANNED');
        isOpen = false;
        return { columns: ['aborted'], rows: [['Aborted transaction id: 77']] };
      },
    });
    expect(error.code).toBe('SESSION_EXPIRED');
    expect(isOpen).toBe(false);
  });
});

describe('a COMMIT whose answer is lost', () => {
  /** The session is gone when COMMIT is sent: the SDK answers that without retries. */
  const gone: ScriptedAnswer = {
    error: { code: '390111', message: 'Session no longer exists. New login required to access the service.' },
  };

  it('counts as loaded when the ledger, read by a new session, shows this attempt', async () => {
    let committed = false;
    const outcome = await load({
      COMMIT: () => {
        committed = true;
        return gone;
      },
      SELECT: () => (committed ? ledger('LOADED', 'attempt-1', '7') : ledger('PLANNED')),
    });
    expect(outcome).toMatchObject({ kind: 'loaded', loadedRows: 7 });
    expect(verbs('1002')).toEqual(['SHOW', 'SELECT']);
  });

  it('is an error that may be repeated when the ledger shows nothing', async () => {
    const error = await failing({ COMMIT: () => gone });
    expect(error.code).toBe('SESSION_EXPIRED');
    expect(verbs().filter((verb) => verb === 'COPY')).toHaveLength(1);
  });

  it('counts as loaded by another attempt when the ledger shows that one', async () => {
    let committed = false;
    const outcome = await load({
      COMMIT: () => {
        committed = true;
        return gone;
      },
      SELECT: () => (committed ? ledger('LOADED', 'attempt-9', '7') : ledger('PLANNED')),
    });
    expect(outcome).toEqual({ kind: 'already-loaded', loadedRows: 7 });
  });

  it('waits until the old transaction is gone before it reads the ledger', async () => {
    let looks = 0;
    let committed = false;
    const outcome = await load({
      COMMIT: () => {
        committed = true;
        return gone;
      },
      SHOW: () => ({ columns: ['id', 'user', 'session'], rows: looks++ === 0 ? [['77', 'ADA', '1001']] : [] }),
      SELECT: () => (committed ? ledger('LOADED', 'attempt-1', '7') : ledger('PLANNED')),
    });
    expect(outcome).toMatchObject({ kind: 'loaded' });
    expect(verbs('1002')).toEqual(['SHOW', 'SHOW', 'SELECT']);
  });

  it('stays in doubt when no new session can be opened', async () => {
    account = await startScriptedAccount({
      login: () =>
        (account?.logins.length ?? 0) > 1
          ? { code: '390100', message: 'Incorrect username or password was specified.' }
          : null,
      statement: ({ sql }) => {
        if (sql.startsWith('COMMIT')) return gone;
        if (sql.startsWith('SELECT')) return ledger('PLANNED');
        if (sql.startsWith('COPY')) return allCopied;
        return sql.startsWith('UPDATE') ? updated(1) : none;
      },
    });
    pool = createSessionPool({ settings: settingsFor(account.url), secrets: { 'snowflake.password': 'pw-pw' } });
    await expect(loadPartition(pool, request, new AbortController().signal)).rejects.toMatchObject({
      code: 'LOAD_IN_DOUBT',
    });
  });
});
