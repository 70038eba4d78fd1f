import { snowflakeSettingsSchema, type SecretSlot, type SnowflakeSettings } from '#shared/model/connection-settings';
import { fieldErrors, toWholeNumber, type FieldErrors } from '../form-values.ts';

/** The page's fields as typed. `keySource` tells whether the private key is a file or pasted. The MFA passcode is not kept, so it is not here. */
export type SnowflakeFormValues = { readonly [Name in (typeof SNOWFLAKE_FIELDS)[number]]: string };

/** In the order of the page. */
export const SNOWFLAKE_FIELDS = [
  'account',
  'user',
  'authKind',
  'keySource',
  'keyFile',
  'warehouse',
  'role',
  'accessUrl',
  'proxyHost',
  'proxyPort',
  'proxyUser',
] as const;

/** Where the fields stand on the page, secrets among them. */
export const SNOWFLAKE_FIELD_ORDER: readonly string[] = [
  'account',
  'user',
  'authKind',
  'snowflake.password',
  'passcode',
  'keySource',
  'keyFile',
  'snowflake.privateKey',
  'snowflake.privateKeyPassphrase',
  'snowflake.token',
  'warehouse',
  'role',
  'accessUrl',
  'proxyHost',
  'proxyPort',
  'proxyUser',
  'snowflake.proxyPassword',
];

/** Paths of settings and of errors whose field is not their last name. */
export const SNOWFLAKE_FIELD_NAMES: Readonly<Record<string, string>> = {
  'auth.kind': 'authKind',
  'proxy.host': 'proxyHost',
  'proxy.port': 'proxyPort',
  'proxy.user': 'proxyUser',
  'snowflake.proxy.host': 'proxyHost',
  'snowflake.proxy.port': 'proxyPort',
  'snowflake.proxy.user': 'proxyUser',
  'snowflake.proxy': 'proxyHost',
  'snowflake.password': 'snowflake.password',
  'snowflake.privateKey': 'snowflake.privateKey',
  'snowflake.privateKeyPassphrase': 'snowflake.privateKeyPassphrase',
  'snowflake.token': 'snowflake.token',
  'snowflake.proxyPassword': 'snowflake.proxyPassword',
};

const DEFAULTS: SnowflakeFormValues = {
  account: '',
  user: '',
  authKind: 'password',
  keySource: 'file',
  keyFile: '',
  warehouse: '',
  role: '',
  accessUrl: '',
  proxyHost: '',
  proxyPort: '',
  proxyUser: '',
};

/** The saved settings as fields; null gives the defaults. */
export function snowflakeFormOf(settings: SnowflakeSettings | null): SnowflakeFormValues {
  if (settings === null) return DEFAULTS;
  const { account, user, auth, role, warehouse, accessUrl, proxy } = settings;
  const keyFile = auth.kind === 'key-pair' ? auth.keyFile : '';
  return {
    account,
    user,
    authKind: auth.kind,
    keySource: auth.kind === 'key-pair' && keyFile === '' ? 'paste' : 'file',
    keyFile,
    role,
    warehouse,
    accessUrl,
    proxyHost: proxy.host,
    proxyPort: proxy.port === null ? '' : String(proxy.port),
    proxyUser: proxy.user,
  };
}

/** The fields as settings; what is not valid is left for the schema to name. */
export function toSnowflakeSettings(values: SnowflakeFormValues): unknown {
  const { account, user, role, warehouse, accessUrl } = values;
  const hasProxy = values.proxyHost.trim() !== '';
  return {
    account,
    user,
    auth: authOf(values),
    role,
    warehouse,
    accessUrl: accessUrl.trim(),
    proxy: hasProxy
      ? { host: values.proxyHost, port: toWholeNumber(values.proxyPort), user: values.proxyUser }
      : { host: '', port: null, user: '' },
  };
}

/** A sentence for each field that is not valid, secrets included: `has` tells which are stored or typed. */
export function snowflakeProblems(values: SnowflakeFormValues, has: (slot: SecretSlot) => boolean): FieldErrors {
  const parsed = snowflakeSettingsSchema.safeParse(toSnowflakeSettings(values));
  return { ...fieldErrors(parsed.error, SNOWFLAKE_FIELD_NAMES), ...signInProblems(values, has) };
}

function signInProblems(values: SnowflakeFormValues, has: (slot: SecretSlot) => boolean): FieldErrors {
  const problems: Record<string, string> = {};
  const needsUser = values.authKind === 'password' || values.authKind === 'key-pair';
  if (needsUser && values.user.trim() === '') problems['user'] = 'The user is needed.';
  switch (values.authKind) {
    case 'password':
      if (!has('snowflake.password')) problems['snowflake.password'] = 'The password is needed.';
      break;
    case 'key-pair':
      if (values.keySource === 'file' && values.keyFile.trim() === '') problems['keyFile'] = 'The key file is needed.';
      if (values.keySource === 'paste' && !has('snowflake.privateKey')) {
        problems['snowflake.privateKey'] = 'The private key is needed.';
      }
      break;
    case 'access-token':
    case 'oauth':
      if (!has('snowflake.token')) problems['snowflake.token'] = 'The token is needed.';
      break;
  }
  return problems;
}

function authOf(values: SnowflakeFormValues): unknown {
  if (values.authKind === 'password') return { kind: 'password', passcode: '' };
  if (values.authKind === 'key-pair') {
    return { kind: 'key-pair', keyFile: values.keySource === 'file' ? values.keyFile : '' };
  }
  return { kind: values.authKind };
}
