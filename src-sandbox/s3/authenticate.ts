import { timingSafeEqual } from 'node:crypto';
import type { Iam, Principal } from '../aws/iam.ts';
import {
  ALGORITHM,
  canonicalRequest,
  hmacHex,
  parseAmzDate,
  parseAuthorization,
  parseCredential,
  signingKey,
  stringToSign,
} from '../aws/sigv4.ts';
import type { SignatureFields } from '../aws/sigv4.ts';
import type { ChunkSigning } from './aws-chunked.ts';
import { S3Error } from './errors.ts';
import type { S3Request } from './request.ts';

export type Authenticated = {
  principal: Principal;
  /** The region that the request was signed for. */
  region: string;
  /** The value of x-amz-content-sha256, or UNSIGNED-PAYLOAD for a presigned request. */
  payloadHash: string;
  /** Set for bodies whose chunks are signed. */
  chunkSigning: ChunkSigning | null;
};

const MAX_SKEW_MS = 15 * 60 * 1000;
const MAX_PRESIGNED_SECONDS = 604_800;
const STREAMING_HASHES = [
  'UNSIGNED-PAYLOAD',
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
];

/**
 * Checks a signature version 4 in the Authorization header or in the query, the clock, and the session token.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
 */
export function authenticate(request: S3Request, options: { iam: Iam; now: number }): Authenticated {
  const header = request.headers['authorization'];
  const isPresigned = request.query.has('X-Amz-Algorithm') || request.query.has('X-Amz-Signature');
  if (header !== undefined && isPresigned) {
    throw new S3Error('InvalidArgument', {
      message:
        'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
    });
  }
  if (header !== undefined) return authenticateHeader(request, header, options);
  if (isPresigned) return authenticateQuery(request, options);
  // No bucket here is public.
  throw new S3Error('AccessDenied');
}

function authenticateHeader(request: S3Request, header: string, options: { iam: Iam; now: number }): Authenticated {
  const fields = parseAuthorization(header);
  if (!fields) {
    throw header.startsWith(ALGORITHM)
      ? new S3Error('AuthorizationHeaderMalformed')
      : new S3Error('InvalidRequest', {
          message: 'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
        });
  }
  checkScope(request, fields, 'AuthorizationHeaderMalformed');
  const payloadHash = request.headers['x-amz-content-sha256'];
  if (payloadHash === undefined) {
    throw new S3Error('InvalidRequest', { message: 'Missing required header for this request: x-amz-content-sha256' });
  }
  if (!/^[0-9a-f]{64}$/.test(payloadHash) && !STREAMING_HASHES.includes(payloadHash)) {
    throw new S3Error('InvalidArgument', {
      message:
        'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.',
    });
  }
  const amzDate = request.headers['x-amz-date'] ?? '';
  const requestTime = parseAmzDate(amzDate);
  if (Number.isNaN(requestTime) || !amzDate.startsWith(fields.date)) {
    throw new S3Error('AccessDenied', { message: 'AWS authentication requires a valid Date or x-amz-date header' });
  }
  if (Math.abs(requestTime - options.now) > MAX_SKEW_MS) {
    throw new S3Error('RequestTimeTooSkewed', {
      details: {
        RequestTime: amzDate,
        ServerTime: new Date(options.now).toISOString(),
        MaxAllowedSkewMilliseconds: String(MAX_SKEW_MS),
      },
    });
  }
  checkSignedHeaders(request, fields.signedHeaders);
  const credential = requireCredential(fields, request.headers['x-amz-security-token'], options);
  const { key, scope } = checkSignature({ request, fields, amzDate, payloadHash, secret: credential.secretAccessKey });
  const isSignedStream = payloadHash.startsWith('STREAMING-AWS4');
  return {
    principal: credential.principal,
    region: fields.region,
    payloadHash,
    chunkSigning: isSignedStream ? { key, amzDate, scope, seedSignature: fields.signature } : null,
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
function authenticateQuery(request: S3Request, options: { iam: Iam; now: number }): Authenticated {
  const malformed = (message: string) => new S3Error('AuthorizationQueryParametersError', { message });
  const value = (name: string): string => {
    const found = request.query.get(name);
    if (!found) {
      throw malformed(
        'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
      );
    }
    return found;
  };
  if (value('X-Amz-Algorithm') !== ALGORITHM) throw new S3Error('AuthorizationQueryParametersError');
  const scope = parseCredential(value('X-Amz-Credential'));
  if (!scope) {
    throw malformed(
      'Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
    );
  }
  const signedHeaders = value('X-Amz-SignedHeaders').toLowerCase().split(';');
  const fields: SignatureFields = { ...scope, signedHeaders, signature: value('X-Amz-Signature') };
  checkScope(request, fields, 'AuthorizationQueryParametersError');
  const amzDate = value('X-Amz-Date');
  const requestTime = parseAmzDate(amzDate);
  if (Number.isNaN(requestTime))
    throw malformed("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  const expiresSeconds = Number(value('X-Amz-Expires'));
  if (!Number.isInteger(expiresSeconds)) throw malformed('X-Amz-Expires should be a number');
  if (expiresSeconds < 0) throw malformed('X-Amz-Expires must be non-negative');
  if (expiresSeconds > MAX_PRESIGNED_SECONDS) {
    throw malformed(
      'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
    );
  }
  if (requestTime - options.now > MAX_SKEW_MS)
    throw new S3Error('AccessDenied', { message: 'Request is not valid yet' });
  if (options.now > requestTime + expiresSeconds * 1000) {
    throw new S3Error('AccessDenied', {
      message: 'Request has expired',
      details: {
        'X-Amz-Expires': String(expiresSeconds),
        Expires: new Date(requestTime + expiresSeconds * 1000).toISOString(),
      },
    });
  }
  checkSignedHeaders(request, signedHeaders);
  const credential = requireCredential(fields, request.query.get('X-Amz-Security-Token'), options);
  const payloadHash = request.headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD';
  checkSignature({
    request,
    fields,
    amzDate,
    payloadHash,
    secret: credential.secretAccessKey,
    omitQuery: 'X-Amz-Signature',
  });
  return { principal: credential.principal, region: fields.region, payloadHash, chunkSigning: null };
}

function checkScope(
  request: S3Request,
  fields: SignatureFields,
  code: 'AuthorizationHeaderMalformed' | 'AuthorizationQueryParametersError',
): void {
  const what =
    code === 'AuthorizationHeaderMalformed'
      ? 'The authorization header is malformed'
      : 'Error parsing the X-Amz-Credential parameter';
  if (fields.service !== 's3') {
    throw new S3Error(code, {
      message: `${what}; incorrect service "${fields.service}". This endpoint belongs to "s3".`,
    });
  }
  const expected = request.hostRegion ?? (/^[a-z]{2}(-[a-z]+)+-\d$/.test(fields.region) ? fields.region : 'us-east-1');
  if (fields.region !== expected) {
    throw new S3Error(code, {
      message: `${what}; the region '${fields.region}' is wrong; expecting '${expected}'`,
      details: { Region: expected },
      headers: { 'x-amz-bucket-region': expected },
    });
  }
}

/** `host` and every x-amz-* header of the request must be signed. */
function checkSignedHeaders(request: S3Request, signedHeaders: string[]): void {
  const mustSign = Object.keys(request.headers).filter((name) => name.startsWith('x-amz-'));
  const unsigned = ['host', ...mustSign].filter((name) => !signedHeaders.includes(name));
  if (unsigned.length > 0) {
    throw new S3Error('AccessDenied', {
      message: 'There were headers present in the request which were not signed',
      details: { HeadersNotSigned: unsigned.join(', ') },
    });
  }
}

function requireCredential(fields: SignatureFields, token: string | undefined, options: { iam: Iam; now: number }) {
  const credential = options.iam.findCredential(fields.accessKeyId);
  if (!credential) throw new S3Error('InvalidAccessKeyId', { details: { AWSAccessKeyId: fields.accessKeyId } });
  if (credential.sessionToken === null) {
    if (token !== undefined) throw new S3Error('InvalidToken', { details: { 'Token-0': token } });
    return credential;
  }
  // Temporary keys without their token are not known: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_use-resources.html
  if (token === undefined) throw new S3Error('InvalidAccessKeyId', { details: { AWSAccessKeyId: fields.accessKeyId } });
  if (token !== credential.sessionToken) throw new S3Error('InvalidToken', { details: { 'Token-0': token } });
  if (credential.expiresAt !== null && credential.expiresAt.getTime() <= options.now) {
    throw new S3Error('ExpiredToken', { details: { 'Token-0': token } });
  }
  return credential;
}

function checkSignature(options: {
  request: S3Request;
  fields: SignatureFields;
  amzDate: string;
  payloadHash: string;
  secret: string;
  omitQuery?: string;
}): { key: Buffer; scope: string } {
  const { request, fields, amzDate, payloadHash, secret, omitQuery } = options;
  const scope = `${fields.date}/${fields.region}/${fields.service}/aws4_request`;
  const canonical = canonicalRequest({ ...request, signedHeaders: fields.signedHeaders, payloadHash, omitQuery });
  const text = stringToSign({ amzDate, scope, canonicalRequest: canonical });
  const key = signingKey(secret, fields);
  const expected = Buffer.from(hmacHex(key, text));
  const given = Buffer.from(fields.signature);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) {
    throw new S3Error('SignatureDoesNotMatch', {
      details: {
        AWSAccessKeyId: fields.accessKeyId,
        StringToSign: text,
        SignatureProvided: fields.signature,
        CanonicalRequest: canonical,
      },
    });
  }
  return { key, scope };
}
