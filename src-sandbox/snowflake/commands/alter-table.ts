import type { Column, Table, View } from '../catalog/catalog-types.ts';
import { defaultSql } from '../engine/insert-rows.ts';
import type { CoreContext } from '../engine/statement-context.ts';
import { columnSql } from '../engine/storage.ts';
import { errors, SnowflakeError } from '../errors.ts';
import { duckDbType, typeName, type SnowflakeType } from '../sql/data-type.ts';
import { parseType } from '../sql/parse-type.ts';
import type { TokenReader } from '../sql/token-reader.ts';
import { coreHandler } from './core.ts';
import { parseColumn, skipParentheses } from './create-table.ts';
import { EXECUTED, statusResult } from './results.ts';

/** ALTER TABLE, and RENAME of views and schemas. https://docs.snowflake.com/en/sql-reference/sql/alter-table */
export const alterTableHandler = coreHandler(
  'ALTER TABLE',
  (reader) => reader.isWords('ALTER', 'TABLE') || reader.isWords('ALTER', 'VIEW') || reader.isWords('COMMENT'),
  async (context, reader) => {
    if (reader.isWords('COMMENT')) return commentOn(context, reader);
    reader.expectWords('ALTER');
    reader.next();
    const ifExists = reader.acceptWords('IF', 'EXISTS');
    const name = reader.objectName();
    if (ifExists && !context.find('TABLE', name)) return statusResult(EXECUTED);
    const table = context.find<Table>('TABLE', name);
    if (!table) {
      const { schema, name: own } = context.resolve(name);
      throw errors.doesNotExist('Table', `${schema.database.name}.${schema.name}.${own}`);
    }
    context.requirePrivilege('OWNERSHIP', table);
    await context.commitBeforeDdl();
    if (table.domain === 'TABLE') await context.lock(table, 'all');
    await alter(context, reader, table);
    reader.expectEnd();
    await context.commitBeforeDdl();
    if (table.domain === 'TABLE') table.changedOn = context.services.now();
    return statusResult(EXECUTED);
  },
);

async function alter(context: CoreContext, reader: TokenReader, table: Table): Promise<void> {
  if (reader.acceptWords('RENAME', 'TO')) return rename(context, reader, table);
  if (reader.acceptWords('SWAP', 'WITH')) return swap(context, reader, table);
  if (reader.acceptWords('RENAME', 'COLUMN')) return renameColumn(reader, table);
  if (reader.isWords('ADD') && !isConstraintNext(reader)) return addColumns(context, reader, table);
  if (reader.acceptWords('DROP')) return dropColumns(context, reader, table);
  if (reader.isWords('ALTER') || reader.isWords('MODIFY')) return alterColumns(context, reader, table);
  if (reader.acceptWords('CLUSTER', 'BY')) {
    const start = reader.peek().start;
    skipParentheses(reader);
    table.clusterBy = `LINEAR${reader.sql.slice(start, reader.peek(-1).end)}`;
    return;
  }
  if (reader.acceptWords('SET')) {
    if (reader.acceptWords('COMMENT')) {
      reader.expectOperator('=');
      table.comment = reader.string();
    } else if (reader.acceptWords('DATA_RETENTION_TIME_IN_DAYS')) {
      reader.expectOperator('=');
      table.retentionDays = reader.integer();
    } else throw errors.notInPractice(`ALTER TABLE SET ${reader.peek().value}`);
    return;
  }
  throw errors.notInPractice(`ALTER TABLE ${reader.peek().value}`);
}

const isConstraintNext = (reader: TokenReader): boolean =>
  ['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'FOREIGN'].includes(reader.peek(1).value);

function rename(context: CoreContext, reader: TokenReader, table: Table | View): void {
  const { schema, name } = context.resolve(reader.objectName());
  if (context.catalog.find(schema, 'TABLE', name, context.session.id))
    throw errors.alreadyExists(`${schema.database.name}.${schema.name}.${name}`);
  context.requirePrivilege(table.domain === 'VIEW' ? 'CREATE VIEW' : 'CREATE TABLE', schema);
  context.catalog.remove(table);
  table.name = name;
  table.schema = schema;
  context.catalog.add(table);
}

/** The two tables exchange names and places; ids, and so grants and data, stay with each. */
async function swap(context: CoreContext, reader: TokenReader, table: Table): Promise<void> {
  const other = context.require<Table>('TABLE', reader.objectName());
  if ((other.domain as string) !== 'TABLE') throw errors.unsupported('SWAP WITH a view');
  if ((other.kind === 'TEMPORARY') !== (table.kind === 'TEMPORARY')) {
    throw new SnowflakeError(
      '001003',
      '42601',
      'SQL compilation error:\nCannot swap a temporary table with a permanent or transient table.',
    );
  }
  context.requirePrivilege('OWNERSHIP', other);
  await context.lock(other, 'all');
  context.catalog.remove(table);
  context.catalog.remove(other);
  [table.name, other.name] = [other.name, table.name];
  [table.schema, other.schema] = [other.schema, table.schema];
  context.catalog.add(table);
  context.catalog.add(other);
}

function requireColumn(table: Table, name: string): Column {
  const found = table.columns.find((c) => c.name === name);
  if (!found) throw new SnowflakeError('000904', '42000', `SQL compilation error:\ninvalid identifier '${name}'`);
  return found;
}

function renameColumn(reader: TokenReader, table: Table): void {
  const column = requireColumn(table, reader.identifier().name);
  reader.expectWords('TO');
  const { name } = reader.identifier();
  if (table.columns.some((c) => c.name === name))
    throw new SnowflakeError('002028', '42601', `SQL compilation error:\nambiguous column name '${name}'`);
  for (const constraint of table.constraints)
    constraint.columns = constraint.columns.map((c) => (c === column.name ? name : c));
  column.name = name;
}

async function addColumns(context: CoreContext, reader: TokenReader, table: Table): Promise<void> {
  reader.expectWords('ADD');
  reader.acceptWords('COLUMN');
  const ifNotExists = reader.acceptWords('IF', 'NOT', 'EXISTS');
  do {
    const name = reader.identifier();
    const column = await parseColumn(context, reader, { table, name, type: parseType(reader) });
    if (table.columns.some((c) => c.name === column.name)) {
      if (ifNotExists) continue;
      throw new SnowflakeError('001430', '42601', `SQL compilation error:\ncolumn '${column.name}' already exists`);
    }
    const filled = await context.run(`SELECT count(*) AS n FROM ${table.storage}`);
    if (!column.nullable && column.defaultText === null && Number(filled[0]?.['n'] ?? 0) > 0) {
      throw new SnowflakeError(
        '002028',
        '42601',
        `SQL compilation error:\nNon-nullable column '${column.name}' cannot be added to non-empty table '${table.name}' unless it has a non-null default value.`,
      );
    }
    await context.run(`ALTER TABLE ${table.storage} ADD COLUMN ${columnSql(column)} ${duckDbType(column.type)}`);
    if (column.defaultText !== null || column.identity)
      await context.run(`UPDATE ${table.storage} SET ${columnSql(column)} = ${await defaultSql(context, column)}`);
    table.columns.push(column);
  } while (reader.acceptOperator(',') && (reader.acceptWords('COLUMN') || true));
}

async function dropColumns(context: CoreContext, reader: TokenReader, table: Table): Promise<void> {
  reader.acceptWords('COLUMN');
  const ifExists = reader.acceptWords('IF', 'EXISTS');
  do {
    const { name } = reader.identifier();
    if (ifExists && !table.columns.some((c) => c.name === name)) continue;
    const column = requireColumn(table, name);
    if (table.columns.length === 1)
      throw new SnowflakeError(
        '002028',
        '42601',
        `SQL compilation error:\nCannot drop the only column '${name}' of the table.`,
      );
    await context.run(`ALTER TABLE ${table.storage} DROP COLUMN ${columnSql(column)}`);
    table.columns.splice(table.columns.indexOf(column), 1);
  } while (reader.acceptOperator(','));
}

async function alterColumns(context: CoreContext, reader: TokenReader, table: Table): Promise<void> {
  reader.next();
  const inParentheses = reader.acceptOperator('(');
  do {
    reader.acceptWords('COLUMN');
    await alterColumn(context, reader, { table, column: requireColumn(table, reader.identifier().name) });
  } while (reader.acceptOperator(','));
  if (inParentheses) reader.expectOperator(')');
}

async function alterColumn(
  context: CoreContext,
  reader: TokenReader,
  given: { table: Table; column: Column },
): Promise<void> {
  const { table, column } = given;
  if (reader.acceptWords('COMMENT')) {
    column.comment = reader.string();
    return;
  }
  if (reader.acceptWords('DROP', 'NOT', 'NULL')) {
    column.nullable = true;
    return;
  }
  if (reader.acceptWords('DROP', 'DEFAULT')) {
    column.defaultText = null;
    return;
  }
  if (reader.acceptWords('SET', 'NOT', 'NULL') || reader.acceptWords('NOT', 'NULL')) {
    const rows = await context.run(`SELECT count(*) AS n FROM ${table.storage} WHERE ${columnSql(column)} IS NULL`);
    if (Number(rows[0]?.['n'] ?? 0) > 0)
      throw new SnowflakeError(
        '002028',
        '42601',
        `SQL compilation error:\nColumn '${column.name}' contains null values. Not null constraint cannot be added.`,
      );
    column.nullable = false;
    return;
  }
  if (reader.acceptWords('SET', 'DATA')) reader.expectWords('TYPE');
  else reader.acceptWords('TYPE');
  await changeType(context, { table, column, type: parseType(reader) });
}

/** Text may grow or, when the data fits, shrink; NUMBER may gain precision. Nothing else. */
async function changeType(
  context: CoreContext,
  given: { table: Table; column: Column; type: SnowflakeType },
): Promise<void> {
  const { table, column, type } = given;
  const refuse = (): SnowflakeError =>
    new SnowflakeError(
      '002108',
      '42601',
      `SQL compilation error:\ncannot change column ${column.name} from type ${typeName(column.type)} to ${typeName(type)}`,
    );
  if (column.type.kind === 'text' && type.kind === 'text') {
    if (type.length < column.type.length) throw refuse();
    column.type = type;
    return;
  }
  if (
    column.type.kind !== 'number' ||
    type.kind !== 'number' ||
    type.scale !== column.type.scale ||
    type.precision < column.type.precision
  )
    throw refuse();
  await context.run(`ALTER TABLE ${table.storage} ALTER COLUMN ${columnSql(column)} TYPE ${duckDbType(type)}`);
  column.type = type;
}

/** COMMENT [IF EXISTS] ON TABLE | COLUMN ... IS '...'. */
async function commentOn(context: CoreContext, reader: TokenReader): Promise<ReturnType<typeof statusResult>> {
  reader.expectWords('COMMENT');
  reader.acceptWords('IF', 'EXISTS');
  reader.expectWords('ON');
  const noun = reader.next().value;
  if (noun === 'SCHEMA') context.resolveSchema(reader.objectName()).comment = isText(reader);
  else if (noun === 'TABLE' || noun === 'VIEW') {
    const object = context.require('TABLE', reader.objectName());
    context.requirePrivilege('OWNERSHIP', object);
    object.comment = isText(reader);
  } else if (noun === 'COLUMN') {
    const path = [reader.identifier()];
    while (reader.acceptOperator('.')) path.push(reader.identifier());
    const table = context.require<Table>('TABLE', path.slice(0, -1));
    context.requirePrivilege('OWNERSHIP', table);
    requireColumn(table, path[path.length - 1]?.name ?? '').comment = isText(reader);
  } else throw errors.notInPractice(`COMMENT ON ${noun}`);
  reader.expectEnd();
  await context.commitBeforeDdl();
  return statusResult(EXECUTED);
}

function isText(reader: TokenReader): string {
  reader.expectWords('IS');
  return reader.string();
}
