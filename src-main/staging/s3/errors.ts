import { AppError } from '#shared/errors/app-error';
import type { ErrorCode } from '#shared/errors/error-codes';
import type { AwsCredentials } from '#shared/model/connection-settings';
import { redact } from '../../lib/redact.ts';

/** What was asked of S3, for the error's sentences. */
export interface S3Request {
  /** The permission that the request needs: `s3:GetObject`. */
  action: string;
  bucket: string;
  /** Null for requests about the bucket. */
  key: string | null;
  /** The region that the client was set up for. */
  region: string;
  /** Another S3 address, or empty. */
  endpoint: string;
  credentials: AwsCredentials | null;
}

const BY_NAME: Record<string, ErrorCode> = {
  AccessDenied: 'S3_ACCESS_DENIED',
  Forbidden: 'S3_ACCESS_DENIED',
  AllAccessDisabled: 'S3_ACCESS_DENIED',
  NoSuchBucket: 'S3_BUCKET_NOT_FOUND',
  NoSuchKey: 'S3_OBJECT_MISSING',
  NotFound: 'S3_OBJECT_MISSING',
  PermanentRedirect: 'S3_REGION_MISMATCH',
  AuthorizationHeaderMalformed: 'S3_REGION_MISMATCH',
  IllegalLocationConstraintException: 'S3_REGION_MISMATCH',
  InvalidAccessKeyId: 'AWS_CREDENTIALS_INVALID',
  SignatureDoesNotMatch: 'AWS_CREDENTIALS_INVALID',
  ExpiredToken: 'AWS_CREDENTIALS_INVALID',
  InvalidToken: 'AWS_CREDENTIALS_INVALID',
  RequestTimeTooSkewed: 'AWS_CREDENTIALS_INVALID',
  SlowDown: 'S3_UNAVAILABLE',
  ServiceUnavailable: 'S3_UNAVAILABLE',
  InternalError: 'S3_UNAVAILABLE',
  RequestTimeout: 'S3_UNAVAILABLE',
  TimeoutError: 'CONNECTION_TIMED_OUT',
  ENOTFOUND: 'HOST_NOT_FOUND',
  EAI_AGAIN: 'HOST_NOT_FOUND',
  ECONNREFUSED: 'CONNECTION_REFUSED',
  EHOSTUNREACH: 'CONNECTION_REFUSED',
  ETIMEDOUT: 'CONNECTION_TIMED_OUT',
  ECONNRESET: 'CONNECTION_LOST',
  EPIPE: 'CONNECTION_LOST',
  SELF_SIGNED_CERT_IN_CHAIN: 'TLS_NOT_TRUSTED',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'TLS_NOT_TRUSTED',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'TLS_NOT_TRUSTED',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'TLS_NOT_TRUSTED',
  CERT_HAS_EXPIRED: 'TLS_NOT_TRUSTED',
  ERR_TLS_CERT_ALTNAME_INVALID: 'TLS_NOT_TRUSTED',
};

/** What went wrong with a request. AppErrors and AbortErrors pass through; what is not known is not repeated. */
export function toS3Error(error: unknown, request: S3Request): Error {
  if (error instanceof AppError || (error instanceof Error && error.name === 'AbortError')) return error;
  const fields = readFields(error);
  return new AppError(codeOf(fields, request), {
    cause: new Error(fields.name),
    facts: factsOf(fields, request),
    raw: redact(`${fields.name}: ${fields.message}`),
  });
}

interface ErrorFields {
  name: string;
  message: string;
  status: number | null;
  /** The region that a redirect names. */
  region: string | null;
}

function readFields(error: unknown): ErrorFields {
  const outer = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>;
  const aggregated =
    error instanceof AggregateError ? (error.errors[0] as Record<string, unknown> | undefined) : undefined;
  const fields = aggregated ?? outer;
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const metadata = (fields['$metadata'] ?? {}) as { httpStatusCode?: number };
  const response = (fields['$response'] ?? {}) as { headers?: Record<string, string> };
  return {
    name: text(fields['code']) || text(fields['Code']) || text(fields['name']) || 'Error',
    message: text(fields['message']) || String(error),
    status: metadata.httpStatusCode ?? null,
    region: text(fields['Region']) || response.headers?.['x-amz-bucket-region'] || null,
  };
}

function codeOf({ name, status }: ErrorFields, request: S3Request): ErrorCode {
  if (name === 'CredentialsProviderError') {
    return request.credentials?.kind === 'keys' ? 'AWS_CREDENTIALS_INVALID' : 'AWS_PROFILE_NOT_FOUND';
  }
  // A HEAD answer has no body, so the SDK knows its status only.
  if (name === 'NotFound' && request.key === null) return 'S3_BUCKET_NOT_FOUND';
  const known = BY_NAME[name];
  if (known) return known;
  if (status === 301 || status === 307) return 'S3_REGION_MISMATCH';
  if (status === 403) return 'S3_ACCESS_DENIED';
  return status !== null && status >= 500 ? 'S3_UNAVAILABLE' : 'S3_REQUEST_FAILED';
}

function factsOf(fields: ErrorFields, request: S3Request): Record<string, string | number> {
  const { bucket, key, credentials, endpoint, region } = request;
  const url = endpoint === '' ? null : new URL(endpoint);
  return {
    action: request.action,
    resource: key === null ? `the bucket ${bucket}` : `s3://${bucket}/${key}`,
    bucket,
    key: key ?? '',
    region: fields.region ?? 'another region',
    expected: region,
    detail: redact(fields.message).replace(/\s+/g, ' ').replace(/\.$/, '').slice(0, 500),
    accessKeyId: credentials?.kind === 'keys' ? credentials.accessKeyId : 'of the AWS configuration',
    profile: credentials?.kind === 'profile' ? credentials.profile : 'default',
    host: url?.hostname ?? `s3.${region}.amazonaws.com`,
    port: Number(url?.port || (url?.protocol === 'http:' ? 80 : 443)),
    seconds: 10,
    subject: 'unknown',
    issuer: 'unknown',
  };
}
