import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { errorValueOf } from '../../api/client.ts';
import { regionQuery } from '../../api/staging.ts';
import { Disclosure } from '../../ui/disclosure.tsx';
import { FieldRow, FormSection, SelectField, TextField } from '../../ui/fields.tsx';
import { Page } from '../../ui/page.tsx';
import type { StepPageProps } from '../step-page.ts';
import { useSecretInputs } from '../use-secret-inputs.ts';
import { useStepForm, type StepForm } from '../use-step-form.ts';
import { BucketChecks } from './bucket-checks.tsx';
import { BucketHelp } from './bucket-help.tsx';
import { CleanUpFields } from './clean-up-fields.tsx';
import { StageFields } from './stage-fields.tsx';
import { useBucketStep } from './use-bucket-step.ts';
import { WithoutBucket } from './without-bucket.tsx';
import {
  bucketDraftExtras,
  bucketFormOf,
  bucketProblems,
  usableUri,
  BUCKET_FIELD_ORDER,
  type BucketFormValues,
} from './bucket-form.ts';

/** The page "Set up S3 bucket": stage, bucket, role, encryption and clean-up, with the checks that prove them. */
export function SetUpBucketPage({ project, goBack, goNext, goTo }: StepPageProps) {
  const secrets = useSecretInputs(project.id);
  const problemsOf = useCallback((values: BucketFormValues) => bucketProblems(values, secrets.has), [secrets.has]);
  const form = useStepForm({
    project,
    step: 'staging',
    saved: bucketFormOf(project.staging),
    problemsOf,
    order: BUCKET_FIELD_ORDER,
    draftExtras: bucketDraftExtras,
  });
  const step = useBucketStep({ project, form, secrets });
  return (
    <Page
      title="Set up S3 bucket"
      lead="Redshift unloads the tables as Parquet files into this bucket, and Snowflake loads them from there through a stage."
      help={<BucketHelp s3Uri={form.values.s3Uri} />}
      back={goBack === undefined ? undefined : { onClick: goBack }}
      primary={
        step.isReady
          ? { label: 'Continue', onClick: goNext }
          : { label: 'Check', onClick: step.check, isBusy: step.isBusy }
      }
    >
      <WithoutBucket project={project} goTo={goTo} />
      <StageFields projectId={project.id} form={form} secrets={secrets} />
      <BucketFields projectId={project.id} form={form} />
      <CleanUpFields form={form} secrets={secrets} />
      <BucketChecks step={step} />
    </Page>
  );
}

function BucketFields({ projectId, form }: { projectId: string; form: StepForm<BucketFormValues> }) {
  const uri = form.field('s3Uri');
  const [leftUri, setLeftUri] = useState(form.values.s3Uri);
  const region = useDetectedRegion(projectId, usableUri(leftUri), form);
  return (
    <FormSection title="Bucket">
      <TextField
        {...uri}
        onBlur={() => {
          uri.onBlur?.();
          setLeftUri(form.values.s3Uri);
        }}
        label="S3 bucket URI"
        placeholder="s3://my-bucket/migration/"
        help="An empty path in a bucket in the region of the cluster. It ends with a slash."
        isRequired
      />
      <TextField
        {...form.field('iamRole')}
        label="Data unloading IAM role ARN"
        placeholder="arn:aws:iam::123456789012:role/RedshiftUnload"
        help="The role that UNLOAD uses; it has to be associated with the cluster. Several in a chain are separated by commas; the word default stands for the default role of the cluster."
        isRequired
      />
      <FieldRow>
        <TextField {...form.field('region')} label="Region of the bucket" placeholder="eu-west-1" help={region} />
        <SelectField
          {...form.field('encryptionKind')}
          label="Encryption of the files"
          options={ENCRYPTIONS}
          help={ENCRYPTION_HELP[form.values.encryptionKind]}
        />
      </FieldRow>
      {form.values.encryptionKind === 'kms' && (
        <TextField
          {...form.field('kmsKeyId')}
          label="KMS key"
          placeholder="arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
          help="Its id or ARN. The unload role may use it to encrypt, the role of the stage to decrypt."
          isRequired
        />
      )}
      <Disclosure label="S3 endpoint" initiallyOpen={form.values.s3Endpoint !== ''}>
        <TextField
          {...form.field('s3Endpoint')}
          label="S3 endpoint (optional)"
          placeholder="https://bucket.vpce-0123.s3.eu-west-1.vpce.amazonaws.com"
          help="Only needed for a VPC interface endpoint. Leave it empty for the address of AWS."
        />
      </Disclosure>
    </FormSection>
  );
}

/** Looks the region up when the URI was left, fills it in where nothing is entered, and answers a sentence on it. */
function useDetectedRegion(projectId: string, s3Uri: string | null, form: StepForm<BucketFormValues>): string {
  const query = useQuery({ ...regionQuery(projectId, s3Uri ?? ''), enabled: s3Uri !== null });
  // Each answer fills the field at most once: what is emptied by hand stays empty.
  const filledFrom = useRef<string | undefined>(undefined);
  const { set } = form;
  const isEmpty = form.values.region.trim() === '';
  useEffect(() => {
    if (query.data === undefined || query.data === filledFrom.current) return;
    filledFrom.current = query.data;
    if (isEmpty) set({ region: query.data });
  }, [query.data, isEmpty, set]);
  if (s3Uri === null) return 'Detected once the URI is entered.';
  if (query.isFetching) return 'The region is being detected.';
  if (query.error !== null) return `Not detected: ${errorValueOf(query.error).message}`;
  return query.data === undefined ? '' : `Detected: ${query.data}.`;
}

const ENCRYPTIONS = [
  { value: 'none', label: 'SSE-S3, as UNLOAD does by itself' },
  { value: 'bucket-default', label: 'The default of the bucket' },
  { value: 'kms', label: 'A KMS key (SSE-KMS)' },
] as const;

const ENCRYPTION_HELP: Readonly<Record<string, string>> = {
  none: 'S3 encrypts the files with keys of its own.',
  'bucket-default': 'UNLOAD ... ENCRYPTED AUTO: the key that the bucket is set up with.',
  kms: 'UNLOAD ... KMS_KEY_ID: the key below.',
};
