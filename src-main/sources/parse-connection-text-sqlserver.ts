import { parsePairs, readOptions, splitAddress, type ConnectionUrl } from './connection-text.ts';

/** Values by path in the settings of SQL Server; true and false are the words, and `encrypt` may be `strict`. Passwords and secrets are dropped. */
export type SqlServerValues = Record<string, string | number | undefined>;

/** `jdbc:sqlserver://host\instance:1433;databaseName=db;encrypt=true`: properties only, no path. Null for another text. */
export function readSqlServerJdbc(text: string): SqlServerValues | null {
  const match = /^jdbc:sqlserver:\/\/([^;]*);?(.*)$/is.exec(text);
  if (!match) return null;
  const pairs = parsePairs(match[2] ?? '', /;/);
  const [name = '', instance = ''] = (match[1] ?? '').split('\\');
  const first = instance === '' ? splitAddress(name) : { ...splitAddress(instance), host: name };
  const [host, inner = ''] = (first.host || (pairs.get('servername') ?? '')).split('\\');
  const named = instance === '' ? inner : splitAddress(instance).host;
  const rest = readSqlServerPairs(pairs);
  return {
    ...rest,
    ...place({ host, instance: named || toText(rest['instance']), port: first.port ?? toNumber(rest['port']) }),
  };
}

/** `mssql://user@host:1433/db?encrypt=true`. */
export function readSqlServerUrl(url: ConnectionUrl): SqlServerValues {
  const rest = readSqlServerPairs(url.parameters);
  return {
    ...rest,
    ...place({ host: url.host, instance: toText(rest['instance']), port: url.port ?? toNumber(rest['port']) }),
    database: url.path[0] ?? rest['database'],
    ...(url.user === '' ? {} : login(url.parameters, url.user)),
  };
}

const SQLCMD_OPTIONS = { '-S': 'server', '-d': 'database', '-U': 'user' };

/** `sqlcmd -S tcp:host\instance,1433 -d db -U sa -C`: https://learn.microsoft.com/en-us/sql/tools/sqlcmd/sqlcmd-utility */
export function readSqlcmd(words: string[]): SqlServerValues {
  const isSet = (flag: string): boolean => words.includes(flag);
  const flags = ['-E', '-C', '-G', '-N', '-Nm', '-Ns', '-No', '-K'];
  const { options } = readOptions(
    words.filter((word, index) => !flags.includes(word) && words[index - 1] !== '-K'),
    SQLCMD_OPTIONS,
  );
  const user = options.get('user');
  const intent = words[words.indexOf('-K') + 1];
  return {
    ...readSqlServerAddress(options.get('server') ?? ''),
    database: options.get('database'),
    ...(isSet('-G') && user ? { 'auth.kind': 'entra-password', 'auth.user': user } : login(new Map(), user)),
    ...(isSet('-E') ? { 'auth.kind': 'ntlm' } : {}),
    ...(isSet('-C') ? { trustServerCertificate: 'true' } : {}),
    ...(isSet('-N') || isSet('-Nm') ? { encrypt: 'true' } : {}),
    ...(isSet('-Ns') ? { encrypt: 'strict' } : {}),
    ...(isSet('-No') ? { encrypt: 'false' } : {}),
    ...(isSet('-K') && /^readonly$/i.test(intent ?? '') ? { readOnlyIntent: 'true' } : {}),
  };
}

/** `tcp:host\instance,1433`, `host,1433`, `(local)`. Where both are given the port counts, as in Microsoft's own drivers. */
export function readSqlServerAddress(server: string): SqlServerValues {
  const plain = server.trim().replace(/^(tcp|np|lpc|admin):/i, '');
  const [, host = '', instance, port] = /^([^\\,]*)(?:\\([^,]*))?(?:,\s*(\d+))?$/.exec(plain) ?? [];
  const name = host === '.' || /^\(local\)$/i.test(host) ? 'localhost' : host.trim();
  return place({ host: name, instance, port: port === undefined ? null : Number(port) });
}

/**
 * The keywords of ADO.NET, ODBC and JDBC: https://learn.microsoft.com/en-us/dotnet/api/microsoft.data.sqlclient.sqlconnection.connectionstring and
 * https://learn.microsoft.com/en-us/sql/connect/jdbc/setting-the-connection-properties
 */
export function readSqlServerPairs(pairs: Map<string, string>): SqlServerValues {
  const user = pairs.get('user') ?? pairs.get('username') ?? pairs.get('userid') ?? pairs.get('uid');
  const port = Number(pairs.get('port') ?? pairs.get('portnumber'));
  const encrypt = pairs.get('encrypt')?.trim();
  const intent = (pairs.get('applicationintent') ?? '').replace(/\s/g, '');
  return {
    ...(port ? { port } : {}),
    instance: pairs.get('instancename'),
    database: pairs.get('databasename') ?? pairs.get('database') ?? pairs.get('initialcatalog'),
    ...login(pairs, user),
    encrypt: /^strict$/i.test(encrypt ?? '') ? 'strict' : truth(encrypt),
    trustServerCertificate: truth(pairs.get('trustservercertificate')),
    certificateHost: pairs.get('hostnameincertificate'),
    readOnlyIntent: /^readonly$/i.test(intent) ? 'true' : undefined,
  };
}

function place(parts: {
  host: string | undefined;
  instance: string | undefined;
  port: number | null;
}): SqlServerValues {
  const { host, instance, port } = parts;
  return { host: host || undefined, instance: port === null ? instance : undefined, port: port ?? undefined };
}

function login(pairs: Map<string, string>, user: string | undefined): SqlServerValues {
  const authentication = (pairs.get('authentication') ?? '').replace(/\s/g, '').toLowerCase();
  const isEntra = authentication.startsWith('activedirectory');
  if (authentication === 'activedirectoryserviceprincipal') {
    const [clientId, tenantId] = (user ?? '').split('@');
    return { 'auth.kind': 'entra-service-principal', 'auth.clientId': clientId, 'auth.tenantId': tenantId };
  }
  if (authentication === 'activedirectorypassword') return { 'auth.kind': 'entra-password', 'auth.user': user };
  // Signing in through a browser, the account of this computer or a machine's identity: of these only the token can be handed over.
  if (isEntra) return { 'auth.kind': 'entra-token' };
  const domain = pairs.get('domain') ?? pairs.get('domainname');
  const isWindows = [pairs.get('integratedsecurity'), pairs.get('trustedconnection')].some((value) =>
    /^(true|yes|sspi)$/i.test(value?.trim() ?? ''),
  );
  if (isWindows || domain) return { 'auth.kind': 'ntlm', 'auth.domain': domain, 'auth.user': user };
  return user ? { 'auth.kind': 'sql-login', 'auth.user': user } : {};
}

function truth(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  return /^(true|yes|1|mandatory)$/i.test(value.trim()) ? 'true' : 'false';
}

function toText(value: string | number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

function toNumber(value: string | number | undefined): number | null {
  return typeof value === 'number' ? value : null;
}
