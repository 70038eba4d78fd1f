import type { Role, User } from './catalog/catalog-types.ts';
import type { Catalog } from './catalog/catalog.ts';
import { ACCOUNT_OBJECT } from './catalog/privileges.ts';
import { privilegesOf } from './commands/security.ts';

/** A user of the account; names are upper case unless they were created in quotes. */
export interface SnowflakeUser {
  name: string;
  password?: string;
  mfaPasscode?: string;
  /** PEM. */
  rsaPublicKey?: string;
  programmaticAccessTokens?: { token: string; role?: string; expiresOn?: Date }[];
  oauthTokens?: string[];
  roles: string[];
  defaultRole: string;
  defaultWarehouse?: string;
  disabled?: boolean;
}

/** System-defined roles, each with the ones that it inherits: https://docs.snowflake.com/en/user-guide/security-access-control-overview#system-defined-roles */
const SYSTEM_ROLES: [name: string, inherits: string[]][] = [
  ['PUBLIC', []],
  ['USERADMIN', ['PUBLIC']],
  ['SECURITYADMIN', ['USERADMIN']],
  ['SYSADMIN', ['PUBLIC']],
  ['ACCOUNTADMIN', ['SYSADMIN', 'SECURITYADMIN']],
];

/** Privileges on the account that the system-defined roles come with. */
const ACCOUNT_GRANTS: Record<string, string[]> = {
  USERADMIN: ['CREATE USER', 'CREATE ROLE'],
  SECURITYADMIN: ['MANAGE GRANTS'],
  SYSADMIN: ['CREATE DATABASE', 'CREATE WAREHOUSE'],
  ACCOUNTADMIN: privilegesOf('ACCOUNT'),
};

/** Roles and users of a new account. */
export function setUpAccount(catalog: Catalog, users: readonly SnowflakeUser[], now: Date): void {
  for (const [name, inherits] of SYSTEM_ROLES) addRole(catalog, name, inherits, now);
  const account = { ...ACCOUNT_OBJECT, name: 'ACCOUNT', owner: 'ACCOUNTADMIN', comment: '', createdOn: now };
  for (const [role, privileges] of Object.entries(ACCOUNT_GRANTS)) {
    for (const privilege of privileges) catalog.grant({ privilege, on: account, to: role, by: '' });
  }
  for (const user of users) {
    for (const role of user.roles) if (!catalog.role(role)) addRole(catalog, role, [], now);
    catalog.addAccountObject(toUser(catalog, user, now));
  }
}

function addRole(catalog: Catalog, name: string, inherits: string[], now: Date): void {
  const role: Role = {
    id: catalog.nextId(),
    domain: 'ROLE',
    name,
    owner: '',
    comment: '',
    createdOn: now,
    grantedRoles: new Set(inherits),
  };
  catalog.addAccountObject(role);
}

function toUser(catalog: Catalog, user: SnowflakeUser, now: Date): User {
  return {
    id: catalog.nextId(),
    domain: 'USER',
    name: user.name,
    owner: 'USERADMIN',
    comment: '',
    createdOn: now,
    loginName: user.name,
    password: user.password ?? null,
    mfaPasscode: user.mfaPasscode ?? null,
    rsaPublicKey: user.rsaPublicKey ?? null,
    rsaPublicKey2: null,
    programmaticAccessTokens: (user.programmaticAccessTokens ?? []).map(({ token, role, expiresOn }) => ({
      token,
      role: role ?? null,
      expiresOn: expiresOn ?? null,
      disabled: false,
    })),
    oauthTokens: user.oauthTokens ?? [],
    roles: new Set(user.roles),
    defaultRole: user.defaultRole,
    defaultWarehouse: user.defaultWarehouse ?? null,
    defaultNamespace: null,
    disabled: user.disabled ?? false,
  };
}
