import { describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors/app-error';
import { toS3Error, type S3Request } from './errors.ts';

const request: S3Request = {
  action: 's3:GetObject',
  bucket: 'bucket',
  key: 'a/b',
  region: 'us-east-1',
  endpoint: '',
  credentials: { kind: 'keys', accessKeyId: 'AKIDEXAMPLE' },
};

function sdkError(name: string, status: number, extra: Record<string, unknown> = {}): Error {
  return Object.assign(new Error(`${name} happened.`), { name, $metadata: { httpStatusCode: status }, ...extra });
}

describe('toS3Error', () => {
  it.each([
    [sdkError('AccessDenied', 403), 'S3_ACCESS_DENIED'],
    [sdkError('NoSuchBucket', 404), 'S3_BUCKET_NOT_FOUND'],
    [sdkError('NoSuchKey', 404), 'S3_OBJECT_MISSING'],
    [sdkError('PermanentRedirect', 301), 'S3_REGION_MISMATCH'],
    [sdkError('AuthorizationHeaderMalformed', 400), 'S3_REGION_MISMATCH'],
    [sdkError('InvalidAccessKeyId', 403), 'AWS_CREDENTIALS_INVALID'],
    [sdkError('SignatureDoesNotMatch', 403), 'AWS_CREDENTIALS_INVALID'],
    [sdkError('ExpiredToken', 400), 'AWS_CREDENTIALS_INVALID'],
    [sdkError('SlowDown', 503), 'S3_UNAVAILABLE'],
    [sdkError('SomethingNew', 500), 'S3_UNAVAILABLE'],
    [sdkError('SomethingNew', 403), 'S3_ACCESS_DENIED'],
    [sdkError('SomethingNew', 400), 'S3_REQUEST_FAILED'],
    [sdkError('CredentialsProviderError', 0), 'AWS_CREDENTIALS_INVALID'],
    [Object.assign(new Error('x'), { code: 'ENOTFOUND' }), 'HOST_NOT_FOUND'],
    [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'CONNECTION_REFUSED'],
    [new AggregateError([Object.assign(new Error('x'), { code: 'ECONNREFUSED' })]), 'CONNECTION_REFUSED'],
    [sdkError('TimeoutError', 0), 'CONNECTION_TIMED_OUT'],
    ['text', 'S3_REQUEST_FAILED'],
  ])('maps %s to %s', (error, code) => {
    expect(toS3Error(error, request)).toMatchObject({ code });
  });

  it('tells a missing bucket from a missing object in the answer to a HEAD', () => {
    expect(toS3Error(sdkError('NotFound', 404), { ...request, key: null })).toMatchObject({
      code: 'S3_BUCKET_NOT_FOUND',
    });
    expect(toS3Error(sdkError('NotFound', 404), request)).toMatchObject({ code: 'S3_OBJECT_MISSING' });
  });

  it('blames the profile when keys come from one', () => {
    const error = toS3Error(sdkError('CredentialsProviderError', 0), {
      ...request,
      credentials: { kind: 'profile', profile: 'work' },
    });
    expect(error).toMatchObject({ code: 'AWS_PROFILE_NOT_FOUND', facts: { profile: 'work' } });
  });

  it('names the region that a redirect names', () => {
    const error = toS3Error(
      sdkError('PermanentRedirect', 301, { $response: { headers: { 'x-amz-bucket-region': 'eu-west-1' } } }),
      request,
    );
    expect(error.message).toBe('The bucket bucket is in eu-west-1, the connection expects us-east-1.');
  });

  it('hands AppErrors and AbortErrors on', () => {
    const known = new AppError('CANCELLED');
    expect(toS3Error(known, request)).toBe(known);
  });
});
