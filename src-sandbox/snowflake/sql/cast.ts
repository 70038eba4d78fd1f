import type { TypedSql } from '../commands/command.ts';
import { quoteText } from '../engine/database.ts';
import { engineErrorText, SnowflakeError } from '../errors.ts';
import { duckDbType, typeName, types, type SnowflakeType, type TypeKind } from './data-type.ts';

/** A session parameter's value, by upper-case name. */
export type ParameterLookup = (name: string) => string;

export interface CastOptions {
  parameter: ParameterLookup;
  /** false: what cannot be converted becomes NULL (TRY_CAST). */
  strict?: boolean;
  /** An explicit format (TO_DATE(x, 'YYYY')); '' or undefined: the session's input format. */
  format?: string;
}

type Shape = 'ntz' | 'ltz' | 'tz';
const shapeOf = (kind: TypeKind): Shape | undefined =>
  kind === 'timestamp_ntz' ? 'ntz' : kind === 'timestamp_ltz' ? 'ltz' : kind === 'timestamp_tz' ? 'tz' : undefined;
const isSemi = (kind: TypeKind): boolean => kind === 'variant' || kind === 'object' || kind === 'array';

/**
 * `value` as another type, with Snowflake's rules and error texts.
 * https://docs.snowflake.com/en/sql-reference/data-type-conversion
 * @throws SnowflakeError 001065/002016-like "invalid type [CAST(x AS y)] for parameter" when no conversion exists
 */
export function castTo(value: TypedSql, to: SnowflakeType, options: CastOptions): TypedSql {
  const strict = options.strict ?? true;
  const result = (sql: string): TypedSql => ({ sql, type: to, nullable: strict ? (value.nullable ?? true) : true });
  const from = value.type;
  if (from.kind === 'null') return result(`CAST(NULL AS ${duckDbType(to)})`);
  if (isSemi(from.kind) && !isSemi(to.kind) && to.kind !== 'geography' && to.kind !== 'geometry') {
    if (from.kind !== 'variant' && to.kind !== 'text') throw invalidCast(value, to);
    return castTo({ sql: `sf_json_plain(${value.sql})`, type: types.text() }, to, options);
  }
  switch (to.kind) {
    case 'text':
      return result(fitText(toText(value, options), from, to.length, strict));
    case 'number':
      return result(toNumber(value, to, strict));
    case 'float':
      return result(toFloat(value, strict));
    case 'boolean':
      return result(toBoolean(value, to, strict));
    case 'date':
      return result(toDate(value, to, options));
    case 'time':
      return result(toTime(value, to, options));
    case 'timestamp_ntz':
    case 'timestamp_ltz':
    case 'timestamp_tz':
      return result(toTimestamp(value, to, options));
    case 'binary':
      return result(toBinary(value, to, options));
    case 'variant':
      return result(toVariant(value, options));
    case 'object':
    case 'array':
      if (isSemi(from.kind)) return result(value.sql);
      throw invalidCast(value, to);
    case 'geography':
    case 'geometry':
      if (from.kind === 'text' || from.kind === to.kind || isSemi(from.kind)) return result(value.sql);
      throw invalidCast(value, to);
    case 'null':
      return result('NULL');
  }
}

export function raiseSql(code: string, sqlState: string, message: string): string {
  return `error(${quoteText(engineErrorText(code, sqlState, message))})`;
}

function invalidCast(value: TypedSql, to: SnowflakeType): SnowflakeError {
  return new SnowflakeError(
    '001065',
    '22023',
    `SQL compilation error:\ninvalid type [CAST(${typeName(value.type)} AS ${typeName(to)})] for parameter 'TO_${to.kind.toUpperCase()}'`,
  );
}

function toText(value: TypedSql, { parameter, format }: CastOptions): string {
  const { sql, type } = value;
  const zone = quoteText(parameter('TIMEZONE'));
  switch (type.kind) {
    case 'number':
      return `CAST(${sql} AS VARCHAR)`;
    case 'float':
      return `sf_float_text(${sql})`;
    case 'boolean':
      return `CAST(${sql} AS VARCHAR)`;
    case 'date':
      return formatDate(sql, format || parameter('DATE_OUTPUT_FORMAT'));
    case 'time':
      return `sf_format(CAST(${sql} AS HUGEINT), 'time', ${quoteText(format || parameter('TIME_OUTPUT_FORMAT'))}, 'UTC')`;
    case 'timestamp_ntz':
    case 'timestamp_ltz':
    case 'timestamp_tz':
      return formatTimestamp({
        sql,
        shape: shapeOf(type.kind) as Shape,
        zone,
        format: format || outputFormat(type.kind, parameter),
      });
    case 'binary':
      return (format || parameter('BINARY_OUTPUT_FORMAT')).toUpperCase() === 'BASE64'
        ? `sf_base64(${sql})`
        : `hex(${sql})`;
    default:
      return sql;
  }
}

const ISO_DATE = 'YYYY-MM-DD';

function formatDate(sql: string, format: string): string {
  if (format.toUpperCase() === ISO_DATE) return `strftime(${sql}, '%Y-%m-%d')`;
  return `sf_format(CAST((${sql} - DATE '1970-01-01') AS HUGEINT) * 86400000000000, 'ntz', ${quoteText(format)}, 'UTC')`;
}

/** Whole-second formats are left to DuckDB, which is faster; all else goes through sf_format. */
function formatTimestamp(value: { sql: string; shape: Shape; zone: string; format: string }): string {
  const { sql, shape, zone, format } = value;
  const utc = shape === 'ntz' || (shape === 'ltz' && zone === "'UTC'");
  const match = /^YYYY-MM-DD([ T]|"T")HH24:MI:SS(?:\.FF([0-9]?))?$/i.exec(format);
  if (!utc || !match) return `sf_format(${sql}, '${shape}', ${quoteText(format)}, ${zone})`;
  const separator = match[1] === ' ' ? ' ' : 'T';
  const whole = `strftime(make_timestamp(CAST(sf_floor_div(${sql}, 1000000000) AS BIGINT) * 1000000), '%Y-%m-%d${separator}%H:%M:%S')`;
  const digits = match[2] === undefined ? 0 : match[2] === '' ? 9 : Number(match[2]);
  if (digits === 0) return format.includes('.') ? `${whole} || '.'` : whole;
  return `${whole} || '.' || left(lpad(CAST(sf_floor_mod(${sql}, 1000000000) AS VARCHAR), 9, '0'), ${digits})`;
}

export function outputFormat(kind: TypeKind, parameter: ParameterLookup): string {
  const own = parameter(`${kind.toUpperCase()}_OUTPUT_FORMAT`);
  return own || parameter('TIMESTAMP_OUTPUT_FORMAT');
}

function fitText(sql: string, from: SnowflakeType, length: number, strict: boolean): string {
  if (from.kind === 'text' && from.length <= length) return sql;
  if (length >= 16_777_216 || maxTextOf(from) <= length) return sql;
  const error = `error(${quoteText(engineErrorText('100078', '22000', "String '").slice(0, -1))} || ${sql} || ${quoteText("' is too long and would be truncated\u0002")})`;
  return `CASE WHEN length(${sql}) > ${length} THEN ${strict ? error : 'NULL'} ELSE ${sql} END`;
}

function maxTextOf(type: SnowflakeType): number {
  if (type.kind === 'number') return type.precision + (type.scale > 0 ? 3 : 1);
  if (type.kind === 'boolean') return 5;
  if (type.kind === 'date') return 10;
  return Infinity;
}

function toNumber(value: TypedSql, to: Extract<SnowflakeType, { kind: 'number' }>, strict: boolean): string {
  const { sql, type } = value;
  const target = duckDbType(to);
  const cast = strict ? 'CAST' : 'TRY_CAST';
  switch (type.kind) {
    case 'number':
      if (type.precision === to.precision && type.scale === to.scale) return sql;
      return `${cast}(${sql} AS ${target})`;
    case 'float':
      return `${cast}(${sql} AS ${target})`;
    case 'boolean':
      return `CAST(CAST(${sql} AS INTEGER) AS ${target})`;
    case 'text':
      return `CAST(sf_number(${sql}, ${to.precision}, ${to.scale}, ${strict}) AS ${target})`;
    default:
      throw invalidCast(value, to);
  }
}

function toFloat(value: TypedSql, strict: boolean): string {
  const { sql, type } = value;
  if (type.kind === 'float') return sql;
  if (type.kind === 'number') return `CAST(${sql} AS DOUBLE)`;
  if (type.kind === 'boolean') return `CAST(CAST(${sql} AS INTEGER) AS DOUBLE)`;
  if (type.kind === 'text') return `sf_float(${sql}, ${strict})`;
  throw invalidCast(value, types.float);
}

function toBoolean(value: TypedSql, to: SnowflakeType, strict: boolean): string {
  const { sql, type } = value;
  if (type.kind === 'boolean') return sql;
  if (type.kind === 'number' || type.kind === 'float') return `(${sql} <> 0)`;
  if (type.kind === 'text') return `sf_boolean(${sql}, ${strict})`;
  throw invalidCast(value, to);
}

/** AUTO means the session's detection; '' tells the functions so. */
function inputFormat(options: CastOptions, parameterName: string): string {
  const format = options.format || options.parameter(parameterName);
  return quoteText(format.toUpperCase() === 'AUTO' ? '' : format);
}

function toDate(value: TypedSql, to: SnowflakeType, options: CastOptions): string {
  const { sql, type } = value;
  const day = (nanos: string): string =>
    `(DATE '1970-01-01' + CAST(sf_floor_div(${nanos}, 86400000000000) AS INTEGER))`;
  const strict = options.strict ?? true;
  switch (type.kind) {
    case 'date':
      return sql;
    case 'text':
      return `(DATE '1970-01-01' + sf_date(${sql}, ${inputFormat(options, 'DATE_INPUT_FORMAT')}, ${strict}))`;
    case 'timestamp_ntz':
      return day(sql);
    case 'timestamp_ltz':
      return day(`sf_ntz_of_ltz(${sql}, ${quoteText(options.parameter('TIMEZONE'))})`);
    case 'timestamp_tz':
      return day(`sf_ntz_of_tz(${sql})`);
    default:
      throw invalidCast(value, to);
  }
}

function toTime(value: TypedSql, to: Extract<SnowflakeType, { kind: 'time' }>, options: CastOptions): string {
  const { sql, type } = value;
  const unit = 10 ** (9 - to.scale);
  const cut = (nanos: string, scale: number): string =>
    scale <= to.scale ? nanos : `(CAST(${nanos} AS BIGINT) // ${unit} * ${unit})`;
  const ofDay = (nanos: string): string => cut(`CAST(sf_floor_mod(${nanos}, 86400000000000) AS BIGINT)`, 9);
  switch (type.kind) {
    case 'time':
      return cut(sql, type.scale);
    case 'text':
      return cut(`sf_time(${sql}, ${inputFormat(options, 'TIME_INPUT_FORMAT')}, ${options.strict ?? true})`, 9);
    case 'timestamp_ntz':
      return ofDay(sql);
    case 'timestamp_ltz':
      return ofDay(`sf_ntz_of_ltz(${sql}, ${quoteText(options.parameter('TIMEZONE'))})`);
    case 'timestamp_tz':
      return ofDay(`sf_ntz_of_tz(${sql})`);
    default:
      throw invalidCast(value, to);
  }
}

function toTimestamp(value: TypedSql, to: SnowflakeType, options: CastOptions): string {
  const shape = shapeOf(to.kind) as Shape;
  const scale = 'scale' in to ? to.scale : 9;
  const { sql, type } = value;
  const zone = quoteText(options.parameter('TIMEZONE'));
  const fromNtz = (nanos: string): string => {
    if (shape === 'ntz') return nanos;
    const instant = zone === "'UTC'" ? nanos : `sf_ltz_of_ntz(${nanos}, ${zone})`;
    return shape === 'ltz' ? instant : tzOf(instant);
  };
  const tzOf = (instant: string): string =>
    zone === "'UTC'" ? `(${instant} * 4096 + 1440)` : `sf_tz_of_ltz(${instant}, ${zone})`;
  const cut = (held: string, fromScale: number): string => {
    if (fromScale <= scale) return held;
    return shape === 'tz' ? `sf_round_tz(${held}, ${scale})` : `sf_round_nanos(${held}, ${scale})`;
  };
  switch (type.kind) {
    case 'timestamp_ntz':
      return cut(fromNtz(sql), type.scale);
    case 'timestamp_ltz':
      if (shape === 'ltz') return cut(sql, type.scale);
      return cut(shape === 'tz' ? tzOf(sql) : zone === "'UTC'" ? sql : `sf_ntz_of_ltz(${sql}, ${zone})`, type.scale);
    case 'timestamp_tz':
      if (shape === 'tz') return cut(sql, type.scale);
      return cut(shape === 'ltz' ? `sf_ltz_of_tz(${sql})` : `sf_ntz_of_tz(${sql})`, type.scale);
    case 'date':
      return fromNtz(`(CAST((${sql} - DATE '1970-01-01') AS HUGEINT) * 86400000000000)`);
    case 'text':
      return cut(
        `sf_stamp(${sql}, ${inputFormat(options, 'TIMESTAMP_INPUT_FORMAT')}, '${shape}', ${zone}, ${options.strict ?? true})`,
        9,
      );
    case 'number': {
      const nanos = `CAST(CAST(${sql} AS DECIMAL(38,9)) * 1000000000 AS HUGEINT)`;
      return cut(shape === 'tz' ? tzOf(nanos) : nanos, 9);
    }
    default:
      throw invalidCast(value, to);
  }
}

function toBinary(value: TypedSql, to: Extract<SnowflakeType, { kind: 'binary' }>, options: CastOptions): string {
  const { sql, type } = value;
  if (type.kind === 'binary') {
    if (type.length <= to.length) return sql;
    const error = raiseSql('100145', '22000', `Binary value is too long and would be truncated`);
    return `CASE WHEN octet_length(${sql}) > ${to.length} THEN ${error} ELSE ${sql} END`;
  }
  if (type.kind !== 'text') throw invalidCast(value, to);
  const format = options.format || options.parameter('BINARY_INPUT_FORMAT');
  const made = `sf_binary(${sql}, ${quoteText(format)}, ${options.strict ?? true})`;
  if (to.length >= 8_388_608) return made;
  const error = raiseSql('100145', '22000', `Binary value is too long and would be truncated`);
  return `CASE WHEN octet_length(${made}) > ${to.length} THEN ${error} ELSE ${made} END`;
}

function toVariant(value: TypedSql, options: CastOptions): string {
  const { sql, type } = value;
  switch (type.kind) {
    case 'variant':
    case 'object':
    case 'array':
      return sql;
    case 'number':
      return `CAST(${sql} AS VARCHAR)`;
    case 'float':
      return `sf_json(sf_float_text(${sql}), true)`;
    case 'boolean':
      return `CAST(${sql} AS VARCHAR)`;
    case 'text':
      return `CAST(to_json(${sql}) AS VARCHAR)`;
    default:
      return `CAST(to_json(${toText(value, { parameter: options.parameter })}) AS VARCHAR)`;
  }
}

/**
 * The type to which both sides of a comparison, CASE or set operation are brought.
 * https://docs.snowflake.com/en/sql-reference/data-type-conversion#label-coercion-precedence
 */
export function commonType(a: SnowflakeType, b: SnowflakeType): SnowflakeType {
  if (a.kind === 'null') return b;
  if (b.kind === 'null') return a;
  if (a.kind === 'number' && b.kind === 'number') {
    const scale = Math.max(a.scale, b.scale);
    const whole = Math.max(a.precision - a.scale, b.precision - b.scale);
    return types.number(Math.min(38, whole + scale), scale);
  }
  if (a.kind === 'text' && b.kind === 'text') return types.text(Math.max(a.length, b.length));
  if (a.kind === 'binary' && b.kind === 'binary') return types.binary(Math.max(a.length, b.length));
  if (a.kind === b.kind) {
    return 'scale' in a && 'scale' in b ? { ...a, scale: Math.max(a.scale, b.scale) } : a;
  }
  for (const [x, y] of [
    [a, b],
    [b, a],
  ] as const) {
    if (x.kind === 'variant') return types.variant;
    if (x.kind === 'text') return textWith(y);
    if (x.kind === 'float' && (y.kind === 'number' || y.kind === 'boolean')) return types.float;
    if (x.kind === 'boolean' && y.kind === 'number') return types.boolean;
    if (x.kind === 'timestamp_tz' && isMoment(y.kind)) return types.tz(9);
    if (x.kind === 'timestamp_ltz' && (y.kind === 'timestamp_ntz' || y.kind === 'date')) return types.ltz(9);
    if (x.kind === 'timestamp_ntz' && y.kind === 'date') return x;
  }
  throw new SnowflakeError(
    '001044',
    '42P13',
    `SQL compilation error:\nCan not convert parameter of type [${typeName(b)}] into expected type [${typeName(a)}]`,
  );
}

const isMoment = (kind: TypeKind): boolean => kind === 'date' || kind.startsWith('timestamp');

/** Text beside a number is read as a number wide enough for either. */
function textWith(other: SnowflakeType): SnowflakeType {
  if (other.kind === 'number')
    return types.number(38, Math.min(37, Math.max(other.scale, other.scale === 0 ? 5 : other.scale)));
  return other;
}
