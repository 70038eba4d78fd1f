import type { Column, Constraint, Schema, Table } from '../catalog/catalog-types.ts';
import type { CoreContext } from '../engine/statement-context.ts';
import { columnSql, createStorageSql, visibleRows } from '../engine/storage.ts';
import { errors, SnowflakeError } from '../errors.ts';
import { types, type SnowflakeType } from '../sql/data-type.ts';
import { parseExpression, parseQuery } from '../sql/parse-query.ts';
import { parseType } from '../sql/parse-type.ts';
import type { Identifier, ObjectName, TokenReader } from '../sql/token-reader.ts';
import type { Query } from '../sql/ast.ts';
import { coreHandler } from './core.ts';
import { statusResult } from './results.ts';

interface Head {
  replace: boolean;
  ifNotExists: boolean;
  kind: Table['kind'];
  name: ObjectName;
}

const KINDS = ['TRANSIENT', 'TEMPORARY', 'TEMP', 'VOLATILE', 'LOCAL', 'GLOBAL'];
const REFUSED = ['HYBRID', 'EXTERNAL', 'ICEBERG', 'DYNAMIC', 'EVENT', 'INTERACTIVE'];

/** https://docs.snowflake.com/en/sql-reference/sql/create-table */
export const createTableHandler = coreHandler(
  'CREATE TABLE',
  (reader) => tableHeadAt(reader) !== undefined,
  async (context, reader) => {
    const head = parseHead(reader);
    const { schema, name } = context.resolve(head.name);
    context.requirePrivilege('CREATE TABLE', schema);
    await context.commitBeforeDdl();
    const sessionId = head.kind === 'TEMPORARY' ? context.session.id : null;
    const existing = context.catalog.find(schema, 'TABLE', name, context.session.id);
    const clashes = existing !== undefined && ((existing as Table).sessionId ?? null) === sessionId;
    if (clashes && head.ifNotExists) {
      return statusResult(`${name} already exists, statement succeeded.`);
    }
    if (clashes && !head.replace) throw errors.alreadyExists(qualified(schema, name));
    const table = await parseBody(context, reader, { head, schema, name, sessionId });
    reader.expectEnd();
    if (clashes && existing) await dropExisting(context, existing as Table);
    await context.run(createStorageSql(table.table));
    context.catalog.add(table.table);
    if (table.query) await fill(context, table.table, table.query);
    if (table.copyOf) await copyRows(context, table.copyOf, table.table);
    return statusResult(`Table ${name} successfully created.`);
  },
);

const qualified = (schema: Schema, name: string): string => `${schema.database.name}.${schema.name}.${name}`;

function tableHeadAt(reader: TokenReader): true | undefined {
  if (!reader.isWords('CREATE')) return undefined;
  let ahead = 1;
  if (reader.peek(ahead).value === 'OR' && reader.peek(ahead + 1).value === 'REPLACE') ahead += 2;
  while (KINDS.includes(reader.peek(ahead).value) || REFUSED.includes(reader.peek(ahead).value)) ahead += 1;
  return reader.peek(ahead).kind === 'word' && reader.peek(ahead).value === 'TABLE' ? true : undefined;
}

function parseHead(reader: TokenReader): Head {
  reader.expectWords('CREATE');
  const replace = reader.acceptWords('OR', 'REPLACE');
  let kind: Table['kind'] = 'TABLE';
  for (;;) {
    const word = reader.peek().value;
    if (REFUSED.includes(word)) {
      // An account without the feature answers so; hybrid tables need a paid account in a region that has them.
      throw new SnowflakeError(
        '391411',
        '0A000',
        `This feature is not supported for ${word === 'HYBRID' ? 'hybrid tables' : `${word.toLowerCase()} tables`} in this account: '${word} TABLE'.`,
      );
    }
    if (!KINDS.includes(word)) break;
    reader.next();
    if (word === 'TRANSIENT') kind = 'TRANSIENT';
    else if (word !== 'LOCAL' && word !== 'GLOBAL') kind = 'TEMPORARY';
  }
  reader.expectWords('TABLE');
  const ifNotExists = reader.acceptWords('IF', 'NOT', 'EXISTS');
  return { replace, kind, ifNotExists, name: reader.objectName() };
}

interface Parsed {
  table: Table;
  query: Query | null;
  copyOf: Table | null;
}

async function parseBody(
  context: CoreContext,
  reader: TokenReader,
  given: { head: Head; schema: Schema; name: string; sessionId: string | null },
): Promise<Parsed> {
  const table = emptyTable(context, given);
  if (reader.acceptWords('LIKE')) {
    copyShape(context.require<Table>('TABLE', reader.objectName()), table);
    return { table, query: null, copyOf: null };
  }
  if (reader.acceptWords('CLONE')) {
    const source = context.require<Table>('TABLE', reader.objectName());
    context.requirePrivilege('SELECT', source);
    copyShape(source, table);
    return { table, query: null, copyOf: source };
  }
  let names: Identifier[] = [];
  if (reader.isOperator('(')) names = await parseColumns(context, reader, table);
  parseTableOptions(reader, table);
  if (reader.acceptWords('AS')) {
    const query = parseQuery(reader);
    await shapeFromQuery(context, { table, query, names });
    return { table, query, copyOf: null };
  }
  if (table.columns.length === 0) throw reader.unexpected();
  return { table, query: null, copyOf: null };
}

function emptyTable(
  context: CoreContext,
  given: { head: Head; schema: Schema; name: string; sessionId: string | null },
): Table {
  const id = context.catalog.nextId();
  const now = context.services.now();
  return {
    id,
    domain: 'TABLE',
    name: given.name,
    schema: given.schema,
    owner: context.session.role,
    comment: '',
    createdOn: now,
    changedOn: now,
    kind: given.head.kind === 'TABLE' && given.schema.isTransient ? 'TRANSIENT' : given.head.kind,
    sessionId: given.sessionId,
    storage: `main.t${id}`,
    columns: [],
    nextColumnId: 1,
    constraints: [],
    clusterBy: '',
    retentionDays: given.head.kind === 'TABLE' ? given.schema.retentionDays : Math.min(1, given.schema.retentionDays),
    loadHistory: [],
    stageOptions: {},
  };
}

function copyShape(source: Table, table: Table): void {
  if ((source.domain as string) !== 'TABLE') throw errors.doesNotExist('Table', source.name);
  table.columns = source.columns.map((c) => ({ ...c }));
  table.nextColumnId = source.nextColumnId;
  table.constraints = source.constraints.map((c) => ({ ...c, columns: [...c.columns] }));
  table.clusterBy = source.clusterBy;
  table.comment = source.comment;
}

/** `(name TYPE ..., CONSTRAINT ...)`, or a list of names for CREATE TABLE (a, b) AS SELECT. */
async function parseColumns(context: CoreContext, reader: TokenReader, table: Table): Promise<Identifier[]> {
  const names: Identifier[] = [];
  reader.expectOperator('(');
  do {
    if (isConstraint(reader)) {
      table.constraints.push(parseConstraint(reader, context));
      continue;
    }
    const name = reader.identifier();
    if (reader.isOperator(',') || reader.isOperator(')')) {
      names.push(name);
      continue;
    }
    if (table.columns.some((c) => c.name === name.name)) {
      throw new SnowflakeError('002025', '42S21', `SQL compilation error:\nduplicate column name '${name.name}'`);
    }
    const column = await parseColumn(context, reader, { table, name, type: parseType(reader) });
    table.columns.push(column);
  } while (reader.acceptOperator(','));
  reader.expectOperator(')');
  for (const key of table.constraints.filter((c) => c.kind === 'PRIMARY KEY')) {
    for (const column of table.columns) if (key.columns.includes(column.name)) column.nullable = false;
  }
  for (const constraint of table.constraints) {
    const unknown = constraint.columns.find((c) => !table.columns.some((x) => x.name === c));
    if (unknown) throw errors.invalidIdentifier(unknown);
  }
  return names;
}

const isConstraint = (reader: TokenReader): boolean =>
  reader.isWords('CONSTRAINT') ||
  reader.isWords('PRIMARY', 'KEY') ||
  reader.isWords('FOREIGN', 'KEY') ||
  (reader.isWords('UNIQUE') && reader.peek(1).value !== ',');

function parseConstraint(reader: TokenReader, context: CoreContext): Constraint {
  const name = reader.acceptWords('CONSTRAINT') ? reader.identifier().name : `SYS_CONSTRAINT_${crypto.randomUUID()}`;
  const list = (): string[] => {
    const columns: string[] = [];
    reader.expectOperator('(');
    do columns.push(reader.identifier().name);
    while (reader.acceptOperator(','));
    reader.expectOperator(')');
    return columns;
  };
  if (reader.acceptWords('PRIMARY', 'KEY'))
    return finishConstraint(reader, { kind: 'PRIMARY KEY', name, columns: list() });
  if (reader.acceptWords('UNIQUE')) return finishConstraint(reader, { kind: 'UNIQUE', name, columns: list() });
  reader.expectWords('FOREIGN', 'KEY');
  const columns = list();
  reader.expectWords('REFERENCES');
  const target = reader.objectName();
  context.require('TABLE', target);
  const references = { table: target.map((p) => p.name).join('.'), columns: reader.isOperator('(') ? list() : [] };
  return finishConstraint(reader, { kind: 'FOREIGN KEY', name, columns, references });
}

const CONSTRAINT_WORDS = new Set([
  'ENFORCED',
  'DEFERRABLE',
  'INITIALLY',
  'DEFERRED',
  'IMMEDIATE',
  'ENABLE',
  'DISABLE',
  'VALIDATE',
  'NOVALIDATE',
  'RELY',
  'NORELY',
]);

function finishConstraint(reader: TokenReader, constraint: Constraint): Constraint {
  for (;;) {
    if (reader.isWords('NOT') && CONSTRAINT_WORDS.has(reader.peek(1).value)) reader.next();
    else if (!CONSTRAINT_WORDS.has(reader.peek().value)) return constraint;
    reader.next();
  }
}

/** The part after name and type. Also used by ALTER TABLE ADD COLUMN. */
export async function parseColumn(
  context: CoreContext,
  reader: TokenReader,
  given: { table: Table; name: Identifier; type: SnowflakeType },
): Promise<Column> {
  const { table } = given;
  const column: Column = {
    id: table.nextColumnId,
    name: given.name.name,
    type: given.type,
    nullable: true,
    defaultText: null,
    identity: null,
    comment: '',
  };
  table.nextColumnId += 1;
  for (;;) {
    if (reader.acceptWords('NOT', 'NULL')) column.nullable = false;
    else if (reader.acceptWords('NULL')) column.nullable = true;
    else if (reader.acceptWords('DEFAULT')) column.defaultText = await parseDefault(context, reader);
    else if (reader.acceptWords('AUTOINCREMENT') || reader.acceptWords('IDENTITY'))
      await parseIdentity(context, reader, { table, column });
    else if (reader.acceptWords('COMMENT')) {
      reader.acceptOperator('=');
      column.comment = reader.string();
    } else if (reader.isWords('PRIMARY', 'KEY') || reader.isWords('UNIQUE') || reader.isWords('CONSTRAINT')) {
      table.constraints.push(parseInlineConstraint(reader, column));
    } else if (reader.isWords('REFERENCES') || reader.isWords('FOREIGN', 'KEY')) {
      reader.acceptWords('FOREIGN', 'KEY');
      reader.expectWords('REFERENCES');
      const target = reader.objectName();
      if (reader.acceptOperator('(')) {
        reader.identifier();
        reader.expectOperator(')');
      }
      table.constraints.push(
        finishConstraint(reader, {
          kind: 'FOREIGN KEY',
          name: `SYS_CONSTRAINT_${crypto.randomUUID()}`,
          columns: [column.name],
          references: { table: target.map((p) => p.name).join('.'), columns: [] },
        }),
      );
    } else if (reader.isWords('COLLATE') || reader.isWords('MASKING') || reader.isWords('WITH')) {
      throw errors.notInPractice(`the column option ${reader.peek().value}`);
    } else return column;
  }
}

function parseInlineConstraint(reader: TokenReader, column: Column): Constraint {
  const name = reader.acceptWords('CONSTRAINT') ? reader.identifier().name : `SYS_CONSTRAINT_${crypto.randomUUID()}`;
  const isKey = reader.acceptWords('PRIMARY', 'KEY');
  if (!isKey) reader.expectWords('UNIQUE');
  if (isKey) column.nullable = false;
  return finishConstraint(reader, { kind: isKey ? 'PRIMARY KEY' : 'UNIQUE', name, columns: [column.name] });
}

/** The text is kept; it is tried once, so that an unknown name is an error now. */
async function parseDefault(context: CoreContext, reader: TokenReader): Promise<string> {
  const start = reader.peek().start;
  const expression = parseExpression(reader);
  const text = reader.sql.slice(start, reader.peek(-1).end);
  await context.translateExpression(expression);
  return text;
}

async function parseIdentity(
  context: CoreContext,
  reader: TokenReader,
  given: { table: Table; column: Column },
): Promise<void> {
  let [start, increment] = [1, 1];
  if (reader.acceptOperator('(')) {
    start = reader.integer();
    reader.expectOperator(',');
    increment = reader.integer();
    reader.expectOperator(')');
  } else {
    if (reader.acceptWords('START')) {
      reader.acceptWords('WITH');
      reader.acceptOperator('=');
      start = reader.integer();
    }
    if (reader.acceptWords('INCREMENT')) {
      reader.acceptWords('BY');
      reader.acceptOperator('=');
      increment = reader.integer();
    }
  }
  if (!reader.acceptWords('ORDER')) reader.acceptWords('NOORDER');
  const sequenceName = `identity_${given.table.id}_${given.column.id}`;
  const bound =
    increment < 0 ? ' MINVALUE -9223372036854775807 MAXVALUE 9223372036854775807' : ' MINVALUE -9223372036854775807';
  await context.run(`CREATE SEQUENCE ${sequenceName} INCREMENT ${increment}${bound} START ${start}`);
  given.column.identity = { start, increment, sequenceName };
  given.column.nullable = false;
}

function parseTableOptions(reader: TokenReader, table: Table): void {
  for (;;) {
    if (reader.acceptWords('CLUSTER', 'BY')) {
      const start = reader.peek().start;
      skipParentheses(reader);
      table.clusterBy = `LINEAR${reader.sql.slice(start, reader.peek(-1).end)}`;
    } else if (reader.acceptWords('COMMENT')) {
      reader.acceptOperator('=');
      table.comment = reader.string();
    } else if (reader.acceptWords('DATA_RETENTION_TIME_IN_DAYS')) {
      reader.expectOperator('=');
      table.retentionDays = reader.integer();
    } else if (
      [
        'CHANGE_TRACKING',
        'MAX_DATA_EXTENSION_TIME_IN_DAYS',
        'ENABLE_SCHEMA_EVOLUTION',
        'DEFAULT_DDL_COLLATION',
      ].includes(reader.peek().value)
    ) {
      reader.next();
      reader.expectOperator('=');
      reader.optionValue();
    } else if (reader.isWords('STAGE_FILE_FORMAT') || reader.isWords('STAGE_COPY_OPTIONS')) {
      throw errors.unsupported(`${reader.peek().value} of a table`);
    } else if (reader.isWords('COPY', 'GRANTS')) {
      reader.next();
      reader.next();
    } else return;
  }
}

export function skipParentheses(reader: TokenReader): void {
  reader.expectOperator('(');
  for (let depth = 1; depth > 0;) {
    if (reader.peek().kind === 'end') throw reader.unexpected();
    if (reader.acceptOperator('(')) depth += 1;
    else if (reader.acceptOperator(')')) depth -= 1;
    else reader.next();
  }
}

async function shapeFromQuery(
  context: CoreContext,
  given: { table: Table; query: Query; names: Identifier[] },
): Promise<void> {
  const { table, names } = given;
  const translated = await context.translateQuery(given.query);
  if (table.columns.length === 0) {
    table.columns = translated.columns.map((c, i) => ({
      id: i + 1,
      name: names[i]?.name ?? c.name,
      type: c.type.kind === 'null' ? types.text() : c.type,
      nullable: c.nullable ?? true,
      defaultText: null,
      identity: null,
      comment: '',
    }));
    table.nextColumnId = table.columns.length + 1;
  }
  const twice = table.columns.find((c, i) => table.columns.findIndex((x) => x.name === c.name) !== i);
  if (twice)
    throw new SnowflakeError('002025', '42S21', `SQL compilation error:\nduplicate column name '${twice.name}'`);
  if (translated.columns.length !== table.columns.length) {
    throw new SnowflakeError('002026', '42601', `SQL compilation error:\nInvalid column definition list`);
  }
}

/** The rows of CREATE TABLE AS SELECT, in a transaction of their own that commits at once. */
async function fill(context: CoreContext, table: Table, query: Query): Promise<void> {
  try {
    await context.insertRows(table, table.columns, await context.translateQuery(query));
    await context.state.transactions.commit(context.session);
  } catch (error) {
    context.catalog.remove(table);
    await context.state.transactions.rollback(context.session);
    await context.run(`DROP TABLE ${table.storage}`);
    throw error;
  }
}

async function copyRows(context: CoreContext, from: Table, to: Table): Promise<void> {
  const list = ['rid', ...to.columns.map(columnSql)].join(', ');
  await context.run(`INSERT INTO ${to.storage} (${list}) SELECT ${list} FROM ${visibleRows(from, null)}`);
}

/** Takes a table out of the catalog; kept for UNDROP. */
export async function dropExisting(context: CoreContext, table: Table): Promise<void> {
  if (table.domain === 'TABLE') {
    await context.lock(table, 'all');
    await context.commitBeforeDdl();
    if (table.sessionId === null) table.schema.droppedTables.push(table);
  }
  context.catalog.remove(table);
  context.catalog.dropped(table);
}
