import type { FileFormat } from './file-format.ts';
import { booleanOption, integerOption, listOption, textOption } from './file-format.ts';
import type { TextPiece } from './text-input.ts';
import type { RejectedRecord, TextRecord } from './text-records.ts';

export interface CsvOptions {
  format: FileFormat;
  /** Number of fields that each record must have; null: any (transforming loads, column lists, queries). */
  expectedFields: number | null;
}

export type CsvEvent =
  | { kind: 'record'; record: TextRecord }
  | { kind: 'rejected'; rejected: RejectedRecord }
  /** A blank line passed over by SKIP_BLANK_LINES: counted, not loaded. */
  | { kind: 'blank' }
  | { kind: 'header'; names: string[] };

interface Dialect {
  field: string | null;
  record: string | null;
  quote: string | null;
  escape: string | null;
  escapeUnenclosed: string | null;
  trims: boolean;
  nullIf: ReadonlySet<string>;
  emptyIsNull: boolean;
  skipsBlank: boolean;
  multiLine: boolean;
  checksCount: boolean;
  replacesInvalid: boolean;
}

/**
 * Cuts CSV text into records by the vendor's rules: logical new lines, fields enclosed or not, their two escape characters, NULL_IF,
 * EMPTY_FIELD_AS_NULL, and the errors that records of the wrong width give. Only one record is held at a time.
 * https://docs.snowflake.com/en/sql-reference/sql/copy-into-table (TYPE = CSV)
 */
export async function* parseCsv(pieces: AsyncIterable<TextPiece>, options: CsvOptions): AsyncGenerator<CsvEvent> {
  const dialect = dialectOf(options.format);
  const state = { row: 0, line: 1, offset: 0, isBroken: false };
  let skip = integerOption(options.format, 'SKIP_HEADER');
  let wantsHeader = booleanOption(options.format, 'PARSE_HEADER');
  let rest = '';
  let first = true;

  const take = function* (text: string, isLast: boolean): Generator<CsvEvent, string> {
    let buffer = text;
    while (skip > 0) {
      const end = buffer.indexOf('\n');
      if (end < 0) {
        return isLast ? '' : buffer;
      }
      buffer = buffer.slice(end + 1);
      state.line += 1;
      state.offset += end + 1;
      skip -= 1;
    }
    let at = 0;
    while (at < buffer.length) {
      const cut = cutRecord(buffer, at, dialect, isLast);
      // The last record of a piece waits: only the next piece tells whether another record follows.
      if (cut === undefined || (!isLast && cut.next >= buffer.length)) {
        break;
      }
      const raw = buffer.slice(at, cut.end);
      const hasNext = cut.next < buffer.length;
      if (wantsHeader) {
        wantsHeader = false;
        yield { kind: 'header', names: cut.fields.map((field) => field.value ?? '') };
      } else {
        state.row += 1;
        yield toEvent(
          { cut, raw, delimiter: buffer.slice(cut.end, cut.next), hasNext },
          dialect,
          options,
          state,
          first,
        );
        first = false;
      }
      state.line += countLines(buffer, at, cut.next);
      state.offset += cut.next - at;
      at = cut.next;
    }
    return buffer.slice(at);
  };

  for await (const piece of pieces) {
    state.isBroken ||= piece.isBroken;
    rest = yield* take(rest + piece.text, false);
  }
  yield* take(rest, true);
}

interface RawField {
  value: string | null;
  raw: string;
  enclosed: boolean;
  /** Offsets in the record's text. */
  start: number;
  end: number;
}

interface Cut {
  /** End of the record without its delimiter. */
  end: number;
  next: number;
  fields: RawField[];
  /** A character after a closing quote that is no delimiter. */
  stray: { at: number; character: string; field: number } | null;
}

/** The record that starts at `from`; undefined when the buffer does not hold all of it yet. */
function cutRecord(buffer: string, from: number, dialect: Dialect, isLast: boolean): Cut | undefined {
  const fields: RawField[] = [];
  let stray: Cut['stray'] = null;
  let at = from;
  for (;;) {
    const field = cutField(buffer, at, dialect, isLast);
    if (!field) {
      return undefined;
    }
    fields.push({
      value: field.value,
      raw: field.raw,
      enclosed: field.enclosed,
      start: at - from,
      end: field.end - from,
    });
    if (field.stray !== undefined && !stray) {
      stray = { at: field.stray - from, character: buffer[field.stray] ?? '', field: fields.length - 1 };
    }
    if (field.stop === 'field') {
      at = field.next;
      continue;
    }
    return { end: field.end, next: field.next, fields, stray };
  }
}

interface FieldCut extends Omit<RawField, 'start'> {
  stop: 'field' | 'record';
  next: number;
  stray: number | undefined;
}

function cutField(buffer: string, from: number, dialect: Dialect, isLast: boolean): FieldCut | undefined {
  const { quote, trims } = dialect;
  let at = from;
  if (trims) {
    while (buffer[at] === ' ' || buffer[at] === '\t') {
      at += 1;
    }
  }
  if (quote !== null && buffer.startsWith(quote, at)) {
    return cutEnclosed(buffer, from, at + 1, dialect, isLast);
  }
  return cutUnenclosed(buffer, from, dialect, isLast);
}

function cutEnclosed(
  buffer: string,
  from: number,
  begin: number,
  dialect: Dialect,
  isLast: boolean,
): FieldCut | undefined {
  const { quote, escape } = dialect;
  let value = '';
  let at = begin;
  for (;;) {
    if (at >= buffer.length) {
      if (!isLast) {
        return undefined;
      }
      return { value, raw: value, enclosed: true, end: at, next: at, stop: 'record', stray: undefined };
    }
    const c = buffer[at] ?? '';
    if (escape !== null && c === escape && escape !== quote) {
      if (at + 1 >= buffer.length && !isLast) {
        return undefined;
      }
      const [text, used] = unescape(buffer, at + 1);
      value += text;
      at += 1 + used;
    } else if (c === quote) {
      if (at + 1 >= buffer.length && !isLast) {
        return undefined;
      }
      if (buffer[at + 1] !== quote) {
        break;
      }
      value += quote;
      at += 2;
    } else {
      value += c;
      at += 1;
    }
  }
  const after = cutUnenclosed(buffer, at + 1, { ...dialect, escapeUnenclosed: null }, isLast);
  if (!after) {
    return undefined;
  }
  const between = buffer.slice(at + 1, after.end);
  const isClean = between === '' || (dialect.trims && between.trim() === '');
  const stray = isClean ? undefined : at + 1 + (between.length - between.trimStart().length);
  return {
    value,
    raw: buffer.slice(from, after.end),
    enclosed: true,
    end: after.end,
    next: after.next,
    stop: after.stop,
    stray,
  };
}

function cutUnenclosed(buffer: string, from: number, dialect: Dialect, isLast: boolean): FieldCut | undefined {
  const { field, record, escapeUnenclosed } = dialect;
  let at = from;
  let value = '';
  for (;;) {
    const c = buffer[at];
    if (c === undefined) {
      if (!isLast) {
        return undefined;
      }
      return finishPlain(buffer, from, at, at, 'record', value, dialect);
    }
    if (escapeUnenclosed !== null && c === escapeUnenclosed) {
      if (at + 4 >= buffer.length && !isLast) {
        return undefined;
      }
      const [text, used] = unescape(buffer, at + 1);
      value += text;
      at += 1 + used;
      continue;
    }
    if (field !== null && buffer.startsWith(field, at)) {
      return finishPlain(buffer, from, at, at + field.length, 'field', value, dialect);
    }
    if (record === '\n' && c === '\r') {
      if (at + 1 >= buffer.length && !isLast) {
        return undefined;
      }
      if (buffer[at + 1] === '\n') {
        return finishPlain(buffer, from, at, at + 2, 'record', value, dialect);
      }
    }
    if (record !== null && buffer.startsWith(record, at)) {
      return finishPlain(buffer, from, at, at + record.length, 'record', value, dialect);
    }
    const width = Math.max(field?.length ?? 1, record?.length ?? 1);
    if (width > 1 && at + width > buffer.length && !isLast) {
      return undefined;
    }
    value += c;
    at += 1;
  }
}

function finishPlain(
  buffer: string,
  from: number,
  end: number,
  next: number,
  stop: 'field' | 'record',
  value: string,
  dialect: Dialect,
): FieldCut {
  const raw = buffer.slice(from, end);
  return {
    value: dialect.trims ? value.trim() : value,
    raw: dialect.trims ? raw.trim() : raw,
    enclosed: false,
    end,
    next,
    stop,
    stray: undefined,
  };
}

function unescape(buffer: string, at: number): [string, number] {
  const c = buffer[at] ?? '';
  const octal = /^[0-3][0-7]{2}/.exec(buffer.slice(at, at + 3))?.[0];
  if (octal) {
    return [String.fromCharCode(parseInt(octal, 8)), 3];
  }
  const hex = /^x([0-9a-fA-F]{2})/.exec(buffer.slice(at, at + 3))?.[1];
  if (hex) {
    return [String.fromCharCode(parseInt(hex, 16)), 3];
  }
  return [ESCAPES[c] ?? c, c === '' ? 0 : 1];
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '0': '\0' };

interface State {
  row: number;
  line: number;
  offset: number;
  isBroken: boolean;
}

function toEvent(
  found: { cut: Cut; raw: string; delimiter: string; hasNext: boolean },
  dialect: Dialect,
  options: CsvOptions,
  state: State,
  isFirst: boolean,
): CsvEvent {
  const { cut, raw } = found;
  if (raw === '' && dialect.skipsBlank) {
    return { kind: 'blank' };
  }
  const fault = faultOf(found, dialect, options, state, isFirst);
  if (fault) {
    const text = raw + (found.hasNext ? found.delimiter : '');
    return { kind: 'rejected', rejected: { ...fault, row: state.row, text, rowStartLine: state.line } };
  }
  return {
    kind: 'record',
    record: {
      row: state.row,
      line: state.line,
      fields: cut.fields.map((field) => fieldValue(field, dialect)),
      starts: cut.fields.map((field) => characterAt(raw, field.start)),
    },
  };
}

type Fault = Omit<RejectedRecord, 'row' | 'text' | 'rowStartLine'>;

function faultOf(
  found: { cut: Cut; raw: string; hasNext: boolean },
  dialect: Dialect,
  options: CsvOptions,
  state: State,
  isFirst: boolean,
): Fault | undefined {
  const { cut, raw } = found;
  const place = (offset: number): { line: number; character: number; offset: number } => ({
    line: state.line + countLines(raw, 0, offset),
    character: characterAt(raw, offset),
    offset: state.offset + offset,
  });
  if (state.isBroken && !dialect.replacesInvalid && raw.includes('\uFFFD')) {
    return {
      code: '100144',
      sqlState: '22000',
      message: 'Invalid UTF8 detected in string',
      columnIndex: null,
      fieldCount: null,
      ...place(0),
    };
  }
  if (!dialect.multiLine && /[\r\n]/.test(raw)) {
    return {
      code: '100016',
      sqlState: '22000',
      message: 'Record delimiter found inside an enclosed field while MULTI_LINE is FALSE',
      columnIndex: null,
      fieldCount: null,
      ...place(raw.search(/[\r\n]/)),
    };
  }
  if (cut.stray) {
    const expected =
      dialect.field === null
        ? `record delimiter '${shown(dialect.record)}'`
        : `field delimiter '${shown(dialect.field)}'`;
    const message = `Found character '${shown(cut.stray.character)}' instead of ${expected}`;
    return {
      code: '100066',
      sqlState: '22000',
      message,
      columnIndex: cut.stray.field,
      fieldCount: null,
      ...place(cut.stray.at),
    };
  }
  const { expectedFields } = options;
  if (expectedFields === null || !dialect.checksCount || cut.fields.length === expectedFields) {
    return undefined;
  }
  return isFirst
    ? firstCountFault(found, expectedFields, state, place)
    : laterCountFault(cut, raw, dialect, expectedFields, place);
}

/** The first record decides for the file: its width is told, and the place is just past it. */
function firstCountFault(
  found: { cut: Cut; raw: string; hasNext: boolean },
  expected: number,
  state: State,
  place: (offset: number) => { line: number; character: number; offset: number },
): Fault {
  const { cut, raw, hasNext } = found;
  const count = cut.fields.length;
  const end = place(raw.length);
  return {
    code: '100080',
    sqlState: '22000',
    message:
      `Number of columns in file (${count}) does not match that of the corresponding table (${expected}), ` +
      'use file format option error_on_column_count_mismatch=false to ignore this error',
    columnIndex: count > expected ? null : count - 1,
    fieldCount: count > expected ? count : null,
    ...(hasNext ? { line: end.line + 1, character: 1, offset: state.offset + raw.length } : end),
  };
}

function laterCountFault(
  cut: Cut,
  raw: string,
  dialect: Dialect,
  expected: number,
  place: (offset: number) => { line: number; character: number; offset: number },
): Fault {
  if (cut.fields.length > expected) {
    const message = `Field delimiter '${shown(dialect.field)}' found while expecting record delimiter '${shown(dialect.record)}'`;
    const at = cut.fields[expected - 1]?.end ?? raw.length;
    return { code: '100016', sqlState: '22000', message, columnIndex: expected - 1, fieldCount: null, ...place(at) };
  }
  const message = "End of record reached while expected to parse column '{column}'";
  return {
    code: '100068',
    sqlState: '22000',
    message,
    columnIndex: cut.fields.length,
    fieldCount: null,
    ...place(raw.length),
  };
}

function fieldValue(field: RawField, dialect: Dialect): string | null {
  if (!field.enclosed && field.raw === '' && dialect.emptyIsNull) {
    return null;
  }
  if (dialect.nullIf.has(field.raw) || (field.value !== null && dialect.nullIf.has(field.value))) {
    return null;
  }
  return field.value;
}

function characterAt(raw: string, offset: number): number {
  const lineStart = raw.lastIndexOf('\n', offset - 1) + 1;
  return [...raw.slice(lineStart, offset)].length + 1;
}

function countLines(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) {
    lines += 1;
  }
  return lines;
}

function shown(text: string | null): string {
  return (text ?? '').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\t/g, '\\t');
}

function dialectOf(format: FileFormat): Dialect {
  return {
    field: textOption(format, 'FIELD_DELIMITER'),
    record: textOption(format, 'RECORD_DELIMITER'),
    quote: textOption(format, 'FIELD_OPTIONALLY_ENCLOSED_BY'),
    escape: textOption(format, 'ESCAPE'),
    escapeUnenclosed: textOption(format, 'ESCAPE_UNENCLOSED_FIELD'),
    trims: booleanOption(format, 'TRIM_SPACE'),
    nullIf: new Set(listOption(format, 'NULL_IF')),
    emptyIsNull: booleanOption(format, 'EMPTY_FIELD_AS_NULL'),
    skipsBlank: booleanOption(format, 'SKIP_BLANK_LINES'),
    multiLine: booleanOption(format, 'MULTI_LINE'),
    checksCount: booleanOption(format, 'ERROR_ON_COLUMN_COUNT_MISMATCH'),
    replacesInvalid: booleanOption(format, 'REPLACE_INVALID_CHARACTERS') || !booleanOption(format, 'VALIDATE_UTF8'),
  };
}
