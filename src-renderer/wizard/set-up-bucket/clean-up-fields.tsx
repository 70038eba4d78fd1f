import { FieldRow, FormSection, SelectField, TextField } from '../../ui/fields.tsx';
import { Notice } from '../../ui/notice.tsx';
import { SecretField } from '../../ui/secret-field.tsx';
import type { SecretInputs } from '../use-secret-inputs.ts';
import type { StepForm } from '../use-step-form.ts';
import type { BucketFormValues } from './bucket-form.ts';

/** Keys with which the app checks the path and deletes the files after loading; optional. */
export function CleanUpFields({ form, secrets }: { form: StepForm<BucketFormValues>; secrets: SecretInputs }) {
  const { credentialsKind } = form.values;
  return (
    <FormSection
      title="Clean-up"
      lead="With access to the bucket, Snowferry deletes the files of each table once its rows are loaded."
    >
      <SelectField {...form.field('credentialsKind')} label="Access to the bucket" options={CREDENTIAL_KINDS} />
      {credentialsKind === 'none' && (
        <Notice tone="warning">
          <p>The unloaded files stay in the bucket, even when the migration succeeds. Delete them afterwards.</p>
        </Notice>
      )}
      {credentialsKind === 'profile' && (
        <TextField
          {...form.field('profile')}
          label="Profile"
          placeholder="default"
          help="A name from ~/.aws/config or ~/.aws/credentials."
          isRequired
        />
      )}
      {credentialsKind === 'keys' && (
        <>
          <FieldRow>
            <TextField
              {...form.field('accessKeyId')}
              label="Access key id"
              placeholder="AKIAIOSFODNN7EXAMPLE"
              isRequired
            />
            <SecretField
              {...secrets.field('s3.secretAccessKey')}
              label="Secret access key"
              error={form.errorOf('s3.secretAccessKey')}
              onBlur={() => form.leave('s3.secretAccessKey')}
            />
          </FieldRow>
          <SecretField
            {...secrets.field('s3.sessionToken')}
            label="Session token (optional)"
            help="Only temporary keys have one."
            error={form.errorOf('s3.sessionToken')}
          />
        </>
      )}
    </FormSection>
  );
}

const CREDENTIAL_KINDS = [
  { value: 'none', label: 'None: the files stay in the bucket' },
  { value: 'keys', label: 'Access keys' },
  { value: 'profile', label: 'A profile of ~/.aws' },
  { value: 'default', label: 'As the AWS tools find them (environment, SSO, instance role)' },
] as const;
