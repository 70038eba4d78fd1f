/**
 * JSON as VARIANT holds it. Numbers keep their digits (a double would lose them), keys are sorted, white space is gone.
 * https://docs.snowflake.com/en/sql-reference/data-types-semistructured
 */
export type Json = null | boolean | string | JsonNumber | Json[] | Map<string, Json>;
export interface JsonNumber {
  number: string;
}

export class JsonError extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** Reads JSON text. @throws JsonError with the place */
export function parseJson(text: string): Json {
  let at = 0;
  const fail = (what: string): never => {
    throw new JsonError(what, at);
  };
  const blank = (): void => {
    while (/\s/.test(text[at] ?? '')) at += 1;
  };
  const value = (): Json => {
    blank();
    const c = text[at];
    if (c === '{') return object();
    if (c === '[') return array();
    if (c === '"') return string();
    const word = /(?:true|false|null|NaN|-?Infinity)/y;
    word.lastIndex = at;
    const found = word.exec(text)?.[0];
    if (found) {
      at += found.length;
      if (found === 'NaN' || found.endsWith('Infinity')) return { number: found };
      return found === 'null' ? null : found === 'true';
    }
    const number = /-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
    number.lastIndex = at;
    const digits = number.exec(text)?.[0];
    if (digits === undefined) return fail(at >= text.length ? 'unexpected end of input' : 'unexpected character');
    at += digits.length;
    return { number: normalNumber(digits) };
  };
  const string = (): string => {
    let end = at + 1;
    while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
    if (end >= text.length) return fail('unterminated string');
    const raw = text.slice(at, end + 1).replace(/[\n\r\t]/g, (c) => (c === '\n' ? '\\n' : c === '\r' ? '\\r' : '\\t'));
    try {
      const parsed = JSON.parse(raw) as string;
      at = end + 1;
      return parsed;
    } catch {
      return fail('invalid string');
    }
  };
  const array = (): Json[] => {
    const items: Json[] = [];
    at += 1;
    blank();
    if (text[at] === ']') {
      at += 1;
      return items;
    }
    for (;;) {
      items.push(value());
      blank();
      if (text[at] === ',') at += 1;
      else if (text[at] === ']') {
        at += 1;
        return items;
      } else return fail('expected , or ]');
    }
  };
  const object = (): Map<string, Json> => {
    const entries = new Map<string, Json>();
    at += 1;
    blank();
    if (text[at] === '}') {
      at += 1;
      return entries;
    }
    for (;;) {
      blank();
      if (text[at] !== '"') return fail('expected a key');
      const key = string();
      blank();
      if (text[at] !== ':') return fail('expected :');
      at += 1;
      if (entries.has(key)) return fail(`duplicate object attribute "${key}"`);
      entries.set(key, value());
      blank();
      if (text[at] === ',') at += 1;
      else if (text[at] === '}') {
        at += 1;
        return entries;
      } else return fail('expected , or }');
    }
  };
  const result = value();
  blank();
  if (at < text.length) fail('more data after the value');
  return result;
}

/** Up to 38 digits stay exact; an exponent or more digits make a double, printed with 15 decimals as the vendor does. */
export function normalNumber(text: string): string {
  const digits = text.replace(/^-/, '').replace('.', '').replace(/^0+/, '');
  if (/[eE]/.test(text) || digits.length > 38) return doubleText(Number(text));
  let plain = text.startsWith('.') ? `0${text}` : text.replace('-.', '-0.');
  if (plain.endsWith('.')) plain = plain.slice(0, -1);
  return plain.replace(/^(-?)0+(?=\d)/, '$1');
}

export function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return value.toExponential(15).replace(/e([+-])(\d)$/, 'e$10$2');
}

/** Canonical text: no spaces, keys sorted. */
export function jsonText(value: Json): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  if (value instanceof Map) {
    const keys = [...value.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${keys.map((k) => `${JSON.stringify(k)}:${jsonText(value.get(k) as Json)}`).join(',')}}`;
  }
  return value.number;
}

/** TYPEOF's answer. https://docs.snowflake.com/en/sql-reference/functions/typeof */
export function jsonType(value: Json): string {
  if (value === null) return 'NULL_VALUE';
  if (typeof value === 'boolean') return 'BOOLEAN';
  if (typeof value === 'string') return 'VARCHAR';
  if (Array.isArray(value)) return 'ARRAY';
  if (value instanceof Map) return 'OBJECT';
  if (/^-?\d+$/.test(value.number)) return 'INTEGER';
  return /[eNI]/.test(value.number) ? 'DOUBLE' : 'DECIMAL';
}
