import type { Project } from '#shared/model/project';
import { CheckboxField, FieldRow, FormSection, RadioField, SelectField, TextField } from '../ui/fields.tsx';
import { Notice } from '../ui/notice.tsx';
import type { FieldErrors } from '../wizard/form-values.ts';
import { PartitionSizeFields } from '../wizard/partition-size-fields.tsx';
import type { RunOptionValues } from './run-options-form.ts';

interface RunOptionFieldsProps {
  project: Project;
  values: RunOptionValues;
  problems: FieldErrors;
  onChange: (change: Partial<RunOptionValues>) => void;
}

/** The fields of the options, by what they are about. */
export function RunOptionFields(props: RunOptionFieldsProps) {
  const { project } = props;
  return (
    <>
      <ReadingFields {...props} />
      <LoadingFields {...props} />
      {project.strategy === 'regular' && <TemporaryFields {...props} />}
      <FailureFields {...props} />
      <StagedFields {...props} />
      <LedgerFields {...props} />
    </>
  );
}

function ReadingFields(props: RunOptionFieldsProps) {
  const { project, values } = props;
  const isUnload = project.strategy === 'unload';
  return (
    <FormSection title="Reading the source">
      {project.sourceKind === 'sqlserver' && (
        <>
          <RadioField {...field(props, 'isolation')} label="Isolation" options={ISOLATIONS} />
          {values.isolation === 'read-uncommitted' && (
            <Notice tone="warning" title="NOLOCK can copy wrong data">
              <p>
                Rows that were never committed may be copied, and rows that are moved meanwhile may be missed or copied
                twice. The counts of both sides may then agree although the rows do not.
              </p>
            </Notice>
          )}
        </>
      )}
      <TextField
        {...field(props, 'unloadLanes')}
        label={isUnload ? 'Unloads at the same time' : 'Reads at the same time'}
        help="The load on the source. It can be changed while a run is at work."
        isNumeric
      />
      <PartitionSizeFields
        values={values}
        problems={props.problems}
        onChange={props.onChange}
        help="Holds for every selected table. Smaller partitions lose less work when a run is interrupted."
      />
    </FormSection>
  );
}

function LoadingFields(props: RunOptionFieldsProps) {
  return (
    <FormSection title="Loading into Snowflake">
      <FieldRow>
        <TextField {...field(props, 'loadLanes')} label="Loads at the same time" isNumeric />
        <TextField {...field(props, 'loadLanesPerTable')} label="Of them into one table" isNumeric />
      </FieldRow>
      <CheckboxField
        name="createMissingTargets"
        label="Create tables that are missing in Snowflake"
        isChecked={props.values.createMissingTargets === 'true'}
        onChange={(isChecked) => props.onChange({ createMissingTargets: String(isChecked) })}
      />
    </FormSection>
  );
}

function TemporaryFields(props: RunOptionFieldsProps) {
  return (
    <FormSection title="Temporary files on this computer" lead="Files wait here until they are uploaded.">
      <TextField
        {...field(props, 'localDirectory')}
        label="Directory (optional)"
        placeholder="/scratch/snowferry"
        help="Empty: the temporary directory of the system."
      />
      <TextField
        {...field(props, 'localQuotaMb')}
        label="The most they may take, in MB (optional)"
        placeholder="20000"
        help="Empty: 20 GB at most, and a tenth of the disk stays free. Reading waits when the limit is reached."
        isNumeric
      />
    </FormSection>
  );
}

function FailureFields(props: RunOptionFieldsProps) {
  return (
    <FormSection title="After failures">
      <FieldRow>
        <TextField
          {...field(props, 'maxAttempts')}
          label="Tries for one partition"
          help="With growing waits between them."
          isNumeric
        />
        <TextField
          {...field(props, 'stopAfterFailedTables')}
          label="Stop after failed tables (optional)"
          placeholder="5"
          help="Then nothing new is begun. Empty: the others always go on."
          isNumeric
        />
      </FieldRow>
    </FormSection>
  );
}

function StagedFields(props: RunOptionFieldsProps) {
  const { values, project } = props;
  const place = project.strategy === 'unload' ? 'the bucket' : 'the stage inside Snowflake';
  return (
    <FormSection title="Staged files">
      <SelectField {...field(props, 'cleanUp')} label="Delete staged files" options={CLEAN_UPS} />
      {values.cleanUp === 'never' && (
        <Notice tone="warning">
          <p>
            The files stay in {place} and cost storage until someone deletes them. They hold the data of the tables.
          </p>
        </Notice>
      )}
      {values.cleanUp === 'always' && (
        <Notice tone="waiting">
          <p>Files of failed tries are deleted too. They can then not be looked at to find out why a load failed.</p>
        </Notice>
      )}
      <TextField
        {...field(props, 'maxFileSizeMb')}
        label="Largest file, in MB"
        help="Snowflake loads files of 100 to 250 MB best."
        isNumeric
      />
    </FormSection>
  );
}

function LedgerFields(props: RunOptionFieldsProps) {
  return (
    <FormSection
      title="Ledger"
      lead="A table in Snowflake that says which partition is loaded. It makes sure that none is loaded twice."
    >
      <FieldRow>
        <TextField {...field(props, 'ledgerDatabase')} label="Database of the ledger" isRequired />
        <TextField {...field(props, 'ledgerSchema')} label="Schema of the ledger" isRequired />
      </FieldRow>
    </FormSection>
  );
}

function field({ values, problems, onChange }: RunOptionFieldsProps, name: keyof RunOptionValues) {
  return {
    name,
    value: values[name],
    onChange: (value: string) => onChange({ [name]: value }),
    error: problems[name],
  };
}

const ISOLATIONS = [
  {
    value: 'snapshot-if-allowed',
    label: 'Snapshot where the database allows it',
    help: 'Each partition is read as it was at one moment, without locks. Where it is not allowed: read committed.',
  },
  {
    value: 'read-committed',
    label: 'Read committed',
    help: 'Waits for rows that others are changing. Rows that change while a partition is read may be missed or read twice.',
  },
  {
    value: 'read-uncommitted',
    label: 'Read uncommitted (NOLOCK)',
    help: 'Never waits, and may copy what was never committed.',
  },
] as const;

const CLEAN_UPS = [
  { value: 'on-success', label: 'When their partition is loaded' },
  { value: 'always', label: 'Always, also when the load failed' },
  { value: 'never', label: 'Never' },
] as const;
