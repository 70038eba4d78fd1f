/** A decimal number as unscaled digits and scale; undefined when the text is no number. */
export interface Decimal {
  digits: bigint;
  scale: number;
}

/** Reads `12.5`, `-3e2`, ` 7 `; the forms TO_NUMBER takes without a format. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?\s*$/.exec(text);
  if (!match || (!match[2] && !match[3])) return undefined;
  const fraction = match[3] ?? '';
  let digits = BigInt(`${match[2] ?? ''}${fraction}` || '0');
  let scale = fraction.length - Number(match[4] ?? 0);
  if (scale < 0) {
    digits *= 10n ** BigInt(-scale);
    scale = 0;
  }
  return { digits: match[1] === '-' ? -digits : digits, scale };
}

/** The number at another scale, rounded half away from zero as Snowflake rounds. */
export function rescale(value: Decimal, scale: number): bigint {
  if (scale >= value.scale) return value.digits * 10n ** BigInt(scale - value.scale);
  return divideRounded(value.digits, 10n ** BigInt(value.scale - scale));
}

export function divideRounded(a: bigint, b: bigint): bigint {
  const negative = a < 0n !== b < 0n;
  const [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  const q = (x + y / 2n) / y;
  const exact = (x * 2n + y) / (y * 2n);
  const rounded = y % 2n === 0n ? q : exact;
  return negative ? -rounded : rounded;
}

export function decimalText(digits: bigint, scale: number): string {
  const negative = digits < 0n;
  const text = (negative ? -digits : digits).toString().padStart(scale + 1, '0');
  const whole = text.slice(0, text.length - scale);
  return `${negative ? '-' : ''}${whole}${scale > 0 ? `.${text.slice(text.length - scale)}` : ''}`;
}

/** FLOAT as text, as Snowflake prints it: shortest digits that read back, `inf`, `-inf`, `NaN`. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return 'inf';
  if (value === -Infinity) return '-inf';
  if (Object.is(value, -0)) return '-0';
  const text = String(value);
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

/** FLOAT from text; undefined when it is none. */
export function parseFloatText(text: string): number | undefined {
  const t = text.trim();
  if (/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/.test(t)) return Number(t);
  if (/^nan$/i.test(t)) return NaN;
  if (/^\+?inf(?:inity)?$/i.test(t)) return Infinity;
  return /^-inf(?:inity)?$/i.test(t) ? -Infinity : undefined;
}

/**
 * TO_CHAR(number, format) for fixed-position formats of 9, 0, X-less: digits, `.`/`D`, `,`/`G`, `S`/`MI` signs, `$`, `FM`.
 * https://docs.snowflake.com/en/sql-reference/sql-format-models
 * @returns undefined for a format with other elements
 */
export function formatDecimal(text: string, format: string): string | undefined {
  const fill = /^FM/i.test(format);
  const model = format.replace(/^FM/i, '').toUpperCase();
  const match = /^(S|MI)?(\$?)([90,G]*)(?:([.D])([90]*))?(S|MI)?$/.exec(model);
  const value = parseDecimal(text);
  if (!match || !value) return undefined;
  const wholeModel = match[3] ?? '';
  const places = (match[5] ?? '').length;
  const digits = rescale(value, places);
  const negative = digits < 0n;
  const plain = decimalText(negative ? -digits : digits, places);
  const [whole = '0', fraction = ''] = plain.split('.');
  const slots = [...wholeModel].filter((c) => c === '9' || c === '0').length;
  const shown = whole === '0' && !wholeModel.includes('0') && places > 0 ? '' : whole;
  if (shown.length > slots) return '#'.repeat(model.length + (match[1] || match[6] ? 0 : 1));
  const firstZero = [...wholeModel].filter((c) => /[90]/.test(c)).indexOf('0');
  const width = firstZero < 0 ? shown.length : Math.max(shown.length, slots - firstZero);
  const padded = shown.padStart(width, '0').padStart(slots, ' ');
  let body = '';
  let at = 0;
  for (const c of wholeModel) {
    if (c === ',' || c === 'G') body += body.trim() === '' ? ' ' : ',';
    else {
      body += padded[at] ?? '';
      at += 1;
    }
  }
  const tail = match[4] ? `.${fraction.padEnd(places, '0')}` : '';
  const sign = match[1] ?? match[6];
  const shownSign = sign === 'S' ? (negative ? '-' : '+') : negative ? '-' : fill ? '' : ' ';
  const trimmed = body.trimStart();
  const lead = fill ? '' : ' '.repeat(body.length - trimmed.length);
  const number = `${match[2] ?? ''}${trimmed}${tail}`;
  return match[6] ? `${lead}${number}${shownSign}` : `${lead}${shownSign}${number}`;
}
