import type { ServerResponse } from 'node:http';
import type { Iam } from '../aws/iam.ts';
import type { Authenticated } from './authenticate.ts';
import { S3Error } from './errors.ts';
import type { BucketRecord, ObjectRecord, ObjectStore } from './object-store.ts';
import type { S3Request } from './request.ts';
import { toXml } from '../aws/xml.ts';
import type { XmlValue } from '../aws/xml.ts';

/** What an operation gets: the request, who sent it, and where the objects are. */
export type S3Context = {
  request: S3Request;
  response: ServerResponse;
  auth: Authenticated;
  iam: Iam;
  store: ObjectStore;
  /** The region of the account's home, for what belongs to no bucket. */
  region: string;
  kmsKeyArns: string[];
  requestId: string;
  now(): number;
};

export const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** The owner of every bucket: one account, one canonical user id. */
export const OWNER = {
  ID: '75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a',
  DisplayName: 'snowferry-practice',
};

export function bucketArn(bucket: string): string {
  return `arn:aws:s3:::${bucket}`;
}

export function objectArn(bucket: string, key: string): string {
  return `arn:aws:s3:::${bucket}/${key}`;
}

/** Throws AccessDenied with the sentence of AWS when the caller's policies do not allow the action. */
export function requireAllowed(
  context: S3Context,
  action: string,
  resource: string,
  keys: Record<string, string> = {},
): void {
  const decision = context.iam.authorize(context.auth.principal, action, resource, keys);
  if (decision === 'allow') return;
  const message = context.iam.denialMessage(context.auth.principal, action, `"${resource}"`, decision);
  throw new S3Error('AccessDenied', { message });
}

export function isAllowed(context: S3Context, action: string, resource: string): boolean {
  return context.iam.authorize(context.auth.principal, action, resource) === 'allow';
}

/**
 * The bucket of the request. One endpoint plays every region: a request signed for another region than the bucket's is answered as that region's
 * endpoint would, with 301 and the right region.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html
 */
export function requireBucket(context: S3Context, options: { isRegionFree?: boolean } = {}): BucketRecord {
  const { request, store, auth } = context;
  const name = request.bucket as string;
  const bucket = store.buckets.get(name);
  if (!bucket) throw new S3Error('NoSuchBucket', { details: { BucketName: name } });
  if (bucket.region !== auth.region && !options.isRegionFree) {
    throw new S3Error('PermanentRedirect', {
      details: { Endpoint: `${name}.s3.${bucket.region}.amazonaws.com`, Bucket: name },
      headers: { 'x-amz-bucket-region': bucket.region },
    });
  }
  const expectedOwner = request.headers['x-amz-expected-bucket-owner'];
  if (expectedOwner !== undefined && expectedOwner !== context.iam.accountId) throw new S3Error('AccessDenied');
  return bucket;
}

/** The object of the request; without s3:ListBucket a key that is missing looks the same as one that is forbidden. */
export function requireObject(context: S3Context, bucket: BucketRecord, key: string): ObjectRecord {
  const record = bucket.objects.get(key);
  if (record) return record;
  requireAllowed(context, 's3:ListBucket', bucketArn(bucket.name));
  throw new S3Error('NoSuchKey', { details: { Key: key } });
}

export function sendXml(context: S3Context, root: string, value: XmlValue, headers: Record<string, string> = {}): void {
  const text = toXml(root, value, NAMESPACE);
  context.response.writeHead(200, {
    ...headers,
    'content-type': 'application/xml',
    'content-length': Buffer.byteLength(text),
  });
  context.response.end(text);
}

export function sendEmpty(context: S3Context, status: number, headers: Record<string, string> = {}): void {
  context.response.writeHead(status, status === 204 ? headers : { ...headers, 'content-length': 0 });
  context.response.end();
}

export function toIso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** S3 keeps whole seconds. */
export function wholeSecond(milliseconds: number): number {
  return Math.floor(milliseconds / 1000) * 1000;
}
