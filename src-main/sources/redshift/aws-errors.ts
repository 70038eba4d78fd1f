import { AppError } from '#shared/errors/app-error';
import type { ErrorCode } from '#shared/errors/error-codes';
import type { AwsCredentials, RedshiftSettings } from '#shared/model/connection-settings';
import { redact } from '../../lib/redact.ts';

const CODES: Record<string, ErrorCode> = {
  InvalidClientTokenId: 'AWS_CREDENTIALS_INVALID',
  UnrecognizedClientException: 'AWS_CREDENTIALS_INVALID',
  InvalidSignatureException: 'AWS_CREDENTIALS_INVALID',
  SignatureDoesNotMatch: 'AWS_CREDENTIALS_INVALID',
  IncompleteSignature: 'AWS_CREDENTIALS_INVALID',
  MissingAuthenticationToken: 'AWS_CREDENTIALS_INVALID',
  ExpiredToken: 'AWS_CREDENTIALS_INVALID',
  ExpiredTokenException: 'AWS_CREDENTIALS_INVALID',
  RequestExpired: 'AWS_CREDENTIALS_INVALID',
  AccessDenied: 'AWS_PERMISSION_DENIED',
  AccessDeniedException: 'AWS_PERMISSION_DENIED',
  UnauthorizedOperation: 'AWS_PERMISSION_DENIED',
  NotAuthorized: 'AWS_PERMISSION_DENIED',
  ClusterNotFound: 'AWS_CLUSTER_NOT_FOUND',
  ClusterNotFoundFault: 'AWS_CLUSTER_NOT_FOUND',
  ResourceNotFoundException: 'AWS_CLUSTER_NOT_FOUND',
  ENOTFOUND: 'HOST_NOT_FOUND',
  EAI_AGAIN: 'HOST_NOT_FOUND',
  ECONNREFUSED: 'CONNECTION_REFUSED',
  ETIMEDOUT: 'CONNECTION_TIMED_OUT',
  TimeoutError: 'CONNECTION_TIMED_OUT',
  ECONNRESET: 'CONNECTION_LOST',
};

/** What the Redshift API or the credential chain refused while a temporary login was asked for. */
export function toAwsError(error: unknown, settings: RedshiftSettings): AppError {
  if (error instanceof AppError) return error;
  const name = errorName(error);
  const raw = redact(error instanceof Error ? error.message : String(error));
  const code = name === 'CredentialsProviderError' ? credentialsCode(settings) : (CODES[name] ?? 'LOGIN_FAILED');
  return new AppError(code, {
    cause: withoutMessage(name),
    facts: { ...factsOf(settings), detail: raw || name },
    raw: `${name}: ${raw}`,
  });
}

function factsOf(settings: RedshiftSettings): Record<string, string | number> {
  const { auth } = settings;
  if (auth.kind === 'password') return {};
  const isServerless = auth.kind === 'iam-serverless';
  const cluster = isServerless ? auth.workgroup : auth.clusterId;
  const service = isServerless ? 'redshift-serverless' : 'redshift';
  return {
    server: `Redshift ${cluster}`,
    user: isServerless ? 'the IAM identity' : auth.dbUser,
    cluster,
    region: auth.region,
    resource: cluster,
    action: isServerless ? 'redshift-serverless:GetCredentials' : 'redshift:GetClusterCredentials',
    accessKeyId: auth.credentials.kind === 'keys' ? auth.credentials.accessKeyId : 'of the AWS configuration',
    profile: auth.credentials.kind === 'profile' ? auth.credentials.profile : 'default',
    host: auth.apiEndpoint === '' ? `${service}.${auth.region}.amazonaws.com` : new URL(auth.apiEndpoint).hostname,
    port: auth.apiEndpoint === '' ? 443 : Number(new URL(auth.apiEndpoint).port || 443),
    seconds: 20,
  };
}

function credentialsCode(settings: RedshiftSettings): ErrorCode {
  const credentials: AwsCredentials | null = settings.auth.kind === 'password' ? null : settings.auth.credentials;
  return credentials?.kind === 'keys' ? 'AWS_CREDENTIALS_INVALID' : 'AWS_PROFILE_NOT_FOUND';
}

function errorName(error: unknown): string {
  if (!(error instanceof Error)) return 'Error';
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : error.name;
}

/** The SDK's error objects carry the signed request; only their name goes on. */
function withoutMessage(name: string): Error {
  return new Error(name);
}
