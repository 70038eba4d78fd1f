/**
 * Snowflake's types, exactly as declared: every column, expression and result column carries one.
 * https://docs.snowflake.com/en/sql-reference/intro-summary-data-types
 */
export type SnowflakeType =
  | { kind: 'number'; precision: number; scale: number }
  | { kind: 'float' }
  | { kind: 'text'; length: number }
  | { kind: 'binary'; length: number }
  | { kind: 'boolean' }
  | { kind: 'date' }
  | { kind: 'time'; scale: number }
  | { kind: 'timestamp_ntz'; scale: number }
  | { kind: 'timestamp_ltz'; scale: number }
  | { kind: 'timestamp_tz'; scale: number }
  | { kind: 'variant' }
  | { kind: 'object' }
  | { kind: 'array' }
  | { kind: 'geography' }
  | { kind: 'geometry' }
  /** The type of a bare NULL. */
  | { kind: 'null' };

export type TypeKind = SnowflakeType['kind'];

export const MAX_TEXT = 134_217_728;
export const DEFAULT_TEXT = 16_777_216;
export const DEFAULT_BINARY = 8_388_608;
export const MAX_BINARY = 67_108_864;

export const types = {
  number: (precision = 38, scale = 0): SnowflakeType => ({ kind: 'number', precision, scale }),
  text: (length = DEFAULT_TEXT): SnowflakeType => ({ kind: 'text', length }),
  binary: (length = DEFAULT_BINARY): SnowflakeType => ({ kind: 'binary', length }),
  float: { kind: 'float' } as SnowflakeType,
  boolean: { kind: 'boolean' } as SnowflakeType,
  date: { kind: 'date' } as SnowflakeType,
  time: (scale = 9): SnowflakeType => ({ kind: 'time', scale }),
  ntz: (scale = 9): SnowflakeType => ({ kind: 'timestamp_ntz', scale }),
  ltz: (scale = 9): SnowflakeType => ({ kind: 'timestamp_ltz', scale }),
  tz: (scale = 9): SnowflakeType => ({ kind: 'timestamp_tz', scale }),
  variant: { kind: 'variant' } as SnowflakeType,
  object: { kind: 'object' } as SnowflakeType,
  array: { kind: 'array' } as SnowflakeType,
  geography: { kind: 'geography' } as SnowflakeType,
  geometry: { kind: 'geometry' } as SnowflakeType,
  null: { kind: 'null' } as SnowflakeType,
} as const;

/**
 * How a value of each type is held in DuckDB. Everything in the engine relies on this table:
 * - number(p,s): DECIMAL(p,s); float: DOUBLE; text: VARCHAR; binary: BLOB; boolean: BOOLEAN; date: DATE
 * - time: BIGINT, nanoseconds since midnight
 * - timestamp_ntz: HUGEINT, nanoseconds from 1970-01-01 00:00 to the wall clock's value (no zone)
 * - timestamp_ltz: HUGEINT, nanoseconds since the epoch (an instant)
 * - timestamp_tz: HUGEINT, (nanoseconds since the epoch) * 4096 + (offset in minutes + 1440), so that it orders by instant
 * - variant, object, array: VARCHAR, JSON text in Snowflake's canonical form (keys sorted, no spaces); a JSON null is the text 'null'
 * - geography, geometry: VARCHAR, the text given
 * DuckDB's own TIMESTAMP_NS ends in 2262 and its TIMESTAMP has microseconds only: neither holds what Snowflake holds.
 */
export function duckDbType(type: SnowflakeType): string {
  switch (type.kind) {
    case 'number':
      return `DECIMAL(${type.precision},${type.scale})`;
    case 'float':
      return 'DOUBLE';
    case 'binary':
      return 'BLOB';
    case 'boolean':
      return 'BOOLEAN';
    case 'date':
      return 'DATE';
    case 'time':
      return 'BIGINT';
    case 'timestamp_ntz':
    case 'timestamp_ltz':
    case 'timestamp_tz':
      return 'HUGEINT';
    case 'text':
    case 'variant':
    case 'object':
    case 'array':
    case 'geography':
    case 'geometry':
    case 'null':
      return 'VARCHAR';
  }
}

/** The type as DESCRIBE TABLE and error texts print it, e.g. `NUMBER(38,0)`. */
export function typeName(type: SnowflakeType): string {
  switch (type.kind) {
    case 'number':
      return `NUMBER(${type.precision},${type.scale})`;
    case 'text':
      return `VARCHAR(${type.length})`;
    case 'binary':
      return `BINARY(${type.length})`;
    case 'time':
    case 'timestamp_ntz':
    case 'timestamp_ltz':
    case 'timestamp_tz':
      return `${type.kind.toUpperCase()}(${type.scale})`;
    case 'null':
      return 'VARCHAR(16777216)';
    default:
      return type.kind.toUpperCase();
  }
}
