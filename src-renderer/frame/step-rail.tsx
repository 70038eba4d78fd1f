import { UnstyledButton } from '@mantine/core';
import { IconArrowNarrowRight, IconChartBar, IconFileCode, IconLayoutGrid, IconSettings } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Project } from '#shared/model/project';
import type { SidePage } from '../app/route.ts';
import { navigate } from '../app/router.ts';
import { StatusIcon, type StatusTone } from '../ui/status-badge.tsx';
import type { StepState, StepStatus } from '../wizard/step-states.ts';
import type { StepId } from '../wizard/steps.ts';
import classes from './step-rail.module.css';

export interface StepRailProps {
  project: Project;
  steps: readonly StepStatus[];
  current: StepId | SidePage | null;
}

/** The way through a project: every step with its state in words; steps that are not blocked can be opened. */
export function StepRail({ project, steps, current }: StepRailProps) {
  return (
    <nav className={classes.rail} aria-label="Steps of the project">
      <UnstyledButton className={classes.link} onClick={() => navigate({ page: 'home' })}>
        <IconLayoutGrid size={16} aria-hidden />
        All projects
      </UnstyledButton>
      <div className={classes.project}>
        <p className={classes.name} title={project.name}>
          {project.name}
        </p>
        <p className={classes.route}>
          <span className={classes.end}>{SOURCE_NAMES[project.sourceKind]}</span>
          <IconArrowNarrowRight size={16} role="img" aria-label="to" />
          <span className={classes.end}>Snowflake</span>
        </p>
      </div>
      <ol className={classes.steps}>
        {steps.map((status, index) => (
          <li key={status.id}>
            <StepButton status={status} number={index + 1} isCurrent={status.id === current} projectId={project.id} />
          </li>
        ))}
      </ol>
      <div className={classes.foot}>
        {SIDE_LINKS.map(({ page, label, Icon }) => (
          <RailLink
            key={page}
            icon={<Icon size={16} aria-hidden />}
            isCurrent={current === page}
            onClick={() => navigate({ page: 'project', projectId: project.id, step: page })}
          >
            {label}
          </RailLink>
        ))}
      </div>
    </nav>
  );
}

function StepButton(props: { status: StepStatus; number: number; isCurrent: boolean; projectId: string }) {
  const { status, number, isCurrent, projectId } = props;
  const isBlocked = status.state === 'blocked';
  const note = status.reason ?? (isCurrent && status.state === 'waiting' ? null : STATE_WORDS[status.state]);
  return (
    <UnstyledButton
      className={classes.step}
      data-current={isCurrent}
      data-state={status.state}
      aria-current={isCurrent ? 'step' : undefined}
      aria-disabled={isBlocked}
      onClick={() => !isBlocked && navigate({ page: 'project', projectId, step: status.id })}
    >
      <span className={classes.marker} data-state={status.state} data-current={isCurrent}>
        {status.state === 'waiting' ? (
          <span aria-hidden>{number}</span>
        ) : (
          <StatusIcon tone={TONES[status.state]} size={20} />
        )}
      </span>
      <span className={classes.texts}>
        <span className={classes.label}>{status.label}</span>
        {note !== null && <span className={classes.note}>{note}</span>}
      </span>
    </UnstyledButton>
  );
}

function RailLink(props: { icon: ReactNode; isCurrent: boolean; onClick: () => void; children: ReactNode }) {
  return (
    <UnstyledButton
      className={classes.link}
      data-current={props.isCurrent}
      aria-current={props.isCurrent ? 'page' : undefined}
      onClick={props.onClick}
    >
      {props.icon}
      {props.children}
    </UnstyledButton>
  );
}

const SIDE_LINKS = [
  { page: 'workflow', label: 'Workflow', Icon: IconFileCode },
  { page: 'dashboard', label: 'Dashboard', Icon: IconChartBar },
  { page: 'settings', label: 'Settings', Icon: IconSettings },
] as const satisfies readonly { page: SidePage; label: string; Icon: typeof IconSettings }[];

const SOURCE_NAMES = { redshift: 'Redshift', sqlserver: 'SQL Server' } as const;
const STATE_WORDS = {
  done: 'Done',
  waiting: null,
  running: 'In progress',
  failed: 'Failed',
  blocked: 'Not available yet',
} as const satisfies Record<StepState, string | null>;
const TONES = {
  done: 'ok',
  waiting: 'waiting',
  running: 'running',
  failed: 'failed',
  blocked: 'blocked',
} as const satisfies Record<StepState, StatusTone>;
