import { z } from 'zod';

/** The places where a project keeps a secret. The values live in the secret store only. */
export const SECRET_SLOTS = [
  'source.password',
  'source.token',
  'source.clientSecret',
  'source.awsSecretAccessKey',
  'source.awsSessionToken',
  'snowflake.password',
  'snowflake.privateKey',
  'snowflake.privateKeyPassphrase',
  'snowflake.token',
  'snowflake.proxyPassword',
  's3.secretAccessKey',
  's3.sessionToken',
] as const;
export const secretSlotSchema = z.enum(SECRET_SLOTS);
export type SecretSlot = z.infer<typeof secretSlotSchema>;
/** Secret values by slot, in memory only. */
export type Secrets = Partial<Record<SecretSlot, string>>;

const text = z.string().trim();
const requiredText = (what: string) => text.min(1, `${what} is needed.`);
const port = z
  .number({ error: 'The port is a number from 1 to 65535.' })
  .int()
  .min(1)
  .max(65535, 'The port is a number from 1 to 65535.');
const optionalUrl = z.union([z.literal(''), z.url('This is not a URL. Write it with https://.')]).default('');

export const awsCredentialsSchema = z.discriminatedUnion('kind', [
  /** The chain of the AWS SDK: environment, shared files, SSO, instance role. */
  z.object({ kind: z.literal('default') }),
  z.object({ kind: z.literal('profile'), profile: requiredText('The profile name') }),
  /** The secret halves are in the secret store. */
  z.object({ kind: z.literal('keys'), accessKeyId: requiredText('The access key id') }),
]);
export type AwsCredentials = z.infer<typeof awsCredentialsSchema>;

export const TLS_MODES = ['verify-full', 'verify-ca', 'require', 'disable'] as const;
export const tlsSchema = z.object({
  mode: z.enum(TLS_MODES).default('verify-full'),
  /** A PEM file with further CA certificates; empty for the CAs that come with the app (AWS) and the system's. */
  caFile: text.default(''),
});
export type TlsSettings = z.infer<typeof tlsSchema>;

export const redshiftAuthSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('password'), user: requiredText('The user') }),
  z.object({
    kind: z.literal('iam-cluster'),
    clusterId: requiredText('The cluster identifier'),
    region: requiredText('The region'),
    dbUser: requiredText('The database user'),
    credentials: awsCredentialsSchema,
    /** Another address of the Redshift API, for example an interface endpoint; empty for AWS's own. */
    apiEndpoint: optionalUrl,
  }),
  z.object({
    kind: z.literal('iam-serverless'),
    workgroup: requiredText('The workgroup'),
    region: requiredText('The region'),
    credentials: awsCredentialsSchema,
    apiEndpoint: optionalUrl,
  }),
]);

export const redshiftSettingsSchema = z.object({
  kind: z.literal('redshift'),
  host: requiredText('The host'),
  port: port.default(5439),
  database: requiredText('The database'),
  auth: redshiftAuthSchema,
  tls: tlsSchema,
});
export type RedshiftSettings = z.infer<typeof redshiftSettingsSchema>;

export const sqlServerAuthSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('sql-login'), user: requiredText('The user') }),
  z.object({ kind: z.literal('ntlm'), domain: requiredText('The domain'), user: requiredText('The user') }),
  z.object({ kind: z.literal('entra-password'), user: requiredText('The user'), tenantId: text, clientId: text }),
  z.object({ kind: z.literal('entra-token') }),
  z.object({
    kind: z.literal('entra-service-principal'),
    tenantId: requiredText('The tenant'),
    clientId: requiredText('The client id'),
  }),
]);

export const sqlServerSettingsSchema = z.object({
  kind: z.literal('sqlserver'),
  host: requiredText('The host'),
  /** A named instance is looked up through SQL Server Browser (UDP 1434); `port` is not used then. */
  instance: text.default(''),
  port: port.nullable().default(1433),
  database: requiredText('The database'),
  auth: sqlServerAuthSchema,
  encrypt: z.boolean().default(true),
  /** TDS 8: the whole connection runs inside TLS and the certificate is always verified. SQL Server 2022 and later, Azure SQL. Needs `encrypt`. */
  strictEncryption: z.boolean().optional(),
  trustServerCertificate: z.boolean().default(false),
  caFile: text.default(''),
  /** The host name that the certificate is made out for, where it is not `host`. */
  certificateHost: text.optional(),
  readOnlyIntent: z.boolean().default(false),
});
export type SqlServerSettings = z.infer<typeof sqlServerSettingsSchema>;

export const sourceSettingsSchema = z.discriminatedUnion('kind', [redshiftSettingsSchema, sqlServerSettingsSchema]);
export type SourceSettings = z.infer<typeof sourceSettingsSchema>;
export type SourceKind = SourceSettings['kind'];

export const snowflakeAuthSchema = z.discriminatedUnion('kind', [
  /** `passcode` is the MFA code of the moment; it is sent with one login and never stored. */
  z.object({ kind: z.literal('password'), passcode: text.default('') }),
  /** The key comes from a file, or from the secret store when `keyFile` is empty. */
  z.object({ kind: z.literal('key-pair'), keyFile: text.default('') }),
  z.object({ kind: z.literal('access-token') }),
  z.object({ kind: z.literal('oauth') }),
  z.object({ kind: z.literal('browser') }),
]);

export const snowflakeSettingsSchema = z.object({
  /** Account identifier: `myorg-account123` or `xy12345.eu-central-1`. */
  account: requiredText('The account identifier'),
  user: text,
  auth: snowflakeAuthSchema,
  role: text.default(''),
  warehouse: requiredText('The warehouse'),
  /** Another URL of the account (PrivateLink); empty for `https://<account>.snowflakecomputing.com`. */
  accessUrl: optionalUrl,
  proxy: z
    .object({ host: text, port: port.nullable().default(null), user: text.default('') })
    .default({ host: '', port: null, user: '' }),
});
export type SnowflakeSettings = z.infer<typeof snowflakeSettingsSchema>;

/** `arn:aws:iam::123456789012:role/name`, a comma-separated chain of them, or `default`. */
export const iamRoleSchema = text.refine(
  (value) =>
    value === 'default' ||
    value.split(',').every((arn) => /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(arn.trim())),
  'Enter the ARN of a role, such as arn:aws:iam::123456789012:role/RedshiftUnload, several in a chain separated by commas, or the word default.',
);

export const s3UriSchema = text
  .refine((value) => value.startsWith('s3://'), 'The URI starts with s3://.')
  .refine((value) => value.endsWith('/'), 'The URI must end with a slash (/).')
  .refine(
    (value) => /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\//.test(value),
    'The bucket name is not valid: 3 to 63 lower-case letters, digits, dots and hyphens.',
  )
  .refine(
    (value) => !/^s3:\/\/[^/]+-s3alias\//.test(value),
    'Redshift UNLOAD does not accept an access point alias. Use the bucket name.',
  )
  .refine(
    (value) => !/\/[_.]/.test(value.slice('s3:/'.length)),
    'No folder may begin with _ or a dot: such files count as hidden.',
  );

export const stagingSettingsSchema = z.object({
  /** Where the stage is: database, schema and name in Snowflake. */
  stage: z.object({
    database: requiredText('The database'),
    schema: requiredText('The schema'),
    name: requiredText('The stage'),
  }),
  s3Uri: s3UriSchema,
  iamRole: iamRoleSchema,
  /** Region of the bucket; empty until it is detected. */
  region: text.default(''),
  encryption: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('none') }),
      /** What the bucket does by default: SSE-S3, or its own key. */
      z.object({ kind: z.literal('bucket-default') }),
      z.object({ kind: z.literal('kms'), keyId: requiredText('The KMS key') }),
    ])
    .default({ kind: 'none' }),
  /** Keys with which this app lists, reads the manifest and deletes files; null leaves that to the stage. */
  credentials: awsCredentialsSchema.nullable().default(null),
  /** Another S3 address, for example a VPC interface endpoint; empty for AWS's own. */
  s3Endpoint: optionalUrl,
});
export type StagingSettings = z.infer<typeof stagingSettingsSchema>;
