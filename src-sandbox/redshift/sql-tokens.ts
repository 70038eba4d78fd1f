/** `word` is an unquoted identifier or keyword, `quoted` a "..." identifier, `string` a '...' literal, `dollar` a $tag$...$tag$ literal. */
export type SqlTokenKind = 'word' | 'quoted' | 'string' | 'dollar' | 'number' | 'parameter' | 'symbol';

export interface SqlToken {
  readonly kind: SqlTokenKind;
  /** Offsets into the statement text, end exclusive. */
  readonly start: number;
  readonly end: number;
  /** Words in lower case; quoted identifiers and literals without their quotes and escapes; everything else as written. */
  readonly value: string;
}

export interface SqlStatement {
  readonly text: string;
  /** Offsets are relative to `text`. */
  readonly tokens: readonly SqlToken[];
}

export class SqlTokenError extends Error {}

const WORD_START = /[A-Za-z_\u0080-\uffff]/;
const WORD_PART = /[A-Za-z0-9_$\u0080-\uffff]/;
const SYMBOLS = ['::', '<=', '>=', '<>', '!=', '||', ':=', '=>'];

/**
 * Splits a query string into statements at its top-level semicolons, with the tokens of each; empty statements are left out.
 * Comments are skipped (block comments nest), and a backslash in a '...' literal escapes, as in Redshift's lexer, which
 * is PostgreSQL 8.0's: https://www.postgresql.org/docs/8.0/sql-syntax.html
 * Throws SqlTokenError for a literal, identifier or comment that does not end.
 */
export function splitStatements(sql: string): SqlStatement[] {
  const statements: SqlStatement[] = [];
  let start = 0;
  let tokens: SqlToken[] = [];
  const flush = (end: number): void => {
    const offset = start;
    if (tokens.length > 0) {
      const shifted = tokens.map((token) => ({ ...token, start: token.start - offset, end: token.end - offset }));
      statements.push({ text: sql.slice(offset, end), tokens: shifted });
    }
    tokens = [];
    start = end + 1;
  };
  for (const token of tokenize(sql)) {
    if (token.kind === 'symbol' && token.value === ';') flush(token.start);
    else tokens.push(token);
  }
  flush(sql.length);
  return statements;
}

/** All tokens of a text, semicolons included. */
export function* tokenize(sql: string): Generator<SqlToken> {
  let at = 0;
  while (at < sql.length) {
    const char = sql.charAt(at);
    if (/\s/.test(char)) at += 1;
    else if (sql.startsWith('--', at)) at = endOfLine(sql, at);
    else if (sql.startsWith('/*', at)) at = endOfBlockComment(sql, at);
    else {
      const token = readToken(sql, at, char);
      yield token;
      at = token.end;
    }
  }
}

function readToken(sql: string, at: number, char: string): SqlToken {
  if (char === "'") return readString(sql, at, at);
  if ((char === 'e' || char === 'E') && sql.charAt(at + 1) === "'") return readString(sql, at, at + 1);
  if (char === '"') return readQuotedIdentifier(sql, at);
  if (char === '$') return readDollar(sql, at);
  if (WORD_START.test(char)) {
    let end = at + 1;
    while (end < sql.length && WORD_PART.test(sql.charAt(end))) end += 1;
    return { kind: 'word', start: at, end, value: sql.slice(at, end).toLowerCase() };
  }
  if (/[0-9]/.test(char) || (char === '.' && /[0-9]/.test(sql.charAt(at + 1)))) return readNumber(sql, at);
  const symbol = SYMBOLS.find((candidate) => sql.startsWith(candidate, at)) ?? char;
  return { kind: 'symbol', start: at, end: at + symbol.length, value: symbol };
}

function readString(sql: string, start: number, quote: number): SqlToken {
  let value = '';
  let at = quote + 1;
  while (at < sql.length) {
    const char = sql.charAt(at);
    if (char === "'" && sql.charAt(at + 1) === "'") {
      value += "'";
      at += 2;
    } else if (char === "'") {
      return { kind: 'string', start, end: at + 1, value };
    } else if (char === '\\' && at + 1 < sql.length) {
      const escape = readEscape(sql, at);
      value += escape.text;
      at = escape.end;
    } else {
      value += char;
      at += 1;
    }
  }
  throw new SqlTokenError('unterminated quoted string');
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

function readEscape(sql: string, at: number): { text: string; end: number } {
  const next = sql.charAt(at + 1);
  const octal = /^[0-7]{1,3}/.exec(sql.slice(at + 1, at + 4));
  if (octal) return { text: String.fromCharCode(Number.parseInt(octal[0], 8) & 255), end: at + 1 + octal[0].length };
  return { text: SIMPLE_ESCAPES[next] ?? next, end: at + 2 };
}

function readQuotedIdentifier(sql: string, start: number): SqlToken {
  let value = '';
  let at = start + 1;
  while (at < sql.length) {
    if (sql.charAt(at) !== '"') value += sql.charAt(at++);
    else if (sql.charAt(at + 1) === '"') {
      value += '"';
      at += 2;
    } else return { kind: 'quoted', start, end: at + 1, value };
  }
  throw new SqlTokenError('unterminated quoted identifier');
}

function readDollar(sql: string, start: number): SqlToken {
  const parameter = /^\$[0-9]+/.exec(sql.slice(start, start + 12));
  if (parameter) return { kind: 'parameter', start, end: start + parameter[0].length, value: parameter[0] };
  const open = /^\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/.exec(sql.slice(start, start + 130));
  if (!open) return { kind: 'symbol', start, end: start + 1, value: '$' };
  const from = start + open[0].length;
  const close = sql.indexOf(open[0], from);
  if (close < 0) throw new SqlTokenError('unterminated dollar-quoted string');
  return { kind: 'dollar', start, end: close + open[0].length, value: sql.slice(from, close) };
}

function readNumber(sql: string, start: number): SqlToken {
  const match = /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/.exec(sql.slice(start, start + 400));
  const text = match?.[0] ?? sql.charAt(start);
  return { kind: 'number', start, end: start + text.length, value: text };
}

function endOfLine(sql: string, at: number): number {
  const end = sql.indexOf('\n', at);
  return end < 0 ? sql.length : end + 1;
}

function endOfBlockComment(sql: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < sql.length) {
    if (sql.startsWith('/*', at)) {
      depth += 1;
      at += 2;
    } else if (sql.startsWith('*/', at)) {
      depth -= 1;
      at += 2;
      if (depth === 0) return at;
    } else at += 1;
  }
  throw new SqlTokenError('unterminated /* comment');
}
