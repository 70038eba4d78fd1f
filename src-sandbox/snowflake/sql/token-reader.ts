import { errors, SnowflakeError } from '../errors.ts';
import { tokenize, type Token } from './tokenize.ts';

/** A name as written and as Snowflake resolves it. */
export interface Identifier {
  /** Folded to upper case unless it was quoted. */
  name: string;
  quoted: boolean;
}

/** `table`, `schema.table` or `database.schema.table`; `database..table` has an empty middle part (PUBLIC). */
export type ObjectName = Identifier[];

export interface TokenReader {
  readonly sql: string;
  peek(ahead?: number): Token;
  next(): Token;
  mark(): number;
  reset(mark: number): void;
  atEnd(): boolean;
  /** Whether the next tokens are these unquoted words. */
  isWords(...words: string[]): boolean;
  /** Consumes these words if they are all there. */
  acceptWords(...words: string[]): boolean;
  expectWords(...words: string[]): void;
  isOperator(operator: string): boolean;
  acceptOperator(operator: string): boolean;
  expectOperator(operator: string): void;
  /** A word (not a reserved one) or a quoted name. */
  identifier(): Identifier;
  objectName(): ObjectName;
  /** A string literal's value. */
  string(): string;
  /** An integer literal, with an optional minus. */
  integer(): number;
  /** A string literal, a number or a word: the forms an option's value takes; words fold to upper case. */
  optionValue(): string;
  /** @throws unless all tokens are used (one trailing semicolon is allowed) */
  expectEnd(): void;
  unexpected(token?: Token): SnowflakeError;
}

/** Words that cannot be an identifier without quotes. https://docs.snowflake.com/en/sql-reference/reserved-keywords */
export const RESERVED = new Set(
  (
    'ALL ALTER AND ANY AS BETWEEN BY CASE CAST CHECK COLUMN CONNECT CONSTRAINT CREATE CROSS CURRENT CURRENT_DATE ' +
    'CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DELETE DISTINCT DROP ELSE EXISTS FALSE FOLLOWING FOR FROM FULL ' +
    'GRANT GROUP HAVING ILIKE IN INCREMENT INNER INSERT INTERSECT INTO IS JOIN LATERAL LEFT LIKE LOCALTIME LOCALTIMESTAMP ' +
    'MINUS NATURAL NOT NULL OF ON OR ORDER QUALIFY REGEXP REVOKE RIGHT RLIKE ROW ROWS SAMPLE SELECT SET SOME START ' +
    'TABLE TABLESAMPLE THEN TO TRIGGER TRUE TRY_CAST UNION UNIQUE UPDATE USING VALUES WHEN WHENEVER WHERE WITH'
  ).split(' '),
);

/** A cursor over the tokens of one statement. `ignoreQuotedCase` is the session's QUOTED_IDENTIFIERS_IGNORE_CASE. */
export function createTokenReader(sql: string, options: { ignoreQuotedCase?: boolean } = {}): TokenReader {
  const tokens = tokenize(sql);
  const last = tokens[tokens.length - 1] as Token;
  let at = 0;

  const peek = (ahead = 0): Token => tokens[at + ahead] ?? last;
  const next = (): Token => {
    const token = peek();
    if (at < tokens.length) at += 1;
    return token;
  };
  const unexpected = (token: Token = peek()): SnowflakeError =>
    errors.syntax(token.kind === 'end' ? '<EOF>' : token.text, token);
  const isWords = (...words: string[]): boolean =>
    words.every((word, i) => peek(i).kind === 'word' && peek(i).value === word);
  const acceptWords = (...words: string[]): boolean => {
    if (!isWords(...words)) return false;
    at += words.length;
    return true;
  };
  const isOperator = (operator: string): boolean => peek().kind === 'operator' && peek().value === operator;
  const acceptOperator = (operator: string): boolean => {
    if (!isOperator(operator)) return false;
    at += 1;
    return true;
  };
  const identifier = (): Identifier => {
    const token = next();
    if (token.kind === 'quoted') {
      if (token.value === '') throw errors.syntax('""', token);
      return { name: checked(options.ignoreQuotedCase ? token.value.toUpperCase() : token.value), quoted: true };
    }
    if (token.kind !== 'word' || RESERVED.has(token.value)) throw unexpected(token);
    return { name: checked(token.value), quoted: false };
  };

  const objectName = (): ObjectName => {
    const parts = [identifier()];
    while (parts.length < 3 && acceptOperator('.')) {
      if (parts.length === 1 && isOperator('.')) parts.push({ name: '', quoted: false });
      else parts.push(identifier());
    }
    return parts;
  };

  return {
    sql,
    peek,
    next,
    mark: () => at,
    reset: (mark) => {
      at = mark;
    },
    atEnd: () => peek().kind === 'end' || (isOperator(';') && peek(1).kind === 'end'),
    isWords,
    acceptWords,
    expectWords: (...words) => {
      for (const word of words) if (!acceptWords(word)) throw unexpected();
    },
    isOperator,
    acceptOperator,
    expectOperator: (operator) => {
      if (!acceptOperator(operator)) throw unexpected();
    },
    identifier,
    objectName,
    string: () => {
      const token = next();
      if (token.kind !== 'string') throw unexpected(token);
      return token.value;
    },
    integer: () => {
      const negative = acceptOperator('-');
      const token = next();
      if (token.kind !== 'number' || !/^\d+$/.test(token.value)) throw unexpected(token);
      return negative ? -Number(token.value) : Number(token.value);
    },
    optionValue: () => {
      const token = next();
      if (token.kind === 'string' || token.kind === 'number' || token.kind === 'word') return token.value;
      throw unexpected(token);
    },
    expectEnd: () => {
      acceptOperator(';');
      if (peek().kind !== 'end') throw unexpected();
    },
    unexpected,
  };
}

function checked(name: string): string {
  if ([...name].length <= 255) return name;
  throw new SnowflakeError(
    '000904',
    '42000',
    `SQL compilation error:\nidentifier '${name}' exceeds maximum length of 255 characters`,
  );
}
