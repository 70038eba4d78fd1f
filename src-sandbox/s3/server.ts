import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Iam } from '../aws/iam.ts';
import { authenticate } from './authenticate.ts';
import type { Authenticated } from './authenticate.ts';
import type { S3Context } from './context.ts';
import { S3Error, messageOf, statusOf } from './errors.ts';
import { openObjectStore, openSink } from './object-store.ts';
import type { BucketRecord, ObjectRecord, ObjectStore } from './object-store.ts';
import { parseS3Request } from './request.ts';
import type { S3Request } from './request.ts';
import { findRoute } from './routes.ts';
import { toXml } from '../aws/xml.ts';

export type S3Options = {
  /** Objects live here as files; buckets that are in it already are served again. */
  dataDirectory: string;
  /** Home region of the account. */
  region: string;
  /** Made when they are not there yet. */
  buckets: { name: string; region?: string }[];
  identities: Iam;
  /** Customer keys that x-amz-server-side-encryption-aws-kms-key-id may name. */
  kmsKeyArns?: string[];
  /** 0, the default: any free port. */
  port?: number;
  /** Asked before a request is carried out; see S3Fault. */
  onRequest?: (request: S3RequestInfo) => S3Fault | undefined | Promise<S3Fault | undefined>;
  /** Milliseconds since the epoch. */
  now?: () => number;
};

export type S3RequestInfo = {
  operation: string;
  bucket: string | null;
  key: string | null;
  /** ARN of who signed it. */
  principal: string;
  /** Counts the requests of this endpoint, from 1. */
  number: number;
};

/**
 * `error`: answer so instead of carrying the request out (`SlowDown`, `InternalError`, `ServiceUnavailable`, any code of S3).
 * `drop`: cut the connection, before the request is carried out or after it, instead of the answer.
 * `delay`: wait, then go on. `truncate`: cut the connection after so many bytes of the answer's body.
 */
export type S3Fault =
  | { kind: 'error'; code: string; status?: number; message?: string }
  | { kind: 'drop' | 'stall'; when: 'before' | 'after' }
  | { kind: 'delay'; delayMs: number }
  | { kind: 'truncate'; afterBytes: number };

export type S3LogEntry = S3RequestInfo & { status: number; errorCode: string | null };

export type S3StandIn = {
  /** `http://127.0.0.1:<port>` */
  endpoint: string;
  port: number;
  /** What is stored under a prefix, in key order. Not subject to permissions: for tests. */
  listObjects(bucket: string, prefix?: string): { key: string; size: number; etag: string; checksum: string | null }[];
  readObject(bucket: string, key: string): Promise<Buffer>;
  putObject(bucket: string, key: string, body: Buffer): Promise<void>;
  /** The last thousand answered requests, oldest first. */
  recentRequests(): S3LogEntry[];
  close(): Promise<void>;
};

const LOG_LENGTH = 1000;

/** An S3 endpoint on 127.0.0.1 for the unmodified AWS SDK. FIDELITY.md says what it follows and where it differs. */
export async function startS3(options: S3Options): Promise<S3StandIn> {
  const store = await openObjectStore(options.dataDirectory);
  for (const { name, region = options.region } of options.buckets) {
    if (!store.buckets.has(name)) await store.createBucket(name, region);
  }
  const log: S3LogEntry[] = [];
  let count = 0;
  const server = createServer((message, response) => {
    const number = ++count;
    void answer({ message, response, number, options, store, log }).catch(() => message.destroy());
  });
  // Slow writers are legitimate: the default of five minutes would cut a large upload.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    ...directAccess(store),
    recentRequests: () => [...log],
    close: () => close(server),
  };
}

type Exchange = {
  message: IncomingMessage;
  response: ServerResponse;
  number: number;
  options: S3Options;
  store: ObjectStore;
  log: S3LogEntry[];
};

async function answer(exchange: Exchange): Promise<void> {
  const { message, response, log } = exchange;
  const info: S3RequestInfo = { operation: 'Unknown', bucket: null, key: null, principal: '', number: exchange.number };
  const requestId = randomBytes(8).toString('hex').toUpperCase();
  response.setHeader('x-amz-request-id', requestId);
  response.setHeader('x-amz-id-2', randomBytes(48).toString('base64'));
  response.setHeader('server', 'AmazonS3');
  let errorCode: string | null = null;
  try {
    await carryOut(exchange, info, requestId);
  } catch (error) {
    const failure = error instanceof S3Error ? error : toInternal(error, message);
    errorCode = failure?.code ?? null;
    if (failure) await sendError({ exchange, info, requestId, failure });
  }
  log.push({ ...info, status: response.statusCode, errorCode });
  if (log.length > LOG_LENGTH) log.shift();
}

async function carryOut(exchange: Exchange, info: S3RequestInfo, requestId: string): Promise<void> {
  const { message, response, options, store } = exchange;
  const now = options.now ?? Date.now;
  const request: S3Request = parseS3Request(message);
  info.bucket = request.bucket;
  info.key = request.key;
  const auth = authenticateOrNameRegion(request, { options, store, now: now() });
  info.principal = auth.principal.arn;
  const route = findRoute(request);
  info.operation = route.operation;
  const fault = await options.onRequest?.({ ...info });
  if (fault?.kind === 'error') throw new InjectedError(fault);
  if (fault?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
  if (fault?.kind === 'drop' && fault.when === 'before') return void message.socket.destroy();
  if (fault?.kind === 'stall' && fault.when === 'before') return void message.resume();
  if (fault?.kind === 'stall') response.end = () => response;
  if (fault?.kind === 'drop') discardAnswer(response, 0);
  if (fault?.kind === 'truncate') discardAnswer(response, fault.afterBytes);
  const context: S3Context = {
    request,
    response,
    auth,
    iam: options.identities,
    store,
    region: options.region,
    kmsKeyArns: options.kmsKeyArns ?? [],
    requestId,
    now,
  };
  await route.run(context);
}

/**
 * Requests without a signature are refused, as no bucket is public; but every answer about a bucket names its region, and a missing one is 404:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
 */
function authenticateOrNameRegion(
  request: S3Request,
  { options, store, now }: { options: S3Options; store: ObjectStore; now: number },
): Authenticated {
  try {
    return authenticate(request, { iam: options.identities, now });
  } catch (error) {
    const isUnsigned = request.headers['authorization'] === undefined && !request.query.has('X-Amz-Signature');
    if (!(error instanceof S3Error) || request.bucket === null || !isUnsigned) throw error;
    const bucket = store.buckets.get(request.bucket);
    if (!bucket) throw new S3Error('NoSuchBucket', { details: { BucketName: request.bucket } });
    throw new S3Error('AccessDenied', { headers: { 'x-amz-bucket-region': bucket.region } });
  }
}

/** Lets the operation run, but cuts the connection once `afterBytes` of the body (none: before the status line) are out. */
function discardAnswer(response: ServerResponse, afterBytes: number): void {
  if (afterBytes === 0) {
    response.writeHead = () => response;
    response.write = () => true;
    response.end = () => {
      response.socket?.destroy();
      return response;
    };
    return;
  }
  const write = response.write.bind(response);
  let left = afterBytes;
  response.write = (chunk: Buffer) => {
    const isLast = chunk.length >= left;
    const part = chunk.subarray(0, left);
    left -= part.length;
    write(part, () => {
      if (isLast) response.socket?.destroy();
    });
    return true;
  };
  const end = response.end.bind(response);
  response.end = () => (left > 0 ? end() : response);
}

class InjectedError extends S3Error {
  override readonly code: string;
  override readonly status: number;

  constructor(fault: { code: string; status?: number; message?: string }) {
    super('InternalError', { message: fault.message ?? messageOf(fault.code) });
    this.code = fault.code;
    this.status = fault.status ?? statusOf(fault.code);
  }
}

/** Null: the client is gone, nobody to answer. */
function toInternal(error: unknown, message: IncomingMessage): S3Error | null {
  if (message.destroyed && !message.complete) return null;
  process.stderr.write(`s3: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return new S3Error('InternalError');
}

async function sendError(options: {
  exchange: Exchange;
  info: S3RequestInfo;
  requestId: string;
  failure: S3Error;
}): Promise<void> {
  const { exchange, info, requestId, failure } = options;
  const { message, response } = exchange;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // The rest of the body is read and thrown away: a client that is still sending would see a reset instead of the answer.
  await drain(message);
  const body =
    message.method === 'HEAD' || failure.status === 304
      ? ''
      : toXml('Error', {
          Code: failure.code,
          Message: failure.message,
          ...failure.details,
          ...(info.bucket === null ? {} : { Resource: `/${info.bucket}${info.key === null ? '' : `/${info.key}`}` }),
          RequestId: requestId,
          HostId: createHash('sha256').update(requestId).digest('base64'),
        });
  response.writeHead(failure.status, {
    ...failure.headers,
    'content-type': 'application/xml',
    ...(message.method === 'HEAD' ? {} : { 'content-length': Buffer.byteLength(body) }),
  });
  response.end(body);
}

async function drain(message: IncomingMessage): Promise<void> {
  if (message.readableEnded || message.destroyed) return;
  try {
    for await (const chunk of message) void chunk;
  } catch {
    // The client closed the connection: there is no body left to read.
  }
}

function directAccess(store: ObjectStore): Pick<S3StandIn, 'listObjects' | 'readObject' | 'putObject'> {
  const bucketNamed = (name: string): BucketRecord => {
    const bucket = store.buckets.get(name);
    if (!bucket) throw new Error(`There is no bucket ${name}`);
    return bucket;
  };
  return {
    listObjects(name, prefix = '') {
      const bucket = bucketNamed(name);
      return store
        .keys(bucket)
        .filter((key) => key.startsWith(prefix))
        .map((key) => {
          const record = bucket.objects.get(key) as ObjectRecord;
          return { key, size: record.size, etag: record.etag, checksum: record.checksum?.value ?? null };
        });
    },
    async readObject(name, key) {
      const record = bucketNamed(name).objects.get(key);
      if (!record) throw new Error(`There is no object ${key} in ${name}`);
      const chunks: Buffer[] = [];
      for await (const chunk of store.read(record, 0, record.size - 1)) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    async putObject(name, key, body) {
      const bucket = bucketNamed(name);
      const file = store.newFile(bucket);
      const sink = openSink(file);
      await sink.write(body);
      await sink.end();
      await store.putObject(bucket, {
        key,
        segments: [{ file, size: body.length }],
        size: body.length,
        etag: createHash('md5').update(body).digest('hex'),
        lastModifiedMs: Math.floor(Date.now() / 1000) * 1000,
        checksum: null,
        encryption: { algorithm: 'AES256', keyArn: null },
        storageClass: 'STANDARD',
        headers: { 'content-type': 'binary/octet-stream' },
      });
    },
  };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
