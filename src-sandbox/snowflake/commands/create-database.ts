import type { Database, Schema } from '../catalog/catalog-types.ts';
import { hasPrivilege, ACCOUNT_OBJECT } from '../catalog/privileges.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { CoreContext } from '../engine/statement-context.ts';
import { errors, SnowflakeError } from '../errors.ts';
import type { TokenReader } from '../sql/token-reader.ts';
import { coreHandler } from './core.ts';
import { statusResult } from './results.ts';

function headAt(reader: TokenReader, noun: string): boolean {
  if (!reader.isWords('CREATE')) return false;
  let ahead = 1;
  if (reader.peek(ahead).value === 'OR') ahead += 2;
  if (reader.peek(ahead).value === 'TRANSIENT') ahead += 1;
  return reader.peek(ahead).value === noun && reader.peek(ahead).kind === 'word';
}

export function makeDatabase(
  catalog: Catalog,
  given: { name: string; owner: string; now: Date; isTransient?: boolean },
): Database {
  const database: Database = {
    id: catalog.nextId(),
    domain: 'DATABASE',
    name: given.name,
    owner: given.owner,
    comment: '',
    createdOn: given.now,
    isTransient: given.isTransient ?? false,
    retentionDays: 1,
    schemas: new Map(),
    droppedSchemas: [],
  };
  catalog.databases.set(given.name, database);
  makeSchema(catalog, database, { name: 'PUBLIC', owner: given.owner, now: given.now });
  return database;
}

export function makeSchema(
  catalog: Catalog,
  database: Database,
  given: { name: string; owner: string; now: Date; isTransient?: boolean },
): Schema {
  const schema: Schema = {
    id: catalog.nextId(),
    domain: 'SCHEMA',
    name: given.name,
    owner: given.owner,
    comment: '',
    createdOn: given.now,
    database,
    isTransient: (given.isTransient ?? false) || database.isTransient,
    retentionDays: database.retentionDays,
    objects: new Map(),
    droppedTables: [],
  };
  database.schemas.set(given.name, schema);
  return schema;
}

function parseOptions(reader: TokenReader, target: { comment: string; retentionDays: number }): void {
  while (!reader.atEnd()) {
    if (reader.acceptWords('COMMENT')) {
      reader.acceptOperator('=');
      target.comment = reader.string();
    } else if (reader.acceptWords('DATA_RETENTION_TIME_IN_DAYS')) {
      reader.expectOperator('=');
      target.retentionDays = reader.integer();
    } else if (reader.acceptWords('WITH', 'MANAGED', 'ACCESS')) {
      throw errors.notInPractice('managed access schemas');
    } else throw reader.unexpected();
  }
  reader.expectEnd();
}

/** https://docs.snowflake.com/en/sql-reference/sql/create-database: the new database and its PUBLIC become current. */
const createDatabaseHandler = coreHandler(
  'CREATE DATABASE',
  (reader) => headAt(reader, 'DATABASE'),
  async (context, reader) => {
    const { session, catalog } = context;
    reader.expectWords('CREATE');
    const replace = reader.acceptWords('OR', 'REPLACE');
    const isTransient = reader.acceptWords('TRANSIENT');
    reader.expectWords('DATABASE');
    const ifNotExists = reader.acceptWords('IF', 'NOT', 'EXISTS');
    const { name } = reader.identifier();
    if (reader.isWords('CLONE') || reader.isWords('FROM'))
      throw errors.notInPractice('CREATE DATABASE ... CLONE or FROM SHARE');
    if (!hasPrivilege(catalog, session.role, 'CREATE DATABASE', ACCOUNT_OBJECT))
      throw errors.insufficientPrivileges('account', context.services.account.toUpperCase());
    const options = { comment: '', retentionDays: 1 };
    parseOptions(reader, options);
    await context.commitBeforeDdl();
    const existing = catalog.findDatabase(name);
    if (existing && ifNotExists) return statusResult(`${name} already exists, statement succeeded.`);
    if (existing && !replace) throw errors.alreadyExists(name);
    const database = makeDatabase(catalog, { name, owner: session.role, now: context.services.now(), isTransient });
    Object.assign(database, options);
    session.database = name;
    session.schema = 'PUBLIC';
    return statusResult(`Database ${name} successfully created.`);
  },
);

/** https://docs.snowflake.com/en/sql-reference/sql/create-schema: the new schema becomes current. */
const createSchemaHandler = coreHandler(
  'CREATE SCHEMA',
  (reader) => headAt(reader, 'SCHEMA'),
  async (context, reader) => {
    const { session, catalog } = context;
    reader.expectWords('CREATE');
    const replace = reader.acceptWords('OR', 'REPLACE');
    const isTransient = reader.acceptWords('TRANSIENT');
    reader.expectWords('SCHEMA');
    const ifNotExists = reader.acceptWords('IF', 'NOT', 'EXISTS');
    const parts = reader.objectName();
    if (parts.length > 2) throw reader.unexpected();
    if (reader.isWords('CLONE')) throw errors.notInPractice('CREATE SCHEMA ... CLONE');
    const database = databaseFor(context, parts.length === 2 ? (parts[0]?.name ?? '') : session.database);
    const name = parts[parts.length - 1]?.name ?? '';
    context.requirePrivilege('CREATE SCHEMA', database);
    const options = { comment: '', retentionDays: database.retentionDays };
    parseOptions(reader, options);
    await context.commitBeforeDdl();
    const existing = database.schemas.get(name);
    if (existing && ifNotExists) return statusResult(`${name} already exists, statement succeeded.`);
    if (name === 'INFORMATION_SCHEMA')
      throw new SnowflakeError('002002', '42710', `SQL compilation error:\nObject '${name}' already exists.`);
    if (existing && !replace) throw errors.alreadyExists(`${database.name}.${name}`);
    const schema = makeSchema(catalog, database, {
      name,
      owner: session.role,
      now: context.services.now(),
      isTransient,
    });
    Object.assign(schema, options);
    session.database = database.name;
    session.schema = name;
    return statusResult(`Schema ${name} successfully created.`);
  },
);

function databaseFor(context: CoreContext, name: string | null): Database {
  if (!name) throw errors.noDatabase();
  const found = context.catalog.findDatabase(name);
  if (!found || !context.hasPrivilege('USAGE', found)) throw errors.doesNotExist('Database', name);
  return found;
}

export const createDatabaseHandlers = [createDatabaseHandler, createSchemaHandler];
