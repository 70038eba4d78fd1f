import type { TableRef, TableSummary } from '#shared/model/table';
import type { CatalogReader, CatalogRow } from './catalog-views.ts';
import { careType, formatNativeType } from './column-types.ts';
import { quoteLiteral } from './quoting.ts';

export type TableKind = TableSummary['kind'];

/** A table or view of the database. `objectId` is null where the server has no `sys.objects`. */
export interface CatalogObject {
  objectId: string | null;
  schema: string;
  name: string;
  kind: TableKind;
}

export interface Estimates {
  rowEstimate: number | null;
  byteEstimate: number | null;
}

const PAGE_BYTES = 8192;
const SYSTEM_DATABASES = ['master', 'tempdb', 'model', 'msdb'];
const SYSTEM_SCHEMAS = new Set(['sys', 'INFORMATION_SCHEMA']);

/** Databases that are online and that the login may enter; the system's own only when it is the current one. */
export async function listDatabases(catalog: CatalogReader, current: string): Promise<string[]> {
  const statements = [
    'SELECT v.name FROM sys.databases AS v WHERE v.state = 0 AND HAS_DBACCESS(v.name) = 1',
    'SELECT v.name FROM sys.databases AS v',
    'SELECT DISTINCT CATALOG_NAME FROM INFORMATION_SCHEMA.SCHEMATA',
  ];
  for (const statement of statements) {
    const rows = await catalog.ask(statement);
    if (rows === null || rows.length === 0) continue;
    const names = rows.flatMap(([name]) => (name ? [name] : []));
    return names.filter((name) => name === current || !SYSTEM_DATABASES.includes(name.toLowerCase())).sort(compareText);
  }
  return [current];
}

/** Tables and views that the user may read, ordered by schema and name, with what the catalog estimates. Nothing is scanned. */
export async function listTables(catalog: CatalogReader, database: string): Promise<TableSummary[]> {
  const objects = (await readObjects(catalog, null)) ?? [];
  const forbidden = await readForbidden(catalog);
  // With all of them gone the list would not tell what is missing; the errors of the tables do.
  const hidden = objects.every(({ objectId }) => forbidden.has(objectId ?? '')) ? new Set<string>() : forbidden;
  const estimates = await readEstimates(catalog, null);
  const profiles = await readProfiles(catalog);
  return objects
    .filter(({ objectId }) => objectId === null || !hidden.has(objectId))
    .map((object) => {
      const profile = profiles.get(objectKey(object));
      return {
        ref: { database, schema: object.schema, name: object.name },
        kind: object.kind,
        ...estimatesOf(object, estimates),
        columnCount: profile?.columnCount ?? 0,
        careTypes: [...(profile?.careTypes ?? [])].sort(compareText),
      };
    })
    .sort((a, b) => compareText(a.ref.schema, b.ref.schema) || compareText(a.ref.name, b.ref.name));
}

/** All tables and views, or those with the names of `tables`; null when the server has neither of the two catalogs. */
export async function readObjects(catalog: CatalogReader, tables: TableRef[] | null): Promise<CatalogObject[] | null> {
  const names = tables === null ? null : [...new Set(tables.map(({ name }) => quoteLiteral(name)))];
  const fromSys = await readSysObjects(catalog, names);
  if (fromSys !== null) return fromSys;
  const rows = await catalog.read({
    view: 'INFORMATION_SCHEMA.TABLES',
    columns: ['table_schema', 'table_name', 'table_type'],
    required: ['table_schema', 'table_name'],
    ...(names === null ? {} : { where: `v.[TABLE_NAME] IN (${names.join(', ')})` }),
  });
  if (rows === null) return null;
  return rows
    .map((row) => ({
      objectId: null,
      schema: text(row, 'table_schema'),
      name: text(row, 'table_name'),
      kind: /VIEW/i.test(text(row, 'table_type')) ? ('view' as const) : ('table' as const),
    }))
    .filter(({ schema }) => !SYSTEM_SCHEMAS.has(schema));
}

async function readSysObjects(catalog: CatalogReader, names: string[] | null): Promise<CatalogObject[] | null> {
  const filters = ["v.[type] IN ('U', 'V')", ...(names === null ? [] : [`v.[name] IN (${names.join(', ')})`])];
  const rows = await catalog.read({
    view: 'sys.objects',
    columns: ['object_id', 'schema_id', 'name', 'type', 'is_ms_shipped'],
    required: ['object_id', 'schema_id', 'name', 'type'],
    where: filters.join(' AND '),
  });
  const schemas = await readSchemas(catalog);
  if (rows === null || schemas === null) return null;
  const external = await catalog.ask('SELECT v.object_id FROM sys.tables AS v WHERE v.is_external = 1');
  const externalIds = new Set((external ?? []).map(([objectId]) => objectId));
  return rows
    .filter((row) => row['is_ms_shipped'] !== '1')
    .map((row) => ({
      objectId: text(row, 'object_id'),
      schema: schemas.get(text(row, 'schema_id')) ?? '',
      name: text(row, 'name'),
      kind: kindOf(row, externalIds.has(text(row, 'object_id'))),
    }))
    .filter(({ schema }) => schema !== '' && !SYSTEM_SCHEMAS.has(schema));
}

function kindOf(row: CatalogRow, isExternal: boolean): TableKind {
  if (text(row, 'type').trim() === 'V') return 'view';
  return isExternal ? 'external-table' : 'table';
}

/** Names of the schemas by id. */
export async function readSchemas(catalog: CatalogReader): Promise<Map<string, string> | null> {
  const rows = await catalog.read({
    view: 'sys.schemas',
    columns: ['schema_id', 'name'],
    required: ['schema_id', 'name'],
  });
  return rows === null ? null : new Map(rows.map((row) => [text(row, 'schema_id'), text(row, 'name')]));
}

/** Ids of objects that show in the catalog but may not be read as a whole; none where the server cannot tell. */
async function readForbidden(catalog: CatalogReader): Promise<Set<string>> {
  const rows = await catalog.ask(
    "SELECT v.object_id FROM sys.objects AS v WHERE v.type IN ('U', 'V') AND HAS_PERMS_BY_NAME(QUOTENAME(SCHEMA_NAME(v.schema_id)) + '.' + QUOTENAME(v.name), 'OBJECT', 'SELECT') = 0",
  );
  return new Set((rows ?? []).flatMap(([objectId]) => (objectId ? [objectId] : [])));
}

/**
 * Rows and used bytes of heaps and clustered indexes, all partitions and LOB pages included. sys.partitions and sys.allocation_units are open to everyone
 * who sees the table; sys.dm_db_partition_stats asks for VIEW DATABASE STATE.
 */
export async function readEstimates(
  catalog: CatalogReader,
  objectIds: string[] | null,
): Promise<Map<string, Estimates>> {
  const only = (alias: string): string =>
    objectIds === null ? '' : ` AND ${alias}.object_id IN (${objectIds.join(', ')})`;
  const rows =
    (await catalog.ask(
      `SELECT v.object_id, SUM(v.rows) FROM sys.partitions AS v WHERE v.index_id IN (0, 1)${only('v')} GROUP BY v.object_id`,
    )) ??
    (await catalog.ask(
      `SELECT v.object_id, SUM(v.row_count) FROM sys.dm_db_partition_stats AS v WHERE v.index_id IN (0, 1)${only('v')} GROUP BY v.object_id`,
    )) ??
    [];
  const pages =
    (await catalog.ask(
      `SELECT v.object_id, SUM(a.used_pages) FROM sys.partitions AS v INNER JOIN sys.allocation_units AS a ON a.container_id = v.partition_id WHERE v.index_id IN (0, 1)${only('v')} GROUP BY v.object_id`,
    )) ??
    (await catalog.ask(
      `SELECT v.object_id, SUM(v.used_page_count) FROM sys.dm_db_partition_stats AS v WHERE v.index_id IN (0, 1)${only('v')} GROUP BY v.object_id`,
    )) ??
    [];
  const estimates = new Map<string, Estimates>();
  for (const [objectId, count] of rows)
    estimates.set(objectId ?? '', { rowEstimate: toNumber(count), byteEstimate: null });
  for (const [objectId, count] of pages) {
    const known = estimates.get(objectId ?? '') ?? { rowEstimate: null, byteEstimate: null };
    const pageCount = toNumber(count);
    // Pages are accounted for late where a table is new, and a table with rows is never without one.
    const byteEstimate =
      pageCount === null || (pageCount === 0 && known.rowEstimate !== 0) ? null : pageCount * PAGE_BYTES;
    estimates.set(objectId ?? '', { ...known, byteEstimate });
  }
  return estimates;
}

export function estimatesOf(object: CatalogObject, estimates: Map<string, Estimates>): Estimates {
  const unknown = { rowEstimate: null, byteEstimate: null };
  return object.objectId === null ? unknown : (estimates.get(object.objectId) ?? unknown);
}

interface Profile {
  columnCount: number;
  careTypes: Set<string>;
}

/** Number of columns and types that need care, by `objectKey`. */
async function readProfiles(catalog: CatalogReader): Promise<Map<string, Profile>> {
  const profiles = new Map<string, Profile>();
  const add = (key: string, nativeType: string, count: string | null | undefined): void => {
    const profile = profiles.get(key) ?? { columnCount: 0, careTypes: new Set<string>() };
    profile.columnCount += Number(count ?? 0);
    const care = careType(nativeType);
    if (care !== null) profile.careTypes.add(care);
    profiles.set(key, profile);
  };
  const types = await readTypes(catalog);
  const counts =
    types === null
      ? null
      : await catalog.ask(
          'SELECT v.object_id, v.user_type_id, COUNT(*) FROM sys.columns AS v GROUP BY v.object_id, v.user_type_id',
        );
  if (types !== null && counts !== null) {
    for (const [objectId, typeId, count] of counts) {
      add(objectId ?? '', types.get(typeId ?? '')?.bareType ?? 'unknown', count);
    }
    return profiles;
  }
  const rows = await catalog.ask(
    'SELECT TABLE_SCHEMA, TABLE_NAME, DATA_TYPE, COUNT(*) FROM INFORMATION_SCHEMA.COLUMNS GROUP BY TABLE_SCHEMA, TABLE_NAME, DATA_TYPE',
  );
  for (const [schema, name, dataType, count] of rows ?? [])
    add(JSON.stringify([schema, name]), dataType ?? 'unknown', count);
  return profiles;
}

/** Object ids identify what `sys.objects` knows, names what only INFORMATION_SCHEMA knows. */
function objectKey(object: CatalogObject): string {
  return object.objectId ?? JSON.stringify([object.schema, object.name]);
}

/** A type of `sys.types`, its base type looked up. */
export interface KnownType {
  baseName: string;
  /** `dbo.Phone` for types of the user's, else null. */
  userName: string | null;
  isAssembly: boolean;
  /** As `careType` reads it. */
  bareType: string;
}

/** By `user_type_id`; null where the server has no `sys.types`. Base types have the same number as system and as user type. */
export async function readTypes(catalog: CatalogReader): Promise<Map<string, KnownType> | null> {
  const rows = await catalog.read({
    view: 'sys.types',
    columns: ['user_type_id', 'system_type_id', 'schema_id', 'name', 'is_user_defined', 'is_assembly_type'],
    required: ['user_type_id', 'system_type_id', 'name'],
  });
  if (rows === null) return null;
  const schemas = await readSchemas(catalog);
  const baseNames = new Map(
    rows
      .filter((row) => row['user_type_id'] === row['system_type_id'])
      .map((row) => [text(row, 'system_type_id'), text(row, 'name')]),
  );
  return new Map(
    rows.map((row) => {
      const isAssembly = row['is_assembly_type'] === '1';
      const name = text(row, 'name');
      const isOwn = row['is_user_defined'] === '1';
      const type = {
        baseName: isAssembly ? name : (baseNames.get(text(row, 'system_type_id')) ?? name),
        userName: isOwn ? `${schemas?.get(text(row, 'schema_id')) ?? 'dbo'}.${name}` : null,
        isAssembly,
      };
      const bareType = formatNativeType({ ...type, maxLength: 8, precision: 18, scale: 0 });
      return [text(row, 'user_type_id'), { ...type, bareType }];
    }),
  );
}

export function text(row: CatalogRow, name: string): string {
  return row[name] ?? '';
}

function toNumber(value: string | null | undefined): number | null {
  if (value === null || value === undefined || value === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? Math.max(0, Math.round(number)) : null;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
