import type { AccessKey } from './aws/iam.ts';

/** The one line of JSON that `npm run sandbox` prints. Everything in it is worth nothing outside of this machine and this run. */
export type SandboxDescription = {
  redshift?: RedshiftDescription;
  sqlserver?: SqlServerDescription;
  s3?: S3Description;
  aws?: AwsDescription;
  snowflake: SnowflakeDescription;
  /** Of the sandbox itself and of the stand-ins that run in processes of their own. */
  processIds: Record<string, number>;
};

export type RedshiftDescription = {
  host: string;
  port: number;
  database: string;
  /** A superuser. */
  user: string;
  password: string;
  /** PEM of the authority that signed the server's certificate. */
  caFile: string;
  /** Schemas that were seeded. */
  schemas: string[];
  /** May read every table and nothing else. */
  reader: { user: string; password: string };
  clusterIdentifier: string;
  workgroupName: string;
  region: string;
};

export type SqlServerDescription = {
  host: string;
  port: number;
  database: string;
  /** Owns the database. */
  user: string;
  password: string;
  /** PEM of the authority that signed the server's certificate. */
  caFile: string;
  /** Schemas that were seeded: `tpch` are the tables in dbo. */
  schemas: string[];
  /** May read every table and nothing else. */
  reader: { user: string; password: string };
  /** May log in, but not use the database. */
  stranger: { user: string; password: string };
  /** May read every table, and signs in by NTLM. */
  domainReader: { domain: string; user: string; password: string };
  /** An access token of Microsoft Entra ID that stands for the reader. */
  entraToken: string;
};

export type S3Description = {
  endpoint: string;
  region: string;
  bucket: string;
  /** A user with the second policy of the vendor's guide. */
  accessKeyId: string;
  secretAccessKey: string;
  /** A role with the first policy of the vendor's guide, associated with the cluster. */
  iamRoleArn: string;
};

export type AwsDescription = {
  accountId: string;
  /** STS, Redshift and Redshift Serverless: for an endpoint override of their SDK clients. */
  endpoint: string;
  europeanBucket: { bucket: string; region: string };
  kmsKeyArn: string;
  users: Record<'noDelete' | 'noAccess' | 'database', AccessKey>;
  roles: {
    unload: string;
    noPut: string;
    notAssociated: string;
    noTrust: string;
    doesNotExist: string;
    unloadKms: string;
    /** For IAM_ROLE: two ARNs with a comma. */
    chain: string;
  };
};

export type SnowflakeDescription = {
  accessUrl: string;
  account: string;
  user: string;
  password: string;
  database: string;
  schema: string;
  warehouse: string;
  role: string;
  /** Name of the external stage in that schema; not there without S3. */
  stage?: string;
  stageUrl?: string;
  storageIntegration?: string;
  /** A programmatic access token of the user. */
  token?: string;
  /** PKCS #8 PEM whose public key the user has. */
  privateKey?: string;
  /** May use the warehouse, and nothing in the database. */
  powerless: { user: string; password: string; role: string };
  admin: { user: string; password: string; role: string };
};
