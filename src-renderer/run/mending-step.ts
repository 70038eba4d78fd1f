import { STEP_LABELS, type StepId } from '../wizard/steps.ts';

/** The step whose settings mend an error, by its code: most of what blocks a table is decided where tables are selected. */
export function mendingStep(code: string): StepId {
  if (STAGING_CODES.some((start) => code.startsWith(start))) return 'staging';
  if (SNOWFLAKE_CODES.has(code)) return 'snowflake';
  return 'tables';
}

/** `Go to "Set up S3 bucket"`. */
export function mendingLabel(step: StepId): string {
  return `Go to "${STEP_LABELS[step]}"`;
}

const STAGING_CODES = ['STAGE_', 'UNLOAD_ROLE', 'UNLOAD_REGION', 'AWS_'] as const;
const SNOWFLAKE_CODES: ReadonlySet<string> = new Set(['PRIVILEGE_MISSING', 'WAREHOUSE_UNUSABLE', 'ROLE_NOT_GRANTED']);
