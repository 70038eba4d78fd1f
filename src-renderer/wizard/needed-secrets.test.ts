import { expect, it } from 'vitest';
import { snowflakeSettingsSchema, sourceSettingsSchema } from '#shared/model/connection-settings';
import { neededSecrets } from './needed-secrets.ts';

const nothing = { source: null, snowflake: null, staging: null, strategy: 'unload' as const };
const source = (auth: unknown, kind = 'redshift') =>
  sourceSettingsSchema.parse({ kind, host: 'h', database: 'd', auth, ...(kind === 'redshift' && { tls: {} }) });
const snowflake = (auth: unknown) => snowflakeSettingsSchema.parse({ account: 'a', user: 'u', warehouse: 'w', auth });
const keys = { kind: 'keys' as const, accessKeyId: 'AKIA' };
const iam = { clusterId: 'c', region: 'r', dbUser: 'u', apiEndpoint: '' };
const staging = {
  stage: { database: 'd', schema: 's', name: 'n' },
  s3Uri: 's3://bucket/x/',
  iamRole: 'default',
  region: '',
  encryption: { kind: 'none' as const },
  credentials: keys,
  s3Endpoint: '',
};

it.each([
  [nothing, []],
  [{ ...nothing, source: source({ kind: 'password', user: 'u' }) }, ['source.password']],
  [{ ...nothing, source: source({ kind: 'iam-cluster', ...iam, credentials: keys }) }, ['source.awsSecretAccessKey']],
  [{ ...nothing, source: source({ kind: 'iam-cluster', ...iam, credentials: { kind: 'default' } }) }, []],
  [{ ...nothing, source: source({ kind: 'ntlm', domain: 'D', user: 'u' }, 'sqlserver') }, ['source.password']],
  [{ ...nothing, source: source({ kind: 'entra-token' }, 'sqlserver') }, ['source.token']],
  [{ ...nothing, snowflake: snowflake({ kind: 'password' }) }, ['snowflake.password']],
  [{ ...nothing, snowflake: snowflake({ kind: 'key-pair', keyFile: '' }) }, ['snowflake.privateKey']],
  [{ ...nothing, snowflake: snowflake({ kind: 'key-pair', keyFile: '/k.p8' }) }, []],
  [{ ...nothing, snowflake: snowflake({ kind: 'browser' }) }, []],
  [{ ...nothing, staging }, ['s3.secretAccessKey']],
  [{ ...nothing, staging, strategy: 'regular' as const }, []],
])('of a project (%#): %j', (project, slots) => expect(neededSecrets(project)).toEqual(slots));
