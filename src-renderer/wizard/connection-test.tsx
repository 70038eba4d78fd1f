import { Button } from '@mantine/core';
import { IconPlugConnected } from '@tabler/icons-react';
import { ConnectionCard } from '../ui/connection-card.tsx';
import { ErrorCard } from '../ui/error-card.tsx';
import { Loading } from '../ui/loading.tsx';
import { useRevealOnChange } from '../ui/use-reveal-on-change.ts';
import type { ErrorValue } from '#shared/errors/app-error';
import type { ReactNode } from 'react';
import { isMendedAtField, type ConnectionStep } from './use-connection-step.ts';
import classes from './connection-test.module.css';

/** What a page offers to mend an error: its own advice in place of the general one, and buttons that change the form. */
export interface ConnectionRemedy {
  advice: string;
  actions: ReactNode;
}

/** "Test connection" with its outcome below: the card of what was reached, or the error in words. */
export function ConnectionTest(props: {
  step: ConnectionStep;
  what: string;
  remedy?: (error: ErrorValue) => ConnectionRemedy | null;
}) {
  const { step, what } = props;
  const remedy = step.error === null ? null : (props.remedy?.(step.error) ?? null);
  const section = useRevealOnChange(step.isBusy, step.error === null || !isMendedAtField(step.error));
  return (
    <section ref={section} className={classes.test} aria-label="Connection test">
      <div>
        <Button
          variant="default"
          leftSection={<IconPlugConnected size={16} aria-hidden />}
          onClick={step.test}
          disabled={step.isBusy}
        >
          Test connection
        </Button>
      </div>
      {step.isBusy && <Loading what={`Connecting to ${what}`} onCancel={step.cancel} />}
      {step.error !== null && (
        <ErrorCard
          error={remedy === null ? step.error : { ...step.error, advice: remedy.advice }}
          actions={remedy?.actions}
        />
      )}
      {step.report !== null && <ConnectionCard report={step.report} isStale={step.isStale} />}
    </section>
  );
}
