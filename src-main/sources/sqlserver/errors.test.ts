import { describe, expect, it } from 'vitest';
import type { SqlServerSettings } from '#shared/model/connection-settings';
import { ServerError, toConnectError, toStatementError } from './errors.ts';

const SETTINGS: SqlServerSettings = {
  kind: 'sqlserver',
  host: 'db.example.com',
  instance: '',
  port: 1433,
  database: 'shop',
  auth: { kind: 'sql-login', user: 'ann' },
  encrypt: true,
  trustServerCertificate: false,
  caFile: '',
  readOnlyIntent: false,
};

function coded(message: string, code: string, cause?: Error): Error {
  return Object.assign(new Error(message, { cause }), { code });
}

function server(number: number, message = 'Words of the server.'): ServerError {
  return new ServerError({ number, state: 1, class: 14, message, lineNumber: 1 });
}

function connectError(
  error: unknown,
  parts: { settings?: Partial<SqlServerSettings>; serverErrors?: ServerError[] } = {},
): Promise<Error> {
  return toConnectError(error, {
    settings: { ...SETTINGS, ...parts.settings },
    serverErrors: parts.serverErrors ?? [],
    timeoutMs: 30_000,
    readCertificate: () => Promise.resolve({ subject: 'CN=sql', issuer: 'CN=ca' }),
  });
}

const REFUSED = coded('Login failed.', 'ELOGIN');

describe('toConnectError', () => {
  it.each([
    [18456, 'LOGIN_FAILED', 'source.auth.password', /refused the login of ann/],
    [18452, 'NOT_SUPPORTED', 'source.auth.kind', /integrated security.*NTLM/],
    [18470, 'PERMISSION_DENIED', 'source.auth.user', /disabled/],
    [18486, 'PERMISSION_DENIED', 'source.auth.user', /locked out/],
    [18487, 'PERMISSION_DENIED', 'source.auth.password', /expired/],
    [18488, 'PERMISSION_DENIED', 'source.auth.password', /must be changed/],
    [4060, 'DATABASE_NOT_FOUND', 'source.database', /no database shop/],
    [978, 'PERMISSION_DENIED', 'source.readOnlyIntent', /ApplicationIntent=ReadOnly/],
    [40615, 'NETWORK_POLICY', null, /Words of the server/],
    [40613, 'SOURCE_OUT_OF_RESOURCES', null, /Words of the server/],
    [49918, 'SOURCE_OUT_OF_RESOURCES', null, /Words of the server/],
  ])('names the refusal %i', async (number, code, field, text) => {
    const error = await connectError(REFUSED, { serverErrors: [server(number)] });
    expect(error).toMatchObject({ code, field, message: expect.stringMatching(text) });
  });

  it('takes a domain account that the server does not trust for a wrong domain, user or password', async () => {
    const auth = { kind: 'ntlm', domain: 'CORP', user: 'ann' } as const;
    const error = await connectError(REFUSED, { settings: { auth }, serverErrors: [server(18452)] });
    expect(error).toMatchObject({ code: 'LOGIN_FAILED', field: 'source.auth.password' });
    expect(error.message).toContain('refused the login of CORP\\ann');
  });

  it('takes the first of several refusals', async () => {
    expect(await connectError(REFUSED, { serverErrors: [server(4060), server(18456)] })).toMatchObject({
      code: 'DATABASE_NOT_FOUND',
      raw: expect.stringMatching(/^Msg 4060.*\nMsg 18456/),
    });
  });

  it.each([
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'TLS_NOT_TRUSTED', 'source.caFile', /signed by itself.*CA file.*Subject: CN=sql/],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'TLS_NOT_TRUSTED', 'source.caFile', /does not know/],
    ['CERT_HAS_EXPIRED', 'TLS_NOT_TRUSTED', 'source.caFile', /has expired/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'TLS_HOST_MISMATCH', 'source.certificateHost', /made out for CN=sql/],
    ['ENOTFOUND', 'HOST_NOT_FOUND', 'source.host', /db\.example\.com/],
    ['ECONNREFUSED', 'CONNECTION_REFUSED', 'source.host', /:1433/],
  ])('finds %s inside what the driver throws', async (inner, code, field, text) => {
    const error = await connectError(coded('Failed to connect', 'ESOCKET', coded('inner', inner)));
    expect(error).toMatchObject({ code, field, message: expect.stringMatching(text) });
  });

  it.each([
    [coded('Server requires encryption', 'EENCRYPT'), 'TLS_REQUIRED', 'source.encrypt'],
    [coded('Failed to connect in 30000ms', 'ETIMEOUT'), 'CONNECTION_TIMED_OUT', 'source.instance'],
    [coded('Port for SQL2 not found in db', 'EINSTLOOKUP'), 'INPUT_INVALID', 'source.instance'],
    [
      coded('Failed to get response from SQL Server Browser on db', 'EINSTLOOKUP'),
      'CONNECTION_TIMED_OUT',
      'source.instance',
    ],
  ])('names %s', async (error, code, field) => {
    expect(await connectError(error, { settings: { instance: 'SQL2' } })).toMatchObject({ code, field });
  });

  it.each([
    [
      'AADSTS50126: Error validating credentials due to invalid username or password. Trace ID: x',
      'LOGIN_FAILED',
      'source.auth.password',
    ],
    ['AADSTS50076: You must use multi-factor authentication. Trace ID: x', 'MFA_REQUIRED', 'source.auth.password'],
    ['AADSTS90002: Tenant not found. Trace ID: x', 'INPUT_INVALID', 'source.auth.tenantId'],
    ['AADSTS700016: Application not found. Trace ID: x', 'INPUT_INVALID', 'source.auth.clientId'],
  ])('reads what Entra ID says: %s', async (text, code, field) => {
    const thrown = new AggregateError([
      coded('Security token could not be authenticated or authorized.', 'EFEDAUTH'),
      new Error(text),
    ]);
    const auth = { kind: 'entra-password', user: 'ann@example.com', tenantId: '', clientId: 'x' } as const;
    expect(await connectError(thrown, { settings: { auth } })).toMatchObject({ code, field });
  });

  it('calls a refused token a token', async () => {
    const error = await connectError(REFUSED, {
      settings: { auth: { kind: 'entra-token' } },
      serverErrors: [server(18456)],
    });
    expect(error).toMatchObject({ code: 'TOKEN_INVALID', field: 'source.token' });
  });
});

describe('toStatementError', () => {
  it.each([
    [208, 'SOURCE_TABLE_NOT_FOUND'],
    [207, 'SOURCE_COLUMN_CHANGED'],
    [229, 'PERMISSION_DENIED'],
    [230, 'PERMISSION_DENIED'],
    [1205, 'STATEMENT_CANCELLED_BY_SERVER'],
    [3952, 'NOT_SUPPORTED'],
    [3960, 'STATEMENT_CANCELLED_BY_SERVER'],
    [701, 'SOURCE_OUT_OF_RESOURCES'],
    [8645, 'SOURCE_OUT_OF_RESOURCES'],
    [10928, 'SOURCE_OUT_OF_RESOURCES'],
    [40501, 'SOURCE_OUT_OF_RESOURCES'],
    [596, 'CONNECTION_LOST'],
    [8134, 'SOURCE_STATEMENT_FAILED'],
  ])('names error %i', (number, code) => {
    expect(toStatementError(server(number), { settings: SETTINGS, table: 'shop.dbo.t' })).toMatchObject({ code });
  });

  it('takes an error that ends the connection for a lost connection', () => {
    const fatal = new ServerError({ number: 50000, state: 1, class: 20, message: 'Fatal.' });
    expect(toStatementError(fatal, { settings: SETTINGS })).toMatchObject({ code: 'CONNECTION_LOST' });
  });

  it('lets cancelling pass', () => {
    const abort = new DOMException('x', 'AbortError');
    expect(toStatementError(abort, { settings: SETTINGS })).toBe(abort);
  });

  it('shows the statement, and the table in the sentence', () => {
    expect(
      toStatementError(server(8134, 'Divide by zero error encountered.'), {
        settings: SETTINGS,
        table: 'shop.dbo.t',
        statement: 'SELECT 1/0',
      }),
    ).toMatchObject({
      message: 'The source refused a statement for shop.dbo.t: Divide by zero error encountered.',
      statement: 'SELECT 1/0',
      raw: 'Msg 8134, level 14, state 1, line 1: Divide by zero error encountered.',
    });
  });
});
