import { collationOf } from './collation.ts';
import type { DatabaseMetadata, TableMetadata } from './metadata.ts';

/** A table by its name, compared as the database's collation does; in constant time, as statements over a whole catalog ask for each table. */
export function findTable(database: DatabaseMetadata, schemaId: number, name: string): TableMetadata | undefined {
  return indexOf(database).byName.get(nameKey(database, schemaId, name));
}

export function tableById(database: DatabaseMetadata, objectId: number): TableMetadata | undefined {
  return indexOf(database).byId.get(objectId);
}

/** The only way in which tables come: at the end, or at `place` when a DROP is undone. */
export function addTable(database: DatabaseMetadata, table: TableMetadata, place = database.tables.length): void {
  const index = indexOf(database);
  database.tables.splice(place, 0, table);
  index.byName.set(nameKey(database, table.schemaId, table.name), table);
  index.byId.set(table.objectId, table);
}

/** The only way in which tables go. Answers the place that the table had. */
export function removeTable(database: DatabaseMetadata, table: TableMetadata): number {
  const index = indexOf(database);
  const place = database.tables.indexOf(table);
  database.tables.splice(place, 1);
  index.byName.delete(nameKey(database, table.schemaId, table.name));
  index.byId.delete(table.objectId);
  return place;
}

type TableIndex = { byName: Map<string, TableMetadata>; byId: Map<number, TableMetadata> };

const indexes = new WeakMap<DatabaseMetadata, TableIndex>();

function indexOf(database: DatabaseMetadata): TableIndex {
  const known = indexes.get(database);
  if (known !== undefined) return known;
  const index = {
    byName: new Map(database.tables.map((table) => [nameKey(database, table.schemaId, table.name), table])),
    byId: new Map(database.tables.map((table) => [table.objectId, table])),
  };
  indexes.set(database, index);
  return index;
}

function nameKey(database: DatabaseMetadata, schemaId: number, name: string): string {
  return `${schemaId}.${collationOf(database.collation).ignoresCase ? name.toLowerCase() : name}`;
}
