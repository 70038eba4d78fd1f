import { createHash, createPublicKey, timingSafeEqual, verify } from 'node:crypto';
import type { User } from '../catalog/catalog-types.ts';
import type { Catalog } from '../catalog/catalog.ts';

/** What a driver sends to log in; only the fields that are read. */
export interface LoginData {
  ACCOUNT_NAME?: string;
  LOGIN_NAME?: string;
  PASSWORD?: string;
  PASSCODE?: string;
  EXT_AUTHN_DUO_METHOD?: string;
  AUTHENTICATOR?: string;
  TOKEN?: string;
  SESSION_PARAMETERS?: Record<string, string | number | boolean>;
}

export type LoginVerdict = { user: User; role: string | null } | { code: string; message: string };

const WRONG_PASSWORD = { code: '390100', message: 'Incorrect username or password was specified.' };
const BAD_JWT = { code: '390144', message: 'JWT token is invalid.' };
const BAD_TOKEN = { code: '394400', message: 'Programmatic access token is invalid.' };

/** Checks a login. Refusals carry the vendor's codes and say no more than the vendor says. */
export function verifyLogin(catalog: Catalog, data: LoginData, options: { account: string; now: Date }): LoginVerdict {
  const users = [...(catalog.account.get('USER')?.values() ?? [])] as User[];
  const name = data.LOGIN_NAME?.toUpperCase() ?? '';
  const user = users.find((u) => u.loginName === name || u.name === name);
  const verdict = byAuthenticator(users, user, { data, ...options });
  if ('user' in verdict && verdict.user.disabled) {
    return { code: '390101', message: 'User access disabled. Contact your local system administrator.' };
  }
  return verdict;
}

function byAuthenticator(
  users: User[],
  user: User | undefined,
  given: { data: LoginData; account: string; now: Date },
): LoginVerdict {
  const { data } = given;
  const method = (data.AUTHENTICATOR ?? 'SNOWFLAKE').toUpperCase();
  switch (method) {
    case 'SNOWFLAKE':
    case 'USERNAME_PASSWORD_MFA':
      return byPassword(users, user, given);
    case 'SNOWFLAKE_JWT':
      return user ? byJwt(user, { token: data.TOKEN ?? '', account: given.account, now: given.now }) : BAD_JWT;
    case 'PROGRAMMATIC_ACCESS_TOKEN':
      return byAccessToken(users, user, { data, now: given.now });
    case 'OAUTH': {
      const found = users.find((u) => u.oauthTokens.includes(data.TOKEN ?? ''));
      return found && (!data.LOGIN_NAME || found === user)
        ? { user: found, role: null }
        : { code: '390303', message: 'Invalid OAuth access token. ' };
    }
    case 'EXTERNALBROWSER':
      return {
        code: '390190',
        message:
          'There was an error related to the SAML Identity Provider account parameter. Contact Snowflake support.',
      };
    default:
      return { code: '390201', message: `The authenticator ${method} is not supported by this account.` };
  }
}

/** A programmatic access token may stand in for the password. */
function byPassword(users: User[], user: User | undefined, given: { data: LoginData; now: Date }): LoginVerdict {
  const { data } = given;
  const password = data.PASSWORD ?? '';
  const token = byAccessToken(users, user, { data: { ...data, TOKEN: password }, now: given.now });
  if ('user' in token) return token;
  if (!user || user.password === null) return WRONG_PASSWORD;
  if (user.mfaPasscode === null) return sameText(password, user.password) ? { user, role: null } : WRONG_PASSWORD;
  const inPassword = data.EXT_AUTHN_DUO_METHOD === 'passcode' && !data.PASSCODE;
  const [plain, code] = inPassword ? [password.slice(0, -6), password.slice(-6)] : [password, data.PASSCODE ?? ''];
  if (!sameText(plain, user.password)) return WRONG_PASSWORD;
  if (code === '') {
    return {
      code: '394508',
      message:
        'MFA authentication is required, but none of your current MFA methods are supported for programmatic authentication.',
    };
  }
  return sameText(code, user.mfaPasscode)
    ? { user, role: null }
    : { code: '390127', message: 'Incorrect passcode was specified.' };
}

function byAccessToken(users: User[], user: User | undefined, given: { data: LoginData; now: Date }): LoginVerdict {
  for (const candidate of users) {
    const found = candidate.programmaticAccessTokens.find((t) => sameText(t.token, given.data.TOKEN ?? ''));
    if (!found) continue;
    if (given.data.LOGIN_NAME && candidate !== user) return BAD_TOKEN;
    if (found.disabled || (found.expiresOn && found.expiresOn < given.now)) return BAD_TOKEN;
    return { user: candidate, role: found.role };
  }
  return BAD_TOKEN;
}

function sameText(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}

/** https://docs.snowflake.com/en/developer-guide/sql-api/authenticating#using-key-pair-authentication: iss, sub, exp and the signature. */
function byJwt(user: User, given: { token: string; account: string; now: Date }): LoginVerdict {
  const [header = '', payload = '', signature = ''] = given.token.split('.');
  const claims = decode(payload);
  const head = decode(header);
  if (!claims || head?.['alg'] !== 'RS256') return BAD_JWT;
  const subject = `${given.account.toUpperCase()}.${user.name}`;
  // The Node driver writes milliseconds, the others seconds.
  const seconds = (value: unknown): number => (typeof value === 'number' ? (value > 1e11 ? value / 1000 : value) : 0);
  const now = given.now.getTime() / 1000;
  const fresh = seconds(claims['exp']) > now && seconds(claims['iat']) <= now + 60;
  if (claims['sub'] !== subject || !fresh) return BAD_JWT;
  for (const pem of [user.rsaPublicKey, user.rsaPublicKey2]) {
    if (!pem) continue;
    const key = createPublicKey(pem);
    const fingerprint = createHash('sha256')
      .update(key.export({ type: 'spki', format: 'der' }))
      .digest('base64');
    if (claims['iss'] !== `${subject}.SHA256:${fingerprint}`) continue;
    const valid = verify('RSA-SHA256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'));
    if (valid) return { user, role: null };
  }
  return BAD_JWT;
}

function decode(part: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
