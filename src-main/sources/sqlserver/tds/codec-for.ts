import type { Carrier } from '#shared/model/column-type';
import type { CellCodec } from '../../../extract/column-batch.ts';
import {
  BIT_AS_INTEGER_CODEC,
  BIT_CODEC,
  decimalCodec,
  floatCodec,
  integerCodec,
  moneyCodec,
  numberTextCodec,
} from './decode-numbers.ts';
import { DATE_CODEC, timestampCodec, timeTextCodec } from './decode-times.ts';
import { BINARY_CODEC, GUID_CODEC, HEX_CODEC, textCodec } from './decode-text.ts';
import type { WireColumn } from './wire-column.ts';

/** The codec that turns a column's cells into the form that the plan promised; null when the type on the wire cannot be brought into it. */
export function codecFor(column: WireColumn, carrier: Carrier): CellCodec | null {
  switch (carrier) {
    case 'native-integer':
      if (column.kind === 'bit') return BIT_AS_INTEGER_CODEC;
      return column.kind === 'integer' ? integerCodec(column) : null;
    case 'native-decimal':
      if (column.kind === 'money') return moneyCodec(column);
      return column.kind === 'decimal' ? decimalCodec(column) : null;
    case 'native-float':
      return column.kind === 'float' ? floatCodec(column) : null;
    case 'native-boolean':
      return column.kind === 'bit' ? BIT_CODEC : null;
    case 'native-date':
      return column.kind === 'date' ? DATE_CODEC : null;
    case 'native-timestamp':
      return column.kind === 'datetime' || column.kind === 'datetime2'
        ? timestampCodec(column, { isUtc: false })
        : null;
    case 'utc-timestamp':
      return column.kind === 'datetimeoffset' ? timestampCodec(column, { isUtc: true }) : null;
    case 'native-binary':
      return isBinary(column) ? BINARY_CODEC : null;
    case 'hex':
      return isBinary(column) ? HEX_CODEC : asText(column);
    case 'decimal-text':
      return isNumber(column) ? numberTextCodec(column) : asText(column);
    case 'iso-date':
    case 'iso-time':
    case 'iso-time-tz':
    case 'iso-timestamp':
    case 'iso-timestamp-tz':
      return isTime(column) ? timeTextCodec(column) : asText(column);
    case 'native-text':
      if (column.kind === 'uniqueidentifier') return GUID_CODEC;
      return isTime(column) ? timeTextCodec(column) : isNumber(column) ? numberTextCodec(column) : asText(column);
    case 'json':
    case 'xml':
    case 'wkt':
    case 'hex-ewkb':
    case 'interval-text':
      return asText(column);
  }
}

function asText(column: WireColumn): CellCodec | null {
  return ['varchar', 'nvarchar', 'xml'].includes(column.kind) ? textCodec(column) : null;
}

function isBinary(column: WireColumn): boolean {
  return column.kind === 'binary' || column.kind === 'udt';
}

function isNumber(column: WireColumn): boolean {
  return column.kind === 'integer' || column.kind === 'decimal' || column.kind === 'money';
}

function isTime(column: WireColumn): boolean {
  return ['date', 'time', 'datetime', 'datetime2', 'datetimeoffset'].includes(column.kind);
}
