import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { TemporaryDatabaseCredentials } from '../aws/temporary-database-credentials.ts';
import type { BackendConnection } from './backend-connection.ts';
import { RedshiftError } from './wire.ts';

export interface StartupRequest {
  readonly user: string;
  readonly database: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Asks the client for a password and gives back what it sent. */
export type AskPassword = (request: { kind: 'cleartext' } | { kind: 'md5'; salt: Buffer }) => Promise<string>;

export interface AuthenticateOptions {
  readonly request: StartupRequest;
  readonly ask: AskPassword;
  /** A superuser's connection: users and databases are looked up here. */
  readonly catalog: BackendConnection;
  readonly temporaryCredentials: TemporaryDatabaseCredentials | undefined;
}

const TEMPORARY_USER = /^IAM[AR]?:/;

/**
 * Settles who the session runs as. Database users prove themselves with MD5, as
 * https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_USER.html keeps their passwords; users of temporary credentials
 * (`IAM:`, `IAMA:`, `IAMR:`) send theirs in clear, for it means nothing to the cluster's catalog.
 * Throws RedshiftError with severity FATAL.
 */
export async function authenticate(options: AuthenticateOptions): Promise<string> {
  const { request, catalog } = options;
  const user = TEMPORARY_USER.test(request.user)
    ? await authenticateTemporary(options)
    : await authenticateByPassword(options);
  const database = await catalog.query(
    `SELECT datallowconn FROM pg_database WHERE datname = ${literal(request.database)}`,
  );
  if (database.rows[0]?.[0] !== 't') throw fatal('3D000', `database "${request.database}" does not exist`);
  return user;
}

async function authenticateByPassword(options: AuthenticateOptions): Promise<string> {
  const { request, ask, catalog } = options;
  const salt = randomBytes(4);
  const answer = await ask({ kind: 'md5', salt });
  const found = await catalog.query(
    `SELECT rolpassword, rolcanlogin, coalesce(rolvaliduntil < now(), false) FROM pg_authid WHERE rolname = ${literal(request.user)}`,
  );
  const [stored, canLogin, isExpired] = found.rows[0] ?? [];
  if (
    typeof stored !== 'string' ||
    canLogin !== 't' ||
    isExpired === 't' ||
    !isEqual(answer, toMd5Answer(stored, salt))
  ) {
    throw fatal('28000', `password authentication failed for user "${request.user}"`);
  }
  return request.user;
}

/** What a client answers to AuthenticationMD5Password, from the stored `md5...` form. */
function toMd5Answer(stored: string, salt: Buffer): string {
  const hash = createHash('md5').update(stored.slice(3)).update(salt).digest('hex');
  return `md5${hash}`;
}

async function authenticateTemporary(options: AuthenticateOptions): Promise<string> {
  const { request, ask, catalog, temporaryCredentials } = options;
  const grant = temporaryCredentials?.verify(request.user, await ask({ kind: 'cleartext' })) ?? null;
  const failed = fatal('28000', `IAM Authentication token has expired or is invalid for user "${request.user}"`);
  if (grant === null) throw failed;
  if (grant.database !== null && grant.database !== request.database) {
    throw fatal(
      '28000',
      `user "${request.user}" is not authorized for database "${request.database}" by its temporary credentials`,
    );
  }
  const name = grant.databaseUser;
  const found = await catalog.query(`SELECT 1 FROM pg_authid WHERE rolname = ${literal(name)}`);
  if (found.rows.length > 0) return name;
  if (!grant.autoCreate) throw fatal('28000', `user "${name}" does not exist`);
  await catalog.query(`CREATE ROLE "${name.replaceAll('"', '""')}" LOGIN`);
  return name;
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function fatal(code: string, text: string): RedshiftError {
  return new RedshiftError({ severity: 'FATAL', code, message: text });
}

/** An E'' literal, which reads the same whatever standard_conforming_strings says. */
export function literal(text: string): string {
  return `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
