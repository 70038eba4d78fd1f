import { join } from 'node:path';
import type { Closers } from './closers.ts';
import type { FaultInjector } from './faults.ts';
import type { SeedSchema } from './options.ts';
import { CLUSTER_IDENTIFIER, PRACTICE_REGION, WORKGROUP_NAME } from './practice-account.ts';
import { startRedshift } from './redshift/server.ts';
import type { RedshiftStandIn, RedshiftUser } from './redshift/server.ts';
import type { RedshiftDescription } from './sandbox-description.ts';
import { seedTypes } from './seed/load-types.ts';
import { seedTpch } from './seed-tpch.ts';
import type { PracticeAws } from './start-aws.ts';

/** Starts the Redshift endpoint, makes it known to the control plane, and seeds it. */
export async function startRedshiftSource(options: {
  dataDirectory: string;
  aws: PracticeAws;
  scale: number;
  schemas: SeedSchema[];
  faults: FaultInjector;
  closers: Closers;
  log: (line: string) => void;
  signal?: AbortSignal;
}): Promise<RedshiftDescription> {
  const { aws, closers, faults, log } = options;
  const redshift = await startRedshift({
    dataDirectory: join(options.dataDirectory, 'redshift'),
    iam: aws.account.iam,
    associatedRoleArns: aws.account.associatedRoleArns,
    defaultRoleArn: aws.account.roles.unload.arn,
    s3Endpoint: aws.s3.endpoint,
    region: PRACTICE_REGION,
    clusterIdentifier: CLUSTER_IDENTIFIER,
    temporaryCredentials: aws.temporaryCredentials,
    onMessage: faults.hook('redshift'),
  });
  closers.add(() => redshift.close());
  const admin = requireUser(redshift, 'superuser');
  const reader = requireUser(redshift, 'reader');
  aws.announceCluster({
    host: redshift.host,
    port: redshift.port,
    database: redshift.database,
    masterUsername: admin.name,
  });
  log('Redshift is up.');
  if (options.schemas.includes('tpch')) await seedTpch({ ...options, redshift, admin });
  if (options.schemas.includes('types')) {
    await seedTypes(redshift);
    log('Seeded the schema types.');
  }
  return {
    host: redshift.host,
    port: redshift.port,
    database: redshift.database,
    user: admin.name,
    password: admin.password,
    caFile: redshift.caCertificatePath,
    schemas: options.schemas,
    reader: { user: reader.name, password: reader.password },
    clusterIdentifier: CLUSTER_IDENTIFIER,
    workgroupName: WORKGROUP_NAME,
    region: PRACTICE_REGION,
  };
}

function requireUser(redshift: RedshiftStandIn, rights: RedshiftUser['rights']): RedshiftUser {
  const user = redshift.users.find((candidate) => candidate.rights === rights);
  if (!user) throw new Error(`The Redshift endpoint has no user with the rights "${rights}"`);
  return user;
}
