import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Project } from '#shared/model/project';
import { useUpdateProject } from '../api/projects.ts';
import type { FieldProps } from '../ui/fields.tsx';
import { focusField } from '../ui/fields.tsx';
import { withDraft, type FieldErrors, type FormValues } from './form-values.ts';
import type { StepId } from './steps.ts';

const SAVE_AFTER_MS = 400;

export interface StepFormOptions<Values extends FormValues> {
  project: Project;
  step: StepId;
  /** The saved settings as form values, or the defaults. */
  saved: Values;
  /** Problems by field, in no particular order. */
  problemsOf: (values: Values) => FieldErrors;
  /** Order in which fields stand on the page, to find the first error. */
  order: readonly string[];
  /** What the draft holds besides the values, for calls of main that read drafts. */
  draftExtras?: (values: Values) => Record<string, unknown>;
}

export interface StepForm<Values extends FormValues> {
  values: Values;
  set: (changes: Partial<Values>) => void;
  /** Props of a field; its error shows once it was left or everything was checked. */
  field: (name: keyof Values & string) => Pick<FieldProps, 'name' | 'value' | 'onChange' | 'onBlur' | 'error'>;
  errorOf: (name: string) => string | undefined;
  /** Marks a field that is not part of the values, a secret for example, as left. */
  leave: (name: string) => void;
  /** Checks every field; false moves the focus to the first error. */
  checkAll: () => boolean;
  /** Shows a sentence of main at a field until the field is changed, and moves the focus there unless told not to. */
  showError: (name: string, sentence: string, options?: { keepFocus: boolean }) => void;
  /** Saves what is typed as the step's draft now, for calls that read it. */
  saveDraft: () => Promise<void>;
  /** Call when the values were saved as settings: the draft is gone with the same change. */
  markSaved: () => void;
}

/**
 * The values of a page, kept as the step's draft in the project while they are typed, so that going back or closing the app loses nothing.
 * Secrets are not among them.
 */
export function useStepForm<Values extends FormValues>(options: StepFormOptions<Values>): StepForm<Values> {
  const { project, step, saved, problemsOf, order, draftExtras } = options;
  const [values, setValues] = useState(() => withDraft(saved, project.drafts[step]));
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [isAllChecked, setAllChecked] = useState(false);
  const [shown, setShown] = useState<FieldErrors>({});
  const draft = useDraft({ project, step, content: { ...draftExtras?.(values), ...values } });
  const problems = useMemo(() => problemsOf(values), [problemsOf, values]);

  const errorOf = (name: string) => shown[name] ?? (isAllChecked || left.has(name) ? problems[name] : undefined);
  const leave = (name: string) => setLeft((known) => new Set(known).add(name));
  const set = (changes: Partial<Values>) => {
    setValues((known) => ({ ...known, ...changes }));
    setShown((known) => Object.fromEntries(Object.entries(known).filter(([name]) => !(name in changes))));
    draft.touch();
  };
  return {
    values,
    set,
    errorOf,
    leave,
    field: (name) => ({
      name,
      value: values[name] ?? '',
      onChange: (value) => set({ [name]: value } as Partial<Values>),
      onBlur: () => leave(name),
      error: errorOf(name),
    }),
    checkAll: () => {
      setAllChecked(true);
      const wrong = Object.keys(problems);
      const first = order.find((name) => wrong.includes(name)) ?? wrong[0];
      if (first !== undefined) focusField(first);
      return first === undefined;
    },
    showError: (name, sentence, { keepFocus } = { keepFocus: false }) => {
      setShown((known) => ({ ...known, [name]: sentence }));
      if (!keepFocus) focusField(name);
    },
    saveDraft: draft.saveNow,
    markSaved: draft.forget,
  };
}

/** Saves what is typed as the step's draft a moment after the last change, and at once when the page or the window is left. */
function useDraft({ project, step, content }: { project: Project; step: StepId; content: Record<string, unknown> }) {
  const { mutateAsync } = useUpdateProject(project.id);
  const latest = useRef({ content, isDirty: false });
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    latest.current.content = content;
  });
  const save = useCallback(async () => {
    clearTimeout(timer.current);
    if (!latest.current.isDirty) return;
    latest.current.isDirty = false;
    const kept = latest.current.content;
    await mutateAsync((current) => ({ drafts: { ...current.drafts, [step]: kept } }));
  }, [mutateAsync, step]);
  // What could not be saved is still on the page, and is saved with the next change.
  const saveQuietly = useCallback(() => void save().catch(() => (latest.current.isDirty = true)), [save]);
  useEffect(() => {
    window.addEventListener('pagehide', saveQuietly);
    return () => {
      window.removeEventListener('pagehide', saveQuietly);
      saveQuietly();
    };
  }, [saveQuietly]);
  return {
    saveNow: save,
    touch: () => {
      latest.current.isDirty = true;
      clearTimeout(timer.current);
      timer.current = setTimeout(saveQuietly, SAVE_AFTER_MS);
    },
    forget: () => {
      clearTimeout(timer.current);
      latest.current.isDirty = false;
    },
  };
}
