import type { EngineEvent } from '../../engine-contract.ts';
import type { InsertStatement } from '../../sql/ast-statement.ts';
import type { Query } from '../../sql/ast.ts';
import type { Binder, BoundQuery } from '../bind/binder.ts';
import { bindRows } from '../bind/bind-from.ts';
import { bindQuery } from '../bind/bind-query.ts';
import { createBinder, emptyScope } from '../bind/create-binder.ts';
import { columnOf } from '../bind/order-output.ts';
import { createTable } from '../ddl/create-table.ts';
import { errors, SqlError } from '../errors.ts';
import type { ColumnMetadata } from '../metadata.ts';
import { sameIn } from '../resolve-object.ts';
import { finishSql } from '../run-select.ts';
import { duckType } from '../sql-types.ts';
import type { StatementContext } from '../statement-context.ts';
import { checkRows, outputRows } from './check-rows.ts';
import { generatedSql, isGenerated } from './history.ts';
import {
  assigned,
  computedValue,
  defaultValue,
  openTarget,
  scopeOf,
  targetSource,
  type WriteTarget,
} from './target.ts';

export type Changed = { count: number | null; events: EngineEvent[] };

/** INSERT. https://learn.microsoft.com/en-us/sql/t-sql/statements/insert-transact-sql */
export async function runInsert(context: StatementContext, statement: InsertStatement): Promise<Changed> {
  if (statement.top !== null) throw errors.unsupported('INSERT TOP');
  const target = await openTarget(context, statement.target, 'INSERT');
  const columns = insertColumns(context, target, statement);
  const b = createBinder(context.server.duck.scripts, context.environment());
  const defaults = new Set<string>();
  const source = bindSource(b, statement, { columns, defaults });
  if (source !== null && source.columns.length !== columns.length)
    throw countMismatch(source.columns.length, columns.length);
  const stage = `stage${context.session.spid}`;
  const list = await stageColumns(context, b, { target, columns, source, defaults });
  const sql = await finishSql(context, b, `SELECT ${list} FROM (${source?.sql ?? 'SELECT 1 AS c1'}) AS q`);
  await context.writeDuck(`CREATE OR REPLACE TEMP TABLE ${stage} AS ${sql}`);
  const computed = target.table.columns.filter((column) => column.computed !== null);
  if (computed.length > 0) {
    const scope = scopeOf([targetSource(target, (column) => `c${column.id}`)]);
    const sets = computed.map(
      (column) => `c${column.id} = ${assigned(b, computedValue(b, column, scope), column, target)}`,
    );
    await context.writeDuck(`UPDATE ${stage} SET ${sets.join(', ')}`);
  }
  const names = target.table.columns.map((column) => `c${column.id}`).join(', ');
  await checkRows(context, b, { target, stage, statement: 'INSERT', when: 'before' });
  await context.writeDuck(`INSERT INTO ${target.storage} (${names}) SELECT ${names} FROM ${stage}`);
  await checkRows(context, b, { target, stage, statement: 'INSERT', when: 'after' });
  const count = Number(await countOf(context, stage));
  await keepIdentity(context, target, stage, count);
  const events = await outputRows(context, b, {
    target,
    stage,
    output: statement.output,
    inserted: (column) => `c${column.id}`,
    deleted: null,
  });
  return { count, events };
}

export async function countOf(context: StatementContext, stage: string): Promise<unknown> {
  const reader = await context.session.connection.runAndReadAll(`SELECT count(*) FROM ${stage}`);
  return reader.getRows()[0]?.[0];
}

const countMismatch = (given: number, expected: number): SqlError =>
  given > expected
    ? new SqlError(
        121,
        'The select list for the INSERT statement contains more items than the insert list. The number of SELECT values must match the number of INSERT columns.',
        { severity: 15 },
      )
    : new SqlError(
        120,
        'The select list for the INSERT statement contains fewer items than the insert list. The number of SELECT values must match the number of INSERT columns.',
        { severity: 15 },
      );

/** The columns that get values, in the order of the list; without one all that can be written. */
function insertColumns(context: StatementContext, target: WriteTarget, statement: InsertStatement): ColumnMetadata[] {
  const { table, database } = target;
  const { identityInsert } = context.session;
  if (statement.columns.length === 0) {
    const all = table.columns.filter(
      (column) =>
        column.computed === null && column.type.name !== 'timestamp' && !column.isHidden && column.identity === null,
    );
    if (
      statement.source.kind !== 'default-values' &&
      identityInsert === table &&
      table.columns.some((column) => column.identity !== null)
    ) {
      throw new SqlError(
        8101,
        `An explicit value for the identity column in table '${table.name}' can only be specified when a column list is used and IDENTITY_INSERT is ON.`,
      );
    }
    if (statement.source.kind === 'default-values') return [];
    all.forEach((column, i) => {
      if (isGenerated(column) && !isDefaulted(statement, i)) throw explicitPeriod(target);
    });
    return all;
  }
  const found = statement.columns.map(({ name }, i) => {
    const column = table.columns.find((one) => sameIn(database.collation, one.name, name));
    if (column === undefined) throw errors.unknownColumn(name);
    if (column.computed !== null) {
      throw new SqlError(
        271,
        `The column "${column.name}" cannot be modified because it is either a computed column or is the result of a UNION operator.`,
      );
    }
    if (column.type.name === 'timestamp') {
      throw new SqlError(
        273,
        'Cannot insert an explicit value into a timestamp column. Use INSERT with a column list to exclude the timestamp column, or insert a DEFAULT into the timestamp column.',
      );
    }
    if (isGenerated(column) && !isDefaulted(statement, i)) {
      throw explicitPeriod(target);
    }
    if (column.identity !== null && identityInsert !== table) {
      throw new SqlError(
        544,
        `Cannot insert explicit value for identity column in table '${table.name}' when IDENTITY_INSERT is set to OFF.`,
      );
    }
    return column;
  });
  const twice = found.find((column, i) => found.indexOf(column) !== i);
  if (twice !== undefined) {
    throw new SqlError(
      264,
      `The column name '${twice.name}' is specified more than once in the SET clause or column list of an INSERT. A column cannot be assigned more than one value in the same clause. Modify the clause to make sure that a column is updated only once. If this statement updates or inserts columns into a view, column aliasing can conceal the duplication in your code.`,
    );
  }
  return found;
}

const explicitPeriod = ({ database, schema, table }: WriteTarget): SqlError =>
  new SqlError(
    13_536,
    `Cannot insert an explicit value into a GENERATED ALWAYS column in table '${database.name}.${schema}.${table.name}'. Use INSERT with a column list to exclude the GENERATED ALWAYS column, or insert a DEFAULT into GENERATED ALWAYS column.`,
  );

/** Whether every row of VALUES has DEFAULT at a place. */
const isDefaulted = ({ source }: InsertStatement, place: number): boolean =>
  source.kind === 'values' && source.rows.every((row) => row[place]?.kind === 'default');

/** The rows to insert with columns c1, c2, ...; null for DEFAULT VALUES. A DEFAULT among values is looked up in the column. */
function bindSource(
  b: Binder,
  statement: InsertStatement,
  options: { columns: ColumnMetadata[]; defaults: Set<string> },
): BoundQuery | null {
  const { source } = statement;
  switch (source.kind) {
    case 'default-values':
      return null;
    case 'execute':
      throw errors.unsupported('INSERT ... EXECUTE');
    case 'query': {
      const query: Query = { ...source.query, ctes: [...statement.ctes, ...source.query.ctes] };
      return bindQuery(b, query, null);
    }
    case 'values':
      return bindValues(b, source.rows, options.columns);
  }
}

function bindValues(
  b: Binder,
  rows: Extract<InsertStatement['source'], { kind: 'values' }>['rows'],
  columns: ColumnMetadata[],
): BoundQuery {
  const wrong = rows.find((row) => row.length !== columns.length);
  if (wrong !== undefined) {
    throw new SqlError(213, 'Column name or number of supplied values does not match table definition.');
  }
  // Values of a single row keep their own types, so that each converts by itself as the vendor does.
  if (rows.length === 1) {
    const scope = emptyScope();
    const typed = (rows[0] ?? []).map((expression, i) =>
      expression.kind === 'default' ? defaultValue(b, columns[i] as ColumnMetadata) : b.expression(expression, scope),
    );
    return {
      columns: typed.map(({ type, nullable, label }) => ({
        name: '',
        type,
        nullable,
        label,
        isIdentity: false,
        isComputed: false,
      })),
      sql: `SELECT ${typed.map(({ sql }, i) => `${sql} AS c${i + 1}`).join(', ')}`,
    };
  }
  if (!rows.some((row) => row.some((expression) => expression.kind === 'default'))) return bindRows(b, rows, null);
  throw errors.unsupported('DEFAULT in one of several rows of VALUES');
}

/** SQL for every column of the table, over the source's alias q. */
async function stageColumns(
  context: StatementContext,
  b: Binder,
  parts: { target: WriteTarget; columns: ColumnMetadata[]; source: BoundQuery | null; defaults: Set<string> },
): Promise<string> {
  const { target, columns, source } = parts;
  const list = target.table.columns.map((column) => {
    const place = columns.indexOf(column);
    let sql: string;
    if (isGenerated(column)) sql = generatedSql(context, column);
    else if (place >= 0 && source !== null) {
      sql = assigned(
        b,
        columnOf(source.columns[place] as BoundQuery['columns'][number], `q.c${place + 1}`),
        column,
        target,
      );
    } else if (column.computed !== null) sql = `NULL::${duckType(column.type)}`;
    else if (column.identity !== null) sql = identitySql(column);
    else if (column.type.name === 'timestamp') sql = rowVersionSql(context, target);
    else sql = assigned(b, defaultValue(b, column), column, target);
    return `${sql} AS c${column.id}`;
  });
  return Promise.resolve(list.join(', '));
}

function identitySql(column: ColumnMetadata): string {
  const identity = column.identity as NonNullable<ColumnMetadata['identity']>;
  const base = identity.lastValue === null ? identity.seed - identity.increment : identity.lastValue;
  return `CAST(${base} + row_number() OVER () * ${identity.increment} AS ${duckType(column.type)})`;
}

/** Eight bytes, big-endian, counted up with every row that is written. */
export function rowVersionSql(context: StatementContext, target: WriteTarget): string {
  const base = context.server.nextRowVersion(target.database, 1_000_000n);
  return `unhex(lpad(to_hex(${base} + row_number() OVER ()), 16, '0'))`;
}

async function keepIdentity(
  context: StatementContext,
  target: WriteTarget,
  stage: string,
  count: number,
): Promise<void> {
  const column = target.table.columns.find((one) => one.identity !== null);
  if (column?.identity === undefined || column.identity === null || count === 0) return;
  const fn = column.identity.increment < 0n ? 'min' : 'max';
  const reader = await context.session.connection.runAndReadAll(
    `SELECT CAST(${fn}(c${column.id}) AS HUGEINT) FROM ${stage}`,
  );
  const value = (reader.getRows()[0]?.[0] ?? null) as bigint | null;
  if (value === null) return;
  const { lastValue, increment } = column.identity;
  if (lastValue === null || (increment < 0n ? value < lastValue : value > lastValue)) column.identity.lastValue = value;
  context.session.identity = value;
}

/** SELECT ... INTO: a new table with the columns of the query. https://learn.microsoft.com/en-us/sql/t-sql/queries/select-into-clause-transact-sql */
export async function runSelectInto(context: StatementContext, query: Query): Promise<Changed> {
  const { body } = query;
  if (body.kind !== 'select' || body.into === null) throw errors.unsupported('this SELECT');
  const b = createBinder(context.server.duck.scripts, context.environment());
  const bound = bindQuery(b, { ...query, body: { ...body, into: null } }, null);
  const sql = await finishSql(context, b, bound.sql);
  const unnamed = bound.columns.findIndex((column) => column.name === '');
  if (unnamed >= 0)
    throw new SqlError(
      1038,
      'An object or column name is missing or empty. For SELECT INTO statements, verify each column has a name. For other statements, look for empty alias names. Aliases defined as "" or [] are not allowed. Change the alias to a valid name.',
      { severity: 15, state: 5 },
    );
  const at = { offset: 0, line: 1 };
  await createTable(context, {
    kind: 'create-table',
    name: body.into,
    on: null,
    textImageOn: null,
    options: [],
    elements: bound.columns.map((column: BoundQuery['columns'][number]) => ({
      kind: 'column' as const,
      name: { name: column.name, quoted: true, at },
      type: {
        kind: 'system' as const,
        type: { ...column.type },
        isSysname: false,
        isRowversionWord: false,
        xmlSchema: null,
        at,
        end: 0,
      },
      computed: null,
      collation: column.type.collation ?? null,
      nullable: column.nullable,
      identity: null,
      sparse: false,
      rowguidcol: false,
      filestream: false,
      hidden: false,
      generated: null,
      mask: null,
      columnSet: false,
      constraints: [],
      index: null,
      at,
      end: 0,
    })),
  });
  const object = context.environment().resolveObject(body.into);
  if (object.kind !== 'table') throw errors.unsupported('this SELECT');
  const names = object.table.columns.map((column) => `c${column.id}`).join(', ');
  const count = await context.writeDuck(
    `INSERT INTO "db${object.database.id}"."t${object.table.objectId}" (${names}) SELECT * FROM (${sql})`,
  );
  return { count: Number(count), events: [] };
}
