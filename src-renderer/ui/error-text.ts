import type { ErrorValue } from '#shared/errors/app-error';

/** An error as text for a ticket or a colleague: what the window shows, and the raw parts, which main has redacted. */
export function errorText(error: ErrorValue): string {
  const parts = [
    `${error.title} (${error.code})`,
    error.message,
    error.advice,
    error.queryId === null ? '' : `Query id: ${error.queryId}`,
    error.raw === null ? '' : `Raw text:\n${error.raw}`,
    error.statement === null ? '' : `Statement:\n${error.statement}`,
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}
