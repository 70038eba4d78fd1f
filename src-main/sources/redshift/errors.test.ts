import { describe, expect, it } from 'vitest';
import { AppError, toErrorValue } from '#shared/errors/app-error';
import type { RedshiftSettings } from '#shared/model/connection-settings';
import { rememberSecret } from '../../lib/redact.ts';
import { toConnectError, toStatementError } from './errors.ts';

const settings: RedshiftSettings = {
  kind: 'redshift',
  host: '127.0.0.1',
  port: 1,
  database: 'dev',
  auth: { kind: 'password', user: 'ann' },
  tls: { mode: 'verify-full', caFile: '' },
};
const unload = { uri: 's3://bucket/a/', iamRole: 'arn:aws:iam::123456789012:role/R', region: 'eu-central-1' };
const RID = 'Rid 9CFAC84828F11B92,ExtRid f7vjeasRsCvq1DZwc8ur9FTJjQJybc=,CanRetry 1';

function serverError(message: string, code = 'XX000', detail = ''): Error {
  return Object.assign(new Error(message), { code, detail });
}

describe('toStatementError of an UNLOAD', () => {
  it.each([
    [`S3ServiceException:Access Denied,Status 403,Error AccessDenied,${RID}`, 'UNLOAD_S3_DENIED'],
    [
      `S3ServiceException:User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: s3:PutObject on resource: "x",Status 403,Error AccessDenied,${RID}`,
      'UNLOAD_S3_DENIED',
    ],
    [
      `S3ServiceException:User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: kms:GenerateDataKey on resource: arn:aws:kms:x,Status 403,Error AccessDenied,${RID}`,
      'UNLOAD_S3_DENIED',
    ],
    [
      `S3ServiceException:The AWS Access Key Id you provided does not exist in our records.,Status 403,Error InvalidAccessKeyId,${RID}`,
      'UNLOAD_S3_DENIED',
    ],
    [
      'User arn:aws:redshift:us-west-1:264207711400:dbuser:c/u is not authorized to assume IAM Role arn:aws:iam::264207711400:role/x',
      'UNLOAD_ROLE_REFUSED',
    ],
    ['Not authorized to get credentials of role arn:aws:iam::123456789012:role/x', 'UNLOAD_ROLE_REFUSED'],
    [
      `S3ServiceException:The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.,Status 301,Error PermanentRedirect,${RID}`,
      'UNLOAD_REGION',
    ],
    [
      `S3ServiceException:The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1',Status 400,Error AuthorizationHeaderMalformed,${RID}`,
      'UNLOAD_REGION',
    ],
    [
      `S3ServiceException:The specified bucket does not exist,Status 404,Error NoSuchBucket,${RID}`,
      'S3_BUCKET_NOT_FOUND',
    ],
    [
      'Specified unload destination on S3 is not empty. Consider using a different bucket / prefix, manually removing the target files in S3, or using the ALLOWOVERWRITE option.',
      'S3_PATH_NOT_EMPTY',
    ],
    [`S3ServiceException:Please reduce your request rate.,Status 503,Error SlowDown,${RID}`, 'S3_UNAVAILABLE'],
    ['UNLOAD BINARY VARYING column "c1" is only supported for TEXT/CSV format', 'UNLOAD_TYPE_REFUSED'],
    ['syntax error at or near "UNLOAD"', 'NOT_SUPPORTED'],
    ['Something nobody has seen before', 'SOURCE_STATEMENT_FAILED'],
  ])('maps %j', (message, code) => {
    expect(toStatementError(serverError(message), { settings, user: 'ann', table: 'dev.s.t', unload })).toMatchObject({
      code,
    });
  });

  it('finds what S3 said in the detail block, and leaves its request ids out of the sentence', () => {
    const detail = `\n  -----------------------------------------------\n  error:  S3ServiceException:Access Denied,Status 403,Error AccessDenied,${RID}\n  code:      8001\n  query:     672099\n  -----------------------------------------------\n`;
    const error = toStatementError(serverError('S3ServiceException:Access Denied', 'XX000', detail), {
      settings,
      user: 'ann',
      unload,
    });
    expect(error).toMatchObject({ code: 'UNLOAD_S3_DENIED' });
    expect(error.message).toBe(
      'S3 refused the files that Redshift wanted to write to s3://bucket/a/: Access Denied (AccessDenied, 403).',
    );
    expect(toErrorValue(error).raw).toContain('Rid 9CFAC84828F11B92');
  });
});

describe('toStatementError', () => {
  it.each([
    [serverError('relation "x" does not exist', '42P01'), 'SOURCE_TABLE_NOT_FOUND'],
    [serverError('schema "x" does not exist', '3F000'), 'SOURCE_TABLE_NOT_FOUND'],
    [serverError('column "x" does not exist', '42703'), 'SOURCE_COLUMN_CHANGED'],
    [serverError('permission denied for relation x', '42501'), 'PERMISSION_DENIED'],
    [serverError('canceling statement due to statement timeout', '57014'), 'STATEMENT_CANCELLED_BY_SERVER'],
    [
      serverError('Query (123) cancelled by WLM abort action of Query Monitoring Rule "r"'),
      'STATEMENT_CANCELLED_BY_SERVER',
    ],
    [
      serverError('1023', 'XX000', 'Serializable isolation violation on table - 12345'),
      'STATEMENT_CANCELLED_BY_SERVER',
    ],
    [serverError('Disk Full'), 'SOURCE_OUT_OF_RESOURCES'],
    [serverError('out of memory', '53200'), 'SOURCE_OUT_OF_RESOURCES'],
    [serverError('read ECONNRESET', 'ECONNRESET'), 'CONNECTION_LOST'],
    [new Error('Connection terminated unexpectedly'), 'CONNECTION_LOST'],
    [serverError('syntax error at or near "x"', '42601'), 'SOURCE_STATEMENT_FAILED'],
    [serverError(`S3ServiceException:Access Denied,Status 403`), 'SOURCE_STATEMENT_FAILED'],
    ['not even an error', 'SOURCE_STATEMENT_FAILED'],
  ])('maps %s to %s', (error, code) => {
    expect(toStatementError(error, { settings, user: 'ann' })).toMatchObject({ code });
  });

  it('hands AppErrors and AbortErrors on', () => {
    const known = new AppError('INPUT_INVALID', { facts: { detail: 'x' } });
    const abort = new DOMException('stop', 'AbortError');
    expect(toStatementError(known, { settings, user: 'ann' })).toBe(known);
    expect(toStatementError(abort, { settings, user: 'ann' })).toBe(abort);
  });

  it('lets no known secret into message, raw text or statement', () => {
    rememberSecret('Pr4ctice-s3cret');
    const error = toStatementError(
      serverError("bad thing near 'Pr4ctice-s3cret'", 'XX000', "SECRET_ACCESS_KEY 'abcdef/ghi'"),
      {
        settings,
        user: 'ann',
        statement: "SELECT 'Pr4ctice-s3cret'",
      },
    );
    expect(JSON.stringify(toErrorValue(error))).not.toMatch(/Pr4ctice|abcdef/);
  });
});

describe('toConnectError', () => {
  it.each([
    [serverError('getaddrinfo ENOTFOUND h', 'ENOTFOUND'), 'HOST_NOT_FOUND', 'source.host'],
    [serverError('connect ECONNREFUSED', 'ECONNREFUSED'), 'CONNECTION_REFUSED', 'source.host'],
    [
      new AggregateError([serverError('connect ECONNREFUSED ::1:5439', 'ECONNREFUSED')], ''),
      'CONNECTION_REFUSED',
      'source.host',
    ],
    [new Error('timeout expired'), 'CONNECTION_TIMED_OUT', 'source.host'],
    [serverError('Hostname/IP does not match', 'ERR_TLS_CERT_ALTNAME_INVALID'), 'TLS_HOST_MISMATCH', 'source.host'],
    [
      serverError('self-signed certificate in certificate chain', 'SELF_SIGNED_CERT_IN_CHAIN'),
      'TLS_NOT_TRUSTED',
      'source.tls.caFile',
    ],
    [serverError('certificate has expired', 'CERT_HAS_EXPIRED'), 'TLS_NOT_TRUSTED', 'source.tls.caFile'],
    [new Error('The server does not support SSL connections'), 'TLS_NOT_SUPPORTED', 'source.tls.mode'],
    [
      serverError('no pg_hba.conf entry for host "1.2.3.4", user "a", database "d", SSL off', '28000'),
      'TLS_REQUIRED',
      'source.tls.mode',
    ],
    [
      serverError('no pg_hba.conf entry for host "1.2.3.4", user "a", database "d", SSL on', '28000'),
      'NETWORK_POLICY',
      null,
    ],
    [new Error('There was an error establishing an SSL connection'), 'NOT_A_SOURCE', 'source.port'],
    [serverError('password authentication failed for user "a"', '28P01'), 'LOGIN_FAILED', 'source.auth.password'],
    [serverError('password authentication failed for user "a"', '28000'), 'LOGIN_FAILED', 'source.auth.password'],
    [serverError('database "d" does not exist', '3D000'), 'DATABASE_NOT_FOUND', 'source.database'],
    [serverError('too many connections', '53300'), 'SOURCE_OUT_OF_RESOURCES', null],
    [serverError('the database system is starting up', '57P03'), 'SOURCE_OUT_OF_RESOURCES', null],
    [new Error('Connection terminated unexpectedly'), 'CONNECTION_LOST', null],
    [new Error('never seen'), 'SOURCE_STATEMENT_FAILED', null],
  ])('maps %s to %s', async (error, code, field) => {
    expect(await toConnectError(error, { settings, user: 'ann', timeoutMs: 20_000 })).toMatchObject({ code, field });
  });

  it('fills every placeholder of its sentence', async () => {
    const error = await toConnectError(new Error('timeout expired'), { settings, user: 'ann', timeoutMs: 20_000 });
    expect(error.message).toBe('127.0.0.1:1 did not answer within 20 seconds.');
  });
});
