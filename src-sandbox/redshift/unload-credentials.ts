import type { Iam, TemporaryCredentials } from '../aws/iam.ts';
import { detailBlock } from './unload-s3.ts';
import type { UnloadCredentials } from './unload-s3.ts';
import type { UnloadAuthorization } from './unload-statement.ts';
import { RedshiftError } from './wire.ts';

export interface AssumeOptions {
  readonly authorization: UnloadAuthorization;
  readonly iam: Pick<Iam, 'assumeRole' | 'findCredential'>;
  readonly associatedRoleArns: readonly string[];
  readonly defaultRoleArn: string | undefined;
  /** Who Redshift says is asking: `arn:aws:redshift:<region>:<account>:dbuser:<cluster>/<user>`. */
  readonly userArn: string;
  readonly queryId: number;
  readonly processId: number;
}

/**
 * The keys with which an UNLOAD writes. The first role of a chain must be associated with the cluster and trust Redshift, each
 * further one must trust the role before it:
 * https://docs.aws.amazon.com/redshift/latest/mgmt/authorizing-redshift-service.html#authorizing-redshift-service-chaining-roles
 */
export function assumeUnloadRole(options: AssumeOptions): UnloadCredentials {
  const { authorization } = options;
  if (authorization.kind === 'keys') return authorization;
  const chain = authorization.kind === 'default-role' ? [options.defaultRoleArn] : authorization.arns;
  const [first, ...others] = chain;
  if (first === undefined)
    throw new RedshiftError({ code: 'XX000', message: 'Default IAM role is not set for the cluster' });
  if (!options.associatedRoleArns.includes(first)) throw notAuthorized(options, first);
  let session = assume(options, first, undefined);
  for (const arn of others) if (arn !== undefined) session = assume(options, arn, session);
  return session;
}

function assume(options: AssumeOptions, arn: string, before: TemporaryCredentials | undefined): TemporaryCredentials {
  const { iam, queryId } = options;
  const principal = before === undefined ? 'redshift.amazonaws.com' : iam.findCredential(before.accessKeyId)?.principal;
  try {
    return iam.assumeRole(arn, {
      principal: principal ?? 'redshift.amazonaws.com',
      sessionName: `RedshiftIamRoleSession-${queryId}`,
    });
  } catch {
    const text = `Not authorized to get credentials of role ${arn}`;
    throw roleError(options, text, arn);
  }
}

function notAuthorized(options: AssumeOptions, arn: string): RedshiftError {
  return roleError(options, `User ${options.userArn} is not authorized to assume IAM Role ${arn}`, arn);
}

function roleError(options: AssumeOptions, text: string, arn: string): RedshiftError {
  return new RedshiftError({
    code: 'XX000',
    message: text,
    detail: detailBlock({
      error: text,
      code: 8001,
      context: `IAM Role=${arn}`,
      queryId: options.queryId,
      processId: options.processId,
      location: 'xen_aws_credentials_mgr.cpp:402',
    }),
  });
}
