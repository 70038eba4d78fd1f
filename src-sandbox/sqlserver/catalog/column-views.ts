import type { SqlValue } from '../engine-contract.ts';
import type { AliasTypeMetadata, ColumnMetadata, TableMetadata } from '../engine/metadata.ts';
import { SYSNAME_TYPE_ID, systemTypes, typeFacts } from './type-facts.ts';
import {
  BIT,
  type CatalogContext,
  type CatalogView,
  DEFINITION,
  defineView,
  DESCRIPTION,
  FIXED_COLLATION,
  fixedNvarchar,
  INT,
  nullable,
  nvarcharOf,
  type Row,
  SMALLINT,
  SYSNAME,
  TINYINT,
  VARIANT,
} from './view-definition.ts';
import { maySeeDefinition, visibleTables, visibleViews } from './visible-objects.ts';
import { keptDefinition } from './kept-definition.ts';
import { SYS_SCHEMA_ID } from './object-views.ts';

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-columns-transact-sql */
const COLUMNS = {
  object_id: INT,
  name: nullable(SYSNAME),
  column_id: INT,
  system_type_id: TINYINT,
  user_type_id: INT,
  max_length: SMALLINT,
  precision: TINYINT,
  scale: TINYINT,
  collation_name: nullable(SYSNAME),
  is_nullable: nullable(BIT),
  is_ansi_padded: BIT,
  is_rowguidcol: BIT,
  is_identity: BIT,
  is_computed: BIT,
  is_filestream: BIT,
  is_replicated: nullable(BIT),
  is_non_sql_subscribed: nullable(BIT),
  is_merge_published: nullable(BIT),
  is_dts_replicated: nullable(BIT),
  is_xml_document: BIT,
  xml_collection_id: INT,
  default_object_id: INT,
  rule_object_id: INT,
  is_sparse: nullable(BIT),
  is_column_set: nullable(BIT),
  generated_always_type: nullable(TINYINT),
  generated_always_type_desc: DESCRIPTION,
  encryption_type: nullable(INT),
  encryption_type_desc: fixedNvarchar(64),
  encryption_algorithm_name: nullable(SYSNAME),
  column_encryption_key_id: nullable(INT),
  column_encryption_key_database_name: nullable(SYSNAME),
  is_hidden: nullable(BIT),
  is_masked: BIT,
  graph_type: nullable(INT),
  graph_type_desc: DESCRIPTION,
  is_data_deletion_filter_column: nullable(BIT),
  ledger_view_column_type: nullable(TINYINT),
  ledger_view_column_type_desc: DESCRIPTION,
  is_dropped_ledger_column: nullable(BIT),
} as const;

const CONSTANTS = {
  is_replicated: false,
  is_non_sql_subscribed: false,
  is_merge_published: false,
  is_dts_replicated: false,
  is_xml_document: false,
  xml_collection_id: 0,
  rule_object_id: 0,
  graph_type: null,
  graph_type_desc: null,
  is_data_deletion_filter_column: false,
  ledger_view_column_type: null,
  ledger_view_column_type_desc: null,
  is_dropped_ledger_column: false,
};

type ColumnRow = Omit<Row<typeof COLUMNS>, keyof typeof CONSTANTS>;

const GENERATED = { NOT_APPLICABLE: 0, AS_ROW_START: 1, AS_ROW_END: 2 } as const;

function columnRow(context: CatalogContext, objectId: number, column: ColumnMetadata): ColumnRow {
  const facts = typeFacts(column.type);
  const { encryption } = column;
  return {
    object_id: objectId,
    name: column.name,
    column_id: column.id,
    system_type_id: facts.systemTypeId,
    user_type_id: column.aliasTypeId ?? facts.userTypeId,
    max_length: facts.maxLength,
    precision: facts.precision,
    scale: facts.scale,
    collation_name: facts.isText ? (column.type.collation ?? context.database.collation) : null,
    is_nullable: column.nullable,
    is_ansi_padded: column.isAnsiPadded,
    is_rowguidcol: column.isRowGuid,
    is_identity: column.identity !== null,
    is_computed: column.computed !== null,
    is_filestream: column.isFilestream,
    default_object_id: column.default?.objectId ?? 0,
    is_sparse: column.isSparse,
    is_column_set: column.isColumnSet,
    generated_always_type: GENERATED[column.generatedAlways],
    generated_always_type_desc: column.generatedAlways,
    encryption_type: encryption === null ? null : encryption === 'DETERMINISTIC' ? 1 : 2,
    encryption_type_desc: encryption,
    encryption_algorithm_name: encryption === null ? null : 'AEAD_AES_256_CBC_HMAC_SHA_256',
    column_encryption_key_id: encryption === null ? null : 1,
    column_encryption_key_database_name: null,
    is_hidden: column.isHidden,
    is_masked: column.maskingFunction !== null,
  };
}

type Owned = { objectId: number; schemaId: number; columns: ColumnMetadata[] };

function userColumns(context: CatalogContext): ColumnRow[] {
  const owners: Owned[] = [...visibleTables(context), ...visibleViews(context)];
  return owners.flatMap(({ objectId, columns }) => columns.map((column) => columnRow(context, objectId, column)));
}

const columns = defineView({ name: 'columns', columns: COLUMNS, constants: CONSTANTS, rows: userColumns });

const allColumns = defineView({
  name: 'all_columns',
  columns: COLUMNS,
  constants: CONSTANTS,
  rows: (context) => [...userColumns(context), ...context.systemViews.flatMap((view) => systemColumns(context, view))],
});

function systemColumns(context: CatalogContext, view: CatalogView): ColumnRow[] {
  return view.columns.map(({ name, spec }, index) => {
    const facts = typeFacts(spec.type);
    const collation = spec.collation === 'fixed' ? FIXED_COLLATION : context.database.collation;
    return {
      object_id: view.objectId,
      name,
      column_id: index + 1,
      system_type_id: facts.systemTypeId,
      user_type_id: facts.userTypeId,
      max_length: facts.maxLength,
      precision: facts.precision,
      scale: facts.scale,
      collation_name: spec.collation === null ? null : collation,
      is_nullable: spec.nullable,
      is_ansi_padded: true,
      is_rowguidcol: false,
      is_identity: false,
      is_computed: false,
      is_filestream: false,
      default_object_id: 0,
      is_sparse: false,
      is_column_set: false,
      generated_always_type: 0,
      generated_always_type_desc: 'NOT_APPLICABLE',
      encryption_type: null,
      encryption_type_desc: null,
      encryption_algorithm_name: null,
      column_encryption_key_id: null,
      column_encryption_key_database_name: null,
      is_hidden: false,
      is_masked: false,
    };
  });
}

/** Columns of tables that have a property, with what else their view tells. */
function tableColumns<T extends Record<string, SqlValue>>(
  context: CatalogContext,
  more: (column: ColumnMetadata, table: TableMetadata) => T | null,
): (ColumnRow & T)[] {
  return visibleTables(context).flatMap((table) =>
    table.columns.flatMap((column) => {
      const found = more(column, table);
      return found ? [{ ...columnRow(context, table.objectId, column), ...found }] : [];
    }),
  );
}

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-identity-columns-transact-sql */
const identityColumns = defineView({
  name: 'identity_columns',
  columns: {
    ...COLUMNS,
    seed_value: VARIANT,
    increment_value: VARIANT,
    last_value: VARIANT,
    is_not_for_replication: nullable(BIT),
  },
  constants: CONSTANTS,
  rows: (context) =>
    tableColumns(context, ({ identity, type }) =>
      identity
        ? {
            seed_value: variantOf(type, identity.seed),
            increment_value: variantOf(type, identity.increment),
            last_value: identity.lastValue === null ? null : variantOf(type, identity.lastValue),
            is_not_for_replication: false,
          }
        : null,
    ),
});

/** The numbers of an identity have the type of its column. */
function variantOf(type: ColumnMetadata['type'], value: bigint): SqlValue {
  const isSmall = type.name === 'tinyint' || type.name === 'smallint' || type.name === 'int';
  return { type, value: isSmall ? Number(value) : value };
}

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-computed-columns-transact-sql */
const computedColumns = defineView({
  name: 'computed_columns',
  columns: { ...COLUMNS, definition: DEFINITION, uses_database_collation: BIT, is_persisted: BIT },
  constants: CONSTANTS,
  rows: (context) =>
    tableColumns(context, ({ computed }, table) =>
      computed
        ? {
            definition: maySeeDefinition(context, table)
              ? keptDefinition(computed, computed.definition, 'expression')
              : null,
            uses_database_collation: true,
            is_persisted: computed.isPersisted,
          }
        : null,
    ),
});

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-masked-columns-transact-sql */
const maskedColumns = defineView({
  name: 'masked_columns',
  columns: { ...COLUMNS, masking_function: nvarcharOf(4000) },
  constants: CONSTANTS,
  rows: (context) =>
    tableColumns(context, ({ maskingFunction }) =>
      maskingFunction === null ? null : { masking_function: maskingFunction },
    ),
});

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-periods-transact-sql */
const periods = defineView({
  name: 'periods',
  columns: {
    name: SYSNAME,
    period_type: nullable(TINYINT),
    period_type_desc: DESCRIPTION,
    object_id: INT,
    start_column_id: INT,
    end_column_id: INT,
  },
  rows: (context) =>
    visibleTables(context).flatMap((table) => {
      const start = table.columns.find(({ generatedAlways }) => generatedAlways === 'AS_ROW_START');
      const end = table.columns.find(({ generatedAlways }) => generatedAlways === 'AS_ROW_END');
      if (!start || !end) return [];
      return [
        {
          name: 'SYSTEM_TIME',
          period_type: 1,
          period_type_desc: 'SYSTEM_TIME_PERIOD',
          object_id: table.objectId,
          start_column_id: start.id,
          end_column_id: end.id,
        },
      ];
    }),
});

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-types-transact-sql */
const TYPE_COLUMNS = {
  name: SYSNAME,
  system_type_id: TINYINT,
  user_type_id: INT,
  schema_id: INT,
  principal_id: nullable(INT),
  max_length: SMALLINT,
  precision: TINYINT,
  scale: TINYINT,
  collation_name: nullable(SYSNAME),
  is_nullable: nullable(BIT),
  is_user_defined: BIT,
  is_assembly_type: BIT,
  default_object_id: INT,
  rule_object_id: INT,
  is_table_type: BIT,
} as const;

type TypeRow = Row<typeof TYPE_COLUMNS>;

const CLR_CLASSES: Readonly<Record<string, string>> = {
  hierarchyid: 'Microsoft.SqlServer.Types.SqlHierarchyId',
  geometry: 'Microsoft.SqlServer.Types.SqlGeometry',
  geography: 'Microsoft.SqlServer.Types.SqlGeography',
};

function systemTypeRows(context: CatalogContext): TypeRow[] {
  return systemTypes().map(({ name, type }) => {
    const facts = typeFacts(type);
    return {
      ...typeRow(context, { name, type, schemaId: SYS_SCHEMA_ID, nullable: name !== 'timestamp' }),
      user_type_id: facts.userTypeId,
      is_assembly_type: name in CLR_CLASSES,
    };
  });
}

function typeRow(
  context: CatalogContext,
  of: { name: string; type: AliasTypeMetadata['base']; schemaId: number; nullable: boolean },
): Omit<TypeRow, 'user_type_id'> {
  const facts = typeFacts(of.type);
  return {
    name: of.name,
    system_type_id: facts.systemTypeId,
    schema_id: of.schemaId,
    principal_id: null,
    max_length: facts.maxLength,
    precision: facts.precision,
    scale: facts.scale,
    collation_name: facts.isText ? context.database.collation : null,
    is_nullable: of.nullable,
    is_user_defined: false,
    is_assembly_type: false,
    default_object_id: 0,
    rule_object_id: 0,
    is_table_type: false,
  };
}

const types = defineView({
  name: 'types',
  columns: TYPE_COLUMNS,
  rows: (context) => [
    ...systemTypeRows(context),
    {
      ...typeRow(context, {
        name: 'sysname',
        type: { name: 'nvarchar', length: 128 },
        schemaId: SYS_SCHEMA_ID,
        nullable: false,
      }),
      user_type_id: SYSNAME_TYPE_ID,
    },
    ...context.database.types.map((alias) => ({
      ...typeRow(context, { ...alias, type: alias.base }),
      user_type_id: alias.userTypeId,
      is_user_defined: true,
    })),
  ],
});

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-assembly-types-transact-sql */
const assemblyTypes = defineView({
  name: 'assembly_types',
  columns: {
    ...TYPE_COLUMNS,
    assembly_id: INT,
    assembly_class: nullable(SYSNAME),
    is_binary_ordered: nullable(BIT),
    is_fixed_length: nullable(BIT),
    prog_id: nvarcharOf(40),
    assembly_qualified_name: nvarcharOf(4000),
  },
  rows: (context) =>
    systemTypeRows(context)
      .filter(({ is_assembly_type: isAssembly }) => isAssembly === true)
      .map((row) => {
        const className = typeof row.name === 'string' ? (CLR_CLASSES[row.name] ?? null) : null;
        return {
          ...row,
          assembly_id: 1,
          assembly_class: className,
          is_binary_ordered: row.name === 'hierarchyid',
          is_fixed_length: false,
          prog_id: null,
          assembly_qualified_name: `${className}, Microsoft.SqlServer.Types, Version=16.0.0.0, Culture=neutral, PublicKeyToken=89845dcd8080cc91`,
        };
      }),
});

export const columnViews: readonly CatalogView[] = [
  columns,
  allColumns,
  types,
  identityColumns,
  computedColumns,
  maskedColumns,
  periods,
  assemblyTypes,
];
