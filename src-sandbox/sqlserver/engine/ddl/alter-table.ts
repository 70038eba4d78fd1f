import type { AlterTable, TableConstraint } from '../../sql/ast-ddl.ts';
import { parseConditionText } from '../../sql/parse-batch.ts';
import { createBinder } from '../bind/create-binder.ts';
import { convertTyped } from '../bind/convert-typed.ts';
import { resolveType } from '../environment.ts';
import { assigned, computedValue, defaultValue, scopeOf, targetSource, type WriteTarget } from '../dml/target.ts';
import { missingParents } from '../dml/check-rows.ts';
import { rowVersionSql } from '../dml/insert-rows.ts';
import { storageName } from '../bind/bind-from.ts';
import { errors, fromDuckDb, SqlError } from '../errors.ts';
import type { TableMetadata } from '../metadata.ts';
import { findTable } from '../object-index.ts';
import { findSchema, principalOf, requireDatabase, sameIn, schemaName } from '../resolve-object.ts';
import { duckType, isText } from '../sql-types.ts';
import type { StatementContext } from '../statement-context.ts';
import { lockName } from '../transactions.ts';
import { addColumn, addConstraint } from './create-table.ts';
import { finishIndexes } from './finish-indexes.ts';
import { requireUnique } from './indexes.ts';
import { startVersioning, stopVersioning } from './versioning.ts';
import { requireAlter } from './require-alter.ts';

type Action<K extends AlterTable['action']['kind']> = Extract<AlterTable['action'], { kind: K }>;

/** ALTER TABLE. https://learn.microsoft.com/en-us/sql/t-sql/statements/alter-table-transact-sql */
export async function alterTable(context: StatementContext, statement: AlterTable): Promise<void> {
  const target = await openForAlter(context, statement.table);
  const { table } = target;
  const before = structuredCloneOf(table);
  context.onRollback(() => Object.assign(table, before));
  const { action } = statement;
  table.columns = table.columns.map((column) => ({ ...column }));
  table.indexes = table.indexes.map((index) => ({ ...index }));
  table.checks = table.checks.map((check) => ({ ...check }));
  table.foreignKeys = table.foreignKeys.map((key) => ({ ...key }));
  table.modifiedOn = new Date();
  if (table.temporal !== null && !['set', 'check-constraint', 'rebuild'].includes(action.kind))
    throw errors.unsupported('changing the columns or constraints of a system-versioned table');
  switch (action.kind) {
    case 'add':
      return addElements(context, target, action);
    case 'drop':
      return dropItems(context, target, action);
    case 'alter-column':
      return alterColumn(context, target, action);
    case 'alter-column-property':
      return alterProperty(target, action);
    case 'check-constraint':
      for (const constraint of [...table.checks, ...table.foreignKeys]) {
        const named =
          action.names === 'ALL' ||
          action.names.some((name) => sameIn(target.database.collation, name.name, constraint.name));
        if (named) constraint.isDisabled = !action.enable;
      }
      return;
    case 'rebuild':
      return;
    case 'set':
      for (const option of action.options) {
        if (option.kind !== 'system-versioning') throw errors.unsupported(`ALTER TABLE ... SET (${option.name})`);
        if (option.on) await startVersioning(context, target, option.historyTable);
        else stopVersioning(context, target);
      }
      return;
    default:
      throw errors.unsupported(`ALTER TABLE ... ${action.kind.toUpperCase().replace('-', ' ')}`);
  }
}

function structuredCloneOf(table: TableMetadata): Partial<TableMetadata> {
  const { columns, indexes, checks, foreignKeys, modifiedOn } = table;
  return { columns, indexes, checks, foreignKeys, modifiedOn };
}

async function openForAlter(context: StatementContext, name: AlterTable['table']): Promise<WriteTarget> {
  const { server, session } = context;
  if (name.name.startsWith('#')) throw errors.unsupported('ALTER TABLE of a temporary table');
  const database = requireDatabase(server, session, name.database);
  const schema = findSchema(database, name.schema ?? principalOf(database, session.login)?.defaultSchema ?? 'dbo');
  const table = schema === undefined ? undefined : findTable(database, schema.id, name.name);
  const missing = (): SqlError =>
    new SqlError(
      4902,
      `Cannot find the object "${name.name}" because it does not exist or you do not have permissions.`,
    );
  if (schema === undefined || table === undefined) throw missing();
  requireAlter(context, database, table, missing);
  await server.locks.acquire(lockName(table), {
    owner: session.spid,
    timeoutMs: session.options.lockTimeout,
    signal: context.signal,
  });
  return { database, table, schema: schema.name, storage: storageName(database.id, table.objectId) };
}

async function hasRows(context: StatementContext, sql: string): Promise<boolean> {
  try {
    return (await context.session.connection.runAndReadAll(sql)).getRows().length > 0;
  } catch (error) {
    throw fromDuckDb(error);
  }
}

async function addElements(context: StatementContext, target: WriteTarget, action: Action<'add'>): Promise<void> {
  const { table, database, storage } = target;
  const constraints: TableConstraint[] = [];
  const added = action.elements.flatMap((element) => {
    if (element.kind === 'column') return [addColumn(context, { database, table, definition: element, constraints })];
    if (element.kind === 'index' || element.kind === 'period')
      throw errors.unsupported(`ALTER TABLE ADD of a ${element.kind}`);
    constraints.push(element);
    return [];
  });
  const known = new Set([...table.checks.map((one) => one.objectId), ...table.foreignKeys.map((one) => one.objectId)]);
  const indexed = new Set(table.indexes.map((index) => index.constraint?.objectId));
  for (const constraint of constraints) addConstraint(context, { database, table, constraint });
  finishIndexes(table);
  const isFilled = await hasRows(context, `SELECT 1 FROM ${storage} LIMIT 1`);
  for (const column of added) {
    const mayBeEmpty =
      column.nullable ||
      column.default !== null ||
      column.computed !== null ||
      column.identity !== null ||
      column.type.name === 'timestamp';
    if (isFilled && !mayBeEmpty) {
      throw new SqlError(
        4901,
        `ALTER TABLE only allows columns to be added that can contain nulls, or have a DEFAULT definition specified, or the column being added is an identity or timestamp column, or alternatively if none of the previous conditions are satisfied the table must be empty to allow addition of this column. Column '${column.name}' cannot be added to non-empty table '${table.name}' because it does not satisfy these conditions.`,
      );
    }
    await context.writeDuck(`ALTER TABLE ${storage} ADD COLUMN c${column.id} ${duckType(column.type)}`);
    if (!isFilled) continue;
    const b = createBinder(context.server.duck.scripts, context.environment());
    const withValues = constraints.some((one) => one.kind === 'default' && one.withValues);
    const value =
      column.computed !== null
        ? assigned(b, computedValue(b, column, scopeOf([targetSource(target, (one) => `c${one.id}`)])), column, target)
        : column.type.name === 'timestamp'
          ? null
          : column.identity !== null
            ? null
            : column.default !== null && (!column.nullable || withValues)
              ? assigned(b, defaultValue(b, column), column, target)
              : undefined;
    if (value === undefined) continue;
    if (value !== null) await context.writeDuck(`UPDATE ${storage} SET c${column.id} = ${value}`);
    else {
      const number =
        column.identity === null
          ? rowVersionSql(context, target)
          : `CAST(${column.identity.seed} + (row_number() OVER () - 1) * ${column.identity.increment} AS ${duckType(column.type)})`;
      await context.writeDuck(
        `UPDATE ${storage} SET c${column.id} = n.v FROM (SELECT rowid AS r, ${number} AS v FROM ${storage}) AS n WHERE ${storage}.rowid = n.r`,
      );
    }
  }
  if (action.withCheck === false) return;
  await checkExisting(context, target, { known, indexed });
}

async function checkExisting(
  context: StatementContext,
  target: WriteTarget,
  old: { known: Set<number>; indexed: Set<number | undefined> },
): Promise<void> {
  const { table, database, storage } = target;
  const b = createBinder(context.server.duck.scripts, context.environment());
  const scope = scopeOf([targetSource(target, (column) => `c${column.id}`)]);
  for (const check of table.checks.filter((one) => !old.known.has(one.objectId))) {
    const condition = b.condition(parseConditionText(check.definition, { quotedIdentifier: true }), scope);
    if (await hasRows(context, `SELECT 1 FROM ${storage} WHERE NOT ${condition} LIMIT 1`)) {
      throw new SqlError(
        547,
        `The ALTER TABLE statement conflicted with the CHECK constraint "${check.name}". The conflict occurred in database "${database.name}", table "${target.schema}.${table.name}".`,
        { state: 0 },
      );
    }
  }
  for (const key of table.foreignKeys.filter((one) => !old.known.has(one.objectId))) {
    const parent = database.tables.find((one) => one.objectId === key.referencedTableId);
    if (parent === undefined) continue;
    if (
      await missingParents(context, b, {
        child: target,
        parent: { ...target, table: parent, storage: storageName(database.id, parent.objectId) },
        key,
      })
    ) {
      throw new SqlError(
        547,
        `The ALTER TABLE statement conflicted with the FOREIGN KEY constraint "${key.name}". The conflict occurred in database "${database.name}", table "${schemaName(database, parent.schemaId)}.${parent.name}".`,
        { state: 0 },
      );
    }
  }
  for (const index of table.indexes.filter(
    (one) => one.constraint !== null && !old.indexed.has(one.constraint.objectId),
  )) {
    await requireUnique(context, target, index);
  }
}

async function dropItems(context: StatementContext, target: WriteTarget, action: Action<'drop'>): Promise<void> {
  const { table, database, storage } = target;
  const same = (a: string, z: string | null): boolean => z !== null && sameIn(database.collation, a, z);
  for (const { kind, name, ifExists } of action.items) {
    if (kind === 'constraint') {
      if (dropConstraint(table, (other) => same(name.name, other))) continue;
      if (ifExists) continue;
      throw new SqlError(3728, `'${name.name}' is not a constraint.`);
    }
    const column = table.columns.find((one) => same(name.name, one.name));
    if (column === undefined) {
      if (ifExists) continue;
      throw new SqlError(
        4924,
        `ALTER TABLE DROP COLUMN failed because column '${name.name}' does not exist in table '${table.name}'.`,
      );
    }
    const user =
      table.indexes.find((index) => index.columns.some((one) => one.columnId === column.id))?.name ??
      column.default?.name;
    if (user !== undefined) {
      throw new SqlError(5074, `The object '${user}' is dependent on column '${column.name}'.`);
    }
    table.columns = table.columns.filter((one) => one !== column);
    await context.writeDuck(`ALTER TABLE ${storage} DROP COLUMN c${column.id}`);
  }
  finishIndexes(table);
}

function dropConstraint(table: TableMetadata, isNamed: (name: string | null) => boolean): boolean {
  const column = table.columns.find((one) => one.default !== null && isNamed(one.default.name));
  if (column !== undefined) {
    column.default = null;
    return true;
  }
  const size = table.indexes.length + table.checks.length + table.foreignKeys.length;
  table.indexes = table.indexes.filter((index) => !(index.constraint !== null && isNamed(index.name)));
  table.checks = table.checks.filter((check) => !isNamed(check.name));
  table.foreignKeys = table.foreignKeys.filter((key) => !isNamed(key.name));
  return table.indexes.length + table.checks.length + table.foreignKeys.length < size;
}

async function alterColumn(
  context: StatementContext,
  target: WriteTarget,
  action: Action<'alter-column'>,
): Promise<void> {
  const { table, database, storage } = target;
  const column = table.columns.find((one) => sameIn(database.collation, one.name, action.name.name));
  if (column === undefined)
    throw new SqlError(
      4924,
      `ALTER TABLE ALTER COLUMN failed because column '${action.name.name}' does not exist in table '${table.name}'.`,
    );
  const resolved = resolveType(database, action.type);
  const type = { ...resolved.type };
  if (isText(type)) type.collation = action.collation ?? database.collation;
  const nullable = action.nullable ?? true;
  if (!nullable && (await hasRows(context, `SELECT 1 FROM ${storage} WHERE c${column.id} IS NULL LIMIT 1`))) {
    throw new SqlError(
      515,
      `Cannot insert the value NULL into column '${column.name}', table '${database.name}.${target.schema}.${table.name}'; column does not allow nulls. UPDATE fails.`,
      { state: 2 },
    );
  }
  const b = createBinder(context.server.duck.scripts, context.environment());
  const old = {
    sql: `c${column.id}`,
    type: column.type,
    nullable: column.nullable,
    label: 'implicit' as const,
    isSimple: true,
  };
  const value = isText(type) ? assigned(b, old, { ...column, type }, target) : convertTyped(b, old, type).sql;
  await context.writeDuck(
    `ALTER TABLE ${storage} ALTER COLUMN c${column.id} SET DATA TYPE ${duckType(type)} USING ${value}`,
  );
  Object.assign(column, {
    type,
    nullable,
    aliasTypeId: resolved.aliasTypeId,
    isSparse: action.sparse ?? column.isSparse,
  });
}

function alterProperty(target: WriteTarget, action: Action<'alter-column-property'>): void {
  const column = target.table.columns.find((one) => sameIn(target.database.collation, one.name, action.name.name));
  if (column === undefined)
    throw new SqlError(
      4924,
      `ALTER TABLE ALTER COLUMN failed because column '${action.name.name}' does not exist in table '${target.table.name}'.`,
    );
  const on = action.action === 'ADD';
  switch (action.property) {
    case 'MASKED':
      column.maskingFunction = on ? action.mask : null;
      return;
    case 'SPARSE':
      column.isSparse = on;
      return;
    case 'HIDDEN':
      column.isHidden = on;
      return;
    case 'ROWGUIDCOL':
      column.isRowGuid = on;
      return;
    case 'PERSISTED':
      if (column.computed !== null) column.computed = { ...column.computed, isPersisted: on };
      return;
    case 'NOT FOR REPLICATION':
  }
}
