import type { CreateIndex } from '../../sql/ast-ddl.ts';
import { SqlError } from '../errors.ts';
import type { DatabaseMetadata, IndexMetadata, TableMetadata } from '../metadata.ts';
import { sameIn } from '../resolve-object.ts';
import type { StatementContext } from '../statement-context.ts';
import { finishIndexes, nextIndexId } from './finish-indexes.ts';

type Definition = Pick<
  CreateIndex,
  'name' | 'unique' | 'clustered' | 'columnstore' | 'columns' | 'include' | 'where' | 'options'
>;

export function addIndex(
  context: StatementContext,
  of: { database: DatabaseMetadata; table: TableMetadata; definition: Definition },
): IndexMetadata {
  const { database, table, definition } = of;
  const id = (name: string): number => {
    const column = table.columns.find((one) => sameIn(database.collation, one.name, name));
    if (column === undefined)
      throw new SqlError(1911, `Column name '${name}' does not exist in the target table or view.`);
    return column.id;
  };
  if (definition.clustered && table.indexes.some((index) => index.id === 1)) {
    const existing = table.indexes.find((index) => index.id === 1)?.name ?? '';
    throw new SqlError(
      1902,
      `Cannot create more than one clustered index on table '${table.name}'. Drop the existing clustered index '${existing}' before creating another.`,
      { state: 3 },
    );
  }
  const compression = definition.options.find((option) => option.name === 'DATA_COMPRESSION')?.value;
  const index: IndexMetadata = {
    id: definition.clustered ? 1 : nextIndexId(table),
    name: definition.name.name,
    type: `${definition.clustered ? 'CLUSTERED' : 'NONCLUSTERED'}${definition.columnstore ? ' COLUMNSTORE' : ''}` as IndexMetadata['type'],
    isUnique: definition.unique,
    constraint: null,
    isDisabled: false,
    filterDefinition: definition.where === null ? null : `(${context.sourceOf(definition.where)})`,
    columns: [
      ...definition.columns.map((column) => ({
        columnId: id(column.name.name),
        isDescending: column.descending,
        isIncluded: false,
      })),
      ...definition.include.map((name) => ({ columnId: id(name.name), isDescending: false, isIncluded: true })),
    ],
    dataCompression: definition.columnstore
      ? 'COLUMNSTORE'
      : compression === 'PAGE' || compression === 'ROW'
        ? compression
        : 'NONE',
  };
  table.indexes.push(index);
  finishIndexes(table);
  return index;
}
