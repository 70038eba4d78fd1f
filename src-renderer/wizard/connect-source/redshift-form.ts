import {
  redshiftSettingsSchema,
  type AwsCredentials,
  type RedshiftSettings,
  type SecretSlot,
  type SourceSettings,
} from '#shared/model/connection-settings';
import { fieldErrors, toWholeNumber, type FieldErrors } from '../form-values.ts';

/** The page's fields as typed. All kinds of sign-in keep their fields, so that switching back and forth loses nothing. */
export type RedshiftFormValues = { readonly [Name in (typeof REDSHIFT_FIELDS)[number]]: string };

/** In the order of the page. */
export const REDSHIFT_FIELDS = [
  'host',
  'port',
  'database',
  'authKind',
  'user',
  'clusterId',
  'workgroup',
  'region',
  'dbUser',
  'credentialsKind',
  'profile',
  'accessKeyId',
  'apiEndpoint',
  'tlsMode',
  'caFile',
] as const;

/** Where the fields stand on the page, secrets among them. */
export const REDSHIFT_FIELD_ORDER: readonly string[] = [
  ...REDSHIFT_FIELDS.slice(0, 5),
  'source.password',
  ...REDSHIFT_FIELDS.slice(5, 12),
  'source.awsSecretAccessKey',
  'source.awsSessionToken',
  ...REDSHIFT_FIELDS.slice(12),
];

/** Paths of settings and of errors whose field is not their last name. */
export const REDSHIFT_FIELD_NAMES: Readonly<Record<string, string>> = {
  'tls.mode': 'tlsMode',
  'auth.kind': 'authKind',
  'auth.credentials.kind': 'credentialsKind',
  password: 'source.password',
  'source.password': 'source.password',
  'source.awsSecretAccessKey': 'source.awsSecretAccessKey',
  'source.awsSessionToken': 'source.awsSessionToken',
  'source.tls.mode': 'tlsMode',
  'source.tls': 'tlsMode',
};

const DEFAULTS: RedshiftFormValues = {
  host: '',
  port: '5439',
  database: '',
  authKind: 'password',
  user: '',
  clusterId: '',
  workgroup: '',
  region: '',
  dbUser: '',
  credentialsKind: 'default',
  profile: '',
  accessKeyId: '',
  apiEndpoint: '',
  tlsMode: 'verify-full',
  caFile: '',
};

/** The saved settings as fields; null gives the defaults. */
export function redshiftFormOf(settings: SourceSettings | null): RedshiftFormValues {
  if (settings === null || settings.kind !== 'redshift') return DEFAULTS;
  const { host, port, database, auth, tls } = settings;
  return {
    ...DEFAULTS,
    host,
    port: String(port),
    database,
    tlsMode: tls.mode,
    caFile: tls.caFile,
    ...authFields(auth),
  };
}

/** The fields as settings; NaN, empty texts and the like are left for the schema to name. */
export function toRedshiftSettings(values: RedshiftFormValues): unknown {
  return {
    kind: 'redshift',
    host: values.host,
    port: toWholeNumber(values.port) ?? Number.NaN,
    database: values.database,
    auth: authOf(values),
    tls: { mode: values.tlsMode, caFile: values.caFile },
  };
}

/** A sentence for each field that is not valid, secrets included: `has` tells which are stored or typed. */
export function redshiftProblems(values: RedshiftFormValues, has: (slot: SecretSlot) => boolean): FieldErrors {
  const errors = fieldErrors(redshiftSettingsSchema.safeParse(toRedshiftSettings(values)).error, REDSHIFT_FIELD_NAMES);
  return { ...errors, ...secretProblems(values, has) };
}

function secretProblems(values: RedshiftFormValues, has: (slot: SecretSlot) => boolean): FieldErrors {
  if (values.authKind === 'password') {
    return has('source.password') ? {} : { 'source.password': 'The password is needed.' };
  }
  if (values.credentialsKind !== 'keys' || has('source.awsSecretAccessKey')) return {};
  return { 'source.awsSecretAccessKey': 'The secret access key is needed.' };
}

function authOf(values: RedshiftFormValues): unknown {
  const { authKind, user, clusterId, region, dbUser, workgroup, apiEndpoint } = values;
  const credentials = credentialsOf(values);
  if (authKind === 'iam-cluster') return { kind: authKind, clusterId, region, dbUser, credentials, apiEndpoint };
  if (authKind === 'iam-serverless') return { kind: authKind, workgroup, region, credentials, apiEndpoint };
  return { kind: 'password', user };
}

function credentialsOf({ credentialsKind, profile, accessKeyId }: RedshiftFormValues): unknown {
  if (credentialsKind === 'profile') return { kind: credentialsKind, profile };
  if (credentialsKind === 'keys') return { kind: credentialsKind, accessKeyId };
  return { kind: 'default' };
}

function authFields(auth: RedshiftSettings['auth']): Partial<RedshiftFormValues> {
  switch (auth.kind) {
    case 'password':
      return { authKind: auth.kind, user: auth.user };
    case 'iam-cluster':
      return {
        authKind: auth.kind,
        clusterId: auth.clusterId,
        region: auth.region,
        dbUser: auth.dbUser,
        apiEndpoint: auth.apiEndpoint,
        ...credentialsFields(auth.credentials),
      };
    case 'iam-serverless':
      return {
        authKind: auth.kind,
        workgroup: auth.workgroup,
        region: auth.region,
        apiEndpoint: auth.apiEndpoint,
        ...credentialsFields(auth.credentials),
      };
  }
}

function credentialsFields(credentials: AwsCredentials): Partial<RedshiftFormValues> {
  switch (credentials.kind) {
    case 'default':
      return { credentialsKind: 'default' };
    case 'profile':
      return { credentialsKind: 'profile', profile: credentials.profile };
    case 'keys':
      return { credentialsKind: 'keys', accessKeyId: credentials.accessKeyId };
  }
}
