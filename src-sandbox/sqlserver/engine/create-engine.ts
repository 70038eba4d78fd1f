import { createHash, timingSafeEqual } from 'node:crypto';
import type { Engine, EngineSession, LoginOutcome, LoginRequest, SqlMessage, SqlValue } from '../engine-contract.ts';
import { appendRows } from './bulk-load.ts';
import { openDuck } from './duck.ts';
import type { DatabaseMetadata, LoginMetadata, ServerRole } from './metadata.ts';
import { newDatabase } from './new-database.ts';
import { findTable } from './object-index.ts';
import { findDatabase, findSchema, principalOf } from './resolve-object.ts';
import type { ServerState } from './server-state.ts';
import { createSession } from './session.ts';
import { defaultOptions, type SessionState } from './session-state.ts';
import { TableLocks } from './table-locks.ts';

export type EngineOptions = {
  /** Where DuckDB's files go; null keeps all in memory. */
  dataDirectory: string | null;
  databases: { name: string; collation: string; allowSnapshot: boolean; readCommittedSnapshot: boolean }[];
  logins: {
    user: string;
    password: string;
    defaultDatabase: string;
    /** Databases in which the login has a user; without it, all of the engine's own. Owners by role db_owner. */
    databases?: { name: string; roles: string[] }[];
    serverRoles?: ServerRole[];
  }[];
};

export type SqlServerEngine = Engine & {
  /** Runs a script with GO lines as sa. Throws the first error. */
  runScript(database: string, sql: string): Promise<void>;
  /**
   * Appends rows past T-SQL: one value for each column in the table's order, computed ones included, without checks. Answers the count.
   * 600,000 rows of 16 columns take some seconds.
   */
  bulkLoad(
    table: { database: string; schema: string; name: string },
    rows: Iterable<readonly SqlValue[]> | AsyncIterable<readonly SqlValue[]>,
  ): Promise<number>;
  /** A session of sa, without a login. */
  openSession(database: string): Promise<EngineSession>;
};

const SERVER_COLLATION = 'SQL_Latin1_General_CP1_CI_AS';

/** Starts an empty server with its system databases and those of the options. */
export async function createEngine(options: EngineOptions): Promise<SqlServerEngine> {
  const duck = await openDuck(options.dataDirectory);
  let objectId = 901_578_250;
  let transactionId = 1000n;
  let spid = 50;
  let rowVersion = 2000n;
  const server: ServerState = {
    duck,
    locks: new TableLocks(),
    sessions: new Map(),
    metadata: {
      serverName: 'SNOWFERRY-PRACTICE',
      collation: SERVER_COLLATION,
      startedOn: new Date(),
      databases: [],
      logins: [],
    },
    nextObjectId: () => (objectId += 16),
    nextTransactionId: () => (transactionId += 1n),
    nextRowVersion: (_, count) => {
      const last = rowVersion;
      rowVersion += count;
      return last;
    },
  };
  const addDatabase = async (
    database: Omit<EngineOptions['databases'][number], 'name'> & { name: string },
  ): Promise<void> => {
    const id = server.metadata.databases.length + 1;
    server.metadata.databases.push(newDatabase(id, database));
    await duck.main.run(`CREATE SCHEMA "db${id}"`);
  };
  for (const name of ['master', 'tempdb', 'model', 'msdb']) {
    await addDatabase({
      name,
      collation: SERVER_COLLATION,
      allowSnapshot: name !== 'tempdb' && name !== 'model',
      readCommittedSnapshot: false,
    });
  }
  for (const database of options.databases) await addDatabase(database);
  server.metadata.logins.push(
    newLogin(1, { user: 'sa', password: '', defaultDatabase: 'master', serverRoles: ['sysadmin'] }),
  );
  for (const login of options.logins) addLogin(server, login, options);

  const open = async (
    login: LoginMetadata,
    database: DatabaseMetadata,
    request: { hostName: string; applicationName: string },
  ): Promise<EngineSession> => {
    const session: SessionState = {
      spid: (spid += 1),
      login,
      hostName: request.hostName,
      applicationName: request.applicationName,
      loggedInOn: new Date(),
      connection: await duck.connect(),
      database,
      options: defaultOptions(),
      transaction: null,
      rowCount: 0,
      lastError: 0,
      identity: null,
      identityInsert: null,
      temporary: new Map(),
      prepared: new Map(),
      nextHandle: 1,
      isRunning: false,
      signal: new AbortController().signal,
    };
    server.sessions.set(session.spid, session);
    return createSession(server, session, database);
  };
  const openSession = (name: string): Promise<EngineSession> => {
    const database = findDatabase(server, name);
    if (database === undefined) throw new Error(`There is no database ${name}.`);
    return open(server.metadata.logins[0] as LoginMetadata, database, {
      hostName: 'localhost',
      applicationName: 'setup',
    });
  };
  return {
    login: (request) => login(server, request, open),
    openSession,
    runScript: async (database, sql) => {
      const session = await openSession(database);
      try {
        for (const batch of sql.split(/^[ \t]*GO[ \t]*;?[ \t]*\r?$/im)) await runOrThrow(session, batch);
      } finally {
        await session.close();
      }
    },
    bulkLoad: async (target, rows) => {
      const database = findDatabase(server, target.database);
      const schema = database === undefined ? undefined : findSchema(database, target.schema);
      const table =
        database === undefined || schema === undefined ? undefined : findTable(database, schema.id, target.name);
      if (database === undefined || table === undefined)
        throw new Error(`There is no table ${target.database}.${target.schema}.${target.name}.`);
      return appendRows(server, { database, table }, rows);
    },
    close: async () => {
      for (const session of [...server.sessions.values()]) session.connection.closeSync();
      server.sessions.clear();
      duck.close();
      await Promise.resolve();
    },
  };
}

async function runOrThrow(session: EngineSession, sql: string): Promise<void> {
  if (sql.trim() === '') return;
  for await (const event of session.batch(sql, { signal: new AbortController().signal })) {
    if (event.kind === 'message' && event.message.class > 10) {
      const { number, line, message } = event.message;
      throw new Error(`Msg ${number}, line ${line}: ${message}`);
    }
  }
}

function newLogin(
  id: number,
  of: { user: string; password: string; defaultDatabase: string; serverRoles?: ServerRole[] },
): LoginMetadata {
  return {
    id,
    name: of.user,
    sid: id === 1 ? Uint8Array.from([1]) : createHash('md5').update(of.user.toLowerCase()).digest(),
    password: of.password,
    defaultDatabase: of.defaultDatabase,
    isDisabled: id === 1 && of.password === '',
    serverRoles: of.serverRoles ?? [],
    permissions: [],
    createdOn: new Date(),
  };
}

function addLogin(server: ServerState, of: EngineOptions['logins'][number], options: EngineOptions): void {
  const sa = server.metadata.logins[0];
  if (of.user.toLowerCase() === 'sa' && sa !== undefined) {
    Object.assign(sa, { password: of.password, isDisabled: false, defaultDatabase: of.defaultDatabase });
    return;
  }
  const id = 260 + server.metadata.logins.length;
  server.metadata.logins.push(newLogin(id, of));
  if (of.serverRoles?.includes('sysadmin')) return;
  for (const { name, roles } of of.databases ??
    options.databases.map((database) => ({ name: database.name, roles: ['db_owner'] }))) {
    const database = findDatabase(server, name);
    if (database === undefined) throw new Error(`There is no database ${name} for the login ${of.user}.`);
    database.principals.push({
      id: Math.max(4, ...database.principals.filter((one) => one.id < 16_384).map((one) => one.id)) + 1,
      name: of.user,
      kind: 'SQL_USER',
      loginName: of.user,
      defaultSchema: 'dbo',
      isFixedRole: false,
      memberOf: roles.map((role) => {
        const found = database.principals.find(
          (one) => one.kind === 'DATABASE_ROLE' && one.name.toLowerCase() === role.toLowerCase(),
        );
        if (found === undefined) throw new Error(`There is no role ${role}.`);
        return found.id;
      }),
    });
  }
}

type Opener = (login: LoginMetadata, database: DatabaseMetadata, request: LoginRequest) => Promise<EngineSession>;

/** https://learn.microsoft.com/en-us/sql/relational-databases/errors-events/mssqlserver-18456-database-engine-error */
async function login(server: ServerState, request: LoginRequest, open: Opener): Promise<LoginOutcome> {
  const failed = (state: number): LoginOutcome => ({
    kind: 'refused',
    messages: [message(18_456, state, 14, `Login failed for user '${request.user}'.`)],
  });
  const found = server.metadata.logins.find((one) => one.name.toLowerCase() === request.user.toLowerCase());
  if (found === undefined || found.isDisabled || !samePassword(found.password, request.password)) return failed(1);
  const name = request.database === '' ? found.defaultDatabase : request.database;
  const database = findDatabase(server, name);
  if (database === undefined || principalOf(database, found) === null) {
    return {
      kind: 'refused',
      messages: [
        message(4060, 1, 11, `Cannot open database "${name}" requested by the login. The login failed.`),
        message(18_456, 1, 14, `Login failed for user '${request.user}'.`),
      ],
    };
  }
  const session = await open(found, database, request);
  return {
    kind: 'session',
    session,
    messages: [
      message(5701, 2, 0, `Changed database context to '${database.name}'.`),
      message(5703, 1, 0, 'Changed language setting to us_english.'),
    ],
  };
}

const message = (number: number, state: number, severity: number, text: string): SqlMessage => ({
  number,
  state,
  class: severity,
  message: text,
  procedure: '',
  line: 1,
});

function samePassword(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
