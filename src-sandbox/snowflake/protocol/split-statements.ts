import { tokenize } from '../sql/tokenize.ts';

/** The statements of a text, cut at semicolons outside of quotes and comments; empty ones are left out. */
export function splitStatements(text: string): string[] {
  const statements: string[] = [];
  let start: number | null = null;
  let end = 0;
  for (const token of tokenize(text)) {
    const isBreak = token.kind === 'end' || (token.kind === 'operator' && token.value === ';');
    if (isBreak) {
      if (start !== null) statements.push(text.slice(start, end));
      start = null;
    } else {
      start ??= token.start;
      end = token.end;
    }
  }
  return statements;
}
