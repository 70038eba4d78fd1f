import type { TableMetadata, ViewMetadata } from '../engine/metadata.ts';
import {
  BIT,
  type CatalogContext,
  DATETIME,
  DESCRIPTION,
  fixedChar,
  INT,
  nullable,
  type Row,
  SYSNAME,
  toDatetime,
} from './view-definition.ts';
import { keyConstraints, visibleTables, visibleViews } from './visible-objects.ts';

/** Columns that sys.objects has and every view of a kind of object begins with. https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-objects-transact-sql */
export const OBJECT_COLUMNS = {
  name: SYSNAME,
  object_id: INT,
  principal_id: nullable(INT),
  schema_id: INT,
  parent_object_id: INT,
  type: fixedChar(2),
  type_desc: DESCRIPTION,
  create_date: DATETIME,
  modify_date: DATETIME,
  is_ms_shipped: nullable(BIT),
  is_published: nullable(BIT),
  is_schema_published: nullable(BIT),
} as const;

export type ObjectRow = Row<typeof OBJECT_COLUMNS>;

const TYPES = {
  'U ': 'USER_TABLE',
  'V ': 'VIEW',
  PK: 'PRIMARY_KEY_CONSTRAINT',
  UQ: 'UNIQUE_CONSTRAINT',
  'F ': 'FOREIGN_KEY_CONSTRAINT',
  'C ': 'CHECK_CONSTRAINT',
  'D ': 'DEFAULT_CONSTRAINT',
} as const;
export type ObjectType = keyof typeof TYPES;

/** `type` is blank-padded, as char(2) is. */
export function objectRow(object: {
  name: string;
  objectId: number;
  schemaId: number;
  parentId?: number;
  type: ObjectType;
  createdOn: Date;
  modifiedOn: Date;
  isShipped?: boolean;
}): ObjectRow {
  return {
    name: object.name,
    object_id: object.objectId,
    principal_id: null,
    schema_id: object.schemaId,
    parent_object_id: object.parentId ?? 0,
    type: object.type,
    type_desc: TYPES[object.type],
    create_date: toDatetime(object.createdOn),
    modify_date: toDatetime(object.modifiedOn),
    is_ms_shipped: object.isShipped ?? false,
    is_published: false,
    is_schema_published: false,
  };
}

export const tableRow = (table: TableMetadata): ObjectRow => ownRow(table, 'U ');
export const viewRow = (view: ViewMetadata): ObjectRow => ownRow(view, 'V ');

function ownRow(object: TableMetadata | ViewMetadata, type: ObjectType): ObjectRow {
  const { name, objectId, schemaId, createdOn, modifiedOn } = object;
  return objectRow({ name, objectId, schemaId, type, createdOn, modifiedOn });
}

/** A constraint has the dates and the schema of its table. */
export function constraintRow(
  table: TableMetadata,
  constraint: { name: string; objectId: number; type: ObjectType },
): ObjectRow {
  return objectRow({
    ...constraint,
    schemaId: table.schemaId,
    parentId: table.objectId,
    createdOn: table.createdOn,
    modifiedOn: table.modifiedOn,
  });
}

/** Tables, views and constraints that the reader sees. */
export function userObjects(context: CatalogContext): ObjectRow[] {
  const tables = visibleTables(context);
  return [
    ...tables.map(tableRow),
    ...visibleViews(context).map(viewRow),
    ...keyConstraints(tables).map(({ table, index }) =>
      constraintRow(table, {
        name: index.name,
        objectId: index.constraint.objectId,
        type: index.constraint.kind === 'PRIMARY KEY' ? 'PK' : 'UQ',
      }),
    ),
    ...tables.flatMap((table) => [
      ...table.foreignKeys.map((key) => constraintRow(table, { ...key, type: 'F ' })),
      ...table.checks.map((check) => constraintRow(table, { ...check, type: 'C ' })),
      ...table.columns.flatMap(({ default: value }) =>
        value ? [constraintRow(table, { name: value.name, objectId: value.objectId, type: 'D ' })] : [],
      ),
    ]),
  ];
}
