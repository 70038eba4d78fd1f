import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { errorValueOf } from '../../api/client.ts';
import { snowflakeListQuery, stageDdlQuery, useCreateStage, type StageRequest } from '../../api/snowflake.ts';
import { CopyBlock } from '../../ui/copy-block.tsx';
import { ErrorCard } from '../../ui/error-card.tsx';
import { SegmentField, SuggestField } from '../../ui/fields.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Notice } from '../../ui/notice.tsx';
import type { SecretInputs } from '../use-secret-inputs.ts';
import type { StepForm } from '../use-step-form.ts';
import { stageEncryption, usableUri, type BucketFormValues } from './bucket-form.ts';
import classes from './create-stage.module.css';

interface CreateStageProps {
  projectId: string;
  form: StepForm<BucketFormValues>;
  secrets: SecretInputs;
  /** True when a stage of this name exists. */
  isThere: boolean;
}

/** Makes the stage that the fields name: the statement is shown first, then run. */
export function CreateStage({ projectId, form, secrets, isThere }: CreateStageProps) {
  const [access, setAccess] = useState<'integration' | 'keys'>('integration');
  const [integration, setIntegration] = useState('');
  const [shown, setShown] = useState<StageRequest | null>(null);
  const integrations = useQuery(snowflakeListQuery(projectId, { what: 'storage-integrations' }));
  const create = useCreateStage(projectId);
  const missing = missingFor(form.values, access, integration, secrets);
  const request = missing === null ? requestOf(form.values, access, integration) : null;
  const isShown = shown !== null && request !== null && JSON.stringify(shown) === JSON.stringify(request);
  const ddl = useQuery({ ...stageDdlQuery(projectId, shown ?? EMPTY_REQUEST), enabled: isShown });
  const show = async () => {
    // Main takes the keys from the draft and from the secret store.
    await Promise.all([form.saveDraft(), secrets.store()]);
    create.reset();
    setShown(request);
  };
  return (
    <div className={classes.create}>
      <SegmentField
        name="stageAccess"
        label="Snowflake reads the bucket with"
        value={access}
        onChange={(value) => setAccess(value === 'keys' ? 'keys' : 'integration')}
        options={ACCESS}
        help={access === 'keys' ? 'The access keys of the section Clean-up below are stored in the stage.' : undefined}
      />
      {access === 'integration' && (
        <SuggestField
          name="integration"
          label="Storage integration"
          value={integration}
          onChange={setIntegration}
          options={integrations.data?.map(({ name }) => name) ?? []}
          isLoading={integrations.isFetching}
          placeholder="S3_MIGRATION"
          help="An account administrator makes it once; its AWS role may read the bucket."
        />
      )}
      <div className={classes.actions}>
        <Button variant="default" size="xs" disabled={request === null} onClick={() => void show()}>
          Show the statement
        </Button>
        {missing !== null && <span className={classes.reason}>{missing}</span>}
      </div>
      {isShown && ddl.isFetching && <Loading what="Writing the statement" />}
      {isShown && ddl.error !== null && <ErrorCard error={errorValueOf(ddl.error)} />}
      {isShown && ddl.data !== undefined && <CopyBlock label="Statement" text={ddl.data} />}
      {isShown && ddl.data !== undefined && !isThere && !create.isSuccess && (
        <div>
          <Button size="xs" loading={create.isPending} onClick={() => create.mutate(shown)}>
            Create the stage
          </Button>
        </div>
      )}
      {isThere && !create.isSuccess && (
        <Notice tone="waiting">
          <p>A stage of this name exists already. It is used as it is.</p>
        </Notice>
      )}
      {create.error !== null && <ErrorCard error={errorValueOf(create.error)} />}
      <div role="status">
        {create.isSuccess && (
          <Notice tone="ok">
            <p>The stage was created.</p>
          </Notice>
        )}
      </div>
    </div>
  );
}

const ACCESS = [
  { value: 'integration', label: 'A storage integration' },
  { value: 'keys', label: 'AWS access keys' },
] as const;

const EMPTY_REQUEST: StageRequest = {
  stage: { database: '', schema: '', name: '' },
  s3Uri: '',
  access: { kind: 'keys' },
};

function requestOf(values: BucketFormValues, access: 'integration' | 'keys', integration: string): StageRequest {
  return {
    stage: { database: values.database.trim(), schema: values.schema.trim(), name: values.stageName.trim() },
    s3Uri: values.s3Uri.trim(),
    access: access === 'keys' ? { kind: 'keys' } : { kind: 'integration', integration: integration.trim() },
    encryption: stageEncryption(values),
  };
}

/** What has to be entered before the statement can be written; null when nothing is missing. */
function missingFor(
  values: BucketFormValues,
  access: 'integration' | 'keys',
  integration: string,
  secrets: SecretInputs,
): string | null {
  if ([values.database, values.schema, values.stageName].some((name) => name.trim() === '')) {
    return 'Enter database, schema and stage first.';
  }
  if (usableUri(values.s3Uri) === null) return 'Enter the S3 bucket URI below first.';
  if (access === 'integration') return integration.trim() === '' ? 'Choose a storage integration.' : null;
  const hasKeys =
    values.credentialsKind === 'keys' && values.accessKeyId.trim() !== '' && secrets.has('s3.secretAccessKey');
  return hasKeys ? null : 'Enter access keys in the section Clean-up below first.';
}
