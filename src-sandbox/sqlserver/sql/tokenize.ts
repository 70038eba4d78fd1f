import { syntaxErrors } from './syntax-error.ts';

/**
 * - word: an unquoted identifier or keyword; `value` in upper case, `text` as written
 * - bracketed: [...] with ]] undone; double: "..." with "" undone: a name, or a string when QUOTED_IDENTIFIER is off
 * - string and national: '...' and N'...' with '' and line continuations undone
 * - number: digits, with point and exponent as written; money: without its currency sign
 * - binary: 0x..., `value` is the digits
 * - variable: @x; global: @@X in upper case; dollar: $ACTION and the like, upper case
 */
export type TokenKind =
  | 'word'
  | 'bracketed'
  | 'double'
  | 'string'
  | 'national'
  | 'number'
  | 'money'
  | 'binary'
  | 'variable'
  | 'global'
  | 'dollar'
  | 'operator'
  | 'end';

export type Token = {
  kind: TokenKind;
  /** As error messages cite it: as written, names and strings without their quotes. */
  text: string;
  value: string;
  start: number;
  end: number;
  line: number;
};

/** Reads tokens one after the other; after the last one, kind `end` for ever. White space and comments (--, nested slash-star) are dropped. */
export type Lexer = { next(): Token };

const OPERATORS = ['::', '<=', '>=', '<>', '!=', '!<', '!>', '+=', '-=', '*=', '/=', '%=', '&=', '|=', '^='];
const SINGLE_OPERATORS = new Set('()+-*/%&|^~=<>,.;:!');
/** Signs that begin a money constant. https://learn.microsoft.com/en-us/sql/t-sql/data-types/money-and-smallmoney-transact-sql */
const CURRENCY_SIGNS = new Set('$¢£¤¥৲৳฿៛₠₡₢₣₤₥₦₧₨₩₪₫€₭₮₯₰₱﷼﹩＄￠￡￥￦');

/**
 * https://learn.microsoft.com/en-us/sql/t-sql/data-types/constants-transact-sql,
 * https://learn.microsoft.com/en-us/sql/relational-databases/databases/database-identifiers
 * @throws TsqlSyntaxError from next(): 102, 103, 105, 113, 1038
 */
export function createLexer(text: string): Lexer {
  let at = 0;
  let line = 1;

  const countLines = (from: number, to: number): void => {
    for (let found = text.indexOf('\n', from); found >= 0 && found < to; found = text.indexOf('\n', found + 1))
      line += 1;
  };

  return {
    next: () => {
      const begin = skipBlank(text, at);
      if (begin < 0) {
        countLines(at, text.length);
        throw syntaxErrors.unclosedComment(line);
      }
      countLines(at, begin);
      at = begin;
      if (at >= text.length) return { kind: 'end', text: '', value: '', start: at, end: at, line };
      const token = readToken(text, at, line);
      countLines(at, token.end);
      at = token.end;
      return token;
    },
  };
}

/** @returns where the next token begins, or -1 in a comment that does not end */
function skipBlank(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code <= 32 || code === 0xa0 || code === 0x3000 || code === 0xfeff) at += 1;
    else if (code === 45 && text.charCodeAt(at + 1) === 45) {
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end + 1;
    } else if (code === 47 && text.charCodeAt(at + 1) === 42) {
      at = skipComment(text, at);
      if (at < 0) return -1;
    } else return at;
  }
}

/** Comments nest. https://learn.microsoft.com/en-us/sql/t-sql/language-elements/slash-star-comment-transact-sql */
function skipComment(text: string, from: number): number {
  let depth = 0;
  let at = from;
  while (at < text.length) {
    if (text.startsWith('/*', at)) {
      depth += 1;
      at += 2;
    } else if (text.startsWith('*/', at)) {
      depth -= 1;
      at += 2;
      if (depth === 0) return at;
    } else at += 1;
  }
  return -1;
}

function readToken(text: string, at: number, line: number): Token {
  const c = text[at] ?? '';
  if ((c === 'N' || c === 'n') && text[at + 1] === "'") return readString(text, at, line);
  if (isIdentifierStart(c)) return readWord(text, at, line);
  if (c === "'") return readString(text, at, line);
  if (c === '[') return readQuoted({ text, at, line, close: ']', kind: 'bracketed' });
  if (c === '"') return readQuoted({ text, at, line, close: '"', kind: 'double' });
  if (c === '0' && (text[at + 1] === 'x' || text[at + 1] === 'X')) return readBinary(text, at, line);
  if (isDigit(c) || (c === '.' && isDigit(text[at + 1] ?? ''))) return readNumber(text, at, line);
  if (CURRENCY_SIGNS.has(c)) return readDollar(text, at, line);
  for (const operator of OPERATORS) {
    if (text.startsWith(operator, at)) return made('operator', operator, { at, end: at + operator.length, line });
  }
  if (SINGLE_OPERATORS.has(c)) return made('operator', c, { at, end: at + 1, line });
  throw syntaxErrors.near(line, String.fromCodePoint(text.codePointAt(at) ?? 0));
}

type Place = { at: number; end: number; line: number };

function made(kind: TokenKind, value: string, place: Place, text = value): Token {
  return { kind, text, value, start: place.at, end: place.end, line: place.line };
}

function isDigit(c: string): boolean {
  return c >= '0' && c <= '9' && c.length === 1;
}

function isIdentifierStart(c: string): boolean {
  if (c < '\u0080') return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c === '_' || c === '@' || c === '#';
  return /^\p{L}$/u.test(c);
}

function isIdentifierPart(c: string): boolean {
  if (c === '') return false;
  if (c < '\u0080') return isIdentifierStart(c) || isDigit(c) || c === '$';
  return /^[\p{L}\p{Nd}\p{Mn}\p{Mc}\p{Pc}\p{Cf}]$/u.test(c);
}

function readWord(text: string, at: number, line: number): Token {
  let end = at + 1;
  while (isIdentifierPart(text[end] ?? '')) end += 1;
  const word = text.slice(at, end);
  if (word.length > 128) throw syntaxErrors.tooLong(line, word.slice(0, 128));
  const place = { at, end, line };
  if (word.startsWith('@@')) return made('global', word.toUpperCase(), place, word);
  if (word.startsWith('@')) return made('variable', word, place);
  return made('word', word.toUpperCase(), place, word);
}

function readString(text: string, at: number, line: number): Token {
  const national = text[at] !== "'";
  const begin = national ? at + 2 : at + 1;
  let end = begin;
  for (;;) {
    const close = text.indexOf("'", end);
    if (close < 0) throw syntaxErrors.unclosedQuote(line, undoubled(text.slice(begin), "'"));
    end = close + 1;
    if (text[end] !== "'") break;
    end += 1;
  }
  const value = joinedLines(undoubled(text.slice(begin, end - 1), "'"));
  return made(national ? 'national' : 'string', value, { at, end, line });
}

function undoubled(inner: string, quote: string): string {
  return inner.includes(quote) ? inner.replaceAll(quote + quote, quote) : inner;
}

/** A backslash before a line's end continues a constant. https://learn.microsoft.com/en-us/sql/t-sql/language-elements/sql-server-utilities-statements-backslash */
function joinedLines(value: string): string {
  return value.includes('\\') ? value.replace(/\\\r?\n/g, '') : value;
}

function readQuoted(from: { text: string; at: number; line: number; close: string; kind: TokenKind }): Token {
  const { text, at, line, close, kind } = from;
  let end = at + 1;
  for (;;) {
    const found = text.indexOf(close, end);
    if (found < 0) throw syntaxErrors.unclosedQuote(line, undoubled(text.slice(at + 1), close));
    end = found + 1;
    if (text[end] !== close) break;
    end += 1;
  }
  const value = undoubled(text.slice(at + 1, end - 1), close);
  if (kind === 'bracketed') checkName(value, line);
  return made(kind, value, { at, end, line });
}

/** @throws TsqlSyntaxError 1038 for an empty name, 103 above 128 characters (UTF-16 code units, as sysname counts) */
export function checkName(name: string, line: number): void {
  if (name === '') throw syntaxErrors.emptyName(line);
  if (name.length > 128) throw syntaxErrors.tooLong(line, name.slice(0, 128));
}

function readBinary(text: string, at: number, line: number): Token {
  let end = at + 2;
  for (;;) {
    if (/^[0-9a-fA-F]$/.test(text[end] ?? '')) end += 1;
    else if (text[end] === '\\' && text[end + 1] === '\n') end += 2;
    else if (text[end] === '\\' && text[end + 1] === '\r' && text[end + 2] === '\n') end += 3;
    else break;
  }
  const digits = joinedLines(text.slice(at + 2, end));
  return made('binary', digits, { at, end, line }, text.slice(at, end));
}

function readNumber(text: string, at: number, line: number): Token {
  let end = digitsEnd(text, at);
  if (text[end] === '.') end = digitsEnd(text, end + 1);
  if (text[end] === 'e' || text[end] === 'E') {
    end += 1;
    if ((text[end] === '+' || text[end] === '-') && isDigit(text[end + 1] ?? '')) end += 1;
    end = digitsEnd(text, end);
  }
  return made('number', text.slice(at, end), { at, end, line });
}

function digitsEnd(text: string, from: number): number {
  let end = from;
  while (isDigit(text[end] ?? '')) end += 1;
  return end;
}

function readDollar(text: string, at: number, line: number): Token {
  const next = text[at + 1] ?? '';
  if (text[at] === '$' && isIdentifierStart(next) && next !== '@' && next !== '#') {
    const word = readWord(text, at + 1, line);
    return made('dollar', `$${word.value}`, { at, end: word.end, line }, `$${word.text}`);
  }
  let end = digitsEnd(text, at + 1);
  if (text[end] === '.') end = digitsEnd(text, end + 1);
  return made('money', text.slice(at + 1, end), { at, end, line }, text.slice(at, end));
}
