import { AppError } from '#shared/errors/app-error';

/** `name` as a delimited identifier. Brackets work whatever QUOTED_IDENTIFIER says; a closing bracket is doubled. */
export function quoteIdentifier(name: string): string {
  requireNoNul(name);
  return `[${name.replaceAll(']', ']]')}]`;
}

/**
 * `text` as a Unicode constant with exactly that value. A backslash before a line break continues the constant on the next line and both vanish
 * (https://learn.microsoft.com/en-us/sql/t-sql/language-elements/sql-server-utilities-statements-backslash), so the text is cut between the two.
 */
export function quoteLiteral(text: string): string {
  return joinConstants(text, 'N');
}

/** Like `quoteLiteral`, as a constant of the code page: for text in ASCII that is compared with a varchar column. */
export function quoteAsciiLiteral(text: string): string {
  return joinConstants(text, '');
}

function joinConstants(text: string, prefix: string): string {
  requireNoNul(text);
  const parts = text.split(/(?<=\\)(?=\r?\n)/).map((part) => `${prefix}'${part.replaceAll("'", "''")}'`);
  return parts.length === 1 ? parts.join('') : `(${parts.join(' + ')})`;
}

function requireNoNul(text: string): void {
  if (text.includes('\0')) {
    throw new AppError('INPUT_INVALID', {
      facts: { detail: 'A name or value holds a NUL character, which SQL text cannot carry.' },
    });
  }
}
