import { useCallback } from 'react';
import { sqlServerSettingsSchema } from '#shared/model/connection-settings';
import { useTestSource } from '../../api/source.ts';
import { CheckboxField, FieldRow, FormSection, SegmentField, TextField } from '../../ui/fields.tsx';
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
import { SqlServerEncryption } from './sql-server-encryption.tsx';
import { SqlServerHelp } from './sql-server-help.tsx';
import { sqlServerRemedy } from './sql-server-remedy.tsx';
import { SqlServerSignIn } from './sql-server-sign-in.tsx';
import {
  splitHost,
  sqlServerFormOf,
  sqlServerProblems,
  toSqlServerSettings,
  withAddressKind,
  SQL_SERVER_FIELD_NAMES,
  SQL_SERVER_FIELD_ORDER,
  type SqlServerFormValues,
} from './sql-server-form.ts';

/** The page "Connect to source database", for SQL Server and Azure SQL. */
export function SqlServerPage({ project, goBack, goNext }: StepPageProps) {
  const secrets = useSecretInputs(project.id);
  const testSource = useTestSource(project.id);
  const problemsOf = useCallback(
    (values: SqlServerFormValues) => sqlServerProblems(values, secrets.has),
    [secrets.has],
  );
  const form = useStepForm({
    project,
    step: 'source',
    saved: sqlServerFormOf(project.source),
    problemsOf,
    order: SQL_SERVER_FIELD_ORDER,
  });
  const step = useConnectionStep({
    project,
    which: 'source',
    form,
    secrets,
    toSettings: () => sqlServerSettingsSchema.parse(toSqlServerSettings(form.values)),
    runTest: (signal) => testSource.mutateAsync(signal),
    fieldNames: SQL_SERVER_FIELD_NAMES,
    goNext,
  });
  return (
    <Page
      title="Connect to source database"
      lead="Snowferry reads table definitions and rows here, through this computer. Nothing is written to the database."
      help={<SqlServerHelp />}
      back={goBack === undefined ? undefined : { onClick: goBack }}
      primary={{ label: 'Continue', onClick: step.proceed, isBusy: step.isBusy }}
    >
      <AddressFields form={form} />
      <SqlServerSignIn form={form} secrets={secrets} />
      <SqlServerEncryption form={form} />
      <FormSection title="Availability group">
        <CheckboxField
          name="readOnlyIntent"
          label="Read from a readable secondary (ApplicationIntent=ReadOnly)"
          help="Spares the primary replica. The host is then the listener of the availability group."
          isChecked={form.values.readOnlyIntent === 'true'}
          onChange={(isChecked) => form.set({ readOnlyIntent: String(isChecked) })}
        />
      </FormSection>
      <ConnectionTest step={step} what={form.values.host} remedy={(error) => sqlServerRemedy(error, form)} />
      <AffectedStepsDialog steps={step.question} onAnswer={step.answer} />
    </Page>
  );
}

function AddressFields({ form }: { form: StepForm<SqlServerFormValues> }) {
  const { values, set } = form;
  const paste = usePasteHelp({
    kind: 'sqlserver',
    values,
    set: (changes) => set(withAddressKind(changes)),
    names: SQL_SERVER_FIELD_NAMES,
  });
  const host = form.field('host');
  const isNamed = values.addressKind === 'instance';
  return (
    <FormSection title="SQL Server or Azure SQL">
      <TextField
        {...host}
        onBlur={() => {
          const parts = splitHost(values.host);
          if (parts !== null) set(parts);
          host.onBlur?.();
        }}
        label="Host"
        placeholder="sql01.corp.example.com"
        help="A connection string (ADO.NET, ODBC, JDBC) or a sqlcmd line can be pasted here; it fills in the form."
        onPaste={paste.onPaste}
        isRequired
      />
      {paste.notice !== null && <Notice tone={paste.notice.tone}>{paste.notice.text}</Notice>}
      <LiveRegion text={paste.notice?.text ?? ''} />
      <FieldRow>
        <SegmentField
          {...form.field('addressKind')}
          label="Reached by"
          options={ADDRESS_KINDS}
          help="One or the other: a named instance finds its port by itself."
        />
        {isNamed ? (
          <TextField
            {...form.field('instance')}
            label="Instance"
            placeholder="SQLEXPRESS"
            help="Looked up through SQL Server Browser (UDP 1434)."
            isRequired
          />
        ) : (
          <TextField {...form.field('port')} label="Port" placeholder="1433" isNumeric isRequired />
        )}
      </FieldRow>
      <TextField {...form.field('database')} label="Database" placeholder="Sales" isRequired />
    </FormSection>
  );
}

const ADDRESS_KINDS = [
  { value: 'port', label: 'A port' },
  { value: 'instance', label: 'A named instance' },
] as const;
