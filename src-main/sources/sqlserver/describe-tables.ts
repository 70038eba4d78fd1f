import type { ColumnDescription, ColumnTrait, TableDescription, TableRef } from '#shared/model/table';
import {
  estimatesOf,
  readEstimates,
  readObjects,
  readTypes,
  text,
  type CatalogObject,
  type KnownType,
} from './catalog.ts';
import type { CatalogReader, CatalogRow } from './catalog-views.ts';
import { formatNativeType, toColumnType } from './column-types.ts';
import { sqlServerDialect } from './dialect.ts';
import { readIndexes } from './indexes.ts';
import { choosePartitionKeys, type IndexInfo } from './partition-keys.ts';
import type { ResultField } from './result-fields.ts';

/** About ten statements for this many tables. */
const TABLES_A_ROUND = 1000;

/** Descriptions in the order of `tables`, null for what the catalog does not know. */
export async function describeTables(catalog: CatalogReader, tables: TableRef[]): Promise<(TableDescription | null)[]> {
  const found: (TableDescription | null)[] = [];
  for (let start = 0; start < tables.length; start += TABLES_A_ROUND) {
    found.push(...(await describeRound(catalog, tables.slice(start, start + TABLES_A_ROUND))));
  }
  return found;
}

async function describeRound(catalog: CatalogReader, tables: TableRef[]): Promise<(TableDescription | null)[]> {
  const objects = await readObjects(catalog, tables);
  if (objects === null) return describeByAnswers(catalog, tables);
  const find = objectFinder(objects);
  const matches = tables.map(find);
  const wanted = [...new Set(matches.filter((object) => object !== null))];
  if (wanted.length === 0) return matches.map(() => null);
  const ids = wanted.flatMap(({ objectId }) => (objectId === null ? [] : [objectId]));
  const remarks: string[] = [];
  const columns = await readColumns(catalog, { objects: wanted, ids, remarks });
  const indexes = await readIndexes(catalog, { columns, ids, remarks });
  const estimates = ids.length === 0 ? new Map<string, never>() : await readEstimates(catalog, ids);
  const described = tables.map((ref, index) => {
    const object = matches[index] ?? null;
    const ofTable = object === null ? [] : (columns.get(object) ?? []);
    if (object === null || ofTable.length === 0) return null;
    return describe({ ref, object, columns: ofTable, indexes: indexes.get(object) ?? [], remarks, estimates });
  });
  // A table without columns cannot be: the catalog is not whole.
  const nameless = tables.filter((_ref, index) => matches[index] && described[index] === null);
  const answered = new Map((await describeByAnswers(catalog, nameless)).map((table) => [table?.ref, table]));
  return described.map((table, index) => table ?? answered.get(tables[index]) ?? null);
}

/** Without a catalog: what the columns of an answer without rows are. A statement for each table, as there is no other way. */
async function describeByAnswers(catalog: CatalogReader, tables: TableRef[]): Promise<(TableDescription | null)[]> {
  const found: (TableDescription | null)[] = [];
  for (const ref of tables) {
    const fields = await catalog.fieldsOf(`SELECT * FROM ${sqlServerDialect.tableName(ref)} WHERE 1 = 0`);
    found.push(fields === null ? null : describeFields(ref, fields));
  }
  return found;
}

function describeFields(ref: TableRef, fields: ResultField[]): TableDescription {
  return {
    ref,
    kind: 'table',
    rowEstimate: null,
    byteEstimate: null,
    columns: fields.map(({ name, nativeType, nullable, isIdentity, isComputed }, index) => ({
      name,
      ordinal: index + 1,
      nativeType,
      type: toColumnType(nativeType),
      nullable,
      defaultExpression: null,
      isIdentity,
      isComputed,
    })),
    primaryKey: [],
    uniqueKeys: [],
    partitionKeys: [],
    remarks: [
      'This server has no catalog that can be read: the columns are those that a SELECT answers with, keys and sizes are not known, and the table is read as one stream.',
    ],
  };
}

function describe(parts: {
  ref: TableRef;
  object: CatalogObject;
  columns: ColumnDescription[];
  indexes: IndexInfo[];
  remarks: string[];
  estimates: Parameters<typeof estimatesOf>[1];
}): TableDescription {
  const { ref, object, columns, indexes, remarks } = parts;
  const unique = indexes.filter((index) => index.isUnique && !index.isPrimaryKey);
  return {
    ref,
    kind: object.kind,
    ...estimatesOf(object, parts.estimates),
    columns,
    primaryKey: indexes.find(({ isPrimaryKey }) => isPrimaryKey)?.columns ?? [],
    uniqueKeys: unique.map((index) => index.columns),
    partitionKeys: choosePartitionKeys(indexes, columns),
    ...(remarks.length > 0 ? { remarks } : {}),
  };
}

/** The exact name, else the only one that differs in case alone, which is the same table where the database does not tell cases apart. */
function objectFinder(objects: CatalogObject[]): (ref: TableRef) => CatalogObject | null {
  const exactly = new Map<string, CatalogObject>();
  const folded = new Map<string, CatalogObject[]>();
  for (const object of objects) {
    const key = nameKey(object);
    exactly.set(key, object);
    folded.set(key.toLowerCase(), [...(folded.get(key.toLowerCase()) ?? []), object]);
  }
  return (ref) => {
    const exact = exactly.get(nameKey(ref));
    if (exact) return exact;
    const alike = folded.get(nameKey(ref).toLowerCase()) ?? [];
    return alike.length === 1 ? (alike[0] ?? null) : null;
  };
}

function nameKey({ schema, name }: { schema: string; name: string }): string {
  return JSON.stringify([schema, name]);
}

interface Wanted {
  objects: CatalogObject[];
  /** Of the objects that have one. */
  ids: string[];
  /** What this server's catalog does not tell; added to. */
  remarks: string[];
}

async function readColumns(catalog: CatalogReader, wanted: Wanted): Promise<Map<CatalogObject, ColumnDescription[]>> {
  const byId = new Map(wanted.objects.map((object) => [object.objectId, object]));
  const types = wanted.ids.length > 0 ? await readTypes(catalog) : null;
  const rows = types === null ? null : await readSysColumns(catalog, wanted.ids);
  if (types === null || rows === null) return readStandardColumns(catalog, wanted);
  const extras = await readExtras(catalog, wanted);
  const columns = new Map<CatalogObject, ColumnDescription[]>(wanted.objects.map((object) => [object, []]));
  for (const row of rows) {
    const object = byId.get(text(row, 'object_id'));
    if (object) columns.get(object)?.push(toColumn(row, types, extras));
  }
  for (const list of columns.values()) list.sort((a, b) => a.ordinal - b.ordinal);
  const hasUnknown = [...columns.values()].flat().some(({ nativeType }) => nativeType === UNKNOWN_TYPE.bareType);
  return hasUnknown ? nameUnknownTypes(catalog, wanted, columns) : columns;
}

/** A server whose `sys.types` lacks types may tell them by INFORMATION_SCHEMA all the same. */
async function nameUnknownTypes(
  catalog: CatalogReader,
  wanted: Wanted,
  columns: Map<CatalogObject, ColumnDescription[]>,
): Promise<Map<CatalogObject, ColumnDescription[]>> {
  const standard = await readStandardColumns(catalog, { ...wanted, remarks: [] });
  for (const [object, list] of columns) {
    const named = new Map((standard.get(object) ?? []).map((column) => [column.name, column]));
    const mended = list.map((column) => {
      if (column.nativeType !== UNKNOWN_TYPE.bareType) return column;
      const { nativeType, type } = named.get(column.name) ?? column;
      return { ...column, nativeType, type };
    });
    columns.set(object, mended);
  }
  return columns;
}

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-columns-transact-sql */
async function readSysColumns(catalog: CatalogReader, ids: string[]): Promise<CatalogRow[] | null> {
  return catalog.read({
    view: 'sys.columns',
    columns: [
      'object_id',
      'column_id',
      'name',
      'user_type_id',
      'max_length',
      'precision',
      'scale',
      'collation_name',
      'is_nullable',
      'is_identity',
      'is_computed',
      'is_sparse',
      'is_column_set',
      'is_hidden',
      'is_masked',
      'encryption_type',
      'graph_type',
    ],
    required: ['object_id', 'column_id', 'name', 'user_type_id', 'max_length'],
    where: idFilter(ids),
  });
}

function idFilter(ids: string[], column = 'object_id'): string {
  return `v.[${column}] IN (${ids.join(', ')})`;
}

/** What other views say of columns, by `columnKey`. */
interface Extras {
  notStored: Set<string>;
  defaults: Map<string, string>;
  seesBehindMasks: boolean;
}

async function readExtras(catalog: CatalogReader, { ids, remarks }: Wanted): Promise<Extras> {
  const computed = await catalog.read({
    view: 'sys.computed_columns',
    columns: ['object_id', 'column_id', 'is_persisted'],
    required: ['object_id', 'column_id', 'is_persisted'],
    where: idFilter(ids),
  });
  const defaults = await catalog.read({
    view: 'sys.default_constraints',
    columns: ['parent_object_id', 'parent_column_id', 'definition'],
    required: ['parent_object_id', 'parent_column_id', 'definition'],
    where: idFilter(ids, 'parent_object_id'),
  });
  if (defaults === null) remarks.push('This server does not tell the defaults of columns.');
  const unmask = await catalog.ask("SELECT HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'UNMASK')");
  return {
    notStored: new Set((computed ?? []).filter((row) => row['is_persisted'] === '0').map((row) => columnKey(row))),
    defaults: new Map(
      (defaults ?? []).map((row) => [
        JSON.stringify([row['parent_object_id'], row['parent_column_id']]),
        text(row, 'definition'),
      ]),
    ),
    seesBehindMasks: unmask?.[0]?.[0] === '1',
  };
}

function columnKey(row: CatalogRow): string {
  return JSON.stringify([row['object_id'], row['column_id']]);
}

const UNKNOWN_TYPE: KnownType = { baseName: 'unknown', userName: null, isAssembly: false, bareType: 'unknown' };

function toColumn(row: CatalogRow, types: Map<string, KnownType>, extras: Extras): ColumnDescription {
  const type = types.get(text(row, 'user_type_id')) ?? UNKNOWN_TYPE;
  const nativeType = formatNativeType({
    ...type,
    maxLength: Number(row['max_length']),
    precision: Number(row['precision'] ?? 0),
    scale: Number(row['scale'] ?? 0),
  });
  const collation = row['collation_name'];
  const traits = traitsOf(row, extras);
  return {
    name: text(row, 'name'),
    ordinal: Number(row['column_id']),
    nativeType,
    type: toColumnType(nativeType),
    nullable: row['is_nullable'] !== '0',
    defaultExpression: extras.defaults.get(columnKey(row)) ?? null,
    isIdentity: row['is_identity'] === '1',
    isComputed: row['is_computed'] === '1',
    ...(collation ? { collation } : {}),
    ...(traits.length > 0 ? { traits } : {}),
  };
}

/** Columns of graph tables that cannot be read by name: https://learn.microsoft.com/en-us/sql/relational-databases/graphs/sql-graph-architecture */
const INTERNAL_GRAPH_TYPES = new Set(['1', '3', '4', '6', '7']);

function traitsOf(row: CatalogRow, extras: Extras): ColumnTrait[] {
  const traits: ColumnTrait[] = [];
  if (INTERNAL_GRAPH_TYPES.has(text(row, 'graph_type'))) traits.push('internal');
  if (row['is_hidden'] === '1') traits.push('hidden');
  if (row['is_sparse'] === '1') traits.push('sparse');
  if (extras.notStored.has(columnKey(row))) traits.push('computed-on-read');
  if (row['is_column_set'] === '1') traits.push('column-set');
  if (row['is_masked'] === '1' && !extras.seesBehindMasks) traits.push('masked');
  if (text(row, 'encryption_type') !== '') traits.push('encrypted');
  return traits;
}

/** For servers without the views of `sys`: what the standard says of columns. */
async function readStandardColumns(
  catalog: CatalogReader,
  { objects, remarks }: Wanted,
): Promise<Map<CatalogObject, ColumnDescription[]>> {
  const rows = await catalog.read({
    view: 'INFORMATION_SCHEMA.COLUMNS',
    columns: [
      'table_schema',
      'table_name',
      'column_name',
      'ordinal_position',
      'column_default',
      'is_nullable',
      'data_type',
      'character_maximum_length',
      'numeric_precision',
      'numeric_scale',
      'datetime_precision',
      'collation_name',
    ],
    required: ['table_schema', 'table_name', 'column_name', 'data_type'],
  });
  remarks.push(
    'This server describes its columns by INFORMATION_SCHEMA only: which ones are identity, computed, hidden, masked or of a type of their own is not known.',
  );
  const byName = new Map(objects.map((object) => [nameKey(object), object]));
  const columns = new Map<CatalogObject, ColumnDescription[]>();
  for (const row of rows ?? []) {
    const object = byName.get(nameKey({ schema: text(row, 'table_schema'), name: text(row, 'table_name') }));
    if (!object) continue;
    const list = columns.get(object) ?? [];
    list.push(toStandardColumn(row, list.length + 1));
    columns.set(object, list);
  }
  for (const list of columns.values()) list.sort((a, b) => a.ordinal - b.ordinal);
  return columns;
}

function toStandardColumn(row: CatalogRow, place: number): ColumnDescription {
  const baseName = text(row, 'data_type').toLowerCase();
  const length = row['character_maximum_length'];
  const nativeType = formatNativeType({
    baseName,
    userName: null,
    isAssembly: false,
    maxLength: Number(length ?? -1) * (/^n(var)?char$/.test(baseName) && length !== '-1' ? 2 : 1),
    precision: Number(row['numeric_precision'] ?? 18),
    scale: Number(
      (/^(time|datetime2|datetimeoffset)$/.test(baseName) ? row['datetime_precision'] : row['numeric_scale']) ?? 7,
    ),
  });
  const collation = row['collation_name'];
  return {
    name: text(row, 'column_name'),
    ordinal: Number(row['ordinal_position'] ?? place),
    nativeType,
    type: toColumnType(nativeType),
    nullable: text(row, 'is_nullable').toUpperCase() !== 'NO',
    defaultExpression: row['column_default'] ?? null,
    isIdentity: false,
    isComputed: false,
    ...(collation ? { collation } : {}),
  };
}
