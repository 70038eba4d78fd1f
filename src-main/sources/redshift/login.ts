import { AppError } from '#shared/errors/app-error';
import type { RedshiftSettings, Secrets } from '#shared/model/connection-settings';
import { rememberSecret } from '../../lib/redact.ts';
import { redshiftApiCredentials } from './aws-credentials.ts';
import { toAwsError } from './aws-errors.ts';

export interface Login {
  user: string;
  password: string;
}

/** Answers who to log in as. Temporary credentials are kept until shortly before they expire and are asked for only once when many callers need them. */
export type LoginProvider = (signal: AbortSignal) => Promise<Login>;

interface TemporaryLogin extends Login {
  expiresAt: number;
}

/** Asked for in seconds; the longest that both services allow. https://docs.aws.amazon.com/redshift/latest/APIReference/API_GetClusterCredentials.html */
const LIFETIME_SECONDS = 3600;
const RENEW_BEFORE_MS = 120_000;

export function createLoginProvider(settings: RedshiftSettings, secrets: Secrets): LoginProvider {
  if (settings.auth.kind === 'password') {
    const { user } = settings.auth;
    return () => Promise.resolve({ user, password: requirePassword(secrets) });
  }
  let current: TemporaryLogin | null = null;
  let pending: Promise<TemporaryLogin> | null = null;
  return async () => {
    if (current && current.expiresAt - Date.now() > RENEW_BEFORE_MS) return current;
    pending ??= fetchLogin(settings, secrets).finally(() => (pending = null));
    current = await pending;
    return current;
  };
}

function requirePassword(secrets: Secrets): string {
  const password = secrets['source.password'];
  if (!password) {
    throw new AppError('SECRET_MISSING', {
      facts: { secret: 'password', page: 'Connect to source database' },
      field: 'source.auth.password',
    });
  }
  rememberSecret(password);
  return password;
}

async function fetchLogin(settings: RedshiftSettings, secrets: Secrets): Promise<TemporaryLogin> {
  try {
    const login =
      settings.auth.kind === 'iam-serverless'
        ? await fetchServerless(settings, secrets)
        : await fetchCluster(settings, secrets);
    rememberSecret(login.password);
    return login;
  } catch (error) {
    throw toAwsError(error, settings);
  }
}

async function fetchCluster(settings: RedshiftSettings, secrets: Secrets): Promise<TemporaryLogin> {
  if (settings.auth.kind !== 'iam-cluster') throw new TypeError('Not the login of a provisioned cluster.');
  const { clusterId, dbUser, region, credentials, apiEndpoint } = settings.auth;
  // Loaded when it is needed: most logins are by password, and every lane would load it again.
  const { GetClusterCredentialsCommand, GetClusterCredentialsWithIAMCommand, RedshiftClient } =
    await import('@aws-sdk/client-redshift');
  const client = new RedshiftClient({
    region,
    credentials: await redshiftApiCredentials(credentials, secrets),
    ...endpoint(apiEndpoint),
  });
  const common = { ClusterIdentifier: clusterId, DbName: settings.database, DurationSeconds: LIFETIME_SECONDS };
  try {
    // A database user IAM:name or IAMR:role is the caller's own identity, which has an action of its own:
    // https://docs.aws.amazon.com/redshift/latest/APIReference/API_GetClusterCredentialsWithIAM.html
    const answer = /^IAMR?:/.test(dbUser)
      ? await client.send(new GetClusterCredentialsWithIAMCommand(common))
      : await client.send(new GetClusterCredentialsCommand({ ...common, DbUser: dbUser, AutoCreate: false }));
    return toLogin(answer.DbUser, answer.DbPassword, answer.Expiration);
  } finally {
    client.destroy();
  }
}

/** https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/API_GetCredentials.html */
async function fetchServerless(settings: RedshiftSettings, secrets: Secrets): Promise<TemporaryLogin> {
  if (settings.auth.kind !== 'iam-serverless') throw new TypeError('Not the login of a serverless workgroup.');
  const { workgroup, region, credentials, apiEndpoint } = settings.auth;
  const { GetCredentialsCommand, RedshiftServerlessClient } = await import('@aws-sdk/client-redshift-serverless');
  const client = new RedshiftServerlessClient({
    region,
    credentials: await redshiftApiCredentials(credentials, secrets),
    ...endpoint(apiEndpoint),
  });
  try {
    const answer = await client.send(
      new GetCredentialsCommand({
        workgroupName: workgroup,
        dbName: settings.database,
        durationSeconds: LIFETIME_SECONDS,
      }),
    );
    return toLogin(answer.dbUser, answer.dbPassword, answer.expiration);
  } finally {
    client.destroy();
  }
}

function toLogin(user: string | undefined, password: string | undefined, expiration: Date | undefined): TemporaryLogin {
  if (!user || !password) throw new Error('The answer holds no user name or no password.');
  return { user, password, expiresAt: expiration?.getTime() ?? Date.now() + LIFETIME_SECONDS * 1000 };
}

function endpoint(url: string): { endpoint?: string } {
  return url === '' ? {} : { endpoint: url };
}
