import sql from 'mssql';
import { Connection, Request } from 'tedious';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ResultColumn } from '../engine-contract.ts';
import { startTdsServer, type TdsServer } from '../server.ts';
import type { TdsFault, TdsMessageInfo } from './fault.ts';
import { PRACTICE_CERTIFICATE } from './testing/practice-certificate.ts';
import { createScriptedEngine, statementOf, type ScriptedEngine } from './testing/scripted-engine.ts';

const { key, cert, ca } = PRACTICE_CERTIFICATE;
const COLUMN: ResultColumn = {
  name: 'n',
  type: { name: 'int' },
  nullable: false,
  isIdentity: false,
  isComputed: false,
};

let server: TdsServer;
let engine: ScriptedEngine;
let decide: (info: TdsMessageInfo) => TdsFault | null;
const infos: TdsMessageInfo[] = [];

beforeEach(async () => {
  infos.length = 0;
  decide = () => null;
  engine = createScriptedEngine({
    *script(call) {
      if (!statementOf(call).startsWith('select')) return;
      yield { kind: 'columns', columns: [COLUMN] };
      yield { kind: 'rows', rows: Array.from({ length: 10_000 }, (_none, index) => [index]) };
      yield { kind: 'done', rowCount: 10_000 };
    },
  });
  server = await startTdsServer({
    engine,
    tls: { mode: 'offered', key, cert },
    onMessage: (info) => {
      infos.push(info);
      return decide(info);
    },
  });
});

afterEach(async () => {
  await server.close();
  expect(engine.openSessions).toBe(0);
});

function connect(encrypt = false): Promise<Connection> {
  const connection = new Connection({
    server: 'localhost',
    authentication: { type: 'default', options: { userName: 'sa', password: 'Practice1' } },
    options: {
      port: server.port,
      encrypt,
      cryptoCredentialsDetails: { ca },
      database: 'shop',
      appName: 'faults',
      maxRetriesOnTransientErrors: 0,
    },
  });
  connection.on('error', () => undefined);
  return new Promise((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve(connection)));
  });
}

/** Rows that came, and how it ended. */
function run(connection: Connection, text: string): Promise<{ rows: number; error: unknown }> {
  let rows = 0;
  return new Promise((resolve) => {
    const request = new Request(text, (error) => resolve({ rows, error: error ?? null }));
    request.on('row', () => (rows += 1));
    connection.execSqlBatch(request);
  });
}

const onSelect = (fault: TdsFault) => (info: TdsMessageInfo) => (info.sql.startsWith('select') ? fault : null);

describe('a hook', () => {
  it('sees who asks for what', async () => {
    const pool = await new sql.ConnectionPool({
      server: 'localhost',
      port: server.port,
      user: 'sa',
      password: 'Practice1',
      database: 'shop',
      options: { encrypt: true, cryptoCredentialsDetails: { ca }, appName: 'faults' },
    }).connect();
    infos.length = 0;
    await pool.request().query('select n');
    await pool.close();
    const seen = infos.filter((info) => info.sql !== 'SELECT 1;');
    expect(seen.map((info) => info.operation)).toEqual(['connect', 'tls', 'login', 'batch', 'rpc']);
    expect(seen[2]).toMatchObject({ user: 'sa', database: 'shop', applicationName: 'faults' });
    expect(seen[4]).toMatchObject({ sql: 'select n', procedure: 'sp_executesql', user: 'sa', database: 'shop' });
    const numbers = infos.map((info) => info.number);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  });
});

describe('a hook that throws', () => {
  it.each(['connect', 'tls', 'login', 'batch'] as const)('at %s ends the connection and no more', async (operation) => {
    decide = (info) => {
      if (info.operation === operation) throw new Error('a defect of a test');
      return null;
    };
    await expect(connect(true)).rejects.toThrow();
    await expect.poll(() => server.connections).toBe(0);
    decide = () => null;
    (await connect(true)).close();
  });
});

describe('a fault', () => {
  it.each(['connect', 'tls', 'login'] as const)('resets a connection at %s', async (operation) => {
    decide = (info) => (info.operation === operation ? { kind: 'reset' } : null);
    await expect(connect(true)).rejects.toMatchObject({ code: 'ESOCKET' });
    decide = () => null;
    (await connect(true)).close();
  });

  it('refuses a login with any error', async () => {
    decide = (info) =>
      info.operation === 'login'
        ? { kind: 'error', number: 40_613, class: 17, state: 1, text: 'The database is not currently available.' }
        : null;
    await expect(connect()).rejects.toMatchObject({
      code: 'ELOGIN',
      message: 'The database is not currently available.',
    });
  });

  it.each([
    [0, false],
    [20_000, false],
    [20_000, true],
  ])('resets a connection in the middle of an answer, behind %i bytes, encrypted %s', async (afterBytes, encrypt) => {
    const connection = await connect(encrypt);
    decide = onSelect({ kind: 'reset', afterBytes });
    const { rows, error } = await run(connection, 'select n');
    expect(error).toMatchObject({ code: 'ECONNRESET' });
    expect(rows < 10_000).toBe(true);
    expect(rows > 0).toBe(afterBytes > 0);
    connection.close();
  });

  it('holds an answer back for a while and then goes on', async () => {
    const connection = await connect();
    decide = onSelect({ kind: 'stall', forMs: 80, afterBytes: 20_000 });
    const startedAt = performance.now();
    expect(await run(connection, 'select n')).toEqual({ rows: 10_000, error: null });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(75);
    connection.close();
  });

  it('holds an answer back until the client goes', async () => {
    const connection = await connect();
    decide = onSelect({ kind: 'stall' });
    const outcome = run(connection, 'select n');
    await expect.poll(() => infos.some((info) => info.sql === 'select n')).toBe(true);
    connection.close();
    expect((await outcome).error).toMatchObject({ code: 'ECLOSE' });
    await expect.poll(() => server.connections).toBe(0);
  });

  it('is an error instead of an answer, or behind some of its rows', async () => {
    const connection = await connect();
    decide = onSelect({ kind: 'error', number: 9002, class: 17, state: 4, text: 'The log is full.' });
    expect(await run(connection, 'select n')).toMatchObject({ rows: 0, error: { number: 9002, class: 17, state: 4 } });
    decide = onSelect({ kind: 'error', number: 823, class: 16, state: 2, text: 'I/O error.', afterRows: 100 });
    expect(await run(connection, 'select n')).toMatchObject({ rows: 100, error: { number: 823 } });
    decide = () => null;
    expect(await run(connection, 'select n')).toEqual({ rows: 10_000, error: null });
    connection.close();
  });

  it('makes a transaction the victim of a deadlock, which ends it', async () => {
    const connection = await connect();
    await new Promise((resolve) => connection.beginTransaction(resolve));
    decide = onSelect({ kind: 'deadlock', afterRows: 5 });
    expect(await run(connection, 'select n')).toMatchObject({ rows: 5, error: { number: 1205, class: 13 } });
    expect(engine.calls.some((call) => call.kind === 'rollback')).toBe(true);
    decide = () => null;
    expect(await run(connection, 'select n')).toEqual({ rows: 10_000, error: null });
    connection.close();
  });

  it('kills a session', async () => {
    const connection = await connect();
    decide = onSelect({ kind: 'kill' });
    expect(await run(connection, 'select n')).toMatchObject({ rows: 0, error: { number: 596, class: 21 } });
    await expect.poll(() => server.connections).toBe(0);
    connection.close();
  });
});
