import { readFileSync } from 'node:fs';
import net from 'node:net';
import type { Iam } from '../aws/iam.ts';
import type { TemporaryDatabaseCredentials } from '../aws/temporary-database-credentials.ts';
import { authenticate, literal } from './authenticate.ts';
import { BackendConnection, BackendError } from './backend-connection.ts';
import { installCatalog, readRedshiftTypes } from './catalog.ts';
import { greet, TLS_FILES } from './client-login.ts';
import type { Greeting } from './client-login.ts';
import { createParquetWriter } from './parquet-writer.ts';
import { startPostgres } from './postgres-process.ts';
import type { PostgresProcess } from './postgres-process.ts';
import { runUnload } from './run-unload.ts';
import { Session } from './session.ts';
import type { RedshiftFault, RedshiftMessageInfo, SessionOptions } from './session.ts';
import { isOn, REDSHIFT_SETTINGS } from './session-settings.ts';
import { assumeUnloadRole } from './unload-credentials.ts';
import { logUnload } from './unload-log.ts';
import { errorResponse, message, parameterStatus, readyForQuery, RedshiftError } from './wire.ts';

export interface RedshiftUser {
  readonly name: string;
  readonly password: string;
  /** `superuser` sees and may do everything; `reader` may read every table that clients or seeds make; `none` what it is granted. */
  readonly rights: 'superuser' | 'reader' | 'none';
}

export interface RedshiftOptions {
  /** An empty directory for PostgreSQL's files; a temporary one when absent. Removed at close. */
  readonly dataDirectory?: string;
  /** `dev` by default, as a new cluster has it. */
  readonly databases?: readonly string[];
  /** `awsuser` with a practice password by default. */
  readonly users?: readonly RedshiftUser[];
  /** Where role ARNs and access keys mean something. */
  readonly iam: Pick<Iam, 'accountId' | 'assumeRole' | 'findCredential'>;
  /** ARNs of the roles that are associated with the cluster, and the one of them that IAM_ROLE default means. */
  readonly associatedRoleArns: readonly string[];
  readonly defaultRoleArn?: string;
  readonly s3Endpoint: string;
  readonly region: string;
  readonly clusterIdentifier?: string;
  /** Files that UNLOAD writes side by side; 4 by default. */
  readonly slices?: number;
  /** `offered` by default: a client decides. `required` is the parameter group's require_ssl. */
  readonly tls?: 'off' | 'offered' | 'required';
  readonly temporaryCredentials?: TemporaryDatabaseCredentials;
  /** 0, the default: any free port. */
  readonly port?: number;
  readonly onMessage?: (info: RedshiftMessageInfo) => RedshiftFault | undefined | Promise<RedshiftFault | undefined>;
}

export interface RedshiftStandIn {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly databases: readonly string[];
  readonly users: readonly RedshiftUser[];
  readonly clusterIdentifier: string;
  readonly region: string;
  /** PEM of the authority that signed the server's certificate (for localhost, 127.0.0.1 and ::1). */
  readonly caCertificate: string;
  readonly caCertificatePath: string;
  /** A superuser's connection straight to the PostgreSQL behind, for seeding: not what a client of Redshift gets. */
  connectDirectly(database?: string): Promise<BackendConnection>;
  close(): Promise<void>;
}

export const DEFAULT_REDSHIFT_USERS: readonly RedshiftUser[] = [
  { name: 'awsuser', password: 'Practice1', rights: 'superuser' },
  { name: 'reader', password: 'Practice1', rights: 'reader' },
];

const HOST = '127.0.0.1';
const SUPERUSER = 'rdsdb';

/**
 * A Redshift endpoint on 127.0.0.1: PostgreSQL behind a proxy that speaks its protocol and does what Redshift does otherwise.
 * FIDELITY.md says what it follows and where it differs.
 */
export async function startRedshift(options: RedshiftOptions): Promise<RedshiftStandIn> {
  const databases = options.databases ?? ['dev'];
  const users = options.users ?? DEFAULT_REDSHIFT_USERS;
  const postgres = await startPostgres({
    superuser: SUPERUSER,
    settings: toPostgresSettings(),
    ...(options.dataDirectory === undefined ? {} : { dataDirectory: options.dataDirectory }),
  });
  try {
    const cluster = await prepareCluster({ options, postgres, databases, users });
    const server = net.createServer((socket) => void serve(socket, cluster));
    await listen(server, options.port ?? 0);
    const address = server.address();
    return {
      host: HOST,
      port: address !== null && typeof address === 'object' ? address.port : 0,
      database: databases[0] ?? 'dev',
      databases,
      users,
      clusterIdentifier: cluster.clusterIdentifier,
      region: options.region,
      caCertificate: readFileSync(TLS_FILES.ca, 'utf8'),
      caCertificatePath: TLS_FILES.ca.pathname,
      connectDirectly: (database = databases[0] ?? 'dev') => connectDirectly(postgres, database),
      close: () => closeAll(server, cluster, postgres),
    };
  } catch (error) {
    await postgres.close();
    throw error;
  }
}

interface Cluster {
  readonly options: RedshiftOptions;
  readonly postgres: PostgresProcess;
  readonly clusterIdentifier: string;
  readonly parquet: Awaited<ReturnType<typeof createParquetWriter>>;
  readonly redshiftTypes: ReadonlyMap<number, string>;
  readonly sessions: Map<number, Session>;
  readonly sockets: Set<net.Socket>;
  nextQueryId(): number;
}

function toPostgresSettings(): Record<string, string> {
  const own: Record<string, string> = {};
  for (const [name, value] of Object.entries(REDSHIFT_SETTINGS)) own[`redshift.${name}`] = value;
  return {
    ...own,
    // Redshift's lexer is PostgreSQL 8.0's: a backslash escapes in every literal.
    standard_conforming_strings: 'off',
    escape_string_warning: 'off',
    backslash_quote: 'on',
    extra_float_digits: '0',
    // Stored so that the proxy can check AuthenticationMD5Password, which is what Redshift asks for.
    password_encryption: 'md5',
    md5_password_warnings: 'off',
  };
}

async function prepareCluster(input: {
  options: RedshiftOptions;
  postgres: PostgresProcess;
  databases: readonly string[];
  users: readonly RedshiftUser[];
}): Promise<Cluster> {
  const { options, postgres } = input;
  const template = await connectDirectly(postgres, 'template1');
  await installCatalog(template, options.slices ?? 4);
  const redshiftTypes = await readRedshiftTypes(template);
  await createUsers(template, input.users);
  template.close();
  const admin = await connectDirectly(postgres, 'postgres');
  for (const name of input.databases) await admin.query(`CREATE DATABASE "${name.replaceAll('"', '""')}"`);
  admin.close();
  let queryId = 100;
  return {
    options,
    postgres,
    clusterIdentifier: options.clusterIdentifier ?? 'practice-cluster',
    parquet: await createParquetWriter(),
    redshiftTypes,
    sessions: new Map(),
    sockets: new Set(),
    nextQueryId: () => (queryId += 1),
  };
}

async function createUsers(connection: BackendConnection, users: readonly RedshiftUser[]): Promise<void> {
  for (const user of users) {
    const name = `"${user.name.replaceAll('"', '""')}"`;
    const rights = user.rights === 'superuser' ? 'SUPERUSER CREATEDB CREATEROLE' : '';
    await connection.query(`CREATE ROLE ${name} LOGIN ${rights} PASSWORD ${literal(user.password)}`);
    if (user.rights === 'reader') await connection.query(`GRANT practice_readers TO ${name}`);
  }
}

function connectDirectly(postgres: PostgresProcess, database: string): Promise<BackendConnection> {
  return BackendConnection.connect({ address: postgres.address, user: postgres.superuser, database });
}

async function serve(socket: net.Socket, cluster: Cluster): Promise<void> {
  cluster.sockets.add(socket);
  socket.on('close', () => cluster.sockets.delete(socket));
  socket.on('error', () => undefined);
  socket.setNoDelay(true);
  const tls = cluster.options.tls ?? 'offered';
  try {
    const greeting = await greet(socket, { isTlsOffered: tls !== 'off', isTlsRequired: tls === 'required' });
    if (greeting.kind === 'cancel') {
      const session = cluster.sessions.get(greeting.processId);
      if (session?.backend.key.readInt32BE(4) === greeting.secret) session.cancel();
      socket.end();
      return;
    }
    await openSession(greeting, cluster);
  } catch {
    socket.destroySoon();
  }
}

async function openSession(greeting: Extract<Greeting, { kind: 'startup' }>, cluster: Cluster): Promise<void> {
  const { client, request, ask } = greeting;
  const { options, postgres } = cluster;
  let backend: BackendConnection;
  let user: string;
  const startup = toBackendParameters(request.parameters);
  try {
    const catalog = await connectDirectly(postgres, 'postgres');
    try {
      user = await authenticate({ request, ask, catalog, temporaryCredentials: options.temporaryCredentials });
    } finally {
      catalog.close();
    }
    const target = { address: postgres.address, user, database: request.database, parameters: startup.parameters };
    backend = await BackendConnection.connect(target);
  } catch (error) {
    client.end(errorResponse(toFatal(error)));
    return;
  }
  const sessionOptions: SessionOptions = {
    client,
    backend,
    user,
    database: request.database,
    isCaseSensitive: startup.isCaseSensitive,
    redshiftTypes: cluster.redshiftTypes,
    nextQueryId: cluster.nextQueryId,
    runUnload: (input) => unload(input, cluster),
    onMessage: (info) => options.onMessage?.(info),
  };
  const session = new Session(sessionOptions);
  const processId = backend.key.readInt32BE(0);
  cluster.sessions.set(processId, session);
  backend.onClose(() => cluster.sessions.delete(processId));
  client.write(loginAnswer(backend));
  session.start(greeting.takeRest());
}

/** AuthenticationOk, the parameters that Redshift reports, BackendKeyData, ReadyForQuery. */
function loginAnswer(backend: BackendConnection): Buffer {
  const reported = [
    'client_encoding',
    'DateStyle',
    'integer_datetimes',
    'is_superuser',
    'server_encoding',
    'session_authorization',
    'TimeZone',
  ];
  const statuses = reported.flatMap((name) => {
    const value = backend.parameters.get(name);
    if (value === undefined) return [];
    return [parameterStatus(name, value === 'UTF8' && name.endsWith('encoding') ? 'UNICODE' : value)];
  });
  return Buffer.concat([
    message('R', 0),
    ...statuses,
    parameterStatus('server_version', '8.0.2'),
    message('K', backend.key),
    readyForQuery('I'),
  ]);
}

/** Startup parameters that PostgreSQL takes as they are; a client's `options` may name Redshift's settings too. */
function toBackendParameters(parameters: Readonly<Record<string, string>>): {
  parameters: Record<string, string>;
  isCaseSensitive: boolean;
} {
  const passed: Record<string, string> = {};
  const known = [
    'application_name',
    'client_encoding',
    'datestyle',
    'extra_float_digits',
    'statement_timeout',
    'timezone',
    'search_path',
    'options',
  ];
  for (const [name, value] of Object.entries(parameters)) if (known.includes(name.toLowerCase())) passed[name] = value;
  let isCaseSensitive = false;
  const options = passed['options'];
  if (options !== undefined) {
    passed['options'] = options.replace(/(-c\s*|--)([a-z_]+)=/gi, (whole, flag: string, name: string) =>
      name.toLowerCase() in REDSHIFT_SETTINGS ? `${flag}redshift.${name.toLowerCase()}=` : whole,
    );
    const setting = /enable_case_sensitive_identifier=(\S+)/i.exec(options);
    isCaseSensitive = setting?.[1] !== undefined && isOn(setting[1]);
  }
  return { parameters: passed, isCaseSensitive };
}

async function unload(
  input: Parameters<SessionOptions['runUnload']>[0],
  cluster: Cluster,
): ReturnType<SessionOptions['runUnload']> {
  const { statement, queryId, session, signal } = input;
  const { options } = cluster;
  const processId = session.backend.key.readInt32BE(0);
  const startedAt = new Date();
  const log = { ...input, processId, startedAt };
  try {
    const credentials = assumeUnloadRole({
      authorization: statement.authorization,
      iam: options.iam,
      associatedRoleArns: options.associatedRoleArns,
      defaultRoleArn: options.defaultRoleArn,
      userArn: `arn:aws:redshift:${options.region}:${options.iam.accountId}:dbuser:${cluster.clusterIdentifier}/${session.user}`,
      queryId,
      processId,
    });
    const outcome = await runUnload(statement, {
      backend: session.backend,
      parquet: cluster.parquet,
      credentials,
      s3Endpoint: options.s3Endpoint,
      clusterRegion: options.region,
      slices: options.slices ?? 4,
      redshiftTypes: cluster.redshiftTypes,
      queryId,
      processId,
      signal,
    });
    await logUnload(cluster.postgres, { ...log, outcome });
    return outcome;
  } catch (error) {
    await logUnload(cluster.postgres, { ...log, failure: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}

function toFatal(error: unknown): RedshiftError['fields'] {
  if (error instanceof RedshiftError) return error.fields;
  if (error instanceof BackendError) {
    return { severity: 'FATAL', code: error.fields['C'] ?? 'XX000', message: error.fields['M'] ?? error.message };
  }
  return { severity: 'FATAL', code: 'XX000', message: error instanceof Error ? error.message : String(error) };
}

function listen(server: net.Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => resolve());
  });
}

async function closeAll(server: net.Server, cluster: Cluster, postgres: PostgresProcess): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const session of cluster.sessions.values()) session.close();
  for (const socket of cluster.sockets) socket.destroy();
  await closed;
  cluster.parquet.close();
  await postgres.close();
}
