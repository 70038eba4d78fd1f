import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { UnloadStatement } from './unload-statement.ts';
import { RedshiftError } from './wire.ts';

export interface UnloadCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Where an UNLOAD writes; every failure arrives as Redshift words it. */
export interface UnloadBucket {
  /** Refuses a prefix under which there is something already, or clears it, as the statement says. */
  prepare(prefixes: readonly string[]): Promise<void>;
  putText(key: string, text: string): Promise<number>;
  /** Resolves to the object's size in bytes. */
  putFile(key: string, path: string): Promise<number>;
  close(): void;
}

export interface OpenBucketOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: UnloadCredentials;
  readonly statement: UnloadStatement;
  readonly queryId: number;
  readonly processId: number;
  readonly signal: AbortSignal;
}

const PART_BYTES = 32 * 1024 * 1024;

export function openUnloadBucket(options: OpenBucketOptions): UnloadBucket {
  const { statement, signal } = options;
  const client = new S3Client({
    endpoint: options.endpoint,
    region: options.region,
    credentials: options.credentials,
    forcePathStyle: true,
    followRegionRedirects: false,
    maxAttempts: 3,
  });
  const encryption = toEncryption(statement);
  const target = { Bucket: statement.bucket };
  const guard = async <Result>(context: string, act: () => Promise<Result>): Promise<Result> => {
    try {
      return await act();
    } catch (error) {
      if (signal.aborted) throw canceled();
      throw toRedshiftError(error, { ...options, context });
    }
  };
  const put = async (key: string, body: Buffer): Promise<number> => {
    await client.send(new PutObjectCommand({ ...target, ...encryption, Key: key, Body: body }), {
      abortSignal: signal,
    });
    return body.length;
  };
  return {
    prepare: (prefixes) =>
      guard('Listing bucket', async () => {
        for (const prefix of prefixes) await prepare({ client, statement, prefix, signal });
      }),
    putText: (key, text) => guard(`Writing s3://${statement.bucket}/${key}`, () => put(key, Buffer.from(text, 'utf8'))),
    putFile: (key, path) =>
      guard(`Writing s3://${statement.bucket}/${key}`, async () => {
        const { size } = await stat(path);
        if (size <= 2 * PART_BYTES) return put(key, await readFile(path));
        await putInParts({ client, encryption, bucket: statement.bucket, key, path, signal });
        return size;
      }),
    close: () => client.destroy(),
  };
}

function toEncryption(statement: UnloadStatement): {
  ServerSideEncryption?: 'AES256' | 'aws:kms';
  SSEKMSKeyId?: string;
} {
  if (statement.encryption === 'bucket-default') return {};
  if (statement.encryption === 'sse-kms') {
    return {
      ServerSideEncryption: 'aws:kms',
      ...(statement.kmsKeyId === undefined ? {} : { SSEKMSKeyId: statement.kmsKeyId }),
    };
  }
  return { ServerSideEncryption: 'AES256' };
}

async function prepare(input: {
  client: S3Client;
  statement: UnloadStatement;
  prefix: string;
  signal: AbortSignal;
}): Promise<void> {
  const { client, statement, prefix, signal } = input;
  if (statement.allowOverwrite) return;
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: statement.bucket,
        Prefix: prefix,
        ...(token === undefined ? {} : { ContinuationToken: token }),
      }),
      { abortSignal: signal },
    );
    // A folder made in the console is an empty object with the prefix as its name: nothing that an UNLOAD would overwrite.
    const keys = (page.Contents ?? []).flatMap((object) =>
      object.Key === undefined || object.Key === prefix ? [] : [object.Key],
    );
    if (keys.length > 0 && !statement.cleanPath) throw notEmpty();
    if (keys.length > 0) {
      const answer = await client.send(
        new DeleteObjectsCommand({ Bucket: statement.bucket, Delete: { Objects: keys.map((Key) => ({ Key })) } }),
        { abortSignal: signal },
      );
      const failure = answer.Errors?.[0];
      if (failure !== undefined) {
        throw s3Error({
          message: failure.Message ?? '',
          status: 403,
          code: failure.Code ?? 'AccessDenied',
          requestId: '',
          extendedId: '',
        });
      }
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
}

async function putInParts(input: {
  client: S3Client;
  encryption: ReturnType<typeof toEncryption>;
  bucket: string;
  key: string;
  path: string;
  signal: AbortSignal;
}): Promise<void> {
  const { client, signal } = input;
  const target = { Bucket: input.bucket, Key: input.key };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...target, ...input.encryption }), {
    abortSignal: signal,
  });
  try {
    const parts: { ETag: string | undefined; PartNumber: number }[] = [];
    const stream = createReadStream(input.path, { highWaterMark: PART_BYTES });
    for await (const chunk of stream) {
      const PartNumber = parts.length + 1;
      const command = new UploadPartCommand({ ...target, UploadId, PartNumber, Body: chunk as Buffer });
      const { ETag } = await client.send(command, { abortSignal: signal });
      parts.push({ ETag, PartNumber });
    }
    await client.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts: parts } }), {
      abortSignal: signal,
    });
  } catch (error) {
    await client.send(new AbortMultipartUploadCommand({ ...target, UploadId })).catch(() => undefined);
    throw error;
  }
}

export function canceled(): RedshiftError {
  return new RedshiftError({ code: '57014', message: "Query (0) cancelled on user's request" });
}

function notEmpty(): RedshiftError {
  return new RedshiftError({
    code: 'XX000',
    message:
      'Specified unload destination on S3 is not empty. Consider using a different bucket / prefix, manually removing the target files in S3, or using the ALLOWOVERWRITE option.',
  });
}

interface S3Failure {
  readonly message: string;
  readonly status: number;
  readonly code: string;
  readonly requestId: string;
  readonly extendedId: string;
}

interface FailureContext {
  readonly context: string;
  readonly queryId: number;
  readonly processId: number;
}

function toRedshiftError(error: unknown, context: FailureContext): Error {
  if (error instanceof RedshiftError) return error;
  if (error instanceof S3ServiceException) {
    const failure: S3Failure = {
      message: error.message,
      status: error.$metadata.httpStatusCode ?? 0,
      code: error.name,
      requestId: error.$metadata.requestId ?? '',
      extendedId: error.$metadata.extendedRequestId ?? '',
    };
    return s3Error(failure, context);
  }
  const words = error instanceof Error ? error.message : String(error);
  return new RedshiftError({
    code: 'XX000',
    message: `S3CurlException: ${words}, CurlError 7, multiCurlError 0, CanRetry 1, UserError 0`,
    detail: detailBlock({ error: `S3CurlException: ${words}`, code: 9001, location: 's3_utility.cpp:654', ...context }),
  });
}

/** The form in which Redshift passes S3's errors on. */
function s3Error(failure: S3Failure, context?: FailureContext): RedshiftError {
  const { message, status, code, requestId, extendedId } = failure;
  const text = `S3ServiceException:${message},Status ${status},Error ${code},Rid ${requestId},ExtRid ${extendedId},CanRetry 1`;
  return new RedshiftError({
    code: 'XX000',
    message: text,
    ...(context === undefined
      ? {}
      : { detail: detailBlock({ error: text, code: 8001, location: 's3_utility.cpp:654', ...context }) }),
  });
}

/** The block that Redshift's internal errors carry as their detail. */
export function detailBlock(input: { error: string; code: number; location: string } & FailureContext): string {
  const line = '  -----------------------------------------------';
  return [
    '',
    line,
    `  error:  ${input.error}`,
    `  code:      ${input.code}`,
    `  context:   ${input.context}`,
    `  query:     ${input.queryId}`,
    `  location:  ${input.location}`,
    `  process:   padbmaster [pid=${input.processId}]`,
    line,
  ].join('\n');
}
