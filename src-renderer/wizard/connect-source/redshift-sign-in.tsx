import { FieldRow, FormSection, SegmentField, SelectField, TextField } from '../../ui/fields.tsx';
import { SecretField } from '../../ui/secret-field.tsx';
import type { SecretInputs } from '../use-secret-inputs.ts';
import type { StepForm } from '../use-step-form.ts';
import type { RedshiftFormValues } from './redshift-form.ts';

interface SignInProps {
  form: StepForm<RedshiftFormValues>;
  secrets: SecretInputs;
}

/** How the user signs in to Redshift: with a password, or with temporary credentials of IAM. */
export function RedshiftSignIn({ form, secrets }: SignInProps) {
  return (
    <FormSection title="Sign-in">
      <SegmentField {...form.field('authKind')} label="Sign in with" options={AUTH_KINDS} />
      {form.values.authKind === 'password' ? (
        <FieldRow>
          <TextField {...form.field('user')} label="User" placeholder="migration_reader" isRequired />
          <SecretField
            {...secrets.field('source.password')}
            label="Password"
            error={form.errorOf('source.password')}
            onBlur={() => form.leave('source.password')}
          />
        </FieldRow>
      ) : (
        <IamFields form={form} secrets={secrets} />
      )}
    </FormSection>
  );
}

function IamFields({ form, secrets }: SignInProps) {
  const isServerless = form.values.authKind === 'iam-serverless';
  return (
    <>
      <FieldRow>
        {isServerless ? (
          <TextField {...form.field('workgroup')} label="Workgroup" placeholder="analytics" isRequired />
        ) : (
          <TextField {...form.field('clusterId')} label="Cluster identifier" placeholder="my-cluster" isRequired />
        )}
        <TextField {...form.field('region')} label="Region" placeholder="eu-west-1" isRequired />
        {!isServerless && (
          <TextField
            {...form.field('dbUser')}
            label="Database user"
            placeholder="migration_reader"
            help="The user that the temporary password is made for."
            isRequired
          />
        )}
      </FieldRow>
      <SelectField {...form.field('credentialsKind')} label="AWS credentials" options={CREDENTIAL_KINDS} />
      {form.values.credentialsKind === 'profile' && (
        <TextField
          {...form.field('profile')}
          label="Profile"
          placeholder="default"
          help="A name from ~/.aws/config or ~/.aws/credentials."
          isRequired
        />
      )}
      {form.values.credentialsKind === 'keys' && <KeyFields form={form} secrets={secrets} />}
      <TextField
        {...form.field('apiEndpoint')}
        label="Endpoint of the Redshift API (optional)"
        placeholder="https://vpce-0123.redshift.eu-west-1.vpce.amazonaws.com"
        help="Only needed for an interface endpoint. Leave it empty for the address of AWS."
      />
    </>
  );
}

function KeyFields({ form, secrets }: SignInProps) {
  return (
    <>
      <FieldRow>
        <TextField {...form.field('accessKeyId')} label="Access key id" placeholder="AKIAIOSFODNN7EXAMPLE" isRequired />
        <SecretField
          {...secrets.field('source.awsSecretAccessKey')}
          label="Secret access key"
          error={form.errorOf('source.awsSecretAccessKey')}
          onBlur={() => form.leave('source.awsSecretAccessKey')}
        />
      </FieldRow>
      <SecretField
        {...secrets.field('source.awsSessionToken')}
        label="Session token (optional)"
        help="Only temporary keys have one."
        error={form.errorOf('source.awsSessionToken')}
      />
    </>
  );
}

const AUTH_KINDS = [
  { value: 'password', label: 'Password' },
  { value: 'iam-cluster', label: 'IAM (cluster)' },
  { value: 'iam-serverless', label: 'IAM (serverless)' },
] as const;

const CREDENTIAL_KINDS = [
  { value: 'default', label: 'As the AWS tools find them (environment, SSO, instance role)' },
  { value: 'profile', label: 'A profile of ~/.aws' },
  { value: 'keys', label: 'Access keys' },
] as const;
