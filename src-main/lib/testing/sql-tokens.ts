/**
 * What a statement is made of, read by the vendors' lexical rules and not by how the product writes it:
 * `redshift` with backslash escapes in text, `postgres` without (https://www.postgresql.org/docs/current/sql-syntax-lexical.html), both with dollar quotes and
 * nested comments; `tsql` (https://learn.microsoft.com/en-us/sql/t-sql/language-elements/slash-star-comment-transact-sql,
 * https://learn.microsoft.com/en-us/sql/relational-databases/databases/database-identifiers); `snowflake`
 * (https://docs.snowflake.com/en/sql-reference/data-types-text, https://docs.snowflake.com/en/sql-reference/identifiers-syntax).
 */
export type SqlRules = 'redshift' | 'postgres' | 'tsql' | 'snowflake';

/** `text` of names and texts is what the server takes them for: without quotes and escapes. */
export interface SqlToken {
  kind: 'word' | 'sign' | 'name' | 'text' | 'comment';
  text: string;
}

/** Throws for a name, text or comment that does not end. */
export function sqlTokens(sql: string, rules: SqlRules): SqlToken[] {
  const tokens: SqlToken[] = [];
  let at = 0;
  while (at < sql.length) {
    const found = readToken(sql, at, rules);
    if (found.token) tokens.push(found.token);
    at = found.end;
  }
  return tokens;
}

interface Found {
  token: SqlToken | null;
  end: number;
}

function readToken(sql: string, at: number, rules: SqlRules): Found {
  const char = sql.charAt(at);
  if (/\s/.test(char)) return { token: null, end: at + 1 };
  return (
    readComment(sql, at, rules) ??
    readName(sql, at, rules) ??
    readText(sql, at, rules) ??
    readWord(sql, at) ?? { token: { kind: 'sign', text: char }, end: at + 1 }
  );
}

function readComment(sql: string, at: number, rules: SqlRules): Found | null {
  if (sql.startsWith('--', at) || (rules === 'snowflake' && sql.startsWith('//', at))) {
    // PostgreSQL ends it at a carriage return too; the others are not documented, so both ends are tried by the callers' texts.
    const length = sql.slice(at).search(rules === 'snowflake' || rules === 'tsql' ? /\n/ : /[\r\n]/);
    return comment(sql, at, length === -1 ? sql.length : at + length);
  }
  if (!sql.startsWith('/*', at)) return null;
  if (rules === 'snowflake') return comment(sql, at, indexAfter(sql, '*/', at + 2));
  let depth = 1;
  let end = at + 2;
  while (depth > 0) {
    if (end >= sql.length) throw new Error('A comment does not end.');
    const two = sql.slice(end, end + 2);
    if (two === '/*') depth += 1;
    if (two === '*/') depth -= 1;
    end += two === '/*' || two === '*/' ? 2 : 1;
  }
  return comment(sql, at, end);
}

function comment(sql: string, at: number, end: number): Found {
  return { token: { kind: 'comment', text: sql.slice(at, end) }, end };
}

function readName(sql: string, at: number, rules: SqlRules): Found | null {
  if (sql.charAt(at) === '"') return quoted(sql, at, { kind: 'name', close: '"', escapes: 'none' });
  if (rules === 'tsql' && sql.charAt(at) === '[') return quoted(sql, at, { kind: 'name', close: ']', escapes: 'none' });
  return null;
}

function readText(sql: string, at: number, rules: SqlRules): Found | null {
  const rest = sql.slice(at);
  if (rules === 'tsql') {
    const prefix = /^N?'/i.exec(rest)?.[0];
    if (prefix === undefined) return null;
    const found = quoted(sql, at + prefix.length - 1, { kind: 'text', close: "'", escapes: 'none' });
    const text = (found.token?.text ?? '').replace(/\\\r?\n/g, '');
    return { token: { kind: 'text', text }, end: found.end };
  }
  const dollar =
    rules === 'snowflake' ? /^\$\$/.exec(rest)?.[0] : /^\$([A-Za-z_\x80-\uffff][\w\x80-\uffff]*)?\$/.exec(rest)?.[0];
  if (dollar !== undefined) {
    const end = indexAfter(sql, dollar, at + dollar.length);
    return { token: { kind: 'text', text: sql.slice(at + dollar.length, end - dollar.length) }, end };
  }
  if (rules !== 'snowflake' && /^[eE]'/.test(rest))
    return quoted(sql, at + 1, { kind: 'text', close: "'", escapes: 'backslash' });
  if (!rest.startsWith("'")) return null;
  return quoted(sql, at, { kind: 'text', close: "'", escapes: rules === 'postgres' ? 'none' : 'backslash' });
}

function readWord(sql: string, at: number): Found | null {
  const word = /^[\p{L}\p{N}_][\p{L}\p{N}_$]*|^\$\d+/u.exec(sql.slice(at))?.[0];
  return word === undefined ? null : { token: { kind: 'word', text: word }, end: at + word.length };
}

function quoted(
  sql: string,
  at: number,
  { kind, close, escapes }: { kind: 'name' | 'text'; close: string; escapes: 'none' | 'backslash' },
): Found {
  let text = '';
  let place = at + 1;
  for (;;) {
    const char = sql.charAt(place);
    if (place >= sql.length) throw new Error(`A ${kind} does not end.`);
    if (char === close && sql.charAt(place + 1) !== close) return { token: { kind, text }, end: place + 1 };
    if (char === '\\' && escapes === 'backslash') {
      text += unescape(sql.charAt(place + 1));
      place += 2;
    } else {
      text += char;
      place += char === close ? 2 : 1;
    }
  }
}

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '0': '\0' };

/** Enough to tell a doubled backslash from an escape that would change the text. */
function unescape(char: string): string {
  return ESCAPES[char] ?? (/[xu1-7]/.test(char) ? `\ufffd escape ${char}` : char);
}

function indexAfter(sql: string, end: string, from: number): number {
  const found = sql.indexOf(end, from);
  if (found === -1) throw new Error(`${end} is missing.`);
  return found + end.length;
}
