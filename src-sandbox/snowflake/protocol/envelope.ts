import { SnowflakeError } from '../errors.ts';

/** What every answer looks like; HTTP status 200 whatever happened. */
export interface Envelope {
  success: boolean;
  code: string | null;
  message: string | null;
  data: unknown;
}

export function succeeded(data: unknown, code: string | null = null): Envelope {
  return { success: true, code, message: null, data };
}

export function failed(code: string, message: string, data: unknown = null): Envelope {
  return { success: false, code, message, data };
}

/** A refused statement. Drivers need `sqlState`: without it they send the statement again. */
export function failedQuery(error: SnowflakeError, queryId: string): Envelope {
  return failed(error.code, error.message, {
    internalError: false,
    errorCode: error.code,
    age: 0,
    sqlState: error.sqlState,
    queryId,
    line: error.place?.line ?? -1,
    pos: error.place?.position ?? -1,
    type: error.message.startsWith('SQL compilation error') ? 'COMPILATION' : 'EXECUTION',
  });
}
