import type { SqlType, SqlValue } from '../engine-contract.ts';
import { columnViews } from './column-views.ts';
import { constraintViews } from './constraint-views.ts';
import { databaseViews } from './database-views.ts';
import { indexViews } from './index-views.ts';
import { informationSchemaViews } from './information-schema.ts';
import { objectViews } from './object-views.ts';
import { securityViews } from './security-views.ts';
import { sessionViews } from './session-views.ts';
import { storageViews } from './storage-views.ts';
import { type CatalogContext, type CatalogView, FIXED_COLLATION } from './view-definition.ts';

/** Every view of sys and INFORMATION_SCHEMA that the stand-in has. */
export const SYSTEM_VIEWS: readonly CatalogView[] = [
  ...objectViews,
  ...columnViews,
  ...indexViews,
  ...constraintViews,
  ...storageViews,
  ...databaseViews,
  ...securityViews,
  ...sessionViews,
  ...informationSchemaViews,
];

const byName = new Map(SYSTEM_VIEWS.map((view) => [key(view.schema, view.name), view]));

/** `ignoresCase`: whether the database's collation does; one that does not knows `sys.columns` and no `SYS.Columns`. */
export function findSystemView(name: { schema: string; name: string }, ignoresCase: boolean): CatalogView | undefined {
  const found = byName.get(key(name.schema, name.name));
  if (!found || ignoresCase) return found;
  return found.schema === name.schema && found.name === name.name ? found : undefined;
}

function key(schema: string, name: string): string {
  return `${schema}.${name}`.toLowerCase();
}

export type SystemColumn = { name: string; type: SqlType; nullable: boolean };

/** The columns of a view as a statement in a database sees them: names compare as the database does, codes and descriptions always alike. */
export function systemColumns(view: CatalogView, collations: { database: string; server: string }): SystemColumn[] {
  return view.columns.map(({ name, spec }) => {
    if (spec.collation === null) return { name, type: spec.type, nullable: spec.nullable };
    const collation = spec.collation === 'fixed' ? FIXED_COLLATION : collations[spec.collation];
    return { name, type: { ...spec.type, collation }, nullable: spec.nullable };
  });
}

/**
 * The rows of a view, their values in the order of its columns. `context.database` is the one that the view was named in (`other.sys.tables`).
 * `wants` tells which columns the statement uses: rows and pages of tables are counted for those alone.
 * @throws SqlError 262 or 300 where the view asks for a permission that the reader has not
 */
export async function readSystemView(
  view: CatalogView,
  context: Omit<CatalogContext, 'systemViews'>,
  wants: (column: string) => boolean = () => true,
): Promise<SqlValue[][]> {
  return view.rows({ ...context, systemViews: SYSTEM_VIEWS }, wants);
}
