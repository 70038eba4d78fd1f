import type { CatalogObject, Domain, Role, SchemaDomain, User } from '../catalog/catalog-types.ts';
import { ACCOUNT_OBJECT, hasPrivilege } from '../catalog/privileges.ts';
import type { CoreContext } from '../engine/statement-context.ts';
import { errors, SnowflakeError } from '../errors.ts';
import type { TokenReader } from '../sql/token-reader.ts';
import { coreHandler } from './core.ts';
import { EXECUTED, statusResult } from './results.ts';

/** What ALL PRIVILEGES means, by kind of object. https://docs.snowflake.com/en/user-guide/security-access-control-privileges */
const ALL_PRIVILEGES: Record<string, string[]> = {
  DATABASE: ['USAGE', 'MODIFY', 'MONITOR', 'CREATE SCHEMA'],
  SCHEMA: ['USAGE', 'MODIFY', 'MONITOR', 'CREATE TABLE', 'CREATE VIEW', 'CREATE STAGE', 'CREATE FILE FORMAT', 'CREATE SEQUENCE', 'CREATE PIPE', 'CREATE STREAM', 'CREATE TASK', 'CREATE FUNCTION', 'CREATE PROCEDURE'],
  TABLE: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES'],
  VIEW: ['SELECT', 'REFERENCES'],
  STAGE: ['USAGE', 'READ', 'WRITE'],
  'FILE FORMAT': ['USAGE'],
  SEQUENCE: ['USAGE'],
  WAREHOUSE: ['USAGE', 'OPERATE', 'MODIFY', 'MONITOR'],
  INTEGRATION: ['USAGE'],
  ACCOUNT: ['CREATE DATABASE', 'CREATE WAREHOUSE', 'CREATE ROLE', 'CREATE USER', 'CREATE INTEGRATION', 'MANAGE GRANTS', 'MONITOR USAGE'],
};

export function privilegesOf(domain: string): string[] {
  return ALL_PRIVILEGES[domain] ?? [];
}

type Target = { id: number; domain: Domain; name: string; owner: string };

const PLURALS: Record<string, SchemaDomain> = { TABLES: 'TABLE', VIEWS: 'VIEW', STAGES: 'STAGE', SEQUENCES: 'SEQUENCE' };

function parsePrivileges(reader: TokenReader): string[] | 'ALL' {
  if (reader.acceptWords('ALL')) {
    reader.acceptWords('PRIVILEGES');
    return 'ALL';
  }
  const list: string[] = [];
  do {
    const words: string[] = [];
    while (!reader.isWords('ON') && !reader.isOperator(',')) {
      const token = reader.next();
      if (token.kind !== 'word') throw reader.unexpected(token);
      words.push(token.value);
    }
    list.push(words.join(' '));
  } while (reader.acceptOperator(','));
  return list;
}

function parseTargets(context: CoreContext, reader: TokenReader): Target[] {
  if (reader.acceptWords('ACCOUNT')) return [{ ...ACCOUNT_OBJECT, name: context.services.account.toUpperCase(), owner: 'ACCOUNTADMIN' }];
  if (reader.isWords('FUTURE')) throw errors.notInPractice('grants on FUTURE objects');
  if (reader.acceptWords('ALL')) {
    const domain = PLURALS[reader.next().value];
    if (!domain) throw reader.unexpected();
    reader.expectWords('IN');
    if (reader.acceptWords('DATABASE')) {
      const database = context.catalog.findDatabase(reader.identifier().name);
      return [...(database?.schemas.values() ?? [])].flatMap((s) => context.catalog.list(s, domain));
    }
    reader.expectWords('SCHEMA');
    return context.catalog.list(context.resolveSchema(reader.objectName()), domain);
  }
  let noun = reader.next().value;
  if (noun === 'FILE') {
    reader.expectWords('FORMAT');
    noun = 'FILE FORMAT';
  }
  if (noun === 'STORAGE') {
    reader.expectWords('INTEGRATION');
    noun = 'INTEGRATION';
  }
  if (noun === 'DATABASE') {
    const { name } = reader.identifier();
    const database = context.catalog.findDatabase(name);
    if (!database) throw errors.doesNotExist('Database', name);
    return [database];
  }
  if (noun === 'SCHEMA') return [context.resolveSchema(reader.objectName())];
  if (noun === 'WAREHOUSE' || noun === 'INTEGRATION' || noun === 'USER' || noun === 'ROLE') {
    const { name } = reader.identifier();
    const found = context.catalog.findAccountObject(noun, name);
    if (!found) throw errors.doesNotExist(noun[0] + noun.slice(1).toLowerCase(), name);
    return [found];
  }
  return [context.require<CatalogObject & never>(noun as SchemaDomain, reader.objectName()) as unknown as Target];
}

function mayGrant(context: CoreContext, target: Target): boolean {
  const { session, catalog } = context;
  return hasPrivilege(catalog, session.role, 'OWNERSHIP', target) || hasPrivilege(catalog, session.role, 'MANAGE GRANTS', ACCOUNT_OBJECT);
}

function requireRole(context: CoreContext, name: string): Role {
  const role = context.catalog.role(name);
  if (!role) throw errors.doesNotExist('Role', name);
  return role;
}

/** https://docs.snowflake.com/en/sql-reference/sql/grant-privilege and grant-role */
const grantHandler = coreHandler(
  'GRANT',
  (reader) => reader.isWords('GRANT'),
  async (context, reader) => {
    reader.expectWords('GRANT');
    await context.commitBeforeDdl();
    if (reader.acceptWords('ROLE')) return changeRole(context, reader, 'grant');
    const privileges = parsePrivileges(reader);
    reader.expectWords('ON');
    const targets = parseTargets(context, reader);
    reader.expectWords('TO');
    reader.acceptWords('ROLE');
    const role = requireRole(context, reader.identifier().name);
    const grantOption = reader.acceptWords('WITH', 'GRANT', 'OPTION');
    if (!reader.acceptWords('COPY', 'CURRENT', 'GRANTS')) reader.acceptWords('REVOKE', 'CURRENT', 'GRANTS');
    reader.expectEnd();
    for (const target of targets) {
      if (!mayGrant(context, target)) throw errors.insufficientPrivileges(target.domain.toLowerCase(), target.name);
      for (const privilege of privileges === 'ALL' ? privilegesOf(target.domain) : privileges) {
        if (privilege === 'OWNERSHIP') target.owner = role.name;
        else if (!privilegesOf(target.domain).includes(privilege) && !(target.domain === 'DATABASE' && privilege === 'IMPORTED PRIVILEGES')) {
          throw new SnowflakeError('003008', '42501', `SQL access control error:\nInvalid object type '${target.domain}' for privilege '${privilege}'`);
        } else context.catalog.grant({ privilege, on: target as unknown as CatalogObject, to: role.name, by: context.session.role, grantOption });
      }
    }
    return statusResult(EXECUTED);
  },
);

const revokeHandler = coreHandler(
  'REVOKE',
  (reader) => reader.isWords('REVOKE'),
  async (context, reader) => {
    reader.expectWords('REVOKE');
    await context.commitBeforeDdl();
    if (reader.acceptWords('ROLE')) return changeRole(context, reader, 'revoke');
    const privileges = parsePrivileges(reader);
    reader.expectWords('ON');
    const targets = parseTargets(context, reader);
    reader.expectWords('FROM');
    reader.acceptWords('ROLE');
    const role = requireRole(context, reader.identifier().name);
    if (!reader.acceptWords('CASCADE')) reader.acceptWords('RESTRICT');
    reader.expectEnd();
    for (const target of targets) {
      if (!mayGrant(context, target)) throw errors.insufficientPrivileges(target.domain.toLowerCase(), target.name);
      for (const privilege of privileges === 'ALL' ? ['ALL'] : privileges) context.catalog.revoke(privilege, target, role.name);
    }
    return statusResult(EXECUTED);
  },
);

function changeRole(context: CoreContext, reader: TokenReader, change: 'grant' | 'revoke'): ReturnType<typeof statusResult> {
  const role = requireRole(context, reader.identifier().name);
  reader.expectWords(change === 'grant' ? 'TO' : 'FROM');
  const noun = reader.next().value;
  const { name } = reader.identifier();
  reader.expectEnd();
  if (!mayGrant(context, role)) throw errors.insufficientPrivileges('role', role.name);
  const set = noun === 'USER' ? (context.requireAccountObject<User>('USER', name)).roles : requireRole(context, name).grantedRoles;
  if (change === 'grant') {
    if (noun === 'ROLE' && context.catalog.rolesOf(role.name).has(name)) {
      throw new SnowflakeError('003016', '42501', `SQL compilation error:\nGranting role '${role.name}' to role '${name}' would create a cycle.`);
    }
    set.add(role.name);
  } else set.delete(role.name);
  return statusResult(EXECUTED);
}

const createRoleHandler = coreHandler(
  'CREATE ROLE',
  (reader) => reader.isWords('CREATE', 'ROLE') || reader.isWords('CREATE', 'OR', 'REPLACE', 'ROLE'),
  async (context, reader) => {
    const { catalog, session } = context;
    reader.expectWords('CREATE');
    reader.acceptWords('OR', 'REPLACE');
    reader.expectWords('ROLE');
    const ifNotExists = reader.acceptWords('IF', 'NOT', 'EXISTS');
    const { name } = reader.identifier();
    const comment = reader.acceptWords('COMMENT') && reader.acceptOperator('=') ? reader.string() : '';
    reader.expectEnd();
    if (!hasPrivilege(catalog, session.role, 'CREATE ROLE', ACCOUNT_OBJECT)) throw errors.insufficientPrivileges('account', context.services.account.toUpperCase());
    if (catalog.role(name)) {
      if (ifNotExists) return Promise.resolve(statusResult(`${name} already exists, statement succeeded.`));
      throw errors.alreadyExists(name);
    }
    await context.commitBeforeDdl();
    const role: Role = { id: catalog.nextId(), domain: 'ROLE', name, owner: session.role, comment, createdOn: context.services.now(), grantedRoles: new Set() };
    catalog.addAccountObject(role);
    return statusResult(`Role ${name} successfully created.`);
  },
);

/** ALTER USER u SET RSA_PUBLIC_KEY, DEFAULT_ROLE, DEFAULT_WAREHOUSE, DEFAULT_NAMESPACE, COMMENT, PASSWORD. */
const alterUserHandler = coreHandler(
  'ALTER USER',
  (reader) => reader.isWords('ALTER', 'USER'),
  async (context, reader) => {
    reader.expectWords('ALTER', 'USER');
    reader.acceptWords('IF', 'EXISTS');
    const user = context.requireAccountObject<User>('USER', reader.identifier().name);
    const own = user.name === context.session.user.name;
    const isUnset = reader.acceptWords('UNSET');
    if (!isUnset) reader.expectWords('SET');
    do {
      const option = reader.next().value;
      if (!isUnset) reader.expectOperator('=');
      setUserOption(user, option, isUnset ? null : reader.optionValue(), own || context.hasPrivilege('OWNERSHIP', user));
      reader.acceptOperator(',');
    } while (!reader.atEnd());
    reader.expectEnd();
    return Promise.resolve(statusResult(EXECUTED));
  },
);

function setUserOption(user: User, option: string, value: string | null, allowed: boolean): void {
  if (!allowed) throw errors.insufficientPrivileges('user', user.name);
  const pem = (text: string): string => `-----BEGIN PUBLIC KEY-----\n${text.replace(/\s/g, '')}\n-----END PUBLIC KEY-----`;
  if (option === 'RSA_PUBLIC_KEY') user.rsaPublicKey = value === null ? null : pem(value);
  else if (option === 'RSA_PUBLIC_KEY_2') user.rsaPublicKey2 = value === null ? null : pem(value);
  else if (option === 'DEFAULT_ROLE') user.defaultRole = (value ?? 'PUBLIC').toUpperCase();
  else if (option === 'DEFAULT_WAREHOUSE') user.defaultWarehouse = value;
  else if (option === 'DEFAULT_NAMESPACE') user.defaultNamespace = value;
  else if (option === 'COMMENT') user.comment = value ?? '';
  else if (option === 'PASSWORD') user.password = value;
  else throw errors.notInPractice(`ALTER USER SET ${option}`);
}

export const securityHandlers = [grantHandler, revokeHandler, createRoleHandler, alterUserHandler];
