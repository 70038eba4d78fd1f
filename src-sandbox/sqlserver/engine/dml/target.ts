import type { DmlTarget } from '../../sql/ast-statement.ts';
import { parseConditionText, parseExpressionText } from '../../sql/parse-batch.ts';
import type { Binder, Scope, Source, Typed } from '../bind/binder.ts';
import { storageName, tableColumn } from '../bind/bind-from.ts';
import { convertTyped } from '../bind/convert-typed.ts';
import { emptyScope } from '../bind/create-binder.ts';
import { keyOf, nullOf } from '../bind/typed.ts';
import { errors, SqlError, travelText } from '../errors.ts';
import type { ColumnMetadata, DatabaseMetadata, TableMetadata } from '../metadata.ts';
import { mayUse } from '../permissions.ts';
import { principalOf, requireDatabase } from '../resolve-object.ts';
import { codePageOf } from '../values/code-page.ts';
import { isBinary, isText, isUnicode, textLength } from '../sql-types.ts';
import type { StatementContext } from '../statement-context.ts';
import { lockName } from '../transactions.ts';
import { requireNoHistory } from './history.ts';

export type WriteTarget = { database: DatabaseMetadata; table: TableMetadata; schema: string; storage: string };

/** The table that a statement writes to: permission checked, locked for the transaction. */
export async function openTarget(
  context: StatementContext,
  target: DmlTarget,
  permission: string,
): Promise<WriteTarget> {
  const { session, server, signal } = context;
  if (target.kind === 'table-variable') {
    const table = context.batch.tables.get(target.name.toLowerCase());
    if (table === undefined)
      throw new SqlError(1087, `Must declare the table variable "${target.name}".`, { severity: 15, state: 2 });
    const database = requireDatabase(server, session, 'tempdb');
    return { database, table, schema: '', storage: storageName(database.id, table.objectId) };
  }
  const object = context.environment().resolveObject(target.name);
  if (object.kind === 'virtual') throw new SqlError(259, 'Ad hoc updates to system catalogs are not allowed.');
  if (object.kind === 'view') throw errors.unsupported('writing through a view');
  const { database, table, schema } = object;
  const principal = principalOf(database, session.login);
  if (principal === null) throw errors.noDatabaseAccess(session.login.name, database.name);
  const who = { database, principal, login: session.login };
  if (database.name !== 'tempdb' && !mayUse(who, permission, { schemaId: table.schemaId, objectId: table.objectId })) {
    throw errors.permissionDenied({ permission, object: table.name, database: database.name, schema });
  }
  requireNoHistory({ database, table, schema }, permission);
  if (database.isReadOnly)
    throw new SqlError(3906, `Failed to update database "${database.name}" because the database is read-only.`);
  await server.locks.acquire(lockName(table), { owner: session.spid, timeoutMs: session.options.lockTimeout, signal });
  return { database, table, schema, storage: storageName(database.id, table.objectId) };
}

/** Columns of `table` as a source whose values are `sqlOf`. */
export function targetSource(
  target: WriteTarget,
  sqlOf: (column: ColumnMetadata) => string,
  alias = target.table.name,
): Source {
  return {
    alias,
    name: { database: target.database.name, schema: target.schema, name: target.table.name },
    table: target.table,
    database: target.database,
    used: new Set(),
    columns: target.table.columns.map((column) => tableColumn(column, sqlOf(column))),
  };
}

export function scopeOf(sources: Source[], parent: Scope | null = null): Scope {
  return { parent, sources, grouping: null, windows: new Map(), clause: 'other' };
}

/** A value on its way into a column: converted implicitly; a text that is too long is error 2628. */
export function assigned(b: Binder, value: Typed, column: ColumnMetadata, target: WriteTarget): string {
  const { type } = column;
  const isSized = (isText(type) || isBinary(type)) && type.name !== 'timestamp';
  if (!isSized || type.length === undefined || type.length === -1 || value.constant === null) {
    return convertTyped(b, value, type).sql;
  }
  const place = `${target.database.name}.${target.schema}.${target.table.name}`;
  const tooLong = (shown: string): string => truncation(place, column.name, shown);
  if (isBinary(type)) {
    const wide = convertTyped(b, value, { name: 'varbinary', length: -1 }).sql;
    const checked = `CASE WHEN octet_length(${wide}) > ${type.length} THEN CAST(${tooLong('')} AS BLOB) ELSE ${wide} END`;
    if (type.name === 'varbinary') return checked;
    return convertTyped(
      b,
      {
        sql: checked,
        type: { name: 'varbinary', length: type.length },
        nullable: true,
        label: 'implicit',
        isSimple: false,
      },
      type,
    ).sql;
  }
  if (textLength(value.type) <= type.length && isText(value.type) && isUnicode(value.type) === isUnicode(type)) {
    return convertTyped(b, value, type).sql;
  }
  const wideType = {
    name: isUnicode(type) ? ('nvarchar' as const) : ('varchar' as const),
    length: -1,
    ...(type.collation === undefined ? {} : { collation: type.collation }),
  };
  const wide = convertTyped(b, value, wideType);
  const length =
    isUnicode(type) || ![65_001, 932, 936, 949, 950].includes(codePageOf(type.collation ?? ''))
      ? `length(rtrim(${wide.sql}, ' '))`
      : byteLengthSql(b, wide);
  const checked = `CASE WHEN ${length} > ${type.length} THEN CAST(${tooLong('')} AS VARCHAR) ELSE ${wide.sql} END`;
  return convertTyped(b, { ...wide, sql: checked, constant: undefined, isSimple: false }, type).sql;
}

function byteLengthSql(b: Binder, typed: Typed): string {
  return b.scripts.call(
    `byte length ${typed.type.collation ?? ''}`,
    {
      args: [typed.type],
      result: { name: 'int' },
      takesNull: false,
      run: ([value]) => Buffer.byteLength((value as string).replace(/ +$/, ''), 'utf8'),
    },
    [typed.sql],
  );
}

function truncation(table: string, column: string, shown: string): string {
  const error = new SqlError(
    2628,
    `String or binary data would be truncated in table '${table}', column '${column}'. Truncated value: '${shown}'.`,
  );
  return `error('${travelText(error)}')`;
}

/** Values of defaults: an expression of T-SQL without columns. */
export function defaultValue(b: Binder, column: ColumnMetadata): Typed {
  if (column.default === null) return nullOf(b, column.type);
  return b.expression(parseExpressionText(column.default.definition, { quotedIdentifier: true }), emptyScope());
}

export function computedValue(b: Binder, column: ColumnMetadata, scope: Scope): Typed {
  return b.expression(parseExpressionText(column.computed?.definition ?? 'NULL', { quotedIdentifier: true }), scope);
}

/** Checks staged rows (`sqlOf` gives a column's SQL) against NOT NULL and CHECK constraints; answers conditions that name broken ones, with their errors. */
export function rowChecks(
  b: Binder,
  target: WriteTarget,
  options: { sqlOf: (column: ColumnMetadata) => string; statement: 'INSERT' | 'UPDATE' },
): { condition: string; error: SqlError }[] {
  const { table, database, schema } = target;
  const scope = scopeOf([targetSource(target, options.sqlOf)]);
  const nulls = table.columns
    .filter((column) => !column.nullable)
    .map((column) => ({
      condition: `${options.sqlOf(column)} IS NULL`,
      error: new SqlError(
        515,
        `Cannot insert the value NULL into column '${column.name}', table '${database.name}.${schema}.${table.name}'; column does not allow nulls. ${options.statement} fails.`,
        { state: 2 },
      ),
    }));
  const checks = table.checks
    .filter((check) => !check.isDisabled)
    .map((check) => ({
      condition: `NOT ${b.condition(parseConditionText(check.definition, { quotedIdentifier: true }), scope)}`,
      error: new SqlError(
        547,
        `The ${options.statement} statement conflicted with the CHECK constraint "${check.name}". The conflict occurred in database "${database.name}", table "${schema}.${table.name}".`,
        { state: 0 },
      ),
    }));
  return [...nulls, ...checks];
}

/** Keys under which the columns of an index compare. */
export function indexKeys(
  b: Binder,
  target: WriteTarget,
  columnIds: readonly number[],
  sqlOf: (column: ColumnMetadata) => string,
): string[] {
  return columnIds.map((id) => {
    const column = target.table.columns.find((one) => one.id === id) as ColumnMetadata;
    return keyOf(b, {
      sql: sqlOf(column),
      type: column.type,
      nullable: column.nullable,
      label: 'implicit',
      isSimple: true,
    });
  });
}
