import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { ErrorValue } from '#shared/errors/app-error';
import type { CheckResult } from '#shared/model/check';
import { stagingSettingsSchema } from '#shared/model/connection-settings';
import type { Project } from '#shared/model/project';
import { settingsDigest } from '#shared/model/settings-digest';
import { errorValueOf, isCancelled } from '../../api/client.ts';
import { useUpdateProject } from '../../api/projects.ts';
import { liveChecksQuery, useCheckStaging } from '../../api/staging.ts';
import { fieldOfPath } from '../form-values.ts';
import type { SecretInputs } from '../use-secret-inputs.ts';
import type { StepForm } from '../use-step-form.ts';
import { BUCKET_FIELD_NAMES, toStagingSettings, type BucketFormValues } from './bucket-form.ts';

export interface BucketStep {
  checks: readonly CheckResult[];
  isBusy: boolean;
  error: ErrorValue | null;
  /** True when something was changed since the checks ran. */
  isStale: boolean;
  /** True when every check fits what is set and none failed: the page can be left. */
  isReady: boolean;
  check: () => void;
  repeat: (id: string) => void;
  cancel: () => void;
}

/** Saves the settings and runs the checks, all of them or one again. */
export function useBucketStep(options: {
  project: Project;
  form: StepForm<BucketFormValues>;
  secrets: SecretInputs;
}): BucketStep {
  const { project, form, secrets } = options;
  const queryClient = useQueryClient();
  const update = useUpdateProject(project.id);
  const run = useCheckStaging(project.id);
  const live = useQuery(liveChecksQuery(project.id));
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorValue | null>(null);
  const controller = useRef<AbortController | null>(null);
  useEffect(() => () => controller.current?.abort(), []);

  const kept = project.stagingCheck;
  const checks = isBusy ? (live.data ?? []) : (kept?.checks ?? []);
  const isCurrent = kept !== null && kept.digest === settingsDigest(project.staging);
  const entered = stagingSettingsSchema.safeParse(toStagingSettings(form.values));
  const isChanged = !entered.success || settingsDigest(entered.data) !== settingsDigest(project.staging);
  const isStale = !isCurrent || isChanged || secrets.isChanged;

  const begin = async (only?: string) => {
    if (!form.checkAll()) return;
    setBusy(true);
    setError(null);
    controller.current = new AbortController();
    const { signal } = controller.current;
    try {
      const staging = stagingSettingsSchema.parse(toStagingSettings(form.values));
      await secrets.store();
      await update.mutateAsync((current) => ({ staging, drafts: withoutDraft(current) }));
      form.markSaved();
      // A single check keeps the rows of the others in sight while it runs.
      if (only !== undefined) queryClient.setQueryData(liveChecksQuery(project.id).queryKey, [...(kept?.checks ?? [])]);
      const results = await run.mutateAsync(only === undefined ? { signal } : { only, signal });
      showAtField(form, results);
    } catch (thrown) {
      if (!isCancelled(thrown)) setError(errorValueOf(thrown));
    } finally {
      setBusy(false);
    }
  };
  return {
    checks,
    isBusy,
    error,
    isStale,
    isReady: !isStale && checks.length > 0 && checks.every((check) => check.state !== 'failed'),
    check: () => void begin(),
    // After a change the other rows speak of other settings: then all of them run.
    repeat: (id) => void begin(isStale ? undefined : id),
    cancel: () => controller.current?.abort(),
  };
}

function withoutDraft(project: Project): Project['drafts'] {
  return Object.fromEntries(Object.entries(project.drafts).filter(([step]) => step !== 'staging'));
}

function showAtField(form: StepForm<BucketFormValues>, checks: readonly CheckResult[]): void {
  for (const { state, error } of checks) {
    if (state !== 'failed' || error === null || error.field === null) continue;
    form.showError(fieldOfPath(error.field, BUCKET_FIELD_NAMES), error.message, { keepFocus: true });
  }
}
