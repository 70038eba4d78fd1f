import { z } from 'zod';
import { checkResultSchema, connectionReportSchema } from './check.ts';
import { snowflakeSettingsSchema, sourceSettingsSchema, stagingSettingsSchema } from './connection-settings.ts';
import { DEFAULT_LIMITS, runLimitsSchema } from './run-limits.ts';
import { tableRefSchema } from './table.ts';

export const EXISTING_ROWS = ['stop', 'append', 'replace', 'truncate'] as const;
/** What happens to rows that are already in the target: stop, append, replace by swap, truncate. */
export const existingRowsSchema = z.enum(EXISTING_ROWS);
export type ExistingRows = z.infer<typeof existingRowsSchema>;

export const partitionSizeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('auto') }),
  z.object({ kind: z.literal('megabytes'), targetSizeMb: z.number().positive() }),
  z.object({ kind: z.literal('rows'), maxRowsPerPartition: z.number().int().positive() }),
]);
export type PartitionSize = z.infer<typeof partitionSizeSchema>;

/** What the user decided for one column, where it is not what the plan infers. */
export const columnChoiceSchema = z.object({
  sourceName: z.string(),
  /** Another column name in Snowflake; null keeps the inferred one. */
  targetName: z.string().nullable().default(null),
  /** Another type when the table is created; null keeps the inferred one. */
  targetType: z.string().nullable().default(null),
  /** `leave-out` does not carry the column; `null-out-of-range` loads NULL for values that the target type cannot hold. */
  handling: z.enum(['carry', 'leave-out', 'null-out-of-range']).default('carry'),
});
export type ColumnChoice = z.infer<typeof columnChoiceSchema>;

export const tableSelectionSchema = z.object({
  source: tableRefSchema,
  /** null: named by the project's target rule. */
  target: tableRefSchema.nullable().default(null),
  existingRows: existingRowsSchema.nullable().default(null),
  /** null: chosen from sort key, distribution key or unique key. */
  partitionBy: z.array(z.string()).nullable().default(null),
  partitionSize: partitionSizeSchema.nullable().default(null),
  /** A condition in the source's SQL, run on the source only; empty for all rows. */
  where: z.string().default(''),
  columns: z.array(columnChoiceSchema).default([]),
  /** Types of new target columns by native type: `varchar` means every varchar, `varchar(10)` that one. */
  typeMappings: z.array(z.object({ sourceType: z.string(), targetType: z.string() })).default([]),
});
export type TableSelection = z.infer<typeof tableSelectionSchema>;

export const targetRuleSchema = z.object({
  database: z.string().default(''),
  /** Empty: a schema of the same name as the source's. */
  schema: z.string().default(''),
  /** `upper` as unquoted names become in Snowflake; `preserve` keeps the source's spelling in quotes. */
  nameCase: z.enum(['upper', 'preserve']).default('upper'),
});
export type TargetRule = z.infer<typeof targetRuleSchema>;

export const runOptionsSchema = z.object({
  /** Tables or partitions that are unloaded at the same time. */
  unloadLanes: z.number().int().min(1).max(32).default(4),
  /** Partitions that are loaded at the same time, each on a connection of its own. */
  loadLanes: z.number().int().min(1).max(32).default(4),
  /** COPY statements at the same time into one table. */
  loadLanesPerTable: z.number().int().min(1).max(8).default(2),
  existingRows: existingRowsSchema.default('stop'),
  createMissingTargets: z.boolean().default(true),
  /** Attempts for one partition before it counts as failed. */
  maxAttempts: z.number().int().min(1).max(20).default(3),
  /** After that many failed tables nothing new is started; null never stops. */
  stopAfterFailedTables: z.number().int().min(1).nullable().default(null),
  cleanUp: z.enum(['on-success', 'always', 'never']).default('on-success'),
  maxFileSizeMb: z.number().int().min(5).max(6200).default(256),
  /**
   * SQL Server only. `snapshot-if-allowed` reads each partition under SNAPSHOT isolation where the database allows it, else READ COMMITTED;
   * `read-uncommitted` is NOLOCK: rows may be missed, read twice or never have been committed.
   */
  isolation: z.enum(['snapshot-if-allowed', 'read-committed', 'read-uncommitted']).default('snapshot-if-allowed'),
  /** Where extracted files wait for their upload; empty for the system's temporary directory. */
  localDirectory: z.string().default(''),
  /** The most that they may take there, in megabytes; null leaves a tenth of the disk free and takes no more than 20 GB. */
  localQuotaMb: z.number().int().min(64).nullable().default(null),
  /** Where the ledger table is kept. */
  ledger: z
    .object({ database: z.string().min(1), schema: z.string().min(1) })
    .default({ database: 'SNOWCONVERT_AI', schema: 'DATA_MIGRATION' }),
  limits: runLimitsSchema.default(DEFAULT_LIMITS),
});
export type RunOptions = z.infer<typeof runOptionsSchema>;

export const STRATEGIES = ['unload', 'regular'] as const;

export const projectSchema = z.object({
  id: z.string(),
  name: z.string().trim().min(1, 'The project needs a name.').max(120, 'The name is longer than 120 characters.'),
  createdAt: z.string(),
  updatedAt: z.string(),
  /** Grows with every change: an update with an older revision is refused, so that two windows cannot overwrite each other. */
  revision: z.number().int(),
  sourceKind: z.enum(['redshift', 'sqlserver']),
  strategy: z.enum(STRATEGIES),
  /** Settings as far as they are entered. A page's draft may be incomplete; only complete ones are used. */
  source: sourceSettingsSchema.nullable(),
  snowflake: snowflakeSettingsSchema.nullable(),
  staging: stagingSettingsSchema.nullable(),
  /** What is typed on a page and not yet valid, by step, so that leaving the page or the app loses nothing. Never holds secrets. */
  drafts: z.record(z.string(), z.unknown()).refine(isWritable, 'What is typed on a page is plain text and numbers.'),
  targetRule: targetRuleSchema,
  selection: z.array(tableSelectionSchema),
  options: runOptionsSchema,
  /** Last results of tests and checks, with the revision of what they tested as a digest: a changed setting makes them stale. */
  sourceTest: z.object({ digest: z.string(), report: connectionReportSchema }).nullable(),
  snowflakeTest: z.object({ digest: z.string(), report: connectionReportSchema }).nullable(),
  stagingCheck: z.object({ digest: z.string(), checks: z.array(checkResultSchema) }).nullable(),
  lastRunId: z.string().nullable(),
});
export type Project = z.infer<typeof projectSchema>;

/** What the project list shows. */
export const projectCardSchema = projectSchema
  .pick({ id: true, name: true, createdAt: true, updatedAt: true, sourceKind: true, lastRunId: true })
  .extend({
    sourceLabel: z.string(),
    targetLabel: z.string(),
    tableCount: z.number().int(),
    lastRun: z.object({ state: z.string(), startedAt: z.string() }).nullable(),
    /** Set when the file could not be read: the card then offers only to show or delete it. */
    damaged: z.string().nullable(),
  });
export type ProjectCard = z.infer<typeof projectCardSchema>;

/** The part of a project that a page may change. `undefined` leaves a field as it is. */
export const projectPatchSchema = projectSchema
  .pick({
    name: true,
    source: true,
    snowflake: true,
    staging: true,
    drafts: true,
    targetRule: true,
    selection: true,
    options: true,
    strategy: true,
  })
  .partial();
export type ProjectPatch = z.infer<typeof projectPatchSchema>;

const LONGEST_DRAFTS = 2_000_000;

/** Whether it can be kept as JSON: no cycle, no BigInt, not deeper than the stack. */
function isWritable(value: unknown): boolean {
  try {
    return JSON.stringify(value).length <= LONGEST_DRAFTS;
  } catch {
    return false;
  }
}
