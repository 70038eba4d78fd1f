import { ApiError } from './api-error.ts';
import type { ControlPlaneCall } from './control-plane.ts';
import type { Principal } from './iam.ts';
import type { TemporaryDatabaseCredentialStore } from './temporary-database-credentials.ts';
import type { XmlValue } from './xml.ts';

/** A provisioned cluster as DescribeClusters shows it. */
export type ClusterDescription = {
  identifier: string;
  region: string;
  database: string;
  masterUsername: string;
  host: string;
  port: number;
  /** Roles that are associated with the cluster; the first is the default one. */
  iamRoleArns: string[];
  createdAt: Date;
};

/** DescribeClusters, GetClusterCredentials and GetClusterCredentialsWithIAM. https://docs.aws.amazon.com/redshift/latest/APIReference/API_Operations.html */
export function callRedshift(
  call: ControlPlaneCall,
  options: { clusters: ClusterDescription[]; credentials: TemporaryDatabaseCredentialStore },
): XmlValue {
  const clusters = options.clusters.filter(({ region }) => region === call.region);
  switch (call.action) {
    case 'DescribeClusters':
      return describeClusters(call, clusters);
    case 'GetClusterCredentials':
      return getClusterCredentials(call, clusters, options.credentials);
    case 'GetClusterCredentialsWithIAM':
      return getClusterCredentialsWithIam(call, clusters, options.credentials);
    default:
      throw new ApiError('InvalidAction', `Could not find operation ${call.action} for version 2012-12-01`);
  }
}

/** The name an identity logs on with when the database user is the identity itself: https://docs.aws.amazon.com/redshift/latest/APIReference/API_GetClusterCredentialsWithIAM.html */
export function identityUser(principal: Principal): string {
  if (principal.kind === 'role-session') return `IAMR:${principal.role.name}`;
  return `IAM:${principal.kind === 'user' ? principal.user.name : principal.name}`;
}

/** 900 to 3600, 900 when it is not given. */
export function readDuration(value: string | number | undefined): number {
  const seconds = value === undefined ? 900 : Number(value);
  if (Number.isInteger(seconds) && seconds >= 900 && seconds <= 3600) return seconds;
  throw new ApiError(
    'InvalidParameterValue',
    `Invalid value ${value} for DurationSeconds. It must be between 900 and 3600.`,
  );
}

function describeClusters(call: ControlPlaneCall, clusters: ClusterDescription[]): XmlValue {
  const { principal, iam, region, parameters } = call;
  refuseOthers(call, ['ClusterIdentifier', 'MaxRecords', 'Marker']);
  const identifier = parameters.get('ClusterIdentifier');
  authorize(
    call,
    'redshift:DescribeClusters',
    `arn:aws:redshift:${region}:${iam.accountId}:cluster:${identifier ?? '*'}`,
    principal,
  );
  const found = identifier === undefined ? clusters : [requireCluster(clusters, identifier)];
  return { Clusters: { Cluster: found.map((cluster) => toClusterXml(cluster, iam.accountId)) } };
}

/** https://docs.aws.amazon.com/redshift/latest/APIReference/API_GetClusterCredentials.html */
function getClusterCredentials(
  call: ControlPlaneCall,
  clusters: ClusterDescription[],
  credentials: TemporaryDatabaseCredentialStore,
): XmlValue {
  const { parameters, principal } = call;
  refuseOthers(call, ['DbUser', 'DbName', 'ClusterIdentifier', 'DurationSeconds', 'AutoCreate']);
  const dbUser = required(parameters, 'DbUser');
  const dbName = parameters.get('DbName') ?? null;
  const identifier = required(parameters, 'ClusterIdentifier');
  const durationSeconds = readDuration(parameters.get('DurationSeconds'));
  const autoCreate = parameters.get('AutoCreate') === 'true';
  const context = { 'redshift:DbUser': dbUser, ...(dbName === null ? {} : { 'redshift:DbName': dbName }) };
  const arn = (kind: string, name: string) => resourceArn(call, kind, `${identifier}/${name}`);
  authorize(call, 'redshift:GetClusterCredentials', arn('dbuser', dbUser), principal, context);
  if (dbName !== null) authorize(call, 'redshift:GetClusterCredentials', arn('dbname', dbName), principal, context);
  if (autoCreate) authorize(call, 'redshift:CreateClusterUser', arn('dbuser', dbUser), principal, context);
  requireCluster(clusters, identifier);
  checkName(dbUser, 'DbUser');
  if (dbName !== null) checkName(dbName, 'DbName');
  const issued = credentials.issue({
    user: `${autoCreate ? 'IAMA' : 'IAM'}:${dbUser}`,
    databaseUser: dbUser.toLowerCase(),
    database: dbName,
    autoCreate,
    durationSeconds,
  });
  return { DbUser: issued.user, DbPassword: issued.password, Expiration: issued.expiresAt.toISOString() };
}

/** https://docs.aws.amazon.com/redshift/latest/APIReference/API_GetClusterCredentialsWithIAM.html */
function getClusterCredentialsWithIam(
  call: ControlPlaneCall,
  clusters: ClusterDescription[],
  credentials: TemporaryDatabaseCredentialStore,
): XmlValue {
  const { parameters, principal } = call;
  refuseOthers(call, ['DbName', 'ClusterIdentifier', 'DurationSeconds']);
  const dbName = parameters.get('DbName') ?? null;
  const identifier = required(parameters, 'ClusterIdentifier');
  const durationSeconds = readDuration(parameters.get('DurationSeconds'));
  authorize(
    call,
    'redshift:GetClusterCredentialsWithIAM',
    resourceArn(call, 'dbname', `${identifier}/${dbName ?? '*'}`),
    principal,
  );
  requireCluster(clusters, identifier);
  const user = identityUser(principal);
  const issued = credentials.issue({ user, databaseUser: user, database: dbName, autoCreate: true, durationSeconds });
  return {
    DbUser: issued.user,
    DbPassword: issued.password,
    Expiration: issued.expiresAt.toISOString(),
    NextRefreshTime: issued.expiresAt.toISOString(),
  };
}

function toClusterXml(cluster: ClusterDescription, accountId: string): XmlValue {
  return {
    ClusterIdentifier: cluster.identifier,
    NodeType: 'ra3.xlplus',
    ClusterStatus: 'available',
    ClusterAvailabilityStatus: 'Available',
    MasterUsername: cluster.masterUsername,
    DBName: cluster.database,
    Endpoint: { Address: cluster.host, Port: cluster.port },
    ClusterCreateTime: cluster.createdAt.toISOString(),
    AutomatedSnapshotRetentionPeriod: 1,
    AvailabilityZone: `${cluster.region}a`,
    ClusterVersion: '1.0',
    AllowVersionUpgrade: true,
    NumberOfNodes: 2,
    PubliclyAccessible: false,
    Encrypted: true,
    EnhancedVpcRouting: false,
    IamRoles: { ClusterIamRole: cluster.iamRoleArns.map((arn) => ({ IamRoleArn: arn, ApplyStatus: 'in-sync' })) },
    ...(cluster.iamRoleArns[0] === undefined ? {} : { DefaultIamRoleArn: cluster.iamRoleArns[0] }),
    ClusterNamespaceArn: `arn:aws:redshift:${cluster.region}:${accountId}:namespace:5a4fcb9b-6f0e-4f0c-9f0e-000000000001`,
  };
}

function requireCluster(clusters: ClusterDescription[], identifier: string): ClusterDescription {
  const cluster = clusters.find((candidate) => candidate.identifier === identifier);
  if (!cluster) throw new ApiError('ClusterNotFound', `Cluster ${identifier} not found.`, 404);
  return cluster;
}

function resourceArn(call: ControlPlaneCall, kind: string, name: string): string {
  return `arn:aws:redshift:${call.region}:${call.iam.accountId}:${kind}:${name}`;
}

function authorize(
  call: ControlPlaneCall,
  action: string,
  resource: string,
  principal: Principal,
  context: Record<string, string> = {},
): void {
  const decision = call.iam.authorize(principal, action, resource, context);
  if (decision !== 'allow')
    throw new ApiError('AccessDenied', call.iam.denialMessage(principal, action, resource, decision), 403);
}

function required(parameters: Map<string, string>, name: string): string {
  const value = parameters.get(name);
  if (value) return value;
  throw new ApiError('MissingParameter', `The request must contain the parameter ${name}`);
}

/** Letters, digits and _ + . @ -, a letter first, at most 64. */
function checkName(name: string, parameter: string): void {
  if (/^[A-Za-z][\w+.@-]{0,63}$/.test(name) && name.toLowerCase() !== 'public') return;
  throw new ApiError('InvalidParameterValue', `Invalid value ${name} for ${parameter}.`);
}

function refuseOthers(call: ControlPlaneCall, known: string[]): void {
  const unknown = [...call.parameters.keys()].find((name) => !['Action', 'Version', ...known].includes(name));
  if (unknown)
    throw new ApiError('NotImplemented', `${call.action} with ${unknown} is not played by this endpoint`, 501);
}
