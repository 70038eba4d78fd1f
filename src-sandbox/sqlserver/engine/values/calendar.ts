/** Days since 0001-01-01 of the proleptic Gregorian calendar and 100 ns ticks, which the wire counts in too. */
export const TICKS_PER_SECOND = 10_000_000n;
export const TICKS_PER_DAY = 864_000_000_000n;
/** 9999-12-31. */
export const LAST_DAY = 3_652_058;
/** 1900-01-01. */
export const DAY_1900 = 693_595;
/** 1753-01-01, the first of datetime. */
export const DAY_1753 = 639_905;

export type CivilDate = { year: number; month: number; day: number };

export function toDays({ year, month, day }: CivilDate): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 306;
}

export function fromDays(days: number): CivilDate {
  const z = days + 306;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted + (shifted < 10 ? 3 : -9);
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1,
  };
}

export const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

export function daysInMonth(year: number, month: number): number {
  return month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** `at` is a count of ticks; the parts of its wall clock. */
export type Clock = { hour: number; minute: number; second: number; ticks: number };

export function clockOf(ticksOfDay: bigint): Clock {
  const seconds = Number(ticksOfDay / TICKS_PER_SECOND);
  return {
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
    ticks: Number(ticksOfDay % TICKS_PER_SECOND),
  };
}

export function splitTicks(ticks: bigint): { days: number; ticksOfDay: bigint } {
  const ticksOfDay = ((ticks % TICKS_PER_DAY) + TICKS_PER_DAY) % TICKS_PER_DAY;
  return { days: Number((ticks - ticksOfDay) / TICKS_PER_DAY), ticksOfDay };
}

/** Rounds half up to `scale` digits of the second. */
export function roundTicks(ticks: bigint, scale: number): bigint {
  const unit = 10n ** BigInt(7 - scale);
  return ((ticks + unit / 2n) / unit) * unit;
}

/** Ticks since 0001-01-01 of 1/300 s since 1900-01-01; the wall clock as SQL Server shows it, to the millisecond (.000, .003, .007). */
export function datetimeToTicks(value: bigint): bigint {
  const perDay = 25_920_000n;
  const ofDay = ((value % perDay) + perDay) % perDay;
  const days = (value - ofDay) / perDay;
  const milliseconds = (ofDay * 10n + 1n) / 3n;
  return (days + BigInt(DAY_1900)) * TICKS_PER_DAY + milliseconds * 10_000n;
}

/** The same without rounding to milliseconds: datetime2 and datetimeoffset show a datetime in full since compatibility level 130. */
export function datetimeToExactTicks(value: bigint): bigint {
  const perDay = 25_920_000n;
  const ofDay = ((value % perDay) + perDay) % perDay;
  const days = (value - ofDay) / perDay;
  return (days + BigInt(DAY_1900)) * TICKS_PER_DAY + (ofDay * 100_000n + 1n) / 3n;
}

/** Rounds to the nearest 1/300 s. */
export function ticksToDatetime(ticks: bigint): bigint {
  const { days, ticksOfDay } = splitTicks(ticks);
  const units = (ticksOfDay * 3n + 50_000n) / 100_000n;
  return BigInt(days - DAY_1900) * 25_920_000n + units;
}

export function minutesToTicks(minutes: number): bigint {
  return BigInt(DAY_1900) * TICKS_PER_DAY + BigInt(minutes) * 600_000_000n;
}

/** Rounds to the nearest minute: 29.998 seconds and less down. https://learn.microsoft.com/en-us/sql/t-sql/data-types/smalldatetime-transact-sql */
export function ticksToMinutes(ticks: bigint): number {
  // By way of the 1/300 s of datetime, so that 29.999 seconds round up.
  const units = ticksToDatetime(ticks) + 9000n;
  const ofMinute = ((units % 18_000n) + 18_000n) % 18_000n;
  return Number((units - ofMinute) / 18_000n);
}
