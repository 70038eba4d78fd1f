import type { SqlType } from '../engine-contract.ts';
import type { ColumnMetadata, IndexMetadata, TableMetadata } from '../engine/metadata.ts';
import { keptDefinition } from './kept-definition.ts';
import { typeFacts } from './type-facts.ts';
import {
  type CatalogContext,
  type CatalogView,
  type ColumnSpec,
  defineView,
  fixedVarchar,
  INT,
  nullable,
  nvarcharOf,
  required,
  SMALLINT,
  SYSNAME,
  TINYINT,
} from './view-definition.ts';
import {
  keyConstraints,
  maySeeDefinition,
  ordinalOf,
  referencedKey,
  schemaNameOf,
  visibleTables,
  visibleViews,
} from './visible-objects.ts';

const schema = 'INFORMATION_SCHEMA' as const;
const NAME = SYSNAME;
const NULLABLE_NAME = nullable(SYSNAME);
const CATALOG: ColumnSpec = nvarcharOf(128);

type Owner = { schemaId: number; name: string };

/** The three-part name of a table or view. */
function tableName(context: CatalogContext, object: Owner) {
  return {
    TABLE_CATALOG: context.database.name,
    TABLE_SCHEMA: schemaNameOf(context, object.schemaId),
    TABLE_NAME: object.name,
  };
}

function constraintName(context: CatalogContext, table: TableMetadata, name: string) {
  return {
    CONSTRAINT_CATALOG: context.database.name,
    CONSTRAINT_SCHEMA: schemaNameOf(context, table.schemaId),
    CONSTRAINT_NAME: name,
  };
}

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-information-schema-views/tables-transact-sql */
const tables = defineView({
  schema,
  name: 'TABLES',
  columns: { TABLE_CATALOG: CATALOG, TABLE_SCHEMA: NULLABLE_NAME, TABLE_NAME: NAME, TABLE_TYPE: fixedVarchar(10) },
  rows: (context) => [
    ...visibleTables(context).map((table) => ({ ...tableName(context, table), TABLE_TYPE: 'BASE TABLE' })),
    ...visibleViews(context).map((view) => ({ ...tableName(context, view), TABLE_TYPE: 'VIEW' })),
  ],
});

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-information-schema-views/columns-transact-sql */
const columns = defineView({
  schema,
  name: 'COLUMNS',
  columns: {
    TABLE_CATALOG: CATALOG,
    TABLE_SCHEMA: NULLABLE_NAME,
    TABLE_NAME: NAME,
    COLUMN_NAME: NULLABLE_NAME,
    ORDINAL_POSITION: nullable(INT),
    COLUMN_DEFAULT: nvarcharOf(4000),
    IS_NULLABLE: fixedVarchar(3),
    DATA_TYPE: nvarcharOf(128),
    CHARACTER_MAXIMUM_LENGTH: nullable(INT),
    CHARACTER_OCTET_LENGTH: nullable(INT),
    NUMERIC_PRECISION: nullable(TINYINT),
    NUMERIC_PRECISION_RADIX: nullable(SMALLINT),
    NUMERIC_SCALE: nullable(INT),
    DATETIME_PRECISION: nullable(SMALLINT),
    CHARACTER_SET_CATALOG: NULLABLE_NAME,
    CHARACTER_SET_SCHEMA: NULLABLE_NAME,
    CHARACTER_SET_NAME: NULLABLE_NAME,
    COLLATION_CATALOG: NULLABLE_NAME,
    COLLATION_SCHEMA: NULLABLE_NAME,
    COLLATION_NAME: NULLABLE_NAME,
    DOMAIN_CATALOG: NULLABLE_NAME,
    DOMAIN_SCHEMA: NULLABLE_NAME,
    DOMAIN_NAME: NULLABLE_NAME,
  },
  constants: {
    CHARACTER_SET_CATALOG: null,
    CHARACTER_SET_SCHEMA: null,
    COLLATION_CATALOG: null,
    COLLATION_SCHEMA: null,
  },
  rows: (context) =>
    [...visibleTables(context), ...visibleViews(context)].flatMap((object) => {
      const showsDefaults = object.columns.some((column) => column.default) && maySeeDefinition(context, object);
      const schemaName = schemaNameOf(context, object.schemaId);
      return object.columns.map((column, index) =>
        columnFacts(context, { schemaName, tableName: object.name, column, ordinal: index + 1, showsDefaults }),
      );
    }),
});

type ColumnOf = {
  schemaName: string;
  tableName: string;
  column: ColumnMetadata;
  ordinal: number;
  showsDefaults: boolean;
};

function columnFacts(
  context: CatalogContext,
  { schemaName, tableName: table, column, ordinal, showsDefaults }: ColumnOf,
) {
  const { type, aliasTypeId } = column;
  const { name: catalog, types, collation } = context.database;
  const facts = typeFacts(type);
  const alias = aliasTypeId === null ? undefined : types.find(({ userTypeId }) => userTypeId === aliasTypeId);
  const lengths = characterLengths(type);
  const numeric = numericColumns(type);
  return {
    TABLE_CATALOG: catalog,
    TABLE_SCHEMA: schemaName,
    TABLE_NAME: table,
    COLUMN_NAME: column.name,
    ORDINAL_POSITION: ordinal,
    COLUMN_DEFAULT: showsDefaults && column.default ? defaultText(column.default) : null,
    IS_NULLABLE: column.nullable ? 'YES' : 'NO',
    DATA_TYPE: type.name,
    CHARACTER_MAXIMUM_LENGTH: lengths[0],
    CHARACTER_OCTET_LENGTH: lengths[1],
    NUMERIC_PRECISION: numeric[0],
    NUMERIC_PRECISION_RADIX: numeric[1],
    NUMERIC_SCALE: numeric[2],
    DATETIME_PRECISION: datetimePrecision(type),
    CHARACTER_SET_NAME: facts.isText ? (type.name.startsWith('n') ? 'UNICODE' : 'iso_1') : null,
    COLLATION_NAME: facts.isText ? (type.collation ?? collation) : null,
    DOMAIN_CATALOG: alias ? catalog : null,
    DOMAIN_SCHEMA: alias ? schemaNameOf(context, alias.schemaId) : null,
    DOMAIN_NAME: alias?.name ?? null,
  };
}

function defaultText(value: NonNullable<ColumnMetadata['default']>): string {
  return keptDefinition(value, value.definition, 'expression').slice(0, 4000);
}

/** Characters and bytes; -1 for (max) and xml, NULL for types without a length. */
function characterLengths(type: SqlType): [number | null, number | null] {
  switch (type.name) {
    case 'text':
    case 'image':
      return [2_147_483_647, 2_147_483_647];
    case 'ntext':
      return [1_073_741_823, 2_147_483_646];
    case 'xml':
    case 'geometry':
    case 'geography':
      return [-1, -1];
    case 'hierarchyid':
      return [892, 892];
    case 'sql_variant':
      return [0, 0];
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
    case 'binary':
    case 'varbinary':
      return [type.length ?? 1, typeFacts(type).maxLength];
    default:
      return [null, null];
  }
}

/** Precision, radix and scale. */
function numericColumns(type: SqlType): [number | null, number | null, number | null] {
  const facts = typeFacts(type);
  switch (type.name) {
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'decimal':
    case 'numeric':
    case 'money':
    case 'smallmoney':
      return [facts.precision, 10, facts.scale];
    case 'real':
    case 'float':
      return [facts.precision, 2, null];
    default:
      return [null, null, null];
  }
}

function datetimePrecision(type: SqlType): number | null {
  switch (type.name) {
    case 'date':
    case 'smalldatetime':
      return 0;
    case 'datetime':
      return 3;
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      return type.scale ?? 7;
    default:
      return null;
  }
}

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-information-schema-views/schemata-transact-sql */
const schemata = defineView({
  schema,
  name: 'SCHEMATA',
  columns: {
    CATALOG_NAME: CATALOG,
    SCHEMA_NAME: nvarcharOf(128),
    SCHEMA_OWNER: nvarcharOf(128),
    DEFAULT_CHARACTER_SET_CATALOG: fixedVarchar(6),
    DEFAULT_CHARACTER_SET_SCHEMA: fixedVarchar(3),
    DEFAULT_CHARACTER_SET_NAME: NULLABLE_NAME,
  },
  rows: ({ database }) =>
    database.schemas.map(({ name, principalId }) => ({
      CATALOG_NAME: database.name,
      SCHEMA_NAME: name,
      SCHEMA_OWNER: database.principals.find(({ id }) => id === principalId)?.name ?? null,
      DEFAULT_CHARACTER_SET_CATALOG: null,
      DEFAULT_CHARACTER_SET_SCHEMA: null,
      DEFAULT_CHARACTER_SET_NAME: 'iso_1',
    })),
});

const TABLE_NAME_COLUMNS = { TABLE_CATALOG: CATALOG, TABLE_SCHEMA: NULLABLE_NAME, TABLE_NAME: NULLABLE_NAME } as const;
const CONSTRAINT_NAME_COLUMNS = {
  CONSTRAINT_CATALOG: CATALOG,
  CONSTRAINT_SCHEMA: NULLABLE_NAME,
  CONSTRAINT_NAME: NAME,
} as const;

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-information-schema-views/table-constraints-transact-sql */
const tableConstraints = defineView({
  schema,
  name: 'TABLE_CONSTRAINTS',
  columns: {
    ...CONSTRAINT_NAME_COLUMNS,
    ...TABLE_NAME_COLUMNS,
    CONSTRAINT_TYPE: fixedVarchar(11),
    IS_DEFERRABLE: required(fixedVarchar(2)),
    INITIALLY_DEFERRED: required(fixedVarchar(2)),
  },
  rows: (context) =>
    visibleTables(context).flatMap((table) =>
      constraintsOf(table).map(({ name, type }) => ({
        ...constraintName(context, table, name),
        ...tableName(context, table),
        CONSTRAINT_TYPE: type,
        IS_DEFERRABLE: 'NO',
        INITIALLY_DEFERRED: 'NO',
      })),
    ),
});

function constraintsOf(table: TableMetadata): { name: string; type: string }[] {
  return [
    ...keyConstraints([table]).map(({ index }) => ({ name: index.name, type: index.constraint.kind })),
    ...table.foreignKeys.map(({ name }) => ({ name, type: 'FOREIGN KEY' })),
    ...table.checks.map(({ name }) => ({ name, type: 'CHECK' })),
  ];
}

type ConstraintColumns = { table: TableMetadata; name: string; columnIds: number[] };

/** Keys and foreign keys with the columns that they constrain. */
function keyColumns(context: CatalogContext): ConstraintColumns[] {
  const all = visibleTables(context);
  return [
    ...keyConstraints(all).map(({ table, index }) => ({ table, name: index.name, columnIds: keyColumnIds(index) })),
    ...all.flatMap((table) => table.foreignKeys.map(({ name, columnIds }) => ({ table, name, columnIds }))),
  ];
}

function keyColumnIds(index: IndexMetadata): number[] {
  return index.columns.filter(({ isIncluded }) => !isIncluded).map(({ columnId }) => columnId);
}

function columnName(table: TableMetadata, columnId: number): string | null {
  return table.columns[ordinalOf(table.columns, columnId) - 1]?.name ?? null;
}

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-information-schema-views/key-column-usage-transact-sql */
const keyColumnUsage = defineView({
  schema,
  name: 'KEY_COLUMN_USAGE',
  columns: { ...CONSTRAINT_NAME_COLUMNS, ...TABLE_NAME_COLUMNS, COLUMN_NAME: NULLABLE_NAME, ORDINAL_POSITION: INT },
  rows: (context) =>
    keyColumns(context).flatMap(({ table, name, columnIds }) =>
      columnIds.map((columnId, index) => ({
        ...constraintName(context, table, name),
        ...tableName(context, table),
        COLUMN_NAME: columnName(table, columnId),
        ORDINAL_POSITION: index + 1,
      })),
    ),
});

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-information-schema-views/constraint-column-usage-transact-sql */
const constraintColumnUsage = defineView({
  schema,
  name: 'CONSTRAINT_COLUMN_USAGE',
  columns: { ...TABLE_NAME_COLUMNS, COLUMN_NAME: NULLABLE_NAME, ...CONSTRAINT_NAME_COLUMNS },
  rows: (context) => {
    const checks = visibleTables(context).flatMap((table) =>
      table.checks.flatMap(({ name, columnId }) => (columnId === null ? [] : [{ table, name, columnIds: [columnId] }])),
    );
    return [...keyColumns(context), ...checks].flatMap(({ table, name, columnIds }) =>
      columnIds.map((columnId) => ({
        ...tableName(context, table),
        COLUMN_NAME: columnName(table, columnId),
        ...constraintName(context, table, name),
      })),
    );
  },
});

/** The definition is NULL when it is longer than the column, as the vendor's page says. https://learn.microsoft.com/en-us/sql/relational-databases/system-information-schema-views/views-transact-sql */
const views = defineView({
  schema,
  name: 'VIEWS',
  columns: {
    TABLE_CATALOG: CATALOG,
    TABLE_SCHEMA: NULLABLE_NAME,
    TABLE_NAME: NAME,
    VIEW_DEFINITION: nvarcharOf(4000),
    CHECK_OPTION: fixedVarchar(7),
    IS_UPDATABLE: required(fixedVarchar(2)),
  },
  rows: (context) =>
    visibleViews(context).map((view) => ({
      ...tableName(context, view),
      VIEW_DEFINITION: maySeeDefinition(context, view) && view.definition.length <= 4000 ? view.definition : null,
      CHECK_OPTION: /\bWITH\s+CHECK\s+OPTION\s*;?\s*$/i.test(view.definition) ? 'CASCADE' : 'NONE',
      IS_UPDATABLE: 'NO',
    })),
});

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-information-schema-views/referential-constraints-transact-sql */
const referentialConstraints = defineView({
  schema,
  name: 'REFERENTIAL_CONSTRAINTS',
  columns: {
    ...CONSTRAINT_NAME_COLUMNS,
    UNIQUE_CONSTRAINT_CATALOG: CATALOG,
    UNIQUE_CONSTRAINT_SCHEMA: NULLABLE_NAME,
    UNIQUE_CONSTRAINT_NAME: NULLABLE_NAME,
    MATCH_OPTION: fixedVarchar(7),
    UPDATE_RULE: fixedVarchar(11),
    DELETE_RULE: fixedVarchar(11),
  },
  rows: (context) => {
    const byId = new Map(context.database.tables.map((table) => [table.objectId, table]));
    return visibleTables(context).flatMap((table) =>
      table.foreignKeys.map((key) => {
        const referenced = byId.get(key.referencedTableId);
        const unique = referenced ? referencedKey(referenced, key.referencedColumnIds) : undefined;
        return {
          ...constraintName(context, table, key.name),
          UNIQUE_CONSTRAINT_CATALOG: context.database.name,
          UNIQUE_CONSTRAINT_SCHEMA: referenced ? schemaNameOf(context, referenced.schemaId) : null,
          UNIQUE_CONSTRAINT_NAME: unique?.name ?? null,
          MATCH_OPTION: 'SIMPLE',
          UPDATE_RULE: key.onUpdate.replace('_', ' '),
          DELETE_RULE: key.onDelete.replace('_', ' '),
        };
      }),
    );
  },
});

export const informationSchemaViews: readonly CatalogView[] = [
  tables,
  columns,
  schemata,
  tableConstraints,
  keyColumnUsage,
  constraintColumnUsage,
  views,
  referentialConstraints,
];
