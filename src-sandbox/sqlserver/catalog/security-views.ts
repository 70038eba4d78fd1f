import type { DatabasePermission, DatabasePrincipal, LoginMetadata } from '../engine/metadata.ts';
import { isOwner, mayUse, rolesOf } from '../engine/permissions.ts';
import { mayOnServer } from './server-permissions.ts';
import {
  BIT,
  type CatalogContext,
  type CatalogView,
  DATETIME,
  defineView,
  DESCRIPTION,
  fixedChar,
  fixedNvarchar,
  INT,
  nullable,
  SERVER_NAME,
  SYSNAME,
  TINYINT,
  toDatetime,
  varbinaryOf,
} from './view-definition.ts';

/** principal_id of the fixed server roles. https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-server-principals-transact-sql */
const SERVER_ROLES = [
  ['public', 2],
  ['sysadmin', 3],
  ['securityadmin', 4],
  ['serveradmin', 5],
  ['setupadmin', 6],
  ['processadmin', 7],
  ['diskadmin', 8],
  ['dbcreator', 9],
  ['bulkadmin', 10],
] as const;

/** A login sees itself, sa and the fixed roles; others only with a right over them. */
function visibleLogins(context: CatalogContext): LoginMetadata[] {
  const seesAll = mayOnServer(context, 'ALTER ANY LOGIN') || mayOnServer(context, 'VIEW ANY DEFINITION');
  return context.server.logins.filter(({ id }) => seesAll || id === 1 || id === context.login.id);
}

const serverPrincipals = defineView({
  name: 'server_principals',
  columns: {
    name: SERVER_NAME,
    principal_id: INT,
    sid: varbinaryOf(85),
    type: fixedChar(1),
    type_desc: DESCRIPTION,
    is_disabled: nullable(BIT),
    create_date: DATETIME,
    modify_date: DATETIME,
    default_database_name: nullable(SERVER_NAME),
    default_language_name: nullable(SERVER_NAME),
    credential_id: nullable(INT),
    owning_principal_id: nullable(INT),
    is_fixed_role: BIT,
  },
  rows: (context) => [
    ...visibleLogins(context).map((login) => ({
      name: login.name,
      principal_id: login.id,
      sid: login.sid,
      type: 'S',
      type_desc: 'SQL_LOGIN',
      is_disabled: login.isDisabled,
      create_date: toDatetime(login.createdOn),
      modify_date: toDatetime(login.createdOn),
      default_database_name: login.defaultDatabase,
      default_language_name: 'us_english',
      credential_id: null,
      owning_principal_id: null,
      is_fixed_role: false,
    })),
    ...SERVER_ROLES.map(([name, id]) => ({
      name,
      principal_id: id,
      sid: Uint8Array.of(id),
      type: 'R',
      type_desc: 'SERVER_ROLE',
      is_disabled: false,
      create_date: toDatetime(context.server.startedOn),
      modify_date: toDatetime(context.server.startedOn),
      default_database_name: null,
      default_language_name: null,
      credential_id: null,
      owning_principal_id: 1,
      // public is not one of the fixed roles, as its permissions can be changed.
      is_fixed_role: name !== 'public',
    })),
  ],
});

const serverRoleMembers = defineView({
  name: 'server_role_members',
  columns: { role_principal_id: INT, member_principal_id: INT },
  rows: (context) =>
    visibleLogins(context).flatMap(({ id, serverRoles }) =>
      SERVER_ROLES.filter(([name]) => name !== 'public' && serverRoles.includes(name)).map(([, roleId]) => ({
        role_principal_id: roleId,
        member_principal_id: id,
      })),
    ),
});

/** A user sees itself, its roles, the fixed roles and the system's users. https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-database-principals-transact-sql */
function visiblePrincipals(context: CatalogContext): DatabasePrincipal[] {
  const { database, principal, login } = context;
  if (isOwner(database, principal, login) || mayUse(context, 'VIEW DEFINITION', null)) return database.principals;
  const own = new Set([principal.id, ...rolesOf(database, principal).map(({ id }) => id)]);
  return database.principals.filter(({ id, isFixedRole }) => id <= 4 || isFixedRole || own.has(id));
}

const databasePrincipals = defineView({
  name: 'database_principals',
  columns: {
    name: SYSNAME,
    principal_id: INT,
    type: fixedChar(1),
    type_desc: DESCRIPTION,
    default_schema_name: nullable(SYSNAME),
    create_date: DATETIME,
    modify_date: DATETIME,
    owning_principal_id: nullable(INT),
    sid: varbinaryOf(85),
    is_fixed_role: BIT,
    authentication_type: INT,
    authentication_type_desc: DESCRIPTION,
    default_language_name: nullable(SYSNAME),
    default_language_lcid: nullable(INT),
    allow_encrypted_value_modifications: BIT,
  },
  rows: (context) => visiblePrincipals(context).map((principal) => principalRow(context, principal)),
});

function principalRow({ database, server }: CatalogContext, principal: DatabasePrincipal) {
  const isRole = principal.kind === 'DATABASE_ROLE';
  const login = server.logins.find(({ name }) => name.toLowerCase() === principal.loginName?.toLowerCase());
  const isInstance = !isRole && (login !== undefined || principal.id === 1);
  return {
    name: principal.name,
    principal_id: principal.id,
    type: isRole ? 'R' : 'S',
    type_desc: isRole ? 'DATABASE_ROLE' : 'SQL_USER',
    default_schema_name: isRole || principal.id === 3 || principal.id === 4 ? null : principal.defaultSchema,
    create_date: toDatetime(database.createdOn),
    modify_date: toDatetime(database.createdOn),
    owning_principal_id: isRole ? 1 : null,
    sid:
      isRole || principal.id === 3 || principal.id === 4
        ? null
        : (login?.sid ?? Uint8Array.of(principal.id === 1 ? 1 : 0)),
    is_fixed_role: principal.isFixedRole,
    authentication_type: isInstance ? 1 : 0,
    authentication_type_desc: isInstance ? 'INSTANCE' : 'NONE',
    default_language_name: null,
    default_language_lcid: null,
    allow_encrypted_value_modifications: false,
  };
}

const databaseRoleMembers = defineView({
  name: 'database_role_members',
  columns: { role_principal_id: INT, member_principal_id: INT },
  rows: (context) =>
    visiblePrincipals(context).flatMap(({ id, memberOf }) =>
      memberOf.map((roleId) => ({ role_principal_id: roleId, member_principal_id: id })),
    ),
});

/** https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-database-permissions-transact-sql */
const PERMISSION_CODES: Readonly<Record<string, string>> = {
  ALTER: 'AL  ',
  'ALTER ANY USER': 'ALUS',
  CONNECT: 'CO  ',
  CONTROL: 'CL  ',
  'CREATE SCHEMA': 'CRSM',
  'CREATE TABLE': 'CRTB',
  'CREATE TYPE': 'CRTY',
  'CREATE VIEW': 'CRVW',
  DELETE: 'DL  ',
  EXECUTE: 'EX  ',
  INSERT: 'IN  ',
  REFERENCES: 'RF  ',
  SELECT: 'SL  ',
  SHOWPLAN: 'SPLN',
  'TAKE OWNERSHIP': 'TO  ',
  UNMASK: 'UMSK',
  UPDATE: 'UP  ',
  'VIEW DATABASE STATE': 'VWDS',
  'VIEW DEFINITION': 'VW  ',
};

const STATES = {
  GRANT: ['G', 'GRANT'],
  DENY: ['D', 'DENY'],
  GRANT_WITH_GRANT_OPTION: ['W', 'GRANT_WITH_GRANT_OPTION'],
} as const;

const databasePermissions = defineView({
  name: 'database_permissions',
  columns: {
    class: TINYINT,
    class_desc: DESCRIPTION,
    major_id: INT,
    minor_id: INT,
    grantee_principal_id: INT,
    grantor_principal_id: INT,
    type: fixedChar(4),
    permission_name: fixedNvarchar(128),
    state: fixedChar(1),
    state_desc: DESCRIPTION,
  },
  rows: (context) => {
    const seen = new Set(visiblePrincipals(context).map(({ id }) => id));
    return context.database.permissions.filter(({ granteeId }) => seen.has(granteeId)).map(permissionRow);
  },
});

function permissionRow({ granteeId, permission, state, on }: DatabasePermission) {
  const [stateCode, stateText] = STATES[state];
  return {
    ...securableFacts(on),
    grantee_principal_id: granteeId,
    grantor_principal_id: 1,
    type: PERMISSION_CODES[permission] ?? null,
    permission_name: permission,
    state: stateCode,
    state_desc: stateText,
  };
}

function securableFacts(on: DatabasePermission['on']) {
  switch (on.kind) {
    case 'DATABASE':
      return { class: 0, class_desc: 'DATABASE', major_id: 0, minor_id: 0 };
    case 'OBJECT':
      return { class: 1, class_desc: 'OBJECT_OR_COLUMN', major_id: on.objectId, minor_id: on.columnId };
    case 'SCHEMA':
      return { class: 3, class_desc: 'SCHEMA', major_id: on.schemaId, minor_id: 0 };
  }
}

export const securityViews: readonly CatalogView[] = [
  serverPrincipals,
  serverRoleMembers,
  databasePrincipals,
  databaseRoleMembers,
  databasePermissions,
];
