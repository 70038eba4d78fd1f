import type { IncomingMessage } from 'node:http';
import { decodeQueryPart } from '../aws/sigv4.ts';
import { S3Error } from './errors.ts';

/** A request taken apart as S3 reads it: path style and virtual-host style come out the same. */
export type S3Request = {
  message: IncomingMessage;
  method: string;
  rawPath: string;
  rawQuery: string;
  /** Lower-case names; several values joined by a comma. */
  headers: Record<string, string>;
  query: Map<string, string>;
  /** Null: the request is for the service (ListBuckets). */
  bucket: string | null;
  /** Null: the request is for the bucket. */
  key: string | null;
  /** The region that the host name spells out (`bucket.s3.eu-west-1.localhost`), null for an address or a plain name. */
  hostRegion: string | null;
};

const ENDPOINT_HOST = /^(?:s3(?:[.-]([a-z]{2}(?:-[a-z]+)+-\d))?\.)?(?:localhost|amazonaws\.com)$/;

/** Throws S3Error InvalidURI for a path or query that is not percent-encoded UTF-8. */
export function parseS3Request(message: IncomingMessage): S3Request {
  const url = message.url ?? '/';
  const questionMark = url.indexOf('?');
  const rawPath = questionMark < 0 ? url : url.slice(0, questionMark);
  const rawQuery = questionMark < 0 ? '' : url.slice(questionMark + 1);
  const headers = joinHeaders(message.rawHeaders);
  try {
    const { bucket: hostBucket, region } = parseHost(headers['host'] ?? '');
    const path = rawPath.replace(/^\//, '');
    const slash = path.indexOf('/');
    const inPath = slash < 0 ? [path, ''] : [path.slice(0, slash), path.slice(slash + 1)];
    const bucket = hostBucket ?? (decodeURIComponent(inPath[0] as string) || null);
    const key = decodeURIComponent(hostBucket === null ? (inPath[1] as string) : path) || null;
    const query = parseQuery(rawQuery);
    return {
      message,
      method: message.method ?? 'GET',
      rawPath,
      rawQuery,
      headers,
      query,
      bucket,
      key,
      hostRegion: region,
    };
  } catch (error) {
    if (error instanceof URIError) throw new S3Error('InvalidURI');
    throw error;
  }
}

function joinHeaders(rawHeaders: string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase();
    const value = Buffer.from(rawHeaders[i + 1] as string, 'latin1').toString('utf8');
    headers[name] = headers[name] === undefined ? value : `${headers[name]},${value}`;
  }
  return headers;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html */
function parseHost(host: string): { bucket: string | null; region: string | null } {
  const name = host.toLowerCase().replace(/:\d+$/, '');
  if (/^[\d.]+$/.test(name) || name.startsWith('[')) return { bucket: null, region: null };
  const direct = ENDPOINT_HOST.exec(name);
  if (direct) return { bucket: null, region: direct[1] ?? null };
  // A bucket name may hold dots: the longest endpoint suffix is the endpoint.
  for (let dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
    const match = ENDPOINT_HOST.exec(name.slice(dot + 1));
    if (match) return { bucket: name.slice(0, dot), region: match[1] ?? null };
  }
  return { bucket: null, region: null };
}

function parseQuery(rawQuery: string): Map<string, string> {
  const query = new Map<string, string>();
  if (rawQuery === '') return query;
  for (const pair of rawQuery.split('&')) {
    const equals = pair.indexOf('=');
    const name = decodeQueryPart(equals < 0 ? pair : pair.slice(0, equals));
    query.set(name, equals < 0 ? '' : decodeQueryPart(pair.slice(equals + 1)));
  }
  return query;
}
