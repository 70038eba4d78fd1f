import { AppError } from '#shared/errors/app-error';
import { s3UriSchema } from '#shared/model/connection-settings';

export interface S3Location {
  bucket: string;
  /** Without a leading slash, with one at the end; empty for the bucket itself. */
  prefix: string;
}

/** Takes apart `s3://bucket/path/`. Throws S3_URI_INVALID that says which rule is broken. */
export function parseS3Uri(uri: string): S3Location {
  const parsed = s3UriSchema.safeParse(uri);
  if (!parsed.success) throw invalid(uri, parsed.error.issues[0]?.message ?? 'it has an unknown form');
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/(.*)$/s.exec(parsed.data) ?? [];
  if (prefix.includes('//')) throw invalid(uri, 'The path has two slashes in a row.');
  if (Buffer.byteLength(prefix) > 700)
    throw invalid(uri, 'The path is longer than 700 bytes, which leaves too little room for file names.');
  return { bucket, prefix };
}

function invalid(uri: string, sentence: string): AppError {
  const detail = `${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`.replace(/\.$/, '');
  return new AppError('S3_URI_INVALID', {
    facts: { uri: uri === '' ? '(empty)' : uri, detail },
    field: 'staging.s3Uri',
  });
}
