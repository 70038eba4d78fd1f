import type { SqlType, SqlValue } from '../../engine-contract.ts';
import { errors, SqlError } from '../errors.ts';
import { isBinary, isNumber, isText, typeLabel } from '../sql-types.ts';
import {
  DAY_1753,
  DAY_1900,
  datetimeToExactTicks,
  LAST_DAY,
  roundTicks,
  splitTicks,
  ticksToDatetime,
  ticksToMinutes,
  TICKS_PER_DAY,
} from './calendar.ts';
import { momentOf, parseMoment, type DateOrder, type ParsedMoment } from './date-text.ts';
import type { ConvertOptions } from './convert.ts';
import { formatScaled } from './number-text.ts';

/** Order of day and month that the styles of CONVERT read by. */
const STYLE_ORDER: Readonly<Record<number, DateOrder>> = {
  1: 'mdy',
  2: 'ymd',
  3: 'dmy',
  4: 'dmy',
  5: 'dmy',
  10: 'mdy',
  11: 'ymd',
  12: 'ymd',
  20: 'ymd',
  21: 'ymd',
  23: 'ymd',
  25: 'ymd',
  101: 'mdy',
  102: 'ymd',
  103: 'dmy',
  104: 'dmy',
  105: 'dmy',
  110: 'mdy',
  111: 'ymd',
  112: 'ymd',
  120: 'ymd',
  121: 'ymd',
  126: 'ymd',
  127: 'ymd',
};

export function convertToDateTime(value: SqlValue, from: SqlType, to: SqlType, options: ConvertOptions): SqlValue {
  if (isText(from) || from.name === 'xml') return fromText(value as string, from, to, options);
  if (isNumber(from)) return fromNumber(value, from, to);
  if (isBinary(from)) throw errors.unsupported(`a conversion from ${from.name} to ${to.name}`);
  if (from.name === to.name && (from.scale ?? 7) <= (to.scale ?? 7)) return value;
  if (from.name === 'datetimeoffset' && to.name === 'datetimeoffset') {
    const { utcTicks, offsetMinutes } = value as { utcTicks: bigint; offsetMinutes: number };
    return { utcTicks: roundTicks(utcTicks, to.scale ?? 7), offsetMinutes };
  }
  if (from.name === 'datetime' && to.name !== 'smalldatetime' && to.name !== 'date') {
    const exact = datetimeToExactTicks(value as bigint);
    return fromTicks({ ticks: exact, offsetMinutes: 0, isTime: false }, from, to);
  }
  const moment = momentOf(value, from);
  const ticks = BigInt(moment.days) * TICKS_PER_DAY + moment.ticksOfDay;
  return fromTicks({ ticks, offsetMinutes: moment.offsetMinutes ?? 0, isTime: from.name === 'time' }, from, to);
}

/** `ticks` on the wall clock. */
function fromTicks(
  local: { ticks: bigint; offsetMinutes: number; isTime: boolean },
  from: SqlType,
  to: SqlType,
): SqlValue {
  const { ticks, offsetMinutes } = local;
  const scale = to.scale ?? 7;
  switch (to.name) {
    case 'date':
      if (local.isTime) throw errors.noExplicitConversion(from.name, 'date');
      return splitTicks(ticks).days;
    case 'time':
      // Rounding up to midnight wraps around within a conversion to time.
      return roundTicks(splitTicks(ticks).ticksOfDay, scale) % TICKS_PER_DAY;
    case 'datetime2': {
      const rounded = roundTicks(ticks, scale);
      return rounded >= BigInt(LAST_DAY + 1) * TICKS_PER_DAY ? ticks - (ticks % 10n ** BigInt(7 - scale)) : rounded;
    }
    case 'datetimeoffset': {
      const utcTicks = roundTicks(ticks, scale) - BigInt(offsetMinutes) * 600_000_000n;
      if (utcTicks < 0n || utcTicks >= BigInt(LAST_DAY + 1) * TICKS_PER_DAY) {
        throw errors.dateOutOfRange(typeLabel(from), 'datetimeoffset');
      }
      return { utcTicks, offsetMinutes };
    }
    case 'datetime': {
      const units = ticksToDatetime(ticks);
      if (splitTicks(ticks).days < DAY_1753) throw errors.dateOutOfRange(typeLabel(from), 'datetime');
      return units;
    }
    default: {
      const minutes = ticksToMinutes(ticks);
      if (minutes < 0 || minutes >= 65_536 * 1440) throw errors.dateOutOfRange(typeLabel(from), 'smalldatetime');
      return minutes;
    }
  }
}

function fromNumber(value: SqlValue, from: SqlType, to: SqlType): SqlValue {
  if (to.name !== 'datetime' && to.name !== 'smalldatetime') throw errors.operandClash(from.name, to.name);
  const days =
    typeof value === 'bigint' && from.name !== 'bigint' ? Number(formatScaled(value, from.scale ?? 4)) : Number(value);
  const units = BigInt(Math.round(days * 25_920_000));
  if (units < BigInt(DAY_1753 - DAY_1900) * 25_920_000n || days >= LAST_DAY + 1 - DAY_1900) {
    throw errors.overflowConverting(to.name);
  }
  if (to.name === 'datetime') return units;
  const minutes = Math.round(days * 1440);
  if (minutes < 0 || minutes >= 65_536 * 1440) throw errors.overflowConverting('smalldatetime');
  return minutes;
}

function fromText(text: string, from: SqlType, to: SqlType, options: ConvertOptions): SqlValue {
  const order = (options.style === null ? undefined : STYLE_ORDER[options.style]) ?? options.order;
  const isOld = to.name === 'datetime' || to.name === 'smalldatetime';
  const parsed = parseMoment(text, order);
  if (parsed === undefined) throw to.name === 'smalldatetime' ? smallFailure() : errors.dateFromText();
  if (parsed === 'range') throw isOld ? errors.dateOutOfRange(typeLabel(from), to.name) : errors.dateFromText();
  return checked(parsed, from, to);
}

const smallFailure = (): SqlError =>
  new SqlError(295, 'Conversion failed when converting character string to smalldatetime data type.', { state: 3 });

function checked(parsed: ParsedMoment, from: SqlType, to: SqlType): SqlValue {
  const isOld = to.name === 'datetime' || to.name === 'smalldatetime';
  if (isOld && (parsed.offsetMinutes !== null || parsed.fractionDigits > 3)) {
    throw to.name === 'smalldatetime' ? smallFailure() : errors.dateFromText();
  }
  const ticks = BigInt(parsed.days) * TICKS_PER_DAY + parsed.ticksOfDay;
  if (isOld && parsed.days < DAY_1753) throw errors.dateOutOfRange(typeLabel(from), to.name);
  // An offset in a text for a type without one is read and dropped.
  return fromTicks({ ticks, offsetMinutes: parsed.offsetMinutes ?? 0, isTime: false }, from, to);
}
