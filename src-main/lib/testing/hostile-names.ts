/** Names and values that mean something to a parser somewhere; together with random ones from the same characters. */
const NAMES = [
  'plain',
  "it's",
  'say "so"',
  ']bracket[',
  ']]',
  '""',
  "''",
  "'",
  '"',
  '\\',
  "\\'",
  '\\"',
  "a\\' OR 1=1 --",
  "'; DROP TABLE t; --",
  '"; DROP TABLE t; --',
  ']; DROP TABLE t; --',
  '/* comment',
  '*/',
  '--',
  '//',
  '$1',
  '$$',
  '$tag$',
  '{detail}',
  '?',
  ':1',
  '%s',
  '@stage',
  '@"D"."S"."T"',
  '"quoted"',
  'a.b.c',
  ' ',
  'a\nb',
  'a\r\nb',
  'a\\\nb',
  'a\\\r\nb',
  'a\tb',
  '\u2028',
  '\u00a0',
  'ΩЖ中\u{1f600}',
  'ʼ＇“”',
  '\ufeff',
  '\u202e',
  'select',
  'e\u0301',
  'x'.repeat(128),
  "N'x",
  "E'\\'",
  '0x41',
  'null',
  '$&',
  "$'",
  '$`',
];

const ALPHABET = [
  ...'\'"[]\\/-*;$()=,.@%?:{}\n\r\t ',
  'a',
  'B',
  '1',
  'é',
  '\u{1f600}',
  "''",
  '""',
  ']]',
  '--',
  '/*',
  '*/',
  '$$',
  '\\\\',
  "\\'",
];

/** The list and `count` random ones, the same for a seed. */
export function hostileNames(seed: number, count: number): string[] {
  return [...NAMES, ...Array.from({ length: count }, (_, index) => randomText(seed + index, ALPHABET))];
}

/** Up to 14 parts of the alphabet. */
export function randomText(seed: number, alphabet: readonly string[]): string {
  let state = (seed * 2_654_435_761) >>> 0;
  const next = (below: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return (state >>> 3) % below;
  };
  return Array.from({ length: 1 + next(14) }, () => alphabet[next(alphabet.length)] ?? '').join('');
}
