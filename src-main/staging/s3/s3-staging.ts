import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { AppError } from '#shared/errors/app-error';
import type { Secrets, StagingSettings } from '#shared/model/connection-settings';
import { throwIfAborted, toAbortError } from '../../lib/abort.ts';
import type { Staging } from '../staging.ts';
import { bucketCredentials } from './aws-credentials.ts';
import { toS3Error, type S3Request } from './errors.ts';
import { parseS3Uri } from './parse-s3-uri.ts';

export interface S3StagingOptions {
  settings: StagingSettings;
  secrets: Secrets;
}

type RemoveFailure = Awaited<ReturnType<Staging['remove']>>[number];

/** Most keys of one DeleteObjects and of one page of ListObjectsV2. */
const KEYS_A_REQUEST = 1000;
const FALLBACK_REGION = 'us-east-1';

/**
 * The bucket behind the S3 URI, reached with the keys of the S3 page. Throws SECRET_MISSING when there are none and S3_URI_INVALID for a wrong URI; nothing is
 * sent before the first call. Requests that may pass are repeated by the SDK, four attempts in all.
 */
export function createS3Staging(options: S3StagingOptions): Staging {
  const { settings, secrets } = options;
  const { bucket } = parseS3Uri(settings.s3Uri);
  if (settings.credentials === null) {
    throw new AppError('SECRET_MISSING', {
      facts: { secret: 'AWS access for this app', page: 'Set up S3 bucket' },
      field: 'staging.credentials',
    });
  }
  const region = settings.region === '' ? FALLBACK_REGION : settings.region;
  const client = new S3Client({
    region,
    credentials: bucketCredentials(settings.credentials, secrets),
    followRegionRedirects: settings.s3Endpoint === '',
    maxAttempts: 4,
    requestHandler: { connectionTimeout: 10_000, requestTimeout: 120_000 },
    ...(settings.s3Endpoint === '' ? {} : { endpoint: settings.s3Endpoint, forcePathStyle: true }),
  });

  const send = async <T>(
    asked: { action: string; key: string | null },
    signal: AbortSignal,
    work: () => Promise<T>,
  ): Promise<T> => {
    throwIfAborted(signal);
    const request: S3Request = {
      ...asked,
      bucket,
      region,
      endpoint: settings.s3Endpoint,
      credentials: settings.credentials,
    };
    try {
      return await work();
    } catch (error) {
      throw signal.aborted ? toAbortError(signal) : toS3Error(error, request);
    }
  };

  const removeChunk = async (keys: string[], signal: AbortSignal): Promise<RemoveFailure[]> => {
    const input = { Bucket: bucket, Delete: { Objects: keys.map((key) => ({ Key: key })), Quiet: true } };
    const answer = await send({ action: 's3:DeleteObject', key: keys[0] ?? null }, signal, () =>
      client.send(new DeleteObjectsCommand(input), { abortSignal: signal }),
    );
    return (answer.Errors ?? [])
      .filter((failure) => failure.Code !== 'NoSuchKey')
      .map((failure) => ({ key: failure.Key ?? '', code: failure.Code ?? 'Unknown', message: failure.Message ?? '' }));
  };

  return {
    bucket,
    async list(prefix, { signal, limit = Infinity }) {
      const found: { key: string; bytes: number }[] = [];
      let token: string | undefined;
      do {
        const input = {
          Bucket: bucket,
          Prefix: prefix,
          MaxKeys: Math.min(KEYS_A_REQUEST, limit - found.length),
          ContinuationToken: token,
        };
        const page = await send({ action: 's3:ListBucket', key: null }, signal, () =>
          client.send(new ListObjectsV2Command(input), { abortSignal: signal }),
        );
        for (const { Key, Size } of page.Contents ?? [])
          if (Key !== undefined) found.push({ key: Key, bytes: Size ?? 0 });
        token = page.NextContinuationToken;
      } while (token !== undefined && found.length < limit);
      return found;
    },
    async readText(key, { signal, maxBytes }) {
      return send({ action: 's3:GetObject', key }, signal, async () => {
        const { Body, ContentLength } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), {
          abortSignal: signal,
        });
        if (!Body || (ContentLength ?? 0) > maxBytes) {
          Body?.transformToWebStream()
            .cancel()
            .catch(() => undefined);
          throw new AppError('S3_REQUEST_FAILED', {
            facts: {
              action: 's3:GetObject',
              resource: `s3://${bucket}/${key}`,
              detail: `the object has ${ContentLength ?? 0} bytes, more than the ${maxBytes} that are read`,
            },
          });
        }
        return Body.transformToString('utf-8');
      });
    },
    async putText(key, text, { signal }) {
      const input = {
        Bucket: bucket,
        Key: key,
        Body: text,
        ContentType: 'text/plain; charset=utf-8',
        ...encryptionOf(settings),
      };
      await send({ action: 's3:PutObject', key }, signal, () =>
        client.send(new PutObjectCommand(input), { abortSignal: signal }),
      );
    },
    async remove(keys, { signal }) {
      const distinct = [...new Set(keys)];
      const failures: RemoveFailure[] = [];
      for (let start = 0; start < distinct.length; start += KEYS_A_REQUEST) {
        failures.push(...(await removeChunk(distinct.slice(start, start + KEYS_A_REQUEST), signal)));
      }
      return failures;
    },
    close() {
      client.destroy();
      return Promise.resolve();
    },
  };
}

/** Buckets may refuse objects that are not encrypted with the key that the page names. */
function encryptionOf({ encryption }: StagingSettings): { ServerSideEncryption?: 'aws:kms'; SSEKMSKeyId?: string } {
  return encryption.kind === 'kms' ? { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: encryption.keyId } : {};
}
