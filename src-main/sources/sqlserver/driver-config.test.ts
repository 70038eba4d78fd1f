import { describe, expect, it } from 'vitest';
import { sqlServerSettingsSchema, type Secrets } from '#shared/model/connection-settings';
import { driverConfig } from './driver-config.ts';

const BASE = {
  kind: 'sqlserver',
  host: 'db.example.com',
  database: 'shop',
  auth: { kind: 'sql-login', user: 'ann' },
} as const;

function configOf(patch: object = {}, secrets: Secrets = { 'source.password': 'pass-word' }) {
  return driverConfig({
    settings: sqlServerSettingsSchema.parse({ ...BASE, ...patch }),
    secrets,
    connectTimeoutMs: 30_000,
  });
}

describe('driverConfig', () => {
  it('encrypts and verifies by default, and lets statements take their time', async () => {
    expect(await configOf()).toMatchObject({
      server: 'db.example.com',
      authentication: { type: 'default', options: { userName: 'ann', password: 'pass-word' } },
      options: {
        port: 1433,
        database: 'shop',
        encrypt: true,
        trustServerCertificate: false,
        readOnlyIntent: false,
        requestTimeout: 0,
        connectTimeout: 30_000,
      },
    });
  });

  it('looks a named instance up instead of using a port', async () => {
    const { options } = await configOf({ instance: 'SQL2', port: 1433 });
    expect(options).toMatchObject({ instanceName: 'SQL2' });
    expect(options).not.toHaveProperty('port');
  });

  it.each([
    [{ strictEncryption: true }, { encrypt: 'strict' }],
    [{ encrypt: false, strictEncryption: true }, { encrypt: false }],
    [{ trustServerCertificate: true }, { trustServerCertificate: true }],
    [{ certificateHost: 'sql.internal' }, { serverName: 'sql.internal' }],
    [{ readOnlyIntent: true }, { readOnlyIntent: true }],
  ])('passes %j on', async (patch, options) => {
    expect((await configOf(patch)).options).toMatchObject(options);
  });

  it.each<[object, Secrets, object]>([
    [
      { kind: 'ntlm', domain: 'SHOP', user: 'ann' },
      { 'source.password': 'pass-word' },
      { type: 'ntlm', options: { domain: 'SHOP', userName: 'ann', password: 'pass-word' } },
    ],
    [
      { kind: 'entra-password', user: 'ann@example.com', tenantId: '', clientId: 'app' },
      { 'source.password': 'pass-word' },
      { type: 'azure-active-directory-password', options: { tenantId: 'common', clientId: 'app' } },
    ],
    [
      { kind: 'entra-password', user: 'ann@example.com', tenantId: 't', clientId: '' },
      { 'source.password': 'pass-word' },
      { options: { tenantId: 't', clientId: expect.stringMatching(/^[0-9a-f-]{36}$/) } },
    ],
    [
      { kind: 'entra-token' },
      { 'source.token': 'to-ken' },
      { type: 'azure-active-directory-access-token', options: { token: 'to-ken' } },
    ],
    [
      { kind: 'entra-service-principal', tenantId: 't', clientId: 'c' },
      { 'source.clientSecret': 'se-cret' },
      {
        type: 'azure-active-directory-service-principal-secret',
        options: { tenantId: 't', clientId: 'c', clientSecret: 'se-cret' },
      },
    ],
  ])('logs in by %j', async (auth, secrets, expected) => {
    expect((await configOf({ auth }, secrets)).authentication).toMatchObject(expected);
  });

  it.each([
    [{ kind: 'sql-login', user: 'ann' }, 'source.auth.password'],
    [{ kind: 'entra-token' }, 'source.token'],
    [{ kind: 'entra-service-principal', tenantId: 't', clientId: 'c' }, 'source.clientSecret'],
  ])('asks for the secret that %j lacks', async (auth, field) => {
    await expect(configOf({ auth }, {})).rejects.toMatchObject({ code: 'SECRET_MISSING', field });
  });
});
