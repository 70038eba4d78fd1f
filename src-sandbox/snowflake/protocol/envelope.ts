import type { SnowflakeError } from '../errors.ts';

/** What each answer is wrapped in; always with HTTP status 200. */
export interface Envelope {
  success: boolean;
  code: string | null;
  message: string | null;
  data: unknown;
}

export const success = (data: unknown): Envelope => ({ success: true, code: null, message: null, data });

export const failure = (code: string, message: string, data: unknown = null): Envelope => ({
  success: false,
  code,
  message,
  data,
});

/** `data.sqlState` must be there: without it the driver sends the statement again. */
export function statementFailure(error: SnowflakeError, queryId: string): Envelope {
  return failure(error.code, error.message, {
    internalError: false,
    unredactedFromSecureObject: false,
    errorCode: error.code,
    age: 0,
    sqlState: error.sqlState,
    queryId,
    line: error.place?.line ?? -1,
    pos: error.place?.position ?? -1,
    type: error.message.startsWith('SQL compilation error') ? 'COMPILATION' : 'EXECUTION',
  });
}
