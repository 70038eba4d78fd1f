import { expect, it } from 'vitest';
import { connectionsFileSchema } from '#shared/model/connections-file';
import type { SnowflakeSettings, SourceSettings } from '#shared/model/connection-settings';
import { connectionsFileOf } from './connections-file-of.ts';

const source: SourceSettings = {
  kind: 'redshift',
  host: 'h',
  port: 5439,
  database: 'dev',
  auth: { kind: 'password', user: 'u' },
  tls: { mode: 'verify-full', caFile: '' },
};
const snowflake: SnowflakeSettings = {
  account: 'a-b',
  user: 'u',
  auth: { kind: 'access-token' },
  role: '',
  warehouse: 'WH',
  accessUrl: '',
  proxy: { host: '', port: null, user: '' },
};

it('is a file that the command line accepts, with variables in the place of secrets', () => {
  const text = connectionsFileOf(
    { source, snowflake, staging: null, strategy: 'regular' },
    { 'source.password': true, 'snowflake.token': true, 's3.sessionToken': false },
  );
  expect(connectionsFileSchema.parse(JSON.parse(text))).toMatchObject({
    source,
    snowflake,
    secrets: {
      'source.password': { env: 'SNOWFERRY_SOURCE_PASSWORD' },
      'snowflake.token': { env: 'SNOWFERRY_SNOWFLAKE_TOKEN' },
    },
  });
  expect(text).not.toContain('sessionToken');
});
