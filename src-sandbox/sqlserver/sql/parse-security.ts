import { SECURABLE_CLASSES, type SecurityStatement } from './ast-ddl.ts';
import type { Parser } from './parser.ts';
import { syntaxErrors } from './syntax-error.ts';

type Verb = 'create' | 'alter';
type LoginStatement = Extract<SecurityStatement, { kind: 'create-login' | 'alter-login' }>;
type UserStatement = Extract<SecurityStatement, { kind: 'create-user' | 'alter-user' }>;
type NamedOption = { name: string; value: string };

/** `LOGIN name ...` behind CREATE or ALTER. https://learn.microsoft.com/en-us/sql/t-sql/statements/create-login-transact-sql */
export function parseLogin(p: Parser, verb: Verb): SecurityStatement {
  p.expectWords('LOGIN');
  const login: LoginStatement = {
    kind: `${verb}-login`,
    name: p.identifier(),
    password: null,
    oldPassword: null,
    from: null,
    enable: null,
    options: [],
  };
  if (verb === 'alter' && p.isOneOf(['ENABLE', 'DISABLE'])) {
    login.enable = p.oneOf(['ENABLE', 'DISABLE']) === 'ENABLE';
    return login;
  }
  if (verb === 'create' && p.acceptWords('FROM')) {
    login.from = p.acceptWords('EXTERNAL', 'PROVIDER') ? 'EXTERNAL PROVIDER' : p.oneOf(['WINDOWS']);
    if (!p.acceptWords('WITH')) return login;
  } else p.expectWords('WITH');
  p.commaSeparated(() => {
    const option = parseNamedOption(p, LOGIN_OPTIONS, verb === 'create' ? 'CREATE LOGIN' : 'ALTER LOGIN');
    if (option.name === 'PASSWORD') login.password = option.value;
    else login.options.push(option);
    if (p.acceptWords('OLD_PASSWORD')) {
      p.expectOperator('=');
      login.oldPassword = p.string();
    }
    while (p.isOneOf(['HASHED', 'MUST_CHANGE', 'UNLOCK'])) login.options.push({ name: p.next().value, value: 'ON' });
  });
  return login;
}

const LOGIN_OPTIONS: ReadonlySet<string> = new Set([
  'PASSWORD',
  'SID',
  'DEFAULT_DATABASE',
  'DEFAULT_LANGUAGE',
  'CHECK_EXPIRATION',
  'CHECK_POLICY',
  'CREDENTIAL',
  'NAME',
]);
const USER_OPTIONS: ReadonlySet<string> = new Set([
  'PASSWORD',
  'DEFAULT_SCHEMA',
  'DEFAULT_LANGUAGE',
  'SID',
  'NAME',
  'LOGIN',
]);

/** `NAME = value`: names in upper case, values as written. */
function parseNamedOption(p: Parser, known: ReadonlySet<string>, statement: string): NamedOption {
  const token = p.next();
  if (token.kind !== 'word') throw p.unexpected(token);
  if (!known.has(token.value)) throw syntaxErrors.notRecognizedOption(token.line, token.text, statement);
  p.expectOperator('=');
  const value = p.next();
  if (value.kind === 'end' || value.kind === 'operator') throw p.unexpected(value);
  return {
    name: token.value,
    value: value.kind === 'word' ? value.text : value.kind === 'binary' ? value.text : value.value,
  };
}

/** `USER name ...` behind CREATE or ALTER. https://learn.microsoft.com/en-us/sql/t-sql/statements/create-user-transact-sql */
export function parseUser(p: Parser, verb: Verb): SecurityStatement {
  p.expectWords('USER');
  const user: UserStatement = {
    kind: `${verb}-user`,
    name: p.identifier(),
    login: null,
    withoutLogin: false,
    password: null,
    fromExternalProvider: false,
    options: [],
  };
  if (verb === 'create') {
    if (p.acceptWords('WITHOUT', 'LOGIN')) user.withoutLogin = true;
    else if (p.acceptWords('FROM', 'EXTERNAL', 'PROVIDER')) user.fromExternalProvider = true;
    else if (p.acceptWords('FOR') || p.acceptWords('FROM')) {
      p.expectWords('LOGIN');
      user.login = p.identifier();
    }
  } else if (!p.isWords('WITH')) throw p.unexpected();
  if (!p.acceptWords('WITH')) return user;
  p.commaSeparated(() => {
    const isLogin = p.isWords('LOGIN') && p.isOperator('=', 1);
    if (isLogin) {
      p.next();
      p.next();
      user.login = p.identifier();
      return;
    }
    const option = parseNamedOption(p, USER_OPTIONS, verb === 'create' ? 'CREATE USER' : 'ALTER USER');
    if (option.name === 'PASSWORD') user.password = option.value;
    else user.options.push(option);
  });
  return user;
}

/** `[SERVER] ROLE r ADD MEMBER m` behind ALTER. */
export function parseAlterRole(p: Parser): SecurityStatement {
  const server = p.acceptWords('SERVER');
  p.expectWords('ROLE');
  const role = p.identifier();
  const action = p.oneOf(['ADD', 'DROP']);
  p.expectWords('MEMBER');
  return { kind: 'alter-role', server, role, action, member: p.identifier() };
}

type Permission = Extract<SecurityStatement, { kind: 'grant' | 'deny' | 'revoke' }>;

/** https://learn.microsoft.com/en-us/sql/t-sql/statements/grant-transact-sql */
export function parsePermission(p: Parser): SecurityStatement {
  const word = p.oneOf(['GRANT', 'DENY', 'REVOKE']);
  const kind: Permission['kind'] = word === 'GRANT' ? 'grant' : word === 'DENY' ? 'deny' : 'revoke';
  const grantOptionFor = kind === 'revoke' && p.acceptWords('GRANT', 'OPTION', 'FOR');
  const permissions = p.commaSeparated(() => parsePermissionName(p));
  const on = p.acceptWords('ON') ? parseSecurable(p) : null;
  if (kind !== 'revoke' || !p.acceptWords('FROM')) p.expectWords('TO');
  const principals = p.commaSeparated(() => (p.isWords('PUBLIC') ? p.anyIdentifier() : p.identifier()));
  const withGrantOption = kind === 'grant' && p.acceptWords('WITH', 'GRANT', 'OPTION');
  const cascade = kind !== 'grant' && p.acceptWords('CASCADE');
  return { kind, permissions, on, principals, withGrantOption, grantOptionFor, cascade };
}

function parsePermissionName(p: Parser): Permission['permissions'][number] {
  const words: string[] = [];
  while (p.peek().kind === 'word' && !p.isOneOf(['ON', 'TO', 'FROM'])) words.push(p.next().value);
  if (words.length === 0) throw p.unexpected();
  const columns = p.isOperator('(') ? p.list(() => p.identifier()) : [];
  return { name: words.join(' '), columns };
}

function parseSecurable(p: Parser): Permission['on'] {
  const found = SECURABLE_CLASSES.find((name) => p.isWords(name) && p.isOperator('::', 1));
  if (found) {
    p.next();
    p.next();
  }
  const name = p.objectName();
  const columns = p.isOperator('(') ? p.list(() => p.identifier()) : [];
  return { class: found ?? 'OBJECT', name, columns };
}
