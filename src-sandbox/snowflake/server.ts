import { createReadStream, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createCatalog } from './catalog/catalog.ts';
import { seedCatalog, type SeedUser } from './catalog/seed.ts';
import { openEngine } from './engine/database.ts';
import { createLockManager } from './engine/locks.ts';
import type { QueryRecord, ServerState } from './engine/server-state.ts';
import type { Session } from './engine/session.ts';
import { createTransactions } from './engine/transactions.ts';
import { SnowflakeError } from './errors.ts';
import { failure, statementFailure, success, type Envelope } from './protocol/envelope.ts';
import { createQueryRunner, type QueryBody, type QueryRunner } from './protocol/query-request.ts';
import { createSessionKeeper, closeSession, type SessionKeeper } from './protocol/sessions.ts';
import { handleObjectRequest, stageServices, type S3Options } from './stages/stage-services.ts';

/** What a fault hook sees of a request, before it is handled. */
export interface RequestInfo {
  method: string;
  path: string;
  requestId: string | null;
  /** For statements. */
  sql: string | null;
}

/**
 * What a fault hook can do: answer with an error (an HTTP one with `status`); cut the connection, or never answer, before or after the request is carried
 * out; wait first; let the token expire or lose the session (its open transaction stays); take a file in and forget it.
 */
export type RequestFault =
  | { kind: 'error'; code?: string; status?: number; message?: string; sqlState?: string }
  | { kind: 'drop' | 'stall'; when: 'before' | 'after' }
  | { kind: 'delay'; delayMs: number }
  | { kind: 'expire-session' | 'lose-session' | 'swallow' };

/** Plain data but for `onRequest` and `now`. */
export interface SnowflakeOptions {
  /** Default PRACTICE. */
  account?: string;
  users: SeedUser[];
  /** The endpoint behind s3:// URLs, and who Snowflake is there. */
  s3?: S3Options;
  /** Emptied and used while the server runs; a temporary directory by default. */
  dataDirectory?: string;
  /** 0 or nothing: a free port. */
  port?: number;
  /** Default 25,000: after this a statement's client is told to poll. */
  pollAfterMs?: number;
  /** Idle transactions that block others are aborted after this; the vendor's 5 minutes by default. */
  blockingIdleMs?: number;
  /** The vendor's 4 hours by default. */
  idleMs?: number;
  /** Makes database PRACTICE, warehouse PRACTICE_WH and the roles MIGRATOR and READER too; a new account has none of them. */
  withPractice?: boolean;
  onRequest?: (info: RequestInfo) => RequestFault | undefined;
  now?: () => Date;
}

export interface SnowflakeStandIn {
  accessUrl: string;
  account: string;
  close(): Promise<void>;
  /** The session's token expires: the driver has to renew it. */
  expireSession(sessionId: string): void;
  /** The client is gone without a word: its token is dead, its open transaction stays with its locks. */
  loseSession(sessionId: string): void;
  sessionIds(): string[];
  listOpenTransactions(): { id: string; sessionId: string; userName: string; startedOn: Date; detached: boolean }[];
  /** The statements so far, oldest first. */
  queryHistory(): Pick<
    QueryRecord,
    'id' | 'sessionId' | 'text' | 'queryTag' | 'status' | 'errorCode' | 'errorMessage'
  >[];
}

interface Server {
  state: ServerState;
  sessions: SessionKeeper;
  queries: QueryRunner;
  options: SnowflakeOptions;
}

/** Starts a stand-in for one Snowflake account on 127.0.0.1, speaking the protocol of the vendor's drivers over plain http. */
export async function startSnowflake(options: SnowflakeOptions): Promise<SnowflakeStandIn> {
  const isTemporary = options.dataDirectory === undefined;
  const directory = options.dataDirectory ?? mkdtempSync(path.join(tmpdir(), 'snowflake-'));
  rmSync(path.join(directory, 'practice.duckdb'), { force: true });
  rmSync(path.join(directory, 'practice.duckdb.wal'), { force: true });
  mkdirSync(directory, { recursive: true });
  const http = createServer();
  http.keepAliveTimeout = 75_000;
  await new Promise<void>((resolve, reject) =>
    http.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve),
  );
  const accessUrl = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const state = await createState(options, { accessUrl, directory });
  const server: Server = { state, options, sessions: createSessionKeeper(state), queries: createQueryRunner(state) };
  stageServices({ services: state.services, catalog: state.catalog });
  http.on('request', (request, response) => {
    handle(server, request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(String(error));
    });
  });
  const sweeper = setInterval(
    () => void state.transactions.sweep(Date.now()),
    Math.min(1000, options.blockingIdleMs ?? 1000),
  );
  sweeper.unref();
  return {
    accessUrl,
    account: state.services.account,
    expireSession: (id) => server.sessions.expire(id),
    loseSession: (id) => loseSession(state, id),
    sessionIds: () => [...state.sessions.keys()],
    listOpenTransactions: () =>
      state.transactions.list().map(({ transaction: t }) => ({
        id: t.id,
        sessionId: t.sessionId,
        userName: t.userName,
        startedOn: t.startedOn,
        detached: t.detached,
      })),
    queryHistory: () => [...state.queries.values()],
    close: async () => {
      clearInterval(sweeper);
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      http.closeAllConnections();
      await closed;
      for (const session of [...state.sessions.values()]) await closeSession(state, session);
      state.engine.close();
      if (isTemporary) rmSync(directory, { recursive: true, force: true });
    },
  };
}

function loseSession(state: ServerState, id: string): void {
  const session = state.sessions.get(id);
  if (!session) return;
  session.closed = true;
  if (session.transaction) session.transaction.detached = true;
}

async function createState(
  options: SnowflakeOptions,
  given: { accessUrl: string; directory: string },
): Promise<ServerState> {
  const catalog = createCatalog();
  const now = options.now ?? ((): Date => new Date());
  seedCatalog(catalog, { users: options.users, now: now(), withPractice: options.withPractice ?? false });
  const engine = await openEngine(given.directory);
  const locks = createLockManager();
  return {
    catalog,
    engine,
    locks,
    transactions: createTransactions(engine, locks, {
      blockingIdleMs: options.blockingIdleMs ?? 300_000,
      idleMs: options.idleMs ?? 14_400_000,
    }),
    services: {
      accessUrl: given.accessUrl,
      account: options.account ?? 'PRACTICE',
      dataDirectory: given.directory,
      options: options as unknown as Record<string, unknown>,
      extensions: new Map(),
      now,
    },
    sessions: new Map(),
    queries: new Map(),
    region: 'AWS_US_EAST_1',
    version: '9.31.1',
  };
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  let raw = Buffer.concat(parts);
  if (raw[0] === 0x1f && raw[1] === 0x8b) raw = gunzipSync(raw);
  if (raw.length === 0) return {};
  return JSON.parse(raw.toString('utf8')) as Record<string, unknown>;
}

async function handle(server: Server, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const method = request.method ?? 'GET';
  const isObject = url.pathname.startsWith('/gcs/');
  const body = isObject ? {} : await readBody(request);
  const sql = typeof body['sqlText'] === 'string' ? body['sqlText'] : null;
  const fault = server.options.onRequest?.({
    method,
    path: url.pathname,
    requestId: url.searchParams.get('requestId'),
    sql,
  });
  if (fault?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
  if (fault?.kind === 'error') return sendFault(fault, request, response);
  if (fault?.kind === 'drop' && fault.when === 'before') return void request.socket.destroy();
  if (fault?.kind === 'stall' && fault.when === 'before') return void request.resume();
  if (fault?.kind === 'expire-session' || fault?.kind === 'lose-session') {
    const session = server.sessions.find(tokenOf(request));
    if (!('success' in session) && fault.kind === 'expire-session') server.sessions.expire(session.id);
    if (!('success' in session) && fault.kind === 'lose-session') loseSession(server.state, session.id);
  }
  if (isObject) {
    if (fault?.kind === 'swallow') return swallow(request, response);
    if (fault?.kind === 'drop') response.once('finish', () => request.socket.destroy());
    if (fault?.kind === 'stall') response.end = () => response;
    return handleObjectRequest(server.state.services, request, response);
  }
  if (url.pathname.startsWith('/results/')) return sendChunk(server, url.pathname, response);
  const answer = await route(server, { method, url, body, token: tokenOf(request) });
  // The request is carried out and its answer is lost: a client cannot tell this from a request that never came.
  if (fault?.kind === 'drop') return void request.socket.destroy();
  if (fault?.kind === 'stall') return;
  response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer ?? failure('390404', `No such endpoint: ${method} ${url.pathname}`)));
}

function sendFault(
  fault: Extract<RequestFault, { kind: 'error' }>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  request.resume();
  response.writeHead(fault.status ?? 200, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify(
      failure(fault.code ?? '390000', fault.message ?? 'Injected fault', { sqlState: fault.sqlState ?? '08006' }),
    ),
  );
}

/** Success without a file. */
function swallow(request: IncomingMessage, response: ServerResponse): void {
  request.resume().once('end', () => response.writeHead(200, { 'content-length': 0 }).end());
}

function tokenOf(request: IncomingMessage): string {
  return /Snowflake Token="([^"]*)"/.exec(request.headers.authorization ?? '')?.[1] ?? '';
}

/** Chunks carry no session token, so their names cannot be guessed. Not application/json: the driver would parse too early. */
function sendChunk(server: Server, pathname: string, response: ServerResponse): void {
  const name = path.basename(pathname);
  const file = path.join(server.state.services.dataDirectory, 'results', name);
  try {
    if (!/^[0-9a-f]{48}$/.test(name)) throw new Error('bad name');
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-encoding': 'gzip',
      'content-length': statSync(file).size,
    });
    createReadStream(file).pipe(response);
  } catch {
    response.writeHead(404).end();
  }
}

interface Routed {
  method: string;
  url: URL;
  body: Record<string, unknown>;
  token: string;
}

async function route(server: Server, { method, url, body, token }: Routed): Promise<Envelope | undefined> {
  const { sessions, state } = server;
  const key = `${method} ${url.pathname}`;
  if (key === 'POST /session/v1/login-request') return sessions.login(body['data'] ?? {}, url.searchParams);
  if (key === 'POST /session/authenticator-request') {
    return failure(
      '390190',
      'There was an error related to the SAML Identity Provider account parameter. Contact Snowflake support.',
      {},
    );
  }
  if (key === 'POST /session/token-request') return sessions.renew(token, textOf(body['oldSessionToken']));
  if (key === 'POST /telemetry/send') return success('Log Received');
  if (key === 'POST /session' && url.searchParams.get('delete') === 'true') {
    await sessions.logout(token);
    return success(null);
  }
  const session = sessions.find(token);
  if ('success' in session) return session;
  if (key === 'POST /session/heartbeat') return success(null);
  if (key === 'POST /queries/v1/query-request')
    return query(server, session, { requestId: url.searchParams.get('requestId'), body });
  if (key === 'POST /queries/v1/abort-request') {
    server.queries.byRequestId(textOf(body['requestId']))?.cancel.abort();
    return success(null);
  }
  const match = /^\/(?:monitoring\/)?queries\/([^/]+)(\/result|\/abort-request)?$/.exec(url.pathname);
  const record = match ? state.queries.get(match[1] ?? '') : undefined;
  if (url.pathname.startsWith('/monitoring/queries/') && match)
    return success({ queries: record ? [monitored(record)] : [] });
  if (match?.[2] === '/abort-request') {
    record?.cancel.abort();
    return success(null);
  }
  if (match?.[2] === '/result') {
    if (!record || record.userName !== session.user.name) {
      return statementFailure(new SnowflakeError('000709', '02000', `Statement ${match[1]} not found`), match[1] ?? '');
    }
    return server.queries.answer(record, Math.min(20_000, server.options.pollAfterMs ?? 20_000));
  }
  return undefined;
}

async function query(
  server: Server,
  session: Session,
  request: { requestId: string | null; body: QueryBody },
): Promise<Envelope> {
  const record = server.queries.submit(session, request);
  if (request.body.asyncExec) return server.queries.inProgress(record, '333334');
  return server.queries.answer(record, server.options.pollAfterMs ?? 25_000);
}

function monitored(record: QueryRecord): Record<string, unknown> {
  return {
    id: record.id,
    status: record.status,
    state: record.status,
    sqlText: record.text,
    sessionId: Number(record.sessionId),
    userName: record.userName,
    warehouseName: record.warehouse,
    queryTag: record.queryTag,
    errorCode: record.errorCode,
    errorMessage: record.errorMessage,
    startTime: record.startedOn.getTime(),
    endTime: record.endedOn?.getTime() ?? 0,
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
