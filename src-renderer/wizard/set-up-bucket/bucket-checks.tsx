import { Button } from '@mantine/core';
import { CheckList } from '../../ui/check-list.tsx';
import { checkSummary } from '../../ui/check-summary.ts';
import { ErrorCard } from '../../ui/error-card.tsx';
import { FormSection } from '../../ui/fields.tsx';
import { Notice } from '../../ui/notice.tsx';
import { useRevealOnChange } from '../../ui/use-reveal-on-change.ts';
import type { BucketStep } from './use-bucket-step.ts';
import classes from './bucket-checks.module.css';

/** The checks of the bucket as they run, or as they ran last. */
export function BucketChecks({ step }: { step: BucketStep }) {
  const hasChecks = step.checks.length > 0;
  const section = useRevealOnChange(step.isBusy, true);
  return (
    <div ref={section} className={classes.checks}>
      <FormSection
        title="Checks"
        lead="A tiny UNLOAD goes the whole way: Redshift writes it, Snowflake reads it through the stage, and it is deleted again."
        side={
          <div className={classes.side}>
            {step.isBusy ? (
              <Button size="xs" variant="default" onClick={step.cancel}>
                Cancel
              </Button>
            ) : (
              hasChecks && (
                <Button size="xs" variant="default" onClick={step.check}>
                  Repeat all
                </Button>
              )
            )}
          </div>
        }
      >
        {step.error !== null && <ErrorCard error={step.error} />}
        {!hasChecks && !step.isBusy && <p className={classes.none}>The checks have not run yet.</p>}
        {hasChecks && !step.isBusy && step.isStale && (
          <Notice tone="warning">
            <p>Settings or secrets changed since these checks ran.</p>
          </Notice>
        )}
        {hasChecks && (
          <>
            <p className={classes.summary}>{checkSummary(step.checks)}</p>
            <CheckList label="Checks of the bucket" checks={step.checks} onRepeat={step.repeat} isBusy={step.isBusy} />
          </>
        )}
      </FormSection>
    </div>
  );
}
