import { mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createCatalog } from './catalog/catalog.ts';
import { openEngine } from './engine/database.ts';
import { createLockManager } from './engine/locks.ts';
import type { ServerState } from './engine/server-state.ts';
import { createTransactions, type TransactionOptions } from './engine/transactions.ts';
import { failed } from './protocol/envelope.ts';
import { route, type Server } from './protocol/routes.ts';
import { createTokens } from './protocol/tokens.ts';
import { setUpAccount, type SnowflakeUser } from './set-up-account.ts';
import type { S3Options } from './stages/stage-services.ts';

export interface SnowflakeOptions {
  /** Account identifier; PRACTICE by default. */
  account?: string;
  users: SnowflakeUser[];
  /** What stands for `s3://`; without it there are no external stages. */
  s3?: S3Options;
  /** Where data and staged files are kept; a temporary directory by default, removed at the end. */
  dataDirectory?: string;
  port?: number;
  transactions?: Partial<TransactionOptions>;
  /** Looked at before and after a request is carried out; see SnowflakeFault in faults.ts. */
  onRequest?: (info: SnowflakeRequestInfo) => SnowflakeFault | undefined;
}

export interface SnowflakeRequestInfo {
  method: string;
  path: string;
  requestId: string | null;
}

export type SnowflakeFault =
  | { kind: 'error'; code?: string; status?: number; message?: string }
  | { kind: 'drop'; when: 'before' | 'after' }
  | { kind: 'delay'; delayMs: number };

export interface SnowflakeStandIn {
  accessUrl: string;
  account: string;
  /** For tests: makes the tokens of a session old. */
  expireSession(sessionId: string, options?: { master: boolean }): void;
  /** For tests: the client is gone; its open transaction stays, detached, with its locks. */
  loseSession(sessionId: string): void;
  openTransactions(): { id: string; sessionId: string; detached: boolean }[];
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const FIVE_MINUTES_MS = 300_000;
const FOUR_HOURS_MS = 14_400_000;
const SWEEP_MS = 1000;

/** A Snowflake account on 127.0.0.1: the protocol of the vendor's drivers over DuckDB. FIDELITY.md says what it follows and where it differs. */
export async function startSnowflake(options: SnowflakeOptions): Promise<SnowflakeStandIn> {
  const dataDirectory = options.dataDirectory ?? mkdtempSync(path.join(tmpdir(), 'snowferry-snowflake-'));
  mkdirSync(dataDirectory, { recursive: true });
  const httpServer = http.createServer();
  await new Promise<void>((resolve, reject) =>
    httpServer.once('error', reject).listen(options.port ?? 0, HOST, resolve),
  );
  httpServer.keepAliveTimeout = 60_000;
  const accessUrl = `http://${HOST}:${(httpServer.address() as AddressInfo).port}`;
  const server: Server = { state: await createState(options, { dataDirectory, accessUrl }), tokens: createTokens() };
  const { state } = server;
  httpServer.on('request', (request, response) => void serve({ server, options }, request, response));
  const sweeping = setInterval(() => void state.transactions.sweep(Date.now()), SWEEP_MS);
  return {
    accessUrl,
    account: state.services.account,
    expireSession: (sessionId, { master } = { master: false }) => {
      const session = state.sessions.get(sessionId);
      if (session) server.tokens.expire(session, { master });
    },
    loseSession: (sessionId) => {
      const session = state.sessions.get(sessionId);
      if (!session) return;
      server.tokens.forget(session);
      session.closed = true;
      if (session.transaction) session.transaction.detached = true;
    },
    openTransactions: () =>
      state.transactions.list().map(({ transaction: { id, sessionId, detached } }) => ({ id, sessionId, detached })),
    close: async () => {
      clearInterval(sweeping);
      for (const record of state.queries.values()) if (record.answer === null) record.cancel.abort();
      httpServer.closeAllConnections();
      await new Promise<void>((resolve) => httpServer.close(() => resolve()));
      await Promise.allSettled([...state.queries.values()].map((record) => record.done));
      state.engine.close();
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
}

async function createState(
  options: SnowflakeOptions,
  given: { dataDirectory: string; accessUrl: string },
): Promise<ServerState> {
  const catalog = createCatalog();
  const engine = await openEngine(given.dataDirectory);
  const locks = createLockManager();
  const now = (): Date => new Date();
  setUpAccount(catalog, options.users, now());
  return {
    catalog,
    engine,
    locks,
    transactions: createTransactions(engine, locks, {
      blockingIdleMs: FIVE_MINUTES_MS,
      idleMs: FOUR_HOURS_MS,
      ...options.transactions,
    }),
    services: {
      ...given,
      account: (options.account ?? 'PRACTICE').toUpperCase(),
      options: { s3: options.s3 },
      extensions: new Map(),
      now,
    },
    sessions: new Map(),
    queries: new Map(),
    region: 'AWS_US_EAST_1',
    version: '9.35.0',
  };
}

type Serving = { server: Server; options: SnowflakeOptions };

async function serve(
  { server, options }: Serving,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', accessBase);
  const fault = options.onRequest?.({
    method: request.method ?? '',
    path: url.pathname,
    requestId: url.searchParams.get('requestId'),
  });
  try {
    if (fault?.kind === 'delay') await delay(fault.delayMs);
    if (fault?.kind === 'drop' && fault.when === 'before') return void request.socket.destroy();
    if (fault?.kind === 'error') return sendFault(fault, request, response);
    if (fault?.kind === 'drop') return await carryOutAndDrop(server, request);
    await route(server, request, response);
  } catch (error) {
    if (response.headersSent || response.destroyed) return;
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(
        failed('000603', 'SQL execution internal error: the practice environment failed.', { sqlState: 'XX000' }),
      ),
    );
  }
}

const accessBase = `http://${HOST}`;

function sendFault(
  fault: Extract<SnowflakeFault, { kind: 'error' }>,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): void {
  request.resume();
  response.writeHead(fault.status ?? 200, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify(failed(fault.code ?? '390000', fault.message ?? 'Injected fault', { sqlState: '08006' })),
  );
}

/** The request is carried out and its answer is lost: what a client cannot tell from a request that never came. */
async function carryOutAndDrop(server: Server, request: http.IncomingMessage): Promise<void> {
  const response = new http.ServerResponse(request);
  const finished = new Promise<void>((resolve) => {
    response.end = (() => {
      resolve();
      return response;
    }) as typeof response.end;
  });
  await Promise.all([route(server, request, response), finished]);
  request.socket.destroy();
}
