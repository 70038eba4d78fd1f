const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 });

/** 1234567 -> "1,234,567". NULL -> "unknown". */
export function formatCount(count: number | null): string {
  return count === null ? 'unknown' : WHOLE.format(count);
}

/** 3210000000 -> "3.21B", for tiles and summaries where the exact number stands elsewhere. */
export function formatShortCount(count: number | null): string {
  return count === null ? 'unknown' : SHORT.format(count);
}
