import { AppError, type ErrorFacts } from '#shared/errors/app-error';
import { ERROR_CODES, type ErrorCode } from '#shared/errors/error-codes';
import type { SqlServerSettings } from '#shared/model/connection-settings';
import { redact } from '../../lib/redact.ts';
import { findServerRule } from './error-numbers.ts';

export interface Certificate {
  subject: string;
  issuer: string;
}

/** An error that the server named: its number, severity and text. The driver gives the number of a refused login in an event only. */
export class ServerError extends Error {
  readonly number: number;
  readonly state: number;
  readonly severity: number;
  readonly line: number;
  readonly procedure: string;

  constructor(token: {
    message: string;
    number: number;
    state: number;
    class?: number;
    lineNumber?: number;
    procName?: string;
  }) {
    super(token.message);
    this.name = 'ServerError';
    this.number = token.number;
    this.state = token.state;
    this.severity = token.class ?? 16;
    this.line = token.lineNumber ?? 0;
    this.procedure = token.procName ?? '';
  }
}

/** Where a statement failed; what fits the error's sentences goes into its facts. */
export interface StatementContext {
  settings: SqlServerSettings;
  /** For people: `schema.table`, or what was read when there is no single table. */
  table?: string;
  statement?: string;
  timeoutMs?: number;
}

const LONGEST_STATEMENT = 20_000;

/** What went wrong with a statement. AppErrors and AbortErrors pass through. */
export function toStatementError(error: unknown, context: StatementContext): Error {
  if (error instanceof AppError || (error instanceof Error && error.name === 'AbortError')) return error;
  const rule = statementRule(error);
  return new AppError(rule.code, {
    cause: error,
    facts: {
      ...connectionFacts(context.settings),
      table: context.table ?? context.settings.database,
      seconds: Math.round((context.timeoutMs ?? 0) / 1000),
      detail: rule.detail ?? detailOf(error),
    },
    raw: rawText(error),
    ...(context.statement === undefined ? {} : { statement: redact(context.statement).slice(0, LONGEST_STATEMENT) }),
  });
}

/** The server cannot or must not do this, which is an answer: it would say the same again. Deadlocks, limits and the like are not. */
export function isRefusal(error: unknown): boolean {
  return error instanceof ServerError && ERROR_CODES[statementRule(error).code].retry !== 'automatic';
}

export interface ConnectContext {
  settings: SqlServerSettings;
  /** What the server said before it ended the login, in order. */
  serverErrors: ServerError[];
  timeoutMs: number;
  /** Asked only when the certificate is what failed. */
  readCertificate(): Promise<Certificate | null>;
}

/** What went wrong while a connection was opened. */
export async function toConnectError(error: unknown, context: ConnectContext): Promise<Error> {
  const causes = causeChain(error);
  const known = causes.find((cause) => cause instanceof AppError || cause.name === 'AbortError');
  if (known) return known;
  const { settings, serverErrors } = context;
  const rule = connectRule(causes, context);
  const isTls = rule.code === 'TLS_NOT_TRUSTED' || rule.code === 'TLS_HOST_MISMATCH';
  const certificate = isTls ? await context.readCertificate().catch(() => null) : null;
  return new AppError(rule.code, {
    cause: error,
    facts: {
      ...connectionFacts(settings),
      ...(rule.port === undefined ? {} : { port: rule.port }),
      seconds: Math.round(context.timeoutMs / 1000),
      detail: rule.detail ?? detailOf(serverErrors[0] ?? causes.at(-1)),
      table: 'the connection',
      subject: certificate?.subject ?? 'unknown',
      issuer: certificate?.issuer ?? 'unknown',
      found: 'another kind of server',
      expected: 'SQL Server',
      secret: 'token',
    },
    raw: rawOfAll([...serverErrors, ...causes]),
    ...(rule.field === undefined ? {} : { field: rule.field }),
  });
}

interface Mapped {
  code: ErrorCode;
  /** Instead of the server's own text. */
  detail?: string;
  field?: string;
  port?: number | string;
}

function statementRule(error: unknown): Mapped {
  if (error instanceof ServerError) {
    const known = findServerRule(error.number, 'statement');
    if (known) return known;
    // From severity 20 on the server ends the connection: https://learn.microsoft.com/en-us/sql/relational-databases/errors-events/database-engine-error-severities
    return error.severity >= 20 ? { code: 'CONNECTION_LOST' } : { code: 'SOURCE_STATEMENT_FAILED' };
  }
  const codes = causeChain(error).map(codeOf);
  if (codes.includes('ETIMEOUT')) return { code: 'CONNECTION_TIMED_OUT' };
  if (codes.some((code) => LOST_CODES.has(code))) return { code: 'CONNECTION_LOST' };
  return { code: 'SOURCE_STATEMENT_FAILED' };
}

const LOST_CODES = new Set(['ECLOSE', 'ESOCKET', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EINVALIDSTATE', 'ENETRESET']);

function connectRule(causes: Error[], { settings, serverErrors }: ConnectContext): Mapped {
  for (const { number } of serverErrors) {
    const known = findServerRule(number, 'connect');
    if (!known) continue;
    // A wrong password of a domain account reads like a wrong domain: https://github.com/denisenkom/go-mssqldb/issues/146
    if (number === 18452 && settings.auth.kind === 'ntlm') return { code: 'LOGIN_FAILED', field: FIELDS.password };
    if (number === 18456 && settings.auth.kind === 'entra-token') return { code: 'TOKEN_INVALID', field: FIELDS.token };
    return known;
  }
  const entra = entraRule(causes, settings);
  if (entra) return entra;
  const instance = instanceRule(causes, settings);
  if (instance) return instance;
  const codes = causes.map(codeOf);
  const text = causes.map(({ message }) => message).join('\n');
  const rule = CONNECT_RULES.find(
    (candidate) => candidate.codes.some((code) => codes.includes(code)) || (candidate.text?.test(text) ?? false),
  );
  if (rule?.code === 'CONNECTION_TIMED_OUT' && settings.instance !== '') return noAnswerOfInstance(settings);
  if (rule) return { code: rule.code, ...(rule.field ? { field: rule.field } : {}), ...tlsDetail(rule.code, codes) };
  return codes.includes('ELOGIN') ? { code: 'LOGIN_FAILED', field: FIELDS.password } : lastResort(codes, settings);
}

/** A server that closes the connection in the middle of the greeting: other software, or one that speaks strict encryption only. */
function lastResort(codes: string[], settings: SqlServerSettings): Mapped {
  if (!codes.some((code) => LOST_CODES.has(code))) return { code: 'SOURCE_STATEMENT_FAILED' };
  if (settings.strictEncryption && settings.encrypt) return { code: 'TLS_NOT_SUPPORTED', field: 'source.encrypt' };
  return { code: 'CONNECTION_LOST' };
}

const FIELDS = {
  password: 'source.auth.password',
  token: 'source.token',
  clientSecret: 'source.clientSecret',
} as const;

interface ConnectRule {
  code: ErrorCode;
  codes: string[];
  text?: RegExp;
  field?: string;
}

/** In order: the first that fits counts. */
const CONNECT_RULES: ConnectRule[] = [
  { code: 'HOST_NOT_FOUND', codes: ['ENOTFOUND', 'EAI_AGAIN', 'EAI_NONAME'], field: 'source.host' },
  {
    code: 'CONNECTION_REFUSED',
    codes: ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'],
    field: 'source.host',
  },
  { code: 'TLS_HOST_MISMATCH', codes: ['ERR_TLS_CERT_ALTNAME_INVALID'], field: 'source.certificateHost' },
  {
    code: 'TLS_NOT_TRUSTED',
    codes: [
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
    field: 'source.caFile',
  },
  { code: 'TLS_REQUIRED', codes: ['EENCRYPT'], field: 'source.encrypt' },
  {
    code: 'TLS_NOT_SUPPORTED',
    codes: ['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_UNSUPPORTED_PROTOCOL'],
    text: /wrong version number|unsupported protocol|no protocols available|alert protocol version/i,
    field: 'source.encrypt',
  },
  { code: 'CONNECTION_TIMED_OUT', codes: ['ETIMEOUT', 'ETIMEDOUT'], field: 'source.host' },
  {
    code: 'NOT_A_SOURCE',
    codes: [],
    text: /Unable to parse|Unknown type|unexpected message|invalid packet|Packet length/i,
    field: 'source.port',
  },
];

/** What to choose in the form, as the error's own advice speaks of other choices. */
function tlsDetail(code: ErrorCode, codes: string[]): { detail?: string } {
  if (code !== 'TLS_NOT_TRUSTED') return {};
  const isTime = codes.includes('CERT_HAS_EXPIRED') || codes.includes('CERT_NOT_YET_VALID');
  if (isTime) {
    const what = codes.includes('CERT_HAS_EXPIRED') ? 'it has expired' : 'it is not valid yet';
    return {
      detail: `${what}. A new certificate at the server mends that, or the choice "Trust the server certificate", which encrypts without verifying who answers`,
    };
  }
  const what = codes.includes('DEPTH_ZERO_SELF_SIGNED_CERT')
    ? 'it is signed by itself, as the certificate is that SQL Server makes when it is given none'
    : 'it is signed by an authority that this computer does not know';
  return {
    detail: `${what}. Name the file with the certificate that signed it (CA file), or choose "Trust the server certificate", which encrypts without verifying who answers`,
  };
}

/** What SQL Server Browser answered, or that it did not. */
function instanceRule(causes: Error[], settings: SqlServerSettings): Mapped | null {
  if (!causes.some((cause) => codeOf(cause) === 'EINSTLOOKUP')) return null;
  const text = causes.map(({ message }) => message).join('\n');
  if (/ENOTFOUND|EAI_AGAIN/.test(text)) return { code: 'HOST_NOT_FOUND', field: 'source.host' };
  if (/Port for .* not found/.test(text)) {
    return {
      code: 'INPUT_INVALID',
      detail: `SQL Server Browser on ${settings.host} does not know an instance ${settings.instance} that takes TCP connections. Check the name, or enter the port of the instance instead.`,
      field: 'source.instance',
    };
  }
  return noAnswerOfInstance(settings);
}

function noAnswerOfInstance({ instance }: SqlServerSettings): Mapped {
  const port = `1434 (UDP, SQL Server Browser) or the port of the instance ${instance}`;
  return { code: 'CONNECTION_TIMED_OUT', port, field: 'source.instance' };
}

/** Errors of Entra ID begin with a code: https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes */
function entraRule(causes: Error[], { auth }: SqlServerSettings): Mapped | null {
  if (!auth.kind.startsWith('entra-')) return null;
  const text = causes.map(({ message }) => message).join('\n');
  const code = /AADSTS(\d+)/.exec(text)?.[1];
  if (code === undefined) {
    const isToken = auth.kind === 'entra-token' && causes.some((cause) => codeOf(cause) === 'EFEDAUTH');
    return isToken ? { code: 'TOKEN_INVALID', field: FIELDS.token } : null;
  }
  const detail = /AADSTS\d+: ([^\r\n]*?)(?:\. Trace ID| Trace ID|\r|\n|$)/.exec(text)?.[1] ?? `AADSTS${code}`;
  if (['50076', '50079', '50074', '53003'].includes(code)) {
    return { code: 'MFA_REQUIRED', detail, field: FIELDS.password };
  }
  if (['90002', '900023', '50020'].includes(code))
    return {
      code: 'INPUT_INVALID',
      detail: `Entra ID does not know this tenant: ${detail}.`,
      field: 'source.auth.tenantId',
    };
  if (['700016', '700038', '70001'].includes(code))
    return {
      code: 'INPUT_INVALID',
      detail: `Entra ID does not know this client id: ${detail}.`,
      field: 'source.auth.clientId',
    };
  return {
    code: 'LOGIN_FAILED',
    detail,
    field: auth.kind === 'entra-service-principal' ? FIELDS.clientSecret : FIELDS.password,
  };
}

export function serverName(settings: SqlServerSettings): string {
  return settings.instance === ''
    ? `${settings.host}:${settings.port ?? 1433}`
    : `${settings.host}\\${settings.instance}`;
}

export function userName({ auth }: SqlServerSettings): string {
  switch (auth.kind) {
    case 'sql-login':
    case 'entra-password':
      return auth.user;
    case 'ntlm':
      return `${auth.domain}\\${auth.user}`;
    case 'entra-token':
      return 'Microsoft Entra ID';
    case 'entra-service-principal':
      return `the application ${auth.clientId}`;
  }
}

function connectionFacts(settings: SqlServerSettings): ErrorFacts {
  return {
    host: settings.host,
    port: settings.instance === '' ? (settings.port ?? 1433) : settings.instance,
    server: serverName(settings),
    user: userName(settings),
    database: settings.database,
  };
}

/** The error, what it wraps and what that wraps; of several at once the first. */
function causeChain(error: unknown): Error[] {
  const chain: Error[] = [];
  const visit = (found: unknown): void => {
    if (!(found instanceof Error) || chain.includes(found)) return;
    chain.push(found);
    if (found instanceof AggregateError) found.errors.forEach(visit);
    visit(found.cause);
  };
  visit(error);
  return chain.length > 0 ? chain : [new Error(String(error))];
}

function codeOf(error: Error): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

/** The sentence for people, without the full stop that the error's own sentence brings. */
function detailOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return redact(text).replace(/\s+/g, ' ').trim().replace(/\.$/, '').slice(0, 500);
}

function rawText(error: unknown): string {
  return rawOfAll(error instanceof ServerError ? [error] : causeChain(error));
}

function rawOfAll(errors: Error[]): string {
  const lines = errors.map((error) => {
    if (error instanceof ServerError) {
      const place = error.procedure === '' ? '' : `, procedure ${error.procedure}`;
      return `Msg ${error.number}, level ${error.severity}, state ${error.state}, line ${error.line}${place}: ${error.message}`;
    }
    const code = codeOf(error);
    return code === '' ? error.message : `${code}: ${error.message}`;
  });
  return redact([...new Set(lines)].join('\n')).slice(0, 4000);
}
