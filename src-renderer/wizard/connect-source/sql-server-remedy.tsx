import { Button } from '@mantine/core';
import type { ErrorValue } from '#shared/errors/app-error';
import { chooseFile } from '../../api/app.ts';
import { focusField } from '../../ui/fields.tsx';
import type { ConnectionRemedy } from '../connection-test.tsx';
import type { StepForm } from '../use-step-form.ts';
import type { SqlServerFormValues } from './sql-server-form.ts';

/** What the form offers when the handshake of TLS failed: the choices that mend it, each with what it means. Null for other errors. */
export function sqlServerRemedy(error: ErrorValue, form: StepForm<SqlServerFormValues>): ConnectionRemedy | null {
  switch (error.code) {
    case 'TLS_NOT_TRUSTED':
      return {
        advice:
          'SQL Server makes a certificate of its own when nobody installed one, and no computer trusts that. Give the CA certificate that signed it, ' +
          'or the certificate of the server itself: the connection is then encrypted and proven. Trusting it unseen encrypts, but proves nothing.',
        actions: (
          <>
            <Button size="xs" variant="default" onClick={() => void giveCaFile(form)}>
              Give a CA certificate
            </Button>
            <TrustButton form={form} />
          </>
        ),
      };
    case 'TLS_HOST_MISMATCH':
      return {
        advice:
          'Use the host name that the certificate names, or say which name to expect when the server is reached through a tunnel or an alias.',
        actions: (
          <Button size="xs" variant="default" onClick={() => focusField('certificateHost')}>
            Say which name to expect
          </Button>
        ),
      };
    case 'TLS_NOT_SUPPORTED':
      return {
        advice:
          'Strict encryption needs SQL Server 2022 or later; older servers know the mode On. Off is for networks that are trusted as a whole.',
        actions: <ModeButtons form={form} modes={['true', 'false']} />,
      };
    case 'TLS_REQUIRED':
      return {
        advice: 'Turn the encryption on. A server that forces strict encryption needs the mode Strict.',
        actions: <ModeButtons form={form} modes={['true', 'strict']} />,
      };
    default:
      return null;
  }
}

/** Strict encryption knows no such trust. */
function TrustButton({ form }: { form: StepForm<SqlServerFormValues> }) {
  if (form.values.encrypt === 'strict') return null;
  const trust = () => {
    form.set({ trustServerCertificate: 'true' });
    focusField('trustServerCertificate');
  };
  return (
    <Button size="xs" variant="default" onClick={trust}>
      Trust this certificate unseen
    </Button>
  );
}

function ModeButtons(props: { form: StepForm<SqlServerFormValues>; modes: readonly ('true' | 'strict' | 'false')[] }) {
  return props.modes
    .filter((mode) => mode !== props.form.values.encrypt)
    .map((mode) => (
      <Button key={mode} size="xs" variant="default" onClick={() => props.form.set({ encrypt: mode })}>
        {MODE_VERBS[mode]}
      </Button>
    ));
}

const MODE_VERBS = { true: 'Set encryption to On', strict: 'Set encryption to Strict', false: 'Turn encryption off' };

async function giveCaFile(form: StepForm<SqlServerFormValues>): Promise<void> {
  const path = await chooseFile('Choose a CA certificate', ['pem', 'crt', 'cer']).catch(() => null);
  form.set({ trustServerCertificate: 'false', ...(path === null ? {} : { caFile: path }) });
  focusField('caFile');
}
