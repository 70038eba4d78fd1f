import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Project } from '#shared/model/project';
import { errorValueOf } from '../api/client.ts';
import { projectQuery, secretStatusQuery } from '../api/projects.ts';
import { runsQuery } from '../api/run.ts';
import { validationQuery } from '../api/validation.ts';
import { isSidePage, type SidePage } from '../app/route.ts';
import { navigate } from '../app/router.ts';
import { DashboardPage } from '../overview/dashboard-page.tsx';
import { WorkflowPage } from '../overview/workflow-page.tsx';
import { AppSettingsContent } from '../settings/app-settings-page.tsx';
import { ErrorCard } from '../ui/error-card.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { neededSecrets } from '../wizard/needed-secrets.ts';
import type { StepPageProps } from '../wizard/step-page.ts';
import { buildStepStates, firstOpenStep, type StepStatus } from '../wizard/step-states.ts';
import type { StepId } from '../wizard/steps.ts';
import { StepRail } from './step-rail.tsx';
import { STEP_PAGES } from './step-pages.ts';
import classes from './project-frame.module.css';

/** An open project: the rail on the left, the page of the step beside it. */
export function ProjectFrame({ projectId, step }: { projectId: string; step: StepId | SidePage | null }) {
  const project = useQuery(projectQuery(projectId));
  const runs = useQuery(runsQuery(projectId));
  const lastRun = runs.data?.[0] ?? null;
  const secrets = useQuery(secretStatusQuery(projectId));
  const comparison = useQuery({ ...validationQuery(lastRun?.runId ?? ''), enabled: lastRun !== null });
  if (project.isError) {
    return (
      <Page
        title="The project cannot be opened"
        back={{ label: 'All projects', onClick: () => navigate({ page: 'home' }) }}
      >
        <ErrorCard error={errorValueOf(project.error)} onRetry={() => void project.refetch()} />
      </Page>
    );
  }
  if (project.data === undefined || runs.isPending || secrets.isPending) {
    return (
      <div className={classes.wait}>
        <Loading what="Opening the project" onCancel={() => navigate({ page: 'home' })} />
      </div>
    );
  }
  const isSet = secrets.data?.isSet;
  const missing = isSet === undefined ? [] : neededSecrets(project.data).filter((slot) => isSet[slot] !== true);
  const steps = buildStepStates(project.data, lastRun, comparison.data ?? null, missing);
  return <OpenProject project={project.data} steps={steps} step={step} />;
}

function OpenProject(props: { project: Project; steps: readonly StepStatus[]; step: StepId | SidePage | null }) {
  const { project, steps, step } = props;
  const status = steps.find(({ id }) => id === step);
  const isOpenable = isSidePage(step) || (status !== undefined && status.state !== 'blocked');
  const fallback = firstOpenStep(steps);
  useEffect(() => {
    if (!isOpenable) navigate({ page: 'project', projectId: project.id, step: fallback }, { replace: true });
  }, [isOpenable, fallback, project.id]);
  return (
    <div className={classes.frame}>
      <StepRail project={project} steps={steps} current={isOpenable ? step : fallback} />
      <div className={classes.content}>
        {isSidePage(step) && <SidePageContent project={project} steps={steps} page={step} />}
        {isOpenable && status !== undefined && <StepPage project={project} steps={steps} step={status.id} />}
      </div>
    </div>
  );
}

function SidePageContent(props: { project: Project; steps: readonly StepStatus[]; page: SidePage }) {
  const { project, steps, page } = props;
  switch (page) {
    case 'workflow':
      return <WorkflowPage project={project} />;
    case 'dashboard':
      return (
        <DashboardPage
          project={project}
          steps={steps}
          goTo={(step) => navigate({ page: 'project', projectId: project.id, step })}
        />
      );
    case 'settings':
      return <AppSettingsContent />;
  }
}

function StepPage({ project, steps, step }: { project: Project; steps: readonly StepStatus[]; step: StepId }) {
  const Content = STEP_PAGES[step];
  const at = steps.findIndex(({ id }) => id === step);
  const goTo = (id: StepId) => navigate({ page: 'project', projectId: project.id, step: id });
  const before = steps[at - 1]?.id;
  const after = steps[at + 1]?.id;
  const navigation: Pick<StepPageProps, 'goBack' | 'goNext' | 'goTo'> = {
    goTo,
    goBack: before === undefined ? undefined : () => goTo(before),
    goNext: () => (after === undefined ? undefined : goTo(after)),
  };
  return <Content key={step} project={project} steps={steps} {...navigation} />;
}
