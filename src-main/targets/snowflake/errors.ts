import { AppError } from '#shared/errors/app-error';
import type { ErrorCode } from '#shared/errors/error-codes';
import { redact } from '../../lib/redact.ts';

/** What an error was about, for its sentences. `statement` must be free of secrets already; it is redacted once more. */
export interface ErrorContext {
  /** `account` or the host, for `{server}`. */
  server: string;
  host: string;
  port: number;
  user: string;
  role: string;
  warehouse: string;
  phase: 'login' | 'statement';
  authKind: 'password' | 'key-pair' | 'access-token' | 'oauth' | 'browser';
  statement?: string;
  queryId?: string;
  /** What the statement worked on, readable. */
  object?: string;
  loginTimeoutSeconds?: number;
}

/** The fields that errors of the SDK may carry. */
interface DriverError {
  name: string;
  code: string;
  sqlState: string;
  message: string;
  queryId: string | null;
  causeCode: string;
  status: number | null;
}

/** Codes that end a session for good; a new one is needed. 390112 is renewed by the SDK itself. */
const SESSION_GONE = new Set(['390104', '390111', '390114', '390195', '407002', '407001']);

export function isSessionGone(error: unknown): boolean {
  return SESSION_GONE.has(readDriverError(error).code);
}

/** True when the statement may or may not have been carried out: the answer got lost. */
export function isAnswerLost(error: unknown): boolean {
  if (error instanceof AppError)
    return error.code === 'CONNECTION_LOST' || error.code === 'SESSION_EXPIRED' || error.code === 'TARGET_UNAVAILABLE';
  const driver = readDriverError(error);
  return SESSION_GONE.has(driver.code) || /^40[12]\d{3}$/.test(driver.code);
}

/** Turns anything that the SDK throws or passes to a callback into an AppError; an AppError or an abort passes unchanged. */
export function toAppError(error: unknown, context: ErrorContext): Error {
  if (error instanceof AppError || (error instanceof Error && error.name === 'AbortError')) return error;
  const driver = readDriverError(error);
  const raw = redact(driver.message);
  const detail = shortText(raw);
  const facts = {
    detail,
    server: context.server,
    host: context.host,
    port: context.port,
    user: context.user || 'this user',
    role: context.role || 'the current role',
    warehouse: context.warehouse || 'none',
    table: context.object ?? 'this action',
    stage: context.object ?? 'the stage',
    uri: context.object ?? 'the bucket',
    key: `for ${context.object ?? 'this partition'}`,
    database: /\bDatabase '([^']*)'/i.exec(raw)?.[1] ?? 'of this name',
    seconds: context.loginTimeoutSeconds ?? 60,
  };
  const { code, field } = classify(driver, raw, context);
  const queryId = driver.queryId ?? context.queryId;
  return new AppError(code, {
    cause: new Error(raw),
    facts: { ...facts, vendorCode: driver.code, sqlState: driver.sqlState },
    raw: driver.code ? `${driver.code}${driver.sqlState ? ` (${driver.sqlState})` : ''}: ${raw}` : raw,
    ...(field ? { field } : {}),
    ...(context.statement === undefined ? {} : { statement: redact(context.statement) }),
    ...(queryId ? { queryId } : {}),
  });
}

interface Classified {
  code: ErrorCode;
  field?: string;
}

function classify(driver: DriverError, raw: string, context: ErrorContext): Classified {
  const network = classifyNetwork(driver, raw);
  if (network)
    return context.phase === 'statement' && network.code !== 'TLS_NOT_TRUSTED' ? { code: 'CONNECTION_LOST' } : network;
  return (context.phase === 'login' ? classifyLogin(driver, raw, context) : null) ?? classifyStatement(driver, raw);
}

/** Errors before Snowflake answered. Codes of the SDK: dist/lib/error_code.js; those of the system come as the cause. */
function classifyNetwork(driver: DriverError, raw: string): Classified | null {
  const text = `${driver.causeCode} ${raw}`;
  if (/ENOTFOUND|EAI_AGAIN/.test(text)) return { code: 'HOST_NOT_FOUND', field: 'snowflake.account' };
  if (
    /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|certificate|OCSP|^412/i.test(driver.causeCode) ||
    /^412\d{3}$/.test(driver.code)
  )
    return { code: 'TLS_NOT_TRUSTED' };
  if (/ECONNREFUSED/.test(text)) return { code: 'CONNECTION_REFUSED' };
  if (/ETIMEDOUT|ECONNABORTED|timeout of \d+ms/i.test(text) && /^40[12]/.test(driver.code))
    return { code: 'CONNECTION_TIMED_OUT' };
  // A well-formed account that does not exist answers every request with 403 or 404 and no JSON.
  if (driver.status === 403 || driver.status === 404) return { code: 'HOST_NOT_FOUND', field: 'snowflake.account' };
  if (driver.status !== null && driver.status >= 500) return { code: 'TARGET_UNAVAILABLE' };
  if (/^40[12]\d{3}$/.test(driver.code))
    return { code: driver.code === '401001' || driver.code === '402001' ? 'CONNECTION_LOST' : 'TARGET_UNAVAILABLE' };
  return null;
}

/**
 * Login answers. Not all are documented; the texts are matched as well as the codes.
 * docs.snowflake.com/en/user-guide/errors-saml, .../key-pair-auth-troubleshooting, .../programmatic-access-tokens, .../network-policies
 */
function classifyLogin(driver: DriverError, raw: string, context: ErrorContext): Classified | null {
  const { code } = driver;
  if (code === '390422' || /is not allowed to access Snowflake|network policy/i.test(raw))
    return { code: 'NETWORK_POLICY' };
  if (code === '390186' || code === '390189' || /^Role .* specified in the connect string/i.test(raw))
    return { code: 'ROLE_NOT_GRANTED', field: 'snowflake.role' };
  if (code === '390201' && /warehouse/i.test(raw)) return { code: 'WAREHOUSE_UNUSABLE', field: 'snowflake.warehouse' };
  if (code === '390201') return { code: 'DATABASE_NOT_FOUND' };
  if (
    code === '390197' ||
    code === '394508' ||
    code === '394507' ||
    code === '390120' ||
    code === '390127' ||
    code === '390129' ||
    /multi-?factor|\bMFA\b|passcode|Duo/i.test(raw)
  ) {
    return { code: 'MFA_REQUIRED', field: 'snowflake.auth.passcode' };
  }
  if (code === '390144' || /^3943\d\d$/.test(code) || /JWT token is invalid/i.test(raw)) return { code: 'KEY_REFUSED' };
  if (
    /^3944\d\d$/.test(code) ||
    code === '390303' ||
    code === '390318' ||
    /Programmatic access token|OAuth access token/i.test(raw)
  ) {
    return { code: 'TOKEN_INVALID', field: 'snowflake.token' };
  }
  if (
    /^404026$|^404027$|^404028$/.test(code) ||
    /bad decrypt|DECODER|PEM|private key|interrupted or cancelled|passphrase/i.test(raw)
  )
    return { code: 'KEY_INVALID', field: 'snowflake.privateKey' };
  if (/^404\d{3}$/.test(code) || /^4055\d\d$/.test(code)) return { code: 'INPUT_INVALID' };
  if (code.startsWith('390')) {
    if (context.authKind === 'key-pair') return { code: 'KEY_REFUSED' };
    if (context.authKind === 'access-token' || context.authKind === 'oauth')
      return { code: 'TOKEN_INVALID', field: 'snowflake.token' };
    return { code: 'LOGIN_FAILED', field: 'snowflake.password' };
  }
  return null;
}

/** Answers to statements. */
function classifyStatement(driver: DriverError, raw: string): Classified {
  const { code, sqlState } = driver;
  if (SESSION_GONE.has(code) || code === '390112') return { code: 'SESSION_EXPIRED' };
  if (code === '000606' || /No active warehouse selected/i.test(raw))
    return { code: 'WAREHOUSE_UNUSABLE', field: 'snowflake.warehouse' };
  if (
    /warehouse/i.test(raw) &&
    (/suspended|resource monitor|cannot be resumed|exceeded.*quota/i.test(raw) ||
      code === '090073' ||
      code === '000610')
  ) {
    return { code: 'WAREHOUSE_UNUSABLE', field: 'snowflake.warehouse' };
  }
  if (code === '003001' || code === '003041' || (sqlState === '42501' && !/does not exist/i.test(raw)))
    return { code: 'PRIVILEGE_MISSING' };
  if (/Failure using stage area/i.test(raw) && /Status Code: (5\d\d|429)/i.test(raw)) return { code: 'S3_UNAVAILABLE' };
  if (/Failure using stage area/i.test(raw) && /NoSuchKey/i.test(raw)) return { code: 'S3_OBJECT_MISSING' };
  if (/Access Denied|AccessDenied|assumeRole|Failed to access remote file|Failure using stage area/i.test(raw))
    return { code: 'STAGE_ACCESS_DENIED' };
  if (/\bStage '.*does not exist or not authorized/is.test(raw)) return { code: 'STAGE_NOT_FOUND' };
  if (code === '002003' || code === '002043')
    return { code: /\bDatabase '/i.test(raw) ? 'DATABASE_NOT_FOUND' : 'TARGET_TABLE_NOT_FOUND' };
  // 604: cancelled; 630: STATEMENT_TIMEOUT_IN_SECONDS; 639 and 625: lock wait and statement aborted.
  if (['000604', '000630', '000625', '000639', '000626', '625', '604', '630'].includes(code) || sqlState === '57014')
    return { code: 'STATEMENT_CANCELLED_BY_SERVER' };
  if (code === '000605' || code === '300002' || code === '000603' || code === '370001')
    return { code: 'TARGET_UNAVAILABLE' };
  return { code: 'TARGET_STATEMENT_FAILED' };
}

function readDriverError(error: unknown): DriverError {
  if (!(error instanceof Error))
    return { name: '', code: '', sqlState: '', message: String(error), queryId: null, causeCode: '', status: null };
  const fields = error as Error & {
    code?: unknown;
    sqlState?: unknown;
    data?: { queryId?: unknown; sqlState?: unknown } | null;
    cause?: { code?: unknown; message?: unknown; response?: { status?: unknown } };
    response?: { statusCode?: unknown; status?: unknown };
  };
  const status = fields.response?.statusCode ?? fields.response?.status ?? fields.cause?.response?.status;
  return {
    name: error.name,
    code: textOf(fields.code),
    sqlState: textOf(fields.sqlState ?? fields.data?.sqlState),
    message: error.message,
    queryId: textOf(fields.data?.queryId) || null,
    causeCode: `${textOf(fields.cause?.code)} ${textOf(fields.cause?.message)}`.trim(),
    status: typeof status === 'number' ? status : null,
  };
}

/** The vendor's text in one line, without its standing prefix. */
function shortText(text: string): string {
  return text
    .replace(/^SQL (compilation|execution|access control) error:\s*/i, '')
    .replace(/\s+/g, ' ')
    .replace(/\.$/, '')
    .trim()
    .slice(0, 500);
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
