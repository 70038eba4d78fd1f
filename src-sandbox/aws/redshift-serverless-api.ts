import { ApiError } from './api-error.ts';
import type { ControlPlaneCall } from './control-plane.ts';
import { identityUser } from './redshift-api.ts';
import type { TemporaryDatabaseCredentialStore } from './temporary-database-credentials.ts';

export type WorkgroupDescription = {
  name: string;
  id: string;
  namespace: string;
  region: string;
  host: string;
  port: number;
  createdAt: Date;
};

/** GetCredentials and GetWorkgroup; `input` is the JSON body. https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/API_Operations.html */
export function callRedshiftServerless(
  call: ControlPlaneCall,
  input: Record<string, unknown>,
  options: { workgroups: WorkgroupDescription[]; credentials: TemporaryDatabaseCredentialStore },
): Record<string, unknown> {
  const workgroups = options.workgroups.filter(({ region }) => region === call.region);
  switch (call.action) {
    case 'GetWorkgroup':
      refuseOthers(call, input, ['workgroupName']);
      return { workgroup: toJson(requireAllowed(call, input, workgroups), call.iam.accountId) };
    case 'GetCredentials':
      return getCredentials(call, input, { ...options, workgroups });
    default:
      throw new ApiError(
        'UnknownOperationException',
        `The operation ${call.action} is not played by this endpoint`,
        404,
      );
  }
}

/** https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/API_GetCredentials.html */
function getCredentials(
  call: ControlPlaneCall,
  input: Record<string, unknown>,
  options: { workgroups: WorkgroupDescription[]; credentials: TemporaryDatabaseCredentialStore },
): Record<string, unknown> {
  refuseOthers(call, input, ['workgroupName', 'dbName', 'durationSeconds']);
  requireAllowed(call, input, options.workgroups);
  const durationSeconds = Number(input['durationSeconds'] ?? 900);
  if (!Number.isInteger(durationSeconds) || durationSeconds < 900 || durationSeconds > 3600) {
    throw new ApiError('ValidationException', 'The value of durationSeconds must be between 900 and 3600.');
  }
  const user = identityUser(call.principal);
  const database = typeof input['dbName'] === 'string' ? input['dbName'] : null;
  const issued = options.credentials.issue({ user, databaseUser: user, database, autoCreate: true, durationSeconds });
  const expiration = issued.expiresAt.getTime() / 1000;
  return { dbUser: issued.user, dbPassword: issued.password, expiration, nextRefreshTime: expiration };
}

function requireAllowed(
  call: ControlPlaneCall,
  input: Record<string, unknown>,
  workgroups: WorkgroupDescription[],
): WorkgroupDescription {
  const name = input['workgroupName'];
  if (typeof name !== 'string' || name === '')
    throw new ApiError('ValidationException', 'Workgroup name must be provided.');
  const workgroup = workgroups.find((candidate) => candidate.name === name);
  const resource = workgroup
    ? toArn(workgroup, call.iam.accountId)
    : `arn:aws:redshift-serverless:${call.region}:${call.iam.accountId}:workgroup/*`;
  const action = `redshift-serverless:${call.action}`;
  const decision = call.iam.authorize(call.principal, action, resource);
  if (decision !== 'allow') {
    throw new ApiError('AccessDeniedException', call.iam.denialMessage(call.principal, action, resource, decision));
  }
  if (!workgroup) throw new ApiError('ResourceNotFoundException', `Serverless workgroup ${name} not found.`);
  return workgroup;
}

function toArn(workgroup: WorkgroupDescription, accountId: string): string {
  return `arn:aws:redshift-serverless:${workgroup.region}:${accountId}:workgroup/${workgroup.id}`;
}

function toJson(workgroup: WorkgroupDescription, accountId: string): Record<string, unknown> {
  return {
    workgroupName: workgroup.name,
    workgroupId: workgroup.id,
    workgroupArn: toArn(workgroup, accountId),
    namespaceName: workgroup.namespace,
    baseCapacity: 8,
    status: 'AVAILABLE',
    port: workgroup.port,
    publiclyAccessible: false,
    enhancedVpcRouting: false,
    creationDate: workgroup.createdAt.toISOString(),
    endpoint: { address: workgroup.host, port: workgroup.port },
  };
}

function refuseOthers(call: ControlPlaneCall, input: Record<string, unknown>, known: string[]): void {
  const unknown = Object.keys(input).find((name) => !known.includes(name));
  if (unknown)
    throw new ApiError('NotImplemented', `${call.action} with ${unknown} is not played by this endpoint`, 501);
}
