import { readFile } from 'node:fs/promises';
import { createPrivateKey } from 'node:crypto';
import { AppError } from '#shared/errors/app-error';
import type { SecretSlot, Secrets, SnowflakeSettings } from '#shared/model/connection-settings';
import { throwIfAborted, toAbortError } from '../../lib/abort.ts';
import type { Log } from '../../lib/log.ts';
import { rememberSecret } from '../../lib/redact.ts';
import { toAppError, type ErrorContext } from './errors.ts';
import { execute } from './execute.ts';
import { quoteLiteral } from './quote.ts';
import { loadSdk, type SnowflakeConnection, type SnowflakeConnectionOptions } from './sdk.ts';

/** A logged-in session with the settings that every statement relies on. It has at most one statement or transaction in progress when it loads. */
export interface Session {
  readonly connection: SnowflakeConnection;
  readonly id: string;
  readonly context: ErrorContext;
  close(): Promise<void>;
}

export interface ConnectOptions {
  settings: SnowflakeSettings;
  secrets: Secrets;
  signal: AbortSignal;
  /** Goes into QUERY_TAG as JSON beside `app`. */
  tag?: Record<string, string>;
  log?: Log | undefined;
  loginTimeoutMs?: number;
  setUpTimeoutMs?: number;
}

const LOGIN_TIMEOUT_MS = 60_000;
/** The person has to find the browser window and sign in. */
const BROWSER_TIMEOUT_MS = 180_000;
/** A session that logged in but does not answer is of no use. */
const SET_UP_TIMEOUT_MS = 120_000;
const CLOSE_TIMEOUT_MS = 5_000;

/** A code of an authenticator app is good for one login. Codes that did their work are not sent again: the token that came back for them is used. */
const usedPasscodes = new Set<string>();

/** Logs in and sets the session up. Rejects with an AppError; an abort ends the waiting at once, and a login that succeeds later is closed. */
export async function connect(options: ConnectOptions): Promise<Session> {
  const { settings, secrets, signal } = options;
  throwIfAborted(signal);
  for (const secret of Object.values(secrets)) rememberSecret(secret);
  const timeoutMs =
    options.loginTimeoutMs ?? (settings.auth.kind === 'browser' ? BROWSER_TIMEOUT_MS : LOGIN_TIMEOUT_MS);
  const context = errorContext(settings, timeoutMs);
  const connectionOptions = await toConnectionOptions(settings, secrets);
  const connection = await login({ connectionOptions, context, signal, timeoutMs, log: options.log });
  const passcode = passcodeKey(settings);
  if (passcode) usedPasscodes.add(passcode);
  const session = toSession(connection, { ...context, phase: 'statement' });
  try {
    return await setUpSession(session, options);
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** Ends a session without waiting for ever; a transaction that is still open in it is rolled back by the server. */
export async function closeConnection(connection: SnowflakeConnection): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
    timer.unref();
    try {
      connection.destroy(() => {
        clearTimeout(timer);
        resolve();
      });
    } catch {
      clearTimeout(timer);
      resolve();
    }
  });
}

export function snowflakeHost(settings: Pick<SnowflakeSettings, 'account' | 'accessUrl'>): {
  host: string;
  port: number;
} {
  if (settings.accessUrl) {
    const url = new URL(settings.accessUrl);
    return { host: url.hostname, port: url.port ? Number(url.port) : url.protocol === 'http:' ? 80 : 443 };
  }
  return {
    host: `${settings.account}.snowflakecomputing.${settings.account.toLowerCase().includes('.cn-') ? 'cn' : 'com'}`,
    port: 443,
  };
}

/**
 * The session settings that make every statement mean the same in every account; accounts and users may have others as defaults.
 * docs.snowflake.com/en/sql-reference/parameters. Without TIMEZONE = UTC, timestamps of Parquet files would shift.
 */
export const SESSION_PARAMETERS: Record<string, string> = {
  TIMEZONE: "'UTC'",
  AUTOCOMMIT: 'TRUE',
  QUOTED_IDENTIFIERS_IGNORE_CASE: 'FALSE',
  TIMESTAMP_TYPE_MAPPING: "'TIMESTAMP_NTZ'",
  DATE_INPUT_FORMAT: "'AUTO'",
  TIME_INPUT_FORMAT: "'AUTO'",
  TIMESTAMP_INPUT_FORMAT: "'AUTO'",
  DATE_OUTPUT_FORMAT: "'YYYY-MM-DD'",
  TIME_OUTPUT_FORMAT: "'HH24:MI:SS.FF9'",
  TIMESTAMP_OUTPUT_FORMAT: "'YYYY-MM-DD HH24:MI:SS.FF9'",
  TIMESTAMP_NTZ_OUTPUT_FORMAT: "'YYYY-MM-DD HH24:MI:SS.FF9'",
  TIMESTAMP_LTZ_OUTPUT_FORMAT: "'YYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM'",
  TIMESTAMP_TZ_OUTPUT_FORMAT: "'YYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM'",
  BINARY_OUTPUT_FORMAT: "'HEX'",
};

/**
 * Wanted but not needed: a refusal is logged and the session is used. A query whose client is gone is aborted after five minutes instead of running on;
 * a lock is waited for ten minutes instead of twelve hours.
 */
export const OPTIONAL_PARAMETERS: Record<string, string> = { ABORT_DETACHED_QUERY: 'TRUE', LOCK_TIMEOUT: '600' };

async function setUpSession(session: Session, options: ConnectOptions): Promise<Session> {
  const timeoutMs = options.setUpTimeoutMs ?? SET_UP_TIMEOUT_MS;
  const { signal } = options;
  const tag = quoteLiteral(JSON.stringify({ app: 'snowferry', ...options.tag }));
  await execute(session, { sql: alterSession({ ...SESSION_PARAMETERS, QUERY_TAG: tag }), signal, timeoutMs });
  try {
    await execute(session, { sql: alterSession(OPTIONAL_PARAMETERS), signal, timeoutMs });
  } catch (error) {
    if (signal.aborted) throw error;
    options.log?.(
      'warn',
      `Snowflake did not accept optional session settings: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const { rows } = await execute(session, { sql: 'SELECT CURRENT_SESSION()', signal, timeoutMs });
  return { ...session, id: rows[0]?.[0] ?? '' };
}

function alterSession(parameters: Record<string, string>): string {
  const list = Object.entries(parameters).map(([name, value]) => `${name} = ${value}`);
  return `ALTER SESSION SET ${list.join(', ')}`;
}

function toSession(connection: SnowflakeConnection, context: ErrorContext): Session {
  return { connection, id: '', context, close: () => closeConnection(connection) };
}

interface LoginOptions {
  connectionOptions: SnowflakeConnectionOptions;
  context: ErrorContext;
  signal: AbortSignal;
  timeoutMs: number;
  log: Log | undefined;
}

/** Uses the callback: connectAsync() resolves on a refused login. */
async function login(options: LoginOptions): Promise<SnowflakeConnection> {
  const { context, signal } = options;
  let connection: SnowflakeConnection;
  try {
    connection = loadSdk(options.log).createConnection(options.connectionOptions);
  } catch (error) {
    throw toAppError(error, context);
  }
  return new Promise((resolve, reject) => {
    let isSettled = false;
    const settle = (act: () => void) => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      act();
    };
    const onAbort = () => settle(() => reject(toAbortError(signal)));
    const timer = setTimeout(() => {
      settle(() =>
        reject(
          new AppError('CONNECTION_TIMED_OUT', {
            facts: { host: context.host, port: context.port, seconds: Math.round(options.timeoutMs / 1000) },
            field: 'snowflake.account',
          }),
        ),
      );
    }, options.timeoutMs);
    signal.addEventListener('abort', onAbort, { once: true });
    connection.connect((error) => {
      if (isSettled) {
        if (!error) void closeConnection(connection);
        return;
      }
      settle(() => (error ? reject(toAppError(error, context)) : resolve(connection)));
    });
  });
}

async function toConnectionOptions(settings: SnowflakeSettings, secrets: Secrets): Promise<SnowflakeConnectionOptions> {
  const { proxy } = settings;
  return {
    account: settings.account,
    ...(settings.user ? { username: settings.user } : {}),
    ...(await authOptions(settings, secrets)),
    ...(settings.accessUrl ? { accessUrl: settings.accessUrl.replace(/\/+$/, '') } : {}),
    ...(settings.role ? { role: settings.role } : {}),
    ...(settings.warehouse ? { warehouse: settings.warehouse } : {}),
    ...(proxy.host
      ? {
          proxyHost: proxy.host,
          proxyPort: proxy.port ?? 8080,
          ...(proxy.user ? { proxyUser: proxy.user, proxyPassword: secrets['snowflake.proxyPassword'] ?? '' } : {}),
        }
      : {}),
    application: 'Snowferry',
    clientSessionKeepAlive: true,
    sfRetryMaxLoginRetries: 1,
    clientConfigFile: '',
    representNullAsStringNull: false,
    rowMode: 'array',
    fetchAsString: ['Number', 'Date', 'JSON', 'Buffer', 'Boolean'],
  };
}

async function authOptions(
  settings: SnowflakeSettings,
  secrets: Secrets,
): Promise<Partial<SnowflakeConnectionOptions>> {
  const { auth } = settings;
  switch (auth.kind) {
    case 'password': {
      requireUser(settings);
      const password = requireSecret(secrets, 'snowflake.password', 'Snowflake password');
      if (!auth.passcode) return { password };
      const passcode = usedPasscodes.has(passcodeKey(settings)) ? {} : { passcode: auth.passcode };
      return {
        authenticator: 'USERNAME_PASSWORD_MFA',
        password,
        ...passcode,
        clientRequestMFAToken: true,
      };
    }
    case 'key-pair':
      requireUser(settings);
      return { authenticator: 'SNOWFLAKE_JWT', privateKey: await readPrivateKey(auth.keyFile, secrets) };
    case 'access-token':
      return {
        authenticator: 'PROGRAMMATIC_ACCESS_TOKEN',
        token: requireSecret(secrets, 'snowflake.token', 'programmatic access token'),
      };
    case 'oauth':
      return { authenticator: 'OAUTH', token: requireSecret(secrets, 'snowflake.token', 'OAuth token') };
    case 'browser':
      return {
        authenticator: 'EXTERNALBROWSER',
        clientStoreTemporaryCredential: true,
        browserActionTimeout: BROWSER_TIMEOUT_MS,
      };
  }
}

function passcodeKey({ auth, ...settings }: SnowflakeSettings): string {
  if (auth.kind !== 'password' || !auth.passcode) return '';
  return JSON.stringify([settings.account, settings.accessUrl, settings.user, auth.passcode]);
}

/** Reads and decrypts the key here, so that a wrong file or passphrase gets its own sentence and the SDK never sees a path. */
async function readPrivateKey(keyFile: string, secrets: Secrets): Promise<string> {
  const passphrase = secrets['snowflake.privateKeyPassphrase'];
  const pem = keyFile ? await readKeyFile(keyFile) : requireSecret(secrets, 'snowflake.privateKey', 'private key');
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) {
    const isPublic = /-----BEGIN [A-Z ]*PUBLIC KEY-----/.test(pem);
    throw keyInvalid(
      isPublic
        ? 'this is the public key, the private one is needed'
        : 'it does not begin with -----BEGIN PRIVATE KEY-----',
    );
  }
  const isEncrypted = /ENCRYPTED/.test(pem);
  if (isEncrypted && !passphrase)
    throw keyInvalid('it is encrypted and its passphrase is missing', 'snowflake.privateKeyPassphrase');
  try {
    const key = createPrivateKey(isEncrypted && passphrase ? { key: pem, passphrase } : pem);
    if (key.asymmetricKeyType !== 'rsa')
      throw keyInvalid(`it is a key of the type ${key.asymmetricKeyType ?? 'unknown'}, Snowflake takes RSA`);
    return key.export({ type: 'pkcs8', format: 'pem' }).toString();
  } catch (error) {
    if (error instanceof AppError) throw error;
    // OpenSSL names neither the passphrase nor the key in its texts, but they mean little to people.
    throw isEncrypted
      ? keyInvalid('the passphrase does not open it', 'snowflake.privateKeyPassphrase')
      : keyInvalid('it is not a valid PEM key');
  }
}

async function readKeyFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new AppError('FILE_NOT_READABLE', {
      cause: error,
      facts: { path, detail: code },
      field: 'snowflake.auth.keyFile',
    });
  }
}

function keyInvalid(detail: string, field = 'snowflake.privateKey'): AppError {
  return new AppError('KEY_INVALID', { facts: { detail }, field });
}

function requireSecret(secrets: Secrets, slot: SecretSlot, secret: string): string {
  const value = secrets[slot];
  if (value) return value;
  throw new AppError('SECRET_MISSING', { facts: { secret, page: 'Connect to Snowflake' }, field: slot });
}

function requireUser(settings: SnowflakeSettings): void {
  if (!settings.user)
    throw new AppError('INPUT_INVALID', {
      facts: { detail: 'The user is needed for this kind of login.' },
      field: 'snowflake.user',
    });
}

function errorContext(settings: SnowflakeSettings, timeoutMs: number): ErrorContext {
  const { host, port } = snowflakeHost(settings);
  return {
    server: `Snowflake account ${settings.account}`,
    host,
    port,
    user: settings.user,
    role: settings.role,
    warehouse: settings.warehouse,
    phase: 'login',
    authKind: settings.auth.kind,
    loginTimeoutSeconds: Math.round(timeoutMs / 1000),
  };
}
