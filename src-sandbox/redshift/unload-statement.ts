import { SqlTokenError, splitStatements } from './sql-tokens.ts';
import type { SqlStatement, SqlToken } from './sql-tokens.ts';
import { RedshiftError } from './wire.ts';

export type UnloadFormat = 'text' | 'csv' | 'json' | 'parquet';

export type UnloadAuthorization =
  | { readonly kind: 'default-role' }
  /** One role, or a chain in which each role is assumed by the one before it. */
  | { readonly kind: 'roles'; readonly arns: readonly string[] }
  | {
      readonly kind: 'keys';
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      readonly sessionToken?: string;
    };

/** An UNLOAD as written, checked as far as the statement alone allows. */
export interface UnloadStatement {
  readonly select: string;
  readonly bucket: string;
  /** The key prefix without the bucket; may be empty. */
  readonly prefix: string;
  readonly authorization: UnloadAuthorization;
  readonly format: UnloadFormat;
  readonly manifest: 'none' | 'plain' | 'verbose';
  readonly header: boolean;
  /** One character; the format's default when absent. */
  readonly delimiter?: string;
  readonly fixedWidth?: readonly { readonly name: string; readonly width: number }[];
  readonly addQuotes: boolean;
  readonly escape: boolean;
  readonly nullAs?: string;
  readonly compression: 'none' | 'gzip' | 'bzip2' | 'zstd';
  readonly encryption: 'sse-s3' | 'sse-kms' | 'bucket-default' | 'client-side';
  readonly kmsKeyId?: string;
  readonly allowOverwrite: boolean;
  readonly cleanPath: boolean;
  readonly parallel: boolean;
  /** Bytes; 6.2 GB when not given. Not yet rounded for Parquet. */
  readonly maxFileBytes: number;
  readonly rowGroupBytes: number;
  readonly region?: string;
  readonly extension?: string;
  readonly partitionBy: readonly string[];
  readonly includePartitionColumns: boolean;
}

const MB = 1024 * 1024;
const GB = 1024 * MB;
export const DEFAULT_MAX_FILE_BYTES = Math.floor(6.2 * GB);

interface Draft {
  select?: string;
  target?: string;
  roles?: string;
  isDefaultRole?: boolean;
  accessKeyId?: string;
  secretAccessKey?: string;
  sessionToken?: string;
  credentials?: string;
  values: Map<string, string>;
  flags: Set<string>;
  maxFileBytes?: number;
  rowGroupBytes?: number;
  partitionBy?: string[];
}

/**
 * Parses UNLOAD as https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html documents it, options in any order.
 * Throws RedshiftError for what Redshift refuses on sight: bad syntax, options that exclude each other, sizes out of range,
 * an outer LIMIT.
 */
export function parseUnload(statement: SqlStatement): UnloadStatement {
  const draft = readClauses(statement);
  const { bucket, prefix } = readTarget(draft.target ?? '');
  checkSelect(draft.select ?? '');
  const format = readFormat(draft.flags);
  checkConflicts(draft, format);
  const delimiter = draft.values.get('delimiter');
  const fixedWidth = draft.values.get('fixedwidth');
  const kmsKeyId = draft.values.get('kms_key_id');
  return {
    select: draft.select ?? '',
    bucket,
    prefix,
    authorization: readAuthorization(draft),
    format,
    manifest: draft.flags.has('manifest verbose') ? 'verbose' : draft.flags.has('manifest') ? 'plain' : 'none',
    header: draft.flags.has('header'),
    ...(delimiter === undefined ? {} : { delimiter: readDelimiter(delimiter) }),
    ...(fixedWidth === undefined ? {} : { fixedWidth: readFixedWidth(fixedWidth) }),
    addQuotes: draft.flags.has('addquotes'),
    escape: draft.flags.has('escape'),
    ...optional('nullAs', draft.values.get('null')),
    compression: (['gzip', 'bzip2', 'zstd'] as const).find((name) => draft.flags.has(name)) ?? 'none',
    encryption: readEncryption(draft),
    ...optional('kmsKeyId', kmsKeyId),
    allowOverwrite: draft.flags.has('allowoverwrite'),
    cleanPath: draft.flags.has('cleanpath'),
    parallel: !draft.flags.has('parallel off'),
    maxFileBytes: draft.maxFileBytes ?? DEFAULT_MAX_FILE_BYTES,
    rowGroupBytes: draft.rowGroupBytes ?? 32 * MB,
    ...optional('region', draft.values.get('region')),
    ...optional('extension', draft.values.get('extension')),
    partitionBy: draft.partitionBy ?? [],
    includePartitionColumns: draft.flags.has('include'),
  };
}

function optional<Key extends string>(key: Key, value: string | undefined): Partial<Record<Key, string>> {
  return value === undefined ? {} : ({ [key]: value } as Partial<Record<Key, string>>);
}

class TokenCursor {
  private index = 0;
  private readonly statement: SqlStatement;

  constructor(statement: SqlStatement) {
    this.statement = statement;
  }

  get next(): SqlToken | undefined {
    return this.statement.tokens[this.index];
  }

  isAtEnd(): boolean {
    return this.next === undefined;
  }

  takeWord(...words: string[]): string | undefined {
    const token = this.next;
    if (token?.kind !== 'word' || !words.includes(token.value)) return undefined;
    this.index += 1;
    return token.value;
  }

  expectWord(word: string): void {
    if (this.takeWord(word) === undefined) this.fail();
  }

  takeSymbol(symbol: string): boolean {
    if (this.next?.kind !== 'symbol' || this.next.value !== symbol) return false;
    this.index += 1;
    return true;
  }

  expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) this.fail();
  }

  expectText(): string {
    const token = this.next;
    if (token?.kind !== 'string' && token?.kind !== 'dollar') return this.fail();
    this.index += 1;
    return token.value;
  }

  expectNumber(): string {
    const token = this.next;
    if (token?.kind !== 'number') return this.fail();
    this.index += 1;
    return token.value;
  }

  expectIdentifier(): string {
    const token = this.next;
    if (token?.kind !== 'word' && token?.kind !== 'quoted') return this.fail();
    this.index += 1;
    return token.value;
  }

  fail(): never {
    const token = this.next;
    if (token === undefined) throw new RedshiftError({ code: '42601', message: 'syntax error at end of input' });
    const written = this.statement.text.slice(token.start, token.end);
    throw new RedshiftError({ code: '42601', message: `syntax error at or near "${written}"` });
  }
}

function readClauses(statement: SqlStatement): Draft {
  const cursor = new TokenCursor(statement);
  const draft: Draft = { values: new Map(), flags: new Set() };
  cursor.expectWord('unload');
  cursor.expectSymbol('(');
  draft.select = cursor.expectText();
  cursor.expectSymbol(')');
  cursor.expectWord('to');
  draft.target = cursor.expectText();
  while (!cursor.isAtEnd()) {
    if (!readAuthorizationClause(cursor, draft) && !readSizeClause(cursor, draft) && !readOption(cursor, draft))
      cursor.fail();
  }
  return draft;
}

function readAuthorizationClause(cursor: TokenCursor, draft: Draft): boolean {
  const take = (key: 'accessKeyId' | 'secretAccessKey' | 'sessionToken' | 'credentials'): true => {
    cursor.takeWord('as');
    if (draft[key] !== undefined) throw redundant();
    draft[key] = cursor.expectText();
    return true;
  };
  if (cursor.takeWord('iam_role')) {
    if (draft.roles !== undefined || draft.isDefaultRole) throw redundant();
    if (cursor.takeWord('default')) draft.isDefaultRole = true;
    else draft.roles = cursor.expectText();
    return true;
  }
  if (cursor.takeWord('with')) {
    cursor.expectWord('credentials');
    return take('credentials');
  }
  if (cursor.takeWord('credentials')) return take('credentials');
  if (cursor.takeWord('access_key_id')) return take('accessKeyId');
  if (cursor.takeWord('secret_access_key')) return take('secretAccessKey');
  if (cursor.takeWord('session_token')) return take('sessionToken');
  return false;
}

function readSizeClause(cursor: TokenCursor, draft: Draft): boolean {
  const word = cursor.takeWord('maxfilesize', 'rowgroupsize');
  if (word === undefined) return false;
  cursor.takeWord('as');
  const number = cursor.expectNumber();
  const unit = cursor.takeWord('mb', 'gb') === 'gb' ? GB : MB;
  const bytes = Math.floor(Number(number) * unit);
  if (word === 'maxfilesize') {
    if (draft.maxFileBytes !== undefined) throw redundant();
    if (bytes < 5 * MB || bytes > DEFAULT_MAX_FILE_BYTES) {
      throw refuse('22023', 'MAXFILESIZE must be between 5 MB and 6.2 GB');
    }
    draft.maxFileBytes = bytes;
    return true;
  }
  if (draft.rowGroupBytes !== undefined) throw redundant();
  if (!/^[0-9]+$/.test(number) || bytes < 32 * MB || bytes > 128 * MB) {
    throw refuse('22023', 'ROWGROUPSIZE must be an integer value between 32 MB and 128 MB');
  }
  draft.rowGroupBytes = bytes;
  return true;
}

const FLAGS = ['header', 'bzip2', 'gzip', 'zstd', 'addquotes', 'escape', 'allowoverwrite', 'cleanpath'];
const VALUES = ['delimiter', 'fixedwidth', 'null', 'region', 'extension', 'kms_key_id', 'master_symmetric_key'];
const FORMATS = ['csv', 'parquet', 'json'];

function readOption(cursor: TokenCursor, draft: Draft): boolean {
  const flag = (name: string): true => {
    if (draft.flags.has(name)) throw redundant();
    draft.flags.add(name);
    return true;
  };
  const value = cursor.takeWord(...VALUES);
  if (value !== undefined) {
    cursor.takeWord('as');
    if (draft.values.has(value)) throw redundant();
    draft.values.set(value, cursor.expectText());
    return true;
  }
  const simple = cursor.takeWord(...FLAGS);
  if (simple !== undefined) return flag(simple);
  if (cursor.takeWord('format')) {
    cursor.takeWord('as');
    const format = cursor.takeWord(...FORMATS);
    return format === undefined ? cursor.fail() : flag(format);
  }
  const format = cursor.takeWord(...FORMATS);
  if (format !== undefined) return flag(format);
  if (cursor.takeWord('manifest')) {
    flag('manifest');
    return cursor.takeWord('verbose') ? flag('manifest verbose') : true;
  }
  if (cursor.takeWord('encrypted')) {
    flag('encrypted');
    return cursor.takeWord('auto') ? flag('encrypted auto') : true;
  }
  if (cursor.takeWord('parallel')) {
    flag('parallel');
    return cursor.takeWord('off', 'false') ? flag('parallel off') : (cursor.takeWord('on', 'true'), true);
  }
  if (cursor.takeWord('partition')) return readPartitionBy(cursor, draft, flag);
  return false;
}

function readPartitionBy(cursor: TokenCursor, draft: Draft, flag: (name: string) => true): true {
  cursor.expectWord('by');
  if (draft.partitionBy !== undefined) throw redundant();
  cursor.expectSymbol('(');
  draft.partitionBy = [cursor.expectIdentifier()];
  while (cursor.takeSymbol(',')) draft.partitionBy.push(cursor.expectIdentifier());
  cursor.expectSymbol(')');
  return cursor.takeWord('include') ? flag('include') : true;
}

function readTarget(target: string): { bucket: string; prefix: string } {
  const match = /^s3:\/\/([^/]+)(?:\/([\s\S]*))?$/i.exec(target);
  const bucket = match?.[1] ?? '';
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw refuse('22023', `Invalid S3 URI "${target}": the TO clause takes 's3://object-path/name-prefix'`);
  }
  if (bucket.endsWith('-s3alias')) throw refuse('0A000', "UNLOAD doesn't support Amazon S3 access point aliases");
  return { bucket, prefix: match?.[2] ?? '' };
}

/** "The SELECT query can't use a LIMIT clause in the outer SELECT"; TOP is refused for the same reason. */
function checkSelect(select: string): void {
  let statements: SqlStatement[];
  try {
    statements = splitStatements(select);
  } catch (error) {
    if (error instanceof SqlTokenError) throw refuse('42601', error.message);
    throw error;
  }
  const [only] = statements;
  if (only === undefined) throw refuse('42601', 'syntax error at end of input');
  if (statements.length > 1 || select.trimEnd().endsWith(';')) throw refuse('42601', 'syntax error at or near ";"');
  const first = only.tokens.find((token) => token.value !== '(');
  if (first?.kind !== 'word' || (first.value !== 'select' && first.value !== 'with')) {
    const written = first === undefined ? '' : only.text.slice(first.start, first.end);
    throw refuse('42601', `syntax error at or near "${written}"`);
  }
  if (hasOuterLimit(only.tokens)) throw refuse('0A000', 'Limit clause is not supported');
}

function hasOuterLimit(tokens: readonly SqlToken[]): boolean {
  let depth = 0;
  let previous: SqlToken | undefined;
  for (const token of tokens) {
    if (token.kind === 'symbol' && token.value === '(') depth += 1;
    else if (token.kind === 'symbol' && token.value === ')') depth -= 1;
    else if (depth === 0 && token.kind === 'word' && previous?.value !== '.') {
      if (token.value === 'limit') return true;
      if (token.value === 'top' && previous?.kind === 'word' && previous.value === 'select') return true;
    }
    previous = token;
  }
  return false;
}

function readFormat(flags: ReadonlySet<string>): UnloadFormat {
  const formats = (['csv', 'parquet', 'json'] as const).filter((name) => flags.has(name));
  if (formats.length > 1) throw refuse('42601', 'conflicting or redundant options');
  return formats[0] ?? 'text';
}

function checkConflicts(draft: Draft, format: UnloadFormat): void {
  const given = (name: string): boolean => draft.flags.has(name) || draft.values.has(name);
  const exclude = (name: string, others: readonly string[]): void => {
    const other = others.find(given);
    if (other !== undefined) throw refuse('0A000', `${optionName(other)} is not supported for UNLOAD with ${name}`);
  };
  if (format === 'parquet') {
    exclude('PARQUET', ['delimiter', 'fixedwidth', 'addquotes', 'escape', 'null', 'header', 'gzip', 'bzip2', 'zstd']);
    if (given('encrypted') && !given('encrypted auto') && !given('kms_key_id')) {
      throw refuse('0A000', 'UNLOAD with PARQUET and ENCRYPTED is only supported with KMS_KEY_ID (SSE-KMS)');
    }
  }
  if (format === 'json') exclude('JSON', ['delimiter', 'header', 'fixedwidth', 'addquotes', 'escape', 'null']);
  if (format === 'csv') exclude('CSV', ['fixedwidth', 'addquotes']);
  if (given('fixedwidth')) exclude('FIXEDWIDTH', ['delimiter', 'header']);
  if (given('cleanpath')) exclude('CLEANPATH', ['allowoverwrite']);
  if (draft.rowGroupBytes !== undefined && format !== 'parquet')
    throw refuse('0A000', 'ROWGROUPSIZE is only supported for UNLOAD with PARQUET');
  if (['gzip', 'bzip2', 'zstd'].filter(given).length > 1) throw redundant();
  if ((given('kms_key_id') || given('master_symmetric_key')) && !given('encrypted')) {
    throw refuse(
      '42601',
      `${given('kms_key_id') ? 'KMS_KEY_ID' : 'MASTER_SYMMETRIC_KEY'} requires the ENCRYPTED option`,
    );
  }
  if (given('encrypted auto')) exclude('ENCRYPTED AUTO', ['kms_key_id', 'master_symmetric_key']);
  if (given('kms_key_id')) exclude('KMS_KEY_ID', ['master_symmetric_key']);
  if (draft.credentials !== undefined) {
    const isRole = /(^|;)\s*aws_iam_role\s*=/i.test(draft.credentials);
    if (given('kms_key_id')) throw refuse('0A000', "KMS_KEY_ID can't be used with the CREDENTIALS parameter");
    if (given('master_symmetric_key') && !isRole)
      throw refuse('0A000', "MASTER_SYMMETRIC_KEY can't be used with the CREDENTIALS parameter");
  }
  if ((draft.values.get('extension') ?? '').startsWith('/')) throw refuse('22023', 'Invalid EXTENSION');
}

function readAuthorization(draft: Draft): UnloadAuthorization {
  const ways = [
    draft.isDefaultRole === true || draft.roles !== undefined,
    draft.credentials !== undefined,
    draft.accessKeyId !== undefined || draft.secretAccessKey !== undefined || draft.sessionToken !== undefined,
  ].filter(Boolean).length;
  if (ways === 0)
    throw refuse(
      '42601',
      'No authorization method specified: use IAM_ROLE, ACCESS_KEY_ID and SECRET_ACCESS_KEY, or CREDENTIALS',
    );
  if (ways > 1)
    throw refuse('42601', 'Only one of IAM_ROLE, ACCESS_KEY_ID and SECRET_ACCESS_KEY, or CREDENTIALS can be specified');
  if (draft.isDefaultRole) return { kind: 'default-role' };
  if (draft.roles !== undefined) return readRoles(draft.roles);
  if (draft.credentials !== undefined) return readCredentials(draft.credentials);
  return toKeys({ id: draft.accessKeyId, secret: draft.secretAccessKey, token: draft.sessionToken });
}

function readRoles(text: string): UnloadAuthorization {
  if (text.trim().toLowerCase() === 'default') return { kind: 'default-role' };
  const arns = text.split(',');
  for (const arn of arns) {
    if (!/^arn:aws[a-z-]*:iam::[0-9]{12,13}:role\/[\w+=,.@/-]+$/.test(arn)) {
      throw refuse(
        '22023',
        `Invalid IAM role ARN "${arn}": role ARNs in a chain are separated by commas, without spaces`,
      );
    }
  }
  return { kind: 'roles', arns };
}

function readCredentials(text: string): UnloadAuthorization {
  const pairs = new Map<string, string>();
  for (const part of text.split(';')) {
    const at = part.indexOf('=');
    if (at > 0) pairs.set(part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim());
  }
  if (pairs.has('master_symmetric_key')) throw clientSideEncryption();
  const role = pairs.get('aws_iam_role');
  if (role !== undefined) return readRoles(role);
  return toKeys({
    id: pairs.get('aws_access_key_id'),
    secret: pairs.get('aws_secret_access_key'),
    token: pairs.get('token'),
  });
}

function toKeys(keys: {
  id: string | undefined;
  secret: string | undefined;
  token: string | undefined;
}): UnloadAuthorization {
  if (!keys.id || !keys.secret) {
    throw refuse(
      'XX000',
      "Invalid credentials. Must be of the format: credentials 'aws_iam_role=...' or 'aws_access_key_id=...;aws_secret_access_key=...[;token=...]'",
    );
  }
  return {
    kind: 'keys',
    accessKeyId: keys.id,
    secretAccessKey: keys.secret,
    ...(keys.token === undefined ? {} : { sessionToken: keys.token }),
  };
}

function readEncryption(draft: Draft): UnloadStatement['encryption'] {
  if (draft.values.has('kms_key_id')) return 'sse-kms';
  if (draft.flags.has('encrypted auto')) return 'bucket-default';
  if (draft.flags.has('encrypted')) {
    if (draft.values.has('master_symmetric_key')) throw clientSideEncryption();
    throw refuse('42601', 'ENCRYPTED requires KMS_KEY_ID, MASTER_SYMMETRIC_KEY or AUTO');
  }
  return 'sse-s3';
}

function clientSideEncryption(): RedshiftError {
  return refuse('0A000', 'Client-side encryption (MASTER_SYMMETRIC_KEY) is not available in the practice environment');
}

function readDelimiter(text: string): string {
  if (text.length !== 1 || text.charCodeAt(0) > 127)
    throw refuse('0A000', 'UNLOAD delimiter must be a single ASCII character');
  return text;
}

function readFixedWidth(text: string): { name: string; width: number }[] {
  return text.split(',').map((part) => {
    const match = /^\s*(.+?)\s*:\s*([0-9]+)\s*$/.exec(part);
    if (!match) throw refuse('22023', `Invalid FIXEDWIDTH specification near "${part}"`);
    return { name: match[1] ?? '', width: Number(match[2]) };
  });
}

function optionName(name: string): string {
  return name === 'null' ? 'NULL AS' : name.toUpperCase();
}

function redundant(): RedshiftError {
  return refuse('42601', 'conflicting or redundant options');
}

function refuse(code: string, text: string): RedshiftError {
  return new RedshiftError({ code, message: text });
}
