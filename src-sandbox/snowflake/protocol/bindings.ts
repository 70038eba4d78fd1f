import type { TypedSql } from '../commands/command.ts';
import { quoteText } from '../engine/database.ts';
import type { Bindings } from '../engine/translate-environment.ts';
import { SnowflakeError } from '../errors.ts';
import { types } from '../sql/data-type.ts';

/** `bindings` of a query request: by number from 1; an array holds one value a row. */
export type BindingsBody = Record<string, { type: string; value: string | null | (string | null)[] }>;

/** One set of values for each time the statement runs: one for scalar binds, one a row for array binds. */
export function bindingRows(body: BindingsBody | undefined): Bindings[] {
  const entries = Object.entries(body ?? {});
  const lengths = entries.flatMap(([, { value }]) => (Array.isArray(value) ? [value.length] : []));
  if (lengths.length === 0)
    return [new Map(entries.map(([index, { type, value }]) => [Number(index), bound(type, value as string | null)]))];
  const rows = lengths[0] ?? 0;
  if (lengths.some((length) => length !== rows) || lengths.length !== entries.length) {
    throw new SnowflakeError(
      '002128',
      '42601',
      'SQL compilation error:\nArray binds must all have the same number of values.',
    );
  }
  return Array.from(
    { length: rows },
    (_, row) =>
      new Map(
        entries.map(([index, { type, value }]) => [
          Number(index),
          bound(type, (value as (string | null)[])[row] ?? null),
        ]),
      ),
  );
}

/** https://docs.snowflake.com/en/developer-guide/node-js/nodejs-driver-execute#binding-statement-parameters */
function bound(type: string, value: string | null): TypedSql {
  if (value === null) return { sql: 'NULL', type: { kind: 'null' } };
  switch (type.toUpperCase()) {
    case 'FIXED': {
      const scale = value.split('.')[1]?.length ?? 0;
      return { sql: `CAST(${quoteText(value)} AS DECIMAL(38,${scale}))`, type: types.number(38, scale) };
    }
    case 'REAL':
      return { sql: `CAST(${quoteText(value)} AS DOUBLE)`, type: types.float };
    case 'BOOLEAN':
      return { sql: value === 'true' || value === '1' ? 'TRUE' : 'FALSE', type: types.boolean };
    default:
      return { sql: quoteText(value), type: types.text() };
  }
}
