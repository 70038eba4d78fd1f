import { createHash, randomBytes } from 'node:crypto';
import { awsEncode } from '../aws/sigv4.ts';
import { receiveDocument } from './body.ts';
import { checksumElement, checksumHeader, createChecksum, isChecksumAlgorithm } from './checksums.ts';
import type { ChecksumAlgorithm } from './checksums.ts';
import {
  OWNER,
  bucketArn,
  objectArn,
  requireAllowed,
  requireBucket,
  sendEmpty,
  sendXml,
  toIso,
  wholeSecond,
} from './context.ts';
import type { S3Context } from './context.ts';
import { S3Error } from './errors.ts';
import { encryptionHeaders, readObjectHeaders } from './object-headers.ts';
import { checkWriteConditions, receiveToFile, requireKey } from './object-operations.ts';
import { compareUtf8 } from './object-store.ts';
import type { BucketRecord, ObjectRecord, PartRecord, UploadRecord } from './object-store.ts';
import { childText, parseXml } from '../aws/xml.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MIN_PART_BYTES = 5 * 1024 * 1024;
const MAX_PART_NUMBER = 10_000;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html */
export async function createMultipartUpload(context: S3Context): Promise<void> {
  const bucket = requireBucket(context);
  const key = requireKey(context);
  requireAllowed(context, 's3:PutObject', objectArn(bucket.name, key));
  const described = readObjectHeaders(context);
  const checksum = readUploadChecksum(context.request.headers);
  const upload: UploadRecord = {
    uploadId: randomBytes(64).toString('base64url'),
    key,
    initiatedMs: wholeSecond(context.now()),
    initiatorArn: context.auth.principal.arn,
    checksum,
    parts: new Map(),
    ...described,
  };
  bucket.uploads.set(upload.uploadId, upload);
  const headers: Record<string, string> = encryptionHeaders(upload.encryption);
  if (checksum) {
    headers['x-amz-checksum-algorithm'] = checksum.algorithm;
    headers['x-amz-checksum-type'] = checksum.type;
  }
  sendXml(
    context,
    'InitiateMultipartUploadResult',
    { Bucket: bucket.name, Key: key, UploadId: upload.uploadId },
    headers,
  );
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html */
export async function uploadPart(context: S3Context): Promise<void> {
  const bucket = requireBucket(context);
  const key = requireKey(context);
  requireAllowed(context, 's3:PutObject', objectArn(bucket.name, key));
  const partNumber = Number(context.request.query.get('partNumber'));
  if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > MAX_PART_NUMBER) {
    throw new S3Error('InvalidArgument', {
      message: `Part number must be an integer between 1 and ${MAX_PART_NUMBER}, inclusive`,
      details: { ArgumentName: 'partNumber', ArgumentValue: context.request.query.get('partNumber') ?? '' },
    });
  }
  const upload = requireUpload(context, bucket, key);
  const file = context.store.newFile(bucket);
  try {
    const body = await receiveToFile(context, file);
    if (upload.checksum && body.checksum && body.checksum.algorithm !== upload.checksum.algorithm) {
      throw new S3Error('InvalidRequest', {
        message: `Checksum Type mismatch occurred, expected checksum Type: ${upload.checksum.algorithm.toLowerCase()}, actual checksum Type: ${body.checksum.algorithm.toLowerCase()}`,
      });
    }
    requireUpload(context, bucket, key);
    const previous = upload.parts.get(partNumber);
    const part: PartRecord = {
      partNumber,
      segment: { file, size: body.size },
      etag: body.md5.toString('hex'),
      lastModifiedMs: wholeSecond(context.now()),
      checksum: body.checksum,
    };
    upload.parts.set(partNumber, part);
    if (previous) await context.store.removeSegments([previous.segment]);
    sendEmpty(context, 200, {
      etag: `"${part.etag}"`,
      ...encryptionHeaders(upload.encryption),
      ...(part.checksum ? { [checksumHeader(part.checksum.algorithm)]: part.checksum.value } : {}),
    });
  } catch (error) {
    if (upload.parts.get(partNumber)?.segment.file !== file) await context.store.removeSegments([{ file, size: 0 }]);
    throw error;
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html */
export async function completeMultipartUpload(context: S3Context): Promise<void> {
  const bucket = requireBucket(context);
  const key = requireKey(context);
  requireAllowed(context, 's3:PutObject', objectArn(bucket.name, key));
  const { text } = await receiveDocument(context.request, context.auth);
  const upload = requireUpload(context, bucket, key);
  const parts = choosePartsFor(upload, readCompletedParts(text));
  checkWriteConditions(context, bucket, key);
  const md5 = createHash('md5');
  for (const part of parts) md5.update(Buffer.from(part.etag, 'hex'));
  const record: ObjectRecord = {
    key,
    segments: parts.map((part) => part.segment),
    size: parts.reduce((sum, part) => sum + part.segment.size, 0),
    etag: `${md5.digest('hex')}-${parts.length}`,
    lastModifiedMs: wholeSecond(context.now()),
    checksum: await wholeChecksum(context, upload, parts),
    encryption: upload.encryption,
    storageClass: upload.storageClass,
    headers: upload.headers,
  };
  checkWholeChecksum(context.request.headers, record.checksum);
  bucket.uploads.delete(upload.uploadId);
  await context.store.putObject(bucket, record);
  const kept = new Set(parts);
  await context.store.removeSegments(
    [...upload.parts.values()].filter((part) => !kept.has(part)).map((part) => part.segment),
  );
  sendXml(
    context,
    'CompleteMultipartUploadResult',
    {
      Location: `http://${context.request.headers['host'] ?? 'localhost'}/${bucket.name}/${awsEncode(key)}`,
      Bucket: bucket.name,
      Key: key,
      ETag: `"${record.etag}"`,
      ...(record.checksum
        ? { [checksumElement(record.checksum.algorithm)]: record.checksum.value, ChecksumType: record.checksum.type }
        : {}),
    },
    encryptionHeaders(record.encryption),
  );
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html */
export async function abortMultipartUpload(context: S3Context): Promise<void> {
  const bucket = requireBucket(context);
  const key = requireKey(context);
  requireAllowed(context, 's3:AbortMultipartUpload', objectArn(bucket.name, key));
  const upload = requireUpload(context, bucket, key);
  bucket.uploads.delete(upload.uploadId);
  await context.store.removeSegments([...upload.parts.values()].map((part) => part.segment));
  sendEmpty(context, 204);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html */
export async function listParts(context: S3Context): Promise<void> {
  const bucket = requireBucket(context);
  const key = requireKey(context);
  requireAllowed(context, 's3:ListMultipartUploadParts', objectArn(bucket.name, key));
  const upload = requireUpload(context, bucket, key);
  const marker = readNumber(context, 'part-number-marker', 0);
  const maxParts = Math.min(readNumber(context, 'max-parts', 1000), 1000);
  const all = [...upload.parts.values()]
    .sort((a, b) => a.partNumber - b.partNumber)
    .filter((part) => part.partNumber > marker);
  const page = all.slice(0, maxParts);
  sendXml(context, 'ListPartsResult', {
    Bucket: bucket.name,
    Key: key,
    UploadId: upload.uploadId,
    PartNumberMarker: marker,
    NextPartNumberMarker: page.at(-1)?.partNumber ?? 0,
    MaxParts: maxParts,
    IsTruncated: all.length > page.length,
    Initiator: { ID: upload.initiatorArn, DisplayName: upload.initiatorArn },
    Owner: OWNER,
    StorageClass: upload.storageClass,
    ...(upload.checksum ? { ChecksumAlgorithm: upload.checksum.algorithm, ChecksumType: upload.checksum.type } : {}),
    Part: page.map((part) => ({
      PartNumber: part.partNumber,
      LastModified: toIso(part.lastModifiedMs),
      ETag: `"${part.etag}"`,
      Size: part.segment.size,
      ...(part.checksum ? { [checksumElement(part.checksum.algorithm)]: part.checksum.value } : {}),
    })),
  });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html; one page, as `max-uploads` says. */
export async function listMultipartUploads(context: S3Context): Promise<void> {
  const bucket = requireBucket(context);
  requireAllowed(context, 's3:ListBucketMultipartUploads', bucketArn(bucket.name));
  const prefix = context.request.query.get('prefix') ?? '';
  const isUrl = context.request.query.get('encoding-type') === 'url';
  const encode = (text: string) => (isUrl ? awsEncode(text).replaceAll('%2F', '/') : text);
  const maxUploads = Math.min(readNumber(context, 'max-uploads', 1000), 1000);
  const all = [...bucket.uploads.values()]
    .filter((upload) => upload.key.startsWith(prefix))
    .sort((a, b) => compareUtf8(a.key, b.key) || a.initiatedMs - b.initiatedMs);
  const page = all.slice(0, maxUploads);
  const last = page.at(-1);
  const isTruncated = all.length > page.length;
  sendXml(context, 'ListMultipartUploadsResult', {
    Bucket: bucket.name,
    KeyMarker: '',
    UploadIdMarker: '',
    ...(isTruncated && last ? { NextKeyMarker: encode(last.key), NextUploadIdMarker: last.uploadId } : {}),
    Prefix: encode(prefix),
    ...(isUrl ? { EncodingType: 'url' } : {}),
    MaxUploads: maxUploads,
    IsTruncated: isTruncated,
    Upload: page.map((upload) => ({
      Key: encode(upload.key),
      UploadId: upload.uploadId,
      Initiator: { ID: upload.initiatorArn, DisplayName: upload.initiatorArn },
      Owner: OWNER,
      StorageClass: upload.storageClass,
      Initiated: toIso(upload.initiatedMs),
    })),
  });
}

function requireUpload(context: S3Context, bucket: BucketRecord, key: string): UploadRecord {
  const uploadId = context.request.query.get('uploadId') ?? '';
  const upload = bucket.uploads.get(uploadId);
  if (!upload || upload.key !== key) throw new S3Error('NoSuchUpload', { details: { UploadId: uploadId } });
  return upload;
}

/** CRC64NVME is always of the full object, SHA always composite, the other CRCs composite unless asked: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html */
function readUploadChecksum(headers: Record<string, string>): UploadRecord['checksum'] {
  const algorithm = headers['x-amz-checksum-algorithm']?.toUpperCase();
  const type = headers['x-amz-checksum-type']?.toUpperCase();
  if (algorithm === undefined) {
    if (type === undefined) return null;
    throw new S3Error('InvalidRequest', {
      message: 'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
    });
  }
  if (!isChecksumAlgorithm(algorithm))
    throw new S3Error('InvalidRequest', { message: 'Checksum algorithm provided is unsupported.' });
  const standard = algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE';
  if (type === undefined) return { algorithm, type: standard };
  const isPossible = type === standard || (type === 'FULL_OBJECT' && algorithm.startsWith('CRC'));
  if (!isPossible || (type !== 'FULL_OBJECT' && type !== 'COMPOSITE')) {
    throw new S3Error('InvalidRequest', {
      message: `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    });
  }
  return { algorithm, type };
}

type CompletedPart = { partNumber: number; etag: string; checksums: Map<string, string> };

function readCompletedParts(text: string): CompletedPart[] {
  let parts: CompletedPart[];
  try {
    const root = parseXml(text);
    if (root.name !== 'CompleteMultipartUpload') throw new Error(`unexpected <${root.name}>`);
    parts = root.children
      .filter((node) => node.name === 'Part')
      .map((node) => ({
        partNumber: Number(childText(node, 'PartNumber')),
        etag: (childText(node, 'ETag') ?? '').replace(/^"|"$/g, ''),
        checksums: new Map(
          node.children.filter(({ name }) => name.startsWith('Checksum')).map(({ name, text: value }) => [name, value]),
        ),
      }));
  } catch {
    throw new S3Error('MalformedXML');
  }
  if (parts.length === 0 || parts.some((part) => !Number.isInteger(part.partNumber))) throw new S3Error('MalformedXML');
  return parts;
}

function choosePartsFor(upload: UploadRecord, completed: CompletedPart[]): PartRecord[] {
  const isAscending = completed.every(
    (part, i) => i === 0 || (completed[i - 1] as CompletedPart).partNumber < part.partNumber,
  );
  if (!isAscending) throw new S3Error('InvalidPartOrder', { details: { UploadId: upload.uploadId } });
  return completed.map(({ partNumber, etag, checksums }, index) => {
    const part = upload.parts.get(partNumber);
    const expected = part?.checksum ? checksums.get(checksumElement(part.checksum.algorithm)) : undefined;
    if (!part || part.etag !== etag || (expected !== undefined && expected !== part.checksum?.value)) {
      throw new S3Error('InvalidPart', {
        details: { UploadId: upload.uploadId, PartNumber: String(partNumber), ETag: etag },
      });
    }
    if (index < completed.length - 1 && part.segment.size < MIN_PART_BYTES) {
      throw new S3Error('EntityTooSmall', {
        details: {
          ProposedSize: String(part.segment.size),
          MinSizeAllowed: String(MIN_PART_BYTES),
          PartNumber: String(partNumber),
          ETag: etag,
        },
      });
    }
    return part;
  });
}

async function wholeChecksum(
  context: S3Context,
  upload: UploadRecord,
  parts: PartRecord[],
): Promise<ObjectRecord['checksum']> {
  if (!upload.checksum) return null;
  const { algorithm, type } = upload.checksum;
  const checksum = createChecksum(algorithm);
  if (type === 'COMPOSITE') {
    for (const part of parts) checksum.update(await partDigest(context, part, algorithm));
    return { algorithm, type, value: `${checksum.digest().toString('base64')}-${parts.length}` };
  }
  for (const part of parts) {
    for await (const chunk of context.store.read({ segments: [part.segment] }, 0, part.segment.size - 1))
      checksum.update(chunk);
  }
  return { algorithm, type, value: checksum.digest().toString('base64') };
}

/** A part that came without a checksum gets one now, as S3 computes it on arrival. */
async function partDigest(context: S3Context, part: PartRecord, algorithm: ChecksumAlgorithm): Promise<Buffer> {
  if (part.checksum) return Buffer.from(part.checksum.value, 'base64');
  const checksum = createChecksum(algorithm);
  for await (const chunk of context.store.read({ segments: [part.segment] }, 0, part.segment.size - 1))
    checksum.update(chunk);
  return checksum.digest();
}

/** CompleteMultipartUpload may carry the checksum of the whole object. */
function checkWholeChecksum(headers: Record<string, string>, checksum: ObjectRecord['checksum']): void {
  const given = checksum ? headers[checksumHeader(checksum.algorithm)] : undefined;
  if (given !== undefined && checksum && checksum.type === 'FULL_OBJECT' && given !== checksum.value) {
    throw new S3Error('BadDigest', {
      message: `The ${checksum.algorithm} you specified did not match the calculated checksum.`,
    });
  }
}

function readNumber(context: S3Context, name: string, standard: number): number {
  const text = context.request.query.get(name);
  if (text === undefined || text === '') return standard;
  if (!/^\d{1,9}$/.test(text)) {
    throw new S3Error('InvalidArgument', { message: `Provided ${name} not an integer or within integer range` });
  }
  return Number(text);
}
