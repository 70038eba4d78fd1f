import { useCallback, useState } from 'react';
import { redshiftSettingsSchema } from '#shared/model/connection-settings';
import { useTestSource } from '../../api/source.ts';
import { FieldRow, FormSection, TextField } from '../../ui/fields.tsx';
import { LiveRegion } from '../../ui/live-region.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Page } from '../../ui/page.tsx';
import { AffectedStepsDialog } from '../affected-steps-dialog.tsx';
import { ConnectionTest } from '../connection-test.tsx';
import type { StepPageProps } from '../step-page.ts';
import { StrategyField } from '../strategy-field.tsx';
import { useConnectionStep } from '../use-connection-step.ts';
import { usePasteHelp } from '../use-paste-help.ts';
import { useSecretInputs } from '../use-secret-inputs.ts';
import { useStepForm } from '../use-step-form.ts';
import { RedshiftHelp } from './redshift-help.tsx';
import { RedshiftSignIn } from './redshift-sign-in.tsx';
import { RedshiftTls } from './redshift-tls.tsx';
import {
  redshiftFormOf,
  redshiftProblems,
  toRedshiftSettings,
  REDSHIFT_FIELD_NAMES,
  REDSHIFT_FIELD_ORDER,
  type RedshiftFormValues,
} from './redshift-form.ts';

/** The page "Connect to source database", for Amazon Redshift. */
export function RedshiftPage({ project, goBack, goNext }: StepPageProps) {
  const secrets = useSecretInputs(project.id);
  const testSource = useTestSource(project.id);
  const [saved] = useState(() => redshiftFormOf(project.source));
  const problemsOf = useCallback((values: RedshiftFormValues) => redshiftProblems(values, secrets.has), [secrets.has]);
  const form = useStepForm({
    project,
    step: 'source',
    saved: project.source === null ? saved : redshiftFormOf(project.source),
    problemsOf,
    order: REDSHIFT_FIELD_ORDER,
  });
  const step = useConnectionStep({
    project,
    which: 'source',
    form,
    secrets,
    toSettings: () => redshiftSettingsSchema.parse(toRedshiftSettings(form.values)),
    runTest: (signal) => testSource.mutateAsync(signal),
    fieldNames: REDSHIFT_FIELD_NAMES,
    goNext,
  });
  const paste = usePasteHelp({ kind: 'redshift', values: form.values, set: form.set, names: REDSHIFT_FIELD_NAMES });
  return (
    <Page
      title="Connect to source database"
      lead={LEADS[project.strategy]}
      help={<RedshiftHelp />}
      back={goBack === undefined ? undefined : { onClick: goBack }}
      primary={{ label: 'Continue', onClick: step.proceed, isBusy: step.isBusy }}
    >
      <FormSection title="Amazon Redshift">
        <TextField
          {...form.field('host')}
          label="Host"
          placeholder="my-cluster.abc123xyz.eu-west-1.redshift.amazonaws.com"
          help="A JDBC URL, an ODBC connection string or a psql line can be pasted here; it fills in the form."
          onPaste={paste.onPaste}
          isRequired
        />
        {paste.notice !== null && <Notice tone={paste.notice.tone}>{paste.notice.text}</Notice>}
        <LiveRegion text={paste.notice?.text ?? ''} />
        <FieldRow>
          <TextField {...form.field('port')} label="Port" placeholder="5439" isNumeric isRequired />
          <TextField {...form.field('database')} label="Database" placeholder="dev" isRequired />
        </FieldRow>
      </FormSection>
      <RedshiftSignIn form={form} secrets={secrets} />
      <RedshiftTls form={form} />
      <StrategyField project={project} />
      <ConnectionTest step={step} what={form.values.host} />
      <AffectedStepsDialog steps={step.question} onAnswer={step.answer} />
    </Page>
  );
}

const LEADS = {
  unload:
    'Snowferry reads table definitions here and lets the cluster unload the rows to S3. Nothing is written to the database.',
  regular:
    'Snowferry reads table definitions and rows here, through this computer. Nothing is written to the database.',
} as const;
