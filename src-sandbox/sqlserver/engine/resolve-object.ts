import type { Identifier, ObjectName, Query } from '../sql/ast.ts';
import { parseBatch } from '../sql/parse-batch.ts';
import type { ResolvedObject } from './bind/binder.ts';
import { collationOf } from './collation.ts';
import { errors, SqlError } from './errors.ts';
import type { DatabaseMetadata, DatabasePrincipal, LoginMetadata, SchemaMetadata, ViewMetadata } from './metadata.ts';
import { findTable } from './object-index.ts';
import type { ServerState } from './server-state.ts';
import type { SessionState } from './session-state.ts';
import { findSystemObject } from './system-objects.ts';

export const sameIn = (collation: string, a: string, z: string): boolean =>
  collationOf(collation).ignoresCase ? a.toLowerCase() === z.toLowerCase() : a === z;

export function findDatabase(server: ServerState, name: string): DatabaseMetadata | undefined {
  return server.metadata.databases.find((database) => sameIn(server.metadata.collation, database.name, name));
}

export function findSchema(database: DatabaseMetadata, name: string): SchemaMetadata | undefined {
  return database.schemas.find((schema) => sameIn(database.collation, schema.name, name));
}

export const schemaName = (database: DatabaseMetadata, id: number): string =>
  database.schemas.find((schema) => schema.id === id)?.name ?? '';

export function findView(database: DatabaseMetadata, schemaId: number, name: string): ViewMetadata | undefined {
  return database.views.find((view) => view.schemaId === schemaId && sameIn(database.collation, view.name, name));
}

/** The user of a database that a login acts as: dbo for its owners, a mapped user, or guest in the system databases; null when it may not enter. */
export function principalOf(database: DatabaseMetadata, login: LoginMetadata): DatabasePrincipal | null {
  const byName = (name: string): DatabasePrincipal | undefined => database.principals.find((one) => one.name === name);
  if (login.serverRoles.includes('sysadmin')) return byName('dbo') ?? null;
  const mapped = database.principals.find(
    (one) => one.kind === 'SQL_USER' && one.loginName?.toLowerCase() === login.name.toLowerCase(),
  );
  if (mapped !== undefined) return mapped;
  return ['master', 'tempdb', 'msdb'].includes(database.name.toLowerCase()) ? (byName('guest') ?? null) : null;
}

export function requireDatabase(server: ServerState, session: SessionState, name: string | null): DatabaseMetadata {
  if (name === null || name === '') return session.database;
  const database = findDatabase(server, name);
  if (database === undefined) throw errors.noDatabase(name);
  if (principalOf(database, session.login) === null) throw errors.noDatabaseAccess(session.login.name, database.name);
  return database;
}

const printed = (name: ObjectName): string =>
  [name.server, name.database, name.schema, name.name].filter((part) => part !== null).join('.');

/** An object by the name that a statement gives it. `current` is the database that names without one belong to. */
export function resolveObject(
  server: ServerState,
  session: SessionState,
  name: ObjectName,
  current: DatabaseMetadata,
): ResolvedObject {
  if (name.server !== null && !sameIn(server.metadata.collation, name.server, server.metadata.serverName)) {
    throw new SqlError(
      7202,
      `Could not find server '${name.server}' in sys.servers. Verify that the correct server name was specified. If necessary, execute the stored procedure sp_addlinkedserver to add the server to sys.servers.`,
      { severity: 11, state: 2 },
    );
  }
  if (name.name.startsWith('#')) {
    const table = session.temporary.get(name.name.toLowerCase());
    if (table === undefined) throw errors.unknownObject(name.name);
    const tempdb = findDatabase(server, 'tempdb') as DatabaseMetadata;
    return { kind: 'table', database: tempdb, table, schema: 'dbo' };
  }
  const database = name.database === null || name.database === '' ? current : findDatabase(server, name.database);
  if (database === undefined) throw errors.unknownObject(printed(name));
  const principal = principalOf(database, session.login);
  if (principal === null) throw errors.noDatabaseAccess(session.login.name, database.name);
  const schemas = name.schema === null || name.schema === '' ? [principal.defaultSchema, 'dbo'] : [name.schema];
  for (const schema of schemas) {
    const found =
      findSystemObject(server, session, { database, principal }, { schema, name: name.name }) ??
      findUserObject(database, schema, name.name);
    if (found !== undefined) return found;
  }
  throw errors.unknownObject(printed(name));
}

function findUserObject(database: DatabaseMetadata, schemaNamed: string, name: string): ResolvedObject | undefined {
  const schema = findSchema(database, schemaNamed);
  if (schema === undefined) return undefined;
  const table = findTable(database, schema.id, name);
  if (table !== undefined) return { kind: 'table', database, table, schema: schema.name };
  const view = findView(database, schema.id, name);
  if (view === undefined) return undefined;
  const { query, columnNames } = viewQuery(view);
  return {
    kind: 'view',
    database,
    schema: schema.name,
    name: view.name,
    objectId: view.objectId,
    schemaId: schema.id,
    query,
    columnNames,
    columns: view.columns,
  };
}

const parsedViews = new WeakMap<ViewMetadata, { definition: string; query: Query; columnNames: string[] }>();

export function viewQuery(view: ViewMetadata): { query: Query; columnNames: string[] } {
  const known = parsedViews.get(view);
  if (known !== undefined && known.definition === view.definition) return known;
  const statement = parseBatch(view.definition, { quotedIdentifier: true })[0];
  if (statement?.kind !== 'create-view') throw errors.unknownObject(view.name);
  const parsed = {
    definition: view.definition,
    query: statement.query,
    columnNames: statement.columns.map((column: Identifier) => column.name),
  };
  parsedViews.set(view, parsed);
  return parsed;
}
