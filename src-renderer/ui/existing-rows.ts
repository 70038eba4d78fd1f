import type { ExistingRows } from '#shared/model/project';

/** What happens to rows that are in a target table already, in words. */
export const EXISTING_ROWS_LABELS = {
  stop: 'Stop: load nothing then',
  append: 'Append: keep them and add the new ones',
  replace: 'Replace: load a copy, then swap it in',
  truncate: 'Truncate: delete them first',
} as const satisfies Record<ExistingRows, string>;

export const EXISTING_ROWS_OPTIONS = (Object.keys(EXISTING_ROWS_LABELS) as ExistingRows[]).map((value) => ({
  value,
  label: EXISTING_ROWS_LABELS[value],
}));
