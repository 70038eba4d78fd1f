import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { Connection, Request, TYPES } from 'tedious';
import { AppError } from '#shared/errors/app-error';
import type { Secrets, SqlServerSettings } from '#shared/model/connection-settings';
import { abortable, throwIfAborted, toAbortError } from '../../lib/abort.ts';
import { driverConfig } from './driver-config.ts';
import { toResultField, type DriverColumn, type ResultField } from './result-fields.ts';
import { ServerError, toConnectError, type Certificate } from './errors.ts';

/** Rows as text, or null for NULL: numbers in decimal digits, bits as 1 and 0, binary values in hex digits. Dates and decimals are cast by the statements. */
export interface QueryRows {
  columns: string[];
  /** The columns once more, as the wire describes them. */
  fields?: ResultField[];
  rows: (string | null)[][];
}

export interface QueryOptions {
  signal: AbortSignal;
  /** Values of @p1, @p2 and so on, bound as nvarchar. */
  parameters?: string[];
  /** Without one the statement may take as long as it needs. */
  timeoutMs?: number;
}

/** One connection to the database. It runs one statement at a time. */
export interface Session {
  /** `TLSv1.2` and the cipher, or null when the connection is not encrypted. */
  readonly encryption: { protocol: string; cipher: string } | null;
  /** Runs one statement. When the signal fires the statement is cancelled at the server, and the promise rejects with an AbortError, else with a ServerError. */
  query(sql: string, options: QueryOptions): Promise<QueryRows>;
  /** True while statements can be sent. */
  isOpen(): boolean;
  close(): Promise<void>;
}

export interface ConnectOptions {
  settings: SqlServerSettings;
  secrets: Secrets;
  signal: AbortSignal;
  connectTimeoutMs: number;
}

/** Logs in. Rejects with an AppError that says what failed and which field mends it, or with an AbortError. */
export async function connect(options: ConnectOptions): Promise<Session> {
  const { connection, encryption } = await openConnection(options);
  return createSession(connection, encryption);
}

/** The driver's connection itself, logged in, for the reader of large answers. Whoever has it must listen to its `error` event and close it. */
export async function openConnection(
  options: ConnectOptions,
): Promise<{ connection: Connection; encryption: Session['encryption'] }> {
  const { signal, settings } = options;
  throwIfAborted(signal);
  const config = await driverConfig(options);
  const connection = new Connection(config);
  const serverErrors: ServerError[] = [];
  const onErrorMessage = (token: unknown): void => void serverErrors.push(new ServerError(token as ServerError));
  connection.on('errorMessage', onErrorMessage);
  connection.on('error', () => undefined);
  const isStrict = settings.encrypt && (settings.strictEncryption ?? false);
  if (isStrict) speakTds8(connection);
  else if (settings.encrypt) refusePlainText(connection, settings);
  try {
    await abortable(
      new Promise<void>((resolve, reject) => {
        connection.connect((error) => (error ? reject(error) : resolve()));
      }),
      signal,
    );
    connection.off('errorMessage', onErrorMessage);
    return { connection, encryption: encryptionOf(connection) };
  } catch (error) {
    cut(connection);
    if (signal.aborted) throw toAbortError(signal);
    throw await toConnectError(error, {
      settings,
      serverErrors,
      timeoutMs: options.connectTimeoutMs,
      readCertificate: () => readCertificate(options),
    });
  }
}

/** What the driver keeps to itself; the version is pinned, and a test watches these names. */
interface DriverInside {
  performTlsNegotiation(prelogin: unknown, signal: AbortSignal): Promise<void>;
  messageIo?: {
    tlsNegotiationComplete?: boolean;
    securePair?: { cleartext: TLSSocket };
    sendMessage(type: number, data?: Buffer, resetConnection?: boolean): unknown;
  };
  socket?: Socket;
}

function inside(connection: Connection): DriverInside {
  return connection;
}

/** tedious logs in unencrypted when the server says that it has no TLS, although `encrypt` is set, and shows the password to the network with that. */
function refusePlainText(connection: Connection, settings: SqlServerSettings): void {
  const driver = inside(connection);
  const negotiate = driver.performTlsNegotiation.bind(connection);
  driver.performTlsNegotiation = async (prelogin, signal) => {
    await negotiate(prelogin, signal);
    if (driver.messageIo?.tlsNegotiationComplete) return;
    throw new AppError('TLS_NOT_SUPPORTED', { facts: { host: settings.host }, field: 'source.encrypt' });
  };
}

const LOGIN7 = 0x10;
const TDS_8 = 0x08000000;

/**
 * In strict encryption tedious says in LOGIN7 that it speaks 7.4, where MS-TDS 2.2.6.4 wants 8.0; with its option for 8.0 it leaves the features out that it
 * announces, the token of Entra ID among them. So it builds the message of 7.4, which is the same, and only the number is changed.
 */
function speakTds8(connection: Connection): void {
  const driver = inside(connection);
  const negotiate = driver.performTlsNegotiation.bind(connection);
  driver.performTlsNegotiation = async (prelogin, signal) => {
    await negotiate(prelogin, signal);
    const { messageIo } = driver;
    if (!messageIo) return;
    const send = messageIo.sendMessage.bind(messageIo);
    messageIo.sendMessage = (type, data, resetConnection) => {
      if (type === LOGIN7) data?.writeUInt32LE(TDS_8, 4);
      return send(type, data, resetConnection);
    };
  };
}

const LOOKED_AT = 'The certificate was looked at.';

/** The certificate that the server shows, for the error that it is not trusted. Ends before the login: no password is sent. Null when it cannot be had. */
async function readCertificate(options: ConnectOptions): Promise<Certificate | null> {
  const connection = new Connection(await driverConfig({ ...options, withAnyCertificate: true }));
  connection.on('error', () => undefined);
  const driver = inside(connection);
  const negotiate = driver.performTlsNegotiation.bind(connection);
  let found: Certificate | null = null;
  driver.performTlsNegotiation = async (prelogin, signal) => {
    await negotiate(prelogin, signal);
    const certificate = driver.messageIo?.securePair?.cleartext.getPeerCertificate();
    if (certificate?.subject) found = { subject: nameOf(certificate.subject), issuer: nameOf(certificate.issuer) };
    throw new Error(LOOKED_AT);
  };
  await new Promise<void>((resolve) => connection.connect(() => resolve()));
  cut(connection);
  return found;
}

/** `CN=localhost, O=Example`. */
function nameOf(name: object): string {
  const parts = Object.entries(name).flatMap(([key, value]) => (typeof value === 'string' ? [`${key}=${value}`] : []));
  return parts.length > 0 ? parts.reverse().join(', ') : 'unknown';
}

function encryptionOf(connection: Connection): Session['encryption'] {
  const { socket, messageIo } = inside(connection);
  const tls = socket instanceof TLSSocket ? socket : messageIo?.securePair?.cleartext;
  return tls === undefined ? null : { protocol: tls.getProtocol() ?? 'TLS', cipher: tls.getCipher().name };
}

function createSession(connection: Connection, encryption: Session['encryption']): Session {
  let isOpen = true;
  connection.on('error', () => (isOpen = false));
  connection.on('end', () => (isOpen = false));
  return {
    encryption,
    async query(sql, options) {
      throwIfAborted(options.signal);
      try {
        const result = await runStatement(connection, sql, options);
        throwIfAborted(options.signal);
        return result;
      } catch (error) {
        if (options.signal.aborted) throw toAbortError(options.signal);
        throw error;
      }
    },
    isOpen: () => isOpen,
    close() {
      isOpen = false;
      connection.close();
      return Promise.resolve();
    },
  };
}

interface Cell {
  value: unknown;
}

/** As a batch of its own, or through sp_executesql when there are parameters. Every error that the server names is kept, as the first one tells most. */
function runStatement(connection: Connection, sql: string, options: QueryOptions): Promise<QueryRows> {
  const { signal, parameters = [], timeoutMs } = options;
  const result: QueryRows = { columns: [], rows: [] };
  const serverErrors: ServerError[] = [];
  const onErrorMessage = (token: unknown): void => void serverErrors.push(new ServerError(token as ServerError));
  const onAbort = (): void => void connection.cancel();
  return new Promise<QueryRows>((resolve, reject) => {
    const request = new Request(sql, (error) => {
      if (error) reject(serverErrors[0] ?? error);
      else resolve(result);
    });
    request.on('columnMetadata', (columns: unknown) => {
      result.fields = (columns as DriverColumn[]).map(toResultField);
      result.columns = result.fields.map(({ name }) => name);
    });
    request.on('row', (cells: unknown) => {
      result.rows.push((cells as Cell[]).map(({ value }) => toText(value)));
    });
    if (timeoutMs !== undefined) request.setTimeout(timeoutMs);
    parameters.forEach((value, index) => request.addParameter(`p${index + 1}`, TYPES.NVarChar, value));
    connection.on('errorMessage', onErrorMessage);
    signal.addEventListener('abort', onAbort, { once: true });
    if (parameters.length === 0) connection.execSqlBatch(request);
    else connection.execSql(request);
  }).finally(() => {
    signal.removeEventListener('abort', onAbort);
    connection.off('errorMessage', onErrorMessage);
  });
}

function toText(value: unknown): string | null {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
      return value.toString();
    case 'boolean':
      return value ? '1' : '0';
    default:
      if (Buffer.isBuffer(value)) return value.toString('hex').toUpperCase();
      return value instanceof Date ? value.toISOString() : null;
  }
}

/** Ends a connection without a word to the server, which takes that as the end of the session. An error ends the driver's own waiting too. */
function cut(connection: Connection): void {
  inside(connection).socket?.destroy(new Error('The connection was cut.'));
  connection.close();
}
