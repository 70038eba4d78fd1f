import { ApiError } from './api-error.ts';
import type { ControlPlaneCall } from './control-plane.ts';
import { IamError } from './iam.ts';
import type { XmlValue } from './xml.ts';

/** AssumeRole and GetCallerIdentity. https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html */
export function callSts(call: ControlPlaneCall): XmlValue {
  switch (call.action) {
    case 'GetCallerIdentity':
      return { Arn: call.principal.arn, UserId: call.principal.userId, Account: call.principal.accountId };
    case 'AssumeRole':
      return assumeRole(call);
    default:
      throw new ApiError('InvalidAction', `Could not find operation ${call.action} for version 2011-06-15`);
  }
}

function assumeRole({ parameters, principal, iam }: ControlPlaneCall): XmlValue {
  const known = ['Action', 'Version', 'RoleArn', 'RoleSessionName', 'DurationSeconds', 'ExternalId'];
  const unknown = [...parameters.keys()].find((name) => !known.includes(name));
  if (unknown) throw new ApiError('NotImplemented', `AssumeRole with ${unknown} is not played by this endpoint`, 501);
  const roleArn = parameters.get('RoleArn') ?? '';
  const sessionName = parameters.get('RoleSessionName') ?? '';
  if (!/^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(roleArn))
    throw new ApiError('ValidationError', `${roleArn} is invalid`);
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) {
    throw new ApiError(
      'ValidationError',
      `1 validation error detected: Value '${sessionName}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*`,
    );
  }
  const duration = parameters.get('DurationSeconds');
  try {
    const session = iam.assumeRole(roleArn, {
      principal,
      sessionName,
      externalId: parameters.get('ExternalId'),
      durationSeconds: duration === undefined ? undefined : Number(duration),
    });
    return {
      AssumedRoleUser: { Arn: session.assumedRoleArn, AssumedRoleId: session.assumedRoleId },
      Credentials: {
        AccessKeyId: session.accessKeyId,
        SecretAccessKey: session.secretAccessKey,
        SessionToken: session.sessionToken,
        Expiration: session.expiresAt.toISOString(),
      },
    };
  } catch (error) {
    if (error instanceof IamError)
      throw new ApiError(error.code, error.message, error.code === 'AccessDenied' ? 403 : 400);
    throw error;
  }
}
