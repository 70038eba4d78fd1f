import { describe, expect, it } from 'vitest';
import { parseS3Uri } from './parse-s3-uri.ts';

describe('parseS3Uri', () => {
  it.each([
    ['s3://bucket/', { bucket: 'bucket', prefix: '' }],
    ['s3://my.bucket-1/a/b c/ü/', { bucket: 'my.bucket-1', prefix: 'a/b c/ü/' }],
    [' s3://bucket/a/ ', { bucket: 'bucket', prefix: 'a/' }],
  ])('takes %j', (uri, expected) => {
    expect(parseS3Uri(uri)).toEqual(expected);
  });

  it.each([
    ['', 'starts with s3://'],
    ['https://bucket.s3.amazonaws.com/a/', 'starts with s3://'],
    ['s3://bucket/a', 'must end with a slash'],
    ['s3://bucket', 'must end with a slash'],
    ['s3://Bucket/a/', 'bucket name is not valid'],
    ['s3://b/', 'bucket name is not valid'],
    ['s3:///a/', 'bucket name is not valid'],
    ['s3://ap-abc-s3alias/a/', 'access point alias'],
    ['s3://bucket/_hidden/', 'begin with _'],
    ['s3://bucket/a//b/', 'two slashes'],
    [`s3://bucket/${'x'.repeat(800)}/`, 'longer than 700 bytes'],
  ])('refuses %j', (uri, problem) => {
    expect(() => parseS3Uri(uri)).toThrow(
      expect.objectContaining({
        code: 'S3_URI_INVALID',
        field: 'staging.s3Uri',
        message: expect.stringContaining(problem) as string,
      }) as Error,
    );
  });
});
