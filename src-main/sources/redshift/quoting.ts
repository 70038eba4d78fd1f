import { AppError } from '#shared/errors/app-error';

/** `name` as a delimited identifier. Redshift takes any character in it; a double quote is doubled. */
export function quoteIdentifier(name: string): string {
  requireNoNul(name);
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * `text` as an SQL expression with exactly that value. Redshift reads a backslash in a literal as an escape (its manual writes regular expressions as
 * '\\\\d': https://docs.aws.amazon.com/redshift/latest/dg/REGEXP_SUBSTR.html), PostgreSQL does not, so a backslash is spelled CHR(92), which both read alike.
 */
export function quoteLiteral(text: string): string {
  requireNoNul(text);
  const parts = text.split('\\').map((part) => `'${part.replaceAll("'", "''")}'`);
  return parts.length === 1 ? parts.join('') : `(${parts.join(' || CHR(92) || ')})`;
}

/** `text` inside the quotes of an UNLOAD clause, where no expression may stand: quotes and backslashes are doubled, as Redshift's lexer wants it. */
export function quoteClause(text: string): string {
  requireNoNul(text);
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** The wire protocol ends a statement at a NUL, so what follows one would be dropped. */
function requireNoNul(text: string): void {
  if (text.includes('\0')) {
    throw new AppError('INPUT_INVALID', {
      facts: { detail: 'A name or value holds a NUL character, which SQL text cannot carry.' },
    });
  }
}
