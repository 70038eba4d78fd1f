import type { Json } from '../values/json-text.ts';
import { JsonError, jsonText, parseJson } from '../values/json-text.ts';
import type { FileFormat } from './file-format.ts';
import { booleanOption } from './file-format.ts';
import type { TextPiece } from './text-input.ts';

export type JsonEvent =
  /** `text`: the document in VARIANT's canonical form; `keys`: its top-level names when it is an object. */
  | { kind: 'document'; text: string; keys: string[] }
  | { kind: 'rejected'; code: string; sqlState: string; message: string; text: string };

/**
 * Cuts a file into JSON documents: separated by white space or commas, or the elements of one outer array with
 * STRIP_OUTER_ARRAY. One document is held at a time. https://docs.snowflake.com/en/sql-reference/sql/create-file-format (TYPE = JSON)
 */
export async function* parseJsonDocuments(
  pieces: AsyncIterable<TextPiece>,
  format: FileFormat,
): AsyncGenerator<JsonEvent> {
  const cutter = createCutter(booleanOption(format, 'STRIP_OUTER_ARRAY'));
  const stripsNulls = booleanOption(format, 'STRIP_NULL_VALUES');
  const replaces = booleanOption(format, 'REPLACE_INVALID_CHARACTERS') || booleanOption(format, 'IGNORE_UTF8_ERRORS');
  let isBroken = false;
  for await (const piece of pieces) {
    isBroken ||= piece.isBroken;
    for (const text of cutter.add(piece.text)) {
      yield toEvent(text, { stripsNulls, isBroken: isBroken && !replaces });
    }
  }
  const last = cutter.end();
  if (last !== undefined) {
    yield toEvent(last, { stripsNulls, isBroken: isBroken && !replaces });
  }
}

interface Cutter {
  add(text: string): string[];
  /** What is left when the file ends. */
  end(): string | undefined;
}

function createCutter(stripsArray: boolean): Cutter {
  let current = '';
  let depth = 0;
  let inString = false;
  let isEscaped = false;
  let outer: 'unknown' | 'inside' | 'none' = stripsArray ? 'unknown' : 'none';

  const isSeparator = (c: string): boolean => c === ',' || /\s/.test(c);
  return {
    add(text) {
      const found: string[] = [];
      const finish = (): void => {
        if (current !== '') {
          found.push(current);
        }
        current = '';
      };
      for (const c of text) {
        if (inString) {
          current += c;
          inString = isEscaped || c !== '"';
          isEscaped = !isEscaped && c === '\\';
          continue;
        }
        if (depth === 0 && isSeparator(c)) {
          finish();
          continue;
        }
        if (outer === 'unknown') {
          outer = c === '[' ? 'inside' : 'none';
          if (outer === 'inside') {
            continue;
          }
        }
        if (outer === 'inside' && depth === 0 && c === ']') {
          finish();
          outer = 'unknown';
          continue;
        }
        current += c;
        if (c === '"') {
          inString = true;
        } else if (c === '{' || c === '[') {
          depth += 1;
        } else if (c === '}' || c === ']') {
          depth = Math.max(depth - 1, 0);
          if (depth === 0) {
            finish();
          }
        }
      }
      return found;
    },
    end: () => (current.trim() === '' ? undefined : current),
  };
}

function toEvent(text: string, options: { stripsNulls: boolean; isBroken: boolean }): JsonEvent {
  if (options.isBroken && text.includes('\uFFFD')) {
    return { kind: 'rejected', code: '100144', sqlState: '22000', message: 'Invalid UTF8 detected in string', text };
  }
  try {
    const parsed = parseJson(text);
    const value = options.stripsNulls ? withoutNulls(parsed) : parsed;
    return { kind: 'document', text: jsonText(value), keys: value instanceof Map ? [...value.keys()] : [] };
  } catch (error) {
    const where = error instanceof JsonError ? `${error.message}, pos ${error.at + 1}` : String(error);
    return { kind: 'rejected', code: '100069', sqlState: '22P02', message: `Error parsing JSON: ${where}`, text };
  }
}

/** STRIP_NULL_VALUES: fields that are null go; the places of array elements stay. */
function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) {
    return value.map(withoutNulls);
  }
  if (value instanceof Map) {
    return new Map([...value].filter(([, item]) => item !== null).map(([key, item]) => [key, withoutNulls(item)]));
  }
  return value;
}
