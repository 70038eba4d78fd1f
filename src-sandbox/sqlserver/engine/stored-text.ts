/**
 * Text as DuckDB holds it: one code point for each UTF-16 code unit. Units from U+D800 up (surrogates, and the private and compatibility area behind them) are
 * raised by 0x10000, so that lone surrogates survive in UTF-8, DuckDB's lengths and substrings count units as LEN and SUBSTRING do, and its order of bytes
 * is the order of code units, which is that of binary collations.
 */
export function toStored(text: string): string {
  return HIGH_UNITS.test(text)
    ? text.replace(EACH_HIGH_UNIT, (unit) => String.fromCodePoint(unit.charCodeAt(0) + 0x10000))
    : text;
}

export function fromStored(text: string): string {
  return STORED_UNITS.test(text)
    ? text.replace(EACH_STORED_UNIT, (point) => String.fromCharCode((point.codePointAt(0) ?? 0) - 0x10000))
    : text;
}

const HIGH_UNITS = /[\ud800-\uffff]/;
const EACH_HIGH_UNIT = /[\ud800-\uffff]/g;
const STORED_UNITS = /[\ud800-\udfff]/;
const EACH_STORED_UNIT = /[\u{1d800}-\u{1ffff}]/gu;
