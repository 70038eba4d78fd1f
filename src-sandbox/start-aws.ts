import { join } from 'node:path';
import { startControlPlane } from './aws/control-plane.ts';
import type { ControlPlane } from './aws/control-plane.ts';
import type { ClusterDescription } from './aws/redshift-api.ts';
import type { WorkgroupDescription } from './aws/redshift-serverless-api.ts';
import { createTemporaryDatabaseCredentials } from './aws/temporary-database-credentials.ts';
import type { TemporaryDatabaseCredentials } from './aws/temporary-database-credentials.ts';
import type { Closers } from './closers.ts';
import type { FaultInjector } from './faults.ts';
import {
  CLUSTER_IDENTIFIER,
  EUROPEAN_BUCKET,
  EUROPEAN_REGION,
  PRACTICE_BUCKET,
  PRACTICE_REGION,
  WORKGROUP_NAME,
  createPracticeAccount,
  toKeys,
} from './practice-account.ts';
import type { PracticeAccount } from './practice-account.ts';
import { startS3 } from './s3/server.ts';
import type { S3StandIn } from './s3/server.ts';
import type { AwsDescription, S3Description } from './sandbox-description.ts';

export type PracticeAws = {
  account: PracticeAccount;
  s3: S3StandIn;
  controlPlane: ControlPlane;
  temporaryCredentials: TemporaryDatabaseCredentials;
  /** Makes the cluster and the workgroup known to the control plane, once it is known where they listen. */
  announceCluster(cluster: { host: string; port: number; database: string; masterUsername: string }): void;
  describeS3(): S3Description;
  describe(): AwsDescription;
};

/** The AWS account of the practice environment with its S3 and its control plane, all in this process. */
export async function startAws(options: {
  dataDirectory: string;
  faults: FaultInjector;
  closers: Closers;
}): Promise<PracticeAws> {
  const { closers, faults } = options;
  const account = createPracticeAccount();
  const s3 = await startS3({
    dataDirectory: join(options.dataDirectory, 's3'),
    region: PRACTICE_REGION,
    buckets: [
      { name: PRACTICE_BUCKET, region: PRACTICE_REGION },
      { name: EUROPEAN_BUCKET, region: EUROPEAN_REGION },
    ],
    identities: account.iam,
    kmsKeyArns: [account.kmsKeyArn],
    onRequest: faults.hook('s3'),
  });
  closers.add(() => s3.close());
  const clusters: ClusterDescription[] = [];
  const workgroups: WorkgroupDescription[] = [];
  const credentials = createTemporaryDatabaseCredentials();
  const controlPlane = await startControlPlane({ iam: account.iam, credentials, clusters, workgroups });
  closers.add(() => controlPlane.close());
  return {
    account,
    s3,
    controlPlane,
    temporaryCredentials: credentials,
    announceCluster({ host, port, database, masterUsername }) {
      const common = { region: PRACTICE_REGION, host, port, createdAt: new Date() };
      clusters.push({
        ...common,
        identifier: CLUSTER_IDENTIFIER,
        database,
        masterUsername,
        iamRoleArns: account.associatedRoleArns,
      });
      workgroups.push({
        ...common,
        name: WORKGROUP_NAME,
        id: '5a4fcb9b-6f0e-4f0c-9f0e-000000000002',
        namespace: WORKGROUP_NAME,
      });
    },
    describeS3: () => ({
      endpoint: s3.endpoint,
      region: PRACTICE_REGION,
      bucket: PRACTICE_BUCKET,
      ...toKeys(account.users.cleaner),
      iamRoleArn: account.roles.unload.arn,
    }),
    describe: () => describeAws(account, controlPlane),
  };
}

function describeAws({ iam, users, roles, kmsKeyArn }: PracticeAccount, controlPlane: ControlPlane): AwsDescription {
  return {
    accountId: iam.accountId,
    endpoint: controlPlane.endpoint,
    europeanBucket: { bucket: EUROPEAN_BUCKET, region: EUROPEAN_REGION },
    kmsKeyArn,
    users: { noDelete: toKeys(users.noDelete), noAccess: toKeys(users.noAccess), database: toKeys(users.database) },
    roles: {
      unload: roles.unload.arn,
      noPut: roles.noPut.arn,
      notAssociated: roles.notAssociated.arn,
      noTrust: roles.noTrust.arn,
      doesNotExist: `arn:aws:iam::${iam.accountId}:role/snowferry-does-not-exist`,
      unloadKms: roles.unloadKms.arn,
      chain: `${roles.chainStart.arn},${roles.chainEnd.arn}`,
    },
  };
}
