import { checksumHeader } from './checksums.ts';
import { isAllowed } from './context.ts';
import type { S3Context } from './context.ts';
import { S3Error } from './errors.ts';
import type { ObjectRecord } from './object-store.ts';

const STORED_HEADERS = [
  'content-type',
  'content-encoding',
  'content-disposition',
  'content-language',
  'cache-control',
  'expires',
];
const STORAGE_CLASSES = [
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'DEEP_ARCHIVE',
  'GLACIER_IR',
];
/** Headers that would change what is stored in a way that is not played here. */
const REFUSED_PREFIXES = [
  'x-amz-tagging',
  'x-amz-website-redirect-location',
  'x-amz-object-lock-',
  'x-amz-server-side-encryption-customer-',
  'x-amz-server-side-encryption-context',
  'x-amz-write-offset-bytes',
];

/** What a PutObject, CreateMultipartUpload or CopyObject says of the new object, apart from its bytes. */
export function readObjectHeaders(context: S3Context): Pick<ObjectRecord, 'headers' | 'encryption' | 'storageClass'> {
  const { headers } = context.request;
  for (const name of Object.keys(headers)) {
    if (REFUSED_PREFIXES.some((prefix) => name.startsWith(prefix))) {
      throw new S3Error('NotImplemented', { details: { Header: name } });
    }
    // Bucket owner enforced, the default since 2023: https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
    if (name.startsWith('x-amz-grant-') || (name === 'x-amz-acl' && headers[name] !== 'bucket-owner-full-control')) {
      throw new S3Error('AccessControlListNotSupported');
    }
  }
  const storageClass = headers['x-amz-storage-class'] ?? 'STANDARD';
  if (!STORAGE_CLASSES.includes(storageClass)) {
    throw new S3Error('InvalidRequest', { message: 'The storage class you specified is not valid' });
  }
  return { headers: readStoredHeaders(headers), encryption: readEncryption(context), storageClass };
}

export function encryptionHeaders(encryption: ObjectRecord['encryption']): Record<string, string> {
  return {
    'x-amz-server-side-encryption': encryption.algorithm,
    ...(encryption.keyArn === null ? {} : { 'x-amz-server-side-encryption-aws-kms-key-id': encryption.keyArn }),
  };
}

export function checksumHeaders(checksum: ObjectRecord['checksum']): Record<string, string> {
  if (!checksum) return {};
  return { [checksumHeader(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': checksum.type };
}

/** A customer's key asks for kms:Decrypt of whoever reads. https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html */
export function requireDecryptable(context: S3Context, record: ObjectRecord): void {
  const keyArn = record.encryption.keyArn;
  if (keyArn === null || keyArn.endsWith(':alias/aws/s3')) return;
  requireKms(context, 'kms:Decrypt', keyArn);
}

function readStoredHeaders(headers: Record<string, string>): Record<string, string> {
  const stored: Record<string, string> = {};
  let metadataBytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('x-amz-meta-')) {
      metadataBytes += Buffer.byteLength(name) - 'x-amz-meta-'.length + Buffer.byteLength(value);
      stored[name] = value;
    } else if (STORED_HEADERS.includes(name)) stored[name] = value;
  }
  if (metadataBytes > 2048)
    throw new S3Error('MetadataTooLarge', { details: { MaxSizeAllowed: '2048', Size: String(metadataBytes) } });
  const encodings = (stored['content-encoding'] ?? '').split(',').map((text) => text.trim());
  // aws-chunked is how the body travels, not what is stored.
  const kept = encodings.filter((text) => text !== '' && text !== 'aws-chunked').join(',');
  if (kept === '') delete stored['content-encoding'];
  else stored['content-encoding'] = kept;
  stored['content-type'] ??= 'binary/octet-stream';
  return stored;
}

function readEncryption(context: S3Context): ObjectRecord['encryption'] {
  const { headers } = context.request;
  const algorithm = headers['x-amz-server-side-encryption'];
  const keyId = headers['x-amz-server-side-encryption-aws-kms-key-id'];
  // SSE-S3 is the default of every bucket since January 2023: https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html
  if (algorithm === undefined && keyId === undefined) return { algorithm: 'AES256', keyArn: null };
  if (algorithm === 'AES256') {
    if (keyId !== undefined) {
      throw new S3Error('InvalidArgument', {
        message:
          'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms',
      });
    }
    return { algorithm, keyArn: null };
  }
  if (algorithm !== 'aws:kms') {
    throw new S3Error('InvalidArgument', { message: 'The encryption method specified is not supported' });
  }
  const awsManaged = `arn:aws:kms:${context.auth.region}:${context.iam.accountId}:alias/aws/s3`;
  if (keyId === undefined) return { algorithm, keyArn: awsManaged };
  const keyArn = context.kmsKeyArns.find((arn) => arn === keyId || arn.endsWith(`/${keyId}`));
  if (!keyArn) {
    throw new S3Error('KMS.NotFoundException', { message: `Key '${keyId}' does not exist` });
  }
  requireKms(context, 'kms:GenerateDataKey', keyArn);
  return { algorithm, keyArn };
}

function requireKms(context: S3Context, action: string, keyArn: string): void {
  if (isAllowed(context, action, keyArn)) return;
  throw new S3Error('AccessDenied', {
    message: context.iam.denialMessage(context.auth.principal, action, keyArn, 'implicit-deny'),
  });
}
