import { randomBytes } from 'node:crypto';
import type { CatalogObject, Domain, Role, SchemaDomain, User } from '../catalog/catalog-types.ts';
import { ACCOUNT_OBJECT, hasPrivilege } from '../catalog/privileges.ts';
import type { CoreContext } from '../engine/statement-context.ts';
import { errors, SnowflakeError } from '../errors.ts';
import type { TokenReader } from '../sql/token-reader.ts';
import { types } from '../sql/data-type.ts';
import type { StatementResult } from './command.ts';
import { coreHandler } from './core.ts';
import { EXECUTED, statusResult } from './results.ts';

/** What ALL PRIVILEGES means, by kind of object. https://docs.snowflake.com/en/user-guide/security-access-control-privileges */
const ALL_PRIVILEGES: Record<string, string[]> = {
  DATABASE: ['USAGE', 'MODIFY', 'MONITOR', 'CREATE SCHEMA'],
  SCHEMA: [
    'USAGE',
    'MODIFY',
    'MONITOR',
    'CREATE TABLE',
    'CREATE VIEW',
    'CREATE STAGE',
    'CREATE FILE FORMAT',
    'CREATE SEQUENCE',
    'CREATE PIPE',
    'CREATE STREAM',
    'CREATE TASK',
    'CREATE FUNCTION',
    'CREATE PROCEDURE',
  ],
  TABLE: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES'],
  VIEW: ['SELECT', 'REFERENCES'],
  STAGE: ['USAGE', 'READ', 'WRITE'],
  'FILE FORMAT': ['USAGE'],
  SEQUENCE: ['USAGE'],
  WAREHOUSE: ['USAGE', 'OPERATE', 'MODIFY', 'MONITOR'],
  INTEGRATION: ['USAGE'],
  ACCOUNT: [
    'CREATE DATABASE',
    'CREATE WAREHOUSE',
    'CREATE ROLE',
    'CREATE USER',
    'CREATE INTEGRATION',
    'MANAGE GRANTS',
    'MONITOR USAGE',
  ],
};

export function privilegesOf(domain: string): string[] {
  return ALL_PRIVILEGES[domain] ?? [];
}

type Target = { id: number; domain: Domain; name: string; owner: string };

const PLURALS: Record<string, SchemaDomain> = {
  TABLES: 'TABLE',
  VIEWS: 'VIEW',
  STAGES: 'STAGE',
  SEQUENCES: 'SEQUENCE',
};

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
  if (reader.acceptWords('ACCOUNT'))
    return [{ ...ACCOUNT_OBJECT, name: context.services.account.toUpperCase(), owner: 'ACCOUNTADMIN' }];
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
  return [context.require(noun as SchemaDomain, reader.objectName())];
}

function mayGrant(context: CoreContext, target: Target): boolean {
  const { session, catalog } = context;
  return (
    hasPrivilege(catalog, session.role, 'OWNERSHIP', target) ||
    hasPrivilege(catalog, session.role, 'MANAGE GRANTS', ACCOUNT_OBJECT)
  );
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
        else if (
          !privilegesOf(target.domain).includes(privilege) &&
          !(target.domain === 'DATABASE' && privilege === 'IMPORTED PRIVILEGES')
        ) {
          throw new SnowflakeError(
            '003008',
            '42501',
            `SQL access control error:\nInvalid object type '${target.domain}' for privilege '${privilege}'`,
          );
        } else
          context.catalog.grant({
            privilege,
            on: target as unknown as CatalogObject,
            to: role.name,
            by: context.session.role,
            grantOption,
          });
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
      for (const privilege of privileges === 'ALL' ? ['ALL'] : privileges)
        context.catalog.revoke(privilege, target, role.name);
    }
    return statusResult(EXECUTED);
  },
);

function changeRole(
  context: CoreContext,
  reader: TokenReader,
  change: 'grant' | 'revoke',
): ReturnType<typeof statusResult> {
  const role = requireRole(context, reader.identifier().name);
  reader.expectWords(change === 'grant' ? 'TO' : 'FROM');
  const noun = reader.next().value;
  const { name } = reader.identifier();
  reader.expectEnd();
  if (!mayGrant(context, role)) throw errors.insufficientPrivileges('role', role.name);
  const set =
    noun === 'USER' ? context.requireAccountObject<User>('USER', name).roles : requireRole(context, name).grantedRoles;
  if (change === 'grant') {
    if (noun === 'ROLE' && context.catalog.rolesOf(role.name).has(name)) {
      throw new SnowflakeError(
        '003016',
        '42501',
        `SQL compilation error:\nGranting role '${role.name}' to role '${name}' would create a cycle.`,
      );
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
    if (!hasPrivilege(catalog, session.role, 'CREATE ROLE', ACCOUNT_OBJECT))
      throw errors.insufficientPrivileges('account', context.services.account.toUpperCase());
    if (catalog.role(name)) {
      if (ifNotExists) return Promise.resolve(statusResult(`${name} already exists, statement succeeded.`));
      throw errors.alreadyExists(name);
    }
    await context.commitBeforeDdl();
    const role: Role = {
      id: catalog.nextId(),
      domain: 'ROLE',
      name,
      owner: session.role,
      comment,
      createdOn: context.services.now(),
      grantedRoles: new Set(),
    };
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
    if (reader.acceptWords('ADD')) {
      if (!own && !context.hasPrivilege('OWNERSHIP', user)) throw errors.insufficientPrivileges('user', user.name);
      return Promise.resolve(addAccessToken(user, reader, context.services.now()));
    }
    const isUnset = reader.acceptWords('UNSET');
    if (!isUnset) reader.expectWords('SET');
    do {
      const option = reader.next().value;
      if (!isUnset) reader.expectOperator('=');
      setUserOption(
        user,
        option,
        isUnset ? null : reader.optionValue(),
        own || context.hasPrivilege('OWNERSHIP', user),
      );
      reader.acceptOperator(',');
    } while (!reader.atEnd());
    reader.expectEnd();
    return Promise.resolve(statusResult(EXECUTED));
  },
);

function setUserOption(user: User, option: string, value: string | null, allowed: boolean): void {
  if (!allowed) throw errors.insufficientPrivileges('user', user.name);
  const pem = (text: string): string =>
    text.includes('BEGIN PUBLIC KEY')
      ? text
      : `-----BEGIN PUBLIC KEY-----\n${text.replace(/\s/g, '')}\n-----END PUBLIC KEY-----`;
  if (option === 'RSA_PUBLIC_KEY') user.rsaPublicKey = value === null ? null : pem(value);
  else if (option === 'RSA_PUBLIC_KEY_2') user.rsaPublicKey2 = value === null ? null : pem(value);
  else if (option === 'DEFAULT_ROLE') user.defaultRole = (value ?? 'PUBLIC').toUpperCase();
  else if (option === 'DEFAULT_WAREHOUSE') user.defaultWarehouse = value;
  else if (option === 'DEFAULT_NAMESPACE') user.defaultNamespace = value;
  else if (option === 'COMMENT') user.comment = value ?? '';
  else if (option === 'PASSWORD') user.password = value;
  else if (option === 'LOGIN_NAME') user.loginName = (value ?? user.name).toUpperCase();
  else if (option === 'DISABLED') user.disabled = value?.toUpperCase() === 'TRUE';
  else if (/^(MUST_CHANGE_PASSWORD|TYPE|DISPLAY_NAME|FIRST_NAME|LAST_NAME|EMAIL|DEFAULT_SECONDARY_ROLES)$/.test(option))
    return;
  else throw errors.notInPractice(`ALTER USER SET ${option}`);
}

/** https://docs.snowflake.com/en/sql-reference/sql/create-user */
const createUserHandler = coreHandler(
  'CREATE USER',
  (reader) => reader.isWords('CREATE', 'USER') || reader.isWords('CREATE', 'OR', 'REPLACE', 'USER'),
  async (context, reader) => {
    const { catalog, session } = context;
    reader.expectWords('CREATE');
    const replace = reader.acceptWords('OR', 'REPLACE');
    reader.expectWords('USER');
    const ifNotExists = reader.acceptWords('IF', 'NOT', 'EXISTS');
    const { name } = reader.identifier();
    if (!hasPrivilege(catalog, session.role, 'CREATE USER', ACCOUNT_OBJECT))
      throw errors.insufficientPrivileges('account', context.services.account.toUpperCase());
    const existing = catalog.findAccountObject('USER', name);
    if (existing && ifNotExists) return Promise.resolve(statusResult(`${name} already exists, statement succeeded.`));
    if (existing && !replace) throw errors.alreadyExists(name);
    const user = makeUser({ id: catalog.nextId(), name, owner: session.role, now: context.services.now() });
    while (!reader.atEnd()) {
      const option = reader.next().value;
      reader.expectOperator('=');
      setUserOption(user, option, reader.optionValue(), true);
      reader.acceptOperator(',');
    }
    reader.expectEnd();
    await context.commitBeforeDdl();
    catalog.addAccountObject(user);
    return statusResult(`User ${name} successfully created.`);
  },
);

export function makeUser(given: { id: number; name: string; owner: string; now: Date }): User {
  return {
    id: given.id,
    domain: 'USER',
    name: given.name,
    loginName: given.name,
    owner: given.owner,
    comment: '',
    createdOn: given.now,
    password: null,
    mfaPasscode: null,
    rsaPublicKey: null,
    rsaPublicKey2: null,
    programmaticAccessTokens: [],
    oauthTokens: [],
    roles: new Set(['PUBLIC']),
    defaultRole: 'PUBLIC',
    defaultWarehouse: null,
    defaultNamespace: null,
    disabled: false,
  };
}

/** The secret is shown this once. https://docs.snowflake.com/en/sql-reference/sql/alter-user-add-programmatic-access-token */
function addAccessToken(user: User, reader: TokenReader, now: Date): StatementResult {
  if (!reader.acceptWords('PAT')) reader.expectWords('PROGRAMMATIC', 'ACCESS', 'TOKEN');
  const { name } = reader.identifier();
  let role: string | null = null;
  let days = 15;
  while (!reader.atEnd()) {
    const option = reader.next().value;
    reader.expectOperator('=');
    const value = reader.optionValue();
    if (option === 'ROLE_RESTRICTION') role = value;
    else if (option === 'DAYS_TO_EXPIRY') days = Number(value);
    else if (option !== 'COMMENT' && option !== 'MINS_TO_BYPASS_NETWORK_POLICY_REQUIREMENT') throw reader.unexpected();
  }
  reader.expectEnd();
  const token = `pat_${randomBytes(48).toString('base64url')}`;
  user.programmaticAccessTokens.push({
    token,
    role,
    expiresOn: new Date(now.getTime() + days * 86_400_000),
    disabled: false,
  });
  return {
    kind: 'rows',
    columns: [
      { name: 'token_name', type: types.text() },
      { name: 'token_secret', type: types.text() },
    ],
    rows: [[name, token]],
  };
}

export const securityHandlers = [createUserHandler, grantHandler, revokeHandler, createRoleHandler, alterUserHandler];
