import type { SqlValue } from '../../engine-contract.ts';

/** `unscaled` is the value times ten to the `scale`. */
export function formatScaled(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  return `${unscaled < 0n ? '-' : ''}${whole}${scale === 0 ? '' : `.${digits.slice(digits.length - scale)}`}`;
}

/** Half away from zero, as SQL Server rounds decimals. */
export function rescale(unscaled: bigint, from: number, to: number): bigint {
  if (to >= from) return unscaled * 10n ** BigInt(to - from);
  const unit = 10n ** BigInt(from - to);
  const half = unscaled < 0n ? -(unit / 2n) : unit / 2n;
  return (unscaled + half) / unit;
}

export const fitsPrecision = (unscaled: bigint, precision: number): boolean =>
  (unscaled < 0n ? -unscaled : unscaled) < 10n ** BigInt(precision);

/** A number without exponent: digits with a sign and a point; undefined for all else. Blanks around are allowed. */
export function parseScaled(text: string): { unscaled: bigint; scale: number } | undefined {
  const match = /^\s*([+-]?)\s*(\d*)(?:\.(\d*))?\s*$/.exec(text);
  const digits = `${match?.[2] ?? ''}${match?.[3] ?? ''}`;
  if (!match || digits === '') return undefined;
  const unscaled = BigInt(digits);
  return { unscaled: match[1] === '-' ? -unscaled : unscaled, scale: (match[3] ?? '').length };
}

/** A float as C's %g writes it with `digits` significant ones, exponents with three digits, as SQL Server does. */
export function formatGeneral(value: number, digits: number): string {
  if (value === 0) return '0';
  const exponential = value.toExponential(digits - 1);
  const exponent = Number(exponential.slice(exponential.indexOf('e') + 1));
  if (exponent < -5 || exponent >= digits) {
    const mantissa = exponential.slice(0, exponential.indexOf('e'));
    return `${mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa}${exponentText(exponent)}`;
  }
  const fixed = value.toFixed(Math.min(100, Math.max(0, digits - 1 - exponent)));
  return fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed;
}

/** A float in scientific form with `digits` significant ones. */
export function formatScientific(value: number, digits: number): string {
  const exponential = value.toExponential(digits - 1);
  const at = exponential.indexOf('e');
  return `${exponential.slice(0, at)}${exponentText(Number(exponential.slice(at + 1)))}`;
}

const exponentText = (exponent: number): string =>
  `e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(3, '0')}`;

/** The decimal value of a float to `scale` digits, from its exact binary value. */
export function floatToScaled(value: number, scale: number): bigint {
  const exponential = value.toExponential(16);
  const [mantissa = '0', exponent = '0'] = exponential.split('e');
  const unscaled = BigInt(mantissa.replace('.', ''));
  const places = 16 - Number(exponent);
  return places < 0 ? unscaled * 10n ** BigInt(scale - places) : rescale(unscaled, places, scale);
}

/** Thousands separators in the digits before the point. */
export function withThousands(text: string): string {
  const [whole = '', fraction] = text.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** A number as its digits; anything that is none gives an empty text. */
export function digitsOf(value: SqlValue | undefined): string {
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : '';
}

/** A text or number as text; anything else gives an empty one. */
export function plainText(value: SqlValue | undefined): string {
  return typeof value === 'string' ? value : digitsOf(value);
}
