import type { SqlType, SqlValue } from '../../engine-contract.ts';
import { errors } from '../errors.ts';
import {
  clockOf,
  datetimeToTicks,
  daysInMonth,
  fromDays,
  minutesToTicks,
  splitTicks,
  TICKS_PER_DAY,
  TICKS_PER_SECOND,
  toDays,
} from './calendar.ts';

/** A date and time of any type on the wall clock of its own place. */
export type Moment = {
  /** Days since 0001-01-01. */
  days: number;
  ticksOfDay: bigint;
  offsetMinutes: number | null;
};

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The wall clock of a value; a time lies on 1900-01-01. */
export function momentOf(value: SqlValue, type: SqlType): Moment {
  switch (type.name) {
    case 'date':
      return { days: value as number, ticksOfDay: 0n, offsetMinutes: null };
    case 'time':
      return { days: 693_595, ticksOfDay: value as bigint, offsetMinutes: null };
    case 'smalldatetime':
      return { ...splitTicks(minutesToTicks(value as number)), offsetMinutes: null };
    case 'datetime':
      return { ...splitTicks(datetimeToTicks(value as bigint)), offsetMinutes: null };
    case 'datetimeoffset': {
      const { utcTicks, offsetMinutes } = value as { utcTicks: bigint; offsetMinutes: number };
      return { ...splitTicks(utcTicks + BigInt(offsetMinutes) * 600_000_000n), offsetMinutes };
    }
    default:
      return { ...splitTicks(value as bigint), offsetMinutes: null };
  }
}

/** Digits of the second's fraction that the type shows. */
const fractionDigits = (type: SqlType): number => {
  switch (type.name) {
    case 'date':
    case 'smalldatetime':
      return 0;
    case 'datetime':
      return 3;
    default:
      return type.scale ?? 7;
  }
};

const two = (n: number): string => String(n).padStart(2, '0');
const blankTwo = (n: number): string => String(n).padStart(2, ' ');

/**
 * A date or time as text in a style of CONVERT; `style` null is the type's own: 0 for datetime and smalldatetime, 121 for the others.
 * https://learn.microsoft.com/en-us/sql/t-sql/functions/cast-and-convert-transact-sql#date-and-time-styles
 */
export function formatMoment(value: SqlValue, type: SqlType, style: number | null): string {
  const moment = momentOf(value, type);
  const isOld = type.name === 'datetime' || type.name === 'smalldatetime';
  const chosen = style ?? (isOld ? 0 : 121);
  const { date, separator, time } = stylePieces(moment, type, chosen);
  if (type.name === 'date') return date ?? refuseStyle('date', chosen);
  if (type.name === 'time') return time ?? refuseStyle('time', chosen);
  if (date === null) return time ?? '';
  return time === null ? date : `${date}${separator}${time}`;
}

function refuseStyle(type: string, style: number): never {
  throw errors.unsupported(`style ${style} for ${type}`);
}

type StylePieces = { date: string | null; separator: string; time: string | null };

function stylePieces(moment: Moment, type: SqlType, style: number): StylePieces {
  const { year, month, day } = fromDays(moment.days);
  const { hour, minute, second } = clockOf(moment.ticksOfDay);
  const long = String(year).padStart(4, '0');
  const y = style >= 100 ? long : two(year % 100);
  const name = MONTHS[month - 1] ?? '';
  const seconds = `${two(hour)}:${two(minute)}:${two(second)}`;
  const twelve = hour % 12 === 0 ? 12 : hour % 12;
  const half = hour < 12 ? 'AM' : 'PM';
  const digits = fractionDigits(type);
  const fraction = String(clockOf(moment.ticksOfDay).ticks).padStart(7, '0').slice(0, digits);
  const withFraction = (mark: string): string =>
    `${seconds}${digits === 0 ? (type.name === 'smalldatetime' ? `${mark}000` : '') : `${mark}${fraction}`}`;
  const zone = moment.offsetMinutes === null ? '' : formatOffset(moment.offsetMinutes);
  const spaced = zone === '' ? '' : ` ${zone}`;
  const dateOnly = (date: string): StylePieces => ({ date, separator: '', time: null });
  const timeOnly = (time: string): StylePieces => ({ date: null, separator: '', time });
  switch (style) {
    case 0:
    case 100:
      return {
        date: `${name} ${blankTwo(day)} ${long}`,
        separator: ' ',
        time: `${blankTwo(twelve)}:${two(minute)}${half}${spaced}`,
      };
    case 1:
    case 101:
      return dateOnly(`${two(month)}/${two(day)}/${y}`);
    case 2:
    case 102:
      return dateOnly(`${y}.${two(month)}.${two(day)}`);
    case 3:
    case 103:
      return dateOnly(`${two(day)}/${two(month)}/${y}`);
    case 4:
    case 104:
      return dateOnly(`${two(day)}.${two(month)}.${y}`);
    case 5:
    case 105:
      return dateOnly(`${two(day)}-${two(month)}-${y}`);
    case 6:
    case 106:
      return dateOnly(`${two(day)} ${name} ${y}`);
    case 7:
    case 107:
      return dateOnly(`${name} ${two(day)}, ${y}`);
    case 8:
    case 24:
    case 108:
      return timeOnly(seconds);
    case 9:
    case 109:
      return {
        date: `${name} ${blankTwo(day)} ${long}`,
        separator: ' ',
        time: `${blankTwo(twelve)}:${withFraction(type.name === 'datetime' || type.name === 'smalldatetime' ? ':' : '.').slice(3)}${half}${spaced}`,
      };
    case 10:
    case 110:
      return dateOnly(`${two(month)}-${two(day)}-${y}`);
    case 11:
    case 111:
      return dateOnly(`${y}/${two(month)}/${two(day)}`);
    case 12:
    case 112:
      return dateOnly(`${y}${two(month)}${two(day)}`);
    case 13:
    case 113:
      return {
        date: `${two(day)} ${name} ${long}`,
        separator: ' ',
        time: `${withFraction(type.name === 'datetime' || type.name === 'smalldatetime' ? ':' : '.')}${spaced}`,
      };
    case 14:
    case 114:
      return timeOnly(withFraction(type.name === 'datetime' || type.name === 'smalldatetime' ? ':' : '.'));
    case 20:
    case 120:
      return { date: `${long}-${two(month)}-${two(day)}`, separator: ' ', time: `${seconds}${spaced}` };
    case 21:
    case 25:
    case 121:
      return { date: `${long}-${two(month)}-${two(day)}`, separator: ' ', time: `${withFraction('.')}${spaced}` };
    case 22:
      return {
        date: `${two(month)}/${two(day)}/${two(year % 100)}`,
        separator: ' ',
        time: `${blankTwo(twelve)}:${two(minute)}:${two(second)} ${half}`,
      };
    case 23:
      return dateOnly(`${long}-${two(month)}-${two(day)}`);
    case 126:
    case 127: {
      const shown = /[1-9]/.test(fraction) ? `${seconds}.${fraction}` : seconds;
      if (style === 127 && moment.offsetMinutes !== null) return utcPieces(moment, type);
      return { date: `${long}-${two(month)}-${two(day)}`, separator: 'T', time: `${shown}${zone}` };
    }
    default:
      throw new StyleError(style, type.name);
  }
}

function utcPieces(moment: Moment, type: SqlType): StylePieces {
  const local = BigInt(moment.days) * TICKS_PER_DAY + moment.ticksOfDay;
  const utc = splitTicks(local - BigInt(moment.offsetMinutes ?? 0) * 600_000_000n);
  const pieces = stylePieces({ ...utc, offsetMinutes: null }, type, 126);
  return { ...pieces, time: `${pieces.time ?? ''}Z` };
}

/** A style that CONVERT does not know for the type: error 281. */
export class StyleError extends Error {
  readonly style: number;
  readonly type: string;
  constructor(style: number, type: string) {
    super(`${style} is not a valid style number when converting from ${type} to a character string.`);
    this.style = style;
    this.type = type;
  }
}

export function formatOffset(minutes: number): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

export type DateOrder = 'mdy' | 'dmy' | 'ymd' | 'ydm' | 'myd' | 'dym';

export type ParsedMoment = Moment & { hasDate: boolean; hasTime: boolean; fractionDigits: number; isIso: boolean };

/** Reads a text of any of the forms that date and time types take; undefined when it has none of them, 'range' when a part is out of its range. */
export function parseMoment(text: string, order: DateOrder): ParsedMoment | 'range' | undefined {
  const trimmed = text.trim();
  if (trimmed === '') {
    return {
      days: 693_595,
      ticksOfDay: 0n,
      offsetMinutes: null,
      hasDate: false,
      hasTime: false,
      fractionDigits: 0,
      isIso: false,
    };
  }
  const split = splitTime(trimmed);
  if (split === undefined) return undefined;
  const date = parseDate(split.date, order);
  if (date === undefined) return undefined;
  const time = split.time === '' ? noTime : parseTime(split.time);
  if (time === undefined) return undefined;
  if (split.isIsoT && (date.parts === null || split.time === '')) return undefined;
  if (time === 'range') return 'range';
  if (date.parts !== null) {
    const { year, month, day } = date.parts;
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return 'range';
  }
  const days = date.parts === null ? 693_595 : toDays(date.parts);
  return { days, ...time, hasDate: date.parts !== null, hasTime: split.time !== '', isIso: date.isIso };
}

const noTime = { ticksOfDay: 0n, offsetMinutes: null, fractionDigits: 0 };

function splitTime(text: string): { date: string; time: string; isIsoT: boolean } | undefined {
  const iso = /^(\d{4}-\d{2}-\d{2}|\d{8})T(.+)$/i.exec(text);
  if (iso) return { date: iso[1] ?? '', time: iso[2] ?? '', isIsoT: true };
  const match =
    /^(.*?)\s*((?:^|(?<=\s))\d{1,2}(?::\d{1,2}){1,2}(?:[.:]\d+)?\s*(?:[ap]m)?\s*(?:[+-]\d{1,2}:\d{2}|Z)?|(?:^|(?<=\s))\d{1,2}\s*[ap]m)$/i.exec(
      text,
    );
  return match
    ? { date: (match[1] ?? '').trim(), time: match[2] ?? '', isIsoT: false }
    : { date: text, time: '', isIsoT: false };
}

type DateParts = { year: number; month: number; day: number };

function parseDate(text: string, order: DateOrder): { parts: DateParts | null; isIso: boolean } | undefined {
  if (text === '') return { parts: null, isIso: false };
  const found = (year: string, month: string | number, day: string | number, isIso = false) => ({
    parts: { year: fullYear(year), month: Number(month), day: Number(day) },
    isIso,
  });
  const packed = /^(\d{4}|\d{2})(\d{2})(\d{2})$/.exec(text);
  if (packed) return found(packed[1] ?? '', packed[2] ?? '', packed[3] ?? '', true);
  if (/^\d{4}$/.test(text)) return found(text, 1, 1);
  const yearFirst = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})$/.exec(text);
  if (yearFirst) {
    const [, year = '', , a = '', b = ''] = yearFirst;
    return order === 'ydm' ? found(year, b, a) : found(year, a, b, true);
  }
  const numeric = /^(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})$/.exec(text);
  if (numeric) {
    const places = [numeric[1] ?? '', numeric[3] ?? '', numeric[4] ?? ''];
    const pick = (part: string): string => places[order.indexOf(part)] ?? '';
    return found(pick('y'), pick('m'), pick('d'));
  }
  return parseNamedMonth(text, found);
}

function parseNamedMonth<T>(text: string, found: (year: string, month: number, day: string) => T): T | undefined {
  const monthFirst = /^([a-z]{3,9})\s*(\d{1,2})?(?:\s*,\s*|\s+)(\d{2,4})$/i.exec(text);
  const dayFirst = /^(\d{1,2})[\s-]*([a-z]{3,9})[\s,-]*(\d{2,4})$/i.exec(text);
  const yearFirst = /^(\d{4})\s*([a-z]{3,9})\s*(\d{1,2})$/i.exec(text);
  const parts: [string, string, string] | null = monthFirst
    ? [monthFirst[3] ?? '', monthFirst[1] ?? '', monthFirst[2] ?? '1']
    : dayFirst
      ? [dayFirst[3] ?? '', dayFirst[2] ?? '', dayFirst[1] ?? '']
      : yearFirst
        ? [yearFirst[1] ?? '', yearFirst[2] ?? '', yearFirst[3] ?? '']
        : null;
  if (parts === null) return undefined;
  const month = monthNumber(parts[1]);
  return month === undefined ? undefined : found(parts[0], month, parts[2]);
}

const LONG_MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

function monthNumber(word: string): number | undefined {
  const lower = word.toLowerCase();
  const at = LONG_MONTHS.findIndex((month) => month === lower || month.slice(0, 3) === lower);
  return at < 0 ? undefined : at + 1;
}

/** Two digits: up to 49 in this century (two digit year cutoff 2049). */
function fullYear(text: string): number {
  const year = Number(text);
  return text.length > 2 ? year : year < 50 ? 2000 + year : 1900 + year;
}

function parseTime(
  text: string,
): { ticksOfDay: bigint; offsetMinutes: number | null; fractionDigits: number } | 'range' | undefined {
  const match =
    /^(\d{1,2})(?::(\d{1,2}))?(?::(\d{1,2})(?:([.:])(\d{1,9}))?)?\s*([ap]m)?\s*(?:([+-])(\d{1,2}):(\d{2})|(Z))?$/i.exec(
      text,
    );
  if (!match) return undefined;
  const [, h = '', m = '0', s = '0', mark = '.', fraction = '', half, sign, zoneHour, zoneMinute, zulu] = match;
  if (match[2] === undefined && half === undefined) return undefined;
  let hour = Number(h);
  if (half !== undefined) {
    if (hour > 12 && half.toLowerCase() === 'am') return 'range';
    if (hour <= 12) hour = (hour % 12) + (half.toLowerCase() === 'pm' ? 12 : 0);
  }
  if (hour > 23 || Number(m) > 59 || Number(s) > 59) return 'range';
  const offset = Number(zoneHour ?? 0) * 60 + Number(zoneMinute ?? 0);
  if (offset > 840 || Number(zoneMinute ?? 0) > 59) return 'range';
  if (mark === ':' && fraction.length > 3) return undefined;
  if (fraction.length > 7 && mark === '.') return undefined;
  const digits = mark === ':' ? fraction.padStart(3, '0').padEnd(7, '0') : fraction.padEnd(7, '0');
  const ticksOfDay =
    BigInt(hour * 3600 + Number(m) * 60 + Number(s)) * TICKS_PER_SECOND + BigInt(digits === '' ? 0 : digits);
  const offsetMinutes = zulu !== undefined ? 0 : sign === undefined ? null : sign === '-' ? -offset : offset;
  return { ticksOfDay, offsetMinutes, fractionDigits: fraction.length };
}
