import { instantOf, offsetAt } from './timezone.ts';

/** Calendar fields of a moment on some wall clock. */
export interface Moment {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  nanos: number;
  /** Minutes from UTC, when the value has a zone. */
  offset: number | null;
}

export const SECOND = 1_000_000_000n;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const LONG_MONTHS = 'January February March April May June July August September October November December'.split(' ');
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

export function floorDiv(a: bigint, b: bigint): bigint {
  const q = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? q - 1n : q;
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar; undefined when the date does not exist. */
export function daysOf(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCFullYear() !== year || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  return Math.floor(date.getTime() / 86_400_000);
}

/** Fields of `nanos` since the epoch, moved by `offset` minutes. */
export function momentOf(nanos: bigint, offset: number | null): Moment {
  const wall = nanos + BigInt(offset ?? 0) * 60n * SECOND;
  const seconds = floorDiv(wall, SECOND);
  const date = new Date(Number(seconds) * 1000);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    nanos: Number(wall - seconds * SECOND),
    offset,
  };
}

export function nanosOf(moment: Moment): bigint | undefined {
  const days = daysOf(moment.year, moment.month, moment.day);
  if (days === undefined) return undefined;
  const seconds = days * 86_400 + moment.hour * 3600 + moment.minute * 60 + moment.second;
  return BigInt(seconds) * SECOND + BigInt(moment.nanos);
}

const ELEMENTS = /YYYY|YY|MMMM|MM|MON|DD|DY|HH24|HH12|HH|AM|PM|MI|SS|FF[0-9]?|TZH:TZM|TZHTZM|TZH|TZM|"[^"]*"/giy;

/** The format's elements in order: known ones in upper case, all else as quoted text. */
function elementsOf(format: string): { element: string; literal: boolean }[] {
  const found: { element: string; literal: boolean }[] = [];
  let at = 0;
  while (at < format.length) {
    ELEMENTS.lastIndex = at;
    const match = ELEMENTS.exec(format);
    if (match) {
      const text = match[0];
      if (text.startsWith('"')) found.push({ element: text.slice(1, -1), literal: true });
      else found.push({ element: text.toUpperCase(), literal: false });
      at += text.length;
    } else {
      found.push({ element: format[at] ?? '', literal: true });
      at += 1;
    }
  }
  return found;
}

const pad = (value: number, width = 2): string =>
  value < 0 ? `-${String(-value).padStart(width, '0')}` : String(value).padStart(width, '0');

/**
 * A moment as text. https://docs.snowflake.com/en/sql-reference/date-time-input-output
 * A value without a zone prints +0000 for TZH, as NTZ does.
 */
export function formatMoment(moment: Moment, format: string): string {
  let text = '';
  for (const { element, literal } of elementsOf(format)) text += literal ? element : formatElement(moment, element);
  return text;
}

function formatElement(m: Moment, element: string): string {
  const offset = m.offset ?? 0;
  const sign = offset < 0 ? '-' : '+';
  const hours = pad(Math.floor(Math.abs(offset) / 60));
  const minutes = pad(Math.abs(offset) % 60);
  switch (element) {
    case 'YYYY':
      return pad(m.year, 4);
    case 'YY':
      return pad(m.year % 100);
    case 'MM':
      return pad(m.month);
    case 'MON':
      return MONTHS[m.month - 1] ?? '';
    case 'MMMM':
      return LONG_MONTHS[m.month - 1] ?? '';
    case 'DD':
      return pad(m.day);
    case 'DY':
      return DAYS[((((daysOf(m.year, m.month, m.day) ?? 0) + 4) % 7) + 7) % 7] ?? '';
    case 'HH24':
    case 'HH':
      return pad(m.hour);
    case 'HH12':
      return pad(m.hour % 12 === 0 ? 12 : m.hour % 12);
    case 'AM':
    case 'PM':
      return m.hour < 12 ? 'AM' : 'PM';
    case 'MI':
      return pad(m.minute);
    case 'SS':
      return pad(m.second);
    case 'TZH:TZM':
      return `${sign}${hours}:${minutes}`;
    case 'TZHTZM':
      return `${sign}${hours}${minutes}`;
    case 'TZH':
      return `${sign}${hours}`;
    case 'TZM':
      return minutes;
    default: {
      const digits = element === 'FF' ? 9 : Number(element.slice(2));
      return pad(m.nanos, 9).slice(0, digits);
    }
  }
}

/** Reads text by a format; undefined when it does not match or no such moment exists. */
export function parseMoment(text: string, format: string): Moment | undefined {
  const m: Moment = { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, nanos: 0, offset: null };
  let at = 0;
  let half: 'AM' | 'PM' | null = null;
  const take = (pattern: RegExp): string | undefined => {
    const match = new RegExp(pattern.source, 'iy');
    match.lastIndex = at;
    const found = match.exec(text);
    if (!found) return undefined;
    at = match.lastIndex;
    return found[0];
  };
  for (const { element, literal } of elementsOf(format)) {
    if (literal) {
      if (text.slice(at, at + element.length).toUpperCase() !== element.toUpperCase()) return undefined;
      at += element.length;
      continue;
    }
    if (element === 'AM' || element === 'PM') {
      const word = take(/AM|PM/)?.toUpperCase();
      if (!word) return undefined;
      half = word as 'AM' | 'PM';
    } else if (!parseElement(m, element, take)) return undefined;
  }
  if (at !== text.length) return undefined;
  if (half === 'PM' && m.hour < 12) m.hour += 12;
  if (half === 'AM' && m.hour === 12) m.hour = 0;
  if (m.hour > 23 || m.minute > 59 || m.second > 59 || daysOf(m.year, m.month, m.day) === undefined) return undefined;
  return m;
}

function parseElement(m: Moment, element: string, take: (pattern: RegExp) => string | undefined): boolean {
  const number = (pattern: RegExp): number | undefined => {
    const found = take(pattern);
    return found === undefined ? undefined : Number(found);
  };
  const put = (key: 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', value: number | undefined): boolean => {
    if (value === undefined) return false;
    m[key] = value;
    return true;
  };
  switch (element) {
    case 'YYYY':
      return put('year', number(/-?\d{4}/));
    case 'YY': {
      const year = number(/\d{2}/);
      return put('year', year === undefined ? undefined : year < 70 ? 2000 + year : 1900 + year);
    }
    case 'MM':
      return put('month', number(/\d{1,2}/));
    case 'MON':
    case 'MMMM': {
      const word = take(element === 'MON' ? /[a-z]{3}/ : /[a-z]+/)?.toLowerCase();
      const names = element === 'MON' ? MONTHS : LONG_MONTHS;
      const index = names.findIndex((name) => name.toLowerCase() === word);
      return put('month', index < 0 ? undefined : index + 1);
    }
    case 'DD':
      return put('day', number(/\d{1,2}/));
    case 'DY':
      return take(/[a-z]{3}/) !== undefined;
    case 'HH24':
    case 'HH12':
    case 'HH':
      return put('hour', number(/\d{1,2}/));
    case 'MI':
      return put('minute', number(/\d{1,2}/));
    case 'SS':
      return put('second', number(/\d{1,2}/));
    case 'TZH:TZM':
    case 'TZHTZM':
    case 'TZH': {
      const zone = take(/Z|[+-]\d{1,2}:?(?:\d{2})?/)?.toUpperCase();
      if (!zone) return false;
      m.offset = offsetOf(zone);
      return true;
    }
    case 'TZM': {
      const minutes = number(/\d{2}/);
      if (minutes === undefined) return false;
      m.offset = (m.offset ?? 0) + ((m.offset ?? 0) < 0 ? -minutes : minutes);
      return true;
    }
    default: {
      const digits = take(/\d{1,9}/);
      if (digits === undefined) return false;
      m.nanos = Number(digits.padEnd(9, '0').slice(0, 9));
      return true;
    }
  }
}

function offsetOf(zone: string): number {
  if (zone === 'Z') return 0;
  const match = /^([+-])(\d{1,2}):?(\d{2})?$/.exec(zone);
  const minutes = Number(match?.[2] ?? 0) * 60 + Number(match?.[3] ?? 0);
  return match?.[1] === '-' ? -minutes : minutes;
}

const AUTO_DATE = /^(-?\d{4})-(\d{1,2})-(\d{1,2})$/;
const AUTO_STAMP =
  /^(-?\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{0,9}))?)?)?\s*(Z|[+-]\d{1,2}(?::?\d{2})?)?$/i;
const AUTO_SLASH = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?: (\d{1,2}):(\d{1,2}):(\d{1,2}))?$/;
const AUTO_MONTH = /^(\d{1,2})-([A-Za-z]{3})-(\d{4})$/;
const AUTO_TIME = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{0,9}))?)?$/;

/** AUTO detection of dates and timestamps: the ISO forms, MM/DD/YYYY, DD-MON-YYYY, and whole numbers as epoch values. */
export function parseAuto(text: string): Moment | undefined {
  const t = text.trim();
  const date = AUTO_DATE.exec(t);
  const base = { hour: 0, minute: 0, second: 0, nanos: 0, offset: null };
  if (date) return checked({ ...base, year: Number(date[1]), month: Number(date[2]), day: Number(date[3]) });
  const stamp = AUTO_STAMP.exec(t);
  if (stamp) {
    return checked({
      year: Number(stamp[1]),
      month: Number(stamp[2]),
      day: Number(stamp[3]),
      hour: Number(stamp[4] ?? 0),
      minute: Number(stamp[5] ?? 0),
      second: Number(stamp[6] ?? 0),
      nanos: Number((stamp[7] ?? '').padEnd(9, '0')),
      offset: stamp[8] ? offsetOf(stamp[8].toUpperCase()) : null,
    });
  }
  const slash = AUTO_SLASH.exec(t);
  if (slash) {
    return checked({
      ...base,
      year: Number(slash[3]),
      month: Number(slash[1]),
      day: Number(slash[2]),
      hour: Number(slash[4] ?? 0),
      minute: Number(slash[5] ?? 0),
      second: Number(slash[6] ?? 0),
    });
  }
  const named = AUTO_MONTH.exec(t);
  if (named) {
    const month = MONTHS.findIndex((m) => m.toLowerCase() === (named[2] ?? '').toLowerCase()) + 1;
    return checked({ ...base, year: Number(named[3]), month, day: Number(named[1]) });
  }
  if (/^-?\d+$/.test(t)) return momentOf(epochNanos(BigInt(t)), null);
  return undefined;
}

/**
 * Whole numbers in text: seconds below 31536000000, then milliseconds, microseconds, nanoseconds.
 * https://docs.snowflake.com/en/sql-reference/functions/to_timestamp
 */
export function epochNanos(value: bigint): bigint {
  const size = value < 0n ? -value : value;
  if (size < 31_536_000_000n) return value * SECOND;
  if (size < 31_536_000_000_000n) return value * 1_000_000n;
  if (size < 31_536_000_000_000_000n) return value * 1000n;
  return value;
}

/** HH24:MI[:SS[.FF]]. */
export function parseAutoTime(text: string): bigint | undefined {
  const match = AUTO_TIME.exec(text.trim());
  if (!match) return undefined;
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  return BigInt(hour * 3600 + minute * 60 + second) * SECOND + BigInt((match[4] ?? '').padEnd(9, '0'));
}

function checked(m: Moment): Moment | undefined {
  if (m.hour > 23 || m.minute > 59 || m.second > 59) return undefined;
  return daysOf(m.year, m.month, m.day) === undefined ? undefined : m;
}

/** Wall clock of `zone` as an instant. */
export function wallToInstant(wall: bigint, zone: string): bigint {
  const seconds = floorDiv(wall, SECOND);
  return BigInt(instantOf(zone, Number(seconds))) * SECOND + (wall - seconds * SECOND);
}

export function instantToWall(instant: bigint, zone: string): bigint {
  return instant + BigInt(offsetAt(zone, Number(floorDiv(instant, SECOND)))) * 60n * SECOND;
}

/** The held form of TIMESTAMP_TZ: see duckDbType. */
export function packTz(instant: bigint, offset: number): bigint {
  return instant * 4096n + BigInt(offset + 1440);
}

export function unpackTz(packed: bigint): { instant: bigint; offset: number } {
  const instant = floorDiv(packed, 4096n);
  return { instant, offset: Number(packed - instant * 4096n) - 1440 };
}
