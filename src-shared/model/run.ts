import { z } from 'zod';
import { errorValueSchema } from '../errors/app-error.ts';
import { secretSlotSchema } from './connection-settings.ts';
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

/** Whom a run talks to, and the machine that it runs on. */
export const SIDES = ['source', 'snowflake', 'staging', 'machine'] as const;
export type Side = (typeof SIDES)[number];

/**
 * Why a run is not at work although something is left:
 * `user` asked; `needs-you`: a password, key, right or disk has to be mended first (`error` says which); `unreachable`: a side did not come back in time;
 * `lease-held`: another instance works on this run; `lease-lost`: another instance took it over; `tables-paused`: only tables that the user paused are
 * left; `too-many-failures`: the limit of failed tables was reached.
 */
export const PAUSE_CAUSES = [
  'user',
  'needs-you',
  'unreachable',
  'lease-held',
  'lease-lost',
  'tables-paused',
  'too-many-failures',
] as const;
export type PauseCause = (typeof PAUSE_CAUSES)[number];

export const pauseSchema = z.object({
  cause: z.enum(PAUSE_CAUSES),
  /** Which side it is about; null when none is. */
  side: z.enum(SIDES).nullable(),
  since: z.string(),
  /** What happened and what to do, for all causes but `user` and `tables-paused`. */
  error: errorValueSchema.nullable(),
  /** With `needs-you`: secrets of which a new value would mend it, given with `run.continueWith`; empty when no secret is at fault. */
  secrets: z.array(secretSlotSchema),
});
export type Pause = z.infer<typeof pauseSchema>;

/** A side that does not answer while the run is at work: it is tried again until `givesUpAt`, then the run pauses with `unreachable`. */
export const waitSchema = z.object({
  side: z.enum(SIDES),
  since: z.string(),
  tries: z.number().int(),
  nextTryAt: z.string(),
  givesUpAt: z.string(),
  error: errorValueSchema,
});
export type Wait = z.infer<typeof waitSchema>;

/** How much of a run works at the same time. */
export const laneLimitsSchema = z.object({
  unloadLanes: z.number().int(),
  loadLanes: z.number().int(),
  loadLanesPerTable: z.number().int(),
});
export type LaneLimits = z.infer<typeof laneLimitsSchema>;

export const partitionProgressSchema = z.object({
  id: z.string(),
  index: z.number().int(),
  label: z.string(),
  state: z.enum(PARTITION_STATES),
  /** Tries so far; one more than the last when it is at work. */
  attempt: z.number().int(),
  /** After so many tries that failed by themselves the partition counts as failed; a side that was away does not count. */
  maxAttempts: z.number().int(),
  /** When the next try begins, while the partition waits for it. */
  nextTryAt: z.string().nullable(),
  sourceRows: z.number().nullable(),
  stagedRows: z.number().nullable(),
  stagedBytes: z.number().nullable(),
  stagedFiles: z.number().int().nullable(),
  loadedRows: z.number().nullable(),
  /** Why it is not loaded; null again once it is. */
  error: errorValueSchema.nullable(),
  /** The first error of this run, kept after a later try succeeded; all of them by `run.errors`. */
  firstError: errorValueSchema.nullable(),
  errorCount: z.number().int(),
});
export type PartitionProgress = z.infer<typeof partitionProgressSchema>;

/** One failed try at a partition. */
export const partitionErrorSchema = z.object({
  partitionId: z.string(),
  attempt: z.number().int(),
  at: z.string(),
  error: errorValueSchema,
});
export type PartitionError = z.infer<typeof partitionErrorSchema>;

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
  /** The user paused this table: what is at work of it is finished, nothing new of it begins. */
  isPaused: z.boolean(),
  /** Limits of this table alone; null leaves it to the run's. */
  unloadLanes: z.number().int().nullable(),
  loadLanes: z.number().int().nullable(),
  /** What a failed or cancelled table has committed in Snowflake: `table` is the target, or the table beside it that was to replace it. Null for nothing. */
  stays: z.object({ table: tableRefSchema, rows: z.number(), partitions: z.number().int() }).nullable(),
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
  laneLimits: laneLimitsSchema,
  /** Sides that do not answer at the moment; empty while all do. */
  waits: z.array(waitSchema),
  /** Why the run is not at work, for the states `pausing`, `paused` and `finished-with-failures`; null when there is nothing to say. */
  pause: pauseSchema.nullable(),
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

/** What was found when a damaged journal was opened, and what became of it. */
export const journalFindingSchema = z.object({
  at: z.string(),
  /** What SQLite said. */
  detail: z.string(),
  /** Where the damaged files lie now. */
  setAside: z.array(z.string()),
  /** Runs whose plans were read back; the ledger in Snowflake tells how far they are. */
  rebuiltRuns: z.array(z.string()),
  /** Plan files that could not be read. */
  lostRuns: z.array(z.string()),
});
export type JournalFinding = z.infer<typeof journalFindingSchema>;

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
  /** Why the run is not at work although something is left. */
  pause: pauseSchema.nullable(),
  elapsedMs: z.number(),
});
export type RunReport = z.infer<typeof runReportSchema>;
