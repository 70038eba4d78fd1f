import {
  sqlServerSettingsSchema,
  type SecretSlot,
  type SourceSettings,
  type SqlServerSettings,
} from '#shared/model/connection-settings';
import { fieldErrors, toWholeNumber, type FieldErrors } from '../form-values.ts';

/** The page's fields as typed; `true` and `false` are the words. All ways to sign in keep their fields, so that switching loses nothing. */
export type SqlServerFormValues = { readonly [Name in (typeof SQL_SERVER_FIELDS)[number]]: string };

/** In the order of the page. `addressKind` is `port` or `instance`: the driver takes one of them only. */
export const SQL_SERVER_FIELDS = [
  'host',
  'addressKind',
  'port',
  'instance',
  'database',
  'authKind',
  'domain',
  'user',
  'tenantId',
  'clientId',
  'encrypt',
  'trustServerCertificate',
  'caFile',
  'certificateHost',
  'readOnlyIntent',
] as const;

/** Where the fields stand on the page, secrets among them. */
export const SQL_SERVER_FIELD_ORDER: readonly string[] = [
  ...SQL_SERVER_FIELDS.slice(0, 8),
  'source.password',
  'source.token',
  ...SQL_SERVER_FIELDS.slice(8, 10),
  'source.clientSecret',
  ...SQL_SERVER_FIELDS.slice(10),
];

/** Paths of settings and of errors whose field is not their last name. */
export const SQL_SERVER_FIELD_NAMES: Readonly<Record<string, string>> = {
  'auth.kind': 'authKind',
  password: 'source.password',
  'source.password': 'source.password',
  'source.token': 'source.token',
  'source.clientSecret': 'source.clientSecret',
};

const DEFAULTS: SqlServerFormValues = {
  host: '',
  addressKind: 'port',
  port: '1433',
  instance: '',
  database: '',
  authKind: 'sql-login',
  domain: '',
  user: '',
  tenantId: '',
  clientId: '',
  encrypt: 'true',
  trustServerCertificate: 'false',
  caFile: '',
  certificateHost: '',
  readOnlyIntent: 'false',
};

/** The saved settings as fields; null gives the defaults. */
export function sqlServerFormOf(settings: SourceSettings | null): SqlServerFormValues {
  if (settings === null || settings.kind !== 'sqlserver') return DEFAULTS;
  const { host, instance, port, database, auth, trustServerCertificate, caFile, readOnlyIntent } = settings;
  return {
    ...DEFAULTS,
    host,
    addressKind: instance === '' ? 'port' : 'instance',
    port: port === null ? DEFAULTS.port : String(port),
    instance,
    database,
    encrypt: settings.encrypt && settings.strictEncryption === true ? 'strict' : String(settings.encrypt),
    trustServerCertificate: String(trustServerCertificate),
    caFile,
    certificateHost: settings.certificateHost ?? '',
    readOnlyIntent: String(readOnlyIntent),
    ...authFields(auth),
  };
}

/** The fields as settings; NaN, empty texts and the like are left for the schema to name. */
export function toSqlServerSettings(values: SqlServerFormValues): unknown {
  const isNamed = values.addressKind === 'instance';
  const isStrict = values.encrypt === 'strict';
  const isTrusting = !isStrict && values.trustServerCertificate === 'true';
  const certificateHost = isTrusting ? '' : values.certificateHost.trim();
  return {
    kind: 'sqlserver',
    host: values.host,
    instance: isNamed ? values.instance : '',
    port: isNamed ? null : (toWholeNumber(values.port) ?? Number.NaN),
    database: values.database,
    auth: authOf(values),
    encrypt: values.encrypt !== 'false',
    ...(isStrict && { strictEncryption: true }),
    trustServerCertificate: isTrusting,
    caFile: isTrusting ? '' : values.caFile,
    ...(certificateHost !== '' && { certificateHost }),
    readOnlyIntent: values.readOnlyIntent === 'true',
  };
}

/** A sentence for each field that is not valid, secrets included: `has` tells which are stored or typed. */
export function sqlServerProblems(values: SqlServerFormValues, has: (slot: SecretSlot) => boolean): FieldErrors {
  const parsed = sqlServerSettingsSchema.safeParse(toSqlServerSettings(values));
  return {
    ...fieldErrors(parsed.error, SQL_SERVER_FIELD_NAMES),
    ...(values.addressKind === 'instance' && values.instance.trim() === ''
      ? { instance: 'The instance is needed, or choose the port.' }
      : {}),
    ...secretProblem(values, has),
  };
}

/**
 * What an address says when it is typed as tools write it: `host\instance`, `host,1433`, or both, in which case the port decides as it does in every
 * driver. Null for a plain host name.
 */
export function splitHost(host: string): Partial<SqlServerFormValues> | null {
  const match = /^(?:tcp:)?([^\\,]+)(?:\\([^\\,]+))?(?:,\s*(\d+))?$/i.exec(host.trim());
  const [, name = '', instance, port] = match ?? [];
  if (match === null || (instance === undefined && port === undefined)) return null;
  return { host: name.trim(), ...withAddressKind({ ...(instance && { instance }), ...(port && { port }) }) };
}

/** Changes that come from a pasted text, with the kind of address that they speak of. */
export function withAddressKind(changes: Partial<SqlServerFormValues>): Partial<SqlServerFormValues> {
  if (changes.port !== undefined) return { ...changes, addressKind: 'port' };
  return changes.instance === undefined ? changes : { ...changes, addressKind: 'instance' };
}

function secretProblem(values: SqlServerFormValues, has: (slot: SecretSlot) => boolean): FieldErrors {
  const [slot, problem] = SECRETS[values.authKind] ?? SECRETS['sql-login'];
  return has(slot) ? {} : { [slot]: problem };
}

const SECRETS: Readonly<Record<string, readonly [SecretSlot, string]>> & {
  'sql-login': readonly [SecretSlot, string];
} = {
  'sql-login': ['source.password', 'The password is needed.'],
  ntlm: ['source.password', 'The password is needed.'],
  'entra-password': ['source.password', 'The password is needed.'],
  'entra-token': ['source.token', 'The token is needed.'],
  'entra-service-principal': ['source.clientSecret', 'The client secret is needed.'],
};

function authOf({ authKind, domain, user, tenantId, clientId }: SqlServerFormValues): unknown {
  switch (authKind) {
    case 'ntlm':
      return { kind: authKind, domain, user };
    case 'entra-password':
      return { kind: authKind, user, tenantId, clientId };
    case 'entra-token':
      return { kind: authKind };
    case 'entra-service-principal':
      return { kind: authKind, tenantId, clientId };
    default:
      return { kind: 'sql-login', user };
  }
}

function authFields(auth: SqlServerSettings['auth']): Partial<SqlServerFormValues> {
  const { kind, ...rest } = auth;
  return { authKind: kind, ...rest };
}
