import { isUnicode } from './sql-types.ts';
import type { SqlType } from '../engine-contract.ts';

/** How texts of a collation compare. https://learn.microsoft.com/en-us/sql/relational-databases/collations/collation-and-unicode-support */
export type Collation = {
  name: string;
  isBinary: boolean;
  ignoresCase: boolean;
  ignoresAccents: boolean;
  /** Order of signs: by code for varchar of SQL collations, the Windows order otherwise. */
  isSqlOrder: boolean;
  /** Characters beyond the BMP weigh nothing before version 90. */
  ignoresSupplementary: boolean;
};

const known = new Map<string, Collation>();

/** Names that look like collations of the vendor's; error 448 is the caller's. */
export function isCollationName(name: string): boolean {
  return /^(SQL_)?[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*_(BIN2?|C[IS]_A[IS](_KS)?(_WS)?(_SC)?(_VSS)?)(_UTF8)?$/i.test(
    name,
  );
}

export function collationOf(name: string): Collation {
  const found = known.get(name);
  if (found) return found;
  const collation: Collation = {
    name,
    isBinary: /_BIN2?(_UTF8)?$/i.test(name),
    ignoresCase: /_CI(_|$)/i.test(name),
    ignoresAccents: /_AI(_|$)/i.test(name),
    isSqlOrder: /^SQL_/i.test(name),
    ignoresSupplementary: /^SQL_/i.test(name) || !/_(90|100|140|160)_/.test(name),
  };
  known.set(name, collation);
  return collation;
}

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const DIGITS = '0123456789';
/** Of Windows collations, lightest first. */
const SIGNS = '_-,;:!?.\'"()[]{}@*/\\&#%`^+<=>|~$';
const points = (from: number, count: number): string =>
  Array.from({ length: count }, (_, i) => String.fromCodePoint(from + i)).join('');
const DIGIT_WEIGHTS = points(0x200, 10);
const LETTER_WEIGHTS = points(0x220, 26);
const SIGN_WEIGHTS = points(0x100, SIGNS.length);

const plain = new Map<string, string>();
const windows = new Map<string, string>();
for (const [from, to] of [
  [DIGITS, DIGIT_WEIGHTS],
  [LOWER, LETTER_WEIGHTS],
  [UPPER, LETTER_WEIGHTS],
] as const) {
  [...from].forEach((char, i) => plain.set(char, to.charAt(i)));
}
for (const [char, weight] of plain) windows.set(char, weight);
[...SIGNS].forEach((char, i) => windows.set(char, SIGN_WEIGHTS.charAt(i)));

/** SQL for the key by which stored text compares: equal keys are equal texts, and the order of keys is the collation's. */
export function keySql(
  sql: string,
  type: SqlType,
  options: { isSimple: boolean; script: (sql: string) => string },
): string {
  const collation = collationOf(type.collation ?? 'Latin1_General_BIN2');
  if (collation.isBinary) return `rtrim(${sql}, ' ')`;
  if (!options.isSimple) return options.script(sql);
  return `CASE WHEN strlen(${sql}) = length(${sql}) THEN ${asciiKeySql(sql, collation, isUnicode(type))} ELSE ${options.script(sql)} END`;
}

function asciiKeySql(sql: string, collation: Collation, unicode: boolean): string {
  const bySigns = !(collation.isSqlOrder && !unicode);
  const from = `${DIGITS}${LOWER}${UPPER}${bySigns ? SIGNS : ''}`.replaceAll("'", "''");
  const to = `${DIGIT_WEIGHTS}${LETTER_WEIGHTS}${LETTER_WEIGHTS}${bySigns ? SIGN_WEIGHTS : ''}`;
  const trimmed = `rtrim(${sql}, ' ')`;
  const key = `translate(${trimmed}, '${from}', '${to}')`;
  if (collation.ignoresCase) return key;
  return `(${key} || chr(1) || translate(${trimmed}, '${LOWER}${UPPER}', '${'1'.repeat(26)}${'2'.repeat(26)}'))`;
}

/** The same key for a text in memory; not yet in its stored form for binary collations. */
export function collationKey(text: string, type: SqlType): string {
  const collation = collationOf(type.collation ?? 'Latin1_General_BIN2');
  const trimmed = text.replace(/ +$/, '');
  if (collation.isBinary) return trimmed;
  const weights = collation.isSqlOrder && !isUnicode(type) ? plain : windows;
  let primary = '';
  let secondary = '';
  let index = 0;
  for (const char of fold(trimmed, collation)) {
    if (/\p{M}/u.test(char)) {
      if (!collation.ignoresAccents) secondary += `${index}:${char.codePointAt(0) ?? 0};`;
      continue;
    }
    const code = char.codePointAt(0) ?? 0;
    if (code > 0xffff && collation.ignoresSupplementary) continue;
    if (code >= 0xd800 && code <= 0xdfff) continue;
    index += 1;
    primary += weights.get(char) ?? (code < 0x80 ? char : String.fromCodePoint(Math.min(0x20000 + code, 0x10ffff)));
  }
  const key = secondary === '' ? primary : `${primary}\0${secondary}`;
  return collation.ignoresCase ? key : `${key}\x01${[...trimmed].map(caseMark).join('')}`;
}

const EXPANSIONS: Readonly<Record<string, string>> = { ß: 'ss', æ: 'ae', Æ: 'AE', œ: 'oe', Œ: 'OE', þ: 'th', Þ: 'TH' };

function fold(text: string, collation: Collation): string {
  const expanded = text.replace(/[ßæÆœŒþÞ]/g, (char) => EXPANSIONS[char] ?? char);
  const decomposed = expanded.normalize('NFKD');
  // Case is told apart by the marks behind the key, letters are weighed in lower case.
  return collation.isBinary ? decomposed : decomposed.toLowerCase();
}

function caseMark(char: string): string {
  if (char !== char.toLowerCase()) return '2';
  return char !== char.toUpperCase() ? '1' : char;
}

/** A text brought to the form in which single characters compare, for LIKE and the functions that search. */
export function foldForSearch(text: string, type: SqlType): string {
  const collation = collationOf(type.collation ?? 'Latin1_General_BIN2');
  if (collation.isBinary) return text;
  let folded = collation.ignoresAccents ? text.normalize('NFD').replace(/\p{M}/gu, '') : text;
  // One unit for one unit: positions are counted in the folded text.
  if (collation.ignoresCase) {
    folded = Array.from({ length: folded.length }, (_, i) => {
      const lower = folded.charAt(i).toLowerCase();
      return lower.length === 1 ? lower : folded.charAt(i);
    }).join('');
  }
  return folded;
}
