import type { SqlType, SqlValue } from '../../engine-contract.ts';
import { plainText } from '../values/number-text.ts';
import type { Expression } from '../../sql/ast.ts';
import type { Binder, Scope, Typed } from '../bind/binder.ts';
import { convertTyped } from '../bind/convert-typed.ts';
import { constantOf } from '../bind/typed.ts';
import { errors, SqlError } from '../errors.ts';
import { BIGINT, DATE, DATETIME, INT, isDateTime, isNumber, isText, nvarchar, typeLabel } from '../sql-types.ts';
import {
  clockOf,
  daysInMonth,
  fromDays,
  LAST_DAY,
  roundTicks,
  splitTicks,
  TICKS_PER_DAY,
  TICKS_PER_SECOND,
  toDays,
} from '../values/calendar.ts';
import { convertValue } from '../values/convert.ts';
import { formatOffset, momentOf, type Moment } from '../values/date-text.ts';
import { zoneOffset } from '../values/time-zones.ts';
import { entry, script, type FunctionEntry, type FunctionTable } from './function-table.ts';

const PARTS: Readonly<Record<string, string>> = {
  year: 'year',
  yy: 'year',
  yyyy: 'year',
  quarter: 'quarter',
  qq: 'quarter',
  q: 'quarter',
  month: 'month',
  mm: 'month',
  m: 'month',
  dayofyear: 'dayofyear',
  dy: 'dayofyear',
  y: 'dayofyear',
  day: 'day',
  dd: 'day',
  d: 'day',
  week: 'week',
  wk: 'week',
  ww: 'week',
  weekday: 'weekday',
  dw: 'weekday',
  w: 'weekday',
  hour: 'hour',
  hh: 'hour',
  minute: 'minute',
  mi: 'minute',
  n: 'minute',
  second: 'second',
  ss: 'second',
  s: 'second',
  millisecond: 'millisecond',
  ms: 'millisecond',
  microsecond: 'microsecond',
  mcs: 'microsecond',
  nanosecond: 'nanosecond',
  ns: 'nanosecond',
  tzoffset: 'tzoffset',
  tz: 'tzoffset',
  iso_week: 'iso_week',
  isowk: 'iso_week',
  isoww: 'iso_week',
};

/** Ticks of the parts of a day. */
const UNITS: Readonly<Record<string, bigint>> = {
  hour: 36_000_000_000n,
  minute: 600_000_000n,
  second: TICKS_PER_SECOND,
  millisecond: 10_000n,
  microsecond: 10n,
};

function partOf(datePart: string | null, name: string): string {
  const part = PARTS[datePart ?? ''];
  if (part === undefined)
    throw new SqlError(155, `'${datePart ?? ''}' is not a recognized ${name.toLowerCase()} option.`, { severity: 15 });
  return part;
}

/** A date argument: text is datetime2 to the parts' functions and datetime2(7) or datetimeoffset by what it holds; numbers are datetime. */
function dateArgument(b: Binder, arg: Typed, name: string, place: number): Typed {
  if (arg.literal === 'null') return convertTyped(b, arg, { name: 'datetime' });
  if (isDateTime(arg.type)) return arg;
  if (isText(arg.type)) {
    const hasOffset = typeof arg.constant === 'string' && /([+-]\d{1,2}:\d{2}|Z)\s*$/i.test(arg.constant);
    return convertTyped(b, arg, hasOffset ? { name: 'datetimeoffset', scale: 7 } : { name: 'datetime2', scale: 7 });
  }
  if (isNumber(arg.type)) return convertTyped(b, arg, DATETIME);
  throw errors.argumentType(typeLabel(arg.type), place, name);
}

function requirePart(part: string, type: SqlType, name: string): void {
  const isTimePart = part in UNITS || part === 'nanosecond' || part === 'tzoffset';
  const fails = (type.name === 'date' && isTimePart && part !== 'tzoffset') || (type.name === 'time' && !isTimePart);
  if (
    !fails &&
    !(
      part === 'tzoffset' &&
      (type.name === 'date' || type.name === 'time' || type.name === 'datetime' || type.name === 'smalldatetime')
    )
  )
    return;
  throw new SqlError(
    9810,
    `The datepart ${part} is not supported by date function ${name.toLowerCase()} for data type ${type.name}.`,
  );
}

export function partValue(part: string, moment: Moment, dateFirst: number): number {
  const { year, month, day } = fromDays(moment.days);
  const clock = clockOf(moment.ticksOfDay);
  const dayOfYear = moment.days - toDays({ year, month: 1, day: 1 }) + 1;
  switch (part) {
    case 'year':
      return year;
    case 'quarter':
      return Math.floor((month + 2) / 3);
    case 'month':
      return month;
    case 'dayofyear':
      return dayOfYear;
    case 'day':
      return day;
    case 'week': {
      const first = weekday(toDays({ year, month: 1, day: 1 }), dateFirst);
      return Math.floor((dayOfYear + first - 2) / 7) + 1;
    }
    case 'weekday':
      return weekday(moment.days, dateFirst);
    case 'hour':
      return clock.hour;
    case 'minute':
      return clock.minute;
    case 'second':
      return clock.second;
    case 'millisecond':
      return Math.floor(clock.ticks / 10_000);
    case 'microsecond':
      return Math.floor(clock.ticks / 10);
    case 'nanosecond':
      return clock.ticks * 100;
    case 'tzoffset':
      return moment.offsetMinutes ?? 0;
    default:
      return isoWeek(moment.days);
  }
}

/** 1 is the first day of the week that DATEFIRST says; 0001-01-01 was a Monday. */
const weekday = (days: number, dateFirst: number): number => (((((days % 7) + 7) % 7) + 1 - dateFirst + 7) % 7) + 1;

function isoWeek(days: number): number {
  const thursday = days - (((days % 7) + 7) % 7) + 3;
  const { year } = fromDays(thursday);
  return Math.floor((thursday - toDays({ year, month: 1, day: 1 })) / 7) + 1;
}

const datePart = (name: 'DATEPART' | 'DATENAME'): FunctionEntry =>
  entry(1, 1, (b, [arg], context) => {
    const part = partOf(context.datePart, name);
    const value = dateArgument(b, arg as Typed, name, 2);
    requirePart(part, value.type, name);
    const { dateFirst } = b.environment;
    if (name === 'DATEPART') {
      return script(
        b,
        `DATEPART ${part} ${dateFirst}`,
        [value],
        INT,
        ([held]) => partValue(part, momentOf(held as SqlValue, value.type), dateFirst),
        { nullable: value.nullable },
      );
    }
    return script(
      b,
      `DATENAME ${part} ${dateFirst}`,
      [value],
      nvarchar(30, b.environment.database.collation),
      ([held]) => {
        const moment = momentOf(held as SqlValue, value.type);
        const number = partValue(part, moment, dateFirst);
        if (part === 'month') return MONTH_NAMES[number - 1] ?? '';
        if (part === 'weekday') return DAY_NAMES[((moment.days % 7) + 7) % 7] ?? '';
        return part === 'tzoffset' ? formatOffset(number) : String(number);
      },
    );
  });

const MONTH_NAMES = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const DAY_NAMES = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

const single = (name: string): [string, FunctionEntry] => [
  name,
  entry(1, 1, (b, [arg]) => {
    const value = dateArgument(b, arg as Typed, name, 1);
    requirePart(name.toLowerCase(), value.type, 'datepart');
    return script(
      b,
      name,
      [value],
      INT,
      ([held]) => partValue(name.toLowerCase(), momentOf(held as SqlValue, value.type), 7),
      { nullable: value.nullable },
    );
  }),
];

/** Back to a value of the type from its wall clock. */
function fromMoment(moment: Moment, type: SqlType, overflow: () => SqlError): SqlValue {
  if (moment.days < 0 || moment.days > LAST_DAY) throw overflow();
  const ticks = BigInt(moment.days) * TICKS_PER_DAY + moment.ticksOfDay;
  try {
    if (type.name === 'datetimeoffset') {
      return convertValue(
        {
          utcTicks: ticks - BigInt(moment.offsetMinutes ?? 0) * 600_000_000n,
          offsetMinutes: moment.offsetMinutes ?? 0,
        },
        { name: 'datetimeoffset', scale: 7 },
        type,
      );
    }
    if (type.name === 'datetime2') return roundTicks(ticks, type.scale ?? 7);
    return convertValue(ticks, { name: 'datetime2', scale: 7 }, type);
  } catch (error) {
    if (error instanceof SqlError) throw overflow();
    throw error;
  }
}

/** https://learn.microsoft.com/en-us/sql/t-sql/functions/dateadd-transact-sql */
function dateAdd(b: Binder, args: Typed[], written: string | null): Typed {
  const part = partOf(written, 'dateadd');
  const count = convertTyped(b, args[0] as Typed, BIGINT);
  const argument = args[1] as Typed;
  const value =
    isText(argument.type) || isNumber(argument.type)
      ? convertTyped(b, argument, DATETIME)
      : dateArgument(b, argument, 'dateadd', 3);
  requirePart(part, value.type, 'dateadd');
  if (part === 'tzoffset' || part === 'iso_week')
    throw new SqlError(9806, `The datepart ${part} is not supported by date function dateadd.`);
  const { type } = value;
  return script(
    b,
    `DATEADD ${part}`,
    [count, value],
    type,
    ([number, held]) => {
      const n = number as bigint;
      if (n > 2_147_483_647n || n < -2_147_483_648n) throw errors.overflowConverting('int');
      return addPart(part, Number(n), { held: held as SqlValue, type });
    },
    { nullable: value.nullable || count.nullable },
  );
}

function addPart(part: string, count: number, of: { held: SqlValue; type: SqlType }): SqlValue {
  const { type, held } = of;
  const moment = momentOf(held, type);
  const overflow = (): SqlError => errors.dateOverflow(type.name);
  if (type.name === 'datetime' && part === 'millisecond') {
    const units = BigInt(Math.round((count * 3) / 10));
    const moved = (held as bigint) + units;
    return moved;
  }
  const months = part === 'year' ? count * 12 : part === 'quarter' ? count * 3 : part === 'month' ? count : null;
  if (months !== null) {
    const { year, month, day } = fromDays(moment.days);
    const index = year * 12 + month - 1 + months;
    const newYear = Math.floor(index / 12);
    if (newYear < 1 || newYear > 9999) throw overflow();
    const newMonth = index - newYear * 12 + 1;
    const days = toDays({ year: newYear, month: newMonth, day: Math.min(day, daysInMonth(newYear, newMonth)) });
    return exact(held, type, moment, { ...moment, days }, overflow);
  }
  const days = part === 'week' ? count * 7 : ['day', 'dayofyear', 'weekday'].includes(part) ? count : null;
  if (days !== null) return exact(held, type, moment, { ...moment, days: moment.days + days }, overflow);
  const ticks = part === 'nanosecond' ? BigInt(Math.trunc(count / 100)) : BigInt(count) * (UNITS[part] ?? 0n);
  if (type.name === 'time')
    return roundTicks((((moment.ticksOfDay + ticks) % TICKS_PER_DAY) + TICKS_PER_DAY) % TICKS_PER_DAY, type.scale ?? 7);
  if (type.name === 'datetime') return (held as bigint) + (ticks * 3n) / 100_000n;
  const split = splitTicks(BigInt(moment.days) * TICKS_PER_DAY + moment.ticksOfDay + ticks);
  return fromMoment({ ...split, offsetMinutes: moment.offsetMinutes }, type, overflow);
}

/** A datetime moves by whole days without going through milliseconds. */
function exact(held: SqlValue, type: SqlType, from: Moment, to: Moment, overflow: () => SqlError): SqlValue {
  if (type.name !== 'datetime') return fromMoment(to, type, overflow);
  if (to.days < 639_905 || to.days > LAST_DAY) throw overflow();
  return (held as bigint) + BigInt(to.days - from.days) * 25_920_000n;
}

/** Boundaries of the part crossed between two moments. https://learn.microsoft.com/en-us/sql/t-sql/functions/datediff-transact-sql */
function dateDiff(b: Binder, args: Typed[], written: string | null, big: boolean): Typed {
  const name = big ? 'datediff_big' : 'datediff';
  const part = partOf(written, name);
  const values = args.map((arg, i) => dateArgument(b, arg, name, i + 2));
  if (part === 'tzoffset' || part === 'iso_week')
    throw new SqlError(9806, `The datepart ${part} is not supported by date function ${name}.`);
  const { dateFirst } = b.environment;
  void dateFirst;
  return script(b, `${name} ${part}`, values, big ? BIGINT : INT, ([a, z]) => {
    const from = utcMoment(a as SqlValue, (values[0] as Typed).type);
    const to = utcMoment(z as SqlValue, (values[1] as Typed).type);
    const difference = partsBetween(part, from, to);
    if (big) return difference;
    if (difference > 2_147_483_647n || difference < -2_147_483_648n) {
      throw new SqlError(
        535,
        'The datediff function resulted in an overflow. The number of dateparts separating two date/time instances is too large. Try to use datediff with a less precise datepart.',
      );
    }
    return Number(difference);
  });
}

function utcMoment(value: SqlValue, type: SqlType): Moment {
  if (type.name !== 'datetimeoffset') return momentOf(value, type);
  return { ...splitTicks((value as { utcTicks: bigint }).utcTicks), offsetMinutes: null };
}

function partsBetween(part: string, from: Moment, to: Moment): bigint {
  const [a, z] = [fromDays(from.days), fromDays(to.days)];
  const days = to.days - from.days;
  const months = (z.year - a.year) * 12 + z.month - a.month;
  switch (part) {
    case 'year':
      return BigInt(z.year - a.year);
    case 'quarter':
      return BigInt((z.year - a.year) * 4 + Math.floor((z.month - 1) / 3) - Math.floor((a.month - 1) / 3));
    case 'month':
      return BigInt(months);
    case 'day':
    case 'dayofyear':
    case 'weekday':
      return BigInt(days);
    case 'week':
      // Weeks begin on Sunday here, whatever DATEFIRST is.
      return BigInt(Math.floor((to.days + 1) / 7) - Math.floor((from.days + 1) / 7));
    default: {
      const unit = part === 'nanosecond' ? 1n : (UNITS[part] ?? 1n);
      const count =
        (BigInt(to.days) * TICKS_PER_DAY + to.ticksOfDay) / unit -
        (BigInt(from.days) * TICKS_PER_DAY + from.ticksOfDay) / unit;
      return part === 'nanosecond' ? count * 100n : count;
    }
  }
}

const now = (type: SqlType, utc = true): FunctionEntry =>
  entry(0, 0, (b) => {
    void utc;
    const ticks = BigInt(b.environment.now.getTime()) * 10_000n + 621_355_968_000_000_000n;
    const value =
      type.name === 'datetimeoffset'
        ? { utcTicks: ticks, offsetMinutes: 0 }
        : convertValue(ticks, { name: 'datetime2', scale: 7 }, type);
    return constantOf(b, value, type);
  });

const dt2: SqlType = { name: 'datetime2', scale: 7 };

/** Builds a value from its parts; 289 when they make none. */
function fromParts(
  name: string,
  count: number,
  type: (args: Typed[]) => SqlType,
  make: (parts: number[], type: SqlType) => SqlValue,
): [string, FunctionEntry] {
  return [
    name,
    entry(count, count, (b, args) => {
      const result = type(args);
      const ints = args.map((arg) => convertTyped(b, arg, INT));
      return script(b, `${name} ${result.scale ?? ''}`, ints, result, (values) => {
        try {
          return make(values as number[], result);
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          throw new SqlError(
            289,
            `Cannot construct data type ${result.name}, some of the arguments have values which are not valid.`,
          );
        }
      });
    }),
  ];
}

function daysFrom(year: number, month: number, day: number): number {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month))
    throw new RangeError();
  return toDays({ year, month, day });
}

function ticksFrom(hour: number, minute: number, second: number, fraction: number, scale: number): bigint {
  if (
    hour < 0 ||
    hour > 23 ||
    minute < 0 ||
    minute > 59 ||
    second < 0 ||
    second > 59 ||
    fraction < 0 ||
    fraction >= 10 ** scale
  )
    throw new RangeError();
  return BigInt(hour * 3600 + minute * 60 + second) * TICKS_PER_SECOND + BigInt(fraction) * 10n ** BigInt(7 - scale);
}

function lastScale(name: SqlType['name']): (args: Typed[]) => SqlType {
  return (args) => {
    const scale = args.at(-1)?.constant;
    if (typeof scale !== 'number' || scale < 0 || scale > 7) {
      throw new SqlError(
        10760,
        `Scale argument is not valid. Valid expressions for data type ${name} scale argument are integer constants and integer constant expressions.`,
      );
    }
    return { name, scale };
  };
}

function eoMonth(b: Binder, args: Typed[]): Typed {
  const value = convertTyped(b, args[0] as Typed, DATE);
  const months = args[1] === undefined ? constantOf(b, 0, INT) : convertTyped(b, args[1], INT);
  return script(b, 'EOMONTH', [value, months], DATE, ([days, add]) => {
    const { year, month } = fromDays(days as number);
    const index = year * 12 + month - 1 + (add as number);
    const newYear = Math.floor(index / 12);
    if (newYear < 1 || newYear > 9999) throw errors.dateOverflow('date');
    const newMonth = index - newYear * 12 + 1;
    return toDays({ year: newYear, month: newMonth, day: daysInMonth(newYear, newMonth) });
  });
}

function offsetOf(value: SqlValue): number {
  if (typeof value === 'number') return value;
  const match = /^([+-])(\d{1,2}):(\d{2})$/.exec(plainText(value).trim());
  const minutes = match === null ? NaN : Number(match[2]) * 60 + Number(match[3]);
  if (!(minutes <= 840)) throw new SqlError(9812, 'The timezone provided to builtin function switchoffset is invalid.');
  return match?.[1] === '-' ? -minutes : minutes;
}

function offsetFunction(name: 'SWITCHOFFSET' | 'TODATETIMEOFFSET'): FunctionEntry {
  return entry(2, 2, (b, args) => {
    const source = dateArgument(b, args[0] as Typed, name, 1);
    const scale = source.type.scale ?? (source.type.name === 'datetime' ? 3 : 7);
    const type: SqlType = { name: 'datetimeoffset', scale };
    const zoneArg = args[1] as Typed;
    const zone = isText(zoneArg.type) ? zoneArg : convertTyped(b, zoneArg, INT);
    return script(b, name, [convertTyped(b, source, type), zone], type, ([value, by]) => {
      const { utcTicks, offsetMinutes } = value as { utcTicks: bigint; offsetMinutes: number };
      const offset = offsetOf(by as SqlValue);
      if (name === 'SWITCHOFFSET') return { utcTicks, offsetMinutes: offset };
      return { utcTicks: utcTicks + BigInt(offsetMinutes - offset) * 600_000_000n, offsetMinutes: offset };
    });
  });
}

/** https://learn.microsoft.com/en-us/sql/t-sql/functions/date-and-time-data-types-and-functions-transact-sql */
export const DATE_FUNCTIONS: FunctionTable = new Map<string, FunctionEntry>([
  ['DATEPART', datePart('DATEPART')],
  ['DATENAME', datePart('DATENAME')],
  single('YEAR'),
  single('MONTH'),
  single('DAY'),
  ['DATEADD', entry(2, 2, (b, args, context) => dateAdd(b, args, context.datePart))],
  ['DATEDIFF', entry(2, 2, (b, args, context) => dateDiff(b, args, context.datePart, false))],
  ['DATEDIFF_BIG', entry(2, 2, (b, args, context) => dateDiff(b, args, context.datePart, true))],
  ['EOMONTH', entry(1, 2, eoMonth)],
  ['GETDATE', now(DATETIME)],
  ['GETUTCDATE', now(DATETIME)],
  ['SYSDATETIME', now(dt2)],
  ['SYSUTCDATETIME', now(dt2)],
  ['SYSDATETIMEOFFSET', now({ name: 'datetimeoffset', scale: 7 })],
  ['SWITCHOFFSET', offsetFunction('SWITCHOFFSET')],
  ['TODATETIMEOFFSET', offsetFunction('TODATETIMEOFFSET')],
  fromParts(
    'DATEFROMPARTS',
    3,
    () => DATE,
    ([year = 0, month = 0, day = 0]) => daysFrom(year, month, day),
  ),
  fromParts('TIMEFROMPARTS', 5, lastScale('time'), ([h = 0, m = 0, s = 0, f = 0], type) =>
    ticksFrom(h, m, s, f, type.scale ?? 7),
  ),
  fromParts(
    'DATETIMEFROMPARTS',
    7,
    () => DATETIME,
    ([year = 0, month = 0, day = 0, h = 0, m = 0, s = 0, ms = 0]) =>
      convertValue(BigInt(daysFrom(year, month, day)) * TICKS_PER_DAY + ticksFrom(h, m, s, ms, 3), dt2, DATETIME),
  ),
  fromParts(
    'SMALLDATETIMEFROMPARTS',
    5,
    () => ({ name: 'smalldatetime' }),
    ([year = 0, month = 0, day = 0, h = 0, m = 0]) =>
      convertValue(BigInt(daysFrom(year, month, day)) * TICKS_PER_DAY + ticksFrom(h, m, 0, 0, 0), dt2, {
        name: 'smalldatetime',
      }),
  ),
  fromParts(
    'DATETIME2FROMPARTS',
    8,
    lastScale('datetime2'),
    ([year = 0, month = 0, day = 0, h = 0, m = 0, s = 0, f = 0], type) =>
      BigInt(daysFrom(year, month, day)) * TICKS_PER_DAY + ticksFrom(h, m, s, f, type.scale ?? 7),
  ),
  fromParts(
    'DATETIMEOFFSETFROMPARTS',
    10,
    lastScale('datetimeoffset'),
    ([year = 0, month = 0, day = 0, h = 0, m = 0, s = 0, f = 0, zh = 0, zm = 0], type) => {
      const offsetMinutes = zh * 60 + zm;
      if (Math.abs(offsetMinutes) > 840) throw new RangeError();
      const local = BigInt(daysFrom(year, month, day)) * TICKS_PER_DAY + ticksFrom(h, m, s, f, type.scale ?? 7);
      return { utcTicks: local - BigInt(offsetMinutes) * 600_000_000n, offsetMinutes };
    },
  ),
]);

/** https://learn.microsoft.com/en-us/sql/t-sql/queries/at-time-zone-transact-sql */
export function bindAtTimeZone(
  b: Binder,
  expression: Extract<Expression, { kind: 'at-time-zone' }>,
  scope: Scope,
): Typed {
  const operand = dateArgument(b, b.expression(expression.operand, scope), 'AT TIME ZONE', 1);
  const zone = convertTyped(b, b.expression(expression.zone, scope), nvarchar(128));
  const scale =
    operand.type.scale ?? (operand.type.name === 'datetime' ? 3 : operand.type.name === 'smalldatetime' ? 0 : 7);
  const type: SqlType = { name: 'datetimeoffset', scale };
  const hasOffset = operand.type.name === 'datetimeoffset';
  return script(b, `AT TIME ZONE ${hasOffset}`, [convertTyped(b, operand, type), zone], type, ([value, name]) => {
    const { utcTicks } = value as { utcTicks: bigint; offsetMinutes: number };
    const offset = zoneOffset(name as string, utcTicks, !hasOffset);
    if (offset === undefined) {
      throw new SqlError(
        9820,
        `The time zone parameter '${name as string}' provided to AT TIME ZONE clause is invalid.`,
      );
    }
    return hasOffset
      ? { utcTicks, offsetMinutes: offset }
      : { utcTicks: utcTicks - BigInt(offset) * 600_000_000n, offsetMinutes: offset };
  });
}
