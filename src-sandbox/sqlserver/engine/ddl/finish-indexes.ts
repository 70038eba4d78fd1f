import type { IndexMetadata, TableMetadata } from '../metadata.ts';

export const nextIndexId = (table: TableMetadata): number => Math.max(1, ...table.indexes.map((index) => index.id)) + 1;

/** A table without a clustered index is a heap, which has an entry of its own. */
export function finishIndexes(table: TableMetadata): void {
  const rest = table.indexes.filter((index) => index.type !== 'HEAP');
  const isClustered = rest.some((index) => index.id === 1);
  const heap: IndexMetadata = {
    id: 0,
    name: null,
    type: 'HEAP',
    isUnique: false,
    constraint: null,
    isDisabled: false,
    filterDefinition: null,
    columns: [],
    dataCompression: 'NONE',
  };
  const sorted = rest.sort((a, z) => a.id - z.id);
  table.indexes.splice(0, table.indexes.length, ...(isClustered ? [] : [heap]), ...sorted);
}
