import type { ParsedConnectionText } from '#shared/ipc/contract';
import { parsePairs, readOptions, splitArguments, splitUrl, type ConnectionUrl } from './connection-text.ts';
import {
  readSqlcmd,
  readSqlServerAddress,
  readSqlServerJdbc,
  readSqlServerPairs,
  readSqlServerUrl,
  type SqlServerValues,
} from './parse-connection-text-sqlserver.ts';

/**
 * What a pasted JDBC URL, ODBC or ADO string, endpoint, psql, snowsql or sqlcmd line says about a connection; null when it is none of these. Keys of `values`
 * are paths in the connection settings (`host`, `auth.user`, `tls.mode`); true and false are the words. Passwords, tokens and keys are dropped.
 */
export function parseConnectionText(text: string): ParsedConnectionText | null {
  const trimmed = text.trim().replace(/\s*\r?\n\s*/g, ' ');
  if (trimmed === '' || trimmed.length > 4000) return null;
  return (
    parseCommand(trimmed) ??
    parseSqlServerJdbc(trimmed) ??
    parseUrl(trimmed) ??
    parseKeywords(trimmed) ??
    parseEndpoint(trimmed)
  );
}

function result(
  kind: ParsedConnectionText['kind'],
  form: string,
  values: Record<string, string | number | null | undefined>,
): ParsedConnectionText | null {
  const known = Object.entries(values).filter(
    (entry): entry is [string, string | number] => entry[1] !== null && entry[1] !== undefined && entry[1] !== '',
  );
  return known.length === 0 ? null : { kind, form, values: Object.fromEntries(known) };
}

const PSQL_OPTIONS = {
  '-h': 'host',
  '--host': 'host',
  '-p': 'port',
  '--port': 'port',
  '-U': 'user',
  '--username': 'user',
  '-d': 'database',
  '--dbname': 'database',
};
const SNOWSQL_OPTIONS = {
  '-a': 'account',
  '--accountname': 'account',
  '--account': 'account',
  '-u': 'user',
  '--username': 'user',
  '--user': 'user',
  '-r': 'role',
  '--rolename': 'role',
  '--role': 'role',
  '-w': 'warehouse',
  '--warehouse': 'warehouse',
};

function parseCommand(text: string): ParsedConnectionText | null {
  const [command = '', ...words] = splitArguments(text);
  const name = command
    .replace(/^.*[\\/]/, '')
    .replace(/\.exe$/i, '')
    .toLowerCase();
  if (name === 'psql') return parsePsql(words);
  if (name === 'sqlcmd') return result('sqlserver', 'sqlcmd line', readSqlcmd(words));
  if (name !== 'snowsql' && name !== 'snow') return null;
  const { options } = readOptions(words, SNOWSQL_OPTIONS);
  return result('snowflake', `${name} line`, {
    ...snowflakeAccount(options.get('account') ?? ''),
    user: options.get('user'),
    role: options.get('role'),
    warehouse: options.get('warehouse'),
  });
}

function parsePsql(words: string[]): ParsedConnectionText | null {
  const { options, rest } = readOptions(words, PSQL_OPTIONS);
  const target = options.get('database') ?? rest[0] ?? '';
  const url = splitUrl(target);
  if (url) return { ...fromRedshiftUrl(url), form: 'psql line' } as ParsedConnectionText;
  const pairs = target.includes('=') ? parsePairs(target, /\s/) : new Map<string, string>();
  return result('redshift', 'psql line', {
    ...redshiftAddress(
      pairs.get('host') ?? options.get('host') ?? '',
      Number(pairs.get('port') ?? options.get('port')) || null,
    ),
    database: pairs.get('dbname') ?? (target.includes('=') ? undefined : target),
    ...passwordLogin(pairs.get('user') ?? options.get('user') ?? rest[1]),
    'tls.mode': tlsMode(pairs.get('sslmode')),
  });
}

function parseSqlServerJdbc(text: string): ParsedConnectionText | null {
  const values = readSqlServerJdbc(text);
  return values === null ? null : result('sqlserver', 'JDBC URL', values);
}

function parseUrl(text: string): ParsedConnectionText | null {
  const url = splitUrl(text);
  if (!url) return null;
  if (/^jdbc:(redshift|postgresql)/.test(url.scheme)) return fromRedshiftUrl(url);
  if (/^(redshift|postgres|postgresql)(\+\w+)?$/.test(url.scheme)) return fromRedshiftUrl(url);
  if (/^(mssql|sqlserver)(\+\w+)?$/.test(url.scheme)) return result('sqlserver', 'URL', readSqlServerUrl(url));
  if (url.scheme === 'jdbc:snowflake' || /^snowflake(\+\w+)?$/.test(url.scheme)) return fromSnowflakeUrl(url);
  if (/^https?$/.test(url.scheme)) return fromWebAddress(url);
  return null;
}

function fromRedshiftUrl(url: ConnectionUrl): ParsedConnectionText | null {
  const { parameters } = url;
  const form = url.scheme.startsWith('jdbc:') ? 'JDBC URL' : 'URL';
  const database = url.path[0] ?? parameters.get('database');
  if (!url.scheme.endsWith(':iam')) {
    const user = parameters.get('user') ?? parameters.get('uid') ?? url.user;
    const mode = tlsMode(parameters.get('sslmode')) ?? (parameters.get('ssl') === 'false' ? 'disable' : undefined);
    return result('redshift', form, {
      ...redshiftAddress(url.host, url.port),
      database,
      ...passwordLogin(user),
      'tls.mode': mode,
    });
  }
  // jdbc:redshift:iam://<host>:<port>/<db> or jdbc:redshift:iam://<cluster>:<region>/<db>
  const [cluster = '', region = ''] = url.host.includes('.') || url.port !== null ? [] : url.host.split(':');
  const known = redshiftAddress(cluster === '' ? url.host : '', url.port);
  const profile = parameters.get('profile');
  return result('redshift', form, {
    ...known,
    database,
    'auth.kind': known['auth.workgroup'] === undefined ? 'iam-cluster' : 'iam-serverless',
    'auth.clusterId': parameters.get('clusterid') ?? (cluster || known['auth.clusterId']),
    'auth.workgroup': parameters.get('workgroup') ?? known['auth.workgroup'],
    'auth.region': parameters.get('region') ?? (region || known['auth.region']),
    'auth.dbUser': parameters.get('dbuser'),
    'auth.credentials.kind': profile === undefined ? (parameters.has('accesskeyid') ? 'keys' : undefined) : 'profile',
    'auth.credentials.profile': profile,
    'auth.credentials.accessKeyId': parameters.get('accesskeyid'),
    'tls.mode': tlsMode(parameters.get('sslmode')),
  });
}

/**
 * `<cluster>.<hash>.<region>.redshift.amazonaws.com` and `<workgroup>.<account>.<region>.redshift-serverless.amazonaws.com` name more than a host:
 * https://docs.aws.amazon.com/redshift/latest/mgmt/configuring-connections.html
 */
function redshiftAddress(host: string, port: number | null): Record<string, string | number | undefined> {
  const match = /^([^.]+)\.[^.]+\.([a-z0-9-]+)\.redshift(-serverless)?\.amazonaws\.com(?:\.cn)?$/i.exec(host);
  const base = { host: host || undefined, port: port ?? undefined };
  if (!match) return base;
  const [, name, region, serverless] = match;
  return serverless
    ? { ...base, 'auth.workgroup': name, 'auth.region': region }
    : { ...base, 'auth.clusterId': name, 'auth.region': region };
}

function fromSnowflakeUrl(url: ConnectionUrl): ParsedConnectionText | null {
  const { parameters } = url;
  return result('snowflake', url.scheme.startsWith('jdbc:') ? 'JDBC URL' : 'URL', {
    ...snowflakeAccount(parameters.get('account') ?? url.host),
    user: parameters.get('user') ?? url.user,
    role: parameters.get('role'),
    warehouse: parameters.get('warehouse'),
  });
}

/** `https://<account>.snowflakecomputing.com/...` or Snowsight's `https://app.snowflake.com/<organization>/<account>/...`. */
function fromWebAddress(url: ConnectionUrl): ParsedConnectionText | null {
  if (/^app\.(.+\.)?snowflake\.com$/i.test(url.host)) {
    const [organization = '', account = ''] = url.path;
    const isNamed = /^[a-z]\w*$/i.test(organization) && /^\w+$/.test(account);
    return isNamed ? result('snowflake', 'Snowsight address', { account: `${organization}-${account}` }) : null;
  }
  return /\.snowflakecomputing\.(com|cn)$/i.test(url.host)
    ? result('snowflake', 'Account URL', snowflakeAccount(url.host))
    : null;
}

function snowflakeAccount(name: string): Record<string, string | undefined> {
  const host = name.replace(/^https?:\/\//i, '').replace(/[/:].*$/, '');
  const account = host.replace(/\.snowflakecomputing\.(com|cn)$/i, '');
  const isPrivate = /\.privatelink$/i.test(account);
  return { account: account || undefined, accessUrl: isPrivate && account !== host ? `https://${host}` : undefined };
}

/** ODBC and ADO.NET strings: `Key=value;Key=value`. What they are for shows in the driver, the host, or in keys that only one product has. */
function parseKeywords(text: string): ParsedConnectionText | null {
  if (!/^[\w .]+=/.test(text) || !text.includes(';')) return null;
  const pairs = parsePairs(text, /;/);
  const driver = pairs.get('driver') ?? '';
  const server =
    pairs.get('server') ??
    pairs.get('host') ??
    pairs.get('datasource') ??
    pairs.get('address') ??
    pairs.get('addr') ??
    '';
  const user = pairs.get('uid') ?? pairs.get('user') ?? pairs.get('userid') ?? pairs.get('username');
  const form = driver === '' ? 'Connection string' : 'ODBC string';
  if (/snowflake/i.test(driver) || /snowflakecomputing/i.test(server) || pairs.has('account')) {
    return result('snowflake', form, {
      ...snowflakeAccount(pairs.get('account') ?? server),
      user,
      role: pairs.get('role'),
      warehouse: pairs.get('warehouse'),
    });
  }
  if (/redshift|postgres/i.test(driver) || /redshift/i.test(server) || Number(pairs.get('port')) === 5439) {
    const database = pairs.get('database') ?? pairs.get('db');
    return result('redshift', form, {
      ...redshiftAddress(server, Number(pairs.get('port')) || null),
      database,
      ...passwordLogin(user),
      'tls.mode': tlsMode(pairs.get('sslmode')),
    });
  }
  const isSqlServer =
    /sql server|freetds/i.test(driver) ||
    /\.database\.(windows\.net|chinacloudapi\.cn|usgovcloudapi\.net)\b/i.test(server) ||
    [
      'encrypt',
      'initialcatalog',
      'datasource',
      'trustservercertificate',
      'integratedsecurity',
      'trustedconnection',
      'multipleactiveresultsets',
      'applicationintent',
      'hostnameincertificate',
    ].some((key) => pairs.has(key));
  if (!isSqlServer && !/,\d+$/.test(server)) return null;
  return result('sqlserver', form, mergeKnown(readSqlServerAddress(server), readSqlServerPairs(pairs)));
}

/** What the address says goes before what the keywords say. */
function mergeKnown(address: SqlServerValues, keywords: SqlServerValues): SqlServerValues {
  const merged = { ...keywords };
  for (const [key, value] of Object.entries(address)) if (value !== undefined) merged[key] = value;
  if (merged['port'] !== undefined) delete merged['instance'];
  return merged;
}

function passwordLogin(user: string | undefined): Record<string, string | undefined> {
  return user ? { 'auth.kind': 'password', 'auth.user': user } : {};
}

/** The modes of libpq that Snowferry has; `prefer` and `allow` become the mode that encrypts without checking. */
function tlsMode(sslmode: string | undefined): string | undefined {
  const mode = sslmode?.toLowerCase();
  if (mode === undefined) return undefined;
  if (['verify-full', 'verify-ca', 'require', 'disable'].includes(mode)) return mode;
  return ['prefer', 'allow'].includes(mode) ? 'require' : undefined;
}

/** The endpoint as the Redshift console shows it, `<host>:5439/dev`, or a Snowflake host. */
function parseEndpoint(text: string): ParsedConnectionText | null {
  const match = /^([a-z0-9][\w.-]*\.[\w.-]+)(?::(\d+))?(?:\/([^\s/]+))?\/?$/i.exec(text);
  if (!match) return null;
  const [, host = '', port, database] = match;
  if (/\.snowflakecomputing\.(com|cn)$/i.test(host)) return result('snowflake', 'Account URL', snowflakeAccount(host));
  if (/\.database\.windows\.net$/i.test(host) || port === '1433')
    return result('sqlserver', 'Endpoint', { host, port: port ? Number(port) : null, database });
  const isRedshift = /\.redshift(-serverless)?\.amazonaws\.com/i.test(host) || port === '5439';
  return isRedshift
    ? result('redshift', 'Endpoint', { ...redshiftAddress(host, port ? Number(port) : null), database })
    : null;
}
