import * as accessors from '@duckdb/node-api/lib/vectors/dataAccessors.js';

/**
 * DuckDB's binding reads texts with a decoder that drops a leading U+FEFF. Snowflake keeps it: it is a character of the value like any other, so the binding
 * gets a decoder that keeps it.
 */
export function keepByteOrderMarks(): void {
  const module = (accessors as unknown as { default: { textDecoder: unknown } }).default;
  module.textDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
}
