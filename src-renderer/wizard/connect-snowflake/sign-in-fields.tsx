import { FieldRow, FormSection, SegmentField, SelectField, TextField } from '../../ui/fields.tsx';
import { Notice } from '../../ui/notice.tsx';
import { SecretField } from '../../ui/secret-field.tsx';
import { FileField } from '../file-field.tsx';
import type { SecretInputs } from '../use-secret-inputs.ts';
import type { StepForm } from '../use-step-form.ts';
import type { SnowflakeFormValues } from './snowflake-form.ts';

interface SignInProps {
  form: StepForm<SnowflakeFormValues>;
  secrets: SecretInputs;
  passcode: string;
  onPasscode: (passcode: string) => void;
}

/** Who signs in to Snowflake, and how. */
export function SignInFields(props: SignInProps) {
  const { form } = props;
  const isUserOptional = ['access-token', 'oauth', 'browser'].includes(form.values.authKind);
  return (
    <FormSection title="Sign-in">
      <FieldRow>
        <TextField
          {...form.field('user')}
          label={isUserOptional ? 'User (optional)' : 'User'}
          placeholder="MIGRATION_USER"
          isRequired={!isUserOptional}
        />
        <SelectField {...form.field('authKind')} label="Sign in with" options={AUTH_KINDS} />
      </FieldRow>
      <AuthFields {...props} />
    </FormSection>
  );
}

function AuthFields({ form, secrets, passcode, onPasscode }: SignInProps) {
  const token = (label: string, help: string) => (
    <SecretField
      {...secrets.field('snowflake.token')}
      label={label}
      help={help}
      error={form.errorOf('snowflake.token')}
      onBlur={() => form.leave('snowflake.token')}
    />
  );
  switch (form.values.authKind) {
    case 'password':
      return (
        <FieldRow>
          <SecretField
            {...secrets.field('snowflake.password')}
            label="Password"
            error={form.errorOf('snowflake.password')}
            onBlur={() => form.leave('snowflake.password')}
          />
          <TextField
            name="passcode"
            label="MFA passcode (if asked for)"
            value={passcode}
            onChange={onPasscode}
            error={form.errorOf('passcode')}
            placeholder="123456"
            help="The code of the moment from the authenticator app. It is sent with one login and not stored."
            isNumeric
          />
        </FieldRow>
      );
    case 'key-pair':
      return <KeyFields form={form} secrets={secrets} />;
    case 'access-token':
      return token('Programmatic access token', 'The secret that Snowflake showed when the token was made.');
    case 'oauth':
      return token('OAuth access token', 'A token from the identity provider. It is not renewed when it expires.');
    default:
      return (
        <Notice tone="waiting">
          <p>The browser opens for the sign-in when the connection is tested. Snowferry waits until it is done.</p>
        </Notice>
      );
  }
}

function KeyFields({ form, secrets }: Pick<SignInProps, 'form' | 'secrets'>) {
  return (
    <>
      <SegmentField {...form.field('keySource')} label="Private key" options={KEY_SOURCES} />
      {form.values.keySource === 'file' ? (
        <FileField
          {...form.field('keyFile')}
          label="Key file"
          placeholder="/home/user/.ssh/rsa_key.p8"
          help="An RSA key in PEM form (PKCS#8 or PKCS#1). The file is read at each login and not copied."
          dialogTitle="Choose a private key"
          extensions={['p8', 'pem', 'key']}
          isRequired
        />
      ) : (
        <SecretField
          {...secrets.field('snowflake.privateKey')}
          label="Private key in PEM form"
          error={form.errorOf('snowflake.privateKey')}
          onBlur={() => form.leave('snowflake.privateKey')}
          isMultiline
        />
      )}
      <SecretField
        {...secrets.field('snowflake.privateKeyPassphrase')}
        label="Passphrase (optional)"
        help="Only encrypted keys have one."
        error={form.errorOf('snowflake.privateKeyPassphrase')}
      />
    </>
  );
}

const AUTH_KINDS = [
  { value: 'password', label: 'Password' },
  { value: 'key-pair', label: 'Key pair' },
  { value: 'access-token', label: 'Programmatic access token' },
  { value: 'oauth', label: 'OAuth token' },
  { value: 'browser', label: 'Browser (single sign-on)' },
] as const;

const KEY_SOURCES = [
  { value: 'file', label: 'File' },
  { value: 'paste', label: 'Pasted text' },
] as const;
