import type { ForeignKeyMetadata, TableMetadata } from '../engine/metadata.ts';
import { keptDefinition } from './kept-definition.ts';
import { constraintRow, OBJECT_COLUMNS } from './object-rows.ts';
import {
  BIT,
  type CatalogView,
  DEFINITION,
  defineView,
  DESCRIPTION,
  INT,
  nullable,
  TINYINT,
} from './view-definition.ts';
import { keyConstraints, maySeeDefinition, referencedKey, visibleTables } from './visible-objects.ts';

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-key-constraints-transact-sql */
const keys = defineView({
  name: 'key_constraints',
  columns: { ...OBJECT_COLUMNS, unique_index_id: nullable(INT), is_system_named: BIT, is_enforced: nullable(BIT) },
  rows: (context) =>
    keyConstraints(visibleTables(context)).map(({ table, index }) => ({
      ...constraintRow(table, {
        name: index.name,
        objectId: index.constraint.objectId,
        type: index.constraint.kind === 'PRIMARY KEY' ? 'PK' : 'UQ',
      }),
      unique_index_id: index.id,
      is_system_named: index.constraint.isSystemNamed,
      is_enforced: true,
    })),
});

const ACTIONS = { NO_ACTION: 0, CASCADE: 1, SET_NULL: 2, SET_DEFAULT: 3 } as const;

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-foreign-keys-transact-sql */
const foreignKeys = defineView({
  name: 'foreign_keys',
  columns: {
    ...OBJECT_COLUMNS,
    referenced_object_id: nullable(INT),
    key_index_id: nullable(INT),
    is_disabled: BIT,
    is_not_for_replication: BIT,
    is_not_trusted: BIT,
    delete_referential_action: nullable(TINYINT),
    delete_referential_action_desc: DESCRIPTION,
    update_referential_action: nullable(TINYINT),
    update_referential_action_desc: DESCRIPTION,
    is_system_named: BIT,
  },
  rows: (context) => {
    const byId = new Map(context.database.tables.map((table) => [table.objectId, table]));
    return visibleTables(context).flatMap((table) => table.foreignKeys.map((key) => foreignKeyRow(table, key, byId)));
  },
});

function foreignKeyRow(table: TableMetadata, key: ForeignKeyMetadata, byId: ReadonlyMap<number, TableMetadata>) {
  const referenced = byId.get(key.referencedTableId);
  return {
    ...constraintRow(table, { ...key, type: 'F ' }),
    referenced_object_id: key.referencedTableId,
    key_index_id: referenced ? (referencedKey(referenced, key.referencedColumnIds)?.id ?? null) : null,
    is_disabled: key.isDisabled,
    is_not_for_replication: false,
    is_not_trusted: key.isDisabled,
    delete_referential_action: ACTIONS[key.onDelete],
    delete_referential_action_desc: key.onDelete,
    update_referential_action: ACTIONS[key.onUpdate],
    update_referential_action_desc: key.onUpdate,
    is_system_named: key.isSystemNamed,
  };
}

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-foreign-key-columns-transact-sql */
const foreignKeyColumns = defineView({
  name: 'foreign_key_columns',
  columns: {
    constraint_object_id: INT,
    constraint_column_id: INT,
    parent_object_id: INT,
    parent_column_id: INT,
    referenced_object_id: INT,
    referenced_column_id: INT,
  },
  rows: (context) =>
    visibleTables(context).flatMap((table) =>
      table.foreignKeys.flatMap((key) =>
        key.columnIds.map((columnId, index) => ({
          constraint_object_id: key.objectId,
          constraint_column_id: index + 1,
          parent_object_id: table.objectId,
          parent_column_id: columnId,
          referenced_object_id: key.referencedTableId,
          referenced_column_id: key.referencedColumnIds[index] ?? 0,
        })),
      ),
    ),
});

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-check-constraints-transact-sql */
const checks = defineView({
  name: 'check_constraints',
  columns: {
    ...OBJECT_COLUMNS,
    is_disabled: BIT,
    is_not_for_replication: BIT,
    is_not_trusted: BIT,
    parent_column_id: INT,
    definition: DEFINITION,
    uses_database_collation: nullable(BIT),
    is_system_named: BIT,
  },
  rows: (context) =>
    visibleTables(context).flatMap((table) =>
      table.checks.map((check) => ({
        ...constraintRow(table, { ...check, type: 'C ' }),
        is_disabled: check.isDisabled,
        is_not_for_replication: false,
        is_not_trusted: check.isDisabled,
        parent_column_id: check.columnId ?? 0,
        definition: maySeeDefinition(context, table) ? keptDefinition(check, check.definition, 'condition') : null,
        uses_database_collation: true,
        is_system_named: check.isSystemNamed,
      })),
    ),
});

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-default-constraints-transact-sql */
const defaults = defineView({
  name: 'default_constraints',
  columns: { ...OBJECT_COLUMNS, parent_column_id: INT, definition: DEFINITION, is_system_named: BIT },
  rows: (context) =>
    visibleTables(context).flatMap((table) =>
      table.columns.flatMap((column) =>
        column.default
          ? [
              {
                ...constraintRow(table, { name: column.default.name, objectId: column.default.objectId, type: 'D ' }),
                parent_column_id: column.id,
                definition: maySeeDefinition(context, table)
                  ? keptDefinition(column.default, column.default.definition, 'expression')
                  : null,
                is_system_named: column.default.isSystemNamed,
              },
            ]
          : [],
      ),
    ),
});

export const constraintViews: readonly CatalogView[] = [keys, foreignKeys, foreignKeyColumns, checks, defaults];
