import { fromNodeProviderChain, fromIni } from '@aws-sdk/credential-providers';
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
export function redshiftApiCredentials(credentials: AwsCredentials, secrets: Secrets): Provider | StaticKeys {
  switch (credentials.kind) {
    case 'default':
      return fromNodeProviderChain();
    case 'profile':
      return fromIni({ profile: credentials.profile });
    case 'keys':
      return staticKeys(credentials.accessKeyId, secrets);
  }
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
