import { CheckboxField, FormSection, SegmentField, TextField } from '../../ui/fields.tsx';
import { Notice } from '../../ui/notice.tsx';
import { FileField } from '../file-field.tsx';
import type { StepForm } from '../use-step-form.ts';
import type { SqlServerFormValues } from './sql-server-form.ts';

/** Encryption of the connection to SQL Server, and whose certificate counts as the server's. */
export function SqlServerEncryption({ form }: { form: StepForm<SqlServerFormValues> }) {
  const { encrypt, trustServerCertificate } = form.values;
  const isStrict = encrypt === 'strict';
  const isTrusting = !isStrict && trustServerCertificate === 'true';
  return (
    <FormSection title="Encryption">
      <SegmentField
        {...form.field('encrypt')}
        label="Encrypt the connection"
        options={MODES}
        help={MODE_HELP[encrypt]}
      />
      {encrypt !== 'false' && (
        <>
          {!isStrict && (
            <CheckboxField
              name="trustServerCertificate"
              label="Trust the server certificate without checking it"
              help="As TrustServerCertificate=true in other tools."
              isChecked={isTrusting}
              onChange={(isChecked) => form.set({ trustServerCertificate: String(isChecked) })}
            />
          )}
          {isTrusting ? (
            <Notice tone="warning">
              <p>
                The connection is encrypted, but nothing proves that it ends at your server: someone in between could
                read and change the data.
              </p>
            </Notice>
          ) : (
            <CertificateFields form={form} />
          )}
        </>
      )}
    </FormSection>
  );
}

function CertificateFields({ form }: { form: StepForm<SqlServerFormValues> }) {
  return (
    <>
      <FileField
        {...form.field('caFile')}
        label="CA certificate (optional)"
        placeholder="/etc/ssl/company-ca.pem"
        help="A PEM file. Needed when the certificate comes from a CA of the company, or signs itself: give the certificate of the server then."
        dialogTitle="Choose a CA certificate"
        extensions={['pem', 'crt', 'cer']}
      />
      <TextField
        {...form.field('certificateHost')}
        label="Host name in the certificate (optional)"
        placeholder="sql01.corp.example.com"
        help="Only needed where the certificate is made out for another name than the host above."
      />
    </>
  );
}

const MODES = [
  { value: 'true', label: 'On' },
  { value: 'strict', label: 'Strict' },
  { value: 'false', label: 'Off' },
] as const;

const MODE_HELP: Readonly<Record<string, string>> = {
  true: 'Everything after the first handshake is encrypted. The right choice for most servers, and what Azure SQL needs.',
  strict:
    'TDS 8: TLS from the first byte, and the certificate is always checked. Needs SQL Server 2022 or later, or Azure SQL.',
  false: 'Passwords and data travel readable. Only for networks that are trusted as a whole.',
};
