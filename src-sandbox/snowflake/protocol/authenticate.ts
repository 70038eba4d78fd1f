import { createHash, createPublicKey, createVerify, timingSafeEqual } from 'node:crypto';
import type { User } from '../catalog/catalog-types.ts';
import type { ServerState } from '../engine/server-state.ts';
import { failed, type Envelope } from './envelope.ts';

/** `data` of a login request, as far as it says who wants in. */
export interface LoginData {
  ACCOUNT_NAME?: string;
  LOGIN_NAME?: string;
  AUTHENTICATOR?: string;
  PASSWORD?: string;
  PASSCODE?: string;
  EXT_AUTHN_DUO_METHOD?: string;
  TOKEN?: string;
  SESSION_PARAMETERS?: Record<string, unknown>;
  CLIENT_APP_ID?: string;
}

export type Authenticated =
  { kind: 'in'; user: User; restrictedRole: string | null } | { kind: 'refused'; answer: Envelope };

const refuse = (code: string, message: string): Authenticated => ({
  kind: 'refused',
  answer: failed(code, message, {}),
});
const WRONG_PASSWORD = refuse('390100', 'Incorrect username or password was specified.');

/**
 * Decides who a login is. Codes and texts are the ones that the vendor's drivers know.
 * https://docs.snowflake.com/en/developer-guide/node-js/nodejs-driver-authenticate
 */
export function authenticate(state: ServerState, data: LoginData, now: number): Authenticated {
  switch ((data.AUTHENTICATOR ?? 'SNOWFLAKE').toUpperCase()) {
    case 'SNOWFLAKE':
    case 'USERNAME_PASSWORD_MFA':
      return byPassword(state, data);
    case 'PROGRAMMATIC_ACCESS_TOKEN':
      return byAccessToken(state, data, now);
    case 'SNOWFLAKE_JWT':
      return byKeyPair(state, data, now);
    case 'OAUTH':
      return byOAuth(state, data);
    case 'EXTERNALBROWSER':
      return refuse(
        '390190',
        'There was an error related to the SAML Identity Provider account parameter. Contact Snowflake support.',
      );
    default:
      return refuse('390144', `The authenticator ${data.AUTHENTICATOR ?? ''} is not supported.`);
  }
}

function findUser(state: ServerState, name: string | undefined): User | undefined {
  const users = state.catalog.account.get('USER');
  const wanted = (name ?? '').toUpperCase();
  for (const object of users?.values() ?? []) {
    const user = object as User;
    if (user.loginName.toUpperCase() === wanted) return user;
  }
  return undefined;
}

/** A disabled user is told apart only when the password was right. */
function byPassword(state: ServerState, data: LoginData): Authenticated {
  const user = findUser(state, data.LOGIN_NAME);
  if (!user || user.password === null || !isSame(user.password, data.PASSWORD ?? '')) {
    const token = user ? byTokenInPassword(user, data.PASSWORD ?? '') : null;
    return token ?? WRONG_PASSWORD;
  }
  if (user.disabled) return refuse('390101', 'User access disabled. Contact your local system administrator.');
  if (user.mfaPasscode !== null) {
    if (!data.PASSCODE) {
      return refuse(
        '394508',
        'MFA with TOTP is required. To authenticate, provide both your password and a current TOTP passcode.',
      );
    }
    if (data.PASSCODE !== user.mfaPasscode) return refuse('394507', 'TOTP Invalid.');
  }
  return { kind: 'in', user, restrictedRole: null };
}

/** A programmatic access token is accepted in place of the password: https://docs.snowflake.com/en/user-guide/programmatic-access-tokens */
function byTokenInPassword(user: User, password: string): Authenticated | null {
  const token = user.programmaticAccessTokens.find((candidate) => candidate.token === password && !candidate.disabled);
  return token ? { kind: 'in', user, restrictedRole: token.role } : null;
}

function byAccessToken(state: ServerState, data: LoginData, now: number): Authenticated {
  const text = data.TOKEN ?? data.PASSWORD ?? '';
  for (const object of state.catalog.account.get('USER')?.values() ?? []) {
    const user = object as User;
    const token = user.programmaticAccessTokens.find((candidate) => candidate.token === text);
    if (!token) continue;
    const isOthers = data.LOGIN_NAME && data.LOGIN_NAME.toUpperCase() !== user.loginName.toUpperCase();
    const isOver = token.expiresOn !== null && token.expiresOn.getTime() <= now;
    if (isOthers || isOver || token.disabled || user.disabled) break;
    return { kind: 'in', user, restrictedRole: token.role };
  }
  return refuse('394400', 'Programmatic access token is invalid.');
}

function byOAuth(state: ServerState, data: LoginData): Authenticated {
  for (const object of state.catalog.account.get('USER')?.values() ?? []) {
    const user = object as User;
    if (data.TOKEN && user.oauthTokens.includes(data.TOKEN)) return { kind: 'in', user, restrictedRole: null };
  }
  return refuse('390303', 'Invalid OAuth access token.');
}

interface Claims {
  iss?: string;
  sub?: string;
  iat?: number;
  exp?: number;
}

/** https://docs.snowflake.com/en/user-guide/key-pair-auth: issuer ACCOUNT.USER.SHA256:fingerprint, subject ACCOUNT.USER, signed with RS256. */
function byKeyPair(state: ServerState, data: LoginData, now: number): Authenticated {
  const invalid = refuse('390144', 'JWT token is invalid.');
  const [header, payload, signature] = (data.TOKEN ?? '').split('.');
  const user = findUser(state, data.LOGIN_NAME);
  if (!header || !payload || !signature || !user || user.disabled) return invalid;
  const claims = parseClaims(payload);
  if (!claims) return invalid;
  const subject = `${state.services.account}.${user.loginName}`.toUpperCase();
  if (claims.sub?.toUpperCase() !== subject || isOutOfTime(claims, now)) return invalid;
  for (const pem of [user.rsaPublicKey, user.rsaPublicKey2]) {
    if (pem === null) continue;
    const key = createPublicKey(pem);
    const fingerprint = createHash('sha256')
      .update(key.export({ type: 'spki', format: 'der' }))
      .digest('base64');
    if (claims.iss !== `${subject}.SHA256:${fingerprint}`) continue;
    const isSigned = createVerify('RSA-SHA256')
      .update(`${header}.${payload}`)
      .verify(key, Buffer.from(signature, 'base64url'));
    if (isSigned) return { kind: 'in', user, restrictedRole: null };
  }
  return invalid;
}

function parseClaims(payload: string): Claims | null {
  try {
    return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Claims;
  } catch {
    return null;
  }
}

/** Drivers write seconds or milliseconds; a clock may be a minute off. */
function isOutOfTime({ iat = 0, exp = 0 }: Claims, now: number): boolean {
  const toMs = (value: number): number => (value > 100_000_000_000 ? value : value * 1000);
  return toMs(exp) < now - 60_000 || toMs(iat) > now + 60_000;
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [createHash('sha256').update(one).digest(), createHash('sha256').update(other).digest()];
  return timingSafeEqual(a, b);
}
