import type { ColumnDescription } from '#shared/model/table';
import { text, type CatalogObject } from './catalog.ts';
import type { CatalogReader, CatalogRow } from './catalog-views.ts';
import type { IndexInfo } from './partition-keys.ts';

export interface IndexRequest {
  columns: ReadonlyMap<CatalogObject, ColumnDescription[]>;
  /** Of the objects that have one. */
  ids: string[];
  /** What this server's catalog does not tell; added to. */
  remarks: string[];
}

/** Clustered indexes and unique ones that hold all rows, the primary key among them. */
export async function readIndexes(
  catalog: CatalogReader,
  request: IndexRequest,
): Promise<Map<CatalogObject, IndexInfo[]>> {
  const found = request.ids.length > 0 ? await readSysIndexes(catalog, request) : null;
  if (found !== null) return found;
  request.remarks.push(
    'This server does not describe its indexes: keys are known from constraints only, and whether a table is stored in the order of its key is not.',
  );
  return readConstraints(catalog, request);
}

/** Rowstore: https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-indexes-transact-sql. Columnstore keeps no order. */
const CLUSTERED_ROWSTORE = '1';
const ROWSTORES = new Set([CLUSTERED_ROWSTORE, '2']);

async function readSysIndexes(
  catalog: CatalogReader,
  { columns, ids }: IndexRequest,
): Promise<Map<CatalogObject, IndexInfo[]> | null> {
  const ofTables = `v.[object_id] IN (${ids.join(', ')})`;
  const rows = await catalog.read({
    view: 'sys.indexes',
    columns: [
      'object_id',
      'index_id',
      'type',
      'is_unique',
      'is_primary_key',
      'has_filter',
      'is_disabled',
      'is_hypothetical',
    ],
    required: ['object_id', 'index_id', 'type', 'is_unique', 'is_primary_key'],
    where: `v.[index_id] > 0 AND ${ofTables}`,
  });
  const members = await catalog.read({
    view: 'sys.index_columns',
    columns: ['object_id', 'index_id', 'column_id', 'key_ordinal'],
    required: ['object_id', 'index_id', 'column_id', 'key_ordinal'],
    where: `v.[key_ordinal] > 0 AND ${ofTables}`,
  });
  if (rows === null || members === null) return null;
  const keys = groupMembers(members);
  const byId = new Map([...columns.keys()].map((object) => [object.objectId, object]));
  const indexes = new Map<CatalogObject, IndexInfo[]>();
  for (const row of rows.filter(isUsable)) {
    const object = byId.get(text(row, 'object_id'));
    if (!object) continue;
    const keyColumns = keyNames(keys.get(indexKey(row)) ?? [], columns.get(object) ?? []);
    if (keyColumns.length === 0) continue;
    const index = {
      isClustered: row['type'] === CLUSTERED_ROWSTORE,
      isUnique: row['is_unique'] === '1',
      isPrimaryKey: row['is_primary_key'] === '1',
      columns: keyColumns,
    };
    if (index.isClustered || index.isUnique) indexes.set(object, [...(indexes.get(object) ?? []), index]);
  }
  return indexes;
}

/** A filtered index leaves rows out, a disabled or hypothetical one is not there. */
function isUsable(row: CatalogRow): boolean {
  const isOff = row['is_disabled'] === '1' || row['is_hypothetical'] === '1' || row['has_filter'] === '1';
  return ROWSTORES.has(text(row, 'type')) && !isOff;
}

/** Column ids in key order, by object and index. */
function groupMembers(members: CatalogRow[]): Map<string, number[]> {
  const sorted = [...members].sort((a, b) => Number(a['key_ordinal']) - Number(b['key_ordinal']));
  const groups = new Map<string, number[]>();
  for (const row of sorted) {
    const group = groups.get(indexKey(row)) ?? [];
    group.push(Number(row['column_id']));
    groups.set(indexKey(row), group);
  }
  return groups;
}

function keyNames(columnIds: number[], columns: ColumnDescription[]): string[] {
  return columnIds.map((columnId) => columns.find(({ ordinal }) => ordinal === columnId)?.name ?? '');
}

function indexKey(row: CatalogRow): string {
  return `${text(row, 'object_id')}.${text(row, 'index_id')}`;
}

/** Primary and unique keys as the standard describes them. */
async function readConstraints(
  catalog: CatalogReader,
  { columns: described }: IndexRequest,
): Promise<Map<CatalogObject, IndexInfo[]>> {
  const constraints = await catalog.read({
    view: 'INFORMATION_SCHEMA.TABLE_CONSTRAINTS',
    columns: ['table_schema', 'table_name', 'constraint_name', 'constraint_type'],
    required: ['table_schema', 'table_name', 'constraint_name', 'constraint_type'],
  });
  const usages = await catalog.read({
    view: 'INFORMATION_SCHEMA.KEY_COLUMN_USAGE',
    columns: ['table_schema', 'table_name', 'constraint_name', 'column_name', 'ordinal_position'],
    required: ['table_schema', 'table_name', 'constraint_name', 'column_name', 'ordinal_position'],
  });
  const sorted = [...(usages ?? [])].sort((a, b) => Number(a['ordinal_position']) - Number(b['ordinal_position']));
  const indexes = new Map<CatalogObject, IndexInfo[]>();
  for (const row of constraints ?? []) {
    const kind = text(row, 'constraint_type').trim().toUpperCase();
    const isOf = (other: { schema: string; name: string }): boolean =>
      other.schema === row['table_schema'] && other.name === row['table_name'];
    const object = [...described.keys()].find(isOf);
    if (!object || (kind !== 'PRIMARY KEY' && kind !== 'UNIQUE')) continue;
    const columns = sorted
      .filter(
        (usage) =>
          usage['constraint_name'] === row['constraint_name'] &&
          isOf({ schema: text(usage, 'table_schema'), name: text(usage, 'table_name') }),
      )
      .map((usage) => text(usage, 'column_name'));
    if (columns.length === 0) continue;
    const index = { isClustered: false, isUnique: true, isPrimaryKey: kind === 'PRIMARY KEY', columns };
    indexes.set(object, [...(indexes.get(object) ?? []), index]);
  }
  return indexes;
}
