import { AppError, isAbort, toErrorValue, type ErrorValue } from '#shared/errors/app-error';
import type { ErrorCode } from '#shared/errors/error-codes';
import type { Secrets, SourceSettings } from '#shared/model/connection-settings';
import type { DiskUse } from './disk-budget.ts';
import type { ExtractedFile, ExtractOutcome, ExtractRequest } from './extraction.ts';

/** What a lane's worker thread gets when it starts; secrets go this way and no other. */
export interface LaneData {
  settings: SourceSettings;
  secrets: Secrets;
  disk: DiskUse;
  /** Its number, from 0 on. */
  lane: number;
}

/** One extraction at a time. */
export type MessageToLane =
  | { kind: 'extract'; request: ExtractRequest; directory: string }
  | { kind: 'cancel' }
  /** The answer to `file`: it may be deleted now, or the extraction is over. */
  | { kind: 'file-taken'; name: string }
  | { kind: 'file-refused'; name: string };

export type MessageFromLane =
  | { kind: 'file'; file: ExtractedFile }
  | { kind: 'progress'; rows: number; wireBytes: number }
  | { kind: 'done'; outcome: ExtractOutcome }
  | { kind: 'failed'; error: SentError };

/** Threads hand over errors as plain values: a class would not survive. */
export type SentError = { kind: 'abort' } | { kind: 'error'; value: ErrorValue; stack: string };

export function sendError(error: unknown): SentError {
  if (isAbort(error)) return { kind: 'abort' };
  return { kind: 'error', value: toErrorValue(error), stack: error instanceof Error ? (error.stack ?? '') : '' };
}

/** The error again, with the stack that it had in its thread as its cause. */
export function receiveError(sent: SentError): Error {
  if (sent.kind === 'abort') return new DOMException('The action was cancelled.', 'AbortError');
  const { code, facts, raw, field, statement, queryId } = sent.value;
  const cause = new Error(sent.value.message);
  cause.stack = sent.stack;
  return new AppError(code as ErrorCode, {
    facts,
    cause,
    ...(raw === null ? {} : { raw }),
    ...(field === null ? {} : { field }),
    ...(statement === null ? {} : { statement }),
    ...(queryId === null ? {} : { queryId }),
  });
}
