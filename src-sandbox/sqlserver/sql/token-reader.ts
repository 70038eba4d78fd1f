import type { Identifier, Located, ObjectName, Position } from './ast.ts';
import { RESERVED_WORDS } from './reserved-words.ts';
import { syntaxErrors, type TsqlSyntaxError } from './syntax-error.ts';
import { checkName, createLexer, type Token } from './tokenize.ts';

/** A cursor over the tokens of one batch. Words are given in upper case. */
export type TokenReader = {
  readonly text: string;
  peek(ahead?: number): Token;
  next(): Token;
  position(): Position;
  /** The node with its place: from `at` to the end of the last token read. */
  located<T extends object>(node: T, at: Position): T & Located;
  /** Offset behind the last token read. */
  lastEnd(): number;
  /** The last token read, as error messages cite it. */
  lastText(): string;
  atEnd(): boolean;
  /** Whether the next tokens are these unquoted words. */
  isWords(...words: string[]): boolean;
  isOneOf(words: readonly string[]): boolean;
  acceptWords(...words: string[]): boolean;
  expectWords(...words: string[]): void;
  /** Reads one of these words. */
  oneOf<const W extends string>(words: readonly W[]): W;
  isOperator(operator: string, ahead?: number): boolean;
  acceptOperator(operator: string): boolean;
  expectOperator(operator: string): void;
  /** Whether the next token can be a name: no reserved word, and no "..." while QUOTED_IDENTIFIER is off. */
  isIdentifier(ahead?: number): boolean;
  identifier(): Identifier;
  /** A name that may be a reserved word too: type names, methods, permissions, filegroups. */
  anyIdentifier(): Identifier;
  objectName(maximumPrefixes?: number): ObjectName;
  /** Whether the next token is a string: '...', N'...', or "..." while QUOTED_IDENTIFIER is off. */
  isString(ahead?: number): boolean;
  /** A string's value. */
  string(): string;
  /** An integer without a sign. */
  integer(): number;
  variable(): string;
  /** `(item, item, ...)`. */
  list<T>(item: () => T): T[];
  /** `item, item, ...`. */
  commaSeparated<T>(item: () => T): T[];
  /** What is between the parentheses of `( ... )`. */
  parenthesized<T>(inner: () => T): T;
  /** Counts nesting; @throws TsqlSyntaxError 191 when it is too deep */
  nested<T>(inner: () => T): T;
  /** What the grammar says of the next token: 102 or 156; at the end of the text it cites the last token, as the vendor does. */
  unexpected(token?: Token): TsqlSyntaxError;
  quotedIdentifier: boolean;
};

/** Levels of parentheses, subqueries and blocks: bounded by the stack of whoever walks the tree. */
const MAXIMUM_DEPTH = 200;

/** `quotedIdentifier`: the session's QUOTED_IDENTIFIER when the batch begins; the parser changes it where the batch does. */
export function createTokenReader(text: string, options: { quotedIdentifier: boolean }): TokenReader {
  const lexer = createLexer(text);
  const tokens: Token[] = [];
  let at = 0;
  let depth = 0;

  const peek = (ahead = 0): Token => {
    while (tokens.length <= at + ahead) {
      const last = tokens[tokens.length - 1];
      if (last?.kind === 'end') return last;
      tokens.push(lexer.next());
    }
    return tokens[at + ahead] as Token;
  };
  const next = (): Token => {
    const token = peek();
    if (token.kind !== 'end') at += 1;
    return token;
  };
  const previous = (): Token | undefined => tokens[at - 1];

  const unexpected = (token: Token = peek()): TsqlSyntaxError => {
    if (token.kind === 'end') {
      const last = tokens[tokens.length - 2];
      return syntaxErrors.near(last?.line ?? token.line, last?.text ?? '');
    }
    if (token.kind === 'word' && token.value === 'WITH') return syntaxErrors.withNeedsSemicolon(token.line);
    if (token.kind === 'word' && RESERVED_WORDS.has(token.value))
      return syntaxErrors.nearKeyword(token.line, token.text);
    return syntaxErrors.near(token.line, token.text);
  };

  const isWords = (...words: string[]): boolean =>
    words.every((word, i) => peek(i).kind === 'word' && peek(i).value === word);
  const isOneOf = (words: readonly string[]): boolean => peek().kind === 'word' && words.includes(peek().value);
  const acceptWords = (...words: string[]): boolean => {
    if (!isWords(...words)) return false;
    at += words.length;
    return true;
  };
  const isOperator = (operator: string, ahead = 0): boolean =>
    peek(ahead).kind === 'operator' && peek(ahead).value === operator;
  const acceptOperator = (operator: string): boolean => {
    if (!isOperator(operator)) return false;
    at += 1;
    return true;
  };
  const expectOperator = (operator: string): void => {
    if (!acceptOperator(operator)) throw unexpected();
  };

  const readName = (allowReserved: boolean): Identifier => {
    const token = peek();
    if (!isName(token, reader.quotedIdentifier, allowReserved)) throw unexpected(token);
    if (token.kind === 'double') checkName(token.value, token.line);
    at += 1;
    const quoted = token.kind !== 'word';
    return { name: quoted ? token.value : token.text, quoted, at: { offset: token.start, line: token.line } };
  };

  const objectName = (maximumPrefixes = 3): ObjectName => {
    const start = peek();
    const parts: (Identifier | null)[] = [isOperator('.') ? null : readName(false)];
    while (acceptOperator('.')) parts.push(isOperator('.') ? null : readName(false));
    const name = parts[parts.length - 1];
    if (!name) throw unexpected();
    if (parts.length - 1 > maximumPrefixes) {
      const written = parts.map((part) => part?.name ?? '').join('.');
      throw syntaxErrors.tooManyPrefixes(start.line, 'object', written, maximumPrefixes);
    }
    const prefix = (back: number): string | null => parts[parts.length - 1 - back]?.name ?? null;
    return {
      server: prefix(3),
      database: prefix(2),
      schema: prefix(1),
      name: name.name,
      at: { offset: start.start, line: start.line },
    };
  };

  const commaSeparated = <T>(item: () => T): T[] => {
    const items = [item()];
    while (acceptOperator(',')) items.push(item());
    return items;
  };
  const parenthesized = <T>(inner: () => T): T => {
    expectOperator('(');
    const found = inner();
    expectOperator(')');
    return found;
  };
  const isString = (ahead = 0): boolean => {
    const { kind } = peek(ahead);
    return kind === 'string' || kind === 'national' || (kind === 'double' && !reader.quotedIdentifier);
  };

  const reader: TokenReader = {
    text,
    quotedIdentifier: options.quotedIdentifier,
    peek,
    next,
    position: () => ({ offset: peek().start, line: peek().line }),
    located: (node, from) => ({ ...node, at: from, end: previous()?.end ?? from.offset }),
    lastEnd: () => previous()?.end ?? 0,
    lastText: () => previous()?.text ?? '',
    atEnd: () => peek().kind === 'end',
    isWords,
    isOneOf,
    acceptWords,
    expectWords: (...words) => {
      for (const word of words) if (!acceptWords(word)) throw unexpected();
    },
    oneOf: (words) => {
      const found = words.find((word) => isWords(word));
      if (!found) throw unexpected();
      at += 1;
      return found;
    },
    isOperator,
    acceptOperator,
    expectOperator,
    isIdentifier: (ahead = 0) => isName(peek(ahead), reader.quotedIdentifier, false),
    identifier: () => readName(false),
    anyIdentifier: () => readName(true),
    objectName,
    isString,
    string: () => {
      if (!isString()) throw unexpected();
      return next().value;
    },
    integer: () => {
      const token = peek();
      if (token.kind !== 'number' || !/^\d{1,15}$/.test(token.value)) throw unexpected();
      at += 1;
      return Number(token.value);
    },
    variable: () => {
      if (peek().kind !== 'variable') throw unexpected();
      return next().value;
    },
    commaSeparated,
    list: (item) => parenthesized(() => commaSeparated(item)),
    parenthesized,
    nested: (inner) => {
      if (depth >= MAXIMUM_DEPTH) throw syntaxErrors.tooDeep(peek().line);
      depth += 1;
      const found = inner();
      depth -= 1;
      return found;
    },
    unexpected,
  };
  return reader;
}

function isName(token: Token, quotedIdentifier: boolean, allowReserved: boolean): boolean {
  if (token.kind === 'bracketed') return true;
  if (token.kind === 'double') return quotedIdentifier;
  return token.kind === 'word' && (allowReserved || !RESERVED_WORDS.has(token.value));
}
