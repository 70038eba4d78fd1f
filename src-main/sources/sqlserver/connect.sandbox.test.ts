import { createServer, type AddressInfo, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { Secrets, SqlServerSettings } from '#shared/model/connection-settings';
import type { EngineEvent, SqlMessage } from '../../../src-sandbox/sqlserver/engine-contract.ts';
import { PRACTICE_CERTIFICATE } from '../../../src-sandbox/sqlserver/protocol/testing/practice-certificate.ts';
import {
  createScriptedEngine,
  statementOf,
  type ScriptedEngine,
} from '../../../src-sandbox/sqlserver/protocol/testing/scripted-engine.ts';
import { startTdsServer, type TdsServer, type TdsServerOptions } from '../../../src-sandbox/sqlserver/server.ts';
import { connect, type Session } from './connect.ts';
import { toStatementError } from './errors.ts';

const { key, cert } = PRACTICE_CERTIFICATE;
const caFile = fileURLToPath(new URL('../../../src-sandbox/redshift/tls/ca.pem', import.meta.url));
const { signal } = new AbortController();

const opened: { close(): Promise<unknown> }[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

const int = (name: string) =>
  ({ name, type: { name: 'int' }, nullable: false, isIdentity: false, isComputed: false }) as const;
const text = (name: string) =>
  ({
    name,
    type: { name: 'nvarchar', length: 50, collation: 'Latin1_General_CI_AS' },
    nullable: true,
    isIdentity: false,
    isComputed: false,
  }) as const;

function message(number: number, severity: number, words: string): SqlMessage {
  return { number, state: 1, class: severity, message: words, procedure: '', line: 7 };
}

/** Answers what these tests ask and accepts everything else, as it knows no SQL. */
function createEngine(): ScriptedEngine {
  return createScriptedEngine({
    users: { sa: 'Practice1', 'SHOP\\ada': 'Wind0ws!' },
    async *script(call, ended): AsyncIterable<EngineEvent> {
      const statement = statementOf(call);
      const error = /^FAIL (\d+) (\d+)/.exec(statement);
      if (error) yield { kind: 'message', message: message(Number(error[1]), Number(error[2]), 'It went wrong.') };
      if (statement === 'VALUES') {
        yield { kind: 'columns', columns: [int('n'), text('t')] };
        yield {
          kind: 'rows',
          rows: [
            [1, 'Ä 🚢'],
            [2, null],
            [3, ''],
          ],
        };
        yield { kind: 'done', rowCount: 3 };
        return;
      }
      if (statement === 'SLEEP') await new Promise<void>((resolve) => ended.addEventListener('abort', () => resolve()));
      yield { kind: 'done', rowCount: null };
    },
  });
}

async function start(options: Partial<TdsServerOptions> = {}): Promise<{ server: TdsServer; engine: ScriptedEngine }> {
  const engine = createEngine();
  const server = await startTdsServer({ engine, tls: { mode: 'offered', key, cert }, ...options });
  opened.push(server);
  return { server, engine };
}

interface Patch {
  settings?: Partial<SqlServerSettings>;
  secrets?: Secrets;
  signal?: AbortSignal;
  connectTimeoutMs?: number;
}

async function open(port: number, patch: Patch = {}): Promise<Session> {
  const session = await connect({
    settings: {
      kind: 'sqlserver',
      host: 'localhost',
      instance: '',
      port,
      database: 'shop',
      auth: { kind: 'sql-login', user: 'sa' },
      encrypt: true,
      trustServerCertificate: false,
      caFile,
      readOnlyIntent: false,
      ...patch.settings,
    },
    secrets: patch.secrets ?? { 'source.password': 'Practice1' },
    signal: patch.signal ?? signal,
    connectTimeoutMs: patch.connectTimeoutMs ?? 10_000,
  });
  opened.push(session);
  return session;
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('It did not fail.');
}

async function listenWith(onSocket: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.push(socket);
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push({ close: () => new Promise((resolve) => server.close(resolve)) });
  return (server.address() as AddressInfo).port;
}

describe('connect', () => {
  it('logs in encrypted, tells the server who it is, and reads values as text', async () => {
    const { server, engine } = await start();
    const session = await open(server.port, { settings: { readOnlyIntent: true } });
    expect(session.encryption).toMatchObject({ protocol: 'TLSv1.2' });
    expect(await session.query('VALUES', { signal })).toEqual({
      columns: ['n', 't'],
      fields: [
        { name: 'n', nativeType: 'int', nullable: false, isIdentity: false, isComputed: false },
        { name: 't', nativeType: 'nvarchar(50)', nullable: true, isIdentity: false, isComputed: false },
      ],
      rows: [
        ['1', 'Ä 🚢'],
        ['2', null],
        ['3', ''],
      ],
    });
    expect(engine.calls.find((call) => call.kind === 'login')?.request).toMatchObject({
      user: 'sa',
      database: 'shop',
      applicationName: 'Snowferry',
      readOnlyIntent: true,
    });
  });

  it('logs in with strict encryption', async () => {
    const { server } = await start({ tls: { mode: 'strict', key, cert } });
    const session = await open(server.port, { settings: { strictEncryption: true } });
    expect(session.encryption).not.toBeNull();
    expect((await session.query('VALUES', { signal })).rows).toHaveLength(3);
  });

  it('logs in with a Windows account by NTLM', async () => {
    const { server, engine } = await start({ domainUsers: [{ domain: 'SHOP', user: 'ada', password: 'Wind0ws!' }] });
    await open(server.port, {
      settings: { auth: { kind: 'ntlm', domain: 'shop', user: 'ada' } },
      secrets: { 'source.password': 'Wind0ws!' },
    });
    expect(engine.calls.find((call) => call.kind === 'login')?.request.user).toBe('SHOP\\ada');
  });

  it('binds parameters instead of writing them into the statement', async () => {
    const { server, engine } = await start();
    const session = await open(server.port);
    await session.query('VALUES', { signal, parameters: ["it's", 'x'] });
    const call = engine.calls.find((candidate) => candidate.kind === 'rpc');
    expect(call?.parameters.slice(2)).toMatchObject([
      { name: '@p1', value: "it's" },
      { name: '@p2', value: 'x' },
    ]);
  });

  it.each<[string, Patch, string, string | null]>([
    ['a wrong password', { secrets: { 'source.password': 'wrong-one' } }, 'LOGIN_FAILED', 'source.auth.password'],
    ['no password', { secrets: {} }, 'SECRET_MISSING', 'source.auth.password'],
    ['a wrong database', { settings: { database: 'nowhere' } }, 'DATABASE_NOT_FOUND', 'source.database'],
    ['a certificate of an unknown authority', { settings: { caFile: '' } }, 'TLS_NOT_TRUSTED', 'source.caFile'],
    [
      'a certificate of another host',
      { settings: { certificateHost: 'elsewhere.example' } },
      'TLS_HOST_MISMATCH',
      'source.certificateHost',
    ],
    ['a CA file that is missing', { settings: { caFile: '/no/such/file.pem' } }, 'FILE_NOT_READABLE', 'source.caFile'],
    ['a port where nothing listens', { settings: { port: 1 } }, 'CONNECTION_REFUSED', 'source.host'],
    ['a host that does not exist', { settings: { host: 'no-such-host.invalid' } }, 'HOST_NOT_FOUND', 'source.host'],
    ['no token', { settings: { auth: { kind: 'entra-token' } } }, 'SECRET_MISSING', 'source.token'],
  ])('names what is wrong with %s', async (_what, patch, code, field) => {
    const { server } = await start();
    expect(await failureOf(open(server.port, patch))).toMatchObject({ code, field });
  });

  it('gives number and state of a refused login', async () => {
    const { server } = await start();
    expect(await failureOf(open(server.port, { secrets: { 'source.password': 'wrong-one' } }))).toMatchObject({
      raw: expect.stringContaining("Msg 18456, level 14, state 1, line 1: Login failed for user 'sa'."),
      message: `localhost:${server.port} refused the login of sa.`,
    });
  });

  it('shows the certificate that is not trusted, says what mends that, and sends no password to see it', async () => {
    const { server, engine } = await start();
    expect(await failureOf(open(server.port, { settings: { caFile: '' } }))).toMatchObject({
      facts: {
        subject: expect.stringContaining('CN='),
        issuer: expect.stringContaining('CN='),
        detail: expect.stringMatching(/CA file.*Trust the server certificate/),
      },
    });
    expect(engine.calls).toEqual([]);
    await open(server.port, { settings: { caFile: '', trustServerCertificate: true } });
  });

  it('does not log in without encryption when encryption is wanted', async () => {
    const { server, engine } = await start({ tls: { mode: 'none' } });
    expect(await failureOf(open(server.port))).toMatchObject({ code: 'TLS_NOT_SUPPORTED', field: 'source.encrypt' });
    expect(engine.calls).toEqual([]);
    const session = await open(server.port, { settings: { encrypt: false } });
    expect(session.encryption).toBeNull();
  });

  it('says that the server insists on encryption', async () => {
    const { server } = await start({ tls: { mode: 'required', key, cert } });
    expect(await failureOf(open(server.port, { settings: { encrypt: false } }))).toMatchObject({
      code: 'TLS_REQUIRED',
      field: 'source.encrypt',
    });
  });

  it('gives up on a server that never answers', async () => {
    const port = await listenWith(() => undefined);
    expect(await failureOf(open(port, { connectTimeoutMs: 300 }))).toMatchObject({
      code: 'CONNECTION_TIMED_OUT',
      field: 'source.host',
    });
  });

  it('does not take another kind of server for a fault of its own', async () => {
    const port = await listenWith((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await failureOf(open(port, { connectTimeoutMs: 2000 }))).toMatchObject({
      code: expect.stringMatching(/^(NOT_A_SOURCE|CONNECTION_LOST|CONNECTION_TIMED_OUT)$/),
    });
  });

  it('stops waiting for a login when cancelled', async () => {
    const controller = new AbortController();
    const port = await listenWith(() => controller.abort());
    const failure = await failureOf(open(port, { signal: controller.signal }));
    expect((failure as Error).name).toBe('AbortError');
  });
});

describe('query', () => {
  const settings = {
    kind: 'sqlserver',
    host: 'h',
    instance: '',
    port: 1433,
    database: 'shop',
    auth: { kind: 'sql-login', user: 'sa' },
    encrypt: true,
    trustServerCertificate: false,
    caFile: '',
    readOnlyIntent: false,
  } satisfies SqlServerSettings;

  it.each([
    [208, 16, 'SOURCE_TABLE_NOT_FOUND'],
    [207, 16, 'SOURCE_COLUMN_CHANGED'],
    [229, 14, 'PERMISSION_DENIED'],
    [1205, 13, 'STATEMENT_CANCELLED_BY_SERVER'],
    [3960, 16, 'STATEMENT_CANCELLED_BY_SERVER'],
    [701, 17, 'SOURCE_OUT_OF_RESOURCES'],
    [102, 15, 'SOURCE_STATEMENT_FAILED'],
  ])('names error %i', async (number, severity, code) => {
    const { server } = await start();
    const session = await open(server.port);
    const failure = await failureOf(session.query(`FAIL ${number} ${severity}`, { signal }));
    expect(toStatementError(failure, { settings, table: 'shop.dbo.t' })).toMatchObject({
      code,
      raw: `Msg ${number}, level ${severity}, state 1, line 7: It went wrong.`,
    });
    expect((await session.query('VALUES', { signal })).rows).toHaveLength(3);
  });

  it('cancels the statement at the server and goes on with the same connection', async () => {
    const { server } = await start();
    const session = await open(server.port);
    const controller = new AbortController();
    const running = session.query('SLEEP', { signal: controller.signal });
    controller.abort();
    expect(((await failureOf(running)) as Error).name).toBe('AbortError');
    expect((await session.query('VALUES', { signal })).rows).toHaveLength(3);
  });

  it('ends a statement at its time limit', async () => {
    const { server } = await start();
    const session = await open(server.port);
    const failure = await failureOf(session.query('SLEEP', { signal, timeoutMs: 200 }));
    expect(toStatementError(failure, { settings, timeoutMs: 200 })).toMatchObject({ code: 'CONNECTION_TIMED_OUT' });
  });

  it('tells that the connection was lost', async () => {
    const { server } = await start();
    const session = await open(server.port);
    const running = failureOf(session.query('SLEEP', { signal }));
    await server.close();
    expect(toStatementError(await running, { settings })).toMatchObject({ code: 'CONNECTION_LOST' });
    expect(session.isOpen()).toBe(false);
  });
});
