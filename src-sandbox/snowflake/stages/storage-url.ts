import { SnowflakeError } from '../errors.ts';
import { unsupportedFeature } from './stage-errors.ts';

/** `s3://bucket/some/prefix` taken apart; `path` has no leading slash and keeps its trailing one. */
export interface StorageUrl {
  bucket: string;
  path: string;
}

/** @throws 001011 for anything that is no storage URL, 0A000 for the clouds and regions that have no stand-in here */
export function parseStorageUrl(url: string): StorageUrl {
  const match = /^([a-z0-9]+):\/\/([^/]+)(?:\/(.*))?$/is.exec(url);
  const protocol = match?.[1]?.toLowerCase();
  if (protocol === 's3' && match) {
    return { bucket: match[2] ?? '', path: match[3] ?? '' };
  }
  if (protocol && ['s3gov', 's3china', 's3compat', 'gcs', 'azure'].includes(protocol)) {
    throw unsupportedFeature(`${protocol}:// locations in the practice environment`);
  }
  throw new SnowflakeError('001011', '42601', `SQL compilation error:\ninvalid URL prefix found in: '${url}'`);
}

/**
 * Whether an integration lets a stage point at `url`: some allowed location is a prefix of it (or `*`), and no blocked one is.
 * A trailing slash counts, as in the vendor's documents; only a bare bucket is the same with and without it.
 */
export function isLocationAllowed(
  url: string,
  locations: { allowed: readonly string[]; blocked: readonly string[] },
): boolean {
  const covers = (location: string): boolean =>
    location === '*' || withBucketSlash(url).startsWith(withBucketSlash(location));
  return locations.allowed.some(covers) && !locations.blocked.some(covers);
}

function withBucketSlash(url: string): string {
  return /^[a-z0-9]+:\/\/[^/]+$/i.test(url) ? `${url}/` : url;
}
