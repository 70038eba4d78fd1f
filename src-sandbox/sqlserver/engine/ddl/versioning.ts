import type { TableElement } from '../../sql/ast-ddl.ts';
import type { Identifier, ObjectName } from '../../sql/ast.ts';
import type { WriteTarget } from '../dml/target.ts';
import { errors, SqlError } from '../errors.ts';
import type { ColumnMetadata, DatabaseMetadata, TableMetadata } from '../metadata.ts';
import { addTable, findTable, removeTable, tableById } from '../object-index.ts';
import { findSchema, findView, sameIn, schemaName } from '../resolve-object.ts';
import { duckType, formatType } from '../sql-types.ts';
import type { StatementContext } from '../statement-context.ts';
import { emptyTable } from './empty-table.ts';
import { finishIndexes } from './finish-indexes.ts';

type Place = Pick<WriteTarget, 'database' | 'table' | 'schema'>;
type Period = Extract<TableElement, { kind: 'period' }>;

/** A period and its columns belong together. https://learn.microsoft.com/en-us/sql/t-sql/statements/create-table-transact-sql#period-for-system_time */
export function checkPeriod(database: DatabaseMetadata, table: TableMetadata, period: Period | null): void {
  const start = table.columns.find((column) => column.generatedAlways === 'AS_ROW_START');
  const end = table.columns.find((column) => column.generatedAlways === 'AS_ROW_END');
  const wrong = [start, end].find((column) => column !== undefined && column.type.name !== 'datetime2');
  if (wrong !== undefined) {
    throw new SqlError(13_501, `Temporal generated always column '${wrong.name}' has invalid data type.`);
  }
  if (period === null) {
    if (start === undefined && end === undefined) return;
    throw new SqlError(13_509, 'Cannot create generated always column when SYSTEM_TIME period is not defined.');
  }
  const missing = (side: string): string => `Temporal 'GENERATED ALWAYS AS ROW ${side}' column definition missing.`;
  if (start === undefined) throw new SqlError(13_504, missing('START'));
  if (end === undefined) throw new SqlError(13_505, missing('END'));
  const differs = (column: ColumnMetadata, name: Identifier): boolean =>
    !sameIn(database.collation, column.name, name.name);
  if (differs(start, period.startColumn)) throw new SqlError(13_506, notMatching('start', 'START'));
  if (differs(end, period.endColumn)) throw new SqlError(13_507, notMatching('end', 'END'));
}

const notMatching = (side: string, word: string): string =>
  `System-versioned table SYSTEM_TIME period definition ${side} column name not matching 'GENERATED ALWAYS AS ROW ${word}' column name.`;

/** SYSTEM_VERSIONING = ON: with a history table that is there, or a new one. https://learn.microsoft.com/en-us/sql/relational-databases/tables/creating-a-system-versioned-temporal-table */
export async function startVersioning(
  context: StatementContext,
  place: Place,
  historyName: ObjectName | null,
): Promise<void> {
  const { database, table } = place;
  const shown = `${database.name}.${place.schema}.${table.name}`;
  if (table.temporal?.kind === 'SYSTEM_VERSIONED')
    throw new SqlError(13_596, `SYSTEM_VERSIONING is already turned ON for table '${shown}'.`);
  if (!table.columns.some((column) => column.generatedAlways !== 'NOT_APPLICABLE')) {
    throw new SqlError(13_510, 'Cannot set SYSTEM_VERSIONING to ON when SYSTEM_TIME period is not defined.');
  }
  if (!table.indexes.some((index) => index.constraint?.kind === 'PRIMARY KEY')) {
    throw new SqlError(13_553, `System versioned temporal table '${shown}' must have primary key defined.`);
  }
  const schema = historyName?.schema ?? place.schema;
  const schemaId = findSchema(database, schema)?.id;
  if (schemaId === undefined) {
    throw new SqlError(
      2760,
      `The specified schema name "${schema}" either does not exist or you do not have permission to use it.`,
    );
  }
  const name = historyName?.name ?? `MSSQL_TemporalHistoryFor_${table.objectId}`;
  if (findView(database, schemaId, name) !== undefined)
    throw new SqlError(2714, `There is already an object named '${name}' in the database.`, { state: 6 });
  const existing = findTable(database, schemaId, name);
  if (existing !== undefined) checkHistory(place, { database, table: existing, schema });
  const history = existing ?? (await createHistory(context, place, { schemaId, name }));
  setTemporal(context, table, { kind: 'SYSTEM_VERSIONED', historyTableId: history.objectId });
  setTemporal(context, history, { kind: 'HISTORY', historyTableId: null });
}

/** SYSTEM_VERSIONING = OFF: two tables that know nothing of one another. */
export function stopVersioning(context: StatementContext, { database, table, schema }: Place): void {
  const history = historyOf(database, table);
  if (history === undefined) {
    throw new SqlError(
      13_591,
      `SYSTEM_VERSIONING is not turned ON for table '${database.name}.${schema}.${table.name}'.`,
    );
  }
  setTemporal(context, table, null);
  setTemporal(context, history, null);
}

/** The history table of a system-versioned table. Its columns are those of the table, in their order. */
export function historyOf(database: DatabaseMetadata, table: TableMetadata): TableMetadata | undefined {
  const id = table.temporal?.historyTableId ?? null;
  return id === null ? undefined : tableById(database, id);
}

function setTemporal(context: StatementContext, table: TableMetadata, temporal: TableMetadata['temporal']): void {
  const before = table.temporal;
  table.temporal = temporal;
  context.onRollback(() => {
    table.temporal = before;
  });
}

/** Compressed by pages and clustered by the end and the start of the period, as the vendor makes it. */
async function createHistory(
  context: StatementContext,
  { database, table }: Place,
  of: { schemaId: number; name: string },
): Promise<TableMetadata> {
  const history = emptyTable(context, database, of);
  history.columns = table.columns.map((column, i) => ({
    ...column,
    id: i + 1,
    identity: null,
    computed: null,
    default: null,
    isHidden: false,
    isRowGuid: false,
    generatedAlways: 'NOT_APPLICABLE',
  }));
  const idOf = (kind: ColumnMetadata['generatedAlways']): number =>
    table.columns.findIndex((column) => column.generatedAlways === kind) + 1;
  history.indexes.push({
    id: 1,
    name: `ix_${of.name}`,
    type: 'CLUSTERED',
    isUnique: false,
    constraint: null,
    isDisabled: false,
    filterDefinition: null,
    columns: [idOf('AS_ROW_END'), idOf('AS_ROW_START')].map((columnId) => ({
      columnId,
      isDescending: false,
      isIncluded: false,
    })),
    dataCompression: 'PAGE',
  });
  finishIndexes(history);
  await context.writeDuck(
    `CREATE TABLE "db${database.id}"."t${history.objectId}" (${history.columns.map(({ id, type }) => `c${id} ${duckType(type)}`).join(', ')})`,
  );
  addTable(database, history);
  context.onRollback(() => removeTable(database, history));
  return history;
}

const failed = (number: number, reason: string): SqlError =>
  new SqlError(number, `Setting SYSTEM_VERSIONING to ON failed because ${reason}`);

/** A table that is to be a history table has the columns of the current one and no keys. */
function checkHistory(current: Place, history: Place): void {
  const [one, other] = [current, history].map(({ database, table }) => {
    return `${database.name}.${schemaName(database, table.schemaId)}.${table.name}`;
  }) as [string, string];
  if (history.table.temporal !== null) throw new SqlError(13_514, `History table '${other}' is already in use.`);
  const has = (list: readonly unknown[]): boolean => list.length > 0;
  if (has(history.table.columns.filter(({ generatedAlways }) => generatedAlways !== 'NOT_APPLICABLE')))
    throw failed(13_574, `temporal history table '${other}' contains SYSTEM_TIME period.`);
  if (has(history.table.indexes.filter(({ isUnique }) => isUnique))) {
    throw failed(
      13_515,
      `history table '${other}' has custom unique keys defined. Consider dropping all unique keys and trying again.`,
    );
  }
  if (has(history.table.foreignKeys)) {
    throw failed(
      13_516,
      `history table '${other}' has foreign keys defined. Consider dropping all foreign keys and trying again.`,
    );
  }
  if (has(history.table.checks)) {
    throw failed(
      13_517,
      `history table '${other}' has table or column constraints defined. Consider dropping all table and column constraints and trying again.`,
    );
  }
  if (has(history.table.columns.filter(({ identity }) => identity !== null))) {
    throw failed(
      13_518,
      `history table '${other}' has IDENTITY column specification. Consider dropping all IDENTITY column specifications and trying again.`,
    );
  }
  if (has(history.table.columns.filter(({ computed }) => computed !== null)))
    throw errors.unsupported('a history table with computed columns');
  checkHistoryColumns(current, history, { one, other });
}

/** The first column that differs is told, by its name, type, collation or nullability. */
function checkHistoryColumns(current: Place, history: Place, { one, other }: { one: string; other: string }): void {
  const counts = [current, history].map(({ table }) => table.columns.length);
  if (counts[0] !== counts[1])
    throw failed(13_523, `table '${one}' has ${counts[0]} columns and table '${other}' has ${counts[1]} columns.`);
  current.table.columns.forEach((column, i) => {
    const twin = history.table.columns[i] as ColumnMetadata;
    if (!sameIn(current.database.collation, column.name, twin.name)) {
      throw failed(
        13_524,
        `column '${twin.name}' at ordinal ${i + 1} in history table '${other}' has a different name than the column '${column.name}' at the same ordinal in table '${one}'.`,
      );
    }
    const types = [twin, column].map(({ type }) => formatType(type));
    if (types[0] !== types[1]) {
      throw failed(
        13_525,
        `column '${column.name}' has data type ${types[0]} in history table '${other}' which is different from corresponding column type ${types[1]} in table '${one}'.`,
      );
    }
    const differs = (what: string): string =>
      `column '${column.name}' does not have the same ${what} in tables '${one}' and '${other}'.`;
    if (column.type.collation !== twin.type.collation) throw failed(13_526, differs('collation'));
    if (column.nullable !== twin.nullable) throw failed(13_531, differs('nullability attribute'));
  });
}
