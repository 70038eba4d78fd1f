import { awsEncode } from '../aws/sigv4.ts';
import { OWNER, bucketArn, requireAllowed, requireBucket, sendXml, toIso } from './context.ts';
import type { S3Context } from './context.ts';
import { S3Error } from './errors.ts';
import { compareUtf8 } from './object-store.ts';
import type { BucketRecord, ObjectRecord } from './object-store.ts';
import type { XmlValue } from '../aws/xml.ts';

export type Listing = {
  objects: ObjectRecord[];
  commonPrefixes: string[];
  isTruncated: boolean;
  /** The last key or common prefix of the page; null when it is empty. */
  last: string | null;
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export async function listObjectsV2(context: S3Context): Promise<void> {
  const { query } = context.request;
  const parameters = readParameters(context);
  if (query.get('list-type') !== '2')
    throw new S3Error('InvalidArgument', { message: 'Invalid List Type specified in Query' });
  const token = query.get('continuation-token');
  const after = token === undefined ? query.get('start-after') : decodeToken(token);
  const { bucket, prefix, delimiter, maxKeys, encode } = parameters;
  const listing = buildListing(bucket, context.store.keys(bucket), {
    prefix,
    delimiter,
    maxKeys,
    after: after || null,
  });
  sendXml(context, 'ListBucketResult', {
    Name: bucket.name,
    Prefix: encode(prefix),
    ...(query.get('start-after') ? { StartAfter: encode(query.get('start-after') as string) } : {}),
    ...(token === undefined ? {} : { ContinuationToken: token }),
    ...(listing.isTruncated && listing.last !== null ? { NextContinuationToken: encodeToken(listing.last) } : {}),
    KeyCount: listing.objects.length + listing.commonPrefixes.length,
    MaxKeys: maxKeys,
    ...(delimiter === '' ? {} : { Delimiter: encode(delimiter) }),
    ...(query.has('encoding-type') ? { EncodingType: 'url' } : {}),
    IsTruncated: listing.isTruncated,
    Contents: listing.objects.map((record) => toContents(record, encode, query.get('fetch-owner') === 'true')),
    CommonPrefixes: listing.commonPrefixes.map((text) => ({ Prefix: encode(text) })),
  });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html */
export async function listObjects(context: S3Context): Promise<void> {
  const { query } = context.request;
  const { bucket, prefix, delimiter, maxKeys, encode } = readParameters(context);
  const marker = query.get('marker') ?? '';
  const listing = buildListing(bucket, context.store.keys(bucket), {
    prefix,
    delimiter,
    maxKeys,
    after: marker || null,
  });
  sendXml(context, 'ListBucketResult', {
    Name: bucket.name,
    Prefix: encode(prefix),
    Marker: encode(marker),
    ...(listing.isTruncated && delimiter !== '' && listing.last !== null ? { NextMarker: encode(listing.last) } : {}),
    MaxKeys: maxKeys,
    ...(delimiter === '' ? {} : { Delimiter: encode(delimiter) }),
    ...(query.has('encoding-type') ? { EncodingType: 'url' } : {}),
    IsTruncated: listing.isTruncated,
    Contents: listing.objects.map((record) => toContents(record, encode, true)),
    CommonPrefixes: listing.commonPrefixes.map((text) => ({ Prefix: encode(text) })),
  });
}

/** One page in the order of the keys' UTF-8 bytes; a common prefix counts as one and is skipped whole when it lies before `after`. */
export function buildListing(
  bucket: Pick<BucketRecord, 'objects'>,
  keys: readonly string[],
  options: { prefix: string; delimiter: string; maxKeys: number; after: string | null },
): Listing {
  const { prefix, delimiter, maxKeys, after } = options;
  const listing: Listing = { objects: [], commonPrefixes: [], isTruncated: false, last: null };
  if (maxKeys === 0) return listing;
  let index = firstIndex(keys, after !== null && compareUtf8(after, prefix) > 0 ? after : prefix);
  let count = 0;
  for (; index < keys.length; index++) {
    const key = keys[index] as string;
    if (!key.startsWith(prefix)) break;
    if (after !== null && compareUtf8(key, after) <= 0) continue;
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const common = cut < 0 ? null : key.slice(0, cut + delimiter.length);
    if (common !== null && (common === listing.last || common === after)) continue;
    if (count === maxKeys) {
      listing.isTruncated = true;
      break;
    }
    count++;
    if (common === null) listing.objects.push(bucket.objects.get(key) as ObjectRecord);
    else listing.commonPrefixes.push(common);
    listing.last = common ?? key;
  }
  return listing;
}

function readParameters(context: S3Context) {
  const { query } = context.request;
  const bucket = requireBucket(context);
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const maxKeys = readMaxKeys(query.get('max-keys'));
  requireAllowed(context, 's3:ListBucket', bucketArn(bucket.name), {
    's3:prefix': prefix,
    's3:delimiter': delimiter,
    's3:max-keys': String(maxKeys),
  });
  const encodingType = query.get('encoding-type');
  if (encodingType !== undefined && encodingType !== 'url') {
    throw new S3Error('InvalidArgument', { message: 'Invalid Encoding Method specified in Request' });
  }
  const encode = (text: string) => (encodingType === 'url' ? awsEncode(text).replaceAll('%2F', '/') : text);
  return { bucket, prefix, delimiter, maxKeys, encode };
}

function readMaxKeys(text: string | undefined): number {
  if (text === undefined || text === '') return 1000;
  const isInteger = /^-?\d{1,10}$/.test(text) && Math.abs(Number(text)) <= 2_147_483_647;
  if (!isInteger) {
    throw new S3Error('InvalidArgument', {
      message: 'Provided max-keys not an integer or within integer range',
      details: { ArgumentName: 'max-keys', ArgumentValue: text },
    });
  }
  if (Number(text) < 0) {
    throw new S3Error('InvalidArgument', {
      message: 'Argument maxKeys must be an integer between 0 and 2147483647',
      details: { ArgumentName: 'maxKeys', ArgumentValue: text },
    });
  }
  return Math.min(Number(text), 1000);
}

function toContents(record: ObjectRecord, encode: (text: string) => string, hasOwner: boolean): XmlValue {
  return {
    Key: encode(record.key),
    LastModified: toIso(record.lastModifiedMs),
    ETag: `"${record.etag}"`,
    ...(record.checksum ? { ChecksumAlgorithm: record.checksum.algorithm, ChecksumType: record.checksum.type } : {}),
    Size: record.size,
    ...(hasOwner ? { Owner: OWNER } : {}),
    StorageClass: record.storageClass,
  };
}

/** The first index whose key is not before `text`. */
function firstIndex(keys: readonly string[], text: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareUtf8(keys[middle] as string, text) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function encodeToken(key: string): string {
  return `1${Buffer.from(key).toString('base64')}`;
}

function decodeToken(token: string): string {
  const text = Buffer.from(token.slice(1), 'base64').toString('utf8');
  if (encodeToken(text) !== token || text === '') {
    throw new S3Error('InvalidArgument', {
      message: 'The continuation token provided is incorrect',
      details: { ArgumentName: 'continuation-token' },
    });
  }
  return text;
}
