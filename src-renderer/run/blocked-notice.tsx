import { Button } from '@mantine/core';
import { formatCount } from '#shared/format/count';
import type { TableTask } from '#shared/model/plan';
import { Notice } from '../ui/notice.tsx';
import type { StepPageProps } from '../wizard/step-page.ts';
import { groupBlocked } from './group-blocked.ts';
import { mendingLabel, mendingStep } from './mending-step.ts';
import classes from './run.module.css';

/** Names the tables that cannot run before the start, with the ways to the steps that mend them; nothing when all can. */
export function BlockedNotice({ tables, goTo }: { tables: readonly TableTask[]; goTo: StepPageProps['goTo'] }) {
  const groups = groupBlocked(tables);
  if (groups.length === 0) return null;
  const count = groups.reduce((sum, group) => sum + group.tables.length, 0);
  const steps = [...new Set(groups.map(({ error }) => mendingStep(error.code)))];
  return (
    <Notice tone="warning" title={count === 1 ? '1 table cannot run' : `${formatCount(count)} tables cannot run`}>
      <ul className={classes.list}>
        {groups.slice(0, SHOWN_REASONS).map(({ error, names, tables: [first] }) => (
          <li key={first?.id}>
            {names}: {error.title}. {error.advice}
          </li>
        ))}
        {groups.length > SHOWN_REASONS && <li>The other reasons stand with the tables in the list below.</li>}
      </ul>
      {count < tables.length && (
        <p>The other tables can start without them. They are listed as failed then and can be retried later.</p>
      )}
      <div className={classes.eventBar}>
        {steps.map((step) => (
          <Button key={step} size="xs" variant="default" onClick={() => goTo(step)}>
            {mendingLabel(step)}
          </Button>
        ))}
      </div>
    </Notice>
  );
}

const SHOWN_REASONS = 3;
