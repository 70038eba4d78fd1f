import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from './error-codes.ts';

/** Values that fill the placeholders of an error's sentences. Never secrets: what goes in here is shown, logged and exported. */
export type ErrorFacts = Record<string, string | number | boolean | null | string[]>;

export interface AppErrorOptions {
  cause?: unknown;
  facts?: ErrorFacts;
  /** The driver's own text, already redacted. */
  raw?: string;
  /** The form field that the error belongs to, in dotted form: `source.host`. */
  field?: string;
  /** The statement that failed, already redacted. */
  statement?: string;
  /** The vendor's id of the failed query. */
  queryId?: string;
}

/** The one error class that crosses module borders: a code of error-codes.ts, its facts and its cause. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly facts: ErrorFacts;
  readonly raw: string | null;
  readonly field: string | null;
  readonly statement: string | null;
  readonly queryId: string | null;

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    super(fillTemplate(ERROR_CODES[code].message, options.facts ?? {}), { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.facts = options.facts ?? {};
    this.raw = options.raw ?? null;
    this.field = options.field ?? null;
    this.statement = options.statement ?? null;
    this.queryId = options.queryId ?? null;
  }
}

export const errorValueSchema = z.object({
  code: z.string(),
  title: z.string(),
  message: z.string(),
  advice: z.string(),
  retry: z.enum(['automatic', 'user', 'never']),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())])),
  raw: z.string().nullable(),
  field: z.string().nullable(),
  statement: z.string().nullable(),
  queryId: z.string().nullable(),
});

/** An error as a plain value: what crosses IPC, goes into the journal and into exports. */
export type ErrorValue = z.infer<typeof errorValueSchema>;

/** Turns anything thrown into a plain value; what is not an AppError becomes `INTERNAL`, with its message as `raw`. */
export function toErrorValue(error: unknown): ErrorValue {
  const appError = error instanceof AppError ? error : toInternalError(error);
  const entry = ERROR_CODES[appError.code];
  return {
    code: appError.code,
    title: fillTemplate(entry.title, appError.facts),
    message: appError.message,
    advice: fillTemplate(entry.advice, appError.facts),
    retry: entry.retry,
    facts: appError.facts,
    raw: appError.raw,
    field: appError.field,
    statement: appError.statement,
    queryId: appError.queryId,
  };
}

/** True for the error that an AbortSignal raises: cancelling is an outcome, not a failure. */
export function isAbort(error: unknown): boolean {
  return (
    error instanceof Error && (error.name === 'AbortError' || (error instanceof AppError && error.code === 'CANCELLED'))
  );
}

function toInternalError(error: unknown): AppError {
  const raw = error instanceof Error ? error.message : String(error);
  return new AppError('INTERNAL', { cause: error, facts: { detail: raw }, raw });
}

function fillTemplate(template: string, facts: ErrorFacts): string {
  return template.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
    const value = facts[name];
    if (value === undefined) return placeholder === '{detail}' ? '' : 'unknown';
    if (value === null) return 'none';
    return Array.isArray(value) ? value.join(', ') : String(value);
  });
}
