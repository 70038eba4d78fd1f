import {
  DescribeClustersCommand,
  GetClusterCredentialsCommand,
  GetClusterCredentialsWithIAMCommand,
  RedshiftClient,
} from '@aws-sdk/client-redshift';
import {
  GetCredentialsCommand,
  GetWorkgroupCommand,
  RedshiftServerlessClient,
} from '@aws-sdk/client-redshift-serverless';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assumeRole } from './assume-role.ts';
import { startControlPlane } from './control-plane.ts';
import type { ControlPlane } from './control-plane.ts';
import { createIam } from './iam.ts';
import { policy, principalTrust, serviceTrust } from './policy-presets.ts';
import { callQueryApi } from './query-client.ts';
import { createTemporaryDatabaseCredentials } from './temporary-database-credentials.ts';
import { childText, findElement } from './xml.ts';

const ACCOUNT = '123456789012';
let time = Date.now();
const iam = createIam({ accountId: ACCOUNT, now: () => time });
const allowed = policy({
  Effect: 'Allow',
  Action: [
    'redshift:GetClusterCredentials',
    'redshift:GetClusterCredentialsWithIAM',
    'redshift:DescribeClusters',
    'redshift-serverless:*',
  ],
  Resource: '*',
});
const ada = iam.addUser({
  name: 'ada',
  policies: [allowed, policy({ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' })],
});
const nobody = iam.addUser({ name: 'nobody' });
const analyst = iam.addRole({
  name: 'analyst',
  trust: principalTrust(`arn:aws:iam::${ACCOUNT}:root`),
  policies: [allowed],
});
const outer = iam.addRole({
  name: 'outer',
  trust: serviceTrust('redshift.amazonaws.com'),
  policies: [policy({ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' })],
});
const inner = iam.addRole({ name: 'inner', trust: principalTrust(outer.arn) });
const external = iam.addRole({ name: 'external', trust: principalTrust(ada.arn, 'secret-id') });
const redshiftKeys = iam.addService('redshift.amazonaws.com');
const credentials = createTemporaryDatabaseCredentials(() => time);

let controlPlane: ControlPlane;
let redshift: RedshiftClient;

beforeAll(async () => {
  controlPlane = await startControlPlane({
    iam,
    credentials,
    now: () => time,
    clusters: [
      {
        identifier: 'practice',
        region: 'us-east-1',
        database: 'dev',
        masterUsername: 'awsuser',
        host: '127.0.0.1',
        port: 5439,
        iamRoleArns: [outer.arn],
        createdAt: new Date(0),
      },
    ],
    workgroups: [
      {
        name: 'work',
        id: 'w-1',
        namespace: 'ns',
        region: 'us-east-1',
        host: '127.0.0.1',
        port: 5439,
        createdAt: new Date(0),
      },
    ],
  });
  redshift = client(ada.accessKey);
});

afterAll(() => controlPlane.close());

type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

function client(keys: Keys): RedshiftClient {
  return new RedshiftClient({
    endpoint: controlPlane.endpoint,
    region: 'us-east-1',
    credentials: keys,
    maxAttempts: 1,
  });
}

function serverless(keys: Keys): RedshiftServerlessClient {
  return new RedshiftServerlessClient({
    endpoint: controlPlane.endpoint,
    region: 'us-east-1',
    credentials: keys,
    maxAttempts: 1,
  });
}

async function failure(promise: Promise<unknown>): Promise<{ name: string; message: string }> {
  try {
    await promise;
  } catch (error) {
    return error as { name: string; message: string };
  }
  throw new Error('the call was expected to fail');
}

describe('Redshift', () => {
  it('describes the cluster with its endpoint and its roles', async () => {
    const { Clusters } = await redshift.send(new DescribeClustersCommand({ ClusterIdentifier: 'practice' }));
    expect(Clusters).toHaveLength(1);
    expect(Clusters?.[0]).toMatchObject({
      ClusterIdentifier: 'practice',
      Endpoint: { Address: '127.0.0.1', Port: 5439 },
      IamRoles: [{ IamRoleArn: outer.arn, ApplyStatus: 'in-sync' }],
    });
  });

  it('hands out a password that is good for its user until it expires', async () => {
    const issued = await redshift.send(
      new GetClusterCredentialsCommand({
        ClusterIdentifier: 'practice',
        DbUser: 'Loader',
        DbName: 'dev',
        DurationSeconds: 900,
      }),
    );
    const password = issued.DbPassword as string;
    expect(issued.DbUser).toBe('IAM:Loader');
    expect(issued.Expiration?.getTime()).toBe(time + 900_000);
    expect(credentials.verify('IAM:Loader', password)).toMatchObject({
      databaseUser: 'loader',
      database: 'dev',
      autoCreate: false,
    });
    expect(credentials.verify('IAM:Loader', `${password}x`)).toBeNull();
    expect(credentials.verify('IAM:other', password)).toBeNull();
    const before = time;
    time += 901_000;
    expect(credentials.verify('IAM:Loader', password)).toBeNull();
    time = before;
  });

  it('names the database user after the identity when the identity is the user', async () => {
    const user = await redshift.send(
      new GetClusterCredentialsWithIAMCommand({ ClusterIdentifier: 'practice', DbName: 'dev' }),
    );
    const session = iam.assumeRole(analyst.arn, { principal: ada.arn, sessionName: 'test' });
    const role = await client(session).send(new GetClusterCredentialsWithIAMCommand({ ClusterIdentifier: 'practice' }));
    expect([user.DbUser, role.DbUser]).toEqual(['IAM:ada', 'IAMR:analyst']);
    expect(credentials.verify('IAMR:analyst', role.DbPassword as string)).toMatchObject({
      databaseUser: 'IAMR:analyst',
      autoCreate: true,
    });
  });

  it('refuses an unknown cluster, a caller without permission, and a duration out of range', async () => {
    const ask = (keys: Keys, input: { ClusterIdentifier: string; DurationSeconds?: number; AutoCreate?: boolean }) =>
      failure(client(keys).send(new GetClusterCredentialsCommand({ DbUser: 'loader', ...input })));
    expect(await ask(ada.accessKey, { ClusterIdentifier: 'other' })).toMatchObject({
      name: 'ClusterNotFoundFault',
      message: 'Cluster other not found.',
    });
    expect(await ask(nobody.accessKey, { ClusterIdentifier: 'practice' })).toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining(
        `User: ${nobody.arn} is not authorized to perform: redshift:GetClusterCredentials on resource: arn:aws:redshift:us-east-1:${ACCOUNT}:dbuser:practice/loader`,
      ),
    });
    expect((await ask(ada.accessKey, { ClusterIdentifier: 'practice', AutoCreate: true })).message).toContain(
      'redshift:CreateClusterUser',
    );
    expect((await ask(ada.accessKey, { ClusterIdentifier: 'practice', DurationSeconds: 60 })).name).toBe(
      'InvalidParameterValue',
    );
  });

  it('tells an unknown key id from a wrong secret', async () => {
    const ask = (keys: Keys) => failure(client(keys).send(new DescribeClustersCommand({})));
    expect((await ask({ accessKeyId: 'AKIANONE', secretAccessKey: 'x' })).name).toBe('InvalidClientTokenId');
    expect((await ask({ ...ada.accessKey, secretAccessKey: 'x' })).name).toBe('SignatureDoesNotMatch');
  });
});

describe('Redshift Serverless', () => {
  it('shows the workgroup and hands out credentials for the caller', async () => {
    const { workgroup } = await serverless(ada.accessKey).send(new GetWorkgroupCommand({ workgroupName: 'work' }));
    expect(workgroup).toMatchObject({
      workgroupName: 'work',
      status: 'AVAILABLE',
      endpoint: { address: '127.0.0.1', port: 5439 },
    });
    const issued = await serverless(ada.accessKey).send(
      new GetCredentialsCommand({ workgroupName: 'work', dbName: 'dev' }),
    );
    expect(issued.dbUser).toBe('IAM:ada');
    expect(issued.expiration?.getTime()).toBe(time + 900_000);
    expect(credentials.verify('IAM:ada', issued.dbPassword as string)).toMatchObject({ database: 'dev' });
  });

  it('refuses an unknown workgroup and a caller without permission', async () => {
    const ask = (keys: Keys, workgroupName: string) =>
      failure(serverless(keys).send(new GetCredentialsCommand({ workgroupName })));
    expect(await ask(ada.accessKey, 'none')).toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Serverless workgroup none not found.',
    });
    expect(await ask(nobody.accessKey, 'work')).toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('redshift-serverless:GetCredentials'),
    });
  });
});

describe('STS', () => {
  it("gives the SDK's credential provider a session of the role", async () => {
    const provider = fromTemporaryCredentials({
      masterCredentials: ada.accessKey,
      params: { RoleArn: analyst.arn, RoleSessionName: 'wizard' },
      clientConfig: { endpoint: controlPlane.endpoint, region: 'us-east-1' },
    });
    const keys = await provider();
    expect(iam.findCredential(keys.accessKeyId)?.principal.arn).toBe(
      `arn:aws:sts::${ACCOUNT}:assumed-role/analyst/wizard`,
    );
  });

  it('lets a service chain roles over HTTP', async () => {
    const first = await assumeRole({
      endpoint: controlPlane.endpoint,
      credentials: redshiftKeys,
      roleArn: outer.arn,
      sessionName: 'one',
    });
    const second = await assumeRole({
      endpoint: controlPlane.endpoint,
      credentials: first,
      roleArn: inner.arn,
      sessionName: 'two',
    });
    const answer = await callQueryApi({
      endpoint: controlPlane.endpoint,
      credentials: second,
      service: 'sts',
      region: 'us-east-1',
      parameters: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
    });
    const result = findElement(answer, 'GetCallerIdentityResult');
    expect(result && childText(result, 'Arn')).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/inner/two`);
  });

  it.each([
    ['a role that trusts somebody else', () => ({ credentials: redshiftKeys, roleArn: inner.arn })],
    ['a role that does not exist', () => ({ credentials: redshiftKeys, roleArn: `arn:aws:iam::${ACCOUNT}:role/none` })],
    ['a role with an external id that is not given', () => ({ credentials: ada.accessKey, roleArn: external.arn })],
    [
      'a role that trusts the account, for a caller without sts:AssumeRole',
      () => ({ credentials: nobody.accessKey, roleArn: analyst.arn }),
    ],
  ])('denies %s', async (_name, input) => {
    const error = await failure(assumeRole({ endpoint: controlPlane.endpoint, sessionName: 'test', ...input() }));
    expect(error).toMatchObject({
      code: 'AccessDenied',
      message: expect.stringContaining('is not authorized to perform: sts:AssumeRole on resource:'),
    });
  });

  it('accepts the right external id', async () => {
    const input = {
      endpoint: controlPlane.endpoint,
      credentials: ada.accessKey,
      roleArn: external.arn,
      sessionName: 'test',
    };
    expect((await assumeRole({ ...input, externalId: 'secret-id' })).accessKeyId).toMatch(/^ASIA/);
  });
});
