import type { ComponentType } from 'react';
import { ResultsPage } from '../results/results-page.tsx';
import { MigratePage } from '../run/migrate-page.tsx';
import { ValidationPage } from '../validation/validation-page.tsx';
import { ConnectSnowflakePage } from '../wizard/connect-snowflake/connect-snowflake-page.tsx';
import { ConnectSourcePage } from '../wizard/connect-source/connect-source-page.tsx';
import { SelectTablesPage } from '../wizard/select-tables/select-tables-page.tsx';
import { SetUpBucketPage } from '../wizard/set-up-bucket/set-up-bucket-page.tsx';
import type { StepPageProps } from '../wizard/step-page.ts';
import type { StepId } from '../wizard/steps.ts';

/** The page of each step. */
export const STEP_PAGES: Record<StepId, ComponentType<StepPageProps>> = {
  source: ConnectSourcePage,
  snowflake: ConnectSnowflakePage,
  staging: SetUpBucketPage,
  tables: SelectTablesPage,
  migrate: MigratePage,
  results: ResultsPage,
  validation: ValidationPage,
};
