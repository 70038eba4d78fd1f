import type { ConnectionConfiguration } from 'tedious';
import { AppError } from '#shared/errors/app-error';
import type { SecretSlot, Secrets, SqlServerSettings } from '#shared/model/connection-settings';
import { rememberSecret } from '../../lib/redact.ts';
import { trustedRoots } from '../../lib/trusted-roots.ts';

export interface DriverConfigOptions {
  settings: SqlServerSettings;
  secrets: Secrets;
  connectTimeoutMs: number;
  /** Asks nothing of the certificate: for looking at one that was not trusted. */
  withAnyCertificate?: boolean;
}

/** How long the server may take to end a cancelled statement before its connection is cut. */
const CANCEL_PATIENCE_MS = 10_000;
/** Bytes of a packet; the server may settle for less. Below the 16 KB of a TLS record, above which encrypted connections fail with some servers. */
const PACKET_BYTES = 16_000;
/** Longest value that a statement may return, in bytes: all. */
const TEXT_SIZE = 2_147_483_647;

/**
 * What tedious is opened with. Statements have no time limit of the driver's (its default of 15 seconds ends extractions); each sets its own. Rejects with
 * SECRET_MISSING, INPUT_INVALID or FILE_NOT_READABLE. The object holds secrets.
 */
export async function driverConfig(options: DriverConfigOptions): Promise<ConnectionConfiguration> {
  const { settings, secrets } = options;
  const isTrusting = options.withAnyCertificate ?? settings.trustServerCertificate;
  return {
    server: settings.host,
    authentication: authentication(settings, secrets),
    options: {
      ...address(settings),
      database: settings.database,
      appName: 'Snowferry',
      encrypt: settings.encrypt && settings.strictEncryption ? 'strict' : settings.encrypt,
      trustServerCertificate: isTrusting,
      cryptoCredentialsDetails: {
        minVersion: 'TLSv1.2',
        ...(isTrusting ? {} : { ca: await trustedRoots(settings.caFile, 'source.caFile') }),
      },
      ...(settings.certificateHost ? { serverName: settings.certificateHost } : {}),
      readOnlyIntent: settings.readOnlyIntent,
      connectTimeout: options.connectTimeoutMs,
      requestTimeout: 0,
      cancelTimeout: CANCEL_PATIENCE_MS,
      packetSize: PACKET_BYTES,
      textsize: TEXT_SIZE,
      useUTC: true,
      multiSubnetFailover: false,
    },
  };
}

/**
 * The application that users sign in to with a password when they name none: the public client of Microsoft's JDBC driver, known in every tenant. Earlier
 * releases of tedious signed in with it too; now the driver insists on an id.
 */
const DEFAULT_CLIENT_ID = '7f98cb04-cd1e-40df-9140-3bf7e2cea4db';

function address(settings: SqlServerSettings): { instanceName: string } | { port: number } {
  return settings.instance === '' ? { port: settings.port ?? 1433 } : { instanceName: settings.instance };
}

type Authentication = NonNullable<ConnectionConfiguration['authentication']>;

/** https://tediousjs.github.io/tedious/api-connection.html. Integrated login (the account of the person at this computer) is none of them. */
function authentication({ auth }: SqlServerSettings, secrets: Secrets): Authentication {
  switch (auth.kind) {
    case 'sql-login':
      return {
        type: 'default',
        options: { userName: auth.user, password: requireSecret(secrets, 'source.password', 'password') },
      };
    case 'ntlm':
      return {
        type: 'ntlm',
        options: {
          domain: auth.domain,
          userName: auth.user,
          password: requireSecret(secrets, 'source.password', 'password'),
        },
      };
    case 'entra-password':
      return {
        type: 'azure-active-directory-password',
        options: {
          userName: auth.user,
          password: requireSecret(secrets, 'source.password', 'password'),
          clientId: auth.clientId === '' ? DEFAULT_CLIENT_ID : auth.clientId,
          tenantId: auth.tenantId === '' ? 'common' : auth.tenantId,
        },
      };
    case 'entra-token':
      return {
        type: 'azure-active-directory-access-token',
        options: { token: requireSecret(secrets, 'source.token', 'access token') },
      };
    case 'entra-service-principal':
      return {
        type: 'azure-active-directory-service-principal-secret',
        options: {
          tenantId: auth.tenantId,
          clientId: auth.clientId,
          clientSecret: requireSecret(secrets, 'source.clientSecret', 'client secret'),
        },
      };
  }
}

function requireSecret(secrets: Secrets, slot: SecretSlot, secret: string): string {
  const value = secrets[slot];
  if (!value) {
    throw new AppError('SECRET_MISSING', {
      facts: { secret, page: 'Connect to source database' },
      field: slot === 'source.password' ? 'source.auth.password' : slot,
    });
  }
  rememberSecret(value);
  return value;
}
