import type { TypedSql } from '../commands/command.ts';
import { quoteText } from '../engine/database.ts';
import { SnowflakeError } from '../errors.ts';
import type { Bindings } from '../engine/translate-environment.ts';
import { types } from '../sql/data-type.ts';
import { numberLiteral } from '../sql/translate-expression.ts';

export interface WireBinding {
  type: string;
  value: string | null | (string | null)[];
}

/** One set of values; several for array binds, one a row. */
export function toBindings(wire: Record<string, WireBinding> | undefined): Bindings[] {
  const entries = Object.entries(wire ?? {});
  const arrays = entries.filter(([, b]) => Array.isArray(b.value));
  const count = arrays.length ? (arrays[0]?.[1].value as unknown[]).length : 1;
  return Array.from({ length: count }, (_, row) => {
    const bindings: Bindings = new Map();
    for (const [index, { type, value }] of entries) {
      bindings.set(Number(index), bound(type, Array.isArray(value) ? (value[row] ?? null) : value));
    }
    return bindings;
  });
}

/** Rows that were put onto the bind stage: all text. */
export function stageBindings(rows: (string | null)[][]): Bindings[] {
  return rows.map((row) => new Map(row.map((value, i) => [i + 1, bound('TEXT', value)])));
}

function bound(type: string, value: string | null): TypedSql {
  if (value === null) return { sql: 'NULL', type: types.null, nullable: true };
  const nanos = (): string => `CAST('${BigInt(value.split('.')[0] ?? '0')}' AS HUGEINT)`;
  switch (type.toUpperCase()) {
    case 'FIXED':
      if (!/^-?\d+(\.\d+)?$/.test(value))
        throw new SnowflakeError('100038', '22018', `Numeric value '${value}' is not recognized`);
      return value.startsWith('-') ? negative(value) : numberLiteral(value);
    case 'REAL':
      return { sql: `sf_float(${quoteText(value)}, true)`, type: types.float, nullable: false };
    case 'BOOLEAN':
      return { sql: `sf_boolean(${quoteText(value)}, true)`, type: types.boolean, nullable: false };
    case 'DATE':
      return {
        sql: `(DATE '1970-01-01' + CAST(${BigInt(value) / 86_400_000n} AS INTEGER))`,
        type: types.date,
        nullable: false,
      };
    case 'TIME':
      return { sql: `CAST(${nanos()} AS BIGINT)`, type: types.time(), nullable: false };
    case 'TIMESTAMP_NTZ':
      return { sql: nanos(), type: types.ntz(), nullable: false };
    case 'TIMESTAMP_LTZ':
      return { sql: nanos(), type: types.ltz(), nullable: false };
    case 'BINARY':
      return { sql: `sf_binary(${quoteText(value)}, 'HEX', true)`, type: types.binary(), nullable: false };
    case 'VARIANT':
    case 'OBJECT':
    case 'ARRAY':
      return { sql: `sf_json(${quoteText(value)}, true)`, type: types.variant, nullable: false };
    default:
      return { sql: quoteText(value), type: types.text(Math.max(1, [...value].length)), nullable: false };
  }
}

function negative(value: string): TypedSql {
  const literal = numberLiteral(value.slice(1));
  return { ...literal, sql: `(-${literal.sql})` };
}
