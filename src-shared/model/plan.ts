import { z } from 'zod';
import { errorValueSchema } from '../errors/app-error.ts';
import { carrierSchema, columnTypeSchema } from './column-type.ts';
import { stagingSettingsSchema } from './connection-settings.ts';
import { existingRowsSchema, runOptionsSchema, STRATEGIES } from './project.ts';
import { columnDifferenceSchema, tableRefSchema } from './table.ts';

/** One column of a table task: what is selected at the source, how it travels, and the expression that loads it. */
export const columnPlanSchema = z.object({
  sourceName: z.string(),
  nativeType: z.string(),
  type: columnTypeSchema,
  /** `c1`, `c2`, ...: the column's name inside the staged files. */
  alias: z.string(),
  /** In the source's SQL, without alias. */
  sourceExpression: z.string(),
  carrier: carrierSchema,
  targetName: z.string(),
  /** As in DDL: `NUMBER(38,2)`. */
  targetType: z.string(),
  /** In Snowflake's SQL, over the staged file: `$1:c1::NUMBER(38,2)`. */
  loadExpression: z.string(),
  /** What changes on the way or needs care, as whole sentences; empty when the value arrives as it is. */
  notes: z.array(z.string()),
});
export type ColumnPlan = z.infer<typeof columnPlanSchema>;

/** A column that does not travel, and why. */
export const leftOutColumnSchema = z.object({ sourceName: z.string(), nativeType: z.string(), reason: z.string() });
export type LeftOutColumn = z.infer<typeof leftOutColumnSchema>;

export const partitionTaskSchema = z.object({
  id: z.string(),
  index: z.number().int(),
  /** For people: `all rows`, `l_shipdate from 1992-01-01 to before 1993-01-01`, `l_shipdate is NULL`. */
  label: z.string(),
  /** In the source's SQL; null for all rows. Every row of the table satisfies exactly one of its partitions. */
  sourcePredicate: z.string().nullable(),
  expectedRows: z.number().nullable(),
  expectedBytes: z.number().nullable(),
});
export type PartitionTask = z.infer<typeof partitionTaskSchema>;

export const tableTaskSchema = z.object({
  id: z.string(),
  source: tableRefSchema,
  target: tableRefSchema,
  targetState: z.enum(['exists', 'missing']),
  /** Rows that the target holds already; null when it is missing or its count is not known. */
  targetRows: z.number().nullable(),
  columns: z.array(columnPlanSchema),
  leftOut: z.array(leftOutColumnSchema),
  differences: z.array(columnDifferenceSchema),
  existingRows: existingRowsSchema,
  /** DDL that creates the missing target; null when it exists. */
  createDdl: z.string().nullable(),
  where: z.string(),
  partitions: z.array(partitionTaskSchema),
  expectedRows: z.number().nullable(),
  expectedBytes: z.number().nullable(),
  /** A table that cannot run, and why; such a table is listed as failed beforehand and nothing is done for it. */
  blocked: errorValueSchema.nullable(),
});
export type TableTask = z.infer<typeof tableTaskSchema>;

export const migrationPlanSchema = z.object({
  id: z.string(),
  projectId: z.string().nullable(),
  createdAt: z.string(),
  strategy: z.enum(STRATEGIES),
  staging: stagingSettingsSchema.nullable(),
  /** The path from the stage's URL to the S3 URI, with a slash at the end unless it is empty: `@stage/<stagePrefix><attempt path>` is the attempt's place. */
  stagePrefix: z.string(),
  options: runOptionsSchema,
  tables: z.array(tableTaskSchema),
  /** What the reader should know before starting, as whole sentences: no common snapshot, transfer costs, files that stay. */
  remarks: z.array(z.string()),
});
export type MigrationPlan = z.infer<typeof migrationPlanSchema>;

/** The statements of one partition as they will run, for reading; `{attempt}` stands for the id that each attempt gets. */
export const partitionStatementsSchema = z.object({
  extract: z.string(),
  load: z.array(z.string()),
});
export type PartitionStatements = z.infer<typeof partitionStatementsSchema>;
