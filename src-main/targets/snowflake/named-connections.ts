import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { AppError } from '#shared/errors/app-error';
import type { NamedConnection } from '#shared/ipc/contract';
import type { Secrets, SnowflakeSettings } from '#shared/model/connection-settings';

export interface NamedConnectionOptions {
  /** For tests; the process's own by default. */
  env?: NodeJS.ProcessEnv;
  home?: string;
  platform?: NodeJS.Platform;
}

export interface NamedConnections {
  connections: NamedConnection[];
  /** Whole sentences about the files: readable by others, not TOML. */
  remarks: string[];
}

/**
 * Connections that other Snowflake tools know, without their secrets. connections.toml wins over the [connections] of config.toml, as it does for the
 * vendor's tools; environment variables SNOWFLAKE_CONNECTIONS_<NAME>_<KEY> win over both.
 * docs.snowflake.com/en/developer-guide/snowflake-cli/connecting/configure-cli
 */
export async function listNamedConnections(options: NamedConnectionOptions = {}): Promise<NamedConnections> {
  const remarks: string[] = [];
  const source = await readSource(options, remarks);
  const connections = source.entries.map(({ name, values }) => ({
    name,
    file: source.file,
    isDefault: name === source.defaultName,
    ...toSettings(values),
  }));
  return { connections, remarks };
}

/** Settings and secrets of one connection, read from the file now. Rejects with INPUT_INVALID when it is not there or cannot be used. */
export async function resolveNamedConnection(
  name: string,
  options: NamedConnectionOptions = {},
): Promise<{ settings: SnowflakeSettings; secrets: Secrets }> {
  const source = await readSource(options, []);
  const entry = source.entries.find((known) => known.name === name);
  if (!entry) {
    const known = source.entries.map((other) => other.name).join(', ') || 'none';
    throw invalid(
      `There is no Snowflake connection "${name}" in ${source.file || 'connections.toml or config.toml'}. Known connections: ${known}.`,
    );
  }
  const { settings, problem } = toSettings(entry.values);
  if (!settings) throw invalid(`The Snowflake connection "${name}" cannot be used: ${problem ?? ''}`);
  return { settings, secrets: await readSecrets(entry.values, settings, options) };
}

type Values = Record<string, string>;

interface Source {
  file: string;
  defaultName: string;
  entries: { name: string; values: Values }[];
}

/** Where the files are: SNOWFLAKE_HOME, else ~/.snowflake when it exists, else the system's own place. */
async function configDirectory(options: NamedConnectionOptions): Promise<string> {
  const env = options.env ?? process.env;
  const home = options.home ?? homedir();
  const chosen = env['SNOWFLAKE_HOME'];
  if (chosen) return chosen.replace(/^~(?=$|[/\\])/, home);
  const own = join(home, '.snowflake');
  if ((await stat(own).catch(() => null))?.isDirectory()) return own;
  switch (options.platform ?? process.platform) {
    case 'win32':
      return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'snowflake');
    case 'darwin':
      return join(home, 'Library', 'Application Support', 'snowflake');
    default:
      return join(env['XDG_CONFIG_HOME'] ?? join(home, '.config'), 'snowflake');
  }
}

async function readSource(options: NamedConnectionOptions, remarks: string[]): Promise<Source> {
  const env = options.env ?? process.env;
  const directory = await configDirectory(options);
  const config = await readToml(join(directory, 'config.toml'), { options, remarks });
  const own = await readToml(join(directory, 'connections.toml'), { options, remarks });
  const configured = config?.['default_connection_name'];
  const defaultName =
    env['SNOWFLAKE_DEFAULT_CONNECTION_NAME'] ?? (typeof configured === 'string' ? configured : 'default');
  const file = own ? 'connections.toml' : 'config.toml';
  const table = own ?? asTable(config?.['connections']);
  if (!table) return { file: '', defaultName, entries: [] };
  const entries = Object.entries(table).flatMap(([name, value]) => {
    const values = asTable(value);
    return values ? [{ name, values: { ...toText(values), ...overrides(name, env) } }] : [];
  });
  return { file: join(directory, file), defaultName, entries };
}

async function readToml(
  path: string,
  context: { options: NamedConnectionOptions; remarks: string[] },
): Promise<Record<string, unknown> | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
    const { mode } = await stat(path);
    if ((context.options.platform ?? process.platform) !== 'win32' && (mode & 0o077) !== 0) {
      context.remarks.push(`Other users of this machine can read ${path}. Limit it with: chmod 600 ${path}`);
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code !== 'ENOENT' && error.code !== 'ENOTDIR') {
      context.remarks.push(`${path} could not be read (${String(error.code)}).`);
    }
    return null;
  }
  try {
    return parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    // The parser's message quotes the line, which may hold a password: only its position is told.
    const place = error instanceof Error && 'line' in error ? ` in line ${String(error.line)}` : '';
    context.remarks.push(`${path} is not valid TOML: there is a mistake${place}.`);
    return null;
  }
}

const AUTHENTICATORS: Record<string, SnowflakeSettings['auth']['kind']> = {
  '': 'password',
  SNOWFLAKE: 'password',
  USERNAME_PASSWORD_MFA: 'password',
  SNOWFLAKE_JWT: 'key-pair',
  PROGRAMMATIC_ACCESS_TOKEN: 'access-token',
  OAUTH: 'oauth',
  EXTERNALBROWSER: 'browser',
};

function toSettings(values: Values): { settings: SnowflakeSettings | null; problem: string | null } {
  const authenticator = (values['authenticator'] ?? '').toUpperCase();
  const keyFile = values['private_key_file'] ?? values['private_key_path'] ?? '';
  const hasKey = Boolean(keyFile || values['private_key_raw'] || values['private_key']);
  const kind = authenticator === '' && hasKey && !values['password'] ? 'key-pair' : AUTHENTICATORS[authenticator];
  const host = values['host'] ?? '';
  const account = values['account'] ?? host.split('.')[0] ?? '';
  if (!kind)
    return { settings: null, problem: `The authenticator ${values['authenticator'] ?? ''} is not supported here.` };
  if (!account) return { settings: null, problem: 'It names no account.' };
  const isOwnHost = host !== '' && host.toLowerCase() !== `${account.toLowerCase()}.snowflakecomputing.com`;
  const port = values['port'] ? `:${values['port']}` : '';
  return {
    settings: {
      account,
      user: values['user'] ?? values['username'] ?? '',
      auth:
        kind === 'password'
          ? { kind, passcode: values['passcode'] ?? '' }
          : kind === 'key-pair'
            ? { kind, keyFile }
            : { kind },
      role: values['role'] ?? '',
      warehouse: values['warehouse'] ?? '',
      accessUrl: isOwnHost ? `${values['protocol'] ?? 'https'}://${host}${port}` : '',
      proxy: {
        host: values['proxy_host'] ?? '',
        port: values['proxy_port'] ? Number(values['proxy_port']) : null,
        user: values['proxy_user'] ?? '',
      },
    },
    problem: null,
  };
}

async function readSecrets(
  values: Values,
  settings: SnowflakeSettings,
  options: NamedConnectionOptions,
): Promise<Secrets> {
  const env = options.env ?? process.env;
  const secrets: Secrets = {};
  if (values['password'] && settings.auth.kind === 'password') secrets['snowflake.password'] = values['password'];
  if (settings.auth.kind === 'key-pair') {
    const key = values['private_key_raw'] ?? values['private_key'];
    const passphrase =
      values['private_key_file_pwd'] ?? values['private_key_passphrase'] ?? env['PRIVATE_KEY_PASSPHRASE'];
    if (key) secrets['snowflake.privateKey'] = key;
    if (passphrase) secrets['snowflake.privateKeyPassphrase'] = passphrase;
  }
  if (settings.auth.kind === 'access-token' || settings.auth.kind === 'oauth') {
    // A programmatic access token may stand in the place of the password, as the drivers allow.
    const token = values['token'] ?? (await readTokenFile(values['token_file_path'])) ?? values['password'];
    if (token) secrets['snowflake.token'] = token;
  }
  if (values['proxy_password']) secrets['snowflake.proxyPassword'] = values['proxy_password'];
  return secrets;
}

async function readTokenFile(path: string | undefined): Promise<string | undefined> {
  if (!path) return undefined;
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    const detail = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new AppError('FILE_NOT_READABLE', { facts: { path, detail } });
  }
}

function overrides(name: string, env: NodeJS.ProcessEnv): Values {
  const prefix = `SNOWFLAKE_CONNECTIONS_${name.toUpperCase()}_`;
  const found = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[0].startsWith(prefix) && entry[1] !== undefined,
  );
  return Object.fromEntries(found.map(([key, value]) => [key.slice(prefix.length).toLowerCase(), value]));
}

function toText(table: Record<string, unknown>): Values {
  const entries = Object.entries(table).filter(([, value]) =>
    ['string', 'number', 'bigint', 'boolean'].includes(typeof value),
  );
  return Object.fromEntries(
    entries.map(([key, value]) => [key.toLowerCase(), String(value as string | number | bigint | boolean)]),
  );
}

function asTable(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
    ? (value as Record<string, unknown>)
    : null;
}

function invalid(detail: string): AppError {
  return new AppError('INPUT_INVALID', { facts: { detail }, field: 'snowflake.connection' });
}
