import type { TypedSql } from '../../commands/command.ts';
import { quoteText } from '../../engine/database.ts';
import { errors, SnowflakeError } from '../../errors.ts';
import { types, type SnowflakeType } from '../data-type.ts';
import { cast, type Translator } from '../translate-expression.ts';
import { rule, type CallTools, type FunctionTable } from './rule.ts';

const ALIASES: [string, RegExp][] = [
  ['year', /^(YEAR|YYYY|YYY|YY|Y)S?$/],
  ['quarter', /^(QUARTER|QTR|Q)S?$/],
  ['month', /^(MONTH|MM|MON)S?$/],
  ['week', /^(WEEK|W|WK|WEEKOFYEAR|WOY|WY|WEEKISO)S?$/],
  ['day', /^(DAY|DD|D|DAYOFMONTH)S?$/],
  ['dayofweek', /^(DAYOFWEEK|WEEKDAY|DOW|DW)$/],
  ['dayofweekiso', /^(DAYOFWEEKISO|DAYOFWEEK_ISO|WEEKDAY_ISO|DOW_ISO|DW_ISO)$/],
  ['dayofyear', /^(DAYOFYEAR|YEARDAY|DOY|DY)$/],
  ['hour', /^(HOUR|HH|H|HR)S?$/],
  ['minute', /^(MINUTE|MI|M|MIN)S?$/],
  ['second', /^(SECOND|SS|S|SEC)S?$/],
  ['millisecond', /^(MILLISECOND|MS|MSEC)S?$/],
  ['microsecond', /^(MICROSECOND|US|USEC)S?$/],
  ['nanosecond', /^(NANOSECOND|NS|NSEC|NANOSEC)S?$/],
  ['epoch_second', /^(EPOCH_SECOND|EPOCH)S?$/],
  ['epoch_millisecond', /^EPOCH_MILLISECONDS?$/],
  ['epoch_microsecond', /^EPOCH_MICROSECONDS?$/],
  ['epoch_nanosecond', /^EPOCH_NANOSECONDS?$/],
  ['timezone_hour', /^(TIMEZONE_HOUR|TZH)$/],
  ['timezone_minute', /^(TIMEZONE_MINUTE|TZM)$/],
];

/** Nanoseconds of the units of fixed length. */
const NANOS: Record<string, bigint> = {
  week: 604_800_000_000_000n,
  day: 86_400_000_000_000n,
  hour: 3_600_000_000_000n,
  minute: 60_000_000_000n,
  second: 1_000_000_000n,
  millisecond: 1_000_000n,
  microsecond: 1000n,
  nanosecond: 1n,
};

function partOf(text: string): string {
  const found = ALIASES.find(([, pattern]) => pattern.test(text.toUpperCase()));
  if (found) return found[0];
  throw new SnowflakeError('001003', '42000', `SQL compilation error:\n'${text}' is not a valid date/time component.`);
}

function constantPart(value: TypedSql): string {
  const match = /^'([A-Za-z_]+)'$/.exec(value.sql);
  if (!match) throw errors.notInPractice('a date part that is no literal');
  return partOf(match[1] ?? '');
}

/** The wall clock of a date or timestamp as nanoseconds without zone. */
function wall(value: TypedSql, t: Translator): string {
  if (value.type.kind === 'time') return `CAST(${value.sql} AS HUGEINT)`;
  return cast(value.type.kind === 'text' ? cast(value, types.ntz(), t) : value, types.ntz(), t).sql;
}

const stamp = (nanos: string): string => `make_timestamp(CAST(sf_floor_div(${nanos}, 1000) AS BIGINT))`;
const whole = (sql: string, precision = 9): TypedSql => ({
  sql: `CAST(${sql} AS DECIMAL(${precision},0))`,
  type: types.number(precision, 0),
});

/** EXTRACT and DATE_PART. https://docs.snowflake.com/en/sql-reference/functions/date_part */
export function extractPart(text: string, value: TypedSql, t: Translator): TypedSql {
  const part = partOf(text);
  const nanos = wall(value, t);
  if (part.startsWith('epoch')) {
    const instant =
      value.type.kind === 'timestamp_tz' || value.type.kind === 'timestamp_ltz'
        ? cast(value, types.ltz(), t).sql
        : nanos;
    const unit =
      { epoch_second: 1_000_000_000, epoch_millisecond: 1_000_000, epoch_microsecond: 1000, epoch_nanosecond: 1 }[
        part
      ] ?? 1;
    return whole(`sf_floor_div(${instant}, ${unit})`, 38);
  }
  switch (part) {
    case 'nanosecond':
      return whole(`sf_floor_mod(${nanos}, 1000000000)`);
    case 'microsecond':
      return whole(`sf_floor_mod(${nanos}, 1000000000) // 1000`);
    case 'millisecond':
      return whole(`sf_floor_mod(${nanos}, 1000000000) // 1000000`);
    case 'dayofweek':
      return whole(`dayofweek(${stamp(nanos)})`);
    case 'dayofweekiso':
      return whole(`isodow(${stamp(nanos)})`);
    case 'timezone_hour':
    case 'timezone_minute': {
      if (value.type.kind !== 'timestamp_tz') throw errors.notInPractice(`${part} of this type`);
      const offset = `CAST(${value.sql} - sf_instant(${value.sql}) * 4096 - 1440 AS INTEGER)`;
      return whole(part === 'timezone_hour' ? `(${offset} // 60)` : `(${offset} % 60)`);
    }
    default:
      return whole(`date_part('${part === 'dayofyear' ? 'doy' : part}', ${stamp(nanos)})`);
  }
}

/** DATEADD. Months and years clip to the month's last day; a date stays a date for units of a day and longer. */
function dateAdd([unit, amount, value]: TypedSql[], tools: CallTools): TypedSql {
  const part = constantPart(unit as TypedSql);
  const from =
    (value as TypedSql).type.kind === 'text' ? tools.cast(value as TypedSql, types.ntz()) : (value as TypedSql);
  const count = `CAST(${tools.cast(amount as TypedSql, types.number(38, 0)).sql} AS BIGINT)`;
  const months = { year: 12, quarter: 3, month: 1 }[part];
  if (from.type.kind === 'time') {
    if (months || part === 'day' || part === 'week') throw errors.notInPractice('DATEADD of days to a TIME');
    return {
      sql: `CAST(sf_floor_mod(CAST(${from.sql} AS HUGEINT) + ${count} * ${NANOS[part]}, 86400000000000) AS BIGINT)`,
      type: from.type,
    };
  }
  const isDate = from.type.kind === 'date';
  const staysDate = isDate && (months !== undefined || part === 'day' || part === 'week');
  const nanos = wall(from, tools.t);
  const moved = months
    ? `(CAST(epoch_us(${stamp(nanos)} + to_months(CAST(${count} * ${months} AS INTEGER))) AS HUGEINT) * 1000 + sf_floor_mod(${nanos}, 1000))`
    : `(${nanos} + CAST(${count} AS HUGEINT) * ${NANOS[part]})`;
  const result: TypedSql = { sql: moved, type: types.ntz() };
  if (staysDate) return tools.cast(result, types.date);
  if (isDate) return result;
  if (from.type.kind === 'timestamp_tz') {
    const offset = `(${from.sql} - sf_instant(${from.sql}) * 4096)`;
    return { sql: `((${moved} - (${offset} - 1440) * 60000000000) * 4096 + ${offset})`, type: from.type };
  }
  return tools.cast(result, from.type);
}

/** DATEDIFF counts the boundaries crossed. */
function dateDiff([unit, a, b]: TypedSql[], tools: CallTools): TypedSql {
  const part = constantPart(unit as TypedSql);
  const [from, to] = [wall(a as TypedSql, tools.t), wall(b as TypedSql, tools.t)];
  if (part === 'year' || part === 'quarter' || part === 'month')
    return whole(`date_diff('${part}', ${stamp(from)}, ${stamp(to)})`);
  if (part === 'week') return whole(`date_diff('week', ${stamp(from)}, ${stamp(to)})`);
  const size = NANOS[part];
  if (!size) throw errors.notInPractice(`DATEDIFF by ${part}`);
  return whole(`(sf_floor_div(${to}, ${size}) - sf_floor_div(${from}, ${size}))`, 38);
}

export function dateTrunc(unit: TypedSql, value: TypedSql, t: Translator): TypedSql {
  const part = constantPart(unit);
  const from = value.type.kind === 'text' ? cast(value, types.ntz(), t) : value;
  const nanos = wall(from, t);
  const size = NANOS[part];
  const cut =
    size && part !== 'week'
      ? `(sf_floor_div(${nanos}, ${size}) * ${size})`
      : `(CAST(epoch_us(CAST(date_trunc('${part}', ${stamp(nanos)}) AS TIMESTAMP)) AS HUGEINT) * 1000)`;
  if (from.type.kind === 'time') return { sql: `CAST(${cut} AS BIGINT)`, type: from.type };
  const result: TypedSql = { sql: cut, type: types.ntz() };
  if (from.type.kind === 'timestamp_tz') {
    const offset = `(${from.sql} - sf_instant(${from.sql}) * 4096)`;
    return { sql: `((${cut} - (${offset} - 1440) * 60000000000) * 4096 + ${offset})`, type: from.type };
  }
  return cast(result, from.type, t);
}

/** CONVERT_TIMEZONE(source, target, ntz) gives NTZ; CONVERT_TIMEZONE(target, any) gives TZ. */
function convertTimezone(args: TypedSql[], tools: CallTools): TypedSql {
  const zone = (index: number): string => {
    const text = tools.constant(index);
    if (text === undefined) throw errors.notInPractice('CONVERT_TIMEZONE with a zone that is no literal');
    return quoteText(text);
  };
  if (args.length === 3) {
    const value = tools.cast(args[2] as TypedSql, types.ntz());
    return { sql: `sf_ntz_of_ltz(sf_ltz_of_ntz(${value.sql}, ${zone(0)}), ${zone(1)})`, type: types.ntz() };
  }
  const instant = tools.cast(args[1] as TypedSql, types.ltz());
  return { sql: `sf_tz_of_ltz(${instant.sql}, ${zone(0)})`, type: types.tz() };
}

const part = (name: string): FunctionTable[string] =>
  rule(1, 1, ([a], tools) => extractPart(name, a as TypedSql, tools.t));

function fromParts(to: SnowflakeType): FunctionTable[string] {
  return rule(to.kind === 'date' ? 3 : 6, to.kind === 'date' ? 3 : 7, (args, tools) => {
    const [year, month, day, hour, minute, second, nano] = args.map(
      (a) => `CAST(${tools.cast(a, types.number(38, 0)).sql} AS BIGINT)`,
    );
    const start = `(make_date(${year}, 1, 1) + to_months(CAST(${month} - 1 AS INTEGER)) + to_days(CAST(${day} - 1 AS INTEGER)))`;
    if (to.kind === 'date') return { sql: `CAST(${start} AS DATE)`, type: types.date };
    const seconds = `(${hour} * 3600 + ${minute} * 60 + ${second})`;
    const nanos = `(CAST(epoch_us(${start}) AS HUGEINT) * 1000 + CAST(${seconds} AS HUGEINT) * 1000000000 + ${nano ?? 0})`;
    return tools.cast({ sql: nanos, type: types.ntz() }, to);
  });
}

/** https://docs.snowflake.com/en/sql-reference/functions-date-time */
export const dateFunctions: FunctionTable = {
  DATEADD: rule(3, 3, dateAdd),
  TIMESTAMPADD: rule(3, 3, dateAdd),
  TIMEADD: rule(3, 3, dateAdd),
  DATEDIFF: rule(3, 3, dateDiff),
  TIMESTAMPDIFF: rule(3, 3, dateDiff),
  TIMEDIFF: rule(3, 3, dateDiff),
  DATE_TRUNC: rule(2, 2, ([unit, value], tools) => dateTrunc(unit as TypedSql, value as TypedSql, tools.t)),
  DATE_PART: rule(2, 2, ([unit, value], tools) =>
    extractPart(constantText(unit as TypedSql), value as TypedSql, tools.t),
  ),
  CONVERT_TIMEZONE: rule(2, 3, convertTimezone),
  YEAR: part('YEAR'),
  QUARTER: part('QUARTER'),
  MONTH: part('MONTH'),
  WEEK: part('WEEK'),
  WEEKISO: part('WEEKISO'),
  DAY: part('DAY'),
  DAYOFMONTH: part('DAY'),
  DAYOFWEEK: part('DAYOFWEEK'),
  DAYOFWEEKISO: part('DAYOFWEEKISO'),
  DAYOFYEAR: part('DAYOFYEAR'),
  HOUR: part('HOUR'),
  MINUTE: part('MINUTE'),
  SECOND: part('SECOND'),
  DATE_FROM_PARTS: fromParts(types.date),
  TIMESTAMP_FROM_PARTS: fromParts(types.ntz()),
  TIMESTAMP_NTZ_FROM_PARTS: fromParts(types.ntz()),
  LAST_DAY: rule(1, 1, ([a], tools) => ({
    sql: `last_day(${tools.cast(a as TypedSql, types.date).sql})`,
    type: types.date,
  })),
  ADD_MONTHS: rule(2, 2, ([value, amount], tools) =>
    dateAdd([{ sql: "'MONTH'", type: types.text() }, amount as TypedSql, value as TypedSql], tools),
  ),
};

function constantText(value: TypedSql): string {
  const match = /^'([A-Za-z_]+)'$/.exec(value.sql);
  if (!match) throw errors.notInPractice('a date part that is no literal');
  return match[1] ?? '';
}
