import { useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { snowflakeSettingsSchema } from '#shared/model/connection-settings';
import type { Project } from '#shared/model/project';
import { settingsDigest } from '#shared/model/settings-digest';
import { snowflakeListQuery, useTestSnowflake } from '../../api/snowflake.ts';
import { FieldRow, FormSection, SuggestField, TextField } from '../../ui/fields.tsx';
import { LiveRegion } from '../../ui/live-region.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Page } from '../../ui/page.tsx';
import { AffectedStepsDialog } from '../affected-steps-dialog.tsx';
import { ConnectionTest } from '../connection-test.tsx';
import type { StepPageProps } from '../step-page.ts';
import { useConnectionStep } from '../use-connection-step.ts';
import { usePasteHelp } from '../use-paste-help.ts';
import { useSecretInputs } from '../use-secret-inputs.ts';
import { useStepForm, type StepForm } from '../use-step-form.ts';
import { AdvancedFields } from './advanced-fields.tsx';
import { NamedConnections } from './named-connections.tsx';
import { SignInFields } from './sign-in-fields.tsx';
import { SnowflakeHelp } from './snowflake-help.tsx';
import {
  snowflakeFormOf,
  snowflakeProblems,
  toSnowflakeSettings,
  SNOWFLAKE_FIELD_NAMES,
  SNOWFLAKE_FIELD_ORDER,
  type SnowflakeFormValues,
} from './snowflake-form.ts';

/** The page "Connect to Snowflake". */
export function ConnectSnowflakePage({ project, goBack, goNext }: StepPageProps) {
  const secrets = useSecretInputs(project.id);
  const testSnowflake = useTestSnowflake(project.id);
  const [passcode, setPasscode] = useState('');
  const problemsOf = useCallback(
    (values: SnowflakeFormValues) => snowflakeProblems(values, secrets.has),
    [secrets.has],
  );
  const form = useStepForm({
    project,
    step: 'snowflake',
    saved: snowflakeFormOf(project.snowflake),
    problemsOf,
    order: SNOWFLAKE_FIELD_ORDER,
  });
  const step = useConnectionStep({
    project,
    which: 'snowflake',
    form,
    secrets,
    toSettings: () => snowflakeSettingsSchema.parse(toSnowflakeSettings(form.values)),
    runTest: async (signal) => {
      const report = await testSnowflake.mutateAsync({ signal, passcode });
      setPasscode('');
      return report;
    },
    fieldNames: SNOWFLAKE_FIELD_NAMES,
    goNext,
  });
  const paste = usePasteHelp({ kind: 'snowflake', values: form.values, set: form.set, names: SNOWFLAKE_FIELD_NAMES });
  return (
    <Page
      title="Connect to Snowflake"
      lead="Snowferry creates missing tables, loads the staged files and keeps its ledger here."
      help={<SnowflakeHelp user={form.values.user} role={form.values.role} warehouse={form.values.warehouse} />}
      back={goBack === undefined ? undefined : { onClick: goBack }}
      primary={{ label: 'Continue', onClick: step.proceed, isBusy: step.isBusy }}
    >
      <NamedConnections projectId={project.id} form={form} />
      <FormSection title="Account">
        <TextField
          {...form.field('account')}
          label="Account identifier"
          placeholder="myorg-account123"
          help="An account URL, a JDBC URL or a snowsql line can be pasted here; it fills in the form."
          onPaste={paste.onPaste}
          isRequired
        />
        {paste.notice !== null && <Notice tone={paste.notice.tone}>{paste.notice.text}</Notice>}
        <LiveRegion text={paste.notice?.text ?? ''} />
      </FormSection>
      <SignInFields form={form} secrets={secrets} passcode={passcode} onPasscode={setPasscode} />
      <SessionFields project={project} form={form} />
      <AdvancedFields form={form} secrets={secrets} />
      <ConnectionTest step={step} what={form.values.account} />
      <AffectedStepsDialog steps={step.question} onAnswer={step.answer} />
    </Page>
  );
}

/** Warehouse and role; the lists come from the account once a test reached it. */
function SessionFields({ project, form }: { project: Project; form: StepForm<SnowflakeFormValues> }) {
  const isTested = project.snowflakeTest?.digest === settingsDigest(project.snowflake);
  const warehouses = useQuery({ ...snowflakeListQuery(project.id, { what: 'warehouses' }), enabled: isTested });
  const roles = useQuery({ ...snowflakeListQuery(project.id, { what: 'roles' }), enabled: isTested });
  return (
    <FormSection title="Warehouse and role">
      <FieldRow>
        <SuggestField
          {...form.field('warehouse')}
          label="Warehouse"
          placeholder="LOAD_WH"
          help="X-Small is enough to begin with; it runs COPY only."
          options={warehouses.data?.map(({ name }) => name) ?? []}
          isLoading={warehouses.isFetching}
          isRequired
        />
        <SuggestField
          {...form.field('role')}
          label="Role (optional)"
          placeholder="MIGRATOR"
          help="Empty: the default role of the user."
          options={roles.data?.map(({ name }) => name) ?? []}
          isLoading={roles.isFetching}
        />
      </FieldRow>
    </FormSection>
  );
}
