import type { ResultColumn } from '../commands/command.ts';
import type { SnowflakeType } from '../sql/data-type.ts';

/** SQL that turns a held value into the text that the protocol carries. NULL stays NULL. */
export function toWire(sql: string, type: SnowflakeType): string {
  switch (type.kind) {
    case 'number':
      return `CAST(${sql} AS VARCHAR)`;
    case 'float':
      return `sf_float_text(${sql})`;
    case 'boolean':
      return `CASE WHEN ${sql} THEN '1' WHEN NOT ${sql} THEN '0' END`;
    case 'date':
      return `CAST((${sql} - DATE '1970-01-01') AS VARCHAR)`;
    case 'time':
      return `sf_wire_nanos(CAST(${sql} AS HUGEINT))`;
    case 'timestamp_ntz':
    case 'timestamp_ltz':
      return `sf_wire_nanos(${sql})`;
    case 'timestamp_tz':
      return `sf_wire_tz(${sql})`;
    case 'binary':
      return `hex(${sql})`;
    default:
      return sql;
  }
}

/** The way back, for RESULT_SCAN; `sql` is a string literal. */
export function fromWire(sql: string, type: SnowflakeType): string {
  switch (type.kind) {
    case 'number':
      return `CAST(${sql} AS DECIMAL(${type.precision},${type.scale}))`;
    case 'float':
      return `sf_float(${sql}, true)`;
    case 'boolean':
      return `(${sql} = '1')`;
    case 'date':
      return `(DATE '1970-01-01' + CAST(${sql} AS INTEGER))`;
    case 'time':
      return `CAST(CAST(${sql} AS DECIMAL(38,9)) * 1000000000 AS BIGINT)`;
    case 'timestamp_ntz':
    case 'timestamp_ltz':
      return `CAST(CAST(${sql} AS DECIMAL(38,9)) * 1000000000 AS HUGEINT)`;
    case 'timestamp_tz':
      return `(CAST(CAST(split_part(${sql}, ' ', 1) AS DECIMAL(38,9)) * 1000000000 AS HUGEINT) * 4096 + CAST(split_part(${sql}, ' ', 2) AS HUGEINT))`;
    case 'binary':
      return `unhex(${sql})`;
    default:
      return sql;
  }
}

/** One rowtype entry of the answer. */
export function rowTypeOf(column: ResultColumn): Record<string, unknown> {
  const { type } = column;
  const base = {
    name: column.name,
    database: '',
    schema: '',
    table: '',
    nullable: column.nullable ?? true,
    type: wireTypeName(type),
    scale: null as number | null,
    precision: null as number | null,
    length: null as number | null,
    byteLength: null as number | null,
    collation: null,
  };
  switch (type.kind) {
    case 'number':
      return { ...base, precision: type.precision, scale: type.scale };
    case 'text':
      return { ...base, length: type.length, byteLength: Math.min(type.length * 4, 134_217_728) };
    case 'null':
      return { ...base, length: 16_777_216, byteLength: 16_777_216 };
    case 'binary':
      return { ...base, length: type.length, byteLength: type.length };
    case 'time':
    case 'timestamp_ntz':
    case 'timestamp_ltz':
    case 'timestamp_tz':
      return { ...base, precision: 0, scale: type.scale };
    default:
      return base;
  }
}

function wireTypeName(type: SnowflakeType): string {
  if (type.kind === 'number') return 'fixed';
  if (type.kind === 'float') return 'real';
  if (type.kind === 'null') return 'text';
  return type.kind;
}
