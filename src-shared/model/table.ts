import { z } from 'zod';
import { columnTypeSchema } from './column-type.ts';

/** A table by its three names, as the database spells them (not quoted, not folded). */
export const tableRefSchema = z.object({
  database: z.string().min(1),
  schema: z.string().min(1),
  name: z.string().min(1),
});
export type TableRef = z.infer<typeof tableRefSchema>;

export const tableSummarySchema = z.object({
  ref: tableRefSchema,
  kind: z.enum(['table', 'view', 'materialized-view', 'external-table']),
  /** Rows as the catalog estimates them; null when it has no estimate (views, never analysed). */
  rowEstimate: z.number().nullable(),
  /** Bytes on the source's disks as the catalog estimates them; null when unknown. */
  byteEstimate: z.number().nullable(),
  columnCount: z.number().int(),
  /** Native types in this table that cannot be carried or need care, for the list's filters: `hllsketch`. */
  careTypes: z.array(z.string()),
});
export type TableSummary = z.infer<typeof tableSummarySchema>;

/**
 * What a source knows of a column beyond its type. `hidden`: SELECT * leaves it out (period columns of temporal tables). `computed-on-read`: not stored.
 * `column-set`: the XML view of the sparse columns. `masked`: the user sees a mask, not the values. `encrypted`: only cipher text can be read.
 * `internal`: kept by the server for itself and not readable by name.
 */
export const COLUMN_TRAITS = [
  'hidden',
  'sparse',
  'computed-on-read',
  'column-set',
  'masked',
  'encrypted',
  'internal',
] as const;
export type ColumnTrait = (typeof COLUMN_TRAITS)[number];

export const columnDescriptionSchema = z.object({
  name: z.string(),
  ordinal: z.number().int(),
  nativeType: z.string(),
  type: columnTypeSchema,
  nullable: z.boolean(),
  /** The column's default as the source writes it; null for none. */
  defaultExpression: z.string().nullable(),
  isIdentity: z.boolean(),
  isComputed: z.boolean(),
  /** Name of the collation of text columns, where the source tells. */
  collation: z.string().optional(),
  traits: z.array(z.enum(COLUMN_TRAITS)).optional(),
});
export type ColumnDescription = z.infer<typeof columnDescriptionSchema>;

export const tableDescriptionSchema = z.object({
  ref: tableRefSchema,
  kind: tableSummarySchema.shape.kind,
  rowEstimate: z.number().nullable(),
  byteEstimate: z.number().nullable(),
  columns: z.array(columnDescriptionSchema),
  /** Primary key columns in key order; empty without one. Redshift does not enforce it. */
  primaryKey: z.array(z.string()),
  uniqueKeys: z.array(z.array(z.string())),
  /**
   * The columns, in order, of the key by which ranges are cheapest to read: sort key, distribution key, clustered index or a unique one. Empty when there is
   * none: the table is read as one stream then.
   */
  partitionKeys: z.array(z.string()),
  /** What the source's catalog could not tell of this table, in whole sentences. */
  remarks: z.array(z.string()).optional(),
});
export type TableDescription = z.infer<typeof tableDescriptionSchema>;

export const targetColumnSchema = z.object({
  name: z.string(),
  /** The type as DESCRIBE TABLE writes it: `NUMBER(38,0)`, `TIMESTAMP_NTZ(9)`. */
  dataType: z.string(),
  nullable: z.boolean(),
  hasDefault: z.boolean(),
  isIdentity: z.boolean(),
});
export type TargetColumn = z.infer<typeof targetColumnSchema>;

export const targetTableSchema = z.object({
  ref: tableRefSchema,
  columns: z.array(targetColumnSchema),
  rowCount: z.number().nullable(),
  /** When the table came to be, ISO 8601; a swap moves it along with the table. */
  createdAt: z.string().nullable(),
});
export type TargetTable = z.infer<typeof targetTableSchema>;

/** One line of "columns differ: how". `blocks` stops the table; otherwise it is a remark. */
export const columnDifferenceSchema = z.object({
  kind: z.enum([
    'missing-in-target',
    'extra-in-target',
    'required-in-target',
    'type-narrower',
    'type-other',
    'order',
    'nullability',
  ]),
  sourceColumn: z.string().nullable(),
  targetColumn: z.string().nullable(),
  detail: z.string(),
  blocks: z.boolean(),
});
export type ColumnDifference = z.infer<typeof columnDifferenceSchema>;

/** `db.schema.table` for people; not quoted and not for SQL. */
export function tableLabel(ref: TableRef): string {
  return `${ref.database}.${ref.schema}.${ref.name}`;
}

/** A key for maps that no two tables share, whatever characters their names hold. */
export function tableKey(ref: TableRef): string {
  return JSON.stringify([ref.database, ref.schema, ref.name]);
}
