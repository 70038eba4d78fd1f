import { SqlError } from '../engine/errors.ts';
import type { CatalogContext } from './view-definition.ts';

/** Fixed roles and what they may see of the server. https://learn.microsoft.com/en-us/sql/relational-databases/security/authentication-access/server-level-roles */
const ROLE_RIGHTS: Readonly<Record<string, readonly string[]>> = {
  serveradmin: ['VIEW SERVER STATE'],
  securityadmin: ['ALTER ANY LOGIN'],
  processadmin: ['VIEW SERVER STATE'],
  dbcreator: ['ALTER ANY DATABASE'],
};

/** Whether the login holds a permission of the server's; a DENY beats a GRANT. */
export function mayOnServer({ login }: Pick<CatalogContext, 'login'>, permission: string): boolean {
  if (login.serverRoles.includes('sysadmin')) return true;
  const own = login.permissions.filter(
    (entry) => entry.permission === permission || entry.permission === 'CONTROL SERVER',
  );
  if (own.some(({ state }) => state === 'DENY')) return false;
  return own.length > 0 || login.serverRoles.some((role) => ROLE_RIGHTS[role]?.includes(permission));
}

/** @throws SqlError 300 when the login may not see the state of the server */
export function requireServerState(context: CatalogContext): void {
  if (mayOnServer(context, 'VIEW SERVER STATE')) return;
  throw new SqlError(300, "VIEW SERVER STATE permission was denied on object 'server', database 'master'.", {
    severity: 14,
  });
}
