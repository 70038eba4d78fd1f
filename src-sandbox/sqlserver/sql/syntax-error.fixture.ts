import { expect } from 'vitest';

/** What toThrow compares a refusal with: the fields that are given. */
export function syntaxError(fields: { number: number; message?: unknown; line?: number; class?: number }): Error {
  return expect.objectContaining(fields) as Error;
}
