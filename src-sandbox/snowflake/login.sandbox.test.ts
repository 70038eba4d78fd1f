import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSnowflake, type SnowflakeStandIn } from './server.ts';
import { ADA, connect } from './testing/connect.ts';

const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const foreign = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

let server: SnowflakeStandIn;
beforeAll(async () => {
  server = await startSnowflake({
    withPractice: true,
    users: [
      {
        ...ADA,
        rsaPublicKey: keys.publicKey,
        programmaticAccessTokens: [{ token: 'good-token' }],
        oauthTokens: ['oauth-good'],
      },
      { name: 'MFA', password: 'pw', mfaPasscode: '123456', roles: ['READER'] },
    ],
  });
});
afterAll(() => server.close());

describe('logging in', () => {
  it.each([
    ['a password', {}],
    ['a key pair', { authenticator: 'SNOWFLAKE_JWT', privateKey: keys.privateKey, password: undefined }],
    [
      'a programmatic access token',
      { authenticator: 'PROGRAMMATIC_ACCESS_TOKEN', token: 'good-token', password: undefined },
    ],
    ['a programmatic access token in place of the password', { password: 'good-token' }],
    ['an OAuth token', { authenticator: 'OAUTH', token: 'oauth-good', password: undefined }],
  ])('works with %s', async (_name, options) => {
    const session = await connect(server.accessUrl, options);
    expect(await session.value('SELECT CURRENT_USER()')).toBe('ADA');
    await session.close();
  });

  it.each([
    ['a wrong password', { password: 'wrong' }, '390100'],
    ['an unknown user', { username: 'nobody' }, '390100'],
    ['a key that is not registered', { authenticator: 'SNOWFLAKE_JWT', privateKey: foreign.privateKey }, '390144'],
    ['a bad programmatic access token', { authenticator: 'PROGRAMMATIC_ACCESS_TOKEN', token: 'bad' }, '394400'],
    ['a bad OAuth token', { authenticator: 'OAUTH', token: 'bad' }, '390303'],
    ['a role that is not granted', { role: 'NO_SUCH_ROLE' }, '390189'],
    ['a missing passcode', { username: 'mfa', password: 'pw' }, '394508'],
  ])('refuses %s with the vendor code', async (_name, options, code) => {
    await expect(connect(server.accessUrl, options as object)).rejects.toMatchObject({ code });
  });

  it('takes a passcode beside the password', async () => {
    const session = await connect(server.accessUrl, {
      username: 'mfa',
      password: 'pw',
      authenticator: 'USERNAME_PASSWORD_MFA',
      passcode: '123456',
    });
    expect(await session.value('SELECT CURRENT_ROLE()')).toBe('READER');
    await session.close();
  });

  it('leaves an unknown database unset, so that the first statement says so', async () => {
    const session = await connect(server.accessUrl, { database: 'NOPE' });
    await expect(session.run('CREATE TABLE T (A INT)')).rejects.toMatchObject({ code: '090105', sqlState: '22000' });
    await session.close();
  });

  it('renews an expired token without the application noticing', async () => {
    const session = await connect(server.accessUrl);
    const id = String(await session.value('SELECT CURRENT_SESSION()'));
    server.expireSession(id);
    expect(await session.value('SELECT CURRENT_SESSION()')).toBe(id);
    await session.close();
  });

  it('ends a session at logout', async () => {
    const session = await connect(server.accessUrl);
    const id = String(await session.value('SELECT CURRENT_SESSION()'));
    await session.close();
    expect(server.sessionIds()).not.toContain(id);
  });
});
