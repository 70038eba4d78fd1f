import type { StepPageProps } from '../step-page.ts';
import { RedshiftPage } from './redshift-page.tsx';
import { SqlServerPage } from './sql-server-page.tsx';

/** The page "Connect to source database", for the kind of source that the project was made for. */
export function ConnectSourcePage(props: StepPageProps) {
  return props.project.sourceKind === 'sqlserver' ? <SqlServerPage {...props} /> : <RedshiftPage {...props} />;
}
