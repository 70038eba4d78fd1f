import type { SqlType } from '../engine-contract.ts';
import type { IndexMetadata, TableMetadata } from '../engine/metadata.ts';
import { parseBoundaries } from '../engine/partitions.ts';
import { PRIMARY_SPACE_ID } from './index-views.ts';
import { hasLobs } from './object-views.ts';
import { requireDatabaseState } from './server-permissions.ts';
import { typeFacts } from './type-facts.ts';
import {
  BIGINT,
  BIT,
  type CatalogContext,
  type CatalogView,
  DATETIME,
  defineView,
  DESCRIPTION,
  fixedChar,
  fixedVarchar,
  INT,
  nullable,
  SMALLINT,
  SYSNAME,
  TINYINT,
  toDatetime,
  VARIANT,
} from './view-definition.ts';
import { visibleTables } from './visible-objects.ts';

/** Bytes of a page that hold rows. https://learn.microsoft.com/en-us/sql/relational-databases/pages-and-extents-architecture-guide */
const PAGE_ROOM_BYTES = 8096;
const EXTENT_PAGES = 8;
/** Entries of an index page above the leaves. */
const INDEX_FANOUT = 400;

type Partition = {
  table: TableMetadata;
  index: IndexMetadata;
  number: number;
  /** partition_id and hobt_id. */
  id: bigint;
  rowCount: number;
  dataPages: number;
  usedPages: number;
  totalPages: number;
};

/** Every partition of every index of the tables that the reader sees. Rows and pages are 0 unless `counts`. */
async function partitionsOf(context: CatalogContext, counts: { rows: boolean; pages: boolean }): Promise<Partition[]> {
  const tables = visibleTables(context);
  const perTable = await Promise.all(
    tables.map(async (table) => {
      const total = partitionCount(context, table);
      const rowCounts = counts.rows || counts.pages ? await table.countPartitionRows() : [];
      const allRows = rowCounts.reduce((sum, count) => sum + count, 0);
      const bytes = counts.pages && allRows > 0 ? table.estimateBytes(allRows) : 0;
      return table.indexes.flatMap((index) =>
        Array.from({ length: total }, (_, i): Partition => {
          const rowCount = rowCounts[i] ?? 0;
          const share =
            allRows === 0 ? 0 : (indexBytes(table, index, { bytes, rowCount: allRows }) * rowCount) / allRows;
          return { table, index, number: i + 1, id: partitionId(table, index, i + 1), rowCount, ...pagesOf(share) };
        }),
      );
    }),
  );
  return perTable.flat();
}

function partitionCount(context: CatalogContext, table: TableMetadata): number {
  const scheme = context.database.partitionSchemes.find(({ id }) => id === table.partitioning?.schemeId);
  const rule = context.database.partitionFunctions.find(({ id }) => id === scheme?.functionId);
  return rule ? rule.boundaries.length + 1 : 1;
}

/** Room enough for 1,024 indexes of 16,384 partitions each, above the vendor's own smallest id. */
function partitionId(table: TableMetadata, index: IndexMetadata, number: number): bigint {
  return (1n << 56n) + (BigInt(table.objectId) << 24n) + (BigInt(index.id) << 14n) + BigInt(number);
}

/** A heap or clustered index has the rows; a nonclustered one its keys and a locator in each row. */
function indexBytes(table: TableMetadata, index: IndexMetadata, stored: { bytes: number; rowCount: number }): number {
  if (index.id <= 1) return stored.bytes;
  const key = index.columns.reduce((sum, { columnId }) => {
    const column = table.columns.find(({ id }) => id === columnId);
    return sum + (column ? keyBytes(column.type) : 0);
  }, 0);
  return stored.rowCount * (key + 12);
}

function keyBytes(type: SqlType): number {
  const { maxLength } = typeFacts(type);
  return maxLength < 0 ? 24 : Math.min(maxLength, 24);
}

/** Pages as the server allocates them: data, the pages above, one that maps them, and extents taken whole. */
export function pagesOf(bytes: number): { dataPages: number; usedPages: number; totalPages: number } {
  const dataPages = Math.ceil(bytes / PAGE_ROOM_BYTES);
  if (dataPages === 0) return { dataPages: 0, usedPages: 0, totalPages: 0 };
  const inner = dataPages === 1 ? 0 : Math.ceil(dataPages / INDEX_FANOUT);
  const usedPages = dataPages + inner + 1;
  return { dataPages, usedPages, totalPages: Math.ceil((dataPages + inner) / EXTENT_PAGES) * EXTENT_PAGES + 1 };
}

const COMPRESSIONS = { NONE: 0, ROW: 1, PAGE: 2, COLUMNSTORE: 3 } as const;

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-partitions-transact-sql */
const partitions = defineView({
  name: 'partitions',
  columns: {
    partition_id: BIGINT,
    object_id: INT,
    index_id: INT,
    partition_number: INT,
    hobt_id: BIGINT,
    rows: nullable(BIGINT),
    filestream_filegroup_id: SMALLINT,
    data_compression: TINYINT,
    data_compression_desc: DESCRIPTION,
    xml_compression: nullable(BIT),
    xml_compression_desc: fixedVarchar(3),
  },
  constants: { filestream_filegroup_id: 0, xml_compression: false, xml_compression_desc: 'OFF' },
  rows: async (context, wants) => {
    const found = await partitionsOf(context, { rows: wants('rows'), pages: false });
    return found.map(({ table, index, number, id, rowCount }) => ({
      partition_id: id,
      object_id: table.objectId,
      index_id: index.id,
      partition_number: number,
      hobt_id: id,
      rows: BigInt(rowCount),
      data_compression: COMPRESSIONS[index.dataCompression],
      data_compression_desc: index.dataCompression,
    }));
  },
});

/** In-row data has all the pages; the unit of large values is listed for tables that have such columns. https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-allocation-units-transact-sql */
const allocationUnits = defineView({
  name: 'allocation_units',
  columns: {
    allocation_unit_id: BIGINT,
    type: TINYINT,
    type_desc: DESCRIPTION,
    container_id: BIGINT,
    data_space_id: nullable(INT),
    total_pages: BIGINT,
    used_pages: BIGINT,
    data_pages: BIGINT,
  },
  rows: async (context, wants) => {
    const pages = wants('total_pages') || wants('used_pages') || wants('data_pages');
    const found = await partitionsOf(context, { rows: pages, pages });
    return found.flatMap((partition) => [
      allocationUnit(partition, 1, 'IN_ROW_DATA'),
      ...(partition.index.id <= 1 && hasLobs(partition.table) ? [allocationUnit(partition, 2, 'LOB_DATA')] : []),
    ]);
  },
});

function allocationUnit(partition: Partition, type: 1 | 2, description: string) {
  const has = type === 1;
  return {
    allocation_unit_id: partition.id + (BigInt(type) << 57n),
    type,
    type_desc: description,
    container_id: partition.id,
    data_space_id: PRIMARY_SPACE_ID,
    total_pages: BigInt(has ? partition.totalPages : 0),
    used_pages: BigInt(has ? partition.usedPages : 0),
    data_pages: BigInt(has ? partition.dataPages : 0),
  };
}

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-dynamic-management-views/sys-dm-db-partition-stats-transact-sql */
const partitionStats = defineView({
  name: 'dm_db_partition_stats',
  columns: {
    partition_id: nullable(BIGINT),
    object_id: INT,
    index_id: INT,
    partition_number: INT,
    in_row_data_page_count: nullable(BIGINT),
    in_row_used_page_count: nullable(BIGINT),
    in_row_reserved_page_count: nullable(BIGINT),
    lob_used_page_count: nullable(BIGINT),
    lob_reserved_page_count: nullable(BIGINT),
    row_overflow_used_page_count: nullable(BIGINT),
    row_overflow_reserved_page_count: nullable(BIGINT),
    used_page_count: nullable(BIGINT),
    reserved_page_count: nullable(BIGINT),
    row_count: nullable(BIGINT),
  },
  rows: async (context, wants) => {
    requireDatabaseState(context);
    const pages = PAGE_COUNTS.some((column) => wants(column));
    const found = await partitionsOf(context, { rows: pages || wants('row_count'), pages });
    return found.map((partition) => ({
      partition_id: partition.id,
      object_id: partition.table.objectId,
      index_id: partition.index.id,
      partition_number: partition.number,
      in_row_data_page_count: BigInt(partition.dataPages),
      in_row_used_page_count: BigInt(partition.usedPages),
      in_row_reserved_page_count: BigInt(partition.totalPages),
      lob_used_page_count: 0n,
      lob_reserved_page_count: 0n,
      row_overflow_used_page_count: 0n,
      row_overflow_reserved_page_count: 0n,
      used_page_count: BigInt(partition.usedPages),
      reserved_page_count: BigInt(partition.totalPages),
      row_count: BigInt(partition.rowCount),
    }));
  },
});

const PAGE_COUNTS = [
  'in_row_data_page_count',
  'in_row_used_page_count',
  'in_row_reserved_page_count',
  'used_page_count',
  'reserved_page_count',
] as const;

const DATA_SPACE_COLUMNS = {
  name: SYSNAME,
  data_space_id: INT,
  type: fixedChar(2),
  type_desc: DESCRIPTION,
  is_default: nullable(BIT),
  is_system: nullable(BIT),
} as const;

const primarySpace = {
  name: 'PRIMARY',
  data_space_id: PRIMARY_SPACE_ID,
  type: 'FG',
  type_desc: 'ROWS_FILEGROUP',
  is_default: true,
  is_system: false,
};

function schemeSpaces(context: CatalogContext) {
  return context.database.partitionSchemes.map(({ id, name, functionId }) => ({
    name,
    data_space_id: id,
    type: 'PS',
    type_desc: 'PARTITION_SCHEME',
    is_default: false,
    is_system: false,
    function_id: functionId,
  }));
}

const dataSpaces = defineView({
  name: 'data_spaces',
  columns: DATA_SPACE_COLUMNS,
  rows: (context) => [primarySpace, ...schemeSpaces(context)],
});

const partitionSchemes = defineView({
  name: 'partition_schemes',
  columns: { ...DATA_SPACE_COLUMNS, function_id: INT },
  rows: schemeSpaces,
});

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-partition-functions-transact-sql */
const partitionFunctions = defineView({
  name: 'partition_functions',
  columns: {
    name: SYSNAME,
    function_id: INT,
    type: fixedChar(2),
    type_desc: DESCRIPTION,
    fanout: INT,
    boundary_value_on_right: BIT,
    is_system: BIT,
    create_date: DATETIME,
    modify_date: DATETIME,
  },
  rows: ({ database }) =>
    database.partitionFunctions.map(({ id, name, boundaries, boundaryOnRight }) => ({
      name,
      function_id: id,
      type: 'R ',
      type_desc: 'RANGE',
      fanout: boundaries.length + 1,
      boundary_value_on_right: boundaryOnRight,
      is_system: false,
      create_date: toDatetime(database.createdOn),
      modify_date: toDatetime(database.createdOn),
    })),
});

const partitionParameters = defineView({
  name: 'partition_parameters',
  columns: {
    function_id: INT,
    parameter_id: INT,
    system_type_id: TINYINT,
    max_length: SMALLINT,
    precision: TINYINT,
    scale: TINYINT,
    collation_name: nullable(SYSNAME),
    user_type_id: INT,
  },
  rows: ({ database }) =>
    database.partitionFunctions.map(({ id, type }) => {
      const facts = typeFacts(type);
      return {
        function_id: id,
        parameter_id: 1,
        system_type_id: facts.systemTypeId,
        max_length: facts.maxLength,
        precision: facts.precision,
        scale: facts.scale,
        collation_name: facts.isText ? (type.collation ?? database.collation) : null,
        user_type_id: facts.userTypeId,
      };
    }),
});

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-partition-range-values-transact-sql */
const partitionRangeValues = defineView({
  name: 'partition_range_values',
  columns: { function_id: INT, boundary_id: INT, parameter_id: INT, value: VARIANT },
  rows: ({ database }) =>
    database.partitionFunctions.flatMap((rule) =>
      parseBoundaries(rule).map((value, index) => ({
        function_id: rule.id,
        boundary_id: index + 1,
        parameter_id: 1,
        value: value === null ? null : { type: rule.type, value },
      })),
    ),
});

const destinationDataSpaces = defineView({
  name: 'destination_data_spaces',
  columns: { partition_scheme_id: INT, destination_id: INT, data_space_id: INT },
  rows: ({ database }) =>
    database.partitionSchemes.flatMap((scheme) => {
      const rule = database.partitionFunctions.find(({ id }) => id === scheme.functionId);
      return Array.from({ length: (rule?.boundaries.length ?? 0) + 1 }, (_, index) => ({
        partition_scheme_id: scheme.id,
        destination_id: index + 1,
        data_space_id: PRIMARY_SPACE_ID,
      }));
    }),
});

export const storageViews: readonly CatalogView[] = [
  partitions,
  allocationUnits,
  partitionStats,
  dataSpaces,
  partitionSchemes,
  partitionFunctions,
  partitionParameters,
  partitionRangeValues,
  destinationDataSpaces,
];
