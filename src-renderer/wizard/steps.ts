import type { Project } from '#shared/model/project';

/** The pages of a migration, in order. */
export const STEP_IDS = ['source', 'snowflake', 'staging', 'tables', 'migrate', 'results', 'validation'] as const;
export type StepId = (typeof STEP_IDS)[number];

export const STEP_LABELS = {
  source: 'Connect to source database',
  snowflake: 'Connect to Snowflake',
  staging: 'Set up S3 bucket',
  tables: 'Select tables to migrate data',
  migrate: 'Migrate',
  results: 'Results',
  validation: 'Data validation',
} as const satisfies Record<StepId, string>;

/** The steps of a project: the S3 bucket belongs to UNLOAD only. */
export function stepsOf(project: Pick<Project, 'strategy'>): StepId[] {
  return STEP_IDS.filter((id) => id !== 'staging' || project.strategy === 'unload');
}

export function isStepId(text: string | undefined): text is StepId {
  return STEP_IDS.some((id) => id === text);
}
