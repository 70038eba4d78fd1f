import type { SqlType } from '../../engine-contract.ts';
import type {
  ColumnDefinition,
  CreateTable,
  IndexDefinition,
  TableConstraint,
  TableElement,
} from '../../sql/ast-ddl.ts';
import type { Expression } from '../../sql/ast.ts';
import { createBinder, emptyScope } from '../bind/create-binder.ts';
import { tableColumn } from '../bind/bind-from.ts';
import { convertTyped } from '../bind/convert-typed.ts';
import { isCollationName } from '../collation.ts';
import { errors, SqlError } from '../errors.ts';
import type { ColumnMetadata, DatabaseMetadata, IndexMetadata, TableMetadata } from '../metadata.ts';
import { addTable, findTable, removeTable } from '../object-index.ts';
import { findSchema, findView, principalOf, requireDatabase, sameIn } from '../resolve-object.ts';
import { resolveType } from '../environment.ts';
import { partitionOf } from '../functions/partition-number.ts';
import { parseBoundaries } from '../partitions.ts';
import { addIndex } from './add-index.ts';
import { emptyTable } from './empty-table.ts';
import { finishIndexes, nextIndexId } from './finish-indexes.ts';
import { checkPeriod, startVersioning } from './versioning.ts';
import { duckType, isInteger, isText } from '../sql-types.ts';
import type { StatementContext } from '../statement-context.ts';

/** CREATE TABLE. https://learn.microsoft.com/en-us/sql/t-sql/statements/create-table-transact-sql */
export async function createTable(context: StatementContext, statement: CreateTable): Promise<void> {
  const { server, session } = context;
  const isTemporary = statement.name.name.startsWith('#');
  const database = isTemporary
    ? requireDatabase(server, session, 'tempdb')
    : requireDatabase(server, session, statement.name.database);
  const principal = principalOf(database, session.login);
  const schemaName = isTemporary ? 'dbo' : (statement.name.schema ?? principal?.defaultSchema ?? 'dbo');
  const schema = findSchema(database, schemaName);
  if (schema === undefined) {
    throw new SqlError(
      2760,
      `The specified schema name "${schemaName}" either does not exist or you do not have permission to use it.`,
    );
  }
  context.requirePermission(database, 'CREATE TABLE');
  const taken = isTemporary
    ? session.temporary.has(statement.name.name.toLowerCase())
    : (findTable(database, schema.id, statement.name.name) ?? findView(database, schema.id, statement.name.name)) !==
      undefined;
  if (taken) throw objectExists(statement.name.name);
  const table = emptyTable(context, database, { schemaId: schema.id, name: statement.name.name });
  const constraints: TableConstraint[] = [];
  const indexes: IndexDefinition[] = [];
  let period: Extract<TableElement, { kind: 'period' }> | null = null;
  for (const element of statement.elements) {
    if (element.kind === 'column') addColumn(context, { database, table, definition: element, constraints });
    else if (element.kind === 'index') indexes.push(element);
    else if (element.kind === 'period') period = element;
    else constraints.push(element);
  }
  for (const element of statement.elements)
    if (element.kind === 'column' && element.index !== null) indexes.push(element.index);
  for (const constraint of constraints) addConstraint(context, { database, table, constraint });
  for (const definition of indexes) addIndex(context, { database, table, definition });
  checkPeriod(database, table, period);
  setOptions(context, { database, table, statement });
  finishIndexes(table);
  await context.writeDuck(
    `CREATE TABLE "db${database.id}"."t${table.objectId}" (${table.columns.map((column) => `c${column.id} ${duckType(column.type)}`).join(', ')})`,
  );
  if (isTemporary) {
    session.temporary.set(table.name.toLowerCase(), table);
    context.onRollback(() => session.temporary.delete(table.name.toLowerCase()));
  } else {
    addTable(database, table);
    context.onRollback(() => removeTable(database, table));
  }
  for (const option of statement.options) {
    if (option.kind !== 'system-versioning' || !option.on) continue;
    if (isTemporary) throw errors.unsupported('SYSTEM_VERSIONING of a temporary table');
    await startVersioning(context, { database, table, schema: schema.name }, option.historyTable);
  }
}

/** Where the rows lie and what kind of table it is. */
function setOptions(
  context: StatementContext,
  of: { database: DatabaseMetadata; table: TableMetadata; statement: CreateTable },
): void {
  const { database, table, statement } = of;
  const keyOn = statement.elements.flatMap((element) => ('on' in element && element.on !== null ? [element.on] : []));
  const on = statement.on ?? keyOn[0] ?? null;
  if (on !== null && on.partitionColumn !== null) {
    const scheme = database.partitionSchemes.find((one) => sameIn(database.collation, one.name, on.name.name));
    if (scheme === undefined) throw new SqlError(1921, `Invalid partition scheme '${on.name.name}' specified.`);
    const columnName = on.partitionColumn.name;
    const column = table.columns.find((one) => sameIn(database.collation, one.name, columnName));
    if (column === undefined)
      throw new SqlError(1911, `Column name '${columnName}' does not exist in the target table or view.`);
    table.partitioning = { schemeId: scheme.id, columnId: column.id };
    table.countPartitionRows = () => countPartitions(context.server, { database, table });
  }
  for (const option of statement.options) {
    if (option.kind === 'system-versioning') continue;
    if (option.name === 'MEMORY_OPTIMIZED') table.isMemoryOptimized = option.value === 'ON';
    else if (option.name === 'DATA_COMPRESSION') {
      for (const index of table.indexes)
        if (index.id <= 1) index.dataCompression = option.value as IndexMetadata['dataCompression'];
    }
  }
}

async function countPartitions(
  server: StatementContext['server'],
  { database, table }: { database: DatabaseMetadata; table: TableMetadata },
): Promise<number[]> {
  const scheme = database.partitionSchemes.find((one) => one.id === table.partitioning?.schemeId);
  const of = database.partitionFunctions.find((one) => one.id === scheme?.functionId);
  const column = table.columns.find((one) => one.id === table.partitioning?.columnId);
  if (of === undefined || column === undefined) return [await table.countRows()];
  const boundaries = parseBoundaries(of);
  const counts = Array.from({ length: boundaries.length + 1 }, () => 0);
  if ((await table.countRows()) === 0) return counts;
  const place = server.duck.scripts.call(
    `partition of ${of.id} in ${database.id}`,
    {
      args: [column.type],
      result: { name: 'int' },
      takesNull: true,
      run: ([value]) => partitionOf(value ?? null, { type: of.type, boundaries, onRight: of.boundaryOnRight }),
    },
    [`c${column.id}`],
  );
  const reader = await server.duck.main.runAndReadAll(
    `SELECT ${place} AS p, count(*) FROM "db${database.id}"."t${table.objectId}" GROUP BY p`,
  );
  for (const [number, count] of reader.getRows()) counts[Number(number) - 1] = Number(count);
  return counts;
}

export const objectExists = (name: string): SqlError =>
  new SqlError(2714, `There is already an object named '${name}' in the database.`, { state: 6 });

type ColumnParts = {
  database: DatabaseMetadata;
  table: TableMetadata;
  definition: ColumnDefinition;
  constraints: TableConstraint[];
};

/** Adds a column of a definition to a table's metadata; constraints written on it go to `constraints`. */
export function addColumn(
  context: StatementContext,
  { database, table, definition, constraints }: ColumnParts,
): ColumnMetadata {
  const name = definition.name.name;
  if (table.columns.some((column) => sameIn(database.collation, column.name, name))) {
    throw new SqlError(
      2705,
      `Column names in each table must be unique. Column name '${name}' in table '${table.name}' is specified more than once.`,
      { state: 3 },
    );
  }
  const resolved = definition.type === null ? null : resolveType(database, definition.type);
  const type: SqlType =
    resolved === null
      ? computedType(context, { database, table, expression: definition.computed?.expression as Expression })
      : resolved.type;
  if (isText(type)) {
    const collation = definition.collation ?? type.collation ?? database.collation;
    if (!isCollationName(collation)) throw new SqlError(448, `Invalid collation '${collation}'.`);
    type.collation = collation;
  }
  if (definition.columnSet) throw errors.unsupported('column sets');
  if (definition.generated !== null && definition.nullable === true) {
    throw new SqlError(13_587, `Period column '${name}' in a system-versioned temporal table cannot be nullable.`);
  }
  const isTimestamp = type.name === 'timestamp';
  const column: ColumnMetadata = {
    id: Math.max(0, ...table.columns.map((one) => one.id)) + 1,
    name,
    type,
    aliasTypeId: resolved?.aliasTypeId ?? null,
    nullable:
      definition.nullable ??
      resolved?.nullable ??
      !(definition.identity !== null || isTimestamp || definition.generated !== null),
    identity: definition.identity === null ? null : identityOf(context, definition.identity, type, name),
    computed:
      definition.computed === null
        ? null
        : {
            definition: `(${context.sourceOf(definition.computed.expression)})`,
            isPersisted: definition.computed.persisted,
          },
    default: null,
    isRowGuid: definition.rowguidcol,
    isHidden: definition.hidden,
    isSparse: definition.sparse,
    isColumnSet: false,
    generatedAlways:
      definition.generated === null
        ? 'NOT_APPLICABLE'
        : definition.generated === 'ROW START'
          ? 'AS_ROW_START'
          : 'AS_ROW_END',
    maskingFunction: definition.mask,
    encryption: null,
    isFilestream: definition.filestream,
    isAnsiPadded: true,
  };
  table.columns.push(column);
  for (const constraint of definition.constraints) {
    constraints.push(withColumn(constraint, definition));
  }
  return column;
}

/** A constraint written on a column as one of the table. */
function withColumn(constraint: TableConstraint, definition: ColumnDefinition): TableConstraint {
  switch (constraint.kind) {
    case 'primary-key':
    case 'unique':
      return constraint.columns.length > 0
        ? constraint
        : { ...constraint, columns: [{ name: definition.name, descending: false }] };
    case 'foreign-key':
      return constraint.columns.length > 0 ? constraint : { ...constraint, columns: [definition.name] };
    case 'default':
      return { ...constraint, forColumn: constraint.forColumn ?? definition.name };
    case 'check':
      return constraint;
  }
}

function identityOf(
  context: StatementContext,
  identity: { seed: Expression; increment: Expression },
  type: SqlType,
  name: string,
): ColumnMetadata['identity'] {
  if (
    !(isInteger(type) && type.name !== 'bit') &&
    !((type.name === 'decimal' || type.name === 'numeric') && type.scale === 0)
  ) {
    throw new SqlError(
      2749,
      `Identity column '${name}' must be of data type int, bigint, smallint, tinyint, or decimal or numeric with a scale of 0, unencrypted, and constrained to be nonnullable.`,
      { state: 2 },
    );
  }
  const number = (expression: Expression): bigint => {
    const b = createBinder(context.server.duck.scripts, context.environment());
    return (convertTyped(b, b.expression(expression, emptyScope()), { name: 'decimal', precision: 38, scale: 0 })
      .constant ?? 1n) as bigint;
  };
  return { seed: number(identity.seed), increment: number(identity.increment), lastValue: null };
}

function computedType(
  context: StatementContext,
  of: { database: DatabaseMetadata; table: TableMetadata; expression: Expression },
): SqlType {
  const b = createBinder(context.server.duck.scripts, { ...context.environment(), database: of.database });
  const scope = emptyScope();
  scope.sources.push({
    alias: of.table.name,
    name: null,
    table: of.table,
    database: of.database,
    used: new Set(),
    columns: of.table.columns.map((column) => tableColumn(column, `c${column.id}`)),
  });
  return { ...b.expression(of.expression, scope).type };
}

export function addConstraint(
  context: StatementContext,
  of: { database: DatabaseMetadata; table: TableMetadata; constraint: TableConstraint },
): void {
  const { table, constraint } = of;
  const isSystemNamed = constraint.name === null;
  const objectId = context.server.nextObjectId();
  const named = (prefix: string, column = ''): string =>
    constraint.name?.name ??
    `${prefix}__${table.name.slice(0, 9)}${column === '' ? '' : `__${column.slice(0, 5)}`}__${objectId.toString(16).toUpperCase().padStart(8, '0')}`;
  const find = (name: string): ColumnMetadata => {
    const column = table.columns.find((one) => sameIn(of.database.collation, one.name, name));
    if (column === undefined)
      throw new SqlError(1911, `Column name '${name}' does not exist in the target table or view.`);
    return column;
  };
  switch (constraint.kind) {
    case 'primary-key':
    case 'unique': {
      const isPrimary = constraint.kind === 'primary-key';
      if (isPrimary && table.indexes.some((index) => index.constraint?.kind === 'PRIMARY KEY')) {
        throw new SqlError(8110, `Cannot add multiple PRIMARY KEY constraints to table '${table.name}'.`);
      }
      const hasClustered = table.indexes.some(
        (index) => index.type === 'CLUSTERED' || index.type === 'CLUSTERED COLUMNSTORE',
      );
      const clustered = constraint.clustered ?? (isPrimary && !hasClustered);
      const columns = constraint.columns.map((one) => ({ column: find(one.name.name), descending: one.descending }));
      for (const { column } of columns) if (isPrimary) column.nullable = false;
      table.indexes.push({
        id: clustered ? 1 : nextIndexId(table),
        name: named(isPrimary ? 'PK' : 'UQ'),
        type: clustered ? 'CLUSTERED' : 'NONCLUSTERED',
        isUnique: true,
        constraint: { kind: isPrimary ? 'PRIMARY KEY' : 'UNIQUE', objectId, isSystemNamed },
        isDisabled: false,
        filterDefinition: null,
        columns: columns.map(({ column, descending }) => ({
          columnId: column.id,
          isDescending: descending,
          isIncluded: false,
        })),
        dataCompression: 'NONE',
      });
      return;
    }
    case 'default': {
      const column = find(constraint.forColumn?.name ?? '');
      if (column.default !== null) throw new SqlError(1781, 'Column already has a DEFAULT bound to it.');
      column.default = {
        objectId,
        name: named('DF', column.name),
        isSystemNamed,
        definition: `(${context.sourceOf(constraint.expression)})`,
      };
      return;
    }
    case 'check':
      table.checks.push({
        objectId,
        name: named('CK'),
        isSystemNamed,
        definition: `(${context.sourceOf(constraint.condition)})`,
        columnId: null,
        isDisabled: false,
      });
      return;
    case 'foreign-key': {
      const object = context.environment().resolveObject(constraint.references);
      if (object.kind !== 'table') throw errors.unknownObject(constraint.references.name);
      const referenced = object.table;
      const primary = referenced.indexes.find((index) => index.constraint?.kind === 'PRIMARY KEY');
      table.foreignKeys.push({
        objectId,
        name: named('FK'),
        isSystemNamed,
        columnIds: constraint.columns.map((one) => find(one.name).id),
        referencedTableId: referenced.objectId,
        referencedColumnIds:
          constraint.referencedColumns.length > 0
            ? constraint.referencedColumns.map(
                (one) =>
                  referenced.columns.find((column) => sameIn(of.database.collation, column.name, one.name))?.id ?? 0,
              )
            : (primary?.columns.map((column) => column.columnId) ?? []),
        onDelete: constraint.onDelete.replace(' ', '_') as 'NO_ACTION',
        onUpdate: constraint.onUpdate.replace(' ', '_') as 'NO_ACTION',
        isDisabled: false,
      });
    }
  }
}
