import { useEffect, useRef, useState } from 'react';
import type { ErrorValue } from '#shared/errors/app-error';
import type { ConnectionReport } from '#shared/model/check';
import type { Project, ProjectPatch } from '#shared/model/project';
import { settingsDigest } from '#shared/model/settings-digest';
import { errorValueOf, isCancelled } from '../api/client.ts';
import { useUpdateProject } from '../api/projects.ts';
import { fieldOfPath, type FormValues } from './form-values.ts';
import { stepsAffectedBy } from './step-states.ts';
import type { SecretInputs } from './use-secret-inputs.ts';
import type { StepForm } from './use-step-form.ts';

export interface ConnectionStepOptions<Values extends FormValues> {
  project: Project;
  which: 'source' | 'snowflake';
  form: StepForm<Values>;
  secrets: SecretInputs;
  /** The values as settings; asked for after `form.checkAll` only. */
  toSettings: () => Project['source'] | Project['snowflake'];
  runTest: (signal: AbortSignal) => Promise<ConnectionReport>;
  /** Names of fields by path, for errors of main that name a field. */
  fieldNames: Readonly<Record<string, string>>;
  goNext: () => void;
}

export interface ConnectionStep {
  isBusy: boolean;
  error: ErrorValue | null;
  /** The newest report, of this project's settings as they were tested. */
  report: ConnectionReport | null;
  isStale: boolean;
  test: () => void;
  proceed: () => void;
  cancel: () => void;
  /** Steps that the change makes stale, while the question whether to apply it is open; null otherwise. */
  question: readonly string[] | null;
  answer: (isAgreed: boolean) => void;
}

/** What both connection pages do: check, ask when later steps suffer, save, test, go on. */
export function useConnectionStep<Values extends FormValues>(options: ConnectionStepOptions<Values>): ConnectionStep {
  const { project, which, form, secrets, goNext } = options;
  const update = useUpdateProject(project.id);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorValue | null>(null);
  const [pending, setPending] = useState<{ affected: string[]; thenGoOn: boolean } | null>(null);
  const controller = useRef<AbortController | null>(null);
  useEffect(() => () => controller.current?.abort(), []);

  const settings = which === 'source' ? project.source : project.snowflake;
  const test = which === 'source' ? project.sourceTest : project.snowflakeTest;
  const isCurrent = test !== null && settings !== null && test.digest === settingsDigest(settings);
  // Fields of another way to sign in may hold something: only what becomes a setting counts.
  const isUntouched = !secrets.isChanged && digestOf(options.toSettings) === settingsDigest(settings);

  const apply = async (thenGoOn: boolean) => {
    setPending(null);
    setBusy(true);
    setError(null);
    controller.current = new AbortController();
    const { signal } = controller.current;
    try {
      const next = options.toSettings();
      await secrets.store();
      await update.mutateAsync((current) => patchOf(which, next, current));
      form.markSaved();
      const report = await options.runTest(signal);
      if (thenGoOn && isClean(report)) goNext();
    } catch (thrown) {
      if (!isCancelled(thrown)) showFault(thrown);
    } finally {
      setBusy(false);
    }
  };
  const showFault = (thrown: unknown) => {
    const value = errorValueOf(thrown);
    setError(value);
    if (value.field === null) return;
    form.showError(fieldOfPath(value.field, options.fieldNames), value.message, { keepFocus: !isMendedAtField(value) });
  };
  const begin = (thenGoOn: boolean) => {
    if (!form.checkAll()) return;
    const isOther = settings !== null && settingsDigest(options.toSettings()) !== settingsDigest(settings);
    const affected = isOther ? stepsAffectedBy(which, project) : [];
    if (affected.length > 0) setPending({ affected, thenGoOn });
    else void apply(thenGoOn);
  };
  return {
    isBusy,
    error,
    report: error === null && !isBusy ? (test?.report ?? null) : null,
    isStale: !isCurrent || !isUntouched,
    test: () => begin(false),
    // A secret may be forgotten although nothing was changed since the test.
    proceed: () => (isCurrent && isUntouched && form.checkAll() ? goNext() : begin(true)),
    cancel: () => controller.current?.abort(),
    question: pending?.affected ?? null,
    answer: (isAgreed) => (isAgreed ? void apply(pending?.thenGoOn ?? false) : setPending(null)),
  };
}

/** True for an error that is mended where the cursor then stands; one about TLS leaves a choice, which the card of the error offers. */
export function isMendedAtField(error: ErrorValue): boolean {
  return error.field !== null && !error.code.startsWith('TLS_');
}

/** Null while the form is not valid. */
function digestOf(toSettings: () => unknown): string | null {
  try {
    return settingsDigest(toSettings());
  } catch {
    return null;
  }
}

function patchOf(
  which: 'source' | 'snowflake',
  settings: Project['source'] | Project['snowflake'],
  current: Project,
): ProjectPatch {
  const drafts = Object.fromEntries(Object.entries(current.drafts).filter(([step]) => step !== which));
  return { [which]: settings, drafts };
}

/** Nothing that the user should read before going on. */
function isClean(report: ConnectionReport): boolean {
  return report.warnings.length === 0 && report.rights.every((right) => right.state !== 'failed');
}
