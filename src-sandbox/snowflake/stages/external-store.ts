import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { SnowflakeError } from '../errors.ts';
import type { StagedFile } from './internal-store.ts';
import { roleNotAssumed, stageAreaFailure, unsupportedFeature } from './stage-errors.ts';
import type { StageCredentials } from './stage-objects.ts';
import type { S3Options, StageServices } from './stage-services.ts';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** A bucket as a stage sees it. Keys are whole keys; every failure is a SnowflakeError in the vendor's words. */
export interface ExternalStore {
  readonly bucket: string;
  list(prefix: string): Promise<StagedFile[]>;
  find(key: string): Promise<StagedFile | undefined>;
  fetch(key: string, file: string): Promise<void>;
  put(key: string, file: string): Promise<void>;
  remove(key: string): Promise<void>;
  close(): void;
}

/** How a role is found out for credentials of kind `role` and `integration`. */
export interface AssumedRole {
  roleArn: string;
  externalId: string;
}

/**
 * Opens a bucket with a stage's credentials through the endpoint that stands for S3. A role is assumed with STS by
 * Snowflake's own IAM user and the external id, as https://docs.snowflake.com/en/user-guide/data-load-s3-config-storage-integration
 * describes; temporary credentials are kept until they expire.
 */
export function openExternalStore(
  services: StageServices,
  target: {
    bucket: string;
    credentials: StageCredentials;
    role?: AssumedRole;
    encryption: { type: string; kmsKeyId: string | null };
  },
): ExternalStore {
  const { s3 } = services;
  if (!s3) {
    throw unsupportedFeature('external stages: this server was started without the option "s3"');
  }
  const client = createClient(services, s3, target);
  const { bucket } = target;

  return {
    bucket,
    list: (prefix) => guarded(() => listAll(client, bucket, prefix)),
    find: (key) =>
      guarded(async () => {
        try {
          const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
          return toStagedFile(key, head);
        } catch (error) {
          if (
            error instanceof S3ServiceException &&
            error.$metadata.httpStatusCode === 404 &&
            error.name !== 'NoSuchBucket'
          ) {
            return undefined;
          }
          throw error;
        }
      }),
    fetch: (key, file) =>
      guarded(async () => {
        const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        await pipeline(object.Body as Readable, createWriteStream(file));
      }),
    put: (key, file) =>
      guarded(async () => {
        const { size } = await stat(file);
        await client.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: key,
            Body: createReadStream(file),
            ContentLength: size,
            ...encryptionHeaders(target.encryption),
          }),
        );
      }),
    remove: (key) =>
      guarded(async () => void (await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })))),
    close: () => client.destroy(),
  };
}

function createClient(
  services: StageServices,
  s3: S3Options,
  target: { credentials: StageCredentials; role?: AssumedRole },
): S3Client {
  const common = {
    endpoint: s3.endpoint,
    region: s3.region,
    forcePathStyle: true,
    followRegionRedirects: true,
    maxAttempts: 3,
  };
  const { credentials } = target;
  if (credentials.kind === 'none') {
    return new S3Client({
      ...common,
      credentials: { accessKeyId: '', secretAccessKey: '' },
      signer: { sign: (request) => Promise.resolve(request) },
    });
  }
  if (credentials.kind === 'keys') {
    const { accessKeyId, secretAccessKey, sessionToken } = credentials;
    return new S3Client({
      ...common,
      credentials: { accessKeyId, secretAccessKey, ...(sessionToken === null ? {} : { sessionToken }) },
    });
  }
  if (!target.role) {
    throw new Error('a stage with a role needs the role');
  }
  return new S3Client({ ...common, credentials: assumedCredentials(services, s3, target.role) });
}

function assumedCredentials(services: StageServices, s3: S3Options, role: AssumedRole): () => Promise<Credentials> {
  const key = JSON.stringify([role.roleArn, role.externalId]);
  const known = services.roleCredentials.get(key);
  if (known) {
    return known;
  }
  const assume = fromTemporaryCredentials({
    masterCredentials: { accessKeyId: s3.iamUser.accessKeyId, secretAccessKey: s3.iamUser.secretAccessKey },
    params: { RoleArn: role.roleArn, RoleSessionName: 'snowflake', ExternalId: role.externalId },
    clientConfig: { endpoint: s3.stsEndpoint ?? s3.endpoint, region: s3.region, maxAttempts: 3 },
  });
  let current: (Credentials & { expiration?: Date }) | undefined;
  const provide = async (): Promise<Credentials> => {
    if (!current || (current.expiration && current.expiration.getTime() - Date.now() < 60_000)) {
      try {
        current = await assume();
      } catch (error) {
        throw roleNotAssumed(error instanceof Error ? error.message : String(error));
      }
    }
    return current;
  };
  services.roleCredentials.set(key, provide);
  return provide;
}

async function listAll(client: S3Client, bucket: string, prefix: string): Promise<StagedFile[]> {
  const files: StagedFile[] = [];
  for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
    for (const object of page.Contents ?? []) {
      files.push(toStagedFile(object.Key ?? '', { ...object, ContentLength: object.Size }));
    }
  }
  return files;
}

function toStagedFile(
  path: string,
  object: { ContentLength?: number | undefined; ETag?: string | undefined; LastModified?: Date | undefined },
): StagedFile {
  return {
    path,
    size: object.ContentLength ?? 0,
    md5: (object.ETag ?? '').replaceAll('"', ''),
    lastModified: object.LastModified ?? new Date(0),
  };
}

function encryptionHeaders(encryption: { type: string; kmsKeyId: string | null }): {
  ServerSideEncryption?: 'AES256' | 'aws:kms';
  SSEKMSKeyId?: string;
} {
  if (encryption.type === 'AWS_SSE_S3') {
    return { ServerSideEncryption: 'AES256' };
  }
  if (encryption.type === 'AWS_SSE_KMS') {
    return {
      ServerSideEncryption: 'aws:kms',
      ...(encryption.kmsKeyId === null ? {} : { SSEKMSKeyId: encryption.kmsKeyId }),
    };
  }
  return {};
}

/** Runs a request and words its failure as the vendor does: `Failure using stage area. Cause: [...]`. */
async function guarded<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof SnowflakeError) {
      throw error;
    }
    if (error instanceof S3ServiceException) {
      throw stageAreaFailure(describe(error));
    }
    throw stageAreaFailure(error instanceof Error ? error.message : String(error));
  }
}

function describe(error: S3ServiceException): string {
  const status = error.$metadata.httpStatusCode ?? 0;
  if (error.name === 'InvalidAccessKeyId') {
    return 'The AWS Access Key Id you provided is not valid.';
  }
  // A HEAD answer has no body: its code is made up from the status.
  const known: Record<number, [string, string]> = {
    403: ['AccessDenied', 'Access Denied'],
    404: ['NotFound', 'Not Found'],
  };
  const [code, text] =
    error.name === 'Unknown' || /^\d+$/.test(error.name) || error.message === 'UnknownError'
      ? (known[status] ?? [error.name, error.message])
      : [error.name, error.message];
  // AWS names the principal and the action since 2023; the vendor's sentence keeps what S3 said.
  return `${text} (Status Code: ${status}; Error Code: ${code})`;
}
