import type { IndexMetadata, TableMetadata } from '../engine/metadata.ts';
import { keptDefinition } from './kept-definition.ts';
import {
  BIT,
  type CatalogContext,
  type CatalogView,
  DEFINITION,
  defineView,
  DESCRIPTION,
  INT,
  nullable,
  nvarcharOf,
  type Row,
  SYSNAME,
  TINYINT,
} from './view-definition.ts';
import { visibleTables } from './visible-objects.ts';

const TYPES: Readonly<Record<IndexMetadata['type'], number>> = {
  HEAP: 0,
  CLUSTERED: 1,
  NONCLUSTERED: 2,
  XML: 3,
  SPATIAL: 4,
  'CLUSTERED COLUMNSTORE': 5,
  'NONCLUSTERED COLUMNSTORE': 6,
};

/** data_space_id of the one filegroup, PRIMARY. */
export const PRIMARY_SPACE_ID = 1;

/** data_space_id of the partition scheme that a table lies on, else of the filegroup. */
export const dataSpaceOf = (table: TableMetadata): number => table.partitioning?.schemeId ?? PRIMARY_SPACE_ID;

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-indexes-transact-sql */
const indexes = defineView({
  name: 'indexes',
  columns: {
    object_id: INT,
    name: nullable(SYSNAME),
    index_id: INT,
    type: TINYINT,
    type_desc: DESCRIPTION,
    is_unique: nullable(BIT),
    data_space_id: nullable(INT),
    ignore_dup_key: nullable(BIT),
    is_primary_key: nullable(BIT),
    is_unique_constraint: nullable(BIT),
    fill_factor: TINYINT,
    is_padded: nullable(BIT),
    is_disabled: nullable(BIT),
    is_hypothetical: nullable(BIT),
    is_ignored_in_optimization: nullable(BIT),
    allow_row_locks: nullable(BIT),
    allow_page_locks: nullable(BIT),
    has_filter: nullable(BIT),
    filter_definition: DEFINITION,
    compression_delay: nullable(INT),
    suppress_dup_key_messages: nullable(BIT),
    auto_created: nullable(BIT),
    optimize_for_sequential_key: nullable(BIT),
  },
  rows: (context) =>
    visibleTables(context).flatMap((table) =>
      table.indexes.map((index) => ({
        object_id: table.objectId,
        name: index.name,
        index_id: index.id,
        type: TYPES[index.type],
        type_desc: index.type,
        is_unique: index.isUnique,
        data_space_id: dataSpaceOf(table),
        ignore_dup_key: false,
        is_primary_key: index.constraint?.kind === 'PRIMARY KEY',
        is_unique_constraint: index.constraint?.kind === 'UNIQUE',
        fill_factor: 0,
        is_padded: false,
        is_disabled: index.isDisabled,
        is_hypothetical: false,
        is_ignored_in_optimization: false,
        allow_row_locks: true,
        allow_page_locks: true,
        has_filter: index.filterDefinition !== null,
        filter_definition:
          index.filterDefinition === null ? null : keptDefinition(index, index.filterDefinition, 'condition'),
        compression_delay: index.type.endsWith('COLUMNSTORE') ? 0 : null,
        suppress_dup_key_messages: false,
        auto_created: false,
        optimize_for_sequential_key: false,
      })),
    ),
});

const INDEX_COLUMNS = {
  object_id: INT,
  index_id: INT,
  index_column_id: INT,
  column_id: INT,
  key_ordinal: TINYINT,
  partition_ordinal: TINYINT,
  is_descending_key: nullable(BIT),
  is_included_column: nullable(BIT),
  column_store_order_ordinal: TINYINT,
} as const;

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-index-columns-transact-sql */
const indexColumns = defineView({
  name: 'index_columns',
  columns: INDEX_COLUMNS,
  rows: (context) =>
    visibleTables(context).flatMap((table) => table.indexes.flatMap((index) => columnsOfIndex(table, index))),
});

function columnsOfIndex(table: TableMetadata, index: IndexMetadata): Row<typeof INDEX_COLUMNS>[] {
  const partitionColumn = table.partitioning?.columnId;
  const isColumnstore = index.type.endsWith('COLUMNSTORE');
  let keys = 0;
  const rows = index.columns.map((column, position) => {
    const isKey = !column.isIncluded && !isColumnstore;
    if (isKey) keys += 1;
    return {
      object_id: table.objectId,
      index_id: index.id,
      index_column_id: position + 1,
      column_id: column.columnId,
      key_ordinal: isKey ? keys : 0,
      partition_ordinal: column.columnId === partitionColumn ? 1 : 0,
      is_descending_key: column.isDescending,
      is_included_column: column.isIncluded || isColumnstore,
      column_store_order_ordinal: 0,
    };
  });
  const isMissing =
    partitionColumn !== undefined && !index.columns.some(({ columnId }) => columnId === partitionColumn);
  if (!isMissing) return rows;
  // An index that is partitioned has the partitioning column, whether it was named or not.
  return [
    ...rows,
    {
      object_id: table.objectId,
      index_id: index.id,
      index_column_id: rows.length + 1,
      column_id: partitionColumn,
      key_ordinal: 0,
      partition_ordinal: 1,
      is_descending_key: false,
      is_included_column: false,
      column_store_order_ordinal: 0,
    },
  ];
}

/** Each index of rows has statistics of its name. https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-stats-transact-sql */
const stats = defineView({
  name: 'stats',
  columns: {
    object_id: INT,
    name: nullable(SYSNAME),
    stats_id: INT,
    auto_created: nullable(BIT),
    user_created: nullable(BIT),
    no_recompute: nullable(BIT),
    has_filter: nullable(BIT),
    filter_definition: DEFINITION,
    is_temporary: nullable(BIT),
    is_incremental: nullable(BIT),
    has_persisted_sample: nullable(BIT),
    stats_generation_method: INT,
    stats_generation_method_desc: nvarcharOf(80),
    auto_drop: nullable(BIT),
  },
  rows: (context) =>
    indexesWithStats(context).map(({ table, index }) => ({
      object_id: table.objectId,
      name: index.name,
      stats_id: index.id,
      auto_created: false,
      user_created: false,
      no_recompute: false,
      has_filter: index.filterDefinition !== null,
      filter_definition:
        index.filterDefinition === null ? null : keptDefinition(index, index.filterDefinition, 'condition'),
      is_temporary: false,
      is_incremental: false,
      has_persisted_sample: false,
      stats_generation_method: 0,
      stats_generation_method_desc: 'Sort based statistics',
      auto_drop: false,
    })),
});

const statsColumns = defineView({
  name: 'stats_columns',
  columns: { object_id: INT, stats_id: INT, stats_column_id: INT, column_id: nullable(INT) },
  rows: (context) =>
    indexesWithStats(context).flatMap(({ table, index }) =>
      index.columns
        .filter(({ isIncluded }) => !isIncluded)
        .map(({ columnId }, position) => ({
          object_id: table.objectId,
          stats_id: index.id,
          stats_column_id: position + 1,
          column_id: columnId,
        })),
    ),
});

function indexesWithStats(context: CatalogContext): { table: TableMetadata; index: IndexMetadata }[] {
  return visibleTables(context).flatMap((table) =>
    table.indexes
      .filter(({ type }) => type === 'CLUSTERED' || type === 'NONCLUSTERED')
      .map((index) => ({ table, index })),
  );
}

export const indexViews: readonly CatalogView[] = [indexes, indexColumns, stats, statsColumns];
