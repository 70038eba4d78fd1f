import type { SecretSlot } from '#shared/model/connection-settings';
import type { Project } from '#shared/model/project';

/** Secrets without which the settings of a project cannot be used; optional ones (passphrase, session token) are not among them. */
export function neededSecrets(project: Pick<Project, 'source' | 'snowflake' | 'staging' | 'strategy'>): SecretSlot[] {
  const { source, snowflake, staging, strategy } = project;
  const slots = [
    sourceSecret(source),
    snowflakeSecret(snowflake),
    strategy === 'unload' && staging?.credentials?.kind === 'keys' ? ('s3.secretAccessKey' as const) : null,
  ];
  return slots.filter((slot) => slot !== null);
}

function sourceSecret(source: Project['source']): SecretSlot | null {
  switch (source?.auth.kind) {
    case undefined:
      return null;
    case 'iam-cluster':
    case 'iam-serverless':
      return source?.auth.credentials.kind === 'keys' ? 'source.awsSecretAccessKey' : null;
    case 'entra-token':
      return 'source.token';
    case 'entra-service-principal':
      return 'source.clientSecret';
    default:
      return 'source.password';
  }
}

function snowflakeSecret(snowflake: Project['snowflake']): SecretSlot | null {
  switch (snowflake?.auth.kind) {
    case 'password':
      return 'snowflake.password';
    case 'key-pair':
      return snowflake.auth.keyFile === '' ? 'snowflake.privateKey' : null;
    case 'access-token':
    case 'oauth':
      return 'snowflake.token';
    default:
      return null;
  }
}
