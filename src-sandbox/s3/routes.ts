import {
  createBucket,
  deleteBucket,
  getBucketEncryption,
  getBucketLocation,
  getBucketVersioning,
  headBucket,
  listBuckets,
} from './bucket-operations.ts';
import type { S3Context } from './context.ts';
import { S3Error } from './errors.ts';
import { listObjects, listObjectsV2 } from './list-operations.ts';
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  listMultipartUploads,
  listParts,
  uploadPart,
} from './multipart-operations.ts';
import { copyObject, deleteObject, deleteObjects, getObject, putObject } from './object-operations.ts';
import type { S3Request } from './request.ts';

type Target = 'service' | 'bucket' | 'object';

export type Route = {
  operation: string;
  method: string;
  target: Target;
  /** Query parameters that make the request this operation. */
  markers: string[];
  /** Query parameters that may come with it; any other is refused, as it would change what the operation means. */
  optional: string[];
  /** A header that makes the request this operation. */
  header?: string;
  run: (context: S3Context) => Promise<void>;
};

const LIST = ['prefix', 'delimiter', 'max-keys', 'encoding-type'];
const OVERRIDES = [
  'content-type',
  'content-language',
  'expires',
  'cache-control',
  'content-disposition',
  'content-encoding',
].map((name) => `response-${name}`);

/** The first that fits is taken: routes with markers stand before the plain ones. */
const ROUTES: Route[] = [
  route('ListBuckets', 'GET', 'service', [], [], listBuckets),
  route('GetBucketLocation', 'GET', 'bucket', ['location'], [], getBucketLocation),
  route('GetBucketVersioning', 'GET', 'bucket', ['versioning'], [], getBucketVersioning),
  route('GetBucketEncryption', 'GET', 'bucket', ['encryption'], [], getBucketEncryption),
  route(
    'ListMultipartUploads',
    'GET',
    'bucket',
    ['uploads'],
    ['prefix', 'max-uploads', 'encoding-type'],
    listMultipartUploads,
  ),
  route(
    'ListObjectsV2',
    'GET',
    'bucket',
    ['list-type'],
    [...LIST, 'continuation-token', 'start-after', 'fetch-owner'],
    listObjectsV2,
  ),
  route('ListObjects', 'GET', 'bucket', [], [...LIST, 'marker'], listObjects),
  route('HeadBucket', 'HEAD', 'bucket', [], [], headBucket),
  route('DeleteObjects', 'POST', 'bucket', ['delete'], [], deleteObjects),
  route('CreateBucket', 'PUT', 'bucket', [], [], createBucket),
  route('DeleteBucket', 'DELETE', 'bucket', [], [], deleteBucket),
  route('ListParts', 'GET', 'object', ['uploadId'], ['max-parts', 'part-number-marker'], listParts),
  route('GetObject', 'GET', 'object', [], ['versionId', ...OVERRIDES], getObject),
  route('HeadObject', 'HEAD', 'object', [], ['versionId', ...OVERRIDES], getObject),
  route('UploadPart', 'PUT', 'object', ['partNumber', 'uploadId'], [], uploadPart),
  { ...route('CopyObject', 'PUT', 'object', [], [], copyObject), header: 'x-amz-copy-source' },
  route('PutObject', 'PUT', 'object', [], [], putObject),
  route('CreateMultipartUpload', 'POST', 'object', ['uploads'], [], createMultipartUpload),
  route('CompleteMultipartUpload', 'POST', 'object', ['uploadId'], [], completeMultipartUpload),
  route('AbortMultipartUpload', 'DELETE', 'object', ['uploadId'], [], abortMultipartUpload),
  route('DeleteObject', 'DELETE', 'object', [], ['versionId'], deleteObject),
];

/** Query parameters that belong to the signature or to nothing (the SDK sends `x-id` for its own routing). */
const IGNORED = /^(X-Amz-(Algorithm|Credential|Date|Expires|SignedHeaders|Signature|Security-Token)|x-id)$/;

/** Throws NotImplemented (501) for whatever is not in the table, rather than take it for something near. */
export function findRoute(request: S3Request): Route {
  const target: Target = request.bucket === null ? 'service' : request.key === null ? 'bucket' : 'object';
  const names = [...request.query.keys()].filter((name) => !IGNORED.test(name));
  const hasCopySource = request.headers['x-amz-copy-source'] !== undefined;
  const found = ROUTES.find(
    (candidate) =>
      candidate.method === request.method &&
      candidate.target === target &&
      candidate.markers.every((name) => request.query.has(name)) &&
      names.every((name) => candidate.markers.includes(name) || candidate.optional.includes(name)) &&
      (candidate.header !== undefined) === hasCopySource,
  );
  if (found) return found;
  throw new S3Error('NotImplemented', {
    message: `${request.method} on the ${target} with ${names.length === 0 ? 'no query' : `the query ${names.join(', ')}`} is not played by this endpoint`,
  });
}

function route(
  operation: string,
  method: string,
  target: Target,
  markers: string[],
  optional: string[],
  run: (context: S3Context) => Promise<void>,
): Route {
  return { operation, method, target, markers, optional, run };
}
