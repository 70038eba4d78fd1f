import type { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { AppError } from '#shared/errors/app-error';
import type { AwsCredentials, Secrets } from '#shared/model/connection-settings';
import { rememberSecret } from '../../lib/redact.ts';

type Provider = ReturnType<typeof fromNodeProviderChain>;
interface StaticKeys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** The keys that sign calls to the Redshift API: given ones, a profile's, or what the SDK's default chain finds. */
export async function redshiftApiCredentials(
  credentials: AwsCredentials,
  secrets: Secrets,
): Promise<Provider | StaticKeys> {
  if (credentials.kind === 'keys') return staticKeys(credentials.accessKeyId, secrets);
  // Loaded when it is needed, for the same reason as the clients.
  const { fromIni, fromNodeProviderChain } = await import('@aws-sdk/credential-providers');
  return credentials.kind === 'profile' ? fromIni({ profile: credentials.profile }) : fromNodeProviderChain();
}

function staticKeys(accessKeyId: string, secrets: Secrets): StaticKeys {
  const secretAccessKey = secrets['source.awsSecretAccessKey'];
  if (!secretAccessKey) {
    throw new AppError('SECRET_MISSING', {
      facts: { secret: 'secret access key', page: 'Connect to source database' },
      field: 'source.auth.credentials.secretAccessKey',
    });
  }
  const sessionToken = secrets['source.awsSessionToken'];
  rememberSecret(secretAccessKey);
  rememberSecret(sessionToken);
  return sessionToken ? { accessKeyId, secretAccessKey, sessionToken } : { accessKeyId, secretAccessKey };
}
