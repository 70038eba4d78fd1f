import { invalidParameter, invalidValue, unsupportedFeature } from './stage-errors.ts';

/** The format types that can be read here; AVRO, ORC, XML and CUSTOM are refused by name. */
export type FormatType = 'CSV' | 'JSON' | 'PARQUET';

/** One option value: text, a switch, a number, a list of texts, or null for the keyword NONE. */
export type OptionValue = string | number | boolean | readonly string[] | null;

/** A complete set of options of one type; every documented option has a value. */
export interface FileFormat {
  readonly type: FormatType;
  readonly options: Readonly<Record<string, OptionValue>>;
}

/**
 * One option as a statement gives it. `quoted` tells 'TRUE' from TRUE, which the vendor treats differently for switches;
 * a list is `(...)`. NONE and AUTO as bare words arrive as text with `quoted: false`.
 */
export interface GivenOption {
  readonly name: string;
  readonly value: string | readonly string[];
  readonly quoted: boolean;
}

type OptionKind = 'boolean' | 'integer' | 'text' | 'character' | 'delimiter' | 'list' | 'keyword';

interface OptionRule {
  readonly name: string;
  readonly kind: OptionKind;
  readonly initial: OptionValue;
  readonly keywords?: readonly string[];
}

const TEXT_COMPRESSIONS = ['AUTO', 'GZIP', 'BZ2', 'BROTLI', 'ZSTD', 'DEFLATE', 'RAW_DEFLATE', 'NONE'];
const ENCODINGS = [
  'BIG5 EUCJP EUCKR GB18030 IBM420 IBM424 IBM949 ISO2022CN ISO2022JP ISO2022KR ISO88591 ISO88592 ISO88595 ISO88596',
  'ISO88597 ISO88598 ISO88599 ISO885915 KOI8R SHIFTJIS UTF8 UTF16 UTF16BE UTF16LE UTF32 UTF32BE UTF32LE WINDOWS874',
  'WINDOWS949 WINDOWS1250 WINDOWS1251 WINDOWS1252 WINDOWS1253 WINDOWS1254 WINDOWS1255 WINDOWS1256',
]
  .join(' ')
  .split(' ');

const DATE_AND_BINARY: readonly OptionRule[] = [
  { name: 'DATE_FORMAT', kind: 'text', initial: 'AUTO' },
  { name: 'TIME_FORMAT', kind: 'text', initial: 'AUTO' },
  { name: 'TIMESTAMP_FORMAT', kind: 'text', initial: 'AUTO' },
  { name: 'BINARY_FORMAT', kind: 'keyword', initial: 'HEX', keywords: ['HEX', 'BASE64', 'UTF8'] },
];

/**
 * The options of each type with their defaults, in the order in which DESCRIBE lists them.
 * https://docs.snowflake.com/en/sql-reference/sql/create-file-format and .../desc-file-format
 */
const OPTION_RULES: Readonly<Record<FormatType, readonly OptionRule[]>> = {
  CSV: [
    { name: 'RECORD_DELIMITER', kind: 'delimiter', initial: '\n' },
    { name: 'FIELD_DELIMITER', kind: 'delimiter', initial: ',' },
    { name: 'FILE_EXTENSION', kind: 'text', initial: null },
    { name: 'SKIP_HEADER', kind: 'integer', initial: 0 },
    { name: 'PARSE_HEADER', kind: 'boolean', initial: false },
    ...DATE_AND_BINARY,
    { name: 'ESCAPE', kind: 'character', initial: null },
    { name: 'ESCAPE_UNENCLOSED_FIELD', kind: 'character', initial: '\\' },
    { name: 'TRIM_SPACE', kind: 'boolean', initial: false },
    { name: 'FIELD_OPTIONALLY_ENCLOSED_BY', kind: 'character', initial: null },
    { name: 'NULL_IF', kind: 'list', initial: ['\\N'] },
    { name: 'COMPRESSION', kind: 'keyword', initial: 'AUTO', keywords: TEXT_COMPRESSIONS },
    { name: 'ERROR_ON_COLUMN_COUNT_MISMATCH', kind: 'boolean', initial: true },
    { name: 'VALIDATE_UTF8', kind: 'boolean', initial: true },
    { name: 'SKIP_BLANK_LINES', kind: 'boolean', initial: false },
    { name: 'REPLACE_INVALID_CHARACTERS', kind: 'boolean', initial: false },
    { name: 'EMPTY_FIELD_AS_NULL', kind: 'boolean', initial: true },
    { name: 'SKIP_BYTE_ORDER_MARK', kind: 'boolean', initial: true },
    { name: 'ENCODING', kind: 'keyword', initial: 'UTF8', keywords: ENCODINGS },
    { name: 'MULTI_LINE', kind: 'boolean', initial: true },
  ],
  JSON: [
    { name: 'FILE_EXTENSION', kind: 'text', initial: null },
    ...DATE_AND_BINARY,
    { name: 'TRIM_SPACE', kind: 'boolean', initial: false },
    { name: 'MULTI_LINE', kind: 'boolean', initial: true },
    { name: 'NULL_IF', kind: 'list', initial: ['\\N'] },
    { name: 'COMPRESSION', kind: 'keyword', initial: 'AUTO', keywords: TEXT_COMPRESSIONS },
    { name: 'ENABLE_OCTAL', kind: 'boolean', initial: false },
    { name: 'ALLOW_DUPLICATE', kind: 'boolean', initial: false },
    { name: 'STRIP_OUTER_ARRAY', kind: 'boolean', initial: false },
    { name: 'STRIP_NULL_VALUES', kind: 'boolean', initial: false },
    { name: 'IGNORE_UTF8_ERRORS', kind: 'boolean', initial: false },
    { name: 'REPLACE_INVALID_CHARACTERS', kind: 'boolean', initial: false },
    { name: 'SKIP_BYTE_ORDER_MARK', kind: 'boolean', initial: true },
  ],
  PARQUET: [
    { name: 'TRIM_SPACE', kind: 'boolean', initial: false },
    { name: 'NULL_IF', kind: 'list', initial: ['\\N'] },
    { name: 'COMPRESSION', kind: 'keyword', initial: 'AUTO', keywords: ['AUTO', 'LZO', 'SNAPPY', 'NONE'] },
    { name: 'SNAPPY_COMPRESSION', kind: 'boolean', initial: true },
    { name: 'BINARY_AS_TEXT', kind: 'boolean', initial: true },
    { name: 'USE_LOGICAL_TYPE', kind: 'boolean', initial: false },
    { name: 'USE_VECTORIZED_SCANNER', kind: 'boolean', initial: false },
    { name: 'REPLACE_INVALID_CHARACTERS', kind: 'boolean', initial: false },
  ],
};

const PROPERTY_TYPES: Readonly<Record<OptionKind, string>> = {
  boolean: 'Boolean',
  integer: 'Integer',
  text: 'String',
  character: 'String',
  delimiter: 'String',
  keyword: 'String',
  list: 'List',
};

/** The default format of a type; CSV is the default type everywhere. */
export function defaultFileFormat(type: FormatType = 'CSV'): FileFormat {
  return { type, options: Object.fromEntries(OPTION_RULES[type].map((rule) => [rule.name, rule.initial])) };
}

/** Reads `TYPE = ...`; a type that the vendor has but this stand-in does not read is refused as unsupported. */
export function parseFormatType(text: string): FormatType {
  const type = text.toUpperCase();
  if (type === 'CSV' || type === 'JSON' || type === 'PARQUET') {
    return type;
  }
  if (['AVRO', 'ORC', 'XML', 'CUSTOM'].includes(type)) {
    throw unsupportedFeature(`FILE_FORMAT TYPE = ${type}`);
  }
  throw invalidValue(text, 'TYPE');
}

/**
 * A format changed by the options of a statement. TYPE may only repeat the format's own type.
 * Unknown names are `invalid parameter`, wrong values `invalid value [...] for parameter`, as the vendor words them.
 */
export function withFormatOptions(format: FileFormat, given: readonly GivenOption[]): FileFormat {
  const options: Record<string, OptionValue> = { ...format.options };
  for (const option of given) {
    const name = option.name.toUpperCase();
    if (name === 'TYPE') {
      continue;
    }
    const rule = OPTION_RULES[format.type].find((candidate) => candidate.name === name);
    if (!rule) {
      throw invalidParameter(option.name);
    }
    options[name] = readOption(rule, option);
  }
  const changed = { type: format.type, options };
  checkCombination(changed);
  return changed;
}

/** `(property, property_type, property_value, property_default)` rows as DESCRIBE FILE FORMAT and DESCRIBE STAGE show them. */
export function describeFileFormat(format: FileFormat, upperCaseBooleans: boolean): string[][] {
  const rows = [['TYPE', 'String', format.type, 'CSV']];
  for (const rule of OPTION_RULES[format.type]) {
    const value = showOption(rule, format.options[rule.name] ?? null, upperCaseBooleans);
    rows.push([rule.name, PROPERTY_TYPES[rule.kind], value, showOption(rule, rule.initial, upperCaseBooleans)]);
  }
  return rows;
}

/** The JSON text of SHOW FILE FORMATS' `format_options` column. */
export function formatOptionsJson(format: FileFormat): string {
  return JSON.stringify({ TYPE: format.type, ...format.options });
}

export function booleanOption(format: FileFormat, name: string): boolean {
  return format.options[name] === true;
}

/** A text option, or null for NONE. */
export function textOption(format: FileFormat, name: string): string | null {
  const value = format.options[name];
  return typeof value === 'string' ? value : null;
}

export function integerOption(format: FileFormat, name: string): number {
  const value = format.options[name];
  return typeof value === 'number' ? value : 0;
}

export function listOption(format: FileFormat, name: string): readonly string[] {
  const value = format.options[name];
  return typeof value === 'object' && value !== null ? value : [];
}

function readOption(rule: OptionRule, given: GivenOption): OptionValue {
  const { value } = given;
  if (rule.kind === 'list') {
    return typeof value === 'string' ? (isNone(given) ? [] : [value]) : value;
  }
  if (typeof value !== 'string') {
    throw invalidValue(`(${value.map((item) => `'${item}'`).join(', ')})`, given.name);
  }
  switch (rule.kind) {
    case 'boolean':
      return readBoolean(given, value);
    case 'integer':
      if (given.quoted || !/^\d{1,18}$/.test(value)) {
        throw invalidValue(given.quoted ? `'${value}'` : value, given.name);
      }
      return Number(value);
    case 'keyword': {
      const keyword = value.toUpperCase().replace(/-/g, '');
      if (!rule.keywords?.includes(keyword)) {
        throw invalidValue(given.quoted ? `'${value}'` : value, given.name);
      }
      return keyword;
    }
    case 'text':
      return isNone(given) ? null : value;
    case 'character':
    case 'delimiter':
      return readCharacters(rule, given, value);
  }
}

function readBoolean(given: GivenOption, value: string): boolean {
  const text = value.toUpperCase();
  if (given.quoted || (text !== 'TRUE' && text !== 'FALSE')) {
    throw invalidValue(given.quoted ? `'${value}'` : value, given.name);
  }
  return text === 'TRUE';
}

function readCharacters(rule: OptionRule, given: GivenOption, value: string): string | null {
  if (value.toUpperCase() === 'NONE') {
    return null;
  }
  const characters = decodeCharacters(value);
  const limit = rule.kind === 'character' ? 1 : 20;
  if (characters.length === 0 || [...characters].length > limit) {
    throw invalidValue(`'${value}'`, given.name);
  }
  return characters;
}

/** Octal (`\136`), hex (`0x5e`, `\x5e`, repeated for multibyte characters) and the common escapes. */
function decodeCharacters(value: string): string {
  if (/^(?:(?:0x|\\x)[0-9a-f]{2})+$/i.test(value)) {
    return Buffer.from(value.replace(/0x|\\x/gi, ''), 'hex').toString('utf8');
  }
  if (/^(?:\\[0-3][0-7]{2})+$/.test(value)) {
    return Buffer.from(
      value
        .slice(1)
        .split('\\')
        .map((digits) => parseInt(digits, 8)),
    ).toString('utf8');
  }
  const escapes: Record<string, string> = {
    '\\t': '\t',
    '\\n': '\n',
    '\\r': '\r',
    '\\\\': '\\',
    "\\'": "'",
    '\\b': '\b',
    '\\f': '\f',
    '\\0': '\0',
  };
  return value.replace(/\\[tnr\\'bf0]/g, (sequence) => escapes[sequence] ?? sequence);
}

function checkCombination(format: FileFormat): void {
  if (format.type !== 'CSV') {
    return;
  }
  const field = textOption(format, 'FIELD_DELIMITER');
  const record = textOption(format, 'RECORD_DELIMITER');
  if (field !== null && record !== null && (field.includes(record) || record.includes(field))) {
    throw invalidValue(field, 'FIELD_DELIMITER');
  }
  if (booleanOption(format, 'PARSE_HEADER') && integerOption(format, 'SKIP_HEADER') > 0) {
    throw invalidValue(String(integerOption(format, 'SKIP_HEADER')), 'SKIP_HEADER');
  }
}

function isNone(given: GivenOption): boolean {
  return !given.quoted && given.value === 'NONE';
}

function showOption(rule: OptionRule, value: OptionValue, upperCaseBooleans: boolean): string {
  if (typeof value === 'boolean') {
    return upperCaseBooleans ? String(value).toUpperCase() : String(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map(escapeCharacters).join(', ')}]`;
  }
  if (value === null) {
    return rule.kind === 'text' ? '' : 'NONE';
  }
  return escapeCharacters(String(value));
}

function escapeCharacters(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\t/g, '\\t');
}
