import { errors, type ErrorPlace, SnowflakeError } from '../errors.ts';

/**
 * - word: an unquoted identifier or keyword; `value` is folded to upper case
 * - quoted: "..." with "" undone
 * - string: '...' or $$...$$, escapes undone
 * - number: text as written
 * - stage: @stage/path as written, with the @ (`@~`, `@%t`, `@"A b".s/x`); ends at white space, comma, parenthesis, semicolon
 * - file: file://... as written; ends at white space or a quote
 * - position: $1, value '1'; variable: $name
 * - bind: ? or :1
 */
export type TokenKind =
  'word' | 'quoted' | 'string' | 'number' | 'operator' | 'stage' | 'file' | 'position' | 'variable' | 'bind' | 'end';

export interface Token {
  kind: TokenKind;
  text: string;
  value: string;
  start: number;
  end: number;
  line: number;
  /** Characters since the line's start, from 0. */
  position: number;
}

const OPERATORS = ['<=>', '->>', '::', ':=', '=>', '->', '<=', '>=', '<>', '!=', '||', '**'];
const SINGLE = new Set('()[]{},.;:+-*/%=<>!|&^~');

/**
 * Cuts Snowflake SQL into tokens; white space and comments (--, //, slash-star) are dropped. The last token is of kind `end`.
 * https://docs.snowflake.com/en/sql-reference/identifiers-syntax, .../data-types-text (escape sequences)
 * @throws SnowflakeError 001003 for an unclosed quote or a character that cannot start a token
 */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  let lineStart = 0;

  const place = (index: number): ErrorPlace => ({ line, position: index - lineStart });
  const advanceLines = (from: number, to: number): void => {
    for (let i = from; i < to; i += 1) {
      if (sql.charCodeAt(i) === 10) {
        line += 1;
        lineStart = i + 1;
      }
    }
  };
  const push = (kind: TokenKind, end: number, value: string): void => {
    tokens.push({ kind, text: sql.slice(at, end), value, start: at, end, ...place(at) });
    advanceLines(at, end);
    at = end;
  };

  while (at < sql.length) {
    const skipped = skipBlank(sql, at);
    if (skipped === -1) throw unclosed(sql, at, place(at));
    if (skipped > at) {
      advanceLines(at, skipped);
      at = skipped;
      continue;
    }
    const found = readToken(sql, at, tokens[tokens.length - 1]);
    if (!found) throw errors.syntax(sql[at] ?? '', place(at));
    if (found.end === -1) throw unclosed(sql, at, place(at));
    push(found.kind, found.end, found.value);
  }
  tokens.push({ kind: 'end', text: '', value: '<EOF>', start: at, end: at, ...place(at) });
  return tokens;
}

function unclosed(sql: string, at: number, place: ErrorPlace): SnowflakeError {
  return new SnowflakeError(
    '001003',
    '42000',
    `SQL compilation error:\nparse error line ${place.line} at position ${sql.length - at + place.position} near '<EOF>'.`,
    place,
  );
}

function skipBlank(sql: string, at: number): number {
  const c = sql[at] ?? '';
  if (/\s/u.test(c) || c === '\uFEFF') return at + 1;
  if (sql.startsWith('--', at) || sql.startsWith('//', at)) {
    const end = sql.indexOf('\n', at);
    return end < 0 ? sql.length : end;
  }
  if (sql.startsWith('/*', at)) {
    const end = sql.indexOf('*/', at + 2);
    return end < 0 ? -1 : end + 2;
  }
  return at;
}

interface Found {
  kind: TokenKind;
  /** -1: not closed. */
  end: number;
  value: string;
}

function readToken(sql: string, at: number, previous: Token | undefined): Found | undefined {
  const c = sql[at] ?? '';
  if (/[A-Za-z_\u0080-\u{10FFFF}]/u.test(c)) return readWord(sql, at);
  if (/[0-9]/.test(c) || (c === '.' && /[0-9]/.test(sql[at + 1] ?? '') && !touches(previous, at)))
    return readNumber(sql, at);
  if (c === "'") return readString(sql, at);
  if (c === '"') return readQuoted(sql, at);
  if (sql.startsWith('$$', at)) {
    const end = sql.indexOf('$$', at + 2);
    return { kind: 'string', end: end < 0 ? -1 : end + 2, value: end < 0 ? '' : sql.slice(at + 2, end) };
  }
  if (c === '$') {
    const match = /\$(\d+|[A-Za-z_][A-Za-z0-9_$]*)/y;
    match.lastIndex = at;
    const found = match.exec(sql);
    if (!found) return undefined;
    const name = found[1] ?? '';
    return { kind: /^\d/.test(name) ? 'position' : 'variable', end: match.lastIndex, value: name.toUpperCase() };
  }
  if (c === '@') return readStage(sql, at);
  if (c === '?') return { kind: 'bind', end: at + 1, value: '' };
  for (const operator of OPERATORS) {
    if (sql.startsWith(operator, at)) return { kind: 'operator', end: at + operator.length, value: operator };
  }
  return SINGLE.has(c) ? { kind: 'operator', end: at + 1, value: c } : undefined;
}

/** `t.1` and `a[0].5`: a dot right after a name or bracket is a path, not the start of a number. */
function touches(previous: Token | undefined, at: number): boolean {
  return previous !== undefined && previous.end === at && (previous.kind !== 'operator' || previous.value === ']');
}

function readWord(sql: string, at: number): Found {
  if (/^file:\/\//i.test(sql.slice(at, at + 7))) {
    let end = at + 7;
    while (end < sql.length && !/[\s'";]/.test(sql[end] ?? '')) end += 1;
    return { kind: 'file', end, value: sql.slice(at, end) };
  }
  const match = /[A-Za-z_\u0080-\u{10FFFF}][A-Za-z0-9_$\u0080-\u{10FFFF}]*/uy;
  match.lastIndex = at;
  const word = match.exec(sql)?.[0] ?? '';
  return { kind: 'word', end: at + word.length, value: word.toUpperCase() };
}

function readNumber(sql: string, at: number): Found {
  const match = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
  match.lastIndex = at;
  const text = match.exec(sql)?.[0] ?? '';
  return { kind: 'number', end: at + text.length, value: text };
}

function readQuoted(sql: string, at: number): Found {
  let end = at + 1;
  let value = '';
  for (;;) {
    const next = sql.indexOf('"', end);
    if (next < 0) return { kind: 'quoted', end: -1, value: '' };
    value += sql.slice(end, next);
    if (sql[next + 1] !== '"') return { kind: 'quoted', end: next + 1, value };
    value += '"';
    end = next + 2;
  }
}

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '0': '\0' };

/** @returns the value with '' and backslash escapes undone; an unknown escape drops its backslash, as documented */
function readString(sql: string, at: number): Found {
  let value = '';
  let i = at + 1;
  while (i < sql.length) {
    const c = sql[i] ?? '';
    if (c === "'") {
      if (sql[i + 1] !== "'") return { kind: 'string', end: i + 1, value };
      value += "'";
      i += 2;
    } else if (c === '\\' && i + 1 < sql.length) {
      const [text, used] = readEscape(sql, i + 1);
      value += text;
      i += 1 + used;
    } else {
      value += c;
      i += 1;
    }
  }
  return { kind: 'string', end: -1, value };
}

function readEscape(sql: string, at: number): [string, number] {
  const c = sql[at] ?? '';
  const octal = /^[0-7]{3}/.exec(sql.slice(at, at + 3))?.[0];
  if (octal) return [String.fromCharCode(parseInt(octal, 8)), 3];
  const hex = /^x([0-9a-fA-F]{2})/.exec(sql.slice(at, at + 3))?.[1];
  if (hex) return [String.fromCharCode(parseInt(hex, 16)), 3];
  const unicode = /^u([0-9a-fA-F]{4})/.exec(sql.slice(at, at + 5))?.[1];
  if (unicode) return [String.fromCharCode(parseInt(unicode, 16)), 5];
  return [ESCAPES[c] ?? c, 1];
}

function readStage(sql: string, at: number): Found {
  let end = at + 1;
  while (end < sql.length) {
    const c = sql[end] ?? '';
    if (c === '"') {
      const quoted = readQuoted(sql, end);
      if (quoted.end === -1) return { kind: 'stage', end: -1, value: '' };
      end = quoted.end;
    } else if (/[\s,;()'\uFEFF]/.test(c)) break;
    else end += 1;
  }
  return { kind: 'stage', end, value: sql.slice(at, end) };
}
