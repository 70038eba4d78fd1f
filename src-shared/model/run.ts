import { z } from 'zod';
import { errorValueSchema } from '../errors/app-error.ts';
import { leftOutColumnSchema } from './plan.ts';
import { tableRefSchema } from './table.ts';

export const RUN_STATES = [
  'running',
  'pausing',
  'paused',
  'cancelling',
  'cancelled',
  'done',
  'finished-with-failures',
  'interrupted',
] as const;
export type RunState = (typeof RUN_STATES)[number];

export const PARTITION_STATES = [
  'waiting',
  'extracting',
  'staged',
  'loading',
  'loaded',
  'failed',
  'cancelled',
  'skipped',
] as const;
export type PartitionState = (typeof PARTITION_STATES)[number];

export const TABLE_STATES = [
  'waiting',
  'preparing',
  'running',
  'finishing',
  'loaded',
  'failed',
  'cancelled',
  'skipped',
] as const;
export type TableState = (typeof TABLE_STATES)[number];

export const partitionProgressSchema = z.object({
  id: z.string(),
  index: z.number().int(),
  label: z.string(),
  state: z.enum(PARTITION_STATES),
  attempt: z.number().int(),
  sourceRows: z.number().nullable(),
  stagedRows: z.number().nullable(),
  stagedBytes: z.number().nullable(),
  stagedFiles: z.number().int().nullable(),
  loadedRows: z.number().nullable(),
  error: errorValueSchema.nullable(),
});
export type PartitionProgress = z.infer<typeof partitionProgressSchema>;

/** A table of a run as lists show it; rows are null until they are known, never guessed. */
export const tableProgressSchema = z.object({
  id: z.string(),
  source: tableRefSchema,
  target: tableRefSchema,
  state: z.enum(TABLE_STATES),
  partitionCount: z.number().int(),
  partitionsStaged: z.number().int(),
  partitionsLoaded: z.number().int(),
  partitionsFailed: z.number().int(),
  expectedRows: z.number().nullable(),
  sourceRows: z.number().nullable(),
  stagedRows: z.number().nullable(),
  loadedRows: z.number().nullable(),
  stagedBytes: z.number().nullable(),
  startedAt: z.string().nullable(),
  elapsedMs: z.number().nullable(),
  /** The first error of the table. */
  error: errorValueSchema.nullable(),
  leftOut: z.array(leftOutColumnSchema),
  warnings: z.array(z.string()),
});
export type TableProgress = z.infer<typeof tableProgressSchema>;

export const runTotalsSchema = z.object({
  tables: z.number().int(),
  tablesLoaded: z.number().int(),
  tablesFailed: z.number().int(),
  partitions: z.number().int(),
  partitionsLoaded: z.number().int(),
  expectedRows: z.number().nullable(),
  sourceRows: z.number(),
  stagedRows: z.number(),
  loadedRows: z.number(),
  stagedBytes: z.number(),
  warnings: z.number().int(),
});
export type RunTotals = z.infer<typeof runTotalsSchema>;

/** What one lane does right now; null when it waits for work. */
export const laneActivitySchema = z.object({
  lane: z.string(),
  activity: z.string(),
  table: z.string(),
  since: z.string(),
  /** Rows read so far; null where nothing tells before the end (UNLOAD, COPY). */
  rows: z.number().nullable(),
});
export type LaneActivity = z.infer<typeof laneActivitySchema>;

export const runEventSchema = z.object({
  /** Grows by one a run; gaps mean that something was missed and a snapshot is needed. */
  sequence: z.number().int(),
  at: z.string(),
  level: z.enum(['info', 'warning', 'error']),
  tableId: z.string().nullable(),
  /** A whole sentence, redacted. */
  text: z.string(),
});
export type RunEvent = z.infer<typeof runEventSchema>;

export const runSnapshotSchema = z.object({
  runId: z.string(),
  projectId: z.string().nullable(),
  planId: z.string(),
  state: z.enum(RUN_STATES),
  /** Number of the newest change in this snapshot; deltas carry the next ones. */
  version: z.number().int(),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  /** Working time, pauses left out. */
  elapsedMs: z.number(),
  totals: runTotalsSchema,
  /** Rows loaded and bytes staged a second over the last 60 s; null while there is too little to tell. */
  rowsPerSecond: z.number().nullable(),
  bytesPerSecond: z.number().nullable(),
  remainingMs: z.number().nullable(),
  /** Rows loaded a second, one number each 2 s, of the last two minutes. */
  speedHistory: z.array(z.number()),
  lanes: z.array(laneActivitySchema),
  tables: z.array(tableProgressSchema),
  /** The newest 200 events, oldest first. */
  events: z.array(runEventSchema),
});
export type RunSnapshot = z.infer<typeof runSnapshotSchema>;

/** What changed since the version before: whole objects, so that merging is replacing. */
export const runDeltaSchema = runSnapshotSchema
  .omit({ tables: true, events: true })
  .extend({ tables: z.array(tableProgressSchema), events: z.array(runEventSchema) });
export type RunDelta = z.infer<typeof runDeltaSchema>;

export const runSummarySchema = runSnapshotSchema.pick({
  runId: true,
  projectId: true,
  planId: true,
  state: true,
  startedAt: true,
  finishedAt: true,
  elapsedMs: true,
  totals: true,
});
export type RunSummary = z.infer<typeof runSummarySchema>;

/** The JSON document that the command line prints. */
export const runReportSchema = z.object({
  outcome: z.enum(['done', 'finished-with-failures', 'paused', 'cancelled']),
  runId: z.string(),
  tables: z.array(
    z.object({
      source: z.string(),
      target: z.string(),
      sourceRows: z.number().nullable(),
      stagedRows: z.number().nullable(),
      loadedRows: z.number().nullable(),
      stagedBytes: z.number().nullable(),
      partitions: z.number().int(),
      elapsedMs: z.number().nullable(),
      outcome: z.enum(['loaded', 'failed', 'skipped']),
      error: z.object({ code: z.string(), title: z.string(), message: z.string(), advice: z.string() }).nullable(),
      leftOut: z.array(leftOutColumnSchema),
      warnings: z.array(z.string()),
    }),
  ),
  validation: z.object({
    passed: z.number().int(),
    warnings: z.number().int(),
    failed: z.number().int(),
    notCompared: z.number().int(),
  }),
  elapsedMs: z.number(),
});
export type RunReport = z.infer<typeof runReportSchema>;
