import { z } from 'zod';

export const COLUMN_KINDS = [
  'integer',
  'decimal',
  'float',
  'boolean',
  'text',
  'binary',
  'date',
  'time',
  'time-tz',
  'timestamp',
  'timestamp-tz',
  'json',
  'xml',
  'uuid',
  'geometry',
  'geography',
  'interval',
  'unsupported',
] as const;

/**
 * The neutral type of a column: every source maps its native types to it, the target maps it to DDL and a cast (N + M, not N x M).
 * `precision`: digits of integers and decimals, bits of floats (24 or 53), fractional digits of times and timestamps.
 * `scale`: digits behind the point of decimals. `length`: longest value in characters (text) or bytes (binary); null is unbounded or unknown.
 * `padded`: fixed-length text whose trailing blanks carry no meaning (CHAR, NCHAR).
 */
export const columnTypeSchema = z.object({
  kind: z.enum(COLUMN_KINDS),
  precision: z.number().int().nullable().default(null),
  scale: z.number().int().nullable().default(null),
  length: z.number().int().nullable().default(null),
  padded: z.boolean().default(false),
});
export type ColumnType = z.infer<typeof columnTypeSchema>;
export type ColumnKind = ColumnType['kind'];

/**
 * How a value travels inside a staged Parquet file. The source promises the form, the target knows how to load each form into each of its types.
 * `native-*` are Parquet's own types; the others are UTF-8 text: `hex` upper or lower hex digits, `iso-*` ISO 8601 with a blank or T, `decimal-text` plain digits,
 * `json` a JSON document, `hex-ewkb` a geometry with its SRID. NULL travels as NULL in every form.
 */
export const CARRIERS = [
  'native-integer',
  'native-decimal',
  'native-float',
  'native-boolean',
  'native-text',
  'native-binary',
  'native-date',
  'native-timestamp',
  'utc-timestamp',
  'decimal-text',
  'hex',
  'iso-date',
  'iso-time',
  'iso-time-tz',
  'iso-timestamp',
  'iso-timestamp-tz',
  'json',
  'xml',
  'wkt',
  'hex-ewkb',
  'interval-text',
] as const;
export const carrierSchema = z.enum(CARRIERS);
export type Carrier = z.infer<typeof carrierSchema>;

export function columnType(kind: ColumnKind, parts: Partial<Omit<ColumnType, 'kind'>> = {}): ColumnType {
  return { kind, precision: null, scale: null, length: null, padded: false, ...parts };
}
