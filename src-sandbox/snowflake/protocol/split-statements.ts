import { tokenize } from '../sql/tokenize.ts';

/** The statements of a text, without the semicolons between them; comments and quoted semicolons do not separate. Empty ones are left out. */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let start = 0;
  let hasTokens = false;
  for (const token of tokenize(sql)) {
    const isEnd = token.kind === 'end';
    if (!isEnd && !(token.kind === 'operator' && token.value === ';')) {
      hasTokens = true;
      continue;
    }
    if (hasTokens) statements.push(sql.slice(start, isEnd ? sql.length : token.start).trim());
    start = token.end;
    hasTokens = false;
  }
  return statements;
}
