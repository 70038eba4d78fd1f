import {
  stagingSettingsSchema,
  type AwsCredentials,
  type SecretSlot,
  type StagingSettings,
} from '#shared/model/connection-settings';
import { fieldErrors, type FieldErrors } from '../form-values.ts';

/** The page's fields as typed. `credentialsKind` is `none` when files are left where they are. */
export type BucketFormValues = { readonly [Name in (typeof BUCKET_FIELDS)[number]]: string };

/** In the order of the page. */
export const BUCKET_FIELDS = [
  'database',
  'schema',
  'stageName',
  's3Uri',
  'iamRole',
  'region',
  'encryptionKind',
  'kmsKeyId',
  'credentialsKind',
  'profile',
  'accessKeyId',
  's3Endpoint',
] as const;

/** Where the fields stand on the page, secrets among them. */
export const BUCKET_FIELD_ORDER: readonly string[] = [
  ...BUCKET_FIELDS.slice(0, 11),
  's3.secretAccessKey',
  's3.sessionToken',
  ...BUCKET_FIELDS.slice(11),
];

/** Paths of settings and of errors whose field is not their last name. */
export const BUCKET_FIELD_NAMES: Readonly<Record<string, string>> = {
  'stage.name': 'stageName',
  'staging.stage': 'stageName',
  'staging.stage.name': 'stageName',
  'encryption.keyId': 'kmsKeyId',
  'staging.encryption.keyId': 'kmsKeyId',
  'encryption.kind': 'encryptionKind',
  'staging.encryption': 'encryptionKind',
  'credentials.kind': 'credentialsKind',
  'staging.credentials': 'credentialsKind',
  's3.secretAccessKey': 's3.secretAccessKey',
  's3.sessionToken': 's3.sessionToken',
};

const DEFAULTS: BucketFormValues = {
  database: '',
  schema: '',
  stageName: '',
  s3Uri: '',
  iamRole: '',
  region: '',
  encryptionKind: 'none',
  kmsKeyId: '',
  credentialsKind: 'none',
  profile: '',
  accessKeyId: '',
  s3Endpoint: '',
};

/** The saved settings as fields; null gives the defaults. */
export function bucketFormOf(settings: StagingSettings | null): BucketFormValues {
  if (settings === null) return DEFAULTS;
  const { stage, s3Uri, iamRole, region, encryption, credentials, s3Endpoint } = settings;
  return {
    ...DEFAULTS,
    database: stage.database,
    schema: stage.schema,
    stageName: stage.name,
    s3Uri,
    iamRole,
    region,
    s3Endpoint,
    encryptionKind: encryption.kind,
    kmsKeyId: encryption.kind === 'kms' ? encryption.keyId : '',
    ...credentialsFields(credentials),
  };
}

/** The fields as settings; what is not valid is left for the schema to name. */
export function toStagingSettings(values: BucketFormValues): unknown {
  const { database, schema, stageName, s3Uri, iamRole, region, encryptionKind, kmsKeyId, s3Endpoint } = values;
  return {
    stage: { database, schema, name: stageName },
    s3Uri,
    iamRole,
    region,
    encryption: encryptionKind === 'kms' ? { kind: 'kms', keyId: kmsKeyId } : { kind: encryptionKind },
    credentials: credentialsOf(values),
    s3Endpoint: s3Endpoint.trim(),
  };
}

/** What main reads from the draft when the stage is created before the page is complete. */
export function bucketDraftExtras(values: BucketFormValues): Record<string, unknown> {
  return { credentials: { kind: 'keys', accessKeyId: values.accessKeyId.trim() } };
}

/** A sentence for each field that is not valid, secrets included: `has` tells which are stored or typed. */
export function bucketProblems(values: BucketFormValues, has: (slot: SecretSlot) => boolean): FieldErrors {
  const errors = fieldErrors(stagingSettingsSchema.safeParse(toStagingSettings(values)).error, BUCKET_FIELD_NAMES);
  const empty: Record<string, string> = {};
  if (values.s3Uri.trim() === '') empty['s3Uri'] = 'The S3 bucket URI is needed.';
  if (values.iamRole.trim() === '') empty['iamRole'] = 'The IAM role is needed.';
  if (values.credentialsKind === 'keys' && !has('s3.secretAccessKey')) {
    empty['s3.secretAccessKey'] = 'The secret access key is needed.';
  }
  return { ...errors, ...empty };
}

/** The URI when it is usable as it is, else null: what region and policies are asked for. */
export function usableUri(s3Uri: string): string | null {
  const parsed = stagingSettingsSchema.shape.s3Uri.safeParse(s3Uri);
  return parsed.success ? parsed.data : null;
}

/** How the stage has to be encrypted so that it fits the files. */
export function stageEncryption(values: BucketFormValues): 'none' | 'sse-s3' | 'sse-kms' {
  if (values.encryptionKind === 'kms') return 'sse-kms';
  return values.encryptionKind === 'bucket-default' ? 'sse-s3' : 'none';
}

function credentialsOf({ credentialsKind, profile, accessKeyId }: BucketFormValues): unknown {
  switch (credentialsKind) {
    case 'profile':
      return { kind: credentialsKind, profile };
    case 'keys':
      return { kind: credentialsKind, accessKeyId };
    case 'default':
      return { kind: credentialsKind };
    default:
      return null;
  }
}

function credentialsFields(credentials: AwsCredentials | null): Partial<BucketFormValues> {
  switch (credentials?.kind) {
    case undefined:
      return { credentialsKind: 'none' };
    case 'default':
      return { credentialsKind: 'default' };
    case 'profile':
      return { credentialsKind: 'profile', profile: credentials.profile };
    case 'keys':
      return { credentialsKind: 'keys', accessKeyId: credentials.accessKeyId };
  }
}
