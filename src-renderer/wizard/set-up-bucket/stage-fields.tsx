import { useQuery } from '@tanstack/react-query';
import { errorValueOf } from '../../api/client.ts';
import { snowflakeListQuery } from '../../api/snowflake.ts';
import { Disclosure } from '../../ui/disclosure.tsx';
import { FieldRow, FormSection, SuggestField } from '../../ui/fields.tsx';
import type { SecretInputs } from '../use-secret-inputs.ts';
import type { StepForm } from '../use-step-form.ts';
import { CreateStage } from './create-stage.tsx';
import type { BucketFormValues } from './bucket-form.ts';

interface StageFieldsProps {
  projectId: string;
  form: StepForm<BucketFormValues>;
  secrets: SecretInputs;
}

/** Database, schema and stage, with lists of what the role sees, and "create the stage". */
export function StageFields({ projectId, form, secrets }: StageFieldsProps) {
  const { database, schema, stageName } = form.values;
  const databases = useQuery(snowflakeListQuery(projectId, { what: 'databases' }));
  const isDatabase = databases.data?.some(({ name }) => name === database) === true;
  const schemas = useQuery({ ...snowflakeListQuery(projectId, { what: 'schemas', database }), enabled: isDatabase });
  const isSchema = isDatabase && schemas.data?.some(({ name }) => name === schema) === true;
  const stages = useQuery({
    ...snowflakeListQuery(projectId, { what: 'stages', database, schema }),
    enabled: isSchema,
  });
  const stage = stages.data?.find(({ name }) => name === stageName);
  return (
    <FormSection title="Stage in Snowflake">
      <FieldRow>
        <SuggestField
          {...form.field('database')}
          label="Database"
          placeholder="RAW"
          help={listHelp(databases.error, 'The database that holds the stage.')}
          options={names(databases.data)}
          isLoading={databases.isFetching}
          isRequired
        />
        <SuggestField
          {...form.field('schema')}
          label="Schema"
          placeholder="STAGING"
          help={listHelp(schemas.error, undefined)}
          options={names(schemas.data)}
          isLoading={schemas.isFetching}
          isRequired
        />
        <SuggestField
          {...form.field('stageName')}
          label="Stage"
          placeholder="MIGRATION"
          help={listHelp(stages.error, stageHelp(stage))}
          options={names(stages.data)}
          isLoading={stages.isFetching}
          isRequired
        />
      </FieldRow>
      <Disclosure label="Create the stage">
        <CreateStage projectId={projectId} form={form} secrets={secrets} isThere={stage !== undefined} />
      </Disclosure>
    </FormSection>
  );
}

function names(objects: readonly { name: string }[] | undefined): string[] {
  return objects?.map(({ name }) => name) ?? [];
}

function listHelp(error: Error | null, help: string | undefined): string | undefined {
  return error === null ? help : `The list could not be read: ${errorValueOf(error).message} The name can be typed.`;
}

function stageHelp(stage: { url: string | null } | undefined): string | undefined {
  if (stage === undefined) return undefined;
  return stage.url === null ? 'This stage has no address in S3.' : `It points to ${stage.url}`;
}
