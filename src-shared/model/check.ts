import { z } from 'zod';
import { errorValueSchema } from '../errors/app-error.ts';

export const CHECK_STATES = ['waiting', 'running', 'passed', 'warning', 'failed', 'skipped'] as const;

/** One row of a check list: what was done, what came back and what to do. */
export const checkResultSchema = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(CHECK_STATES),
  /** One sentence: what came back, or why it was skipped. */
  summary: z.string(),
  /** What was done, for the opened row: statements and requests, redacted. */
  did: z.array(z.string()),
  error: errorValueSchema.nullable(),
  elapsedMs: z.number().nullable(),
  finishedAt: z.string().nullable(),
});
export type CheckResult = z.infer<typeof checkResultSchema>;
export type CheckState = CheckResult['state'];

/** What "Test connection" tells. `facts` are label and value in the order to show; `rights` what this project needs. */
export const connectionReportSchema = z.object({
  server: z.string(),
  version: z.string(),
  user: z.string(),
  elapsedMs: z.number(),
  facts: z.array(z.object({ label: z.string(), value: z.string() })),
  rights: z.array(checkResultSchema),
  /** Remarks that do not stop anything: clock skew, older version, TLS off. */
  warnings: z.array(z.string()),
});
export type ConnectionReport = z.infer<typeof connectionReportSchema>;
