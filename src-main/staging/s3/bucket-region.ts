import { AppError } from '#shared/errors/app-error';
import { throwIfAborted, toAbortError } from '../../lib/abort.ts';
import { toS3Error } from './errors.ts';

interface BucketRegionRequest {
  bucket: string;
  /** Another S3 address, or empty for AWS's own. */
  endpoint: string;
  /** A region of the same AWS partition, as the cluster's: China and GovCloud have addresses of their own. Empty when unknown. */
  nearRegion?: string;
  signal: AbortSignal;
}

const TIMEOUT_MS = 15_000;

/**
 * The region of a bucket, asked without keys: S3 names it in the header x-amz-bucket-region of every answer about the bucket, 301 and 403 included, so that
 * nobody needs a permission to find out. https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
 * Rejects with S3_BUCKET_NOT_FOUND when there is no such bucket.
 */
export async function detectBucketRegion(request: BucketRegionRequest): Promise<string> {
  const { bucket, endpoint, signal } = request;
  throwIfAborted(signal);
  const base = endpoint === '' ? defaultEndpoint(request.nearRegion ?? '') : endpoint.replace(/\/$/, '');
  let response: Response;
  try {
    response = await fetch(`${base}/${bucket}`, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
  } catch (error) {
    if (signal.aborted) throw toAbortError(signal);
    throw toS3Error(rootCause(error), describe(request, base));
  }
  const region = response.headers.get('x-amz-bucket-region');
  if (region) return region;
  if (response.status === 404) throw new AppError('S3_BUCKET_NOT_FOUND', { facts: { bucket } });
  throw toS3Error(
    {
      name: 'NoRegion',
      message: `the answer ${response.status} ${response.statusText} does not name a region`,
      $metadata: { httpStatusCode: response.status },
    },
    describe(request, base),
  );
}

/** Path style on the global address: a bucket name with dots does not fit the certificate of the virtual-hosted form. */
function defaultEndpoint(nearRegion: string): string {
  if (nearRegion.startsWith('cn-')) return `https://s3.${nearRegion}.amazonaws.com.cn`;
  if (nearRegion.startsWith('us-gov-')) return `https://s3.${nearRegion}.amazonaws.com`;
  return 'https://s3.amazonaws.com';
}

function describe(request: BucketRegionRequest, base: string): Parameters<typeof toS3Error>[1] {
  return {
    action: 's3:ListBucket',
    bucket: request.bucket,
    key: null,
    region: request.nearRegion || 'us-east-1',
    endpoint: base,
    credentials: null,
  };
}

/** `fetch failed` hides what happened in its cause. */
function rootCause(error: unknown): unknown {
  return error instanceof TypeError && error.cause !== undefined ? error.cause : error;
}
