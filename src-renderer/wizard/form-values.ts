import type { z } from 'zod';

/** What is typed on a page: text by field name, so that a half-finished entry can be kept as it is. */
export type FormValues = Readonly<Record<string, string>>;
export type FieldErrors = Readonly<Record<string, string>>;

/**
 * The first sentence of each field that is not valid. The field of an issue is the last name in its path (`auth.credentials.profile` is `profile`),
 * unless `names` says otherwise for the whole path.
 */
export function fieldErrors(error: z.ZodError | undefined, names: Readonly<Record<string, string>> = {}): FieldErrors {
  const errors: Record<string, string> = {};
  for (const issue of error?.issues ?? []) {
    const field = fieldOfPath(issue.path.map(String).join('.'), names);
    errors[field] ??= issue.message;
  }
  return errors;
}

/** The field that a dotted path of settings belongs to. */
export function fieldOfPath(path: string, names: Readonly<Record<string, string>>): string {
  return names[path] ?? path.slice(path.lastIndexOf('.') + 1);
}

/** Fields of a draft that the form knows, over the given values. A draft comes from a file: what is not text is left out. */
export function withDraft<Values extends FormValues>(values: Values, draft: unknown): Values {
  if (draft === null || typeof draft !== 'object') return values;
  const known = Object.entries(draft).filter(([key, value]) => key in values && typeof value === 'string');
  return { ...values, ...Object.fromEntries(known) };
}

/** A port or other whole number as typed; null for nothing, NaN for what is not a number. */
export function toWholeNumber(text: string): number | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  return /^\d+$/.test(trimmed) ? Number(trimmed) : Number.NaN;
}
