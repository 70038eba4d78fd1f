import { SnowflakeError } from '../errors.ts';

/**
 * Whether a whole path matches a PATTERN, which is a Java regular expression applied to the whole text.
 * https://docs.snowflake.com/en/sql-reference/sql/list (PATTERN)
 */
export function matchesPattern(text: string, pattern: string | null): boolean {
  return pattern === null || compilePattern(pattern).test(text);
}

const compiled = new Map<string, RegExp>();

function compilePattern(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known) {
    return known;
  }
  const flags = /^\(\?([is]+)\)/.exec(pattern);
  const body = flags ? pattern.slice(flags[0].length) : pattern;
  try {
    const made = new RegExp(`^(?:${body})$`, [...new Set(flags?.[1] ?? '')].join(''));
    if (compiled.size > 500) {
      compiled.clear();
    }
    compiled.set(pattern, made);
    return made;
  } catch {
    throw new SnowflakeError('100048', '2201B', `Invalid regular expression: '${pattern}'`);
  }
}
