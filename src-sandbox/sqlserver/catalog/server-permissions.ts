import { SqlError } from '../engine/errors.ts';
import { mayUse } from '../engine/permissions.ts';
import type { CatalogContext } from './view-definition.ts';

/** Fixed roles and what they may see of the server. https://learn.microsoft.com/en-us/sql/relational-databases/security/authentication-access/server-level-roles */
const ROLE_RIGHTS: Readonly<Record<string, readonly string[]>> = {
  serveradmin: ['VIEW SERVER STATE'],
  securityadmin: ['ALTER ANY LOGIN'],
  processadmin: ['VIEW SERVER STATE'],
  dbcreator: ['ALTER ANY DATABASE'],
};

/** Permissions that hold another one too. https://learn.microsoft.com/en-us/sql/t-sql/statements/grant-server-permissions-transact-sql */
const COVERED_BY: Readonly<Record<string, readonly string[]>> = {
  'VIEW SERVER PERFORMANCE STATE': ['VIEW SERVER STATE'],
  'VIEW SERVER SECURITY STATE': ['VIEW SERVER STATE'],
};

/** Whether the login holds a permission of the server's; a DENY beats a GRANT. */
export function mayOnServer({ login }: Pick<CatalogContext, 'login'>, permission: string): boolean {
  if (login.serverRoles.includes('sysadmin')) return true;
  const names = new Set([permission, ...(COVERED_BY[permission] ?? []), 'CONTROL SERVER']);
  const own = login.permissions.filter((entry) => names.has(entry.permission));
  if (own.some(({ state }) => state === 'DENY')) return false;
  const ofRoles = login.serverRoles.flatMap((role) => ROLE_RIGHTS[role] ?? []);
  return own.length > 0 || ofRoles.some((right) => names.has(right));
}

/** @throws SqlError 300 when the login may not see this side of the server's state */
export function requireServerState(context: CatalogContext, side: 'PERFORMANCE' | 'SECURITY'): void {
  const permission = `VIEW SERVER ${side} STATE`;
  if (mayOnServer(context, permission)) return;
  throw new SqlError(300, `${permission} permission was denied on object 'server', database 'master'.`, {
    severity: 14,
  });
}

/** @throws SqlError 262 when the user may not see the state of the database, from its own rights or the login's */
export function requireDatabaseState(context: CatalogContext): void {
  const permission = 'VIEW DATABASE PERFORMANCE STATE';
  if (['VIEW DATABASE STATE', permission].some((name) => mayUse(context, name, null))) return;
  if (mayOnServer(context, 'VIEW SERVER PERFORMANCE STATE')) return;
  throw new SqlError(262, `${permission} permission denied in database '${context.database.name}'.`, { severity: 14 });
}
