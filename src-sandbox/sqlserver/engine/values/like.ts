const matchers = new Map<string, (text: string) => boolean>();

/**
 * A matcher for a pattern of LIKE; both must be folded by the collation beforehand. Trailing blanks of the text count for Unicode types only.
 * https://learn.microsoft.com/en-us/sql/t-sql/language-elements/like-transact-sql
 */
export function likeMatcher(
  pattern: string,
  escape: string | null,
  ignoresTrailing: boolean,
): (text: string) => boolean {
  const key = `${ignoresTrailing ? 1 : 0}${escape ?? ''}\0${pattern}`;
  const known = matchers.get(key);
  if (known) return known;
  const regex = new RegExp(`^${likeSource(pattern, escape)}$`, 's');
  const matcher = ignoresTrailing
    ? (text: string) => regex.test(text) || (text.endsWith(' ') && regex.test(text.replace(/ +$/, '')))
    : (text: string) => regex.test(text);
  if (matchers.size > 500) matchers.clear();
  matchers.set(key, matcher);
  return matcher;
}

/** The pattern as source of a regular expression. */
export function likeSource(pattern: string, escape: string | null): string {
  let source = '';
  for (let i = 0; i < pattern.length; i += 1) {
    const char = pattern.charAt(i);
    if (escape !== null && char === escape && i + 1 < pattern.length) {
      i += 1;
      source += literal(pattern.charAt(i));
    } else if (char === '%') source += '.*';
    else if (char === '_') source += '.';
    else if (char === '[') {
      const end = classEnd(pattern, i, escape);
      if (end < 0) return '[]';
      source += characterClass(pattern.slice(i + 1, end), escape);
      i = end;
    } else source += literal(char);
  }
  return source;
}

function classEnd(pattern: string, start: number, escape: string | null): number {
  for (let i = start + 1; i < pattern.length; i += 1) {
    if (escape !== null && pattern.charAt(i) === escape) i += 1;
    else if (pattern.charAt(i) === ']') return i;
  }
  return -1;
}

function characterClass(inside: string, escape: string | null): string {
  const negated = inside.startsWith('^');
  const chars: { char: string; escaped: boolean }[] = [];
  for (let i = negated ? 1 : 0; i < inside.length; i += 1) {
    const escaped = escape !== null && inside.charAt(i) === escape && i + 1 < inside.length;
    if (escaped) i += 1;
    chars.push({ char: inside.charAt(i), escaped });
  }
  let body = '';
  for (let i = 0; i < chars.length; i += 1) {
    const one = chars[i]?.char ?? '';
    const dash = chars[i + 1];
    const last = chars[i + 2];
    if (dash?.char === '-' && !dash.escaped && last !== undefined) {
      if (one <= last.char) body += `${literal(one)}-${literal(last.char)}`;
      i += 2;
    } else body += literal(one);
  }
  if (body === '') return negated ? '.' : '[]';
  return `[${negated ? '^' : ''}${body}]`;
}

const literal = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
