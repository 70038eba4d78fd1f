import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { RunState } from '#shared/model/run';
import { errorValueOf } from '../api/client.ts';
import { runsQuery } from '../api/run.ts';
import { ErrorCard } from '../ui/error-card.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import type { StepPageProps } from '../wizard/step-page.ts';
import { PlanView } from './plan-view.tsx';
import { RunView } from './run-view.tsx';

/** The page "Migrate": the plan before the start, the run from then on. A run that can go on is shown before a new plan is made. */
export function MigratePage(props: StepPageProps) {
  const runs = useQuery(runsQuery(props.project.id));
  const last = runs.data?.[0];
  const unfinishedId = last !== undefined && isUnfinished(last.state) ? last.runId : null;
  // A run that was shown stays in view when it ends, until the results page takes over.
  const [runId, setRunId] = useState(unfinishedId);
  if (unfinishedId !== null && unfinishedId !== runId) setRunId(unfinishedId);
  if (runs.isError) {
    return (
      <Page title="Migrate" back={props.goBack === undefined ? undefined : { onClick: props.goBack }}>
        <ErrorCard error={errorValueOf(runs.error)} onRetry={() => void runs.refetch()} />
      </Page>
    );
  }
  if (runs.isPending) {
    return (
      <Page title="Migrate" back={props.goBack === undefined ? undefined : { onClick: props.goBack }}>
        <Loading what="Looking for a run that can go on" />
      </Page>
    );
  }
  if (runId !== null) return <RunView {...props} runId={runId} />;
  return <PlanView {...props} lastRun={last ?? null} onStarted={setRunId} />;
}

function isUnfinished(state: RunState): boolean {
  return !['done', 'finished-with-failures', 'cancelled'].includes(state);
}
