import { FormSection, SelectField } from '../../ui/fields.tsx';
import { FileField } from '../file-field.tsx';
import type { StepForm } from '../use-step-form.ts';
import type { RedshiftFormValues } from './redshift-form.ts';

/** Encryption of the connection to Redshift. */
export function RedshiftTls({ form }: { form: StepForm<RedshiftFormValues> }) {
  const isVerified = form.values.tlsMode === 'verify-full' || form.values.tlsMode === 'verify-ca';
  return (
    <FormSection title="Encryption">
      <SelectField
        {...form.field('tlsMode')}
        label="TLS mode"
        options={TLS_OPTIONS}
        help={TLS_HELP[form.values.tlsMode]}
      />
      {isVerified && (
        <FileField
          {...form.field('caFile')}
          label="Further CA certificate (optional)"
          placeholder="/etc/ssl/company-ca.pem"
          help="The certificates of AWS come with the app. A file is only needed when a proxy or tunnel shows its own certificate."
          dialogTitle="Choose a CA certificate"
          extensions={['pem', 'crt', 'cer']}
        />
      )}
    </FormSection>
  );
}

const TLS_OPTIONS = [
  { value: 'verify-full', label: 'verify-full: encrypt, check certificate and host name' },
  { value: 'verify-ca', label: 'verify-ca: encrypt, check the certificate' },
  { value: 'require', label: 'require: encrypt, check nothing' },
  { value: 'disable', label: 'disable: no encryption' },
] as const;

const TLS_HELP: Readonly<Record<string, string>> = {
  'verify-full': 'The right choice unless the host is reached through a tunnel under another name.',
  'verify-ca': 'For tunnels: the certificate has to be trusted, the host name may differ.',
  require: 'Someone between this machine and the cluster could read and change the data.',
  disable: 'Passwords and data travel readable. Only for networks that are trusted as a whole.',
};
