import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIam } from '../aws/iam.ts';
import { bucketPolicy, cleanUpUserPolicy, policy } from '../aws/policy-presets.ts';
import { ALGORITHM, canonicalRequest, hmacHex, signingKey, stringToSign, toAmzDate } from '../aws/sigv4.ts';
import { createFaultInjector } from '../faults.ts';
import type { FaultRule } from '../faults.ts';
import { startS3 } from './server.ts';
import type { S3Options, S3StandIn } from './server.ts';

const BUCKET = 'practice';
const KMS_KEY = 'arn:aws:kms:us-east-1:123456789012:key/k-1';
const iam = createIam({ accountId: '123456789012' });
const user = iam.addUser({ name: 'user', policies: [cleanUpUserPolicy(BUCKET)] });
const kmsUser = iam.addUser({
  name: 'kms',
  policies: [
    bucketPolicy(BUCKET, ['s3:*']),
    policy({ Effect: 'Allow', Action: 'kms:GenerateDataKey', Resource: KMS_KEY }),
  ],
});

let directory: string;
const running: S3StandIn[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 's3-'));
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((s3) => s3.close()));
  await rm(directory, { recursive: true });
});

async function start(options: Partial<S3Options> = {}): Promise<S3StandIn> {
  const s3 = await startS3({
    dataDirectory: directory,
    region: 'us-east-1',
    buckets: [{ name: BUCKET }],
    identities: iam,
    kmsKeyArns: [KMS_KEY],
    ...options,
  });
  running.push(s3);
  return s3;
}

function clientOf(s3: S3StandIn, maxAttempts = 1, credentials = user.accessKey): S3Client {
  return new S3Client({ endpoint: s3.endpoint, region: 'us-east-1', forcePathStyle: true, credentials, maxAttempts });
}

function injected(...rules: FaultRule[]): Partial<S3Options> {
  return { onRequest: createFaultInjector({ seed: 1, rules }).hook('s3') };
}

type Answer = { status: number; headers: Record<string, unknown>; body: string };

/** A request made by hand, signed over its headers unless told otherwise. */
function send(
  s3: S3StandIn,
  options: {
    method?: string;
    path: string;
    host?: string;
    headers?: Record<string, string>;
    body?: string;
    time?: number;
    signed?: boolean;
  },
): Promise<Answer> {
  const { method = 'GET', path, body = '', time = Date.now() } = options;
  const amzDate = toAmzDate(time);
  const payloadHash = createHash('sha256').update(body).digest('hex');
  const headers: Record<string, string> = {
    host: options.host ?? `127.0.0.1:${s3.port}`,
    'x-amz-date': amzDate,
    'x-amz-content-sha256': payloadHash,
    ...options.headers,
  };
  if (options.signed !== false) headers['authorization'] = authorizationFor({ method, path, headers, amzDate });
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port: s3.port, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function authorizationFor(options: {
  method: string;
  path: string;
  headers: Record<string, string>;
  amzDate: string;
}): string {
  const { method, path, headers, amzDate } = options;
  const [rawPath = '/', rawQuery = ''] = path.split('?');
  const names = Object.keys(headers).sort();
  const scope = { date: amzDate.slice(0, 8), region: 'us-east-1', service: 's3' };
  const scopeText = `${scope.date}/us-east-1/s3/aws4_request`;
  const canonical = canonicalRequest({
    method,
    rawPath,
    rawQuery,
    headers,
    signedHeaders: names,
    payloadHash: headers['x-amz-content-sha256'] as string,
  });
  const signature = hmacHex(
    signingKey(user.accessKey.secretAccessKey, scope),
    stringToSign({ amzDate, scope: scopeText, canonicalRequest: canonical }),
  );
  return `${ALGORITHM} Credential=${user.accessKey.accessKeyId}/${scopeText},SignedHeaders=${names.join(';')},Signature=${signature}`;
}

describe('requests by hand', () => {
  it('answers path style and virtual-host style alike', async () => {
    const s3 = await start();
    await s3.putObject(BUCKET, 'a b/+ü.txt', Buffer.from('text'));
    const path = '/a%20b/%2B%C3%BC.txt';
    expect(await send(s3, { path: `/${BUCKET}${path}` })).toMatchObject({ status: 200, body: 'text' });
    expect(await send(s3, { path, host: `${BUCKET}.s3.us-east-1.amazonaws.com` })).toMatchObject({
      status: 200,
      body: 'text',
    });
    expect(await send(s3, { path, host: `${BUCKET}.localhost:${s3.port}` })).toMatchObject({
      status: 200,
      body: 'text',
    });
  });

  it.each([
    [
      'a clock that is sixteen minutes slow',
      { path: `/${BUCKET}`, time: Date.now() - 16 * 60_000 },
      403,
      'RequestTimeTooSkewed',
    ],
    ['no signature', { path: `/${BUCKET}`, signed: false }, 403, 'AccessDenied'],
    ['an unknown query parameter', { path: `/${BUCKET}?acl` }, 501, 'NotImplemented'],
    [
      'a host of another region',
      { path: '/k', host: `${BUCKET}.s3.eu-west-1.amazonaws.com` },
      400,
      'AuthorizationHeaderMalformed',
    ],
    [
      'an ACL',
      { method: 'PUT', path: `/${BUCKET}/k`, headers: { 'x-amz-acl': 'public-read' } },
      400,
      'AccessControlListNotSupported',
    ],
    [
      'another body than was signed',
      { method: 'PUT', path: `/${BUCKET}/k`, headers: { 'x-amz-content-sha256': '0'.repeat(64) } },
      400,
      'XAmzContentSHA256Mismatch',
    ],
    ['a broken percent escape', { path: `/${BUCKET}/%E0%A4`, signed: false }, 400, 'InvalidURI'],
    ['a key of 1025 bytes', { method: 'PUT', path: `/${BUCKET}/${'k'.repeat(1025)}` }, 400, 'KeyTooLongError'],
    [
      'a wrong Content-MD5',
      { method: 'PUT', path: `/${BUCKET}/k`, headers: { 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' } },
      400,
      'BadDigest',
    ],
    ['max-keys that is no number', { path: `/${BUCKET}?list-type=2&max-keys=many` }, 400, 'InvalidArgument'],
    [
      'a delete document that is no XML',
      {
        method: 'POST',
        path: `/${BUCKET}?delete`,
        body: '<Delete>',
        headers: { 'content-md5': createHash('md5').update('<Delete>').digest('base64') },
      },
      400,
      'MalformedXML',
    ],
  ])('refuses %s', async (_name, options, status, code) => {
    const s3 = await start();
    const answer = await send(s3, options);
    expect([answer.status, /<Code>(\w+)<\/Code>/.exec(answer.body)?.[1]]).toEqual([status, code]);
    expect(s3.listObjects(BUCKET)).toEqual([]);
  });

  it('answers a conditional read and a range beyond the end as the standard says', async () => {
    const s3 = await start();
    await s3.putObject(BUCKET, 'k', Buffer.from('0123456789'));
    const path = `/${BUCKET}/k`;
    const etag = `"${createHash('md5').update('0123456789').digest('hex')}"`;
    const ask = async (headers: Record<string, string>) => (await send(s3, { path, headers })).status;
    expect(await ask({ 'if-none-match': etag })).toBe(304);
    expect(await ask({ 'if-match': '"other"' })).toBe(412);
    expect(await ask({ range: 'bytes=10-' })).toBe(416);
    expect((await send(s3, { path, headers: { range: 'bytes=8-20' } })).headers['content-range']).toBe('bytes 8-9/10');
  });
});

describe('encryption with a customer key', () => {
  const put = (s3: S3StandIn, credentials: typeof user.accessKey, keyId: string) =>
    clientOf(s3, 1, credentials).send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: 'k',
        Body: 'x',
        ServerSideEncryption: 'aws:kms',
        SSEKMSKeyId: keyId,
      }),
    );

  it('asks for the permissions on the key, to write and to read', async () => {
    const s3 = await start();
    await expect(put(s3, user.accessKey, KMS_KEY)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('kms:GenerateDataKey') as string,
    });
    expect((await put(s3, kmsUser.accessKey, KMS_KEY)).SSEKMSKeyId).toBe(KMS_KEY);
    const get = clientOf(s3, 1, kmsUser.accessKey).send(new GetObjectCommand({ Bucket: BUCKET, Key: 'k' }));
    await expect(get).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('kms:Decrypt') as string,
    });
  });

  it('does not know every key', async () => {
    const s3 = await start();
    await expect(put(s3, kmsUser.accessKey, 'k-2')).rejects.toMatchObject({ name: 'KMS.NotFoundException' });
  });
});

describe('a restart', () => {
  it('finds the objects, their checksums and their metadata again', async () => {
    const first = await start();
    const bytes = randomBytes(100_000);
    await clientOf(first).send(
      new PutObjectCommand({ Bucket: BUCKET, Key: 'kept', Body: bytes, Metadata: { rows: '5' } }),
    );
    const [before] = first.listObjects(BUCKET);
    await first.close();
    const second = await start();
    const object = await clientOf(second).send(new GetObjectCommand({ Bucket: BUCKET, Key: 'kept' }));
    expect(second.listObjects(BUCKET)).toEqual([before]);
    expect(object.Metadata).toEqual({ rows: '5' });
    expect(
      Buffer.from(await (object.Body as { transformToByteArray(): Promise<Uint8Array> }).transformToByteArray()).equals(
        bytes,
      ),
    ).toBe(true);
  });
});

describe('injected faults', () => {
  it('are survived by the SDK when they pass', async () => {
    const s3 = await start(
      injected({
        target: 's3',
        where: { operation: 'PutObject' },
        at: [1],
        fault: { kind: 'error', code: 'SlowDown' },
      }),
    );
    await clientOf(s3, 3).send(new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body: 'x' }));
    expect(s3.recentRequests().map(({ status, errorCode }) => [status, errorCode])).toEqual([
      [503, 'SlowDown'],
      [200, null],
    ]);
  });

  it('can cut the connection after the object was stored, or before', async () => {
    const drop = (when: 'before' | 'after', operation: string): FaultRule => ({
      target: 's3',
      where: { operation, key: `${when}` },
      fault: { kind: 'drop', when },
    });
    const s3 = await start(injected(drop('before', 'PutObject'), drop('after', 'PutObject')));
    for (const key of ['before', 'after']) {
      await expect(clientOf(s3).send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: 'x' }))).rejects.toThrow();
    }
    expect(s3.listObjects(BUCKET).map(({ key }) => key)).toEqual(['after']);
  });

  it('can end an answer early', async () => {
    const s3 = await start(
      injected({ target: 's3', where: { operation: 'GetObject' }, fault: { kind: 'truncate', afterBytes: 1000 } }),
    );
    await s3.putObject(BUCKET, 'k', randomBytes(500_000));
    const { Body } = await clientOf(s3).send(new GetObjectCommand({ Bucket: BUCKET, Key: 'k' }));
    await expect((Body as { transformToByteArray(): Promise<Uint8Array> }).transformToByteArray()).rejects.toThrow();
  });
});

it('takes an object of 256 MB in bounded memory', async () => {
  const s3 = await start();
  const total = 256 * 1024 * 1024;
  const piece = randomBytes(1024 * 1024);
  const hash = createHash('md5');
  async function* source(): AsyncGenerator<Buffer> {
    for (let sent = 0; sent < total; sent += piece.length) {
      hash.update(piece);
      yield piece;
    }
  }
  let peak = 0;
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
  const before = process.memoryUsage().rss;
  await clientOf(s3).send(
    new PutObjectCommand({ Bucket: BUCKET, Key: 'large', Body: Readable.from(source()), ContentLength: total }),
  );
  clearInterval(timer);
  const listed = await clientOf(s3).send(new ListObjectsV2Command({ Bucket: BUCKET }));
  expect(listed.Contents?.[0]).toMatchObject({ Size: total, ETag: `"${hash.digest('hex')}"` });
  // Client and server share this process.
  expect(peak - before).toBeLessThan(200 * 1024 * 1024);
});
