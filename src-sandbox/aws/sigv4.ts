import { createHash, createHmac } from 'node:crypto';

/** The parts of a credential scope and signature, from an Authorization header or from presigned query parameters. */
export type SignatureFields = {
  accessKeyId: string;
  /** YYYYMMDD */
  date: string;
  region: string;
  service: string;
  signedHeaders: string[];
  /** lower-case hex */
  signature: string;
};

export type CanonicalInput = {
  method: string;
  /** Path as it came over the wire, still percent-encoded, without the query. */
  rawPath: string;
  /** Query as it came over the wire, without the question mark. */
  rawQuery: string;
  /** Lower-case names; several values of one name joined by a comma. */
  headers: Record<string, string>;
  signedHeaders: string[];
  payloadHash: string;
  /** Presigned requests leave X-Amz-Signature out of what they sign. */
  omitQuery?: string;
};

export const EMPTY_SHA256 = sha256Hex('');
export const ALGORITHM = 'AWS4-HMAC-SHA256';

/**
 * Parses `AWS4-HMAC-SHA256 Credential=AKID/date/region/service/aws4_request, SignedHeaders=a;b, Signature=hex`; null when it has another shape.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html
 */
export function parseAuthorization(header: string): SignatureFields | null {
  if (!header.startsWith(`${ALGORITHM} `)) return null;
  const fields = new Map<string, string>();
  for (const part of header.slice(ALGORITHM.length + 1).split(',')) {
    const equals = part.indexOf('=');
    if (equals < 0) return null;
    fields.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim());
  }
  const scope = parseCredential(fields.get('Credential') ?? '');
  const signedHeaders = fields.get('SignedHeaders');
  const signature = fields.get('Signature');
  if (!scope || !signedHeaders || !signature) return null;
  return { ...scope, signedHeaders: signedHeaders.toLowerCase().split(';'), signature };
}

/** Parses `AKID/date/region/service/aws4_request`; null when it has another shape. */
export function parseCredential(credential: string): Omit<SignatureFields, 'signedHeaders' | 'signature'> | null {
  const parts = credential.split('/');
  if (parts.length < 5 || parts.at(-1) !== 'aws4_request') return null;
  const [date, region, service] = parts.slice(-4, -1) as [string, string, string];
  const accessKeyId = parts.slice(0, -4).join('/');
  if (!/^\d{8}$/.test(date) || !accessKeyId) return null;
  return { accessKeyId, date, region, service };
}

/** The canonical request of S3: the path is encoded once and not normalised. */
export function canonicalRequest(input: CanonicalInput): string {
  const names = [...input.signedHeaders].sort();
  const headerLines = names.map((name) => `${name}:${(input.headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`);
  return [
    input.method,
    canonicalPath(input.rawPath),
    canonicalQuery(input.rawQuery, input.omitQuery),
    headerLines.join(''),
    names.join(';'),
    input.payloadHash,
  ].join('\n');
}

export function stringToSign(options: { amzDate: string; scope: string; canonicalRequest: string }): string {
  return [ALGORITHM, options.amzDate, options.scope, sha256Hex(options.canonicalRequest)].join('\n');
}

/** What one chunk of a signed aws-chunked body signs: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html */
export function chunkStringToSign(options: {
  amzDate: string;
  scope: string;
  previousSignature: string;
  chunkSha256: string;
}): string {
  const { amzDate, scope, previousSignature, chunkSha256 } = options;
  return [`${ALGORITHM}-PAYLOAD`, amzDate, scope, previousSignature, EMPTY_SHA256, chunkSha256].join('\n');
}

/** What the trailing headers sign: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html */
export function trailerStringToSign(options: {
  amzDate: string;
  scope: string;
  previousSignature: string;
  trailers: [string, string][];
}): string {
  const { amzDate, scope, previousSignature, trailers } = options;
  const text = trailers.map(([name, value]) => `${name}:${value}\n`).join('');
  return [`${ALGORITHM}-TRAILER`, amzDate, scope, previousSignature, sha256Hex(text)].join('\n');
}

export function signingKey(secretAccessKey: string, scope: { date: string; region: string; service: string }): Buffer {
  const dateKey = hmac(`AWS4${secretAccessKey}`, scope.date);
  return hmac(hmac(hmac(dateKey, scope.region), scope.service), 'aws4_request');
}

export function hmacHex(key: Buffer, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

export function sha256Hex(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

/** `20130524T000000Z` as milliseconds since the epoch; NaN when it has another shape. */
export function parseAmzDate(text: string): number {
  const match = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(text);
  if (!match) return Number.NaN;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

export function toAmzDate(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

/** AWS's own percent-encoding: everything but unreserved characters, as upper-case hex of the UTF-8 bytes. */
export function awsEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Throws URIError when the path holds a broken percent-escape. */
function canonicalPath(rawPath: string): string {
  return (rawPath || '/')
    .split('/')
    .map((segment) => awsEncode(decodeURIComponent(segment)))
    .join('/');
}

function canonicalQuery(rawQuery: string, omit?: string): string {
  if (rawQuery === '') return '';
  const pairs = rawQuery.split('&').map((pair): [string, string] => {
    const equals = pair.indexOf('=');
    const name = equals < 0 ? pair : pair.slice(0, equals);
    const value = equals < 0 ? '' : pair.slice(equals + 1);
    return [awsEncode(decodeQueryPart(name)), awsEncode(decodeQueryPart(value))];
  });
  const kept = omit === undefined ? pairs : pairs.filter(([name]) => name !== omit);
  kept.sort(([aName, aValue], [bName, bValue]) => compareText(aName, bName) || compareText(aValue, bValue));
  return kept.map(([name, value]) => `${name}=${value}`).join('&');
}

export function decodeQueryPart(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
