import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import pg from 'pg';
import type { RedshiftSettings } from '#shared/model/connection-settings';
import { abortable, throwIfAborted, toAbortError } from '../../lib/abort.ts';
import { toConnectError } from './errors.ts';
import type { LoginProvider } from './login.ts';
import { sendCancelRequest } from './raw-socket.ts';
import { createTlsOptions, type TlsOptions } from './tls.ts';

/** Rows as the wire carries them: text, or null for NULL. No type parser runs, so that no digit of a number or timestamp is lost. */
export interface QueryRows {
  columns: string[];
  rows: (string | null)[][];
}

/** One connection to the database. It runs one statement at a time. */
export interface Session {
  readonly user: string;
  readonly server: ServerInfo;
  /** `TLSv1.3` and the cipher, or null when the connection is not encrypted. */
  readonly encryption: { protocol: string; cipher: string } | null;
  /** Runs one statement. When the signal fires the statement is cancelled at the server, and the promise rejects with an AbortError. */
  query(sql: string, signal: AbortSignal): Promise<QueryRows>;
  /** Lends the driver's client for a statement that is read in another way; the signal does the same as for `query`. */
  useClient<T>(work: (client: pg.Client) => Promise<T>, signal: AbortSignal): Promise<T>;
  /** Texts of the notices since the last call. */
  takeNotices(): string[];
  /** True while statements can be sent. */
  isOpen(): boolean;
  close(): Promise<void>;
}

export interface ServerInfo {
  /** As version() answers it. */
  version: string;
  /** False for a plain PostgreSQL, on which everything but UNLOAD works. */
  isRedshift: boolean;
}

export interface ConnectOptions {
  settings: RedshiftSettings;
  login: LoginProvider;
  signal: AbortSignal;
  connectTimeoutMs: number;
  /** Makes the socket that is connected; the driver's own way when it is missing. */
  createSocket?: () => Socket;
}

/** How long a cancelled statement may take to end before its connection is cut. */
const CANCEL_PATIENCE_MS = 10_000;
const RAW_TYPES = { getTypeParser: () => (value: string) => value } as unknown as pg.CustomTypesConfig;

/** Opens a connection with the session settings that the dialect's SQL relies on. Rejects with an AppError that says what went wrong. */
export async function connect(options: ConnectOptions): Promise<Session> {
  const { settings, signal } = options;
  throwIfAborted(signal);
  const login = await abortable(options.login(signal), signal);
  const tls = await createTlsOptions(settings.tls);
  const client = new pg.Client({
    host: settings.host,
    port: settings.port,
    database: settings.database,
    user: login.user,
    password: login.password,
    ssl: tls,
    application_name: 'snowferry',
    connectionTimeoutMillis: options.connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    ...(options.createSocket && { stream: options.createSocket }),
  });
  const session = createSession({ client, settings, user: login.user, tls });
  try {
    await abortable(client.connect(), signal);
    await session.prepare(signal);
    return session;
  } catch (error) {
    cut(client);
    if (signal.aborted) throw toAbortError(signal);
    throw await toConnectError(error, { settings, user: login.user, timeoutMs: options.connectTimeoutMs });
  }
}

interface OpenedSession extends Session {
  prepare(signal: AbortSignal): Promise<void>;
}

function createSession(parts: {
  client: pg.Client;
  settings: RedshiftSettings;
  user: string;
  tls: TlsOptions;
}): OpenedSession {
  const { client, settings, tls } = parts;
  let isOpen = true;
  let server: ServerInfo = { version: '', isRedshift: false };
  let notices: string[] = [];
  client.on('error', () => (isOpen = false));
  client.on('end', () => (isOpen = false));
  client.on('notice', (notice) => notices.push(notice.message ?? ''));

  const cancel = async (): Promise<void> => {
    const { processID, secretKey } = client as unknown as { processID: number | null; secretKey: number | null };
    if (processID === null || secretKey === null) return;
    await sendCancelRequest({ host: settings.host, port: settings.port, tls, processId: processID, secretKey });
  };

  const useClient = async <T>(work: (client: pg.Client) => Promise<T>, signal: AbortSignal): Promise<T> => {
    throwIfAborted(signal);
    let patience: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      patience = setTimeout(() => cut(client), CANCEL_PATIENCE_MS);
      void cancel().catch(() => cut(client));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const result = await work(client);
      throwIfAborted(signal);
      return result;
    } catch (error) {
      if (signal.aborted) throw toAbortError(signal);
      throw error;
    } finally {
      clearTimeout(patience);
      signal.removeEventListener('abort', onAbort);
    }
  };

  const query = (sql: string, signal: AbortSignal): Promise<QueryRows> =>
    useClient(async () => {
      const result = await client.query<(string | null)[]>({ text: sql, rowMode: 'array', types: RAW_TYPES });
      return { columns: result.fields.map((field) => field.name), rows: result.rows };
    }, signal);

  return {
    user: parts.user,
    get server() {
      return server;
    },
    get encryption() {
      return readEncryption(client);
    },
    query,
    useClient,
    takeNotices() {
      const taken = notices;
      notices = [];
      return taken;
    },
    isOpen: () => isOpen,
    async close() {
      isOpen = false;
      await client.end().catch(() => undefined);
    },
    async prepare(signal) {
      server = await readServer(query, signal);
      await applySettings(query, server, signal);
    },
  };
}

type Query = Session['query'];

async function readServer(query: Query, signal: AbortSignal): Promise<ServerInfo> {
  const { rows } = await query('SELECT version()', signal);
  const version = rows[0]?.[0] ?? '';
  return { version, isRedshift: /\bRedshift\b/i.test(version) };
}

/** Settings that the meaning of values rests on; a server that refuses one of them cannot be read from. */
const REQUIRED_SETTINGS = ["SET timezone TO 'UTC'", "SET datestyle TO 'ISO, MDY'"];
/** Settings that a server may lack or forbid. */
const WANTED_SETTINGS = ["SET client_encoding TO 'UTF8'", 'SET statement_timeout TO 0', 'SET extra_float_digits TO 2'];

async function applySettings(query: Query, server: ServerInfo, signal: AbortSignal): Promise<void> {
  for (const statement of REQUIRED_SETTINGS) await query(statement, signal);
  // The query group lets an administrator route these statements to a queue of their own:
  // https://docs.aws.amazon.com/redshift/latest/dg/r_query_group.html
  const wanted = server.isRedshift ? [...WANTED_SETTINGS, "SET query_group TO 'snowferry'"] : WANTED_SETTINGS;
  for (const statement of wanted) {
    await query(statement, signal).catch((error: unknown) => {
      if (!(error instanceof pg.DatabaseError)) throw error;
    });
  }
}

function readEncryption(client: pg.Client): Session['encryption'] {
  const { stream } = (client as unknown as { connection: { stream: unknown } }).connection;
  if (!(stream instanceof TLSSocket)) return null;
  return { protocol: stream.getProtocol() ?? 'TLS', cipher: stream.getCipher().name };
}

/** Ends a connection without a word to the server, which takes that as the end of the session. */
function cut(client: pg.Client): void {
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  client.removeAllListeners('error');
  client.on('error', () => undefined);
  stream.destroy();
}
