import { describe, expect, it } from 'vitest';
import { redshiftSettingsSchema, type RedshiftSettings } from '#shared/model/connection-settings';
import { redshiftFormOf, redshiftProblems, toRedshiftSettings, REDSHIFT_FIELD_ORDER } from './redshift-form.ts';

const base = {
  kind: 'redshift',
  host: 'h',
  port: 5440,
  database: 'dev',
  tls: { mode: 'require', caFile: '/ca.pem' },
} as const;
const settings: RedshiftSettings[] = [
  { ...base, auth: { kind: 'password', user: 'u' } },
  {
    ...base,
    auth: {
      kind: 'iam-cluster',
      clusterId: 'c',
      region: 'eu-west-1',
      dbUser: 'd',
      credentials: { kind: 'keys', accessKeyId: 'AKIA' },
      apiEndpoint: 'https://vpce.example',
    },
  },
  {
    ...base,
    auth: {
      kind: 'iam-serverless',
      workgroup: 'w',
      region: 'eu-west-1',
      credentials: { kind: 'profile', profile: 'prod' },
      apiEndpoint: '',
    },
  },
];
const nothing = () => false;
const everything = () => true;

describe('the Redshift form', () => {
  it.each(settings)('carries settings there and back: %j', (value) => {
    expect(redshiftSettingsSchema.parse(toRedshiftSettings(redshiftFormOf(value)))).toEqual(value);
  });

  it('starts with the port and the safest TLS mode', () => {
    expect(redshiftFormOf(null)).toMatchObject({ port: '5439', tlsMode: 'verify-full', authKind: 'password' });
  });

  it('names each missing field with its own sentence', () => {
    expect(redshiftProblems(redshiftFormOf(null), nothing)).toEqual({
      host: 'The host is needed.',
      database: 'The database is needed.',
      user: 'The user is needed.',
      'source.password': 'The password is needed.',
    });
  });

  it.each(['', '0', '65536', '54x9', '-1', '5439.5'])('refuses the port "%s"', (port) => {
    const values = { ...redshiftFormOf(settings[0] ?? null), port };
    expect(redshiftProblems(values, everything)).toEqual({ port: 'The port is a number from 1 to 65535.' });
  });

  it('asks for what the chosen sign-in needs, and for no password then', () => {
    const values = {
      ...redshiftFormOf(null),
      host: 'h',
      database: 'd',
      authKind: 'iam-cluster',
      credentialsKind: 'keys',
    };
    expect(Object.keys(redshiftProblems(values, nothing)).sort()).toEqual([
      'accessKeyId',
      'clusterId',
      'dbUser',
      'region',
      'source.awsSecretAccessKey',
    ]);
  });

  it('knows the place of every field that can have a problem', () => {
    const values = {
      ...redshiftFormOf(null),
      port: '',
      authKind: 'iam-serverless',
      credentialsKind: 'profile',
      apiEndpoint: 'x',
    };
    for (const name of Object.keys(redshiftProblems(values, nothing))) expect(REDSHIFT_FIELD_ORDER).toContain(name);
  });
});
