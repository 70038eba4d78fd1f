import type { ExistingRows } from '#shared/model/project';
import { EXISTING_ROWS_LABELS } from '../ui/existing-rows.ts';

/** What can happen to rows of the earlier run when everything is migrated again. `stop` is left out: it would refuse every loaded table. */
export type RetryRows = Exclude<ExistingRows, 'stop'>;

export const RETRY_ROWS_OPTIONS = (['truncate', 'replace', 'append'] as const satisfies readonly RetryRows[]).map(
  (value) => ({ value, label: EXISTING_ROWS_LABELS[value] }),
);

export function isRetryRows(text: string): text is RetryRows {
  return RETRY_ROWS_OPTIONS.some(({ value }) => value === text);
}

/** What a choice does to the tables in Snowflake, as whole sentences. */
export function retryWarning(rows: RetryRows): string {
  switch (rows) {
    case 'truncate':
      return 'All rows of the target tables are deleted, also those that others wrote. Until the load of a table ends, readers see it empty or incomplete.';
    case 'replace':
      return 'Each table is loaded into a copy, which takes its place when it is complete. Rows that others wrote into the target tables are gone then.';
    case 'append':
      return 'Every row is added again: rows that the earlier run loaded are in the tables twice then.';
  }
}
