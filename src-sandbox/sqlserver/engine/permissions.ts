import type { DatabaseMetadata, DatabasePrincipal, LoginMetadata } from './metadata.ts';

/** Fixed roles and what they may do to every object. https://learn.microsoft.com/en-us/sql/relational-databases/security/authentication-access/database-level-roles */
const ROLE_RIGHTS: Readonly<Record<string, readonly string[]>> = {
  db_datareader: ['SELECT'],
  db_datawriter: ['INSERT', 'UPDATE', 'DELETE'],
  db_ddladmin: ['ALTER', 'CREATE TABLE', 'CREATE VIEW', 'CREATE SCHEMA', 'CREATE TYPE', 'VIEW DEFINITION'],
};
const ROLE_DENIALS: Readonly<Record<string, readonly string[]>> = {
  db_denydatareader: ['SELECT'],
  db_denydatawriter: ['INSERT', 'UPDATE', 'DELETE'],
};

type Securable = { schemaId: number; objectId: number; columnId?: number };

/** Whether a principal is the owner of all: sysadmin, dbo and members of db_owner; no permission check applies to them. */
export function isOwner(database: DatabaseMetadata, principal: DatabasePrincipal, login: LoginMetadata): boolean {
  if (login.serverRoles.includes('sysadmin') || principal.id === 1) return true;
  return rolesOf(database, principal).some((role) => role.isFixedRole && role.name === 'db_owner');
}

/**
 * Whether `permission` on an object (or on the database, without a securable) is held: a DENY at any level beats a GRANT, but a GRANT on a column beats a
 * DENY on its table. https://learn.microsoft.com/en-us/sql/t-sql/statements/deny-object-permissions-transact-sql
 */
export function mayUse(
  who: { database: DatabaseMetadata; principal: DatabasePrincipal; login: LoginMetadata },
  permission: string,
  securable: Securable | null,
): boolean {
  const { database, principal, login } = who;
  if (isOwner(database, principal, login)) return true;
  const roles = rolesOf(database, principal);
  const ids = new Set([0, principal.id, ...roles.map((role) => role.id)]);
  const wanted = new Set([permission, 'CONTROL']);
  const entries = database.permissions.filter(
    (entry) => ids.has(entry.granteeId) && wanted.has(entry.permission) && covers(entry.on, securable),
  );
  const columnEntries = entries.filter((entry) => entry.on.kind === 'OBJECT' && entry.on.columnId !== 0);
  if (columnEntries.some((entry) => entry.state === 'DENY')) return false;
  if (columnEntries.length > 0) return true;
  if (entries.some((entry) => entry.state === 'DENY')) return false;
  const fixed = roles.filter((role) => role.isFixedRole).map((role) => role.name);
  if (fixed.some((name) => ROLE_DENIALS[name]?.includes(permission))) return false;
  return entries.length > 0 || fixed.some((name) => ROLE_RIGHTS[name]?.includes(permission));
}

/**
 * Metadata visibility: an object is seen by whoever owns it or holds any permission on it.
 * https://learn.microsoft.com/en-us/sql/relational-databases/security/metadata-visibility-configuration
 */
export function maySee(
  who: { database: DatabaseMetadata; principal: DatabasePrincipal; login: LoginMetadata },
  securable: Securable,
): boolean {
  if (
    ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'ALTER', 'REFERENCES', 'VIEW DEFINITION'].some((right) =>
      mayUse(who, right, securable),
    )
  ) {
    return true;
  }
  const ids = new Set([0, who.principal.id, ...rolesOf(who.database, who.principal).map((role) => role.id)]);
  return who.database.permissions.some(
    ({ granteeId, state, on }) =>
      ids.has(granteeId) &&
      state !== 'DENY' &&
      on.kind === 'OBJECT' &&
      on.objectId === securable.objectId &&
      on.columnId !== 0,
  );
}

/** The roles of a principal, those of roles included; public is not among them. */
export function rolesOf(database: DatabaseMetadata, principal: DatabasePrincipal): DatabasePrincipal[] {
  const found = new Map<number, DatabasePrincipal>();
  const visit = (id: number): void => {
    const role = database.principals.find((candidate) => candidate.id === id);
    if (role === undefined || found.has(id)) return;
    found.set(id, role);
    role.memberOf.forEach(visit);
  };
  principal.memberOf.forEach(visit);
  return [...found.values()];
}

function covers(on: DatabaseMetadata['permissions'][number]['on'], securable: Securable | null): boolean {
  switch (on.kind) {
    case 'DATABASE':
      return true;
    case 'SCHEMA':
      return securable !== null && on.schemaId === securable.schemaId;
    case 'OBJECT':
      if (securable === null || on.objectId !== securable.objectId) return false;
      return on.columnId === 0 || on.columnId === securable.columnId;
  }
}
