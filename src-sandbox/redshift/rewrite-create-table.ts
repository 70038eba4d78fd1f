import { closingParenthesis, foldCase, replace } from './rewrite-sql.ts';
import type { Edit } from './rewrite-sql.ts';
import type { SqlStatement, SqlToken } from './sql-tokens.ts';
import { RedshiftError } from './wire.ts';

/** What Redshift keeps of a table beyond PostgreSQL's catalog. */
export interface TableAttributes {
  distStyle: 'AUTO' | 'EVEN' | 'ALL' | 'KEY';
  distKey: string | null;
  sortStyle: 'AUTO' | 'COMPOUND' | 'INTERLEAVED' | null;
  sortKeys: string[];
  /** Column name to encoding, for the columns that name one. */
  encodings: Record<string, string>;
  backup: boolean;
}

/**
 * Edits that turn Redshift's CREATE TABLE into PostgreSQL's, and a marker that carries what was taken out to the event trigger
 * that keeps it (catalog-tables.ts). https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html
 * Null when the statement is no CREATE TABLE. Throws RedshiftError for types and clauses that Redshift does not have.
 */
export function createTableEdits(statement: SqlStatement, isCaseSensitive: boolean): Edit[] | null {
  const start = findTableName(statement.tokens);
  if (start === null) return null;
  const attributes: TableAttributes = {
    distStyle: 'AUTO',
    distKey: null,
    sortStyle: 'AUTO',
    sortKeys: [],
    encodings: {},
    backup: true,
  };
  const edits: Edit[] = [];
  const context: Context = { tokens: statement.tokens, attributes, edits, table: start.name, isCaseSensitive };
  let index = start.next;
  if (isSymbol(statement.tokens[index], '(') && !isColumnAliasList(statement.tokens, index)) {
    const close = closingParenthesis(statement.tokens, index);
    for (const element of splitElements(statement.tokens, index + 1, close)) rewriteElement(context, element);
    index = close + 1;
  } else if (isSymbol(statement.tokens[index], '(')) index = closingParenthesis(statement.tokens, index) + 1;
  rewriteTableAttributes(context, index);
  const marker = Buffer.from(JSON.stringify(attributes), 'utf8').toString('base64');
  const end = statement.text.length;
  edits.push({ start: end, end, text: `\n/*redshift:${marker}*/` });
  return edits;
}

interface Context {
  readonly tokens: readonly SqlToken[];
  readonly attributes: TableAttributes;
  readonly edits: Edit[];
  readonly table: string;
  readonly isCaseSensitive: boolean;
}

function findTableName(tokens: readonly SqlToken[]): { name: string; next: number } | null {
  if (tokens[0]?.value !== 'create') return null;
  let index = 1;
  while (['local', 'temp', 'temporary'].includes(wordAt(tokens, index))) index += 1;
  if (wordAt(tokens, index) !== 'table') return null;
  index += 1;
  if (wordAt(tokens, index) === 'if') index += 3;
  let name = tokens[index]?.value ?? '';
  index += 1;
  while (isSymbol(tokens[index], '.')) {
    name = tokens[index + 1]?.value ?? '';
    index += 2;
  }
  return { name, next: index };
}

/** CREATE TABLE t (a, b) AS SELECT: names without types. */
function isColumnAliasList(tokens: readonly SqlToken[], open: number): boolean {
  const after = tokens[open + 2];
  return isSymbol(after, ',') || isSymbol(after, ')');
}

function splitElements(tokens: readonly SqlToken[], from: number, to: number): SqlToken[][] {
  const elements: SqlToken[][] = [[]];
  let depth = 0;
  for (const token of tokens.slice(from, to)) {
    if (isSymbol(token, '(')) depth += 1;
    if (isSymbol(token, ')')) depth -= 1;
    if (depth === 0 && isSymbol(token, ',')) elements.push([]);
    else elements.at(-1)?.push(token);
  }
  return elements;
}

const CONSTRAINT_WORDS = new Set(['primary', 'unique', 'foreign', 'constraint', 'like', 'check', 'exclude']);

function rewriteElement(context: Context, element: readonly SqlToken[]): void {
  const [first] = element;
  if (first === undefined) return;
  if (first.kind === 'word' && CONSTRAINT_WORDS.has(first.value)) {
    if (first.value === 'check' || first.value === 'exclude')
      throw unsupported(`${first.value.toUpperCase()} constraints are not supported`);
    return;
  }
  const name = foldName(first, context.isCaseSensitive);
  const afterType = rewriteType(context, element, name);
  rewriteColumnAttributes(context, element, { name, from: afterType });
}

/** Types that PostgreSQL has and Redshift has not: https://docs.aws.amazon.com/redshift/latest/dg/c_unsupported-postgresql-datatypes.html */
const UNSUPPORTED_TYPES = new Set(
  (
    'serial bigserial smallserial serial2 serial4 serial8 json jsonb uuid xml bytea money inet cidr macaddr macaddr8 bit point line lseg box path ' +
    'polygon circle tsvector tsquery hstore oid int4range int8range numrange tsrange tstzrange daterange'
  ).split(' '),
);

function rewriteType(context: Context, element: readonly SqlToken[], column: string): number {
  const token = element[1];
  if (token === undefined) return 1;
  const type = token.value;
  const isSized = isSymbol(element[2], '(');
  const afterSize = isSized ? element.findIndex((candidate, at) => at > 2 && isSymbol(candidate, ')')) + 1 : 2;
  if (UNSUPPORTED_TYPES.has(type)) throw unsupportedType(context.table, column, type);
  if (isSymbol(element[afterSize], '[')) throw unsupportedType(context.table, column, `${type}[]`);
  const set = (text: string): void => void context.edits.push(replace(token, text));
  if (type === 'text') set('varchar(256)');
  else if (type === 'bpchar' && !isSized) set('char(256)');
  else if (['varchar', 'nvarchar'].includes(type)) set(isSized ? 'varchar' : 'varchar(256)');
  else if (['char', 'nchar', 'character'].includes(type) && element[2]?.value !== 'varying')
    set(isSized ? 'char' : 'char(1)');
  else if (['decimal', 'numeric'].includes(type)) {
    if (!isSized) set('numeric(18,0)');
    else checkDecimal(element, afterSize);
  } else if (type === 'varbinary' || type === 'varbyte') set(isSized ? 'varbyte' : 'varbyte(64000)');
  else if (type === 'binary') return rewriteBinaryVarying(context, element, token);
  if (type === 'character' && element[2]?.value === 'varying') {
    if (!isSymbol(element[3], '('))
      context.edits.push({ start: token.start, end: element[2].end, text: 'varchar(256)' });
    return isSymbol(element[3], '(') ? 6 : 3;
  }
  if (isSized) checkLength(type, element);
  return afterSize;
}

function rewriteBinaryVarying(context: Context, element: readonly SqlToken[], token: SqlToken): number {
  const varying = element[2];
  if (varying?.value !== 'varying') throw unsupported('type "binary" does not exist');
  const isSized = isSymbol(element[3], '(');
  context.edits.push({ start: token.start, end: varying.end, text: isSized ? 'varbyte' : 'varbyte(64000)' });
  return isSized ? 6 : 3;
}

/** https://docs.aws.amazon.com/redshift/latest/dg/r_Numeric_types201.html: precision up to 38, scale up to 37. */
function checkDecimal(element: readonly SqlToken[], afterSize: number): void {
  const numbers = element
    .slice(3, afterSize)
    .filter((token) => token.kind === 'number')
    .map((token) => Number(token.value));
  const [precision = 18, scale = 0] = numbers;
  if (precision < 1 || precision > 38)
    throw new RedshiftError({ code: '22023', message: `DECIMAL precision ${precision} must be between 1 and 38` });
  if (scale > 37 || scale > precision)
    throw new RedshiftError({
      code: '22023',
      message: `DECIMAL scale ${scale} must be between 0 and precision ${precision}`,
    });
}

/** https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html */
function checkLength(type: string, element: readonly SqlToken[]): void {
  const length = Number(element[3]?.value);
  const limits: Readonly<Record<string, number>> = {
    varchar: 65_535,
    nvarchar: 65_535,
    char: 4096,
    nchar: 4096,
    character: 4096,
    varbyte: 1_024_000,
  };
  const limit = limits[type];
  if (limit !== undefined && length > limit) {
    throw new RedshiftError({ code: '22023', message: `length for type ${type} cannot exceed ${limit}` });
  }
}

function rewriteColumnAttributes(
  context: Context,
  element: readonly SqlToken[],
  column: { name: string; from: number },
): void {
  const { attributes, edits } = context;
  const remove = (from: SqlToken, to: SqlToken): void => void edits.push({ start: from.start, end: to.end, text: '' });
  for (let index = column.from; index < element.length; index += 1) {
    const token = element[index];
    const next = element[index + 1];
    if (token?.kind !== 'word') continue;
    if (token.value === 'encode' && next !== undefined) {
      attributes.encodings[column.name] = next.value;
      remove(token, next);
      index += 1;
    } else if (token.value === 'distkey') {
      attributes.distStyle = 'KEY';
      attributes.distKey = column.name;
      remove(token, token);
    } else if (token.value === 'sortkey') {
      attributes.sortStyle = 'COMPOUND';
      attributes.sortKeys = [column.name];
      remove(token, token);
    } else if (
      token.value === 'collate' &&
      ['case_sensitive', 'cs', 'case_insensitive', 'ci'].includes(next?.value ?? '')
    ) {
      if (next?.value.endsWith('insensitive') || next?.value === 'ci')
        throw unsupported('COLLATE CASE_INSENSITIVE is not available in the practice environment');
      if (next !== undefined) remove(token, next);
    } else if (token.value === 'identity') rewriteIdentity(context, element, index);
  }
}

/** IDENTITY(seed, step) and GENERATED BY DEFAULT AS IDENTITY(seed, step). */
function rewriteIdentity(context: Context, element: readonly SqlToken[], index: number): void {
  const identity = element[index];
  const [seed, step, close] = [element[index + 2], element[index + 4], element[index + 5]];
  if (identity === undefined || seed === undefined || step === undefined || !isSymbol(close, ')')) {
    throw new RedshiftError({ code: '42601', message: 'syntax error at or near "IDENTITY"' });
  }
  const isDefault = element[index - 1]?.value === 'as';
  const kind = isDefault ? 'IDENTITY' : 'GENERATED ALWAYS AS IDENTITY';
  context.edits.push({
    start: identity.start,
    end: close?.end ?? identity.end,
    text: `${kind} (START WITH ${seed.value} INCREMENT BY ${step.value})`,
  });
}

/** DISTSTYLE, DISTKEY, [COMPOUND | INTERLEAVED] SORTKEY and BACKUP behind the column list, up to AS. */
function rewriteTableAttributes(context: Context, from: number): void {
  const { tokens, attributes, edits } = context;
  let index = from;
  while (index < tokens.length && wordAt(tokens, index) !== 'as') {
    const end = readTableAttribute(context, index);
    if (end === null) {
      index += 1;
      continue;
    }
    const [first, last] = [tokens[index], tokens[end - 1]];
    if (first !== undefined && last !== undefined) edits.push({ start: first.start, end: last.end, text: '' });
    index = end;
  }
  if (attributes.sortKeys.length > 0 && attributes.sortStyle === 'AUTO') attributes.sortStyle = 'COMPOUND';
}

function readTableAttribute(context: Context, index: number): number | null {
  const { tokens, attributes } = context;
  const word = wordAt(tokens, index);
  if (word === 'diststyle') {
    const style = wordAt(tokens, index + 1).toUpperCase();
    if (style !== 'AUTO' && style !== 'EVEN' && style !== 'ALL' && style !== 'KEY')
      throw new RedshiftError({ code: '42601', message: `syntax error at or near "${style}"` });
    attributes.distStyle = style;
    return index + 2;
  }
  if (word === 'distkey') {
    attributes.distStyle = 'KEY';
    const token = tokens[index + 2];
    attributes.distKey = token === undefined ? null : foldName(token, context.isCaseSensitive);
    return closingParenthesis(tokens, index + 1) + 1;
  }
  if (word === 'backup') {
    attributes.backup = wordAt(tokens, index + 1) !== 'no';
    return index + 2;
  }
  if (word === 'encode') return index + 2;
  if (word === 'inherits') throw unsupported('INHERITS is not supported');
  return readSortKey(context, index);
}

function readSortKey(context: Context, index: number): number | null {
  const { tokens, attributes } = context;
  const style = wordAt(tokens, index);
  const isStyled = style === 'compound' || style === 'interleaved';
  const at = isStyled ? index + 1 : index;
  if (wordAt(tokens, at) !== 'sortkey') return null;
  if (wordAt(tokens, at + 1) === 'auto') return at + 2;
  const close = closingParenthesis(tokens, at + 1);
  attributes.sortStyle = style === 'interleaved' ? 'INTERLEAVED' : 'COMPOUND';
  attributes.sortKeys = tokens
    .slice(at + 2, close)
    .filter((token) => !isSymbol(token, ','))
    .map((token) => foldName(token, context.isCaseSensitive));
  return close + 1;
}

function foldName(token: SqlToken, isCaseSensitive: boolean): string {
  return isCaseSensitive && token.kind === 'quoted' ? token.value : foldCase(token.value);
}

function wordAt(tokens: readonly SqlToken[], index: number): string {
  const token = tokens[index];
  return token?.kind === 'word' ? token.value : '';
}

const isSymbol = (token: SqlToken | undefined, value: string): boolean =>
  token?.kind === 'symbol' && token.value === value;

function unsupportedType(table: string, column: string, type: string): RedshiftError {
  return unsupported(`Column "${table}.${column}" has unsupported type "${type}".`);
}

function unsupported(text: string): RedshiftError {
  return new RedshiftError({ code: '0A000', message: text });
}
