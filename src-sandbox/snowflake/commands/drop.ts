import type { Database, Schema, SchemaDomain, Table } from '../catalog/catalog-types.ts';
import type { CoreContext } from '../engine/statement-context.ts';
import { errors, SnowflakeError } from '../errors.ts';
import type { TokenReader } from '../sql/token-reader.ts';
import { coreHandler } from './core.ts';
import { dropExisting } from './create-table.ts';
import { statusResult } from './results.ts';

const SCHEMA_NOUNS: Record<string, SchemaDomain> = { TABLE: 'TABLE', VIEW: 'VIEW', SEQUENCE: 'SEQUENCE' };

/** DROP DATABASE, SCHEMA, TABLE, VIEW, SEQUENCE, WAREHOUSE, ROLE, USER. */
const dropHandler = coreHandler(
  'DROP',
  (reader) => reader.isWords('DROP'),
  async (context, reader) => {
    reader.expectWords('DROP');
    const noun = reader.next().value;
    const ifExists = reader.acceptWords('IF', 'EXISTS');
    if (noun === 'DATABASE') return dropDatabase(context, reader, ifExists);
    if (noun === 'SCHEMA') return dropSchema(context, reader, ifExists);
    if (noun === 'WAREHOUSE' || noun === 'ROLE' || noun === 'USER')
      return dropAccountObject(context, reader, { noun, ifExists });
    const domain = SCHEMA_NOUNS[noun];
    if (!domain) throw errors.notInPractice(`DROP ${noun}`);
    return dropSchemaObject(context, reader, { domain, ifExists });
  },
);

const DROPPED = 'Drop statement executed successfully';

async function dropSchemaObject(
  context: CoreContext,
  reader: TokenReader,
  given: { domain: SchemaDomain; ifExists: boolean },
): ReturnType<typeof dropDatabase> {
  const name = reader.objectName();
  if (!reader.acceptWords('CASCADE')) reader.acceptWords('RESTRICT');
  reader.expectEnd();
  const shown = name[name.length - 1]?.name ?? '';
  await context.commitBeforeDdl();
  const found = given.ifExists ? findQuietly(context, given.domain, name) : context.find(given.domain, name);
  if (!found) {
    if (given.ifExists) return statusResult(`${DROPPED} (${shown} already dropped).`);
    const { schema } = context.resolve(name);
    const title = given.domain[0] + given.domain.slice(1).toLowerCase();
    throw errors.doesNotExist(title, `${schema.database.name}.${schema.name}.${shown}`);
  }
  if (found.domain !== given.domain) {
    throw new SnowflakeError(
      '002203',
      '42601',
      `SQL compilation error:\nObject found is of type '${found.domain}', specified type '${given.domain}' is not appropriate.`,
    );
  }
  context.requirePrivilege('OWNERSHIP', found);
  await dropExisting(context, found as Table);
  return statusResult(`${shown} successfully dropped.`);
}

function findQuietly(
  context: CoreContext,
  domain: SchemaDomain,
  name: Parameters<CoreContext['find']>[1],
): ReturnType<CoreContext['find']> {
  try {
    return context.find(domain, name);
  } catch (error) {
    if (error instanceof SnowflakeError && error.code === '002003') return undefined;
    throw error;
  }
}

async function dropDatabase(
  context: CoreContext,
  reader: TokenReader,
  ifExists: boolean,
): Promise<ReturnType<typeof statusResult>> {
  const { name } = reader.identifier();
  if (!reader.acceptWords('CASCADE')) reader.acceptWords('RESTRICT');
  reader.expectEnd();
  await context.commitBeforeDdl();
  const database = context.catalog.findDatabase(name);
  if (!database) {
    if (ifExists) return statusResult(`${DROPPED} (${name} already dropped).`);
    throw errors.doesNotExist('Database', name);
  }
  context.requirePrivilege('OWNERSHIP', database);
  for (const schema of database.schemas.values()) await dropObjects(context, schema);
  context.catalog.databases.delete(name);
  if (context.session.database === name) {
    context.session.database = null;
    context.session.schema = null;
  }
  return statusResult(`${name} successfully dropped.`);
}

async function dropSchema(
  context: CoreContext,
  reader: TokenReader,
  ifExists: boolean,
): Promise<ReturnType<typeof statusResult>> {
  const parts = reader.objectName();
  if (!reader.acceptWords('CASCADE')) reader.acceptWords('RESTRICT');
  reader.expectEnd();
  await context.commitBeforeDdl();
  const databaseName = parts.length === 2 ? parts[0]?.name : context.session.database;
  if (!databaseName) throw errors.noDatabase();
  const name = parts[parts.length - 1]?.name ?? '';
  const database: Database | undefined = context.catalog.findDatabase(databaseName);
  const schema = database?.schemas.get(name);
  if (!database || !schema) {
    if (ifExists) return statusResult(`${DROPPED} (${name} already dropped).`);
    throw errors.doesNotExist('Schema', `${databaseName}.${name}`);
  }
  context.requirePrivilege('OWNERSHIP', schema);
  await dropObjects(context, schema);
  database.schemas.delete(name);
  database.droppedSchemas.push(schema);
  if (context.session.database === databaseName && context.session.schema === name) context.session.schema = null;
  return statusResult(`${name} successfully dropped.`);
}

function dropObjects(context: CoreContext, schema: Schema): Promise<void> {
  for (const objects of schema.objects.values()) for (const object of objects.values()) context.catalog.dropped(object);
  return Promise.resolve();
}

function dropAccountObject(
  context: CoreContext,
  reader: TokenReader,
  given: { noun: 'WAREHOUSE' | 'ROLE' | 'USER'; ifExists: boolean },
): Promise<ReturnType<typeof statusResult>> {
  const { name } = reader.identifier();
  reader.expectEnd();
  const object = context.catalog.findAccountObject(given.noun, name);
  if (!object) {
    if (given.ifExists) return Promise.resolve(statusResult(`${DROPPED} (${name} already dropped).`));
    throw errors.doesNotExist(given.noun[0] + given.noun.slice(1).toLowerCase(), name);
  }
  context.requirePrivilege('OWNERSHIP', object);
  context.catalog.removeAccountObject(object);
  return Promise.resolve(statusResult(`${name} successfully dropped.`));
}

/** UNDROP TABLE and UNDROP SCHEMA: the latest dropped of that name. */
const undropHandler = coreHandler(
  'UNDROP',
  (reader) => reader.isWords('UNDROP'),
  async (context, reader) => {
    reader.expectWords('UNDROP');
    const noun = reader.next().value;
    if (noun !== 'TABLE') throw errors.notInPractice(`UNDROP ${noun}`);
    const { schema, name } = context.resolve(reader.objectName());
    reader.expectEnd();
    await context.commitBeforeDdl();
    const index = schema.droppedTables.findLastIndex((t) => t.name === name);
    const table = schema.droppedTables[index];
    if (!table) throw errors.doesNotExist('Table', name);
    if (context.catalog.find(schema, 'TABLE', name)) throw errors.alreadyExists(name);
    schema.droppedTables.splice(index, 1);
    context.catalog.add(table);
    return statusResult(`Table ${name} successfully restored.`);
  },
);

export const dropHandlers = [dropHandler, undropHandler];
