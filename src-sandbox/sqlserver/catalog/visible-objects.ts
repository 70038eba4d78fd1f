import type { IndexMetadata, TableMetadata, ViewMetadata } from '../engine/metadata.ts';
import { isOwner, maySee, mayUse } from '../engine/permissions.ts';
import type { CatalogContext } from './view-definition.ts';

/** Tables that the reader holds any permission on. https://learn.microsoft.com/en-us/sql/relational-databases/security/metadata-visibility-configuration */
export function visibleTables(context: CatalogContext): TableMetadata[] {
  return visible(context, context.database.tables);
}

export function visibleViews(context: CatalogContext): ViewMetadata[] {
  return visible(context, context.database.views);
}

function visible<T extends { schemaId: number; objectId: number }>(
  context: CatalogContext,
  objects: readonly T[],
): T[] {
  if (isOwner(context.database, context.principal, context.login)) return [...objects];
  return objects.filter(({ schemaId, objectId }) => maySee(context, { schemaId, objectId }));
}

/** Texts of definitions are NULL for whoever sees an object and may not view its definition. */
export function maySeeDefinition(context: CatalogContext, object: { schemaId: number; objectId: number }): boolean {
  return mayUse(context, 'VIEW DEFINITION', object);
}

/** Name of a constraint of a table. */
export type KeyConstraint = {
  table: TableMetadata;
  index: IndexMetadata & { name: string; constraint: NonNullable<IndexMetadata['constraint']> };
};

/** Primary and unique keys of the tables. */
export function keyConstraints(tables: readonly TableMetadata[]): KeyConstraint[] {
  return tables.flatMap((table) =>
    table.indexes.flatMap((index) =>
      index.constraint && index.name !== null
        ? [{ table, index: { ...index, name: index.name, constraint: index.constraint } }]
        : [],
    ),
  );
}

/** Position of a column among the columns that are there: column_id has gaps after DROP COLUMN. */
export function ordinalOf(columns: readonly { id: number }[], columnId: number): number {
  return columns.findIndex(({ id }) => id === columnId) + 1;
}

export function schemaNameOf(context: CatalogContext, schemaId: number): string {
  return context.database.schemas.find(({ id }) => id === schemaId)?.name ?? '';
}

/** The key of a referenced table that a foreign key points to: the first with the same columns. */
export function referencedKey(table: TableMetadata, columnIds: readonly number[]): IndexMetadata | undefined {
  const wanted = [...columnIds].sort((a, b) => a - b).join(',');
  return table.indexes.find((index) => {
    const keys = index.columns.filter(({ isIncluded }) => !isIncluded).map(({ columnId }) => columnId);
    return index.isUnique && keys.sort((a, b) => a - b).join(',') === wanted;
  });
}
