import { splitStatements } from './sql-tokens.ts';
import type { SqlStatement, SqlToken } from './sql-tokens.ts';
import { RedshiftError } from './wire.ts';

/** A replacement of part of a statement's text; end exclusive. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface RewriteSession {
  /** `enable_case_sensitive_identifier`: off, quoted identifiers fold to lower case like all others. */
  readonly isCaseSensitive: boolean;
  readonly lastQueryId: number;
  readonly lastUnloadCount: number;
  readonly lastUnloadId: number;
}

const DEFAULT_SESSION: RewriteSession = {
  isCaseSensitive: true,
  lastQueryId: -1,
  lastUnloadCount: 0,
  lastUnloadId: -1,
};

/** Redshift's expressions in PostgreSQL's spelling, for the SELECT inside an UNLOAD whose identifiers were folded before. */
export function rewriteSelect(select: string): string {
  const [statement] = splitStatements(select);
  return statement === undefined ? select : applyEdits(statement.text, expressionEdits(statement, DEFAULT_SESSION));
}

export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (edit.start < at) continue;
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}

/** https://docs.aws.amazon.com/redshift/latest/dg/r_names.html: quoted names fold too, unless the session says otherwise. */
export function identifierEdits(statement: SqlStatement): Edit[] {
  return statement.tokens.flatMap((token) => {
    const folded = token.kind === 'quoted' ? foldCase(token.value) : token.value;
    return folded === token.value ? [] : [{ start: token.start, end: token.end, text: quote(folded) }];
  });
}

/** Catalog tables with columns that only Redshift has (catalog-views.ts). */
const CATALOG_VIEWS: Readonly<Record<string, string>> = {
  pg_attrdef: 'redshift_pg_attrdef',
  pg_attribute: 'redshift_pg_attribute',
  pg_class: 'redshift_pg_class',
};

const DATE_PART_FUNCTIONS = new Set(['datediff', 'date_diff', 'dateadd', 'date_add', 'date_part', 'pgdate_part']);

/** What PostgreSQL's grammar cannot read, or reads otherwise. Throws RedshiftError for what the stand-in does not know. */
export function expressionEdits(statement: SqlStatement, session: RewriteSession): Edit[] {
  const { tokens } = statement;
  const edits: Edit[] = [];
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'word') continue;
    const next = tokens[index + 1];
    const isCall = next?.kind === 'symbol' && next.value === '(';
    const isQualified = tokens[index - 1]?.value === '.' && tokens[index - 1]?.kind === 'symbol';
    const view = CATALOG_VIEWS[token.value];
    if (view !== undefined) edits.push(replace(token, view));
    else if (isCall && !isQualified) edits.push(...callEdits({ tokens, index, token, session }));
    else if (token.value === 'sysdate' && !isQualified) edits.push(replace(token, 'pg_catalog.sysdate()'));
    else if (token.value === 'approximate' && next?.kind === 'word') {
      throw new RedshiftError({
        code: '0A000',
        message: 'APPROXIMATE aggregates are not available in the practice environment',
      });
    }
    edits.push(...typeEdits(tokens, index, token));
  }
  return edits;
}

function callEdits(input: {
  tokens: readonly SqlToken[];
  index: number;
  token: SqlToken;
  session: RewriteSession;
}): Edit[] {
  const { tokens, index, token, session } = input;
  const argument = tokens[index + 2];
  const isEmptyCall = argument?.kind === 'symbol' && argument.value === ')';
  if (DATE_PART_FUNCTIONS.has(token.value) && argument?.kind === 'word' && tokens[index + 3]?.value === ',') {
    return [replace(argument, `'${argument.value}'`)];
  }
  if (token.value === 'nvl') return [replace(token, 'coalesce')];
  // PostgreSQL's grammar has an SQL/JSON expression of this name.
  if (token.value === 'json_serialize') return [replace(token, 'pg_catalog.json_serialize')];
  if (token.value === 'listagg') return listaggEdits(tokens, index, token);
  if (!isEmptyCall || argument === undefined) return [];
  const values: Readonly<Record<string, number>> = {
    pg_last_query_id: session.lastQueryId,
    pg_last_unload_count: session.lastUnloadCount,
    pg_last_unload_id: session.lastUnloadId,
  };
  const value = values[token.value];
  return value === undefined ? [] : [{ start: argument.start, end: argument.start, text: String(value) }];
}

/** LISTAGG(x, s) WITHIN GROUP (ORDER BY y) is string_agg(x, s ORDER BY y). */
function listaggEdits(tokens: readonly SqlToken[], index: number, token: SqlToken): Edit[] {
  const close = closingParenthesis(tokens, index + 1);
  const closing = tokens[close];
  const edits = [replace(token, 'pg_catalog.listagg')];
  if (closing === undefined || tokens[close + 1]?.value !== 'within') return edits;
  const groupOpen = tokens[close + 3];
  const groupClose = tokens[closingParenthesis(tokens, close + 3)];
  if (groupOpen === undefined || groupClose === undefined) return edits;
  return [...edits, { start: closing.start, end: groupOpen.end, text: ' ' }];
}

export function closingParenthesis(tokens: readonly SqlToken[], open: number): number {
  let depth = 0;
  for (let index = open; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token?.kind !== 'symbol') continue;
    if (token.value === '(') depth += 1;
    if (token.value === ')') depth -= 1;
    if (depth === 0) return index;
  }
  return tokens.length;
}

/** VARCHAR(MAX), and type names that PostgreSQL does not have. */
function typeEdits(tokens: readonly SqlToken[], index: number, token: SqlToken): Edit[] {
  const previous = tokens[index - 1];
  const isTypePlace = previous?.value === '::' || (previous?.kind === 'word' && previous.value === 'as');
  const edits: Edit[] = [];
  if (token.value === 'max' && previous?.value === '(' && tokens[index + 1]?.value === ')') {
    const name = tokens[index - 2]?.value ?? '';
    if (['varchar', 'nvarchar', 'varying'].includes(name)) edits.push(replace(token, '65535'));
    else if (name === 'varbyte') edits.push(replace(token, '1024000'));
  }
  const isSized = tokens[index + 1]?.value === '(';
  if (['nvarchar', 'nchar'].includes(token.value) && (isTypePlace || isSized))
    edits.push(replace(token, token.value.slice(1)));
  if (token.value === 'varbinary' && isTypePlace) edits.push(replace(token, 'varbyte'));
  if (['decimal', 'numeric'].includes(token.value) && isTypePlace && !isSized)
    edits.push(replace(token, `${token.value}(18,0)`));
  return edits;
}

export const replace = (token: SqlToken, text: string): Edit => ({ start: token.start, end: token.end, text });
export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
/** Only ASCII letters fold. */
export const foldCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
