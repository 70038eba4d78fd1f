import { describe, expect, it } from 'vitest';
import { snowflakeSettingsSchema, type SecretSlot, type SnowflakeSettings } from '#shared/model/connection-settings';
import { snowflakeFormOf, snowflakeProblems, toSnowflakeSettings, SNOWFLAKE_FIELD_ORDER } from './snowflake-form.ts';

const base = {
  account: 'org-acc',
  user: 'U',
  role: 'R',
  warehouse: 'WH',
  accessUrl: '',
  proxy: { host: '', port: null, user: '' },
};
const settings: SnowflakeSettings[] = [
  { ...base, auth: { kind: 'password', passcode: '' } },
  { ...base, auth: { kind: 'key-pair', keyFile: '/k.p8' } },
  { ...base, auth: { kind: 'key-pair', keyFile: '' } },
  { ...base, auth: { kind: 'access-token' }, accessUrl: 'https://org-acc.privatelink.snowflakecomputing.com' },
  { ...base, auth: { kind: 'oauth' }, proxy: { host: 'proxy.local', port: 3128, user: 'p' } },
  { ...base, auth: { kind: 'browser' }, user: '' },
];
const nothing = () => false;
const everything = () => true;
const form = (parts: Partial<ReturnType<typeof snowflakeFormOf>>) => ({
  ...snowflakeFormOf(null),
  account: 'a',
  warehouse: 'w',
  ...parts,
});

describe('the Snowflake form', () => {
  it.each(settings)('carries settings there and back: %j', (value) => {
    expect(snowflakeSettingsSchema.parse(toSnowflakeSettings(snowflakeFormOf(value)))).toEqual(value);
  });

  it('never puts a passcode into settings', () => {
    const value = snowflakeFormOf({ ...base, auth: { kind: 'password', passcode: '123456' } });
    expect(JSON.stringify([value, toSnowflakeSettings(value)])).not.toContain('123456');
  });

  it('names each missing field with its own sentence', () => {
    expect(snowflakeProblems(snowflakeFormOf(null), nothing)).toEqual({
      account: 'The account identifier is needed.',
      warehouse: 'The warehouse is needed.',
      user: 'The user is needed.',
      'snowflake.password': 'The password is needed.',
    });
  });

  it.each([
    ['key-pair', { keySource: 'file', user: 'u' }, { keyFile: 'The key file is needed.' }],
    ['key-pair', { keySource: 'paste', user: 'u' }, { 'snowflake.privateKey': 'The private key is needed.' }],
    ['access-token', {}, { 'snowflake.token': 'The token is needed.' }],
    ['oauth', {}, { 'snowflake.token': 'The token is needed.' }],
    ['browser', {}, {}],
  ] as const)('asks for what %s with %j needs', (authKind, parts, problems) =>
    expect(snowflakeProblems(form({ authKind, ...parts }), nothing)).toEqual(problems),
  );

  it('takes a stored secret for a typed one', () => {
    const stored = (slot: SecretSlot) => slot === 'snowflake.token';
    expect(snowflakeProblems(form({ authKind: 'access-token' }), stored)).toEqual({});
  });

  it.each([
    [{ accessUrl: 'myaccount' }, { accessUrl: 'This is not a URL. Write it with https://.' }],
    [{ proxyHost: 'p', proxyPort: '99999' }, { proxyPort: 'The port is a number from 1 to 65535.' }],
    [{ proxyHost: 'p', proxyPort: 'abc' }, { proxyPort: 'The port is a number from 1 to 65535.' }],
    [{ proxyHost: 'p', proxyPort: '' }, {}],
  ])('judges %j', (parts, problems) => {
    expect(snowflakeProblems(form({ authKind: 'browser', ...parts }), everything)).toEqual(problems);
  });

  it('knows the place of every field that can have a problem', () => {
    const values = form({ authKind: 'key-pair', account: '', accessUrl: 'x', proxyHost: 'p', proxyPort: 'y' });
    for (const name of Object.keys(snowflakeProblems(values, nothing))) expect(SNOWFLAKE_FIELD_ORDER).toContain(name);
  });
});
