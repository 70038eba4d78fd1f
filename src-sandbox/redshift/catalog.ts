import type { BackendConnection } from './backend-connection.ts';
import { catalogFunctions } from './catalog-functions.ts';
import { catalogSpatial } from './catalog-spatial.ts';
import { catalogTables, catalogTrigger } from './catalog-tables.ts';
import { catalogTypes } from './catalog-types.ts';
import { catalogViews } from './catalog-views.ts';

/** Makes the connected database look like one of Redshift's: types, functions, system tables and views, all in pg_catalog. */
export async function installCatalog(connection: BackendConnection, slices: number): Promise<void> {
  await connection.query('SET standard_conforming_strings = on; SET client_min_messages = error');
  for (const part of [catalogTypes, catalogTables, catalogFunctions, catalogSpatial, catalogViews, catalogTrigger]) {
    for (const statement of part.split(/^;;$/m)) await connection.query(statement);
  }
  await connection.query(
    `INSERT INTO pg_catalog.redshift_slice SELECT slice, slice / 2 FROM generate_series(0, ${slices - 1}) AS slice`,
  );
  await connection.query('GRANT ALL ON SCHEMA public TO PUBLIC');
}

/** OIDs of the types that only Redshift has; they are the same in every database made after installCatalog. */
export async function readRedshiftTypes(connection: BackendConnection): Promise<ReadonlyMap<number, string>> {
  const { rows } = await connection.query(
    "SELECT oid, typname FROM pg_type WHERE typname IN ('super', 'varbyte', 'geometry', 'geography', 'hllsketch') AND typnamespace = 11",
  );
  return new Map(rows.map(([oid, name]) => [Number(oid), name ?? '']));
}
