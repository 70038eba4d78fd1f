import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ApiError } from './api-error.ts';
import type { Iam, Principal } from './iam.ts';
import {
  canonicalRequest,
  hmacHex,
  parseAmzDate,
  parseAuthorization,
  sha256Hex,
  signingKey,
  stringToSign,
} from './sigv4.ts';

export type VerifiedRequest = { principal: Principal; service: string; region: string; accessKeyId: string };

const MAX_SKEW_MS = 5 * 60 * 1000;

/**
 * Checks the signature of a call to a control-plane API. The codes are those of the Query protocol; `toJsonCode` gives the ones of JSON services.
 * https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
 */
export function verifyRequest(
  message: IncomingMessage,
  body: Buffer,
  options: { iam: Iam; now: number },
): VerifiedRequest {
  const headers = lowerCaseHeaders(message);
  const authorization = headers['authorization'];
  if (authorization === undefined)
    throw new ApiError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
  const fields = parseAuthorization(authorization);
  if (!fields) {
    throw new ApiError(
      'IncompleteSignature',
      'Authorization header requires existence of either Credential, SignedHeaders and Signature parameters.',
    );
  }
  const amzDate = headers['x-amz-date'] ?? '';
  const requestTime = parseAmzDate(amzDate);
  if (Number.isNaN(requestTime)) {
    throw new ApiError(
      'IncompleteSignature',
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    );
  }
  checkClock(requestTime, options.now);
  const credential = options.iam.findCredential(fields.accessKeyId);
  const token = headers['x-amz-security-token'];
  if (!credential || (credential.sessionToken ?? undefined) !== token) {
    throw new ApiError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403);
  }
  if (credential.expiresAt && credential.expiresAt.getTime() <= options.now) {
    throw new ApiError('ExpiredToken', 'The security token included in the request is expired', 403);
  }
  const [rawPath = '/', rawQuery = ''] = (message.url ?? '/').split('?');
  const canonical = canonicalRequest({
    method: message.method ?? 'POST',
    rawPath,
    rawQuery,
    headers,
    signedHeaders: fields.signedHeaders,
    payloadHash: sha256Hex(body),
  });
  const scope = `${fields.date}/${fields.region}/${fields.service}/aws4_request`;
  const text = stringToSign({ amzDate, scope, canonicalRequest: canonical });
  const expected = Buffer.from(hmacHex(signingKey(credential.secretAccessKey, fields), text));
  const given = Buffer.from(fields.signature);
  const isSame =
    fields.signedHeaders.includes('host') && expected.length === given.length && timingSafeEqual(expected, given);
  if (!isSame) {
    throw new ApiError(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
      403,
    );
  }
  return {
    principal: credential.principal,
    service: fields.service,
    region: fields.region,
    accessKeyId: fields.accessKeyId,
  };
}

/** Services that speak JSON name the same refusals differently. https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/CommonErrors.html */
export function toJsonCode(code: string): string {
  const names: Record<string, string> = {
    MissingAuthenticationToken: 'MissingAuthenticationTokenException',
    IncompleteSignature: 'IncompleteSignatureException',
    InvalidClientTokenId: 'UnrecognizedClientException',
    ExpiredToken: 'ExpiredTokenException',
    SignatureDoesNotMatch: 'InvalidSignatureException',
  };
  return names[code] ?? code;
}

function checkClock(requestTime: number, now: number): void {
  const short = (time: number) => new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '');
  if (requestTime < now - MAX_SKEW_MS) {
    throw new ApiError(
      'SignatureDoesNotMatch',
      `Signature expired: ${short(requestTime)} is now earlier than ${short(now - MAX_SKEW_MS)} (${short(now)} - 5 min.)`,
      403,
    );
  }
  if (requestTime > now + MAX_SKEW_MS) {
    throw new ApiError(
      'SignatureDoesNotMatch',
      `Signature not yet current: ${short(requestTime)} is still later than ${short(now + MAX_SKEW_MS)} (${short(now)} + 5 min.)`,
      403,
    );
  }
}

function lowerCaseHeaders(message: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let i = 0; i < message.rawHeaders.length; i += 2) {
    const name = (message.rawHeaders[i] as string).toLowerCase();
    const value = message.rawHeaders[i + 1] as string;
    headers[name] = headers[name] === undefined ? value : `${headers[name]},${value}`;
  }
  return headers;
}
