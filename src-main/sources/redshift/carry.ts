import type { Carrier } from '#shared/model/column-type';
import type { ColumnDescription } from '#shared/model/table';
import type { ColumnCarry, RiskKind } from '../source.ts';
import { parseNativeType } from './column-types.ts';
import { quoteIdentifier } from './quoting.ts';

/** Longest text that a text form of a date or time takes, with room to spare: `294276-12-31 23:59:59.999999+00 BC`. */
const TIME_TEXT = 'VARCHAR(64)';

/**
 * How a column of Redshift travels. The forms are the same for server-side files and for rows read over the wire: both carry text and Parquet's own types.
 * UNLOAD to Parquet refuses VARBYTE, GEOMETRY and HLLSKETCH and drops the zone of TIMESTAMPTZ (https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html);
 * TIME, TIMETZ and INTERVAL are not named there, so they go as text.
 */
export function carryColumn(
  column: ColumnDescription,
  options: { asText?: boolean; strategy?: 'unload' | 'regular' } = {},
): ColumnCarry {
  const name = quoteIdentifier(column.name);
  const { name: typeName, sizes } = parseNativeType(column.nativeType);
  switch (typeName) {
    case 'smallint':
    case 'integer':
    case 'bigint':
      return carried(name, 'native-integer');
    case 'numeric':
      return sizes.length > 0 ? carried(name, 'native-decimal') : carried(`CAST(${name} AS VARCHAR)`, 'decimal-text');
    case 'real':
      // On the wire a REAL has eight digits at most and needs nine: https://docs.aws.amazon.com/redshift/latest/dg/r_extra_float_digits.html
      return carried(options.strategy === 'regular' ? `CAST(${name} AS DOUBLE PRECISION)` : name, 'native-float');
    case 'double precision':
      return carried(name, 'native-float');
    case 'boolean':
      return carried(name, 'native-boolean');
    case 'char':
      return carried(`CAST(${name} AS VARCHAR(${sizes[0] ?? 1}))`, 'native-text', {
        notes: ['Trailing blanks of CHAR values are padding without meaning in Redshift; they are not carried.'],
      });
    case 'varchar':
      return carried(name, 'native-text');
    case 'date':
      if (options.asText) return carried(`CAST(${name} AS ${TIME_TEXT})`, 'iso-date');
      return carried(name, 'native-date', { risk: 'date-range' });
    case 'time':
      return carried(`CAST(${name} AS ${TIME_TEXT})`, 'iso-time');
    case 'timetz':
      return carried(`CAST(${name} AS ${TIME_TEXT})`, 'iso-time-tz');
    case 'timestamp':
      if (options.asText) return carried(`CAST(${name} AS ${TIME_TEXT})`, 'iso-timestamp');
      return carried(name, 'native-timestamp', { risk: 'timestamp-range' });
    case 'timestamptz':
      return carryTimestampTz(name, options.asText ?? false);
    default:
      return carryOther(name, typeName, column.nativeType);
  }
}

/** TIMESTAMPTZ is stored as UTC without the zone it was entered with: https://docs.aws.amazon.com/redshift/latest/dg/r_Datetime_types.html */
function carryTimestampTz(name: string, asText: boolean): ColumnCarry {
  const notes = [
    'Redshift keeps the moment in UTC, not the zone that it was entered with; it arrives with the offset +00:00.',
  ];
  if (asText) return carried(`CAST(${name} AS ${TIME_TEXT})`, 'iso-timestamp-tz', { notes });
  return carried(`${name} AT TIME ZONE 'UTC'`, 'utc-timestamp', { risk: 'timestamp-range', notes });
}

function carryOther(name: string, typeName: string, nativeType: string): ColumnCarry {
  switch (typeName) {
    case 'super':
      return carried(`JSON_SERIALIZE(${name})`, 'json', { risk: 'text-length' });
    case 'varbyte':
      return carried(`FROM_VARBYTE(${name}, 'hex')`, 'hex', { risk: 'hex-length' });
    case 'geometry':
    case 'geography':
      return carried(`ST_AsHexEWKB(${name})`, 'hex-ewkb', { risk: 'hex-length' });
    case 'interval':
      return carried(`CAST(${name} AS ${TIME_TEXT})`, 'interval-text', {
        notes: ['Snowflake has no column type for intervals; the value is carried as text.'],
      });
    case 'bytea':
      return carried(`ENCODE(${name}, 'hex')`, 'hex');
    case 'json':
    case 'jsonb':
      return carried(`CAST(${name} AS VARCHAR)`, 'json');
    case 'xml':
      return carried(`CAST(${name} AS VARCHAR)`, 'xml');
    case 'uuid':
      return carried(`CAST(${name} AS VARCHAR(36))`, 'native-text');
    case 'hllsketch':
      return {
        kind: 'not-carried',
        reason:
          'HLLSKETCH is a sketch in a format of Redshift alone; no other system reads it. Its estimate can be carried with a view over HLL_CARDINALITY.',
      };
    default:
      return {
        kind: 'not-carried',
        reason: `The type ${nativeType} is not known to Snowferry. A view that casts the column to a known type can be carried.`,
      };
  }
}

function carried(expression: string, carrier: Carrier, extra: { risk?: RiskKind; notes?: string[] } = {}): ColumnCarry {
  return { kind: 'carried', expression, carrier, notes: extra.notes ?? [], risk: extra.risk ?? null };
}
