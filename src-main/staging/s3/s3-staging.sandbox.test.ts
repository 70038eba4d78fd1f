import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toErrorValue } from '#shared/errors/app-error';
import type { StagingSettings } from '#shared/model/connection-settings';
import { startSandboxProcess, type SandboxProcess } from '../../lib/testing/sandbox-process.ts';
import type { Staging } from '../staging.ts';
import { detectBucketRegion } from './bucket-region.ts';
import { createS3Staging } from './s3-staging.ts';

const { signal } = new AbortController();
let sandbox: SandboxProcess;
const opened: Staging[] = [];

beforeAll(async () => {
  sandbox = await startSandboxProcess(['--source', 'redshift', '--scale', '0.001', '--schemas', 'tpch']);
});
afterAll(async () => {
  await Promise.all(opened.map((staging) => staging.close()));
  await sandbox.stop();
});

interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
}

function open(patch: Partial<StagingSettings> = {}, keys: Keys = sandbox.description.s3): Staging {
  const { s3 } = sandbox.description;
  const settings: StagingSettings = {
    stage: { database: 'D', schema: 'S', name: 'X' },
    s3Uri: `s3://${s3.bucket}/staging-test/`,
    iamRole: 'default',
    region: s3.region,
    encryption: { kind: 'none' },
    credentials: { kind: 'keys', accessKeyId: keys.accessKeyId },
    s3Endpoint: s3.endpoint,
    ...patch,
  };
  const staging = createS3Staging({ settings, secrets: { 's3.secretAccessKey': keys.secretAccessKey } });
  opened.push(staging);
  return staging;
}

describe('createS3Staging', () => {
  it('writes, lists, reads and removes objects whose names are hostile', async () => {
    const staging = open();
    const keys = ['a b+c', 'ü/表 🚢', 'it\'s & <xml> "quoted"', '100%25', 'x=y;z'].map(
      (name) => `staging-test/names/${name}`,
    );
    for (const key of keys) await staging.putText(key, `text of ${key}`, { signal });
    const listed = await staging.list('staging-test/names/', { signal });
    expect(listed.map(({ key }) => key).sort()).toEqual([...keys].sort());
    expect(listed.every(({ bytes }) => bytes > 0)).toBe(true);
    for (const key of keys) expect(await staging.readText(key, { signal, maxBytes: 1000 })).toBe(`text of ${key}`);
    expect(await staging.remove(keys, { signal })).toEqual([]);
    expect(await staging.list('staging-test/names/', { signal })).toEqual([]);
  });

  it('lists and removes more objects than one request takes', async () => {
    const staging = open();
    const keys = Array.from({ length: 1005 }, (_value, index) => `staging-test/many/${String(index).padStart(5, '0')}`);
    for (let start = 0; start < keys.length; start += 50) {
      await Promise.all(keys.slice(start, start + 50).map((key) => staging.putText(key, 'x', { signal })));
    }
    expect(await staging.list('staging-test/many/', { signal, limit: 3 })).toHaveLength(3);
    expect(await staging.list('staging-test/many/', { signal })).toHaveLength(1005);
    expect(await staging.remove([...keys, 'staging-test/many/never-there'], { signal })).toEqual([]);
    expect(await staging.list('staging-test/many/', { signal })).toEqual([]);
  });

  it('tells which objects could not be removed, and why', async () => {
    const key = 'staging-test/kept';
    await open().putText(key, 'x', { signal });
    const failures = await open({}, sandbox.description.aws.users.noDelete).remove([key], { signal });
    expect(failures).toMatchObject([{ key, code: 'AccessDenied' }]);
    expect(await open().remove([key], { signal })).toEqual([]);
  });

  it('names the permission that is missing', async () => {
    const staging = open({}, sandbox.description.aws.users.noAccess);
    await expect(staging.list('staging-test/', { signal })).rejects.toMatchObject({
      code: 'S3_ACCESS_DENIED',
      facts: { action: 's3:ListBucket' },
    });
    await expect(staging.putText('staging-test/x', 'x', { signal })).rejects.toMatchObject({
      code: 'S3_ACCESS_DENIED',
      facts: { action: 's3:PutObject' },
    });
    await expect(staging.readText('staging-test/x', { signal, maxBytes: 10 })).rejects.toMatchObject({
      code: 'S3_ACCESS_DENIED',
      facts: { action: 's3:GetObject' },
    });
  });

  it('tells a missing object and a missing bucket apart', async () => {
    await expect(open().readText('staging-test/nothing', { signal, maxBytes: 10 })).rejects.toMatchObject({
      code: 'S3_OBJECT_MISSING',
    });
    await expect(open({ s3Uri: 's3://no-such-bucket-here/a/' }).list('a/', { signal })).rejects.toMatchObject({
      code: 'S3_BUCKET_NOT_FOUND',
    });
  });

  it('refuses to read an object that is larger than expected', async () => {
    const staging = open();
    await staging.putText('staging-test/large', 'x'.repeat(100), { signal });
    await expect(staging.readText('staging-test/large', { signal, maxBytes: 99 })).rejects.toMatchObject({
      code: 'S3_REQUEST_FAILED',
    });
    await staging.remove(['staging-test/large'], { signal });
  });

  it('says that the keys are wrong without showing the secret', async () => {
    const { accessKeyId } = sandbox.description.s3;
    const wrong = open({}, { accessKeyId, secretAccessKey: 'wr0ng-s3cret-value' });
    const failure: unknown = await wrong.list('', { signal }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'AWS_CREDENTIALS_INVALID', facts: { accessKeyId } });
    expect(JSON.stringify(toErrorValue(failure))).not.toContain('wr0ng-s3cret-value');
    const unknown = open({}, { accessKeyId: 'AKIAAAAAAAAAAAAAAAAA', secretAccessKey: 'x' });
    await expect(unknown.list('', { signal })).rejects.toMatchObject({ code: 'AWS_CREDENTIALS_INVALID' });
  });

  it('says that the bucket is in another region', async () => {
    const { bucket } = sandbox.description.aws.europeanBucket;
    await expect(open({ s3Uri: `s3://${bucket}/a/` }).list('a/', { signal })).rejects.toMatchObject({
      code: 'S3_REGION_MISMATCH',
    });
    expect(await open({ s3Uri: `s3://${bucket}/a/`, region: 'eu-west-1' }).list('a/', { signal })).toEqual([]);
  });

  it('rejects with an AbortError when cancelled', async () => {
    const controller = new AbortController();
    controller.abort();
    await expect(open().list('', { signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('detectBucketRegion', () => {
  it('finds the region of any bucket without keys', async () => {
    const { s3, aws } = sandbox.description;
    expect(await detectBucketRegion({ bucket: s3.bucket, endpoint: s3.endpoint, signal })).toBe(s3.region);
    expect(await detectBucketRegion({ bucket: aws.europeanBucket.bucket, endpoint: s3.endpoint, signal })).toBe(
      'eu-west-1',
    );
  });

  it('says that a bucket does not exist', async () => {
    const { endpoint } = sandbox.description.s3;
    await expect(detectBucketRegion({ bucket: 'no-such-bucket-here', endpoint, signal })).rejects.toMatchObject({
      code: 'S3_BUCKET_NOT_FOUND',
    });
  });
});
