import { useQuery } from '@tanstack/react-query';
import { appInfoQuery, appSettingsQuery, useSaveAppSettings } from '../api/app.ts';
import { errorValueOf } from '../api/client.ts';
import { navigate } from '../app/router.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { ErrorCard } from '../ui/error-card.tsx';
import { FormSection, SegmentField } from '../ui/fields.tsx';
import { KeyFacts } from '../ui/key-facts.tsx';
import { Notice } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import classes from './app-settings-page.module.css';

/** Settings of the app, reached from the project list. */
export function AppSettingsPage() {
  return <AppSettingsContent back={{ label: 'All projects', onClick: () => navigate({ page: 'home' }) }} />;
}

/** The same beside the rail of a project. */
export function AppSettingsContent({ back }: { back?: { label: string; onClick: () => void } }) {
  const settings = useQuery(appSettingsQuery());
  const save = useSaveAppSettings();
  return (
    <Page title="Settings" lead="These settings hold for all projects on this machine." back={back}>
      <FormSection title="Appearance">
        <SegmentField
          name="colorScheme"
          label="Colours"
          value={settings.data?.colorScheme ?? 'system'}
          onChange={(value) =>
            SCHEMES.forEach((scheme) => scheme.value === value && save.mutate({ colorScheme: scheme.value }))
          }
          options={SCHEMES}
        />
        {save.error !== null && <ErrorCard error={errorValueOf(save.error)} />}
      </FormSection>
      <Storage />
    </Page>
  );
}

function Storage() {
  const info = useQuery(appInfoQuery());
  if (info.isError) return <ErrorCard error={errorValueOf(info.error)} onRetry={() => void info.refetch()} />;
  if (info.data === undefined) return null;
  const { dataDirectory, secretStorage, version, electron, platform, isPracticeRuntime } = info.data;
  return (
    <>
      <FormSection title="Data on this machine">
        <KeyFacts
          facts={[
            {
              label: 'Projects and journal',
              value: (
                <span className={classes.path}>
                  <code>{dataDirectory}</code>
                  <CopyButton text={dataDirectory} what="folder" />
                </span>
              ),
            },
            { label: 'Passwords and keys', value: SECRET_PLACES[secretStorage] },
          ]}
        />
        {secretStorage === 'session' && (
          <Notice tone="warning" title="The system keychain is not available">
            <p>
              Passwords and keys are forgotten when the app closes. On Linux, install and unlock gnome-keyring or
              KWallet to keep them.
            </p>
          </Notice>
        )}
      </FormSection>
      <FormSection title="About">
        <KeyFacts
          facts={[
            { label: 'Snowferry', value: version },
            { label: 'Electron', value: electron },
            { label: 'Platform', value: platform },
          ]}
        />
        {isPracticeRuntime && (
          <Notice tone="warning" title="An older runtime is in use">
            <p>This Electron version is meant for practice and tests. Use a packaged app for production data.</p>
          </Notice>
        )}
      </FormSection>
    </>
  );
}

const SCHEMES = [
  { value: 'system', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
] as const;

const SECRET_PLACES = {
  keychain: 'Encrypted with the system keychain.',
  session: 'In memory, for this session only.',
} as const;
