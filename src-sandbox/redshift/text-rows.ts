import type { UnloadColumn } from './unload-columns.ts';
import type { UnloadStatement } from './unload-statement.ts';
import { RedshiftError } from './wire.ts';

/** A value in PostgreSQL's text form; null is NULL. */
export type Cell = string | null;

type TextOptions = Pick<UnloadStatement, 'format' | 'delimiter' | 'fixedWidth' | 'addQuotes' | 'escape' | 'nullAs'>;

/** One line of an unloaded file, line feed included. https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html */
export function formatRow(input: {
  values: readonly Cell[];
  columns: readonly UnloadColumn[];
  statement: TextOptions;
}): string {
  const { columns, statement } = input;
  const values = input.values.map((value, index) => plainValue(value, columns[index]));
  if (statement.format === 'json') return `${jsonRow(values, columns)}\n`;
  if (statement.fixedWidth !== undefined) return `${fixedWidthRow(values, columns, statement)}\n`;
  const delimiter = delimiterOf(statement);
  const fields = values.map((value, index) => delimitedField({ value, column: columns[index], delimiter, statement }));
  return `${fields.join(delimiter)}\n`;
}

/** "Text transformation options, such as CSV, DELIMITER, ADDQUOTES, and ESCAPE, also apply to the header line." */
export function headerRow(columns: readonly UnloadColumn[], statement: TextOptions): string {
  const names = columns.map((column) => ({ ...column, base: 'character varying' }));
  return formatRow({
    values: columns.map((column) => column.name),
    columns: names,
    statement: { ...statement, format: statement.format },
  });
}

/** VARBYTE is unloaded in hexadecimal form, without PostgreSQL's \x. */
function plainValue(value: Cell, column: UnloadColumn | undefined): Cell {
  return value !== null && column?.base === 'binary varying' ? value.replace(/^\\x/, '') : value;
}

function delimiterOf(statement: TextOptions): string {
  return statement.delimiter ?? (statement.format === 'csv' ? ',' : '|');
}

function delimitedField(input: {
  value: Cell;
  column: UnloadColumn | undefined;
  delimiter: string;
  statement: TextOptions;
}): string {
  const { value, column, delimiter, statement } = input;
  if (value === null) return column?.base === 'super' ? 'null' : (statement.nullAs ?? '');
  if (statement.format === 'csv') {
    const mustQuote = value.includes(delimiter) || /["\r\n]/.test(value);
    return mustQuote ? `"${value.replaceAll('"', '""')}"` : value;
  }
  const isCharacter = column?.base === 'character' || column?.base === 'character varying';
  const escaped = statement.escape && isCharacter ? escapeText(value, delimiter, statement.addQuotes) : value;
  return statement.addQuotes ? `"${escaped}"` : escaped;
}

function escapeText(value: string, delimiter: string, isQuoted: boolean): string {
  let escaped = '';
  for (const char of value) {
    const isSpecial = char === '\n' || char === '\r' || char === '\\' || char === delimiter;
    escaped += isSpecial || (isQuoted && (char === '"' || char === "'")) ? `\\${char}` : char;
  }
  return escaped;
}

function fixedWidthRow(values: readonly Cell[], columns: readonly UnloadColumn[], statement: TextOptions): string {
  const widths = statement.fixedWidth ?? [];
  if (widths.length !== columns.length) {
    throw new RedshiftError({
      code: '22023',
      message: `FIXEDWIDTH names ${widths.length} columns, the query returns ${columns.length}`,
    });
  }
  return values
    .map((value, index) => fixedWidthField(value, columns[index], widths[index]?.width ?? 0, statement))
    .join('');
}

function fixedWidthField(value: Cell, column: UnloadColumn | undefined, width: number, statement: TextOptions): string {
  const nullAs = statement.nullAs ?? '';
  const isCharacter = column?.base.startsWith('character') === true;
  const text = value ?? (nullAs.length > width && !isCharacter ? '' : nullAs);
  if (Buffer.byteLength(text) > width) {
    throw new RedshiftError({
      code: '22001',
      message: `A value of column "${column?.name ?? ''}" is longer than its FIXEDWIDTH of ${width}`,
    });
  }
  return text + ' '.repeat(width - Buffer.byteLength(text));
}

const NUMERIC = new Set(['smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision', 'oid']);

function jsonRow(values: readonly Cell[], columns: readonly UnloadColumn[]): string {
  const members = columns.map(
    (column, index) => `${JSON.stringify(column.name)}:${jsonValue(values[index] ?? null, column)}`,
  );
  return `{${members.join(',')}}`;
}

function jsonValue(value: Cell, column: UnloadColumn): string {
  if (value === null) return 'null';
  if (column.base === 'super') return value;
  if (NUMERIC.has(column.base) && /^-?[0-9.]+(e[+-]?[0-9]+)?$/i.test(value)) return value;
  return JSON.stringify(value);
}
