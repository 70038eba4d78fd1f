import { makeDatabase } from '../commands/create-database.ts';
import { makeUser, privilegesOf } from '../commands/security.ts';
import { makeWarehouse } from '../commands/warehouse.ts';
import type { CatalogObject, Role } from './catalog-types.ts';
import type { Catalog } from './catalog.ts';
import { ACCOUNT_OBJECT } from './privileges.ts';

/** A user to make at the start; plain data. */
export interface SeedUser {
  name: string;
  password?: string;
  /** Six digits, asked for beside the password. */
  mfaPasscode?: string;
  /** SPKI PEM. */
  rsaPublicKey?: string;
  programmaticAccessTokens?: { token: string; role?: string }[];
  oauthTokens?: string[];
  /** Roles that do not exist are made. */
  roles: string[];
  defaultRole?: string;
  defaultWarehouse?: string | null;
  defaultNamespace?: string | null;
}

/** Who inherits whom. https://docs.snowflake.com/en/user-guide/security-access-control-overview#system-defined-roles */
const SYSTEM_ROLES: Record<string, string[]> = {
  PUBLIC: [],
  USERADMIN: [],
  SECURITYADMIN: ['USERADMIN'],
  SYSADMIN: [],
  ACCOUNTADMIN: ['SYSADMIN', 'SECURITYADMIN'],
};

const ACCOUNT_GRANTS: Record<string, string[]> = {
  ACCOUNTADMIN: privilegesOf('ACCOUNT'),
  SECURITYADMIN: ['MANAGE GRANTS'],
  SYSADMIN: ['CREATE DATABASE', 'CREATE WAREHOUSE'],
  USERADMIN: ['CREATE USER', 'CREATE ROLE'],
};

/**
 * Fills a new account: system roles, users and the roles that they name. With `withPractice` also MIGRATOR, which may do all
 * that a migration needs; READER, which may only look; warehouse PRACTICE_WH (suspended, resumes by itself); database PRACTICE.
 */
export function seedCatalog(catalog: Catalog, given: { users: SeedUser[]; now: Date; withPractice: boolean }): void {
  const { users, now } = given;
  for (const [name, inherits] of Object.entries(SYSTEM_ROLES)) addRole(catalog, { name, inherits, now });
  const account = ACCOUNT_OBJECT as unknown as CatalogObject;
  for (const [to, privileges] of Object.entries(ACCOUNT_GRANTS)) {
    for (const privilege of privileges) catalog.grant({ privilege, on: account, to, by: '' });
  }
  if (given.withPractice) seedPractice(catalog, now);
  for (const user of users) seedUser(catalog, user, now);
}

function addRole(catalog: Catalog, given: { name: string; inherits: string[]; now: Date }): void {
  const role: Role = {
    id: catalog.nextId(),
    domain: 'ROLE',
    name: given.name,
    owner: 'USERADMIN',
    comment: '',
    createdOn: given.now,
    grantedRoles: new Set(given.inherits),
  };
  catalog.addAccountObject(role);
}

function seedPractice(catalog: Catalog, now: Date): void {
  for (const name of ['MIGRATOR', 'READER']) {
    addRole(catalog, { name, inherits: [], now });
    catalog.role('SYSADMIN')?.grantedRoles.add(name);
  }
  const warehouse = makeWarehouse({ id: catalog.nextId(), name: 'PRACTICE_WH', owner: 'SYSADMIN', now });
  warehouse.state = 'SUSPENDED';
  catalog.addAccountObject(warehouse);
  const database = makeDatabase(catalog, { name: 'PRACTICE', owner: 'SYSADMIN', now });
  const schema = database.schemas.get('PUBLIC');
  for (const object of [database, schema, warehouse]) {
    if (!object) continue;
    for (const privilege of privilegesOf(object.domain))
      catalog.grant({ privilege, on: object, to: 'MIGRATOR', by: 'SYSADMIN' });
    catalog.grant({ privilege: 'USAGE', on: object, to: 'READER', by: 'SYSADMIN' });
  }
}

function seedUser(catalog: Catalog, given: SeedUser, now: Date): void {
  for (const role of given.roles) if (!catalog.role(role)) addRole(catalog, { name: role, inherits: [], now });
  const user = makeUser({ id: catalog.nextId(), name: given.name.toUpperCase(), owner: 'USERADMIN', now });
  user.password = given.password ?? null;
  user.mfaPasscode = given.mfaPasscode ?? null;
  user.rsaPublicKey = given.rsaPublicKey ?? null;
  user.programmaticAccessTokens = (given.programmaticAccessTokens ?? []).map((t) => ({
    token: t.token,
    role: t.role ?? null,
    expiresOn: null,
    disabled: false,
  }));
  user.oauthTokens = given.oauthTokens ?? [];
  user.roles = new Set(['PUBLIC', ...given.roles]);
  user.defaultRole = given.defaultRole ?? given.roles[0] ?? 'PUBLIC';
  user.defaultWarehouse = given.defaultWarehouse ?? null;
  user.defaultNamespace = given.defaultNamespace ?? null;
  catalog.addAccountObject(user);
}
