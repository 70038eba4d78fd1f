import { AppError } from '#shared/errors/app-error';

/** Part of a condition in which no character means anything but those that end it: a literal, a quoted name or a comment. */
export interface Stretch {
  opens: string;
  /** Global or sticky: what ends it, from behind `opens` on. */
  ends: RegExp;
  /** What is wrong when the end is missing; null when the condition's own end will do. */
  unended: string | null;
  /** What is wrong with the text inside, if anything. */
  check?(inside: string): string | null;
}

export interface ConditionRules {
  stretches: Stretch[];
  /** Sticky: what servers and versions may read in more than one way. */
  unclear?: { pattern: RegExp; problem: string };
}

export const lineComment: Stretch = {
  opens: '--',
  ends: /\n|$/g,
  unended: null,
  // PostgreSQL's lexer, which Redshift's comes from, ends it at a carriage return too; for T-SQL it is not documented. Both answers must come to the same.
  check: (inside) => (/\r(?!$)/.test(inside) ? 'has a carriage return inside a comment' : null),
};

/** Dialects that nest comments and those that do not must come to the same. */
export const blockComment: Stretch = {
  opens: '/*',
  ends: /\*\//g,
  unended: 'has a comment that does not end',
  check: (inside) => (`${inside}*`.includes('/*') ? 'has a comment inside a comment' : null),
};

export const quotedName: Stretch = { opens: '"', ends: /"/g, unended: 'has a double quote that does not end' };

/** A doubled quote inside ends it and opens the next one at once, which comes to the same. */
export const quotedText: Stretch = { opens: "'", ends: /'/g, unended: 'has a quote that does not end' };

/**
 * A condition in parentheses, safe to stand beside others. It must be whole by itself: a semicolon, a closing parenthesis too many or a literal that does
 * not end would reach into the statement around it, so such a condition is refused with INPUT_INVALID. A line comment is ended by a line break.
 */
export function wrapCondition(condition: string, rules: ConditionRules): string {
  const problem = findProblem(condition, rules);
  if (problem !== null) {
    throw new AppError('INPUT_INVALID', { facts: { detail: `The condition "${shorten(condition)}" ${problem}.` } });
  }
  return condition.includes('--') ? `(${condition}\n)` : `(${condition})`;
}

function findProblem(condition: string, { stretches, unclear }: ConditionRules): string | null {
  // On the wire a NUL ends the statement, wherever it stands.
  if (condition.includes('\0')) return 'holds a NUL character';
  let depth = 0;
  let at = 0;
  while (at < condition.length) {
    if (unclear && matchesAt(unclear.pattern, condition, at)) return unclear.problem;
    const stretch = stretches.find(({ opens }) => condition.startsWith(opens, at));
    if (stretch) {
      const begin = at + stretch.opens.length;
      stretch.ends.lastIndex = begin;
      const end = stretch.ends.exec(condition);
      if (!end) return stretch.unended;
      const problem = stretch.check?.(condition.slice(begin, end.index)) ?? null;
      if (problem !== null) return problem;
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

function matchesAt(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at;
  return pattern.test(text);
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
