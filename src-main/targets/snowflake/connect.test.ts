import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors/app-error';
import type { Secrets, SnowflakeSettings } from '#shared/model/connection-settings';
import { connect } from './connect.ts';
import { execute } from './execute.ts';
import { settingsFor } from './testing/settings.ts';
import { startScriptedAccount, type ScriptedAccount, type ScriptedAccountOptions } from './testing/scripted-account.ts';

let account: ScriptedAccount | null = null;
let folder: string | null = null;

afterEach(async () => {
  await account?.close();
  account = null;
  if (folder) await rm(folder, { recursive: true });
  folder = null;
});

async function open(options: ScriptedAccountOptions, changes: Partial<SnowflakeSettings>, secrets: Secrets) {
  account = await startScriptedAccount(options);
  return connect({ settings: settingsFor(account.url, changes), secrets, signal: new AbortController().signal });
}

async function refused(
  options: ScriptedAccountOptions,
  changes: Partial<SnowflakeSettings>,
  secrets: Secrets,
): Promise<AppError> {
  const error: unknown = await open(options, changes, secrets).catch((reason: unknown) => reason);
  if (error instanceof AppError) return error;
  throw new Error(`expected an AppError, got ${String(error)}`);
}

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const plainPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const lockedPem = privateKey
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' })
  .toString();

describe('connect', () => {
  it('logs in with user and password, and sets the session up before it is used', async () => {
    const session = await open({}, {}, { 'snowflake.password': 'correct horse' });
    expect(account?.logins[0]).toMatchObject({
      LOGIN_NAME: 'ADA',
      PASSWORD: 'correct horse',
      AUTHENTICATOR: 'SNOWFLAKE',
    });
    const [setUp] = account?.statements ?? [];
    expect(setUp?.sql).toMatch(
      /^ALTER SESSION SET TIMEZONE = 'UTC', AUTOCOMMIT = TRUE, QUOTED_IDENTIFIERS_IGNORE_CASE = FALSE,/,
    );
    expect(setUp?.sql).toContain(`QUERY_TAG = '{"app":"snowferry"}'`);
    expect(session.id).toBe('1001');
    await session.close();
  });

  it('sends the MFA code with the password', async () => {
    const session = await open(
      {},
      { auth: { kind: 'password', passcode: '123456' } },
      { 'snowflake.password': 'correct horse' },
    );
    expect(account?.logins[0]).toMatchObject({ PASSCODE: '123456', AUTHENTICATOR: 'USERNAME_PASSWORD_MFA' });
    await session.close();
  });

  it.each([
    ['a plain key', { 'snowflake.privateKey': plainPem }],
    [
      'an encrypted key with its passphrase',
      { 'snowflake.privateKey': lockedPem, 'snowflake.privateKeyPassphrase': 'open sesame' },
    ],
  ])('logs in with %s', async (_, secrets) => {
    const session = await open({}, { auth: { kind: 'key-pair', keyFile: '' } }, secrets);
    expect(account?.logins[0]).toMatchObject({ AUTHENTICATOR: 'SNOWFLAKE_JWT' });
    expect(String(account?.logins[0]?.['TOKEN']).split('.')).toHaveLength(3);
    await session.close();
  });

  it('reads the key from a file', async () => {
    folder = await mkdtemp(join(tmpdir(), 'snowferry-key-'));
    const keyFile = join(folder, 'rsa_key.p8');
    await writeFile(keyFile, plainPem);
    const session = await open({}, { auth: { kind: 'key-pair', keyFile } }, {});
    expect(account?.logins[0]).toMatchObject({ AUTHENTICATOR: 'SNOWFLAKE_JWT' });
    await session.close();
  });

  it.each([
    ['access-token', 'PROGRAMMATIC_ACCESS_TOKEN'],
    ['oauth', 'OAUTH'],
  ] as const)('logs in with a token (%s)', async (kind, authenticator) => {
    const session = await open({}, { auth: { kind } }, { 'snowflake.token': 'a-long-token' });
    expect(account?.logins[0]).toMatchObject({ AUTHENTICATOR: authenticator, TOKEN: 'a-long-token' });
    await session.close();
  });

  it('goes on when the account does not accept the optional settings', async () => {
    const lines: string[] = [];
    account = await startScriptedAccount({
      statement: ({ sql }) =>
        sql.includes('LOCK_TIMEOUT')
          ? { error: { code: '001006', message: "invalid parameter 'LOCK_TIMEOUT'" } }
          : { columns: [], rows: [] },
    });
    const session = await connect({
      settings: settingsFor(account.url),
      secrets: { 'snowflake.password': 'correct horse' },
      signal: new AbortController().signal,
      log: (level, text) => lines.push(`${level} ${text}`),
    });
    expect(lines.some((line) => line.startsWith('warn Snowflake did not accept optional session settings'))).toBe(true);
    await session.close();
  });

  it('does not log in when the signal is aborted, and stops waiting when it fires', async () => {
    account = await startScriptedAccount();
    const settings = settingsFor(account.url);
    const secrets = { 'snowflake.password': 'correct horse' };
    await expect(connect({ settings, secrets, signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(account.logins).toEqual([]);
    const controller = new AbortController();
    const waiting = connect({ settings, secrets, signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('gives up a login that is not answered, after its time limit', async () => {
    account = await startScriptedAccount({ login: () => 'hang' });
    const waiting = connect({
      settings: settingsFor(account.url),
      secrets: { 'snowflake.password': 'correct horse' },
      signal: new AbortController().signal,
      loginTimeoutMs: 200,
    });
    await expect(waiting).rejects.toMatchObject({ code: 'CONNECTION_TIMED_OUT', field: 'snowflake.account' });
  });
});

describe('a refused login', () => {
  const answer = (code: string, message: string): ScriptedAccountOptions => ({ login: () => ({ code, message }) });
  const password = { 'snowflake.password': 'a wrong password' };

  it.each([
    ['390100', 'Incorrect username or password was specified.', 'LOGIN_FAILED', 'snowflake.password'],
    [
      '390186',
      "Role 'LOADER' specified in the connect string does not exist or not authorized.",
      'ROLE_NOT_GRANTED',
      'snowflake.role',
    ],
    [
      '390189',
      "Role 'LOADER' specified in the connect string is not granted to this user.",
      'ROLE_NOT_GRANTED',
      'snowflake.role',
    ],
    [
      '390201',
      'The requested warehouse does not exist or not authorized.',
      'WAREHOUSE_UNUSABLE',
      'snowflake.warehouse',
    ],
    [
      '390422',
      'Incoming request with IP/Token 203.0.113.9 is not allowed to access Snowflake.',
      'NETWORK_POLICY',
      null,
    ],
    [
      '390197',
      'Multi-factor authentication is required for this account. Log in to Snowsight to enroll.',
      'MFA_REQUIRED',
      'snowflake.auth.passcode',
    ],
    ['394508', 'Failed to authenticate: MFA with TOTP is required.', 'MFA_REQUIRED', 'snowflake.auth.passcode'],
    ['390127', 'Incorrect passcode was specified.', 'MFA_REQUIRED', 'snowflake.auth.passcode'],
  ])('%s (%s) is %s', async (code, message, expected, field) => {
    const error = await refused(answer(code, message), {}, password);
    expect([error.code, error.field]).toEqual([expected, field]);
    expect(error.raw).toContain(code);
  });

  it('is a refused key pair when the JWT is refused', async () => {
    const error = await refused(
      answer('390144', 'JWT token is invalid. [a9a3]'),
      { auth: { kind: 'key-pair', keyFile: '' } },
      { 'snowflake.privateKey': plainPem },
    );
    expect(error.code).toBe('KEY_REFUSED');
  });

  it('is an invalid token when the token is refused', async () => {
    const error = await refused(
      answer('394400', 'Programmatic access token is invalid.'),
      { auth: { kind: 'access-token' } },
      { 'snowflake.token': 'an-expired-token' },
    );
    expect([error.code, error.field]).toEqual(['TOKEN_INVALID', 'snowflake.token']);
  });

  it.each([
    [{ 'snowflake.privateKey': lockedPem }, 'KEY_INVALID', 'snowflake.privateKeyPassphrase'],
    [
      { 'snowflake.privateKey': lockedPem, 'snowflake.privateKeyPassphrase': 'wrong one' },
      'KEY_INVALID',
      'snowflake.privateKeyPassphrase',
    ],
    [{ 'snowflake.privateKey': 'not a key' }, 'KEY_INVALID', 'snowflake.privateKey'],
    [{}, 'SECRET_MISSING', 'snowflake.privateKey'],
  ])(
    'is found before anything is sent when the key cannot be used (case %#)',
    async (secrets: Secrets, code, field) => {
      const error = await refused({}, { auth: { kind: 'key-pair', keyFile: '' } }, secrets);
      expect([error.code, error.field]).toEqual([code, field]);
      expect(account?.logins).toEqual([]);
    },
  );

  it('names a key file that is not there', async () => {
    const error = await refused({}, { auth: { kind: 'key-pair', keyFile: '/nowhere/rsa_key.p8' } }, {});
    expect([error.code, error.facts['path']]).toEqual(['FILE_NOT_READABLE', '/nowhere/rsa_key.p8']);
  });

  it('says that nothing answers on the port', async () => {
    const closed = await startScriptedAccount();
    await closed.close();
    const error: unknown = await connect({
      settings: settingsFor(closed.url),
      secrets: password,
      signal: new AbortController().signal,
    }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'CONNECTION_REFUSED' });
  });

  it('never shows the password, whatever the server answers', async () => {
    const error = await refused(answer('390100', 'The password a wrong password is not right.'), {}, password);
    expect(JSON.stringify([error.message, error.raw, error.facts, String(error.cause)])).not.toContain(
      'a wrong password',
    );
  });
});

describe('execute', () => {
  it('gives values as text, NULL as null and the query id', async () => {
    const session = await open(
      { statement: () => ({ columns: ['A', 'b'], rows: [['12345678901234567890.10', null]] }) },
      {},
      { 'snowflake.password': 'pw-pw' },
    );
    const result = await execute(session, { sql: 'SELECT 1', signal: new AbortController().signal });
    expect(result).toMatchObject({ columns: ['A', 'b'], rows: [['12345678901234567890.10', null]] });
    expect(result.queryId).toMatch(/^01/);
    await session.close();
  });

  it('cancels the statement at the server when the signal fires', async () => {
    const session = await open(
      { statement: ({ sql }) => (sql === 'SELECT SLOW' ? 'hang' : { columns: [], rows: [] }) },
      {},
      { 'snowflake.password': 'pw-pw' },
    );
    const controller = new AbortController();
    const running = execute(session, { sql: 'SELECT SLOW', signal: controller.signal });
    await expect.poll(() => account?.statements.at(-1)?.sql).toBe('SELECT SLOW');
    controller.abort();
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    expect(account?.cancelled).toHaveLength(1);
    await session.close();
  });

  it('gives up and cancels a statement after its time limit', async () => {
    const session = await open(
      { statement: ({ sql }) => (sql === 'SELECT SLOW' ? 'hang' : { columns: [], rows: [] }) },
      {},
      { 'snowflake.password': 'pw-pw' },
    );
    const running = execute(session, { sql: 'SELECT SLOW', signal: new AbortController().signal, timeoutMs: 200 });
    await expect(running).rejects.toMatchObject({ code: 'CONNECTION_TIMED_OUT' });
    expect(account?.cancelled).toHaveLength(1);
    await session.close();
  });

  it.each([
    ['002003', "SQL compilation error:\nObject 'X' does not exist or not authorized.", 'TARGET_TABLE_NOT_FOUND'],
    ['002003', "SQL compilation error:\nDatabase 'X' does not exist or not authorized.", 'DATABASE_NOT_FOUND'],
    ['002003', "SQL compilation error:\nStage 'DB.S.X' does not exist or not authorized.", 'STAGE_NOT_FOUND'],
    [
      '002043',
      'SQL compilation error:\nObject does not exist, or operation cannot be performed.',
      'TARGET_TABLE_NOT_FOUND',
    ],
    [
      '003001',
      "SQL access control error:\nInsufficient privileges to operate on schema 'PUBLIC'.",
      'PRIVILEGE_MISSING',
    ],
    [
      '000606',
      "No active warehouse selected in the current session.  Select an active warehouse with the 'use warehouse' command.",
      'WAREHOUSE_UNUSABLE',
    ],
    [
      '090073',
      "Warehouse 'W' cannot be resumed because resource monitor 'M' has exceeded its quota.",
      'WAREHOUSE_UNUSABLE',
    ],
    [
      '000630',
      'Statement reached its statement or warehouse timeout of 10 second(s) and was canceled.',
      'STATEMENT_CANCELLED_BY_SERVER',
    ],
    [
      '000625',
      'Statement was aborted because the number of waiters for this lock exceeds the limit.',
      'STATEMENT_CANCELLED_BY_SERVER',
    ],
    [
      '091003',
      'Failure using stage area. Cause: [Access Denied (Status Code: 403; Error Code: AccessDenied)]',
      'STAGE_ACCESS_DENIED',
    ],
    ['001003', "SQL compilation error:\nsyntax error line 1 at position 0 unexpected 'X'.", 'TARGET_STATEMENT_FAILED'],
  ])('turns %s (%s) into %s', async (code, message, expected) => {
    const session = await open(
      { statement: ({ sql }) => (sql === 'BAD' ? { error: { code, message } } : { columns: [], rows: [] }) },
      {},
      { 'snowflake.password': 'pw-pw' },
    );
    const error: unknown = await execute(session, { sql: 'BAD', signal: new AbortController().signal }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: expected, statement: 'BAD' });
    await session.close();
  });
});
