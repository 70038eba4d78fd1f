import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { toErrorValue } from '#shared/errors/app-error';
import type { RedshiftSettings } from '#shared/model/connection-settings';
import { createLoginProvider } from './login.ts';

const { signal } = new AbortController();
const servers: Server[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve)))));

interface ApiAnswer {
  status: number;
  type: string;
  body: string;
  headers?: Record<string, string>;
}

async function startApi(
  answer: (request: IncomingMessage, body: string) => ApiAnswer,
): Promise<{ url: string; calls: string[] }> {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      calls.push(body);
      const { status, type, body: text, headers } = answer(request, body);
      response.writeHead(status, { 'content-type': type, ...headers }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls };
}

function clusterSettings(apiEndpoint: string, dbUser = 'etl'): RedshiftSettings {
  return {
    kind: 'redshift',
    host: 'h',
    port: 5439,
    database: 'dev',
    tls: { mode: 'verify-full', caFile: '' },
    auth: {
      kind: 'iam-cluster',
      clusterId: 'analytics',
      region: 'eu-central-1',
      dbUser,
      credentials: { kind: 'keys', accessKeyId: 'AKIDEXAMPLE' },
      apiEndpoint,
    },
  };
}

const secrets = { 'source.awsSecretAccessKey': 'top-s3cret-key' };

/** The query protocol's answer: https://docs.aws.amazon.com/redshift/latest/APIReference/API_GetClusterCredentials.html */
function credentialsXml(action: string, expiresInMs: number): ApiAnswer {
  const expiration = new Date(Date.now() + expiresInMs).toISOString();
  const body = `<${action}Response xmlns="http://redshift.amazonaws.com/doc/2012-12-01/"><${action}Result><DbUser>IAM:etl</DbUser><DbPassword>temporary-p4ss</DbPassword><Expiration>${expiration}</Expiration></${action}Result></${action}Response>`;
  return { status: 200, type: 'text/xml', body };
}

function errorXml(status: number, code: string, message: string): ApiAnswer {
  return {
    status,
    type: 'text/xml',
    body: `<ErrorResponse xmlns="http://redshift.amazonaws.com/doc/2012-12-01/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  };
}

describe('createLoginProvider', () => {
  it('hands out user and password as they are', async () => {
    const settings: RedshiftSettings = { ...clusterSettings(''), auth: { kind: 'password', user: 'ann' } };
    expect(await createLoginProvider(settings, { 'source.password': 'pass' })(signal)).toEqual({
      user: 'ann',
      password: 'pass',
    });
  });

  it('says that the password is missing', () => {
    const settings: RedshiftSettings = { ...clusterSettings(''), auth: { kind: 'password', user: 'ann' } };
    expect(() => createLoginProvider(settings, {})(signal)).toThrow(
      expect.objectContaining({ code: 'SECRET_MISSING' }) as Error,
    );
  });

  it('asks once for temporary credentials of a cluster, whatever the number of callers', async () => {
    const { url, calls } = await startApi(() => credentialsXml('GetClusterCredentials', 3_600_000));
    const login = createLoginProvider(clusterSettings(url), secrets);
    const logins = await Promise.all([login(signal), login(signal), login(signal)]);
    expect(logins[2]).toMatchObject({ user: 'IAM:etl', password: 'temporary-p4ss' });
    expect(calls).toHaveLength(1);
    expect(Object.fromEntries(new URLSearchParams(calls[0]))).toMatchObject({
      Action: 'GetClusterCredentials',
      ClusterIdentifier: 'analytics',
      DbUser: 'etl',
      DbName: 'dev',
      AutoCreate: 'false',
    });
  });

  it('asks again shortly before they expire', async () => {
    const { url, calls } = await startApi(() => credentialsXml('GetClusterCredentials', 60_000));
    const login = createLoginProvider(clusterSettings(url), secrets);
    await login(signal);
    await login(signal);
    expect(calls).toHaveLength(2);
  });

  it('uses the action of the own identity for a user IAM:name', async () => {
    const { url, calls } = await startApi(() => credentialsXml('GetClusterCredentialsWithIAM', 3_600_000));
    await createLoginProvider(clusterSettings(url, 'IAM:etl'), secrets)(signal);
    expect(calls[0]).toContain('Action=GetClusterCredentialsWithIAM');
  });

  it('asks the serverless service for a workgroup', async () => {
    const { url, calls } = await startApi(() => ({
      status: 200,
      type: 'application/x-amz-json-1.1',
      body: JSON.stringify({ dbUser: 'IAM:etl', dbPassword: 'temporary-p4ss', expiration: Date.now() / 1000 + 3600 }),
    }));
    const settings: RedshiftSettings = {
      ...clusterSettings(''),
      auth: {
        kind: 'iam-serverless',
        workgroup: 'wg',
        region: 'eu-central-1',
        credentials: { kind: 'keys', accessKeyId: 'AKIDEXAMPLE' },
        apiEndpoint: url,
      },
    };
    expect(await createLoginProvider(settings, secrets)(signal)).toMatchObject({
      user: 'IAM:etl',
      password: 'temporary-p4ss',
    });
    expect(JSON.parse(calls[0] ?? '')).toEqual({ workgroupName: 'wg', dbName: 'dev', durationSeconds: 3600 });
  });

  it.each([
    [404, 'ClusterNotFound', 'Cluster analytics not found.', 'AWS_CLUSTER_NOT_FOUND'],
    [
      403,
      'AccessDenied',
      'User x is not authorized to perform: redshift:GetClusterCredentials',
      'AWS_PERMISSION_DENIED',
    ],
    [403, 'InvalidClientTokenId', 'The security token included in the request is invalid.', 'AWS_CREDENTIALS_INVALID'],
    [403, 'SignatureDoesNotMatch', 'The request signature does not match.', 'AWS_CREDENTIALS_INVALID'],
  ])('maps the answer %s %s', async (status, name, message, code) => {
    const { url } = await startApi(() => errorXml(status, name, message));
    const failure: unknown = await createLoginProvider(
      clusterSettings(url),
      secrets,
    )(signal).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code });
    expect(JSON.stringify(toErrorValue(failure))).not.toContain('top-s3cret-key');
  });

  it('says that the profile could not be loaded', async () => {
    const settings = clusterSettings('http://127.0.0.1:9');
    if (settings.auth.kind === 'iam-cluster')
      settings.auth.credentials = { kind: 'profile', profile: 'no-such-profile-here' };
    await expect(createLoginProvider(settings, {})(signal)).rejects.toMatchObject({
      code: 'AWS_PROFILE_NOT_FOUND',
      facts: { profile: 'no-such-profile-here' },
    });
  });

  it('names the address that does not answer', async () => {
    const { url } = await startApi(() => errorXml(500, 'x', 'x'));
    await new Promise((resolve) => servers.splice(0)[0]?.close(resolve));
    await expect(createLoginProvider(clusterSettings(url), secrets)(signal)).rejects.toMatchObject({
      code: 'CONNECTION_REFUSED',
      facts: { host: '127.0.0.1' },
    });
  });
});
