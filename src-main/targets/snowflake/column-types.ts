import type { ColumnType } from '#shared/model/column-type';

/** The families that decide how a value is loaded; every spelling of a Snowflake type belongs to one. */
export const TARGET_TYPE_NAMES = [
  'NUMBER',
  'FLOAT',
  'DECFLOAT',
  'VARCHAR',
  'BINARY',
  'BOOLEAN',
  'DATE',
  'TIME',
  'TIMESTAMP_NTZ',
  'TIMESTAMP_LTZ',
  'TIMESTAMP_TZ',
  'VARIANT',
  'OBJECT',
  'ARRAY',
  'GEOGRAPHY',
  'GEOMETRY',
] as const;
export type TargetTypeName = (typeof TARGET_TYPE_NAMES)[number];

/**
 * A parsed Snowflake type. `precision`: digits of NUMBER, fractional digits of TIME and TIMESTAMP_*. `scale`: NUMBER only. `length`: characters of VARCHAR,
 * bytes of BINARY. What a type does not have is 0.
 */
export interface TargetType {
  name: TargetTypeName;
  precision: number;
  scale: number;
  length: number;
}

/** Characters of VARCHAR and bytes of BINARY without a length, and the most that can be declared: docs.snowflake.com/en/sql-reference/data-types-text */
export const DEFAULT_VARCHAR_LENGTH = 16_777_216;
const MAX_VARCHAR_LENGTH = 134_217_728;
const DEFAULT_BINARY_LENGTH = 8_388_608;
const MAX_BINARY_LENGTH = 67_108_864;
/** docs.snowflake.com/en/sql-reference/data-types-numeric */
const MAX_NUMBER_PRECISION = 38;
const MAX_NUMBER_SCALE = 37;

const SPELLINGS: Record<string, TargetTypeName> = {
  NUMBER: 'NUMBER',
  DECIMAL: 'NUMBER',
  DEC: 'NUMBER',
  NUMERIC: 'NUMBER',
  FIXED: 'NUMBER',
  INT: 'NUMBER',
  INTEGER: 'NUMBER',
  BIGINT: 'NUMBER',
  SMALLINT: 'NUMBER',
  TINYINT: 'NUMBER',
  BYTEINT: 'NUMBER',
  FLOAT: 'FLOAT',
  FLOAT4: 'FLOAT',
  FLOAT8: 'FLOAT',
  DOUBLE: 'FLOAT',
  'DOUBLE PRECISION': 'FLOAT',
  REAL: 'FLOAT',
  DECFLOAT: 'DECFLOAT',
  VARCHAR: 'VARCHAR',
  CHAR: 'VARCHAR',
  CHARACTER: 'VARCHAR',
  NCHAR: 'VARCHAR',
  STRING: 'VARCHAR',
  TEXT: 'VARCHAR',
  NVARCHAR: 'VARCHAR',
  NVARCHAR2: 'VARCHAR',
  'CHAR VARYING': 'VARCHAR',
  'CHARACTER VARYING': 'VARCHAR',
  'NCHAR VARYING': 'VARCHAR',
  BINARY: 'BINARY',
  VARBINARY: 'BINARY',
  'BINARY VARYING': 'BINARY',
  BOOLEAN: 'BOOLEAN',
  DATE: 'DATE',
  TIME: 'TIME',
  DATETIME: 'TIMESTAMP_NTZ',
  TIMESTAMP: 'TIMESTAMP_NTZ',
  TIMESTAMP_NTZ: 'TIMESTAMP_NTZ',
  TIMESTAMPNTZ: 'TIMESTAMP_NTZ',
  'TIMESTAMP WITHOUT TIME ZONE': 'TIMESTAMP_NTZ',
  TIMESTAMP_LTZ: 'TIMESTAMP_LTZ',
  TIMESTAMPLTZ: 'TIMESTAMP_LTZ',
  'TIMESTAMP WITH LOCAL TIME ZONE': 'TIMESTAMP_LTZ',
  TIMESTAMP_TZ: 'TIMESTAMP_TZ',
  TIMESTAMPTZ: 'TIMESTAMP_TZ',
  'TIMESTAMP WITH TIME ZONE': 'TIMESTAMP_TZ',
  VARIANT: 'VARIANT',
  OBJECT: 'OBJECT',
  ARRAY: 'ARRAY',
  GEOGRAPHY: 'GEOGRAPHY',
  GEOMETRY: 'GEOMETRY',
};
const ONE_CHARACTER = new Set(['CHAR', 'CHARACTER', 'NCHAR']);
const FIXED_INTEGERS = new Set(['INT', 'INTEGER', 'BIGINT', 'SMALLINT', 'TINYINT', 'BYTEINT']);

/**
 * Reads a type as DDL or DESCRIBE TABLE writes it; null for a type that nothing can be loaded into here (VECTOR, MAP, structured types, FILE).
 * `TIMESTAMP` and `DATETIME` are taken as TIMESTAMP_NTZ, which is what the session setting TIMESTAMP_TYPE_MAPPING says.
 */
export function parseTargetType(text: string): TargetType | null {
  const match =
    /^\s*([A-Za-z_][A-Za-z0-9_]*(?:\s+[A-Za-z]+)*)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*((?:WITH|WITHOUT)\s[A-Za-z\s]+)?\s*$/i.exec(
      text,
    );
  if (!match) return null;
  const [, head = '', first, second, tail] = match;
  const spelling = `${head} ${tail ?? ''}`.trim().replace(/\s+/g, ' ').toUpperCase();
  const name = SPELLINGS[spelling];
  if (!name) return null;
  const argument = first === undefined ? null : Number(first);
  switch (name) {
    case 'NUMBER':
      return {
        name,
        precision: FIXED_INTEGERS.has(spelling) ? MAX_NUMBER_PRECISION : (argument ?? MAX_NUMBER_PRECISION),
        scale: second === undefined ? 0 : Number(second),
        length: 0,
      };
    case 'VARCHAR':
      return {
        name,
        precision: 0,
        scale: 0,
        length: argument ?? (ONE_CHARACTER.has(spelling) ? 1 : DEFAULT_VARCHAR_LENGTH),
      };
    case 'BINARY':
      return { name, precision: 0, scale: 0, length: argument ?? DEFAULT_BINARY_LENGTH };
    case 'TIME':
    case 'TIMESTAMP_NTZ':
    case 'TIMESTAMP_LTZ':
    case 'TIMESTAMP_TZ':
      return { name, precision: argument ?? 9, scale: 0, length: 0 };
    default:
      return { name, precision: 0, scale: 0, length: 0 };
  }
}

/** The type as DESCRIBE TABLE writes it. */
export function formatTargetType(type: TargetType): string {
  switch (type.name) {
    case 'NUMBER':
      return `NUMBER(${type.precision},${type.scale})`;
    case 'VARCHAR':
    case 'BINARY':
      return `${type.name}(${type.length})`;
    case 'TIME':
    case 'TIMESTAMP_NTZ':
    case 'TIMESTAMP_LTZ':
    case 'TIMESTAMP_TZ':
      return `${type.name}(${type.precision})`;
    default:
      return type.name;
  }
}

/**
 * The Snowflake type of a new column: it holds every value of the source type exactly.
 * Integers become NUMBER(38,0), which is what INTEGER and BIGINT mean in Snowflake and costs no space. XML stays text: PARSE_XML drops comments and white space.
 * A time with zone has no Snowflake type and stays ISO text; an interval likewise.
 */
export function inferType(type: ColumnType): string {
  switch (type.kind) {
    case 'integer':
      return 'NUMBER(38,0)';
    case 'decimal':
      return inferDecimal(type);
    case 'float':
      return 'FLOAT';
    case 'boolean':
      return 'BOOLEAN';
    case 'text':
      return type.length === null ? 'VARCHAR' : `VARCHAR(${clamp(type.length, 1, MAX_VARCHAR_LENGTH)})`;
    case 'binary':
      return type.length === null ? 'BINARY' : `BINARY(${clamp(type.length, 1, MAX_BINARY_LENGTH)})`;
    case 'date':
      return 'DATE';
    case 'time':
      return `TIME(${fraction(type)})`;
    case 'time-tz':
      return 'VARCHAR(32)';
    case 'timestamp':
      return `TIMESTAMP_NTZ(${fraction(type)})`;
    case 'timestamp-tz':
      return `TIMESTAMP_TZ(${fraction(type)})`;
    case 'json':
      return 'VARIANT';
    case 'uuid':
      return 'VARCHAR(36)';
    case 'geometry':
      return 'GEOMETRY';
    case 'geography':
      return 'GEOGRAPHY';
    case 'interval':
      return 'VARCHAR(128)';
    case 'xml':
    case 'unsupported':
      return 'VARCHAR';
  }
}

export type TypeFit =
  /** Every value of the source type is held exactly. */
  | { kind: 'holds' }
  /** A value may not fit; the load then stops with an error, nothing is changed silently. */
  | { kind: 'may-stop'; detail: string }
  /** Values would be changed without an error: digits, a zone or an offset are lost. */
  | { kind: 'loses'; detail: string }
  /** The kinds have nothing to do with each other. */
  | { kind: 'other'; detail: string };

const HOLDS: TypeFit = { kind: 'holds' };

/** Whether `target` holds the values of `type`, by kinds and sizes alone. */
export function fitType(type: ColumnType, target: TargetType): TypeFit {
  switch (target.name) {
    case 'NUMBER':
      return fitNumber(type, target);
    case 'FLOAT':
      return fitFloat(type);
    case 'DECFLOAT':
      return type.kind === 'integer' || type.kind === 'decimal' ? HOLDS : other(type, 'DECFLOAT');
    case 'VARCHAR':
      return fitVarchar(type, target);
    case 'BINARY':
      return fitBinary(type, target);
    case 'BOOLEAN':
      return type.kind === 'boolean' ? HOLDS : other(type, 'BOOLEAN');
    case 'DATE':
      if (type.kind === 'timestamp' || type.kind === 'timestamp-tz')
        return { kind: 'loses', detail: 'DATE has no time of day' };
      return type.kind === 'date' ? HOLDS : other(type, 'DATE');
    case 'TIME':
      return type.kind === 'time' ? fitFraction(type, target) : other(type, 'TIME');
    case 'TIMESTAMP_NTZ':
      if (type.kind === 'timestamp' || type.kind === 'timestamp-tz') return fitFraction(type, target);
      return type.kind === 'date' ? HOLDS : other(type, 'TIMESTAMP_NTZ');
    case 'TIMESTAMP_LTZ':
    case 'TIMESTAMP_TZ':
      return type.kind === 'timestamp-tz' ? fitFraction(type, target) : other(type, target.name);
    case 'VARIANT':
      return type.kind === 'unsupported' ||
        type.kind === 'geometry' ||
        type.kind === 'geography' ||
        type.kind === 'binary'
        ? other(type, 'VARIANT')
        : HOLDS;
    case 'OBJECT':
      return type.kind === 'json'
        ? { kind: 'may-stop', detail: 'OBJECT accepts JSON objects only; an array or a single value stops the load' }
        : other(type, 'OBJECT');
    case 'ARRAY':
      return type.kind === 'json'
        ? { kind: 'loses', detail: 'a value that is not an array would become an array of one' }
        : other(type, 'ARRAY');
    case 'GEOGRAPHY':
    case 'GEOMETRY':
      return type.kind === 'geometry' || type.kind === 'geography' ? HOLDS : other(type, target.name);
  }
}

function inferDecimal(type: ColumnType): string {
  if (type.precision === null) return 'NUMBER(38,10)';
  const scale = type.scale ?? 0;
  if (type.precision > MAX_NUMBER_PRECISION || scale > MAX_NUMBER_SCALE) return `VARCHAR(${type.precision + 3})`;
  return `NUMBER(${type.precision},${scale})`;
}

function fitNumber(type: ColumnType, target: TargetType): TypeFit {
  if (type.kind === 'boolean') return HOLDS;
  if (type.kind === 'float')
    return { kind: 'loses', detail: 'a floating point value would be rounded to a fixed number of digits' };
  if (type.kind !== 'integer' && type.kind !== 'decimal') return other(type, 'NUMBER');
  const scale = type.kind === 'decimal' ? (type.scale ?? 0) : 0;
  const precision = type.precision ?? (type.kind === 'integer' ? 19 : MAX_NUMBER_PRECISION);
  if (scale > target.scale) {
    return { kind: 'loses', detail: `${scale} digits behind the point would be rounded to ${target.scale}` };
  }
  const integerDigits = target.precision - target.scale;
  if (precision - scale > integerDigits) {
    return {
      kind: 'may-stop',
      detail: `a value with more than ${integerDigits} digits before the point does not fit and stops the load`,
    };
  }
  return HOLDS;
}

function fitFloat(type: ColumnType): TypeFit {
  if (type.kind === 'float') return HOLDS;
  if (type.kind !== 'integer' && type.kind !== 'decimal') return other(type, 'FLOAT');
  const precision = type.precision ?? MAX_NUMBER_PRECISION;
  return precision <= 15
    ? HOLDS
    : { kind: 'loses', detail: 'FLOAT keeps about 15 digits, further digits would be lost' };
}

function fitVarchar(type: ColumnType, target: TargetType): TypeFit {
  if (type.kind === 'float')
    return { kind: 'loses', detail: 'the text of a floating point value does not give the same value back' };
  if (type.kind === 'unsupported') return other(type, 'VARCHAR');
  const longest = longestText(type);
  if (longest === null || longest > target.length) {
    return target.length >= DEFAULT_VARCHAR_LENGTH
      ? HOLDS
      : { kind: 'may-stop', detail: `a value longer than ${target.length} characters stops the load` };
  }
  return HOLDS;
}

function fitBinary(type: ColumnType, target: TargetType): TypeFit {
  if (type.kind !== 'binary') return other(type, 'BINARY');
  if (target.length >= DEFAULT_BINARY_LENGTH || (type.length !== null && type.length <= target.length)) return HOLDS;
  return { kind: 'may-stop', detail: `a value longer than ${target.length} bytes stops the load` };
}

function fitFraction(type: ColumnType, target: TargetType): TypeFit {
  const digits = type.precision ?? 9;
  return digits <= target.precision
    ? HOLDS
    : { kind: 'loses', detail: `${digits} fractional digits of a second would be cut to ${target.precision}` };
}

/** Characters of the longest text form of a value; null is unknown. */
function longestText(type: ColumnType): number | null {
  switch (type.kind) {
    case 'text':
      return type.length;
    case 'integer':
      return (type.precision ?? 19) + 1;
    case 'decimal':
      return (type.precision ?? MAX_NUMBER_PRECISION) + 3;
    case 'boolean':
      return 5;
    case 'date':
      return 10;
    case 'uuid':
      return 36;
    case 'time':
      return 18;
    case 'time-tz':
      return 24;
    case 'timestamp':
      return 29;
    case 'timestamp-tz':
      return 36;
    case 'binary':
      return type.length === null ? null : type.length * 2;
    default:
      return null;
  }
}

function other(type: ColumnType, target: string): TypeFit {
  return { kind: 'other', detail: `${type.kind} values do not go into ${target}` };
}

function fraction(type: ColumnType): number {
  return clamp(type.precision ?? 9, 0, 9);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
