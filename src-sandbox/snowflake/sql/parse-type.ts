import { errors, SnowflakeError } from '../errors.ts';
import { DEFAULT_BINARY, DEFAULT_TEXT, MAX_BINARY, MAX_TEXT, types, type SnowflakeType } from './data-type.ts';
import type { TokenReader } from './token-reader.ts';

const FIXED: Record<string, SnowflakeType> = {
  INT: types.number(),
  INTEGER: types.number(),
  BIGINT: types.number(),
  SMALLINT: types.number(),
  TINYINT: types.number(),
  BYTEINT: types.number(),
  FLOAT: types.float,
  FLOAT4: types.float,
  FLOAT8: types.float,
  DOUBLE: types.float,
  REAL: types.float,
  BOOLEAN: types.boolean,
  DATE: types.date,
  VARIANT: types.variant,
  OBJECT: types.object,
  ARRAY: types.array,
  GEOGRAPHY: types.geography,
  GEOMETRY: types.geometry,
};

/** Names of types that take one length or precision, and the length when none is given. */
const TEXT_DEFAULTS: Record<string, number> = {
  VARCHAR: DEFAULT_TEXT,
  STRING: DEFAULT_TEXT,
  TEXT: DEFAULT_TEXT,
  NVARCHAR: DEFAULT_TEXT,
  NVARCHAR2: DEFAULT_TEXT,
  CHAR: 1,
  CHARACTER: 1,
  NCHAR: 1,
};
const TIMES: Record<string, (scale?: number) => SnowflakeType> = {
  TIME: types.time,
  DATETIME: types.ntz,
  TIMESTAMP: types.ntz,
  TIMESTAMPNTZ: types.ntz,
  TIMESTAMP_NTZ: types.ntz,
  TIMESTAMPLTZ: types.ltz,
  TIMESTAMP_LTZ: types.ltz,
  TIMESTAMPTZ: types.tz,
  TIMESTAMP_TZ: types.tz,
};

/**
 * A data type with its synonyms. https://docs.snowflake.com/en/sql-reference/intro-summary-data-types
 * @throws SnowflakeError 002040 "Unsupported data type 'X'." for a name that is no type
 */
export function parseType(reader: TokenReader): SnowflakeType {
  const token = reader.next();
  if (token.kind !== 'word') throw reader.unexpected(token);
  const name = token.value;
  if (name === 'DOUBLE' && reader.acceptWords('PRECISION')) return types.float;
  if (name === 'NUMBER' || name === 'DECIMAL' || name === 'NUMERIC' || name === 'DEC') return parseNumber(reader);
  if (name === 'VARBINARY' || name === 'BINARY') {
    if (name === 'BINARY' && reader.acceptWords('VARYING'))
      return types.binary(parseLength(reader, DEFAULT_BINARY, MAX_BINARY));
    return types.binary(parseLength(reader, DEFAULT_BINARY, MAX_BINARY));
  }
  if ((name === 'CHAR' || name === 'NCHAR' || name === 'CHARACTER') && reader.acceptWords('VARYING')) {
    return types.text(parseLength(reader, DEFAULT_TEXT, MAX_TEXT));
  }
  const text = TEXT_DEFAULTS[name];
  if (text !== undefined) return types.text(parseLength(reader, text, MAX_TEXT));
  const time = TIMES[name];
  if (time) return parseTime(reader, name, time);
  const fixed = FIXED[name];
  if (fixed) {
    if (reader.isOperator('(') && (fixed.kind === 'object' || fixed.kind === 'array')) {
      throw errors.notInPractice('structured types');
    }
    return fixed;
  }
  throw new SnowflakeError('002040', '42601', `SQL compilation error:\nUnsupported data type '${token.text}'.`, token);
}

function parseNumber(reader: TokenReader): SnowflakeType {
  if (!reader.acceptOperator('(')) return types.number();
  const place = reader.peek();
  const precision = reader.integer();
  const scale = reader.acceptOperator(',') ? reader.integer() : 0;
  reader.expectOperator(')');
  if (precision < 1 || precision > 38 || scale < 0 || scale > 37 || scale > precision) {
    throw new SnowflakeError(
      '002263',
      '42601',
      `SQL compilation error:\ninvalid ${precision < 1 || precision > 38 ? 'precision' : 'scale'} '${precision < 1 || precision > 38 ? precision : scale}' in number type definition.`,
      place,
    );
  }
  return types.number(precision, scale);
}

function parseLength(reader: TokenReader, normal: number, most: number): number {
  if (!reader.acceptOperator('(')) return normal;
  const place = reader.peek();
  const length = reader.integer();
  reader.expectOperator(')');
  if (length < 1 || length > most) {
    throw new SnowflakeError(
      '002263',
      '42601',
      `SQL compilation error:\ninvalid length '${length}' in type definition.`,
      place,
    );
  }
  return length;
}

function parseTime(reader: TokenReader, name: string, make: (scale?: number) => SnowflakeType): SnowflakeType {
  const before = zoneWords(reader, name, make);
  if (!reader.acceptOperator('(')) return before();
  const place = reader.peek();
  const scale = reader.integer();
  reader.expectOperator(')');
  if (scale < 0 || scale > 9) {
    throw new SnowflakeError(
      '002263',
      '42601',
      `SQL compilation error:\ninvalid scale '${scale}' in type definition.`,
      place,
    );
  }
  return zoneWords(reader, name, make)(scale);
}

/** TIMESTAMP [WITHOUT TIME ZONE | WITH [LOCAL] TIME ZONE]. */
function zoneWords(
  reader: TokenReader,
  name: string,
  make: (scale?: number) => SnowflakeType,
): (scale?: number) => SnowflakeType {
  if (name !== 'TIMESTAMP') return make;
  if (reader.acceptWords('WITHOUT', 'TIME', 'ZONE')) return types.ntz;
  if (reader.acceptWords('WITH', 'LOCAL', 'TIME', 'ZONE')) return types.ltz;
  if (reader.acceptWords('WITH', 'TIME', 'ZONE')) return types.tz;
  return make;
}
