import { Button } from '@mantine/core';
import { formatCount } from '#shared/format/count';
import type { TableTask } from '#shared/model/plan';
import { Notice } from '../ui/notice.tsx';
import type { StepPageProps } from '../wizard/step-page.ts';
import { mendingLabel, mendingStep } from './mending-step.ts';
import classes from './run.module.css';

/** Names the tables that cannot run before the start, with the ways to the steps that mend them; nothing when all can. */
export function BlockedNotice({ tables, goTo }: { tables: readonly TableTask[]; goTo: StepPageProps['goTo'] }) {
  const blocked = tables.flatMap((table) => (table.blocked === null ? [] : [{ table, error: table.blocked }]));
  if (blocked.length === 0) return null;
  const steps = [...new Set(blocked.map(({ error }) => mendingStep(error.code)))];
  const rest = blocked.length - NAMED;
  return (
    <Notice
      tone="warning"
      title={blocked.length === 1 ? '1 table cannot run' : `${formatCount(blocked.length)} tables cannot run`}
    >
      <ul className={classes.list}>
        {blocked.slice(0, NAMED).map(({ table, error }) => (
          <li key={table.id}>
            {table.source.schema}.{table.source.name}: {error.title}. {error.advice}
          </li>
        ))}
        {rest > 0 && <li>{formatCount(rest)} more: they stand first in the list below.</li>}
      </ul>
      {blocked.length < tables.length && (
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

const NAMED = 3;
