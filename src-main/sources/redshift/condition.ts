import { AppError } from '#shared/errors/app-error';

/**
 * A condition in parentheses, safe to stand beside others. It must be whole by itself: a semicolon, a closing parenthesis too many or a literal that does
 * not end would reach into the statement around it, so such a condition is refused with INPUT_INVALID. A line comment is ended by a line break.
 */
export function requireCondition(condition: string): string {
  const problem = findProblem(condition);
  if (problem !== null) {
    throw new AppError('INPUT_INVALID', { facts: { detail: `The condition "${shorten(condition)}" ${problem}.` } });
  }
  return condition.includes('--') ? `(${condition}\n)` : `(${condition})`;
}

const STRETCHES: { opens: string; ends: RegExp; problem: string | null }[] = [
  { opens: "'", ends: /'/g, problem: 'has a quote that does not end' },
  { opens: '"', ends: /"/g, problem: 'has a double quote that does not end' },
  { opens: '--', ends: /\n|$/g, problem: null },
  { opens: '/*', ends: /\*\//g, problem: 'has a comment that does not end' },
  { opens: '$$', ends: /\$\$/g, problem: 'has a $$ literal that does not end' },
];

/** `$tag$`, or `$$` right behind a word, which may also be the word's end: who reads it one way and who the other must not come to two answers. */
const UNCLEAR_DOLLARS = /\$[A-Za-z_\x80-\uffff][\w\x80-\uffff]*\$|(?<=[\w\x80-\uffff$])\$\$/y;

function findProblem(condition: string): string | null {
  // On the wire a NUL ends the statement, wherever it stands.
  if (condition.includes('\0')) return 'holds a NUL character';
  let depth = 0;
  let at = 0;
  while (at < condition.length) {
    UNCLEAR_DOLLARS.lastIndex = at;
    if (UNCLEAR_DOLLARS.test(condition))
      return 'has a dollar quote with a tag or behind a word; write the text in quotes';
    const stretch = STRETCHES.find(({ opens }) => condition.startsWith(opens, at));
    if (stretch) {
      stretch.ends.lastIndex = at + stretch.opens.length;
      const end = stretch.ends.exec(condition);
      if (!end) return stretch.problem;
      const inside = condition.slice(at + stretch.opens.length, end.index);
      if (stretch.opens === "'" && /(?<!\\)(?:\\\\)*\\$/.test(inside))
        return "has a backslash before a quote; a quote inside a text is written twice ('')";
      // PostgreSQL's lexer, which Redshift's comes from, ends such a comment at a carriage return too.
      if (stretch.opens === '--' && /\r(?!$)/.test(inside)) return 'has a carriage return inside a comment';
      if (stretch.opens === '/*' && `${inside}*`.includes('/*')) return 'has a comment inside a comment';
      at = Math.max(stretch.ends.lastIndex, at + 1);
      continue;
    }
    const char = condition.charAt(at);
    if (char === ';') return 'holds a semicolon; a condition is one expression';
    if (char === '(') depth += 1;
    if (char === ')') depth -= 1;
    if (depth < 0) return 'closes a parenthesis that it did not open';
    at += 1;
  }
  return depth > 0 ? 'opens a parenthesis that it does not close' : null;
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
