import type { ComponentType } from 'react';
import { ConnectSnowflakePage } from '../wizard/connect-snowflake/connect-snowflake-page.tsx';
import { ConnectSourcePage } from '../wizard/connect-source/connect-source-page.tsx';
import { SelectTablesPage } from '../wizard/select-tables/select-tables-page.tsx';
import { SetUpBucketPage } from '../wizard/set-up-bucket/set-up-bucket-page.tsx';
import type { StepPageProps } from '../wizard/step-page.ts';
import type { StepId } from '../wizard/steps.ts';

/** The page of each step. A step without a page is not in the rail. */
export const STEP_PAGES: Partial<Record<StepId, ComponentType<StepPageProps>>> = {
  source: ConnectSourcePage,
  snowflake: ConnectSnowflakePage,
  staging: SetUpBucketPage,
  tables: SelectTablesPage,
};
