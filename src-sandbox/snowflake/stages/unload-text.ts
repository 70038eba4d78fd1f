import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Transform } from 'node:stream';
import { PassThrough } from 'node:stream';
import { createBrotliCompress, createDeflate, createDeflateRaw, createGzip } from 'node:zlib';
import type { ResultColumn, StatementContext, TranslatedQuery } from '../commands/command.ts';
import { quoteText } from '../engine/database.ts';
import { fromDuckDb } from '../errors.ts';
import type { Query } from '../sql/ast.ts';
import { createTokenReader } from '../sql/token-reader.ts';
import type { UnloadedFile } from './unloaded-file.ts';
import { unsupportedCompression } from './unloaded-file.ts';
import type { FileFormat } from './file-format.ts';
import { listOption, textOption } from './file-format.ts';
import { unsupportedFeature } from './stage-errors.ts';
import type { UnloadStatement } from './unload-statement.ts';

interface TextUnload {
  statement: UnloadStatement;
  format: FileFormat;
  directory: string;
}

/** Writes a query as CSV files, or one VARIANT column as JSON lines. A new file starts at MAX_FILE_SIZE. No rows, no file. */
export async function writeTextFiles(context: StatementContext, unload: TextUnload): Promise<UnloadedFile[]> {
  const { statement, format, directory } = unload;
  const plain = await context.translateQuery(statement.query);
  if (format.type === 'JSON' && (plain.columns.length !== 1 || !isSemiStructured(plain.columns[0]))) {
    throw unsupportedFeature('unloading of more than one column or non-json values');
  }
  const query = await asTexts(context, statement.query, plain, format);
  const toLine = format.type === 'JSON' ? jsonLine : csvLine(format, plain.columns);
  const header = statement.header && format.type === 'CSV' ? headerLine(format, plain.columns) : '';
  const files: UnloadedFile[] = [];
  let current: TextFile | null = null;
  const finish = async (file: TextFile): Promise<void> => void files.push(await file.close());
  for await (const row of readRows(context, query)) {
    if (current && !statement.single && current.size() >= statement.maxFileSize) {
      await finish(current);
      current = null;
    }
    if (!current) {
      current = openTextFile(join(directory, `part_${files.length}`), format);
      await current.write(header);
    }
    await current.write(toLine(row), 1);
  }
  if (current) {
    await finish(current);
  }
  return files;
}

/** Every column as the text that the file holds, by the format's DATE_FORMAT and its like. */
async function asTexts(
  context: StatementContext,
  query: Query,
  plain: TranslatedQuery,
  format: FileFormat,
): Promise<TranslatedQuery> {
  const items = plain.columns.map((column, i) => textItem(column, `C${i + 1}`, format));
  const reader = createTokenReader(`SELECT ${items.join(', ')} FROM @~`);
  const outer = context.parseQuery(reader);
  if (outer.body.kind !== 'select') {
    throw new Error('an unload is a SELECT');
  }
  const columnAliases = plain.columns.map((_, i) => ({ name: `C${i + 1}`, quoted: true }));
  const alias = { name: 'Q', quoted: true };
  const span = { start: 0, end: 0, line: 1, position: 0 };
  const from = { kind: 'subquery' as const, query, alias, columnAliases, lateral: false, span };
  return context.translateQuery({ ...outer, body: { ...outer.body, from } });
}

function textItem(column: ResultColumn, name: string, format: FileFormat): string {
  const { kind } = column.type;
  if (isSemiStructured(column)) {
    return `TO_JSON(${name})`;
  }
  if (kind === 'binary') {
    return `TO_VARCHAR(${name}, ${literal(textOption(format, 'BINARY_FORMAT') ?? 'HEX')})`;
  }
  const option = kind === 'date' ? 'DATE_FORMAT' : kind === 'time' ? 'TIME_FORMAT' : 'TIMESTAMP_FORMAT';
  const isTemporal = kind === 'date' || kind === 'time' || kind.startsWith('timestamp');
  const wanted = isTemporal ? (textOption(format, option) ?? 'AUTO') : 'AUTO';
  return wanted.toUpperCase() === 'AUTO' ? `${name}::VARCHAR` : `TO_VARCHAR(${name}, ${literal(wanted)})`;
}

async function* readRows(context: StatementContext, query: TranslatedQuery): AsyncGenerator<(string | null)[]> {
  try {
    const result = await context.session.connection.stream(query.sql);
    for (;;) {
      context.signal.throwIfAborted();
      const chunk = await result.fetchChunk();
      if (!chunk || chunk.rowCount === 0) {
        return;
      }
      yield* chunk.getRows() as (string | null)[][];
    }
  } catch (error) {
    throw fromDuckDb(error);
  }
}

const jsonLine = (row: readonly (string | null)[]): string => `${row[0] ?? 'null'}\n`;

/** Texts are enclosed whenever an enclosing character is set, numbers and booleans never, NULL never. */
function csvLine(format: FileFormat, columns: readonly ResultColumn[]): (row: readonly (string | null)[]) => string {
  const field = textOption(format, 'FIELD_DELIMITER') ?? '';
  const record = textOption(format, 'RECORD_DELIMITER') ?? '';
  const [missing = ''] = listOption(format, 'NULL_IF');
  const encloses = columns.map(({ type }) => !['number', 'float', 'boolean'].includes(type.kind));
  const quoted = encloser(format);
  const escaped = escaper(format, [field, record]);
  return (row) =>
    row
      .map((value, i) => (value === null ? missing : encloses[i] && quoted ? quoted(value) : escaped(value)))
      .join(field) + record;
}

function headerLine(format: FileFormat, columns: readonly ResultColumn[]): string {
  const quoted = encloser(format) ?? ((name: string): string => name);
  const names = columns.map((column) => quoted(column.name));
  return names.join(textOption(format, 'FIELD_DELIMITER') ?? '') + (textOption(format, 'RECORD_DELIMITER') ?? '');
}

function encloser(format: FileFormat): ((value: string) => string) | undefined {
  const quote = textOption(format, 'FIELD_OPTIONALLY_ENCLOSED_BY');
  const escape = textOption(format, 'ESCAPE');
  if (quote === null) {
    return undefined;
  }
  return (value) => {
    const inner =
      escape === null || escape === quote
        ? value.replaceAll(quote, quote + quote)
        : value.replaceAll(escape, escape + escape).replaceAll(quote, escape + quote);
    return quote + inner + quote;
  };
}

/** Delimiters inside a field that is not enclosed are escaped by ESCAPE_UNENCLOSED_FIELD, when there is one. */
function escaper(format: FileFormat, delimiters: readonly string[]): (value: string) => string {
  const escape = textOption(format, 'ESCAPE_UNENCLOSED_FIELD');
  if (escape === null) {
    return (value) => value;
  }
  return (value) =>
    delimiters
      .filter((delimiter) => delimiter !== '')
      .reduce(
        (text, delimiter) => text.replaceAll(delimiter, escape + delimiter),
        value.replaceAll(escape, escape + escape),
      );
}

interface TextFile {
  /** Bytes written so far, behind the compression. */
  size(): number;
  write(text: string, rows?: number): Promise<void>;
  close(): Promise<UnloadedFile>;
}

function openTextFile(file: string, format: FileFormat): TextFile {
  const compressor = compressorOf(textOption(format, 'COMPRESSION') ?? 'NONE');
  const out = createWriteStream(file);
  compressor.pipe(out);
  let rows = 0;
  let inputBytes = 0;
  let outputBytes = 0;
  compressor.on('data', (chunk: Buffer) => {
    outputBytes += chunk.length;
  });
  return {
    size: () => outputBytes,
    write: async (text, count = 0) => {
      rows += count;
      inputBytes += Buffer.byteLength(text);
      if (text !== '' && !compressor.write(text)) {
        await once(compressor, 'drain');
      }
    },
    close: async () => {
      compressor.end();
      await finished(out);
      return { file, rows, inputBytes, outputBytes };
    },
  };
}

function compressorOf(name: string): Transform {
  switch (name) {
    case 'AUTO':
    case 'GZIP':
      return createGzip();
    case 'BROTLI':
      return createBrotliCompress();
    case 'DEFLATE':
      return createDeflate();
    case 'RAW_DEFLATE':
      return createDeflateRaw();
    case 'NONE':
      return new PassThrough();
    default:
      throw unsupportedCompression(name);
  }
}

function isSemiStructured(column: ResultColumn | undefined): boolean {
  return column !== undefined && ['variant', 'object', 'array'].includes(column.type.kind);
}

function literal(text: string): string {
  return quoteText(text.replaceAll('\\', '\\\\'));
}
