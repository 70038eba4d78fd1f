import { Disclosure } from '../../ui/disclosure.tsx';
import { FieldRow, FormSection, TextField } from '../../ui/fields.tsx';
import { SecretField } from '../../ui/secret-field.tsx';
import type { SecretInputs } from '../use-secret-inputs.ts';
import type { StepForm } from '../use-step-form.ts';
import type { SnowflakeFormValues } from './snowflake-form.ts';

const NAMES = ['accessUrl', 'proxyHost', 'proxyPort', 'proxyUser'] as const;

/** Another address of the account, and a proxy. Open from the start when one of the fields is filled in or wrong. */
export function AdvancedFields({ form, secrets }: { form: StepForm<SnowflakeFormValues>; secrets: SecretInputs }) {
  const isUsed = NAMES.some((name) => form.values[name] !== '' || form.errorOf(name) !== undefined);
  return (
    <FormSection title="Network">
      <Disclosure label="Account URL and proxy" initiallyOpen={isUsed}>
        <TextField
          {...form.field('accessUrl')}
          label="Account URL (optional)"
          placeholder="https://myorg-account123.privatelink.snowflakecomputing.com"
          help="For PrivateLink. Empty: https://<account>.snowflakecomputing.com."
        />
        <FieldRow>
          <TextField {...form.field('proxyHost')} label="Proxy host (optional)" placeholder="proxy.example.com" />
          <TextField {...form.field('proxyPort')} label="Proxy port" placeholder="8080" isNumeric />
        </FieldRow>
        {form.values.proxyHost.trim() !== '' && (
          <FieldRow>
            <TextField {...form.field('proxyUser')} label="Proxy user (optional)" />
            {form.values.proxyUser.trim() !== '' && (
              <SecretField {...secrets.field('snowflake.proxyPassword')} label="Proxy password" />
            )}
          </FieldRow>
        )}
      </Disclosure>
    </FormSection>
  );
}
