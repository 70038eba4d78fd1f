import type { CatalogObject, Database, Domain, Schema } from './catalog-types.ts';
import type { Catalog } from './catalog.ts';

/** The account as an object that global privileges (CREATE DATABASE...) are granted on. */
export const ACCOUNT_OBJECT = { id: 0, domain: 'ACCOUNT' as Domain };

/** Whether a role (or one it inherits) has the privilege, ALL, or OWNERSHIP. */
export function hasPrivilege(
  catalog: Catalog,
  role: string,
  privilege: string,
  object: { id: number; domain: Domain; owner?: string },
): boolean {
  const roles = catalog.rolesOf(role);
  if (object.owner !== undefined && roles.has(object.owner)) return true;
  return catalog.grants.some(
    (g) =>
      g.objectId === object.id &&
      g.domain === object.domain &&
      roles.has(g.grantee) &&
      (g.privilege === privilege || g.privilege === 'OWNERSHIP'),
  );
}

/** A role sees an object when it has any privilege on it, or on something inside of it. */
export function canSee(catalog: Catalog, role: string, object: CatalogObject): boolean {
  const roles = catalog.rolesOf(role);
  if (roles.has(object.owner)) return true;
  return catalog.grants.some((g) => g.objectId === object.id && g.domain === object.domain && roles.has(g.grantee));
}

/** USAGE on the database and the schema: what every access to an object inside needs. */
export function canUseSchema(catalog: Catalog, role: string, schema: Schema): boolean {
  return hasPrivilege(catalog, role, 'USAGE', schema) && canUseDatabase(catalog, role, schema.database);
}

export function canUseDatabase(catalog: Catalog, role: string, database: Database): boolean {
  return hasPrivilege(catalog, role, 'USAGE', database);
}
