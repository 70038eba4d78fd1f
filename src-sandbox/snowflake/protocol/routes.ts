import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { QueryRecord, ServerState } from '../engine/server-state.ts';
import type { Session } from '../engine/session.ts';
import { fromDuckDb } from '../errors.ts';
import { handleObjectRequest } from '../stages/stage-services.ts';
import type { LoginData } from './authenticate.ts';
import { failed, succeeded, type Envelope } from './envelope.ts';
import { logIn } from './login.ts';
import { awaitAnswer, requestQuery, type QueryBody } from './query-request.ts';
import { VALIDITY_SECONDS, type Tokens } from './tokens.ts';

const LARGEST_BODY = 64_000_000;
const CHUNK_FILE = /^\/chunk\/([0-9a-f]{48})$/;
const QUERY_PATH = /^\/queries\/([0-9a-f-]{36})\/(result|abort-request)$/;
const MONITORING_PATH = /^\/monitoring\/queries\/([0-9a-f-]{36})$/;

export interface Server {
  state: ServerState;
  tokens: Tokens;
}

/** Answers one HTTP request. https://docs.snowflake.com publishes no wire protocol: FIDELITY.md says what is known of it. */
export async function route(server: Server, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (url.pathname.startsWith('/gcs/')) return handleObjectRequest(server.state.services, request, response);
  const chunk = CHUNK_FILE.exec(url.pathname);
  if (chunk?.[1]) return sendChunk(server.state, chunk[1], response);
  const body = await readJson(request);
  send(
    response,
    body === undefined
      ? failed('390000', 'The request body is not JSON.')
      : await answer(server, { request, url, body }),
  );
}

interface Asked {
  request: IncomingMessage;
  url: URL;
  body: unknown;
}

async function answer(server: Server, { request, url, body }: Asked): Promise<Envelope> {
  const { state, tokens } = server;
  const token = /Snowflake Token="([^"]*)"/.exec(request.headers.authorization ?? '')?.[1] ?? null;
  const method = `${request.method ?? ''} ${url.pathname}`;
  if (method === 'POST /session/v1/login-request') {
    const data = (body as { data?: LoginData } | null)?.data ?? {};
    return logIn(state, tokens, { data, wanted: url.searchParams }).catch((error: unknown) =>
      failed(fromDuckDb(error).code, fromDuckDb(error).message, {}),
    );
  }
  if (method === 'POST /session/token-request') return renew(server, token, body);
  if (method === 'POST /telemetry/send') return succeeded('Log Received');
  const checked = tokens.check(token);
  if (checked.kind === 'expired') return failed('390112', 'Your session has expired. Please login again.');
  if (checked.kind === 'unknown')
    return failed('390104', 'Session no longer exists.  New login required to access the service.');
  const { session } = checked;
  session.lastUsedOn = state.services.now();
  return answerInSession(server, { session, method, url, body });
}

interface AskedInSession {
  session: Session;
  method: string;
  url: URL;
  body: unknown;
}

async function answerInSession(server: Server, { session, method, url, body }: AskedInSession): Promise<Envelope> {
  const { state } = server;
  switch (method) {
    case 'POST /queries/v1/query-request':
      return requestQuery(state, { session, requestId: url.searchParams.get('requestId'), body: body as QueryBody });
    case 'POST /queries/v1/abort-request':
      return abort(
        findQuery(state, session, (record) => record.requestId === (body as { requestId?: string }).requestId),
      );
    case 'POST /session/heartbeat':
      return succeeded(null);
    case 'POST /session':
      if (url.searchParams.get('delete') !== 'true') break;
      await logOut(server, session);
      return succeeded(null);
    case 'POST /session/delete':
      await logOut(server, session);
      return succeeded(null);
    default:
  }
  const query = QUERY_PATH.exec(url.pathname);
  if (query?.[2] === 'result' && method.startsWith('GET ')) {
    const record = findQuery(state, session, ({ id }) => id === query[1]);
    return record
      ? awaitAnswer(record)
      : failed('000709', `Statement ${query[1] ?? ''} not found`, { sqlState: '02000' });
  }
  if (query?.[2] === 'abort-request') return abort(findQuery(state, session, ({ id }) => id === query[1]));
  const monitored = MONITORING_PATH.exec(url.pathname);
  if (monitored) return monitor(findQuery(state, session, ({ id }) => id === monitored[1]));
  return failed('390000', `The practice environment does not know the endpoint ${method}.`);
}

/** Queries of the same user, whatever the session. */
function findQuery(
  state: ServerState,
  session: Session,
  fits: (record: QueryRecord) => boolean,
): QueryRecord | undefined {
  for (const record of [...state.queries.values()].reverse()) {
    if (record.userName === session.user.name && fits(record)) return record;
  }
  return undefined;
}

function abort(record: QueryRecord | undefined): Envelope {
  record?.cancel.abort();
  return succeeded(null);
}

function monitor(record: QueryRecord | undefined): Envelope {
  if (!record) return succeeded({ queries: [] });
  const { id, text, status, errorCode, errorMessage, startedOn, endedOn } = record;
  const query = {
    id,
    sqlText: text,
    status,
    state: status,
    errorCode,
    errorMessage,
    startTime: startedOn.getTime(),
    endTime: endedOn?.getTime() ?? 0,
  };
  return { ...succeeded({ queries: [query] }), ...(errorCode ? { code: errorCode, message: errorMessage } : {}) };
}

function renew({ tokens }: Server, masterToken: string | null, body: unknown): Envelope {
  const { oldSessionToken = '' } = (body ?? {}) as { oldSessionToken?: string };
  const issued = tokens.renew(masterToken, oldSessionToken);
  if (!issued) return failed('390114', 'Authentication token has expired.  The user must authenticate again.');
  return succeeded({
    sessionToken: issued.token,
    validityInSecondsST: VALIDITY_SECONDS.session,
    masterToken: issued.masterToken,
    validityInSecondsMT: VALIDITY_SECONDS.master,
    sessionId: 0,
  });
}

/** A session that ends properly takes its open transaction with it. */
export async function logOut({ state, tokens }: Server, session: Session): Promise<void> {
  tokens.forget(session);
  session.closed = true;
  await state.transactions.rollback(session);
  state.sessions.delete(session.id);
  session.connection.closeSync();
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > LARGEST_BODY) return undefined;
    parts.push(part);
  }
  const raw = Buffer.concat(parts);
  if (raw.length === 0) return null;
  try {
    const text = raw[0] === 0x1f && raw[1] === 0x8b ? gunzipSync(raw) : raw;
    return JSON.parse(text.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, envelope: Envelope): void {
  if (response.destroyed) return;
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(envelope));
}

/** A chunk must not be called JSON, or drivers parse it too early. */
async function sendChunk(state: ServerState, name: string, response: ServerResponse): Promise<void> {
  const file = path.join(state.services.dataDirectory, 'results', name);
  const found = await stat(file).catch(() => null);
  if (!found) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-encoding': 'gzip',
    'content-length': found.size,
  });
  createReadStream(file).pipe(response);
}
