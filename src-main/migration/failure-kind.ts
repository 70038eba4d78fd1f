import { AppError } from '#shared/errors/app-error';
import { ERROR_CODES, type ErrorCode } from '#shared/errors/error-codes';
import { SECRET_SLOTS, type SecretSlot } from '#shared/model/connection-settings';
import type { Side } from '#shared/model/run';

/**
 * What a failure means for a run: `away`: a side does not answer, wait for it; `again`: may pass, try again; `needs-you`: nothing can go on before the
 * user mends something that all work needs; `table`: no partition of this table can go on; `partition`: only this one cannot.
 */
export type FailureKind = 'away' | 'again' | 'needs-you' | 'table' | 'partition';

export function failureKind(error: unknown, side: Side | null): FailureKind {
  if (!(error instanceof AppError)) return 'partition';
  if (AWAY.has(error.code)) return 'away';
  if (NEEDS_YOU.has(error.code) || (error.code === 'DATABASE_NOT_FOUND' && side === 'source')) return 'needs-you';
  if (ERROR_CODES[error.code].retry === 'automatic') return 'again';
  return TABLE_WIDE.has(error.code) ? 'table' : 'partition';
}

/** The secrets of which another value may mend a failure; empty when it is not about a secret. */
export function secretsOf(error: AppError, side: Side | null): SecretSlot[] {
  const named = SECRET_SLOTS.find((slot) => slot === error.field);
  if (named) return [named];
  const bySide = SECRETS[error.code];
  return bySide && (side === 'source' || side === 'snowflake' || side === 'staging') ? [...(bySide[side] ?? [])] : [];
}

const AWAY: ReadonlySet<ErrorCode> = new Set([
  'HOST_NOT_FOUND',
  'CONNECTION_REFUSED',
  'CONNECTION_TIMED_OUT',
  'CONNECTION_LOST',
  'TARGET_UNAVAILABLE',
  'SESSION_EXPIRED',
  'S3_UNAVAILABLE',
  'LOAD_IN_DOUBT',
]);

/** What fails on this computer, whichever side was being talked to. */
export const OF_THIS_MACHINE: readonly ErrorCode[] = [
  'JOURNAL_UNAVAILABLE',
  'JOURNAL_BUSY',
  'JOURNAL_DAMAGED',
  'DISK_FULL',
];

/** All work of a run needs these: the next table would fail in the same way. */
const NEEDS_YOU: ReadonlySet<ErrorCode> = new Set([
  'TLS_NOT_SUPPORTED',
  'TLS_REQUIRED',
  'TLS_NOT_TRUSTED',
  'TLS_HOST_MISMATCH',
  'LOGIN_FAILED',
  'MFA_REQUIRED',
  'TOKEN_INVALID',
  'KEY_INVALID',
  'KEY_REFUSED',
  'SECRET_MISSING',
  'NETWORK_POLICY',
  'ROLE_NOT_GRANTED',
  'WAREHOUSE_UNUSABLE',
  'NOT_A_SOURCE',
  'AWS_CREDENTIALS_INVALID',
  'AWS_CLUSTER_NOT_FOUND',
  'AWS_PROFILE_NOT_FOUND',
  'LEDGER_UNAVAILABLE',
  ...OF_THIS_MACHINE,
]);

const TABLE_WIDE: ReadonlySet<ErrorCode> = new Set([
  'TARGET_TABLE_NOT_FOUND',
  'TARGET_COLUMNS_DIFFER',
  'TARGET_CHANGED',
  'TARGET_IN_USE',
  'LEDGER_MISMATCH',
  'SOURCE_TABLE_NOT_FOUND',
  'SOURCE_COLUMN_CHANGED',
  'COLUMN_NOT_CARRIED',
  'PERMISSION_DENIED',
  'PRIVILEGE_MISSING',
  'DATABASE_NOT_FOUND',
  'UNLOAD_ROLE_REFUSED',
  'UNLOAD_S3_DENIED',
  'UNLOAD_REGION',
  'UNLOAD_TYPE_REFUSED',
  'STAGE_NOT_FOUND',
  'STAGE_NOT_COVERING',
  'STAGE_ACCESS_DENIED',
  'NOT_SUPPORTED',
]);

const SECRETS: Partial<Record<ErrorCode, Partial<Record<'source' | 'snowflake' | 'staging', readonly SecretSlot[]>>>> =
  {
    LOGIN_FAILED: { source: ['source.password'], snowflake: ['snowflake.password'] },
    TOKEN_INVALID: { source: ['source.token'], snowflake: ['snowflake.token'] },
    KEY_INVALID: { snowflake: ['snowflake.privateKey', 'snowflake.privateKeyPassphrase'] },
    KEY_REFUSED: { snowflake: ['snowflake.privateKey', 'snowflake.privateKeyPassphrase'] },
    AWS_CREDENTIALS_INVALID: {
      source: ['source.awsSecretAccessKey', 'source.awsSessionToken'],
      staging: ['s3.secretAccessKey', 's3.sessionToken'],
    },
  };
