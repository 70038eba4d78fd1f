import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIam } from '../aws/iam.ts';
import {
  bucketPolicy,
  cleanUpUserPolicy,
  cleanUpUserPolicyWithoutDelete,
  serviceTrust,
  unloadRolePolicy,
} from '../aws/policy-presets.ts';
import { startS3 } from './server.ts';
import type { S3StandIn } from './server.ts';

const BUCKET = 'practice';
const iam = createIam({ accountId: '123456789012' });
const user = iam.addUser({
  name: 'cleaner',
  policies: [cleanUpUserPolicy(BUCKET), bucketPolicy('practice-eu', ['s3:*'])],
});
const keeper = iam.addUser({ name: 'keeper', policies: [cleanUpUserPolicyWithoutDelete(BUCKET)] });
const stranger = iam.addUser({ name: 'stranger' });
iam.addRole({ name: 'unload', trust: serviceTrust('redshift.amazonaws.com'), policies: [unloadRolePolicy(BUCKET)] });

let directory: string;
let s3: S3StandIn;
let client: S3Client;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 's3-'));
  s3 = await startS3({
    dataDirectory: directory,
    region: 'us-east-1',
    buckets: [{ name: BUCKET }, { name: 'practice-eu', region: 'eu-west-1' }],
    identities: iam,
  });
  client = clientFor(user.accessKey);
});

afterAll(async () => {
  client.destroy();
  await s3.close();
  await rm(directory, { recursive: true });
});

type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

function clientFor(credentials: Keys, options: { region?: string; followRegionRedirects?: boolean } = {}): S3Client {
  return new S3Client({
    endpoint: s3.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials,
    maxAttempts: 1,
    ...options,
  });
}

async function read(key: string, range?: string): Promise<Buffer> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key, Range: range }));
  return Buffer.from(await (Body as { transformToByteArray(): Promise<Uint8Array> }).transformToByteArray());
}

async function failure(
  promise: Promise<unknown>,
): Promise<{ name: string; message: string; $metadata: { httpStatusCode?: number } }> {
  try {
    await promise;
  } catch (error) {
    return error as Awaited<ReturnType<typeof failure>>;
  }
  throw new Error('the call was expected to fail');
}

describe('objects', () => {
  it('gives back the bytes of a buffer and of a stream, which the SDK sends aws-chunked with a trailing checksum', async () => {
    const bytes = randomBytes(3_000_001);
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'a/buffer', Body: bytes }));
    await client.send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: 'a/stream',
        Body: Readable.from(slices(bytes, 65_537)),
        ContentLength: bytes.length,
      }),
    );
    expect((await read('a/buffer')).equals(bytes)).toBe(true);
    expect((await read('a/stream')).equals(bytes)).toBe(true);
    expect((await read('a/stream', 'bytes=100-199')).equals(bytes.subarray(100, 200))).toBe(true);
    expect((await read('a/stream', 'bytes=-7')).equals(bytes.subarray(-7))).toBe(true);
  });

  it.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
    'verifies and returns a %s checksum',
    async (algorithm) => {
      const put = await client.send(
        new PutObjectCommand({
          Bucket: BUCKET,
          Key: `sum/${algorithm}`,
          Body: 'hello world',
          ChecksumAlgorithm: algorithm,
        }),
      );
      const head = await client.send(
        new HeadObjectCommand({ Bucket: BUCKET, Key: `sum/${algorithm}`, ChecksumMode: 'ENABLED' }),
      );
      const field = `Checksum${algorithm}` as const;
      expect(put[field]).toBeTypeOf('string');
      expect(head[field]).toBe(put[field]);
      expect((await read(`sum/${algorithm}`)).toString()).toBe('hello world');
    },
  );

  it('refuses a checksum that does not fit the bytes and stores nothing', async () => {
    const error = await failure(
      client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'bad', Body: 'x', ChecksumCRC32: 'AAAAAA==' })),
    );
    expect(error.name).toBe('BadDigest');
    expect(s3.listObjects(BUCKET, 'bad')).toEqual([]);
  });
});

describe('listing', () => {
  beforeAll(async () => {
    for (const key of ['list/a', 'list/b/1', 'list/b/2', 'list/c d+é', 'list/z']) {
      await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: key }));
    }
  });

  it('rolls keys up to common prefixes and names the rest in order', async () => {
    const page = await client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'list/', Delimiter: '/' }));
    expect(page.Contents?.map(({ Key, Size }) => [Key, Size])).toEqual([
      ['list/a', 6],
      ['list/c d+é', 11],
      ['list/z', 6],
    ]);
    expect(page.CommonPrefixes).toEqual([{ Prefix: 'list/b/' }]);
    expect(page.KeyCount).toBe(4);
  });

  it('goes through all pages with the continuation token, each key once', async () => {
    const keys: string[] = [];
    let token: string | undefined;
    do {
      const page = await client.send(
        new ListObjectsV2Command({
          Bucket: BUCKET,
          Prefix: 'list/',
          MaxKeys: 2,
          ContinuationToken: token,
          EncodingType: 'url',
        }),
      );
      keys.push(...(page.Contents ?? []).map(({ Key }) => Key as string));
      token = page.NextContinuationToken;
      expect(page.IsTruncated).toBe(token !== undefined);
    } while (token);
    expect(keys).toEqual(['list/a', 'list/b/1', 'list/b/2', 'list/c%20d%2B%C3%A9', 'list/z']);
  });

  it('starts after a key', async () => {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'list/', StartAfter: 'list/b/2' }),
    );
    expect(page.Contents?.map(({ Key }) => Key)).toEqual(['list/c d+é', 'list/z']);
  });
});

describe('multipart', () => {
  async function begin(key: string): Promise<string> {
    const { UploadId } = await client.send(
      new CreateMultipartUploadCommand({ Bucket: BUCKET, Key: key, ChecksumAlgorithm: 'CRC32' }),
    );
    return UploadId as string;
  }

  function part(key: string, uploadId: string, number: number, body: Buffer) {
    return client.send(
      new UploadPartCommand({
        Bucket: BUCKET,
        Key: key,
        UploadId: uploadId,
        PartNumber: number,
        Body: body,
        ChecksumAlgorithm: 'CRC32',
      }),
    );
  }

  it('joins the parts, with the composite ETag and checksum', async () => {
    const [first, second] = [randomBytes(5 * 1024 * 1024), randomBytes(1000)];
    const uploadId = await begin('multi/good');
    const parts = [await part('multi/good', uploadId, 1, first), await part('multi/good', uploadId, 2, second)];
    const listed = await client
      .send(new ListPartsCommand({ Bucket: BUCKET, Key: 'multi/good', UploadId: uploadId }))
      .catch((e: Error) => e);
    expect(listed).toMatchObject({ name: 'AccessDenied' });
    const done = await client.send(
      new CompleteMultipartUploadCommand({
        Bucket: BUCKET,
        Key: 'multi/good',
        UploadId: uploadId,
        MultipartUpload: {
          Parts: parts.map(({ ETag, ChecksumCRC32 }, index) => ({ ETag, ChecksumCRC32, PartNumber: index + 1 })),
        },
      }),
    );
    expect(done.ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
    expect(done.ChecksumCRC32).toMatch(/-2$/);
    expect((await read('multi/good')).equals(Buffer.concat([first, second]))).toBe(true);
  });

  it('refuses a part under 5 MiB that is not the last, and a part that was never uploaded', async () => {
    const uploadId = await begin('multi/small');
    const parts = [
      await part('multi/small', uploadId, 1, Buffer.alloc(10)),
      await part('multi/small', uploadId, 2, Buffer.alloc(10)),
    ];
    const complete = (MultipartUpload: { Parts: { ETag?: string; PartNumber: number }[] }) =>
      failure(
        client.send(
          new CompleteMultipartUploadCommand({
            Bucket: BUCKET,
            Key: 'multi/small',
            UploadId: uploadId,
            MultipartUpload,
          }),
        ),
      );
    const both = parts.map(({ ETag }, index) => ({ ETag, PartNumber: index + 1 }));
    expect((await complete({ Parts: both })).name).toBe('EntityTooSmall');
    expect((await complete({ Parts: [{ ETag: 'ffff', PartNumber: 3 }] })).name).toBe('InvalidPart');
    expect((await complete({ Parts: [...both].reverse() })).name).toBe('InvalidPartOrder');
    expect(s3.listObjects(BUCKET, 'multi/small')).toEqual([]);
  });
});

describe('permissions', () => {
  it('lets the second policy of the guide read, copy and delete', async () => {
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'p/a', Body: 'a' }));
    await client.send(new CopyObjectCommand({ Bucket: BUCKET, Key: 'p/b', CopySource: `${BUCKET}/p/a` }));
    await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'p/a' }));
    expect(s3.listObjects(BUCKET, 'p/').map(({ key }) => key)).toEqual(['p/b']);
  });

  it('answers DeleteObjects with an error for each key that the caller may not delete', async () => {
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'kept/a', Body: 'a' }));
    const other = clientFor(keeper.accessKey);
    const result = await other.send(
      new DeleteObjectsCommand({
        Bucket: BUCKET,
        Delete: { Quiet: true, Objects: [{ Key: 'kept/a' }, { Key: 'kept/none' }] },
      }),
    );
    expect(result.Deleted).toBeUndefined();
    expect(result.Errors?.map(({ Key, Code }) => [Key, Code])).toEqual([
      ['kept/a', 'AccessDenied'],
      ['kept/none', 'AccessDenied'],
    ]);
    expect(result.Errors?.[0]?.Message).toContain(`${keeper.arn} is not authorized to perform: s3:DeleteObject`);
    expect(s3.listObjects(BUCKET, 'kept/')).toHaveLength(1);
  });

  it('deletes several keys at once for a caller that may', async () => {
    for (const key of ['many/1', 'many/<2>&"'])
      await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: key }));
    const result = await client.send(
      new DeleteObjectsCommand({
        Bucket: BUCKET,
        Delete: { Objects: [{ Key: 'many/1' }, { Key: 'many/<2>&"' }, { Key: 'many/none' }] },
      }),
    );
    expect(result.Deleted?.map(({ Key }) => Key)).toEqual(['many/1', 'many/<2>&"', 'many/none']);
    expect(s3.listObjects(BUCKET, 'many/')).toEqual([]);
  });

  it('lets a role that a service assumed write but not delete', async () => {
    const role = clientFor(
      iam.assumeRole('arn:aws:iam::123456789012:role/unload', { principal: 'redshift.amazonaws.com' }),
    );
    await role.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'role/a', Body: 'a' }));
    const error = await failure(role.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'role/a' })));
    expect(error.name).toBe('AccessDenied');
    expect(error.message).toContain('arn:aws:sts::123456789012:assumed-role/unload/');
  });

  it('hides whether a key exists from a caller that may not list', async () => {
    const other = clientFor(stranger.accessKey);
    expect((await failure(other.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'none' })))).name).toBe(
      'AccessDenied',
    );
    expect((await failure(client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'none' })))).name).toBe('NoSuchKey');
  });
});

describe('refusals', () => {
  it('tells an unknown key id, a wrong secret, a missing token and a missing bucket apart', async () => {
    const head = (credentials: Keys, bucket = BUCKET) =>
      failure(clientFor(credentials).send(new ListObjectsV2Command({ Bucket: bucket })));
    const session = iam.assumeRole('arn:aws:iam::123456789012:role/unload', { principal: 'redshift.amazonaws.com' });
    expect((await head({ accessKeyId: 'AKIAUNKNOWN', secretAccessKey: 'x' })).name).toBe('InvalidAccessKeyId');
    expect((await head({ ...user.accessKey, secretAccessKey: 'x' })).name).toBe('SignatureDoesNotMatch');
    expect((await head({ ...session, sessionToken: undefined })).name).toBe('InvalidAccessKeyId');
    expect((await head({ ...session, sessionToken: 'bm9wZQ==' })).name).toBe('InvalidToken');
    expect((await head(user.accessKey, 'no-such-bucket')).name).toBe('NoSuchBucket');
  });

  it('names the region of a bucket elsewhere, whoever asks', async () => {
    const error = await failure(client.send(new ListObjectsV2Command({ Bucket: 'practice-eu' })));
    expect(error.name).toBe('PermanentRedirect');
    expect(error.$metadata.httpStatusCode).toBe(301);
    const head = await failure(clientFor(stranger.accessKey).send(new HeadBucketCommand({ Bucket: 'practice-eu' })));
    const response = (head as unknown as { $response: { headers: Record<string, string> } }).$response;
    expect(response.headers['x-amz-bucket-region']).toBe('eu-west-1');
    const location = await client.send(new GetBucketLocationCommand({ Bucket: 'practice-eu' }));
    expect(location.LocationConstraint).toBe('eu-west-1');
    const found = await clientFor(user.accessKey, { region: 'eu-west-1' }).send(
      new HeadBucketCommand({ Bucket: 'practice-eu' }),
    );
    expect(found.BucketRegion).toBe('eu-west-1');
  });

  it('names the region to requests without a signature too, and says when there is no such bucket', async () => {
    const known = await fetch(`${s3.endpoint}/practice-eu`, { method: 'HEAD' });
    expect([known.status, known.headers.get('x-amz-bucket-region')]).toEqual([403, 'eu-west-1']);
    const missing = await fetch(`${s3.endpoint}/no-such-bucket`, { method: 'HEAD' });
    expect([missing.status, missing.headers.get('x-amz-bucket-region')]).toEqual([404, null]);
  });

  it("lets the SDK follow the redirect to the bucket's region", async () => {
    const following = clientFor(user.accessKey, { followRegionRedirects: true });
    await following.send(new PutObjectCommand({ Bucket: 'practice-eu', Key: 'moved', Body: 'x' }));
    expect(s3.listObjects('practice-eu').map(({ key }) => key)).toEqual(['moved']);
  });

  it('answers 501 to what it does not play', async () => {
    const error = await failure(
      client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'tagged', Body: 'x', Tagging: 'a=b' })),
    );
    expect(error.name).toBe('NotImplemented');
    expect(error.$metadata.httpStatusCode).toBe(501);
  });

  it('refuses to overwrite with If-None-Match', async () => {
    const put = () => client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'once', Body: 'x', IfNoneMatch: '*' }));
    await put();
    expect((await failure(put())).name).toBe('PreconditionFailed');
  });
});

function* slices(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
