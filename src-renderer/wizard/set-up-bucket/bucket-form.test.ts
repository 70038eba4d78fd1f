import { describe, expect, it } from 'vitest';
import { stagingSettingsSchema, type StagingSettings } from '#shared/model/connection-settings';
import {
  bucketFormOf,
  bucketProblems,
  stageEncryption,
  toStagingSettings,
  usableUri,
  BUCKET_FIELD_ORDER,
} from './bucket-form.ts';

const base: StagingSettings = {
  stage: { database: 'D', schema: 'S', name: 'G' },
  s3Uri: 's3://my-bucket/path/',
  iamRole: 'arn:aws:iam::123456789012:role/R',
  region: 'eu-west-1',
  encryption: { kind: 'none' },
  credentials: null,
  s3Endpoint: '',
};
const settings: StagingSettings[] = [
  base,
  { ...base, encryption: { kind: 'kms', keyId: 'key-1' }, credentials: { kind: 'keys', accessKeyId: 'AKIA' } },
  { ...base, encryption: { kind: 'bucket-default' }, credentials: { kind: 'profile', profile: 'p' } },
  { ...base, credentials: { kind: 'default' }, s3Endpoint: 'https://vpce.example', iamRole: 'default' },
];
const everything = () => true;
const nothing = () => false;
const form = (parts: Partial<ReturnType<typeof bucketFormOf>>) => ({ ...bucketFormOf(base), ...parts });

describe('the bucket form', () => {
  it.each(settings)('carries settings there and back: %j', (value) => {
    expect(stagingSettingsSchema.parse(toStagingSettings(bucketFormOf(value)))).toEqual(value);
  });

  it('names each missing field with its own sentence', () => {
    expect(bucketProblems(bucketFormOf(null), nothing)).toEqual({
      database: 'The database is needed.',
      schema: 'The schema is needed.',
      stageName: 'The stage is needed.',
      s3Uri: 'The S3 bucket URI is needed.',
      iamRole: 'The IAM role is needed.',
    });
  });

  it.each([
    ['https://my-bucket/path/', 'The URI starts with s3://.'],
    ['s3://my-bucket/path', 'The URI must end with a slash (/).'],
    ['s3://My_Bucket/path/', 'The bucket name is not valid: 3 to 63 lower-case letters, digits, dots and hyphens.'],
    ['s3://my-bucket/_hidden/', 'No folder may begin with _ or a dot: such files count as hidden.'],
  ])('refuses the URI %s', (s3Uri, sentence) => {
    expect(bucketProblems(form({ s3Uri }), everything)).toEqual({ s3Uri: sentence });
    expect(usableUri(s3Uri)).toBeNull();
  });

  it.each([
    [{ iamRole: 'my-role' }, 'iamRole'],
    [{ encryptionKind: 'kms' }, 'kmsKeyId'],
    [{ credentialsKind: 'profile' }, 'profile'],
    [{ credentialsKind: 'keys' }, 'accessKeyId'],
    [{ s3Endpoint: 'vpce' }, 's3Endpoint'],
  ])('with %j the problem is at %s', (parts, field) => {
    expect(Object.keys(bucketProblems(form(parts), everything))).toEqual([field]);
    expect(BUCKET_FIELD_ORDER).toContain(field);
  });

  it('asks for the secret half of keys', () => {
    expect(bucketProblems(form({ credentialsKind: 'keys', accessKeyId: 'AKIA' }), nothing)).toEqual({
      's3.secretAccessKey': 'The secret access key is needed.',
    });
  });

  it.each([
    ['none', 'none'],
    ['bucket-default', 'sse-s3'],
    ['kms', 'sse-kms'],
  ])('files that are encrypted with %s need a stage with %s', (encryptionKind, expected) =>
    expect(stageEncryption(form({ encryptionKind }))).toBe(expected),
  );
});
