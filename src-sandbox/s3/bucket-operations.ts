import { receiveDocument } from './body.ts';
import { NAMESPACE, OWNER, bucketArn, requireAllowed, requireBucket, sendEmpty, sendXml, toIso } from './context.ts';
import type { S3Context } from './context.ts';
import { S3Error } from './errors.ts';
import { childText, parseXml } from '../aws/xml.ts';

export async function listBuckets(context: S3Context): Promise<void> {
  requireAllowed(context, 's3:ListAllMyBuckets', '*');
  const buckets = [...context.store.buckets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  sendXml(context, 'ListAllMyBucketsResult', {
    Owner: OWNER,
    Buckets: { Bucket: buckets.map((bucket) => ({ Name: bucket.name, CreationDate: toIso(bucket.createdMs) })) },
  });
}

/** Names the region with 200, 301 and 403 alike: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html */
export async function headBucket(context: S3Context): Promise<void> {
  const bucket = context.store.buckets.get(context.request.bucket as string);
  const region: Record<string, string> = bucket ? { 'x-amz-bucket-region': bucket.region } : {};
  requireBucket(context);
  try {
    requireAllowed(context, 's3:ListBucket', bucketArn(context.request.bucket as string));
  } catch (error) {
    if (error instanceof S3Error) Object.assign(error.headers, region);
    throw error;
  }
  sendEmpty(context, 200, { ...region, 'x-amz-access-point-alias': 'false' });
}

/** Null (an empty element) for us-east-1: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html */
export async function getBucketLocation(context: S3Context): Promise<void> {
  // us-east-1 answers for every region; other regions only for their own buckets.
  const bucket = requireBucket(context, { isRegionFree: context.auth.region === 'us-east-1' });
  requireAllowed(context, 's3:GetBucketLocation', bucketArn(bucket.name));
  sendXml(context, 'LocationConstraint', bucket.region === 'us-east-1' ? '' : bucket.region);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html */
export async function createBucket(context: S3Context): Promise<void> {
  const name = context.request.bucket as string;
  const { text } = await receiveDocument(context.request, context.auth);
  requireAllowed(context, 's3:CreateBucket', bucketArn(name));
  if (!isBucketName(name)) throw new S3Error('InvalidBucketName', { details: { BucketName: name } });
  const location = readLocation(text);
  const region = location ?? 'us-east-1';
  if (region !== context.auth.region) {
    const which = location ?? 'unspecified';
    throw new S3Error('IllegalLocationConstraintException', {
      message: `The ${which} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    });
  }
  const existing = context.store.buckets.get(name);
  // us-east-1 answers 200 for a bucket that is the caller's already.
  if (existing && !(existing.region === 'us-east-1' && region === 'us-east-1')) {
    throw new S3Error('BucketAlreadyOwnedByYou', { details: { BucketName: name } });
  }
  if (!existing) await context.store.createBucket(name, region);
  sendEmpty(context, 200, { location: `/${name}` });
}

export async function deleteBucket(context: S3Context): Promise<void> {
  const bucket = requireBucket(context);
  requireAllowed(context, 's3:DeleteBucket', bucketArn(bucket.name));
  if (bucket.objects.size > 0) throw new S3Error('BucketNotEmpty', { details: { BucketName: bucket.name } });
  await context.store.deleteBucket(bucket);
  sendEmpty(context, 204);
}

/** Never enabled here. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html */
export async function getBucketVersioning(context: S3Context): Promise<void> {
  const bucket = requireBucket(context);
  requireAllowed(context, 's3:GetBucketVersioning', bucketArn(bucket.name));
  sendXml(context, 'VersioningConfiguration', '');
}

/** SSE-S3, the default of every bucket. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketEncryption.html */
export async function getBucketEncryption(context: S3Context): Promise<void> {
  const bucket = requireBucket(context);
  requireAllowed(context, 's3:GetEncryptionConfiguration', bucketArn(bucket.name));
  sendXml(context, 'ServerSideEncryptionConfiguration', {
    Rule: { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false },
  });
}

function readLocation(text: string): string | null {
  if (text.trim() === '') return null;
  try {
    const root = parseXml(text);
    if (root.name !== 'CreateBucketConfiguration') throw new S3Error('MalformedXML');
    return childText(root, 'LocationConstraint') || null;
  } catch {
    throw new S3Error('MalformedXML', { details: { Namespace: NAMESPACE } });
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export function isBucketName(name: string): boolean {
  return (
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !name.includes('..') &&
    !/^\d+\.\d+\.\d+\.\d+$/.test(name) &&
    !/^(xn--|sthree-|amzn-s3-demo-)/.test(name) &&
    !/(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(name)
  );
}
