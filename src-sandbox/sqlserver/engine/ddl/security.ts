import { createHash } from 'node:crypto';
import type { SecurityStatement } from '../../sql/ast-ddl.ts';
import type { Statement } from '../../sql/ast-statement.ts';
import { mayOnServer } from '../../catalog/server-permissions.ts';
import { errors, SqlError } from '../errors.ts';
import type { DatabaseMetadata, DatabasePermission, DatabasePrincipal } from '../metadata.ts';
import { findSchema, sameIn } from '../resolve-object.ts';
import type { StatementContext } from '../statement-context.ts';

/** Logins, users, roles and permissions. What is not known is refused. */
export function runSecurity(context: StatementContext, statement: Statement): void {
  const { database } = context.session;
  switch (statement.kind) {
    case 'create-login':
      return createLogin(context, statement);
    case 'create-user':
      return createUser(context, statement);
    case 'drop-user':
    case 'drop-role':
      context.requirePermission(database, 'ALTER');
      return dropPrincipal(context, statement.name.name, statement.ifExists);
    case 'create-role':
      context.requirePermission(database, 'ALTER');
      return addPrincipal(context, {
        name: statement.name.name,
        kind: 'DATABASE_ROLE',
        loginName: null,
        defaultSchema: '',
      });
    case 'alter-role':
      return alterRole(context, statement);
    case 'grant':
    case 'deny':
    case 'revoke':
      return changePermissions(context, statement);
    default:
      throw errors.unsupported(`the statement ${statement.kind.toUpperCase().replaceAll('-', ' ')}`);
  }
}

type Of<K extends SecurityStatement['kind']> = Extract<SecurityStatement, { kind: K }>;

function createLogin(context: StatementContext, statement: Of<'create-login' | 'alter-login'>): void {
  const { server, session } = context;
  if (!mayOnServer({ login: session.login }, 'ALTER ANY LOGIN')) {
    throw new SqlError(15_247, 'User does not have permission to perform this action.');
  }
  if (statement.password === null) throw errors.unsupported('logins without a password');
  const { logins } = server.metadata;
  const name = statement.name.name;
  if (logins.some((login) => login.name.toLowerCase() === name.toLowerCase())) {
    throw new SqlError(15_025, `The server principal '${name}' already exists.`);
  }
  const login = {
    id: 260 + logins.length,
    name,
    sid: new Uint8Array(createHash('md5').update(name.toLowerCase()).digest()),
    password: statement.password,
    defaultDatabase: statement.options.find((option) => option.name === 'DEFAULT_DATABASE')?.value ?? 'master',
    isDisabled: false,
    serverRoles: [],
    permissions: [],
    createdOn: new Date(),
  };
  logins.push(login);
  context.onRollback(() => logins.splice(logins.indexOf(login), 1));
}

function createUser(context: StatementContext, statement: Of<'create-user' | 'alter-user'>): void {
  const { server, session } = context;
  context.requirePermission(session.database, 'ALTER');
  const loginName = statement.withoutLogin ? null : (statement.login?.name ?? statement.name.name);
  if (
    loginName !== null &&
    !server.metadata.logins.some((login) => login.name.toLowerCase() === loginName.toLowerCase())
  ) {
    throw new SqlError(15_007, `'${loginName}' is not a valid login or you do not have permission.`);
  }
  const defaultSchema = statement.options.find((option) => option.name === 'DEFAULT_SCHEMA')?.value ?? 'dbo';
  addPrincipal(context, { name: statement.name.name, kind: 'SQL_USER', loginName, defaultSchema });
}

function addPrincipal(
  context: StatementContext,
  of: Pick<DatabasePrincipal, 'name' | 'kind' | 'loginName' | 'defaultSchema'>,
): void {
  const { database } = context.session;
  if (findPrincipal(database, of.name) !== undefined) {
    throw new SqlError(15_023, `User, group, or role '${of.name}' already exists in the current database.`);
  }
  const id = Math.max(4, ...database.principals.filter((one) => one.id < 16_384).map((one) => one.id)) + 1;
  const before = database.principals;
  database.principals = [...before, { ...of, id, isFixedRole: false, memberOf: [] }];
  context.onRollback(() => {
    database.principals = before;
  });
}

const findPrincipal = (database: DatabaseMetadata, name: string): DatabasePrincipal | undefined =>
  database.principals.find((one) => sameIn(database.collation, one.name, name));

function requirePrincipal(database: DatabaseMetadata, name: string): DatabasePrincipal {
  const found = findPrincipal(database, name);
  if (found !== undefined) return found;
  throw new SqlError(
    15_151,
    `Cannot find the user '${name}', because it does not exist or you do not have permission.`,
  );
}

function dropPrincipal(context: StatementContext, name: string, ifExists: boolean): void {
  const { database } = context.session;
  const found = findPrincipal(database, name);
  if (found === undefined) {
    if (ifExists) return;
    throw new SqlError(
      15_151,
      `Cannot drop the user '${name}', because it does not exist or you do not have permission.`,
    );
  }
  const { principals, permissions } = database;
  database.principals = principals.filter((one) => one !== found);
  database.permissions = permissions.filter((one) => one.granteeId !== found.id);
  context.onRollback(() => Object.assign(database, { principals, permissions }));
}

function alterRole(context: StatementContext, statement: Of<'alter-role'>): void {
  const { server, session } = context;
  if (statement.server) {
    const login = server.metadata.logins.find((one) => one.name.toLowerCase() === statement.member.name.toLowerCase());
    if (login === undefined || !session.login.serverRoles.includes('sysadmin')) {
      throw new SqlError(
        15_151,
        `Cannot alter the server role '${statement.role.name}', because it does not exist or you do not have permission.`,
      );
    }
    const role = statement.role.name.toLowerCase() as (typeof login.serverRoles)[number];
    const before = login.serverRoles;
    login.serverRoles = statement.action === 'ADD' ? [...before, role] : before.filter((one) => one !== role);
    context.onRollback(() => {
      login.serverRoles = before;
    });
    return;
  }
  const { database } = session;
  context.requirePermission(database, 'ALTER');
  const role = requirePrincipal(database, statement.role.name);
  const member = requirePrincipal(database, statement.member.name);
  const before = member.memberOf;
  member.memberOf =
    statement.action === 'ADD' ? [...new Set([...before, role.id])] : before.filter((id) => id !== role.id);
  context.onRollback(() => {
    member.memberOf = before;
  });
}

function changePermissions(context: StatementContext, statement: Of<'grant' | 'deny' | 'revoke'>): void {
  const { database } = context.session;
  if (statement.on?.class === 'SERVER' || serverPermission(statement))
    return changeServerPermissions(context, statement);
  context.requirePermission(database, 'CONTROL');
  const before = database.permissions;
  let permissions = [...before];
  for (const principal of statement.principals) {
    const grantee = requirePrincipal(database, principal.name);
    for (const { name, columns } of statement.permissions) {
      const names = name === 'ALL' ? ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'REFERENCES'] : [name];
      for (const permission of names) {
        for (const on of securables(
          context,
          database,
          statement,
          columns.map((column) => column.name),
        )) {
          permissions = permissions.filter(
            (one) =>
              !(
                one.granteeId === grantee.id &&
                one.permission === permission &&
                JSON.stringify(one.on) === JSON.stringify(on)
              ),
          );
          if (statement.kind === 'revoke') continue;
          const state =
            statement.kind === 'deny' ? 'DENY' : statement.withGrantOption ? 'GRANT_WITH_GRANT_OPTION' : 'GRANT';
          permissions.push({ granteeId: grantee.id, permission, state, on });
        }
      }
    }
  }
  database.permissions = permissions;
  context.onRollback(() => {
    database.permissions = before;
  });
}

const serverPermission = (statement: Of<'grant' | 'deny' | 'revoke'>): boolean =>
  statement.on === null &&
  statement.permissions.some(({ name }) =>
    /SERVER|ANY (DATABASE|LOGIN)|CONNECT SQL|ANY DEFINITION$/.test(name) && name !== 'VIEW ANY DEFINITION'
      ? true
      : name === 'VIEW ANY DEFINITION',
  );

function changeServerPermissions(context: StatementContext, statement: Of<'grant' | 'deny' | 'revoke'>): void {
  const { server, session } = context;
  if (!session.login.serverRoles.includes('sysadmin'))
    throw new SqlError(4613, 'Grantor does not have GRANT permission.');
  for (const { name } of statement.principals) {
    const login = server.metadata.logins.find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (login === undefined)
      throw new SqlError(
        15_151,
        `Cannot find the login '${name}', because it does not exist or you do not have permission.`,
      );
    const before = login.permissions;
    const names = statement.permissions.map((permission) => permission.name);
    login.permissions = before.filter((one) => !names.includes(one.permission));
    if (statement.kind !== 'revoke') {
      login.permissions.push(
        ...names.map((permission) => ({
          permission,
          state: statement.kind === 'deny' ? ('DENY' as const) : ('GRANT' as const),
        })),
      );
    }
    context.onRollback(() => {
      login.permissions = before;
    });
  }
}

function securables(
  context: StatementContext,
  database: DatabaseMetadata,
  statement: Of<'grant' | 'deny' | 'revoke'>,
  columns: string[],
): DatabasePermission['on'][] {
  const { on } = statement;
  if (on === null || on.class === 'DATABASE') return [{ kind: 'DATABASE' }];
  if (on.class === 'SCHEMA') {
    const schema = findSchema(database, on.name.name);
    if (schema === undefined)
      throw new SqlError(
        15_151,
        `Cannot find the schema '${on.name.name}', because it does not exist or you do not have permission.`,
      );
    return [{ kind: 'SCHEMA', schemaId: schema.id }];
  }
  if (on.class !== 'OBJECT') throw errors.unsupported(`permissions on a ${on.class}`);
  const object = context.environment().resolveObject(on.name);
  if (object.kind === 'virtual') throw errors.unsupported('permissions on system views');
  const objectId = object.kind === 'table' ? object.table.objectId : object.objectId;
  const known = object.kind === 'table' ? object.table.columns : object.columns;
  const names = columns.length > 0 ? columns : on.columns.map((column) => column.name);
  if (names.length === 0) return [{ kind: 'OBJECT', objectId, columnId: 0 }];
  return names.map((name) => {
    const column = known.find((one) => sameIn(database.collation, one.name, name));
    if (column === undefined) throw errors.unknownColumn(name);
    return { kind: 'OBJECT', objectId, columnId: column.id };
  });
}
