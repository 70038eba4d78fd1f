import { z } from 'zod';
import { errorValueSchema } from '../errors/app-error.ts';
import { tableRefSchema } from './table.ts';

export const VALIDATION_STATUSES = ['pass', 'warning', 'fail', 'error', 'not-compared'] as const;

/** One flat row for every kind of check. Values are text as each side wrote them; null where a side has none. */
export const validationResultSchema = z.object({
  id: z.string(),
  level: z.enum(['schema', 'metrics', 'rows']),
  check: z.string(),
  source: tableRefSchema,
  target: tableRefSchema,
  column: z.string().nullable(),
  sourceValue: z.string().nullable(),
  targetValue: z.string().nullable(),
  status: z.enum(VALIDATION_STATUSES),
  detail: z.string(),
  error: errorValueSchema.nullable(),
});
export type ValidationResult = z.infer<typeof validationResultSchema>;

export const validationReportSchema = z.object({
  runId: z.string(),
  startedAt: z.string(),
  elapsedMs: z.number(),
  counts: z.object({
    passed: z.number().int(),
    warnings: z.number().int(),
    failed: z.number().int(),
    notCompared: z.number().int(),
  }),
  results: z.array(validationResultSchema),
});
export type ValidationReport = z.infer<typeof validationReportSchema>;
