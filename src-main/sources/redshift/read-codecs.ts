import { AppError } from '#shared/errors/app-error';
import { tableLabel } from '#shared/model/table';
import type { CellCodec } from '../../extract/column-batch.ts';
import type { ReadRequest } from '../source.ts';
import { parseNativeType } from './column-types.ts';
import { doubleCodec, floatCodec } from './read-floats.ts';
import { decimal128Codec, decimal64Codec, int32Codec, int64Codec } from './read-numbers.ts';
import { binaryCodec, booleanCodec, dateCodec, textCodec, timestampCodec } from './read-values.ts';

const LONGEST_DECIMAL64 = 18;

/** How the text that the server sends for each column goes into the file. Throws COLUMN_NOT_CARRIED for a form that Redshift columns never travel in. */
export function codecsFor(request: ReadRequest): CellCodec[] {
  return request.columns.map((column) => codecFor(column, request));
}

function codecFor(column: ReadRequest['columns'][number], request: ReadRequest): CellCodec {
  const { type } = column;
  switch (column.carrier) {
    case 'native-integer':
      return parseNativeType(column.nativeType).name === 'bigint' || (type.precision ?? 19) > 10
        ? int64Codec
        : int32Codec;
    case 'native-decimal': {
      const precision = type.precision ?? 38;
      const scale = type.scale ?? 0;
      return precision <= LONGEST_DECIMAL64 ? decimal64Codec(precision, scale) : decimal128Codec(precision, scale);
    }
    case 'native-float':
      return type.precision === 24 ? floatCodec : doubleCodec;
    case 'native-boolean':
      return booleanCodec;
    case 'native-date':
      return dateCodec;
    case 'native-timestamp':
    case 'utc-timestamp':
      return timestampCodec(false);
    case 'native-binary':
      return binaryCodec;
    case 'native-text':
    case 'decimal-text':
    case 'hex':
    case 'iso-date':
    case 'iso-time':
    case 'iso-time-tz':
    case 'iso-timestamp':
    case 'iso-timestamp-tz':
    case 'json':
    case 'xml':
    case 'hex-ewkb':
    case 'interval-text':
      return textCodec;
    case 'wkt':
      throw new AppError('COLUMN_NOT_CARRIED', {
        facts: {
          table: tableLabel(request.table),
          column: column.sourceName,
          type: column.nativeType,
          detail: 'Redshift geometries travel as EWKB',
        },
      });
  }
}
