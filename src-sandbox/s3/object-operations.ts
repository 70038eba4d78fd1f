import { createHash } from 'node:crypto';
import { openSink } from './object-store.ts';
import type { BucketRecord, ObjectRecord } from './object-store.ts';
import { receiveBody, receiveDocument } from './body.ts';
import { createChecksum, checksumElement } from './checksums.ts';
import type { ChecksumAlgorithm } from './checksums.ts';
import {
  objectArn,
  requireAllowed,
  requireBucket,
  requireObject,
  sendEmpty,
  sendXml,
  toIso,
  wholeSecond,
} from './context.ts';
import type { S3Context } from './context.ts';
import { S3Error } from './errors.ts';
import { checksumHeaders, encryptionHeaders, readObjectHeaders, requireDecryptable } from './object-headers.ts';
import { childText, parseXml } from '../aws/xml.ts';
import type { XmlNode } from '../aws/xml.ts';

const MAX_KEY_BYTES = 1024;
const RESPONSE_OVERRIDES = [
  'content-type',
  'content-language',
  'expires',
  'cache-control',
  'content-disposition',
  'content-encoding',
];

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export async function putObject(context: S3Context): Promise<void> {
  const { store } = context;
  const key = requireKey(context);
  const bucket = requireBucket(context);
  requireAllowed(context, 's3:PutObject', objectArn(bucket.name, key));
  const described = readObjectHeaders(context);
  checkWriteConditions(context, bucket, key);
  const file = store.newFile(bucket);
  try {
    const body = await receiveToFile(context, file);
    // Again: another writer may have been first while the body came in.
    checkWriteConditions(context, bucket, key);
    const record: ObjectRecord = {
      key,
      segments: [{ file, size: body.size }],
      size: body.size,
      etag: body.md5.toString('hex'),
      lastModifiedMs: wholeSecond(context.now()),
      checksum: body.checksum ? { ...body.checksum, type: 'FULL_OBJECT' } : null,
      ...described,
    };
    await store.putObject(bucket, record);
    sendEmpty(context, 200, {
      etag: `"${record.etag}"`,
      ...encryptionHeaders(record.encryption),
      ...checksumHeaders(record.checksum),
    });
  } catch (error) {
    if (bucket.objects.get(key)?.segments[0]?.file !== file) await store.removeSegments([{ file, size: 0 }]);
    throw error;
  }
}

/** GetObject and HeadObject. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
export async function getObject(context: S3Context): Promise<void> {
  const { request, response, store } = context;
  const bucket = requireBucket(context);
  const key = requireKey(context);
  const versionId = request.query.get('versionId');
  requireAllowed(
    context,
    versionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion',
    objectArn(bucket.name, key),
  );
  checkVersionId(versionId);
  const record = requireObject(context, bucket, key);
  const headers = objectResponseHeaders(context, record);
  if (checkReadConditions(request.headers, record) === 'not-modified') {
    response.writeHead(304, { etag: headers['etag'], 'last-modified': headers['last-modified'] }).end();
    return;
  }
  requireDecryptable(context, record);
  const range = parseRange(request.headers['range'], record.size);
  const { start, end } = range ?? { start: 0, end: record.size - 1 };
  const isWhole = range === null;
  if (isWhole && request.headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED') {
    Object.assign(headers, checksumHeaders(record.checksum));
  }
  headers['content-length'] = String(end - start + 1);
  if (!isWhole) headers['content-range'] = `bytes ${start}-${end}/${record.size}`;
  response.writeHead(isWhole ? 200 : 206, headers);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  for await (const chunk of store.read(record, start, end)) {
    if (response.destroyed) return;
    if (!response.write(chunk)) await drained(response);
  }
  response.end();
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html: deleting what is not there is 204 as well. */
export async function deleteObject(context: S3Context): Promise<void> {
  const bucket = requireBucket(context);
  const key = requireKey(context);
  const versionId = context.request.query.get('versionId');
  const action = versionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion';
  requireAllowed(context, action, objectArn(bucket.name, key));
  checkVersionId(versionId);
  await context.store.deleteObject(bucket, key);
  sendEmpty(context, 204, versionId === undefined ? {} : { 'x-amz-version-id': 'null' });
}

/** Answers 200 with one element a key, errors included. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
export async function deleteObjects(context: S3Context): Promise<void> {
  const bucket = requireBucket(context);
  const { text, body } = await receiveDocument(context.request, context.auth);
  if (body.checksum === null && context.request.headers['content-md5'] === undefined) {
    throw new S3Error('InvalidRequest', { message: 'Missing required header for this request: Content-MD5' });
  }
  const { isQuiet, targets } = readDeleteRequest(text);
  const deleted: { Key: string; VersionId?: string }[] = [];
  const errors: { Key: string; VersionId?: string; Code: string; Message: string }[] = [];
  for (const { key, versionId } of targets) {
    const named = { Key: key, ...(versionId === undefined ? {} : { VersionId: versionId }) };
    try {
      const action = versionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion';
      requireAllowed(context, action, objectArn(bucket.name, key));
      checkVersionId(versionId);
      await context.store.deleteObject(bucket, key);
      deleted.push(named);
    } catch (error) {
      if (!(error instanceof S3Error)) throw error;
      errors.push({ ...named, Code: error.code, Message: error.message });
    }
  }
  sendXml(context, 'DeleteResult', { Deleted: isQuiet ? [] : deleted, Error: errors });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export async function copyObject(context: S3Context): Promise<void> {
  const { request, store } = context;
  const bucket = requireBucket(context);
  const key = requireKey(context);
  const { sourceBucket, source } = requireCopySource(context);
  requireAllowed(context, 's3:PutObject', objectArn(bucket.name, key));
  const described = readObjectHeaders(context);
  const directive = request.headers['x-amz-metadata-directive'] ?? 'COPY';
  if (directive !== 'COPY' && directive !== 'REPLACE')
    throw new S3Error('InvalidArgument', { message: 'Unknown metadata directive.' });
  const isSelf = sourceBucket === bucket && source.key === key;
  if (
    isSelf &&
    directive === 'COPY' &&
    request.headers['x-amz-storage-class'] === undefined &&
    request.headers['x-amz-server-side-encryption'] === undefined
  ) {
    throw new S3Error('InvalidRequest', {
      message:
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    });
  }
  checkWriteConditions(context, bucket, key);
  const file = store.newFile(bucket);
  const algorithm = readCopyChecksum(request.headers['x-amz-checksum-algorithm'], source);
  const { etag, checksum } = await copyBytes(context, { source, file, algorithm });
  const record: ObjectRecord = {
    ...described,
    key,
    headers: directive === 'COPY' ? source.headers : described.headers,
    segments: [{ file, size: source.size }],
    size: source.size,
    etag,
    lastModifiedMs: wholeSecond(context.now()),
    checksum: algorithm && checksum !== null ? { algorithm, value: checksum, type: 'FULL_OBJECT' } : null,
  };
  await store.putObject(bucket, record);
  const value: Record<string, string> = { LastModified: toIso(record.lastModifiedMs), ETag: `"${etag}"` };
  if (record.checksum) value[checksumElement(record.checksum.algorithm)] = record.checksum.value;
  sendXml(context, 'CopyObjectResult', value, encryptionHeaders(record.encryption));
}

/** Writes the request's body to a file, and removes nothing: the caller decides what the file becomes. */
export async function receiveToFile(context: S3Context, file: string) {
  const sink = openSink(file);
  try {
    return await receiveBody(context.request, context.auth, (chunk) => sink.write(chunk));
  } finally {
    await sink.end();
  }
}

export function requireKey(context: S3Context): string {
  const key = context.request.key as string;
  const size = Buffer.byteLength(key);
  if (size > MAX_KEY_BYTES) {
    throw new S3Error('KeyTooLongError', { details: { Size: String(size), MaxSizeAllowed: String(MAX_KEY_BYTES) } });
  }
  return key;
}

/** Conditional writes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
export function checkWriteConditions(context: S3Context, bucket: BucketRecord, key: string): void {
  const ifNoneMatch = context.request.headers['if-none-match'];
  const ifMatch = context.request.headers['if-match'];
  const existing = bucket.objects.get(key);
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch !== '*') throw new S3Error('NotImplemented', { details: { Header: 'If-None-Match' } });
    if (existing) throw new S3Error('PreconditionFailed', { details: { Condition: 'If-None-Match' } });
  }
  if (ifMatch !== undefined) {
    if (!existing) throw new S3Error('NoSuchKey', { details: { Key: key } });
    if (!etagMatches(ifMatch, existing))
      throw new S3Error('PreconditionFailed', { details: { Condition: 'If-Match' } });
  }
}

/** Buckets here are not versioned: the only version of an object is `null`. */
function checkVersionId(versionId: string | undefined): void {
  if (versionId === undefined || versionId === 'null') return;
  throw new S3Error('InvalidArgument', {
    message: 'Invalid version id specified',
    details: { ArgumentName: 'versionId', ArgumentValue: versionId },
  });
}

function objectResponseHeaders(context: S3Context, record: ObjectRecord): Record<string, string> {
  const headers: Record<string, string> = {
    'accept-ranges': 'bytes',
    'last-modified': new Date(record.lastModifiedMs).toUTCString(),
    etag: `"${record.etag}"`,
    ...record.headers,
    ...encryptionHeaders(record.encryption),
  };
  if (record.storageClass !== 'STANDARD') headers['x-amz-storage-class'] = record.storageClass;
  for (const name of RESPONSE_OVERRIDES) {
    const override = context.request.query.get(`response-${name}`);
    if (override !== undefined) headers[name] = override;
  }
  return headers;
}

/** RFC 9110 in S3's order: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
function checkReadConditions(headers: Record<string, string>, record: ObjectRecord): 'send' | 'not-modified' {
  const ifMatch = headers['if-match'];
  const ifNoneMatch = headers['if-none-match'];
  const modifiedSince = Date.parse(headers['if-modified-since'] ?? '');
  const unmodifiedSince = Date.parse(headers['if-unmodified-since'] ?? '');
  if (ifMatch !== undefined) {
    if (!etagMatches(ifMatch, record)) throw new S3Error('PreconditionFailed', { details: { Condition: 'If-Match' } });
  } else if (record.lastModifiedMs > unmodifiedSince) {
    throw new S3Error('PreconditionFailed', { details: { Condition: 'If-Unmodified-Since' } });
  }
  if (ifNoneMatch !== undefined) return etagMatches(ifNoneMatch, record) ? 'not-modified' : 'send';
  return record.lastModifiedMs <= modifiedSince ? 'not-modified' : 'send';
}

function etagMatches(header: string, record: ObjectRecord): boolean {
  return header.split(',').some((text) => text.trim() === '*' || text.trim().replace(/^"|"$/g, '') === record.etag);
}

/** Null: the whole object. Several ranges in one request are not supported by S3, which then sends the whole. */
function parseRange(header: string | undefined, size: number): { start: number; end: number } | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  const isSuffix = match[1] === '';
  const start = isSuffix ? Math.max(size - Number(match[2]), 0) : Number(match[1]);
  const end = isSuffix || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (!isSuffix && match[2] !== '' && Number(match[2]) < start) return null;
  if (start >= size || (isSuffix && Number(match[2]) === 0)) {
    throw new S3Error('InvalidRange', {
      details: { RangeRequested: header as string, ActualObjectSize: String(size) },
      headers: { 'content-range': `bytes */${size}` },
    });
  }
  return { start, end };
}

function readDeleteRequest(text: string): {
  isQuiet: boolean;
  targets: { key: string; versionId: string | undefined }[];
} {
  let root: XmlNode;
  try {
    root = parseXml(text);
  } catch {
    throw new S3Error('MalformedXML');
  }
  const targets = root.children
    .filter((node) => node.name === 'Object')
    .map((node) => {
      if (node.children.some(({ name }) => name !== 'Key' && name !== 'VersionId')) {
        throw new S3Error('NotImplemented', { message: 'Conditional deletes are not played by this endpoint' });
      }
      return { key: childText(node, 'Key') ?? '', versionId: childText(node, 'VersionId') };
    });
  const isValid =
    root.name === 'Delete' && targets.length > 0 && targets.length <= 1000 && targets.every(({ key }) => key !== '');
  if (!isValid) throw new S3Error('MalformedXML');
  return { isQuiet: childText(root, 'Quiet') === 'true', targets };
}

function requireCopySource(context: S3Context): { sourceBucket: BucketRecord; source: ObjectRecord } {
  const { request, store } = context;
  const header = request.headers['x-amz-copy-source'] ?? '';
  const conditional = Object.keys(request.headers).find((name) => name.startsWith('x-amz-copy-source-'));
  if (conditional) throw new S3Error('NotImplemented', { details: { Header: conditional } });
  const [path = '', query = ''] = header.split('?');
  if (query !== '' && query !== 'versionId=null')
    throw new S3Error('InvalidArgument', { message: 'Invalid version id specified' });
  const decoded = decodeURIComponent(path.replace(/^\//, ''));
  const slash = decoded.indexOf('/');
  if (slash < 1) throw new S3Error('InvalidArgument', { message: 'Invalid copy source object key' });
  const sourceBucket = store.buckets.get(decoded.slice(0, slash));
  if (!sourceBucket) throw new S3Error('NoSuchBucket', { details: { BucketName: decoded.slice(0, slash) } });
  const key = decoded.slice(slash + 1);
  requireAllowed(context, query === '' ? 's3:GetObject' : 's3:GetObjectVersion', objectArn(sourceBucket.name, key));
  const source = requireObject(context, sourceBucket, key);
  requireDecryptable(context, source);
  return { sourceBucket, source };
}

function readCopyChecksum(header: string | undefined, source: ObjectRecord): ChecksumAlgorithm | null {
  if (header === undefined) return source.checksum?.algorithm ?? null;
  const known: ChecksumAlgorithm[] = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'];
  const found = known.find((algorithm) => algorithm === header.toUpperCase());
  if (!found) throw new S3Error('InvalidRequest', { message: 'Checksum algorithm provided is unsupported.' });
  return found;
}

async function copyBytes(
  context: S3Context,
  options: { source: ObjectRecord; file: string; algorithm: ChecksumAlgorithm | null },
): Promise<{ etag: string; checksum: string | null }> {
  const md5 = createHash('md5');
  const checksum = options.algorithm ? createChecksum(options.algorithm) : null;
  const sink = openSink(options.file);
  try {
    for await (const chunk of context.store.read(options.source, 0, options.source.size - 1)) {
      md5.update(chunk);
      checksum?.update(chunk);
      await sink.write(chunk);
    }
  } finally {
    await sink.end();
  }
  return { etag: md5.digest('hex'), checksum: checksum?.digest().toString('base64') ?? null };
}

function drained(response: S3Context['response']): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}
