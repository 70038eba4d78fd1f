import { z } from 'zod';

const seconds = (fallback: number) => z.number().int().min(1).max(604_800).default(fallback);

/**
 * Every limit after which a run stops waiting, in one place. All are measured by a clock that does not jump. A limit is not a verdict: what ran into one is
 * stopped and tried again.
 */
export const runLimitsSchema = z.object({
  /** A side that does not answer is tried again for so long; then the run pauses with `unreachable`. */
  reconnectSeconds: seconds(600),
  /** So often Snowflake is asked whether a statement still runs; two times in a row "no", or no answer, end the waiting for its result. */
  statementSilenceSeconds: seconds(180),
  /** One load in Snowflake. docs.snowflake.com/en/user-guide/data-load-considerations-prepare: loads over 24 hours may be aborted. */
  loadSeconds: seconds(86_400),
  /** Any other single call to Snowflake: a statement that waits for a lock gives up by itself after ten minutes. */
  targetCallSeconds: seconds(1800),
  /** A call to S3 that moves little data. */
  stagingCallSeconds: seconds(300),
  /** UNLOAD neither answers nor writes to its path: it may wait in a queue of the cluster first. */
  unloadSilenceSeconds: seconds(3600),
  /** Until the first rows of a read arrive: the source may sort first. */
  firstRowSeconds: seconds(3600),
  /** No rows of a read that has begun. */
  readSilenceSeconds: seconds(600),
  /** An upload that moves less than this counts as stuck. */
  slowestUploadBytesPerSecond: z.number().int().min(100).default(10_000),
  /** So long others keep away from a run after the last sign of life of who works on it; renewed after a quarter of it. */
  leaseSeconds: z.number().int().min(5).max(3600).default(90),
  /** Before a count that is too low is believed, it is taken again after so long: a session may see the commit of another one a little late. */
  recountMs: z.number().int().min(0).max(60_000).default(2000),
});
export type RunLimits = z.infer<typeof runLimitsSchema>;

export const DEFAULT_LIMITS: RunLimits = runLimitsSchema.parse({});
