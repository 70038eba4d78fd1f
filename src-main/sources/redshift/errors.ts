import { AppError, type ErrorFacts } from '#shared/errors/app-error';
import type { ErrorCode } from '#shared/errors/error-codes';
import type { RedshiftSettings } from '#shared/model/connection-settings';
import { redact } from '../../lib/redact.ts';
import { readPeerCertificate } from './raw-socket.ts';

/** Where a statement failed; what fits the error's sentences goes into its facts. */
export interface StatementContext {
  settings: RedshiftSettings;
  user: string;
  /** For people: `schema.table`, or what was read when there is no single table. */
  table?: string;
  statement?: string;
  /** Set for UNLOAD only. */
  unload?: { uri: string; iamRole: string; region: string };
}

interface DriverError {
  message: string;
  code: string;
  /** `detail` and `hint` of the server, where Redshift puts what S3 and IAM answered. */
  detail: string;
}

const LONGEST_STATEMENT = 20_000;

/** What went wrong with a statement. AppErrors and AbortErrors pass through. */
export function toStatementError(error: unknown, context: StatementContext): Error {
  if (error instanceof AppError || (error instanceof Error && error.name === 'AbortError')) return error;
  const driver = readDriverError(error);
  const whole = `${driver.message}\n${driver.detail}`;
  const rules = context.unload ? [...UNLOAD_RULES, ...STATEMENT_RULES] : STATEMENT_RULES;
  const rule = rules.find(
    ({ states, text }) => (states?.includes(driver.code) ?? false) || (text?.test(whole) ?? false),
  );
  const code = rule?.code ?? 'SOURCE_STATEMENT_FAILED';
  const noUnload: ErrorFacts =
    code === 'NOT_SUPPORTED' ? { detail: 'This server has no UNLOAD: it is not Amazon Redshift.' } : {};
  return new AppError(code, {
    cause: error,
    facts: { ...connectionFacts(context.settings, context.user), ...statementFacts(driver, context), ...noUnload },
    raw: rawText(driver),
    statement: context.statement === undefined ? undefined : redact(context.statement).slice(0, LONGEST_STATEMENT),
  });
}

/** What went wrong while a connection was opened. */
export async function toConnectError(
  error: unknown,
  context: { settings: RedshiftSettings; user: string; timeoutMs: number },
): Promise<Error> {
  if (error instanceof AppError || (error instanceof Error && error.name === 'AbortError')) return error;
  const driver = readDriverError(error);
  const { settings } = context;
  const rule = CONNECT_RULES.find(
    ({ states, text }) => (states?.includes(driver.code) ?? false) || (text?.test(driver.message) ?? false),
  );
  const code = rule?.code ?? 'SOURCE_STATEMENT_FAILED';
  const certificate =
    code === 'TLS_NOT_TRUSTED' || code === 'TLS_HOST_MISMATCH' ? await readPeerCertificate(settings) : null;
  return new AppError(code, {
    cause: error,
    facts: {
      ...connectionFacts(settings, context.user),
      seconds: Math.round(context.timeoutMs / 1000),
      detail: detailOf(driver),
      table: 'the connection',
      subject: certificate?.subject ?? 'unknown',
      issuer: certificate?.issuer ?? 'unknown',
      found: 'another kind of server',
      expected: 'Amazon Redshift',
    },
    raw: rawText(driver),
    field: rule?.field,
  });
}

interface Rule {
  code: ErrorCode;
  /** SQLSTATEs of the server, or error codes of Node. */
  states?: string[];
  text?: RegExp;
  field?: string;
}

/** In order: the first that fits counts. */
const CONNECT_RULES: Rule[] = [
  { code: 'HOST_NOT_FOUND', states: ['ENOTFOUND', 'EAI_AGAIN', 'EAI_NONAME'], field: 'source.host' },
  {
    code: 'CONNECTION_REFUSED',
    states: ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'],
    field: 'source.host',
  },
  { code: 'CONNECTION_TIMED_OUT', states: ['ETIMEDOUT'], text: /timeout expired/i, field: 'source.host' },
  { code: 'TLS_HOST_MISMATCH', states: ['ERR_TLS_CERT_ALTNAME_INVALID'], field: 'source.host' },
  {
    code: 'TLS_NOT_TRUSTED',
    states: [
      'SELF_SIGNED_CERT_IN_CHAIN',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'CERT_HAS_EXPIRED',
      'CERT_NOT_YET_VALID',
      'CERT_UNTRUSTED',
      'CERT_REJECTED',
      'CERT_SIGNATURE_FAILURE',
      'INVALID_CA',
    ],
    field: 'source.tls.caFile',
  },
  { code: 'TLS_NOT_SUPPORTED', text: /does not support SSL connections/i, field: 'source.tls.mode' },
  {
    code: 'NOT_A_SOURCE',
    text: /error establishing an SSL connection|EPROTO|wrong version number|Unknown authenticationOk/i,
    field: 'source.port',
  },
  {
    code: 'TLS_REQUIRED',
    text: /SSL off|no encryption|SSL connection is required|requires? SSL/i,
    field: 'source.tls.mode',
  },
  { code: 'DATABASE_NOT_FOUND', states: ['3D000'], text: /database ".*" does not exist/i, field: 'source.database' },
  {
    code: 'SOURCE_OUT_OF_RESOURCES',
    states: ['53300', '57P03', '53000', '53200', '53100'],
    text: /too many (clients|connections)|connection limit/i,
  },
  {
    code: 'LOGIN_FAILED',
    states: ['28P01'],
    text: /password authentication failed|authentication failed|IAM Authentication|user ".*" does not exist|role ".*" does not exist|token.*expired/i,
    field: 'source.auth.password',
  },
  { code: 'NETWORK_POLICY', text: /no pg_hba\.conf entry/i },
  { code: 'LOGIN_FAILED', states: ['28000'], field: 'source.auth.password' },
  { code: 'PERMISSION_DENIED', states: ['42501'] },
  {
    code: 'CONNECTION_LOST',
    states: ['ECONNRESET', 'EPIPE', '57P01', '57P02', '08006', '08001'],
    text: /Connection terminated|socket disconnected/i,
  },
];

/**
 * What S3, IAM and UNLOAD itself answer. S3's part is in the message as `S3ServiceException:<text>,Status <n>,Error <code>,Rid ...`; texts as reported by users:
 * https://github.com/dbt-labs/redshift/issues/62, https://github.com/embulk/embulk-output-jdbc/issues/85, https://github.com/fullstorydev/hauser/issues/10
 */
const UNLOAD_RULES: Rule[] = [
  { code: 'NOT_SUPPORTED', text: /syntax error at or near "UNLOAD"/i },
  {
    code: 'UNLOAD_ROLE_REFUSED',
    text: /not authorized to get credentials of role|not authorized to assume (IAM )?role|sts:AssumeRole|role .*(is not associated|does not exist|not attached)|default (IAM )?role|invalid (IAM )?role|IAM role .*(invalid|not valid)|Unable to get credentials/i,
  },
  {
    code: 'UNLOAD_REGION',
    text: /PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraint|must be addressed using the specified endpoint|region '.*' is wrong|incorrect region|invalid region|region .*(is not valid|not supported)/i,
  },
  { code: 'S3_BUCKET_NOT_FOUND', text: /NoSuchBucket|bucket does not exist/i },
  { code: 'S3_PATH_NOT_EMPTY', text: /destination on S3 is not empty|ALLOWOVERWRITE/i },
  {
    code: 'UNLOAD_S3_DENIED',
    text: /S3ServiceException[\s\S]*(Access ?Denied|Forbidden|not authorized|Status 403|InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|KMS\.)|kms:\w+/i,
  },
  { code: 'S3_UNAVAILABLE', text: /SlowDown|ServiceUnavailable|InternalError|RequestTimeout|Status 50\d|CanRetry 1/i },
  {
    code: 'UNLOAD_TYPE_REFUSED',
    text: /only supported for TEXT\/CSV|(type|column)[^\n]*(not supported|unsupported|can ?not be unloaded)[^\n]*|(not supported|unsupported)[^\n]*(parquet|type)/i,
  },
];

const STATEMENT_RULES: Rule[] = [
  {
    code: 'SOURCE_TABLE_NOT_FOUND',
    states: ['42P01', '3F000'],
    text: /relation .* does not exist|schema .* does not exist/i,
  },
  { code: 'SOURCE_COLUMN_CHANGED', states: ['42703'], text: /column .* does not exist/i },
  { code: 'PERMISSION_DENIED', states: ['42501'], text: /permission denied/i },
  {
    code: 'STATEMENT_CANCELLED_BY_SERVER',
    states: ['57014', '40001', '40P01'],
    text: /cancell?ed on user|cancell?ed by|WLM|query monitoring|statement timeout|serializable isolation violation/i,
  },
  {
    code: 'SOURCE_OUT_OF_RESOURCES',
    states: ['53000', '53100', '53200', '53300', '53400', '54000', '57P03'],
    text: /disk full|out of memory|too many connections|connection limit|insufficient memory/i,
  },
  {
    code: 'CONNECTION_LOST',
    states: ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', '57P01', '57P02', '08000', '08003', '08006'],
    text: /Connection terminated|not queryable|Client was closed/i,
  },
];

function statementFacts(driver: DriverError, context: StatementContext): ErrorFacts {
  const facts: ErrorFacts = { table: context.table ?? context.settings.database, detail: detailOf(driver) };
  if (!context.unload) return facts;
  const { uri, iamRole, region } = context.unload;
  const bucket = /^s3:\/\/([^/]+)/.exec(uri)?.[1] ?? uri;
  return {
    ...facts,
    uri,
    role: iamRole,
    region,
    bucket,
    count: 'some',
    example: 'one that Redshift does not name',
    suggestion: `${uri}new/`,
  };
}

function connectionFacts(settings: RedshiftSettings, user: string): ErrorFacts {
  return {
    host: settings.host,
    port: settings.port,
    server: `${settings.host}:${settings.port}`,
    user,
    database: settings.database,
  };
}

function readDriverError(error: unknown): DriverError {
  const flat = error instanceof AggregateError && error.errors.length > 0 ? (error.errors[0] as unknown) : error;
  const fields = (typeof flat === 'object' && flat !== null ? flat : {}) as Record<string, unknown>;
  const text = (name: string): string => (typeof fields[name] === 'string' ? fields[name] : '');
  return {
    message: text('message') || String(flat),
    code: text('code'),
    detail: [text('detail'), text('hint')].filter((part) => part !== '').join('\n'),
  };
}

/** The sentence for people: what S3 or the server says, without Redshift's frame of dashes and its code, query and process lines. */
function detailOf(driver: DriverError): string {
  const inner = /^\s*error:\s*(.+?)\s*$/m.exec(driver.detail)?.[1];
  const text = inner === undefined ? driver.message : joinTexts(driver.message, inner);
  const plain = text.replace(/^S3ServiceException:\s*/, '').replace(/,Status (\d+),Error (\w+),.*$/s, ' ($2, $1)');
  return redact(plain).replace(/\s+/g, ' ').trim().replace(/\.$/, '').slice(0, 500);
}

/** Redshift often says in the detail what it said in the message, only longer. */
function joinTexts(message: string, inner: string): string {
  if (message.includes(inner)) return message;
  return inner.includes(message) ? inner : `${message}: ${inner}`;
}

function rawText(driver: DriverError): string {
  const code = driver.code === '' ? '' : `${driver.code}: `;
  return redact([`${code}${driver.message}`, driver.detail].filter((part) => part !== '').join('\n')).slice(0, 4000);
}
