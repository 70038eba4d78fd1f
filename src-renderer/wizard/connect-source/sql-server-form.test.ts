import { describe, expect, it } from 'vitest';
import { sqlServerSettingsSchema, type SqlServerSettings } from '#shared/model/connection-settings';
import {
  splitHost,
  sqlServerFormOf,
  sqlServerProblems,
  toSqlServerSettings,
  withAddressKind,
  SQL_SERVER_FIELD_ORDER,
} from './sql-server-form.ts';

const base = sqlServerSettingsSchema.parse({
  kind: 'sqlserver',
  host: 'sql01',
  port: 1433,
  database: 'Sales',
  auth: { kind: 'sql-login', user: 'reader' },
});
const ids = { tenantId: 't', clientId: 'c' };
const settings: SqlServerSettings[] = [
  base,
  { ...base, port: null, instance: 'SQLEXPRESS', readOnlyIntent: true },
  { ...base, encrypt: false },
  { ...base, trustServerCertificate: true },
  { ...base, strictEncryption: true, certificateHost: 'sql01.corp' },
  { ...base, caFile: '/ca.pem' },
  { ...base, auth: { kind: 'ntlm', domain: 'CORP', user: 'reader' } },
  { ...base, auth: { kind: 'entra-password', user: 'reader@contoso.com', ...ids } },
  { ...base, auth: { kind: 'entra-token' } },
  { ...base, auth: { kind: 'entra-service-principal', ...ids } },
];
const nothing = () => false;
const everything = () => true;

describe('the SQL Server form', () => {
  it.each(settings)('carries settings there and back: %j', (value) => {
    expect(sqlServerSettingsSchema.parse(toSqlServerSettings(sqlServerFormOf(value)))).toEqual(value);
  });

  it('starts with the port, encryption, and a certificate that is checked', () => {
    expect(sqlServerFormOf(null)).toMatchObject({
      addressKind: 'port',
      port: '1433',
      encrypt: 'true',
      trustServerCertificate: 'false',
    });
  });

  it('names each missing field with its own sentence', () => {
    expect(sqlServerProblems(sqlServerFormOf(null), nothing)).toEqual({
      host: 'The host is needed.',
      database: 'The database is needed.',
      user: 'The user is needed.',
      'source.password': 'The password is needed.',
    });
  });

  it.each(['', '0', '65536', '14x3'])('refuses the port "%s"', (port) => {
    expect(sqlServerProblems({ ...sqlServerFormOf(base), port }, everything)).toEqual({
      port: 'The port is a number from 1 to 65535.',
    });
  });

  it('asks for the instance instead of the port, never for both', () => {
    const values = { ...sqlServerFormOf(base), addressKind: 'instance', port: 'nonsense' };
    expect(Object.keys(sqlServerProblems(values, everything))).toEqual(['instance']);
    expect(toSqlServerSettings({ ...values, instance: 'X' })).toMatchObject({ instance: 'X', port: null });
  });

  it('keeps no CA file when the certificate is trusted unseen', () => {
    const values = { ...sqlServerFormOf(base), caFile: '/ca.pem', trustServerCertificate: 'true' };
    expect(toSqlServerSettings(values)).toMatchObject({ caFile: '', trustServerCertificate: true });
  });

  it('checks the certificate under strict encryption, whatever was ticked before', () => {
    const values = { ...sqlServerFormOf(base), encrypt: 'strict', trustServerCertificate: 'true', caFile: '/ca.pem' };
    expect(toSqlServerSettings(values)).toMatchObject({
      encrypt: true,
      strictEncryption: true,
      trustServerCertificate: false,
      caFile: '/ca.pem',
    });
  });

  it.each([
    ['sql-login', ['source.password', 'user']],
    ['ntlm', ['domain', 'source.password', 'user']],
    ['entra-password', ['source.password', 'user']],
    ['entra-token', ['source.token']],
    ['entra-service-principal', ['clientId', 'source.clientSecret', 'tenantId']],
  ])('asks for what the sign-in %s needs, and for nothing else', (authKind, names) => {
    const values = { ...sqlServerFormOf(null), host: 'h', database: 'd', authKind };
    const problems = Object.keys(sqlServerProblems(values, nothing));
    expect(problems.sort()).toEqual(names);
    for (const name of problems) expect(SQL_SERVER_FIELD_ORDER).toContain(name);
  });
});

describe('an address as tools write it', () => {
  it.each([
    ['sql01\\SQLEXPRESS', { host: 'sql01', instance: 'SQLEXPRESS', addressKind: 'instance' }],
    ['sql01,1444', { host: 'sql01', port: '1444', addressKind: 'port' }],
    ['tcp:sql01.corp, 1444', { host: 'sql01.corp', port: '1444', addressKind: 'port' }],
    ['sql01\\X,1444', { host: 'sql01', instance: 'X', port: '1444', addressKind: 'port' }],
    ['sql01', null],
    ['', null],
    ['a\\b\\c', null],
  ])('%s', (text, parts) => expect(splitHost(text)).toEqual(parts));

  it('chooses the kind of address that a pasted text speaks of', () => {
    expect(withAddressKind({ instance: 'X' })).toEqual({ instance: 'X', addressKind: 'instance' });
    expect(withAddressKind({ host: 'h' })).toEqual({ host: 'h' });
  });
});
