import type { SqlValue } from '../engine-contract.ts';
import { splitName } from '../sql/split-name.ts';
import { mayOnServer } from '../catalog/server-permissions.ts';
import { define, type Definition, type Place } from './environment-definition.ts';
import type { DatabaseMetadata } from './metadata.ts';
import { isOwner, mayUse, rolesOf } from './permissions.ts';
import { findTable } from './object-index.ts';
import { findDatabase, findSchema, findView, principalOf, sameIn } from './resolve-object.ts';
import { INT, nvarchar, varbinary } from './sql-types.ts';

/** https://learn.microsoft.com/en-us/sql/t-sql/functions/security-functions-transact-sql */
export function securityFunctions(place: Place, name: string): Definition | undefined {
  const { server, session } = place;
  const sysname = nvarchar(128, server.metadata.collation);
  const user = (): string | null => principalOf(session.database, session.login)?.name ?? null;
  switch (name) {
    case 'ORIGINAL_LOGIN':
    case 'SYSTEM_USER':
      return define([], sysname, () => session.login.name);
    case 'SUSER_SNAME':
      return define(
        [varbinary(85)],
        sysname,
        ([sid]) =>
          sid === undefined
            ? session.login.name
            : (server.metadata.logins.find((login) => Buffer.compare(login.sid, sid as Uint8Array) === 0)?.name ??
              null),
        { required: 0 },
      );
    case 'SUSER_NAME':
      return define(
        [INT],
        sysname,
        ([id]) =>
          id === undefined
            ? session.login.name
            : (server.metadata.logins.find((login) => login.id === id)?.name ?? null),
        { required: 0 },
      );
    case 'SUSER_ID':
      return define(
        [sysname],
        INT,
        ([wanted]) =>
          wanted === undefined
            ? session.login.id
            : (server.metadata.logins.find((login) => login.name.toLowerCase() === (wanted as string).toLowerCase())
                ?.id ?? null),
        { required: 0 },
      );
    case 'SUSER_SID':
      return define(
        [sysname],
        varbinary(85),
        ([wanted]) =>
          wanted === undefined
            ? session.login.sid
            : (server.metadata.logins.find((login) => login.name.toLowerCase() === (wanted as string).toLowerCase())
                ?.sid ?? null),
        { required: 0 },
      );
    case 'USER':
    case 'CURRENT_USER':
    case 'SESSION_USER':
      return define([], sysname, user);
    case 'USER_NAME':
      return define(
        [INT],
        sysname,
        ([id]) =>
          id === undefined ? user() : (session.database.principals.find((one) => one.id === id)?.name ?? null),
        { required: 0 },
      );
    case 'USER_ID':
    case 'DATABASE_PRINCIPAL_ID':
      return define(
        [sysname],
        INT,
        ([wanted]) => {
          const named = (wanted as string | undefined) ?? user() ?? '';
          return (
            session.database.principals.find((one) => sameIn(session.database.collation, one.name, named))?.id ?? null
          );
        },
        { required: 0 },
      );
    case 'IS_MEMBER':
    case 'IS_ROLEMEMBER':
      return define(
        name === 'IS_MEMBER' ? [sysname] : [sysname, sysname],
        INT,
        ([role]) => isMember(place, role as string),
        { required: 1 },
      );
    case 'IS_SRVROLEMEMBER':
      return define(
        [sysname, sysname],
        INT,
        ([role]) =>
          role === 'public' || session.login.serverRoles.some((one) => one === (role as string).toLowerCase()) ? 1 : 0,
        { required: 1 },
      );
    case 'HAS_PERMS_BY_NAME':
      return define(
        [nvarchar(1035, sysname.collation), sysname, sysname, nvarchar(1035, sysname.collation), sysname],
        INT,
        (args) => hasPermission(place, args),
        { required: 3, takesNull: true },
      );
    default:
      return undefined;
  }
}

function isMember({ session }: Place, role: string): number | null {
  const { database, login } = session;
  const principal = principalOf(database, login);
  const found = database.principals.find(
    (one) => one.kind === 'DATABASE_ROLE' && sameIn(database.collation, one.name, role),
  );
  if (found === undefined || principal === null) return null;
  if (found.name === 'public') return 1;
  if (isOwner(database, principal, login) && found.name === 'db_owner') return 1;
  return rolesOf(database, principal).some((one) => one.id === found.id) ? 1 : 0;
}

/** NULL when the securable does not exist, or its class is not known. https://learn.microsoft.com/en-us/sql/t-sql/functions/has-perms-by-name-transact-sql */
function hasPermission(place: Place, [securable, kind, wanted, sub, subClass]: SqlValue[]): number | null {
  const { server, session } = place;
  const permission = ((wanted as string | null) ?? '').toUpperCase();
  const bit = (held: boolean): number => (held ? 1 : 0);
  if (kind === null || (kind as string).toUpperCase() === 'SERVER')
    return bit(mayOnServer({ login: session.login }, permission));
  const class_ = (kind as string).toUpperCase();
  const parts = splitName((securable as string | null) ?? '') ?? [];
  if (class_ === 'DATABASE') {
    const database = parts.length === 0 ? session.database : findDatabase(server, parts.at(-1) ?? '');
    return database === undefined ? null : bit(may(place, database, permission, null));
  }
  if (class_ === 'SCHEMA') {
    const schema = findSchema(session.database, parts.at(-1) ?? '');
    return schema === undefined
      ? null
      : bit(may(place, session.database, permission, { schemaId: schema.id, objectId: -1 }));
  }
  if (class_ !== 'OBJECT') return null;
  const databaseNamed = parts.at(-3) ?? null;
  const database = databaseNamed === null ? session.database : findDatabase(server, databaseNamed);
  const schema = database === undefined ? undefined : findSchema(database, parts.at(-2) ?? 'dbo');
  if (database === undefined || schema === undefined) return null;
  const name = parts.at(-1) ?? '';
  const object = findTable(database, schema.id, name) ?? findView(database, schema.id, name);
  if (object === undefined) return ['sys', 'INFORMATION_SCHEMA'].includes(schema.name) ? 1 : null;
  const whole = { schemaId: schema.id, objectId: object.objectId };
  if (typeof sub === 'string' && typeof subClass === 'string' && subClass.toUpperCase() === 'COLUMN') {
    const named = splitName(sub);
    const columnName = named?.length === 1 ? (named[0] ?? sub) : sub;
    const column = object.columns.find((one) => sameIn(database.collation, one.name, columnName));
    return column === undefined ? null : bit(may(place, database, permission, { ...whole, columnId: column.id }));
  }
  return bit(may(place, database, permission, whole));
}

function may(
  { session }: Place,
  database: DatabaseMetadata,
  permission: string,
  securable: { schemaId: number; objectId: number; columnId?: number } | null,
): boolean {
  const principal = principalOf(database, session.login);
  if (principal === null) return false;
  const who = { database, principal, login: session.login };
  if (permission !== 'ANY') return mayUse(who, permission, securable);
  return ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CONNECT'].some((one) => mayUse(who, one, securable));
}
