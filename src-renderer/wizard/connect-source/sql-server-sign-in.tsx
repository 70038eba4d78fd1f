import { FieldRow, FormSection, SelectField, TextField } from '../../ui/fields.tsx';
import { Notice } from '../../ui/notice.tsx';
import { SecretField } from '../../ui/secret-field.tsx';
import type { SecretSlot } from '#shared/model/connection-settings';
import type { SecretInputs } from '../use-secret-inputs.ts';
import type { StepForm } from '../use-step-form.ts';
import type { SqlServerFormValues } from './sql-server-form.ts';

interface SignInProps {
  form: StepForm<SqlServerFormValues>;
  secrets: SecretInputs;
}

/** How the user signs in to SQL Server. */
export function SqlServerSignIn(props: SignInProps) {
  return (
    <FormSection title="Sign-in">
      <SelectField {...props.form.field('authKind')} label="Sign in with" options={AUTH_KINDS} />
      <AuthFields {...props} />
      <Notice tone="waiting">
        <p>
          Windows integrated login (the account of this desktop, Kerberos) is not possible with the driver that
          Snowferry uses. A domain account works with its name and password (NTLM), where the server allows it.
        </p>
      </Notice>
    </FormSection>
  );
}

function AuthFields({ form, secrets }: SignInProps) {
  const secret = (slot: SecretSlot, label: string, help?: string) => (
    <SecretField
      {...secrets.field(slot)}
      label={label}
      help={help}
      error={form.errorOf(slot)}
      onBlur={() => form.leave(slot)}
    />
  );
  switch (form.values.authKind) {
    case 'ntlm':
      return (
        <>
          <FieldRow>
            <TextField {...form.field('domain')} label="Domain" placeholder="CORP" isRequired />
            <TextField {...form.field('user')} label="User" placeholder="migration.reader" isRequired />
          </FieldRow>
          {secret('source.password', 'Password')}
        </>
      );
    case 'entra-password':
      return (
        <>
          <FieldRow>
            <TextField {...form.field('user')} label="User" placeholder="reader@contoso.com" isRequired />
            {secret('source.password', 'Password')}
          </FieldRow>
          <FieldRow>
            <TextField {...form.field('tenantId')} label="Tenant id (optional)" placeholder={GUID} />
            <TextField {...form.field('clientId')} label="Client id (optional)" placeholder={GUID} />
          </FieldRow>
        </>
      );
    case 'entra-token':
      return secret(
        'source.token',
        'Access token',
        'A token for https://database.windows.net/. It is not renewed: a run that outlives it pauses and asks for a new one.',
      );
    case 'entra-service-principal':
      return (
        <>
          <FieldRow>
            <TextField {...form.field('tenantId')} label="Tenant id" placeholder={GUID} isRequired />
            <TextField {...form.field('clientId')} label="Client id" placeholder={GUID} isRequired />
          </FieldRow>
          {secret('source.clientSecret', 'Client secret')}
        </>
      );
    default:
      return (
        <FieldRow>
          <TextField {...form.field('user')} label="User" placeholder="migration_reader" isRequired />
          {secret('source.password', 'Password')}
        </FieldRow>
      );
  }
}

const GUID = '00000000-0000-0000-0000-000000000000';

const AUTH_KINDS = [
  { value: 'sql-login', label: 'SQL login' },
  { value: 'ntlm', label: 'Domain account (NTLM)' },
  { value: 'entra-password', label: 'Microsoft Entra ID: user and password' },
  { value: 'entra-token', label: 'Microsoft Entra ID: access token' },
  { value: 'entra-service-principal', label: 'Microsoft Entra ID: service principal' },
] as const;
