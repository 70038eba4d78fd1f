import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JournalInstance } from '#shared/model/journal';
import type { LedgerRow, LoadRequest, Target } from '../target.ts';
import { startSandboxProcess, type SandboxProcess } from '../../lib/testing/sandbox-process.ts';
import { connect, type Session } from './connect.ts';
import { execute } from './execute.ts';
import { createSnowflakeTarget } from './snowflake-target.ts';
import { settingsFor } from './testing/settings.ts';

interface PracticeAccount {
  accessUrl: string;
  account: string;
  user: string;
  password: string;
  database: string;
  schema: string;
  warehouse: string;
  role: string;
}

let sandbox: SandboxProcess;
let account: PracticeAccount;
let session: Session;
let one: Target;
let other: Target;
const signal = new AbortController().signal;
const ledger = { database: 'SNOWFERRY_LEASES', schema: 'LEDGER' };

beforeAll(async () => {
  sandbox = await startSandboxProcess(['--scale', '0.001']);
  account = (sandbox.description as unknown as { snowflake: PracticeAccount }).snowflake;
  const { accessUrl, user, role, warehouse } = account;
  const settings = settingsFor(accessUrl, { account: account.account, user, role, warehouse });
  const secrets = { 'snowflake.password': account.password };
  session = await connect({ settings, secrets, signal });
  one = createSnowflakeTarget({ settings, secrets });
  other = createSnowflakeTarget({ settings, secrets });
  await one.ensureLedger(ledger, { signal });
});

afterAll(async () => {
  await Promise.allSettled([one?.close(), other?.close(), session?.close()]);
  await sandbox?.stop();
});

const instance = (host: string): JournalInstance => ({ id: randomUUID(), host, pid: 7, user: 'ada', machine: host });
const take = (target: Target, runId: string, holder: JournalInstance, takeOverFrom: string | null = null) =>
  target.acquireLease({ ledger, runId, holder, leaseSeconds: 60, takeOverFrom }, { signal });
const expire = (runId: string): Promise<unknown> =>
  execute(session, {
    sql: `UPDATE SNOWFERRY_LEASES.LEDGER.RUN_LEASE SET EXPIRES_AT = DATEADD('second', -1, CURRENT_TIMESTAMP()) WHERE RUN_ID = ?`,
    binds: [runId],
    signal,
  });

describe('a lease in the ledger', () => {
  it('is held by one instance, which others are told about', async () => {
    const [mine, yours] = [instance('LAPTOP'), instance('DESKTOP')];
    expect(await take(one, 'r1', mine)).toEqual({ kind: 'held' });
    const answer = await take(other, 'r1', yours);
    expect(answer).toMatchObject({
      kind: 'held-by-other',
      by: { instanceId: mine.id, host: 'LAPTOP', pid: 7, user: 'ada' },
    });
    expect(answer.kind === 'held-by-other' && answer.by.since).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/);
    expect(await take(one, 'r1', mine)).toEqual({ kind: 'held' });
  });

  it('is got by exactly one of many that ask at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) => take(index % 2 === 0 ? one : other, 'r2', instance(`HOST${index}`))),
    );
    expect(answers.filter(({ kind }) => kind === 'held')).toHaveLength(1);
    const { rows } = await execute(session, {
      sql: "SELECT COUNT(*) FROM SNOWFERRY_LEASES.LEDGER.RUN_LEASE WHERE RUN_ID = 'r2'",
      signal,
    });
    expect(rows).toEqual([['1']]);
  });

  it('is taken over when it has run out by the clock of Snowflake, and cannot be renewed then', async () => {
    const [mine, yours] = [instance('LAPTOP'), instance('DESKTOP')];
    await take(one, 'r3', mine);
    await expire('r3');
    expect(await take(other, 'r3', yours)).toEqual({ kind: 'held' });
    const request = { ledger, runId: 'r3', instanceId: mine.id, leaseSeconds: 60 };
    expect(await one.renewLease(request, { signal })).toMatchObject({ kind: 'lost', by: { host: 'DESKTOP' } });
  });

  it('that ran out and that nobody took is renewed', async () => {
    const mine = instance('LAPTOP');
    await take(one, 'r4', mine);
    await expire('r4');
    const request = { ledger, runId: 'r4', instanceId: mine.id, leaseSeconds: 60 };
    expect(await one.renewLease(request, { signal })).toEqual({ kind: 'held' });
    expect(await take(other, 'r4', instance('DESKTOP'))).toMatchObject({ kind: 'held-by-other' });
  });

  it('is free after it was given back, and given to who knows that its holder is dead', async () => {
    const [mine, yours, third] = [instance('A'), instance('B'), instance('C')];
    await take(one, 'r5', mine);
    await one.releaseLease({ ledger, runId: 'r5', instanceId: mine.id }, { signal });
    expect(await take(other, 'r5', yours)).toEqual({ kind: 'held' });
    expect(await take(one, 'r5', third, yours.id)).toEqual({ kind: 'held' });
  });
});

describe('a load', () => {
  const load = async (runId: string, instanceId: string): Promise<LoadRequest> => {
    const name = `T_${randomUUID().replaceAll('-', '_').toUpperCase()}`;
    const table = { database: account.database, schema: account.schema, name };
    await execute(session, {
      sql: `CREATE TABLE "${table.database}"."${table.schema}"."${name}" (ID NUMBER(38,0))`,
      signal,
    });
    const row: LedgerRow = {
      runId,
      tableId: 't',
      partitionId: name,
      targetTable: `${table.database}.${table.schema}.${name}`,
      attemptId: null,
      state: 'PLANNED',
      expectedRows: null,
      loadedRows: null,
      fileDigest: null,
    };
    await one.registerPartitions({ ledger, rows: [row] }, { signal });
    return {
      table,
      columns: [{ targetName: 'ID', loadExpression: '$1:c1::NUMBER(38,0)' }],
      stage: { database: account.database, schema: account.schema, name: 'NONE' },
      path: 'none/',
      files: [],
      ledger,
      runId,
      tableId: 't',
      partitionId: name,
      attemptId: randomUUID(),
      expectedRows: 0,
      fileDigest: 'd',
      deletePredicate: null,
      lease: { instanceId },
    };
  };

  it('commits on a lease that is held', async () => {
    const mine = instance('LAPTOP');
    await take(one, 'r6', mine);
    expect(await one.loadPartition(await load('r6', mine.id), { signal })).toMatchObject({ kind: 'loaded' });
  });

  it.each([
    ['ran out', async (runId: string) => void (await expire(runId))],
    [
      'was taken over',
      async (runId: string) => {
        await expire(runId);
        await take(other, runId, instance('DESKTOP'));
      },
    ],
  ])('does not commit on a lease that %s', async (what, lose) => {
    const mine = instance('LAPTOP');
    const runId = `load ${what}`;
    await take(one, runId, mine);
    const request = await load(runId, mine.id);
    await lose(runId);
    await expect(one.loadPartition(request, { signal })).rejects.toMatchObject({ code: 'LEASE_LOST' });
    expect((await one.readLedger({ ledger, runId }, { signal })).map(({ state }) => state)).toEqual(['PLANNED']);
  });

  it('is taken back for a table that is gone, by the holder of the lease only', async () => {
    const mine = instance('LAPTOP');
    await take(one, 'r9', mine);
    await one.loadPartition(await load('r9', mine.id), { signal });
    const request = { ledger, runId: 'r9', tableId: 't' };
    await expect(one.forgetLoads({ ...request, instanceId: 'another' }, { signal })).rejects.toMatchObject({
      code: 'LEASE_LOST',
    });
    expect(await one.forgetLoads({ ...request, instanceId: mine.id }, { signal })).toBe(1);
    expect(await one.readLedger({ ledger, runId: 'r9' }, { signal })).toMatchObject([
      { state: 'PLANNED', attemptId: null, loadedRows: null },
    ]);
  });

  it('of another run into the same table is seen while that run holds its lease', async () => {
    const [mine, yours] = [instance('LAPTOP'), instance('DESKTOP')];
    await take(one, 'r7', mine);
    await take(other, 'r8', yours);
    const request = await load('r7', mine.id);
    const row = (await one.readLedger({ ledger, runId: 'r7' }, { signal }))[0] as LedgerRow;
    await one.registerPartitions({ ledger, rows: [{ ...row, runId: 'r8' }] }, { signal });
    const seen = await other.otherRunsInto({ ledger, runId: 'r8' }, { signal });
    expect(seen).toMatchObject([{ runId: 'r7', holder: { host: 'LAPTOP' } }]);
    expect(seen[0]?.targetTable).toContain(request.table.name);
    await one.releaseLease({ ledger, runId: 'r7', instanceId: mine.id }, { signal });
    expect(await other.otherRunsInto({ ledger, runId: 'r8' }, { signal })).toEqual([]);
  });
});
