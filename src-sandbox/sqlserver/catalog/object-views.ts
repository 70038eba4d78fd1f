import type { TableMetadata } from '../engine/metadata.ts';
import { OBJECT_COLUMNS, objectRow, tableRow, userObjects, viewRow } from './object-rows.ts';
import {
  BIT,
  type CatalogContext,
  type CatalogView,
  DEFINITION,
  defineView,
  DESCRIPTION,
  fixedNvarchar,
  INT,
  nullable,
  nvarcharOf,
  SYSNAME,
  TINYINT,
  VARIANT,
} from './view-definition.ts';
import { maySeeDefinition, visibleTables, visibleViews } from './visible-objects.ts';

/** principal_id of sys: the schema of the system views. */
export const SYS_SCHEMA_ID = 4;
export const INFORMATION_SCHEMA_ID = 3;

export const systemSchemaId = (view: Pick<CatalogView, 'schema'>): number =>
  view.schema === 'sys' ? SYS_SCHEMA_ID : INFORMATION_SCHEMA_ID;

const schemas = defineView({
  name: 'schemas',
  columns: { name: SYSNAME, schema_id: INT, principal_id: nullable(INT) },
  rows: ({ database }) =>
    database.schemas.map(({ id, name, principalId }) => ({ name, schema_id: id, principal_id: principalId })),
});

const objects = defineView({ name: 'objects', columns: OBJECT_COLUMNS, rows: userObjects });

const allObjects = defineView({
  name: 'all_objects',
  columns: OBJECT_COLUMNS,
  rows: (context) => [...userObjects(context), ...context.systemViews.map((view) => systemViewRow(context, view))],
});

function systemViewRow(context: CatalogContext, view: CatalogView): ReturnType<typeof objectRow> {
  return objectRow({
    name: view.name,
    objectId: view.objectId,
    schemaId: systemSchemaId(view),
    type: 'V ',
    createdOn: context.server.startedOn,
    modifiedOn: context.server.startedOn,
    isShipped: true,
  });
}

const TABLE_CONSTANTS = {
  filestream_data_space_id: null,
  lock_on_bulk_load: false,
  uses_ansi_nulls: true,
  is_replicated: false,
  has_replication_filter: false,
  is_merge_published: false,
  is_sync_tran_subscribed: false,
  has_unchecked_assembly_data: false,
  text_in_row_limit: 0,
  large_value_types_out_of_row: false,
  is_tracked_by_cdc: false,
  lock_escalation: 0,
  lock_escalation_desc: 'TABLE',
  is_filetable: false,
  durability: 0,
  durability_desc: 'SCHEMA_AND_DATA',
  is_remote_data_archive_enabled: false,
  is_node: false,
  is_edge: false,
  data_retention_period: -1,
  data_retention_period_unit: -1,
  data_retention_period_unit_desc: 'INFINITE',
  ledger_type: 0,
  ledger_type_desc: 'NON_LEDGER_TABLE',
  ledger_view_id: null,
  is_dropped_ledger_table: false,
};

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-tables-transact-sql */
const tables = defineView({
  name: 'tables',
  columns: {
    ...OBJECT_COLUMNS,
    lob_data_space_id: INT,
    filestream_data_space_id: nullable(INT),
    max_column_id_used: INT,
    lock_on_bulk_load: BIT,
    uses_ansi_nulls: nullable(BIT),
    is_replicated: nullable(BIT),
    has_replication_filter: nullable(BIT),
    is_merge_published: nullable(BIT),
    is_sync_tran_subscribed: nullable(BIT),
    has_unchecked_assembly_data: BIT,
    text_in_row_limit: nullable(INT),
    large_value_types_out_of_row: nullable(BIT),
    is_tracked_by_cdc: nullable(BIT),
    lock_escalation: nullable(TINYINT),
    lock_escalation_desc: DESCRIPTION,
    is_filetable: nullable(BIT),
    is_memory_optimized: nullable(BIT),
    durability: nullable(TINYINT),
    durability_desc: DESCRIPTION,
    temporal_type: nullable(TINYINT),
    temporal_type_desc: DESCRIPTION,
    history_table_id: nullable(INT),
    is_remote_data_archive_enabled: nullable(BIT),
    is_external: BIT,
    history_retention_period: nullable(INT),
    history_retention_period_unit: nullable(INT),
    history_retention_period_unit_desc: fixedNvarchar(10),
    is_node: nullable(BIT),
    is_edge: nullable(BIT),
    data_retention_period: nullable(INT),
    data_retention_period_unit: nullable(INT),
    data_retention_period_unit_desc: fixedNvarchar(10),
    ledger_type: nullable(TINYINT),
    ledger_type_desc: DESCRIPTION,
    ledger_view_id: nullable(INT),
    is_dropped_ledger_table: nullable(BIT),
  },
  constants: TABLE_CONSTANTS,
  rows: (context) => visibleTables(context).map(tableFacts),
});

const LOB_TYPES: ReadonlySet<string> = new Set(['text', 'ntext', 'image', 'xml', 'geometry', 'geography']);

/** Whether a table has values that lie outside of its rows. */
export function hasLobs(table: TableMetadata): boolean {
  return table.columns.some(({ type }) => type.length === -1 || LOB_TYPES.has(type.name));
}

function tableFacts(table: TableMetadata) {
  const kind = table.temporal?.kind;
  const isVersioned = kind === 'SYSTEM_VERSIONED';
  return {
    ...tableRow(table),
    lob_data_space_id: hasLobs(table) ? 1 : 0,
    max_column_id_used: Math.max(0, ...table.columns.map(({ id }) => id)),
    is_memory_optimized: table.isMemoryOptimized,
    temporal_type: isVersioned ? 2 : kind === 'HISTORY' ? 1 : 0,
    temporal_type_desc: isVersioned
      ? 'SYSTEM_VERSIONED_TEMPORAL_TABLE'
      : kind === 'HISTORY'
        ? 'HISTORY_TABLE'
        : 'NON_TEMPORAL_TABLE',
    history_table_id: isVersioned ? (table.temporal?.historyTableId ?? null) : null,
    is_external: table.isExternal,
    history_retention_period: isVersioned ? -1 : null,
    history_retention_period_unit: isVersioned ? -1 : null,
    history_retention_period_unit_desc: isVersioned ? 'INFINITE' : null,
  };
}

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-views-transact-sql */
const views = defineView({
  name: 'views',
  columns: {
    ...OBJECT_COLUMNS,
    is_replicated: nullable(BIT),
    has_replication_filter: nullable(BIT),
    has_opaque_metadata: BIT,
    has_unchecked_assembly_data: BIT,
    with_check_option: BIT,
    is_date_correlation_view: BIT,
    is_tracked_by_cdc: nullable(BIT),
  },
  rows: (context) =>
    visibleViews(context).map((view) => ({
      ...viewRow(view),
      is_replicated: false,
      has_replication_filter: false,
      has_opaque_metadata: false,
      has_unchecked_assembly_data: false,
      with_check_option: /\bWITH\s+CHECK\s+OPTION\s*;?\s*$/i.test(view.definition),
      is_date_correlation_view: false,
      is_tracked_by_cdc: false,
    })),
});

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-sql-modules-transact-sql */
const sqlModules = defineView({
  name: 'sql_modules',
  columns: {
    object_id: INT,
    definition: DEFINITION,
    uses_ansi_nulls: nullable(BIT),
    uses_quoted_identifier: nullable(BIT),
    is_schema_bound: nullable(BIT),
    uses_database_collation: nullable(BIT),
    is_recompiled: nullable(BIT),
    null_on_null_input: nullable(BIT),
    execute_as_principal_id: nullable(INT),
    uses_native_compilation: nullable(BIT),
    inline_type: nullable(BIT),
    is_inlineable: nullable(BIT),
  },
  rows: (context) =>
    visibleViews(context).map((view) => ({
      object_id: view.objectId,
      definition: maySeeDefinition(context, view) ? view.definition : null,
      uses_ansi_nulls: true,
      uses_quoted_identifier: true,
      is_schema_bound: false,
      uses_database_collation: false,
      is_recompiled: false,
      null_on_null_input: false,
      execute_as_principal_id: null,
      uses_native_compilation: false,
      inline_type: false,
      is_inlineable: false,
    })),
});

/** Objects of this kind are not kept here. */
const synonyms = defineView({
  name: 'synonyms',
  columns: { ...OBJECT_COLUMNS, base_object_name: nvarcharOf(1035) },
  rows: () => [],
});

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-sequences-transact-sql */
const sequences = defineView({
  name: 'sequences',
  columns: {
    ...OBJECT_COLUMNS,
    start_value: VARIANT,
    increment: VARIANT,
    minimum_value: VARIANT,
    maximum_value: VARIANT,
    is_cycling: nullable(BIT),
    is_cached: nullable(BIT),
    cache_size: nullable(INT),
    system_type_id: TINYINT,
    user_type_id: INT,
    precision: TINYINT,
    scale: nullable(TINYINT),
    current_value: VARIANT,
    is_exhausted: BIT,
    last_used_value: VARIANT,
  },
  rows: () => [],
});

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-external-tables-transact-sql */
const externalTables = defineView({
  name: 'external_tables',
  columns: {
    ...OBJECT_COLUMNS,
    max_column_id_used: INT,
    uses_ansi_nulls: nullable(BIT),
    data_source_id: INT,
    file_format_id: nullable(INT),
    location: nvarcharOf(4000),
    reject_type: nvarcharOf(20),
    reject_value: nullable(INT),
    reject_sample_value: nullable(INT),
    distribution_type: nullable(INT),
    distribution_desc: fixedNvarchar(120),
    sharding_col_id: nullable(INT),
    remote_schema_name: nullable(SYSNAME),
    remote_object_name: nullable(SYSNAME),
  },
  rows: (context) =>
    visibleTables(context)
      .filter(({ isExternal }) => isExternal)
      .map((table) => ({
        ...tableRow(table),
        max_column_id_used: Math.max(0, ...table.columns.map(({ id }) => id)),
        uses_ansi_nulls: true,
        data_source_id: 65_536,
        file_format_id: null,
        location: null,
        reject_type: null,
        reject_value: null,
        reject_sample_value: null,
        distribution_type: null,
        distribution_desc: null,
        sharding_col_id: null,
        remote_schema_name: null,
        remote_object_name: null,
      })),
});

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/extended-properties-catalog-views-sys-extended-properties */
const extendedProperties = defineView({
  name: 'extended_properties',
  columns: {
    class: TINYINT,
    class_desc: DESCRIPTION,
    major_id: INT,
    minor_id: INT,
    name: SYSNAME,
    value: VARIANT,
  },
  rows: (context) => {
    const seen = new Set([...visibleTables(context), ...visibleViews(context)].map(({ objectId }) => objectId));
    return context.database.extendedProperties
      .filter(({ objectId }) => objectId === 0 || seen.has(objectId))
      .map(({ objectId, columnId, name, value }) => ({
        class: objectId === 0 ? 0 : 1,
        class_desc: objectId === 0 ? 'DATABASE' : 'OBJECT_OR_COLUMN',
        major_id: objectId,
        minor_id: columnId,
        name,
        value: { type: { name: 'nvarchar', length: Math.max(1, Math.min(value.length, 4000)) }, value },
      }));
  },
});

/** Triggers are not kept here; clients ask for them before they write. */
const triggers = defineView({
  name: 'triggers',
  columns: {
    name: SYSNAME,
    object_id: INT,
    parent_class: TINYINT,
    parent_class_desc: DESCRIPTION,
    parent_id: INT,
    type: OBJECT_COLUMNS.type,
    type_desc: DESCRIPTION,
    create_date: OBJECT_COLUMNS.create_date,
    modify_date: OBJECT_COLUMNS.modify_date,
    is_ms_shipped: BIT,
    is_disabled: BIT,
    is_not_for_replication: BIT,
    is_instead_of_trigger: BIT,
  },
  rows: () => [],
});

export const objectViews: readonly CatalogView[] = [
  schemas,
  objects,
  allObjects,
  tables,
  views,
  sqlModules,
  synonyms,
  sequences,
  externalTables,
  extendedProperties,
  triggers,
];
