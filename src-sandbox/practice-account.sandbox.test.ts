import {
  GetClusterCredentialsCommand,
  GetClusterCredentialsWithIAMCommand,
  RedshiftClient,
} from '@aws-sdk/client-redshift';
import { GetCredentialsCommand, RedshiftServerlessClient } from '@aws-sdk/client-redshift-serverless';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClosers } from './closers.ts';
import { openDataDirectory } from './data-directory.ts';
import type { DataDirectory } from './data-directory.ts';
import { createFaultInjector, NO_FAULTS } from './faults.ts';
import { CLUSTER_IDENTIFIER, EUROPEAN_BUCKET, PRACTICE_BUCKET, WORKGROUP_NAME } from './practice-account.ts';
import { startRedshift } from './redshift/server.ts';
import type { RedshiftStandIn } from './redshift/server.ts';
import { startAws } from './start-aws.ts';
import type { PracticeAws } from './start-aws.ts';

const closers = createClosers(() => undefined);
let directory: DataDirectory;
let aws: PracticeAws;
let redshift: RedshiftStandIn;

beforeAll(async () => {
  directory = await openDataDirectory(null);
  aws = await startAws({ dataDirectory: directory.path, faults: createFaultInjector(NO_FAULTS), closers });
  redshift = await startRedshift({
    iam: aws.account.iam,
    associatedRoleArns: aws.account.associatedRoleArns,
    s3Endpoint: aws.s3.endpoint,
    region: 'us-east-1',
    temporaryCredentials: aws.temporaryCredentials,
  });
  closers.add(() => redshift.close());
  aws.announceCluster({ host: redshift.host, port: redshift.port, database: 'dev', masterUsername: 'awsuser' });
});

afterAll(async () => {
  await closers.closeAll();
  await directory.remove();
});

async function withClient<T>(
  login: { user: string; password: string },
  act: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ host: redshift.host, port: redshift.port, database: 'dev', ...login });
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
}

const asAdmin = <T>(act: (client: pg.Client) => Promise<T>): Promise<T> => {
  const admin = redshift.users.find(({ rights }) => rights === 'superuser');
  return withClient({ user: admin?.name ?? '', password: admin?.password ?? '' }, act);
};

function unload(prefix: string, role: string, rest = ''): Promise<pg.QueryResult> {
  return asAdmin((client) =>
    client.query(
      `UNLOAD ('SELECT 1 AS c1') TO 's3://${prefix}' IAM_ROLE '${role}' FORMAT PARQUET MANIFEST VERBOSE ${rest}`,
    ),
  );
}

describe('temporary database credentials', () => {
  const settings = () => ({
    endpoint: aws.controlPlane.endpoint,
    region: 'us-east-1',
    credentials: aws.account.users.database.accessKey,
  });

  async function currentUser(user: string | undefined, password: string | undefined): Promise<string> {
    const login = { user: user ?? '', password: password ?? '' };
    const { rows } = await withClient(login, (client) => client.query<{ user: string }>('SELECT current_user AS user'));
    return rows[0]?.user ?? '';
  }

  it('of GetClusterCredentials open a session as the database user', async () => {
    const issued = await new RedshiftClient(settings()).send(
      new GetClusterCredentialsCommand({ ClusterIdentifier: CLUSTER_IDENTIFIER, DbUser: 'awsuser', DbName: 'dev' }),
    );
    expect(await currentUser(issued.DbUser, issued.DbPassword)).toBe('awsuser');
    await expect(currentUser(issued.DbUser, 'wrong')).rejects.toThrow(/IAM:awsuser/);
  });

  it('of GetClusterCredentialsWithIAM and of the serverless GetCredentials open one as the identity', async () => {
    const provisioned = await new RedshiftClient(settings()).send(
      new GetClusterCredentialsWithIAMCommand({ ClusterIdentifier: CLUSTER_IDENTIFIER }),
    );
    const serverless = await new RedshiftServerlessClient(settings()).send(
      new GetCredentialsCommand({ workgroupName: WORKGROUP_NAME }),
    );
    expect(await currentUser(provisioned.DbUser, provisioned.DbPassword)).toBe('IAM:snowferry-database');
    expect(await currentUser(serverless.dbUser, serverless.dbPassword)).toBe('IAM:snowferry-database');
  });
});

describe('the roles', () => {
  it('unload, chained or not, into both regions', async () => {
    const { unload: role, chainStart, chainEnd } = aws.account.roles;
    await unload(`${PRACTICE_BUCKET}/one/`, role.arn);
    await unload(`${PRACTICE_BUCKET}/two/`, `${chainStart.arn},${chainEnd.arn}`);
    await unload(`${EUROPEAN_BUCKET}/three/`, role.arn, `REGION 'eu-west-1'`);
    const manifests = aws.s3.listObjects(PRACTICE_BUCKET).filter(({ key }) => key.endsWith('/manifest'));
    expect(manifests.map(({ key }) => key)).toEqual(['one/manifest', 'two/manifest']);
    expect(aws.s3.listObjects(EUROPEAN_BUCKET, 'three/').length).toBeGreaterThan(1);
  });

  it.each([
    ['may not put objects', 'noPut', /not authorized to perform: s3:PutObject/],
    ['is not associated with the cluster', 'notAssociated', /is not authorized to assume IAM Role/],
    ['does not trust Redshift', 'noTrust', /Not authorized to get credentials of role/],
  ] as const)('that %s is refused', async (_name, role, message) => {
    await expect(unload(`${PRACTICE_BUCKET}/refused/`, aws.account.roles[role].arn)).rejects.toThrow(message);
    expect(aws.s3.listObjects(PRACTICE_BUCKET, 'refused/')).toEqual([]);
  });

  it('does not help when the region of the bucket is not said', async () => {
    await expect(unload(`${EUROPEAN_BUCKET}/nowhere/`, aws.account.roles.unload.arn)).rejects.toThrow(
      /must be addressed using the specified endpoint/,
    );
  });
});
