import { fromIni, fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { AppError } from '#shared/errors/app-error';
import type { AwsCredentials, Secrets } from '#shared/model/connection-settings';
import { rememberSecret } from '../../lib/redact.ts';

type Provider = ReturnType<typeof fromNodeProviderChain>;
interface StaticKeys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** The keys that sign requests to the bucket: given ones, a profile's, or what the SDK's default chain finds. */
export function bucketCredentials(credentials: AwsCredentials, secrets: Secrets): Provider | StaticKeys {
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
  const secretAccessKey = secrets['s3.secretAccessKey'];
  if (!secretAccessKey) {
    throw new AppError('SECRET_MISSING', {
      facts: { secret: 'secret access key for S3', page: 'Set up S3 bucket' },
      field: 'staging.credentials.secretAccessKey',
    });
  }
  const sessionToken = secrets['s3.sessionToken'];
  rememberSecret(secretAccessKey);
  rememberSecret(sessionToken);
  return sessionToken ? { accessKeyId, secretAccessKey, sessionToken } : { accessKeyId, secretAccessKey };
}
