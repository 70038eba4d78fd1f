import type { ColumnMetadata, DatabaseMetadata, TableMetadata } from '../metadata.ts';
import type { StatementContext } from '../statement-context.ts';

/** A table without columns. */
export function emptyTable(
  context: StatementContext,
  database: DatabaseMetadata,
  of: { schemaId: number; name: string },
): TableMetadata {
  const { server } = context;
  const objectId = server.nextObjectId();
  const table: TableMetadata = {
    objectId,
    schemaId: of.schemaId,
    name: of.name,
    columns: [],
    indexes: [],
    foreignKeys: [],
    checks: [],
    partitioning: null,
    temporal: null,
    isMemoryOptimized: false,
    isExternal: false,
    createdOn: new Date(),
    modifiedOn: new Date(),
    countRows: () => server.duck.countRows({ databaseId: database.id, objectId }),
    countPartitionRows: async () => [await table.countRows()],
    estimateBytes: (rowCount) => rowCount * rowBytes(table),
  };
  return table;
}

/** A row's bytes by the sizes of its types; half of what is declared for texts. */
function rowBytes(table: TableMetadata): number {
  const sizeOf = ({ type }: ColumnMetadata): number => {
    if (type.length === -1) return 100;
    if (type.length !== undefined)
      return type.name.startsWith('n') ? type.length : Math.ceil(type.length / (type.name.startsWith('var') ? 2 : 1));
    return (
      { bit: 1, tinyint: 1, smallint: 2, int: 4, real: 4, date: 3, uniqueidentifier: 16 }[type.name as string] ?? 8
    );
  };
  return table.columns.reduce((sum, column) => sum + sizeOf(column), 9);
}
