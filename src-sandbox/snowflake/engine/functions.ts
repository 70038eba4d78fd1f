import { createHash } from 'node:crypto';
import {
  BIGINT,
  BLOB,
  BOOLEAN,
  DOUBLE,
  DuckDBBlobValue,
  DuckDBScalarFunction,
  HUGEINT,
  INTEGER,
  VARCHAR,
  type DuckDBConnection,
  type DuckDBType,
} from '@duckdb/node-api';
import { engineErrorText } from '../errors.ts';
import { JsonError, jsonText, jsonType, parseJson, type Json } from '../values/json-text.ts';
import {
  decimalText,
  divideRounded,
  floatText,
  formatDecimal,
  parseDecimal,
  parseFloatText,
  rescale,
} from '../values/number-text.ts';
import {
  floorDiv,
  formatMoment,
  instantToWall,
  momentOf,
  nanosOf,
  packTz,
  parseAuto,
  parseAutoTime,
  parseMoment,
  SECOND,
  unpackTz,
  wallToInstant,
  type Moment,
} from '../values/time-text.ts';
import { offsetAt } from '../values/timezone.ts';

type Value = string | number | bigint | boolean | null | DuckDBBlobValue;

const raise = (code: string, sqlState: string, message: string): never => {
  throw new Error(engineErrorText(code, sqlState, message));
};

/**
 * Functions that the translated SQL calls, in exact arithmetic: DuckDB's own would lose digits, nanoseconds or the vendor's
 * error texts. A NULL argument gives NULL. The last argument `strict` of a conversion: false gives NULL instead of an error (TRY_).
 */
export function registerFunctions(connection: DuckDBConnection): void {
  for (const { name, parameters, returns, run } of FUNCTIONS) {
    connection.registerScalarFunction(
      DuckDBScalarFunction.create({
        name,
        returnType: returns,
        parameterTypes: parameters,
        mainFunction: (_info, input, output) => {
          const vectors = parameters.map((_, i) => input.getColumnVector(i));
          for (let row = 0; row < input.rowCount; row += 1) {
            const values = vectors.map((vector) => vector.getItem(row) as Value);
            output.setItem(row, values.some((v) => v === null) ? null : run(...(values as never[])));
          }
          output.flush();
        },
      }),
    );
  }
}

interface FunctionDefinition {
  name: string;
  parameters: DuckDBType[];
  returns: DuckDBType;
  run: (...values: never[]) => Value;
}

const define = <A extends Value[]>(
  name: string,
  parameters: DuckDBType[],
  returns: DuckDBType,
  run: (...values: A) => Value,
): FunctionDefinition => ({ name, parameters, returns, run: run as unknown as FunctionDefinition['run'] });

const FUNCTIONS: FunctionDefinition[] = [
  define('sf_number', [VARCHAR, INTEGER, INTEGER, BOOLEAN], VARCHAR, toNumber),
  define('sf_float', [VARCHAR, BOOLEAN], DOUBLE, (text: string, strict: boolean) => {
    const value = parseFloatText(text);
    if (value !== undefined) return value;
    return strict ? raise('100038', '22018', `Numeric value '${text}' is not recognized`) : null;
  }),
  define('sf_boolean', [VARCHAR, BOOLEAN], BOOLEAN, (text: string, strict: boolean) => {
    const word = text.trim().toLowerCase();
    if (['true', 't', 'yes', 'y', 'on', '1'].includes(word)) return true;
    if (['false', 'f', 'no', 'n', 'off', '0'].includes(word)) return false;
    return strict ? raise('100037', '22018', `Boolean value '${text}' is not recognized`) : null;
  }),
  define('sf_date', [VARCHAR, VARCHAR, BOOLEAN], INTEGER, (text: string, format: string, strict: boolean) => {
    const moment = readMoment(text, format);
    const nanos = moment && nanosOf(moment);
    if (nanos !== undefined) return Number(floorDiv(nanos, 86_400n * SECOND));
    if (!strict) return null;
    return format ? cannotParse(text, format, 'date') : raise('100040', '22007', `Date '${text}' is not recognized`);
  }),
  define('sf_time', [VARCHAR, VARCHAR, BOOLEAN], BIGINT, (text: string, format: string, strict: boolean) => {
    const nanos = format
      ? momentNanos(parseMoment(text, format))
      : (parseAutoTime(text) ?? momentNanos(parseAuto(text)));
    if (nanos !== undefined) return ((nanos % (86_400n * SECOND)) + 86_400n * SECOND) % (86_400n * SECOND);
    if (!strict) return null;
    return format ? cannotParse(text, format, 'time') : raise('100108', '22007', `Time '${text}' is not recognized`);
  }),
  define('sf_stamp', [VARCHAR, VARCHAR, VARCHAR, VARCHAR, BOOLEAN], HUGEINT, toTimestamp),
  define(
    'sf_format',
    [HUGEINT, VARCHAR, VARCHAR, VARCHAR],
    VARCHAR,
    (value: bigint, kind: string, format: string, zone: string) => formatMoment(heldMoment(value, kind, zone), format),
  ),
  define('sf_ltz_of_ntz', [HUGEINT, VARCHAR], HUGEINT, (value: bigint, zone: string) => wallToInstant(value, zone)),
  define('sf_ntz_of_ltz', [HUGEINT, VARCHAR], HUGEINT, (value: bigint, zone: string) => instantToWall(value, zone)),
  define('sf_tz_of_ltz', [HUGEINT, VARCHAR], HUGEINT, (value: bigint, zone: string) =>
    packTz(value, offsetAt(zone, Number(floorDiv(value, SECOND)))),
  ),
  define('sf_ntz_of_tz', [HUGEINT], HUGEINT, (value: bigint) => {
    const { instant, offset } = unpackTz(value);
    return instant + BigInt(offset) * 60n * SECOND;
  }),
  define('sf_ltz_of_tz', [HUGEINT], HUGEINT, (value: bigint) => unpackTz(value).instant),
  define('sf_wire_tz', [HUGEINT], VARCHAR, (value: bigint) => {
    const { instant, offset } = unpackTz(value);
    return `${decimalText(instant, 9)} ${offset + 1440}`;
  }),
  define('sf_wire_nanos', [HUGEINT], VARCHAR, (value: bigint) => decimalText(value, 9)),
  define('sf_round_nanos', [HUGEINT, INTEGER], HUGEINT, (value: bigint, scale: number) => {
    const unit = 10n ** BigInt(9 - scale);
    return floorDiv(value, unit) * unit;
  }),
  define('sf_round_tz', [HUGEINT, INTEGER], HUGEINT, (value: bigint, scale: number) => {
    const { instant, offset } = unpackTz(value);
    const unit = 10n ** BigInt(9 - scale);
    return packTz(floorDiv(instant, unit) * unit, offset);
  }),
  define('sf_binary', [VARCHAR, VARCHAR, BOOLEAN], BLOB, toBinary),
  define('sf_base64', [BLOB], VARCHAR, (value: DuckDBBlobValue) => Buffer.from(value.bytes).toString('base64')),
  define('sf_json', [VARCHAR, BOOLEAN], VARCHAR, (text: string, strict: boolean) => {
    if (text.trim() === '') return null;
    try {
      return jsonText(parseJson(text));
    } catch (error) {
      const where = error instanceof JsonError ? `${error.message}, pos ${error.at + 1}` : String(error);
      return strict ? raise('100069', '22P02', `Error parsing JSON: ${where}`) : null;
    }
  }),
  define('sf_json_get', [VARCHAR, VARCHAR], VARCHAR, (json: string, path: string) => {
    const found = jsonAt(parseJson(json), JSON.parse(path) as (string | number)[]);
    return found === undefined ? null : jsonText(found);
  }),
  define('sf_json_plain', [VARCHAR], VARCHAR, (json: string) => {
    const value = parseJson(json);
    if (value === null) return null;
    return typeof value === 'string' ? value : jsonText(value);
  }),
  define('sf_json_type', [VARCHAR], VARCHAR, (json: string) => jsonType(parseJson(json))),
  define('sf_json_size', [VARCHAR], INTEGER, (json: string) => {
    const value = parseJson(json);
    return Array.isArray(value) ? value.length : null;
  }),
  define('sf_json_keys', [VARCHAR], VARCHAR, (json: string) => {
    const value = parseJson(json);
    return value instanceof Map ? jsonText([...value.keys()].sort()) : null;
  }),
  define('sf_divide', [VARCHAR, VARCHAR, INTEGER], VARCHAR, divide),
  define('sf_float_text', [DOUBLE], VARCHAR, (value: number) => floatText(value)),
  define('sf_number_format', [VARCHAR, VARCHAR], VARCHAR, (text: string, format: string) => {
    const made = formatDecimal(text, format);
    return made ?? raise('100096', '22P02', `The practice environment does not know the number format '${format}'`);
  }),
  define('sf_hash', [VARCHAR, VARCHAR], VARCHAR, (text: string, algorithm: string) =>
    createHash(algorithm).update(text, 'utf8').digest('hex'),
  ),
  define('sf_hash_blob', [BLOB, VARCHAR], VARCHAR, (value: DuckDBBlobValue, algorithm: string) =>
    createHash(algorithm).update(value.bytes).digest('hex'),
  ),
];

function toNumber(text: string, precision: number, scale: number, strict: boolean): string | null {
  const value = parseDecimal(text);
  if (!value) return strict ? raise('100038', '22018', `Numeric value '${text}' is not recognized`) : null;
  const digits = rescale(value, scale);
  if ((digits < 0n ? -digits : digits) >= 10n ** BigInt(precision)) {
    return strict ? raise('100039', '22003', `Numeric value '${text}' is out of range`) : null;
  }
  return decimalText(digits, scale);
}

function momentNanos(moment: Moment | undefined): bigint | undefined {
  return moment && nanosOf(moment);
}

function readMoment(text: string, format: string): Moment | undefined {
  return format ? parseMoment(text, format) : parseAuto(text);
}

function cannotParse(text: string, format: string, what: string): never {
  return raise('100096', '22007', `Can't parse '${text}' as ${what} with format '${format}'`);
}

/** `kind`: ntz, ltz, tz. Text without an offset is on the wall clock of `zone` for ltz and tz; ntz ignores an offset. */
function toTimestamp(text: string, format: string, kind: string, zone: string, strict: boolean): bigint | null {
  const moment = readMoment(text, format);
  const wall = momentNanos(moment);
  if (moment === undefined || wall === undefined) {
    if (!strict) return null;
    return format
      ? cannotParse(text, format, 'timestamp')
      : raise('100035', '22007', `Timestamp '${text}' is not recognized`);
  }
  if (kind === 'ntz') return wall;
  const instant = moment.offset === null ? wallToInstant(wall, zone) : wall - BigInt(moment.offset) * 60n * SECOND;
  if (kind === 'ltz') return instant;
  return packTz(instant, moment.offset ?? offsetAt(zone, Number(floorDiv(instant, SECOND))));
}

function heldMoment(value: bigint, kind: string, zone: string): Moment {
  if (kind === 'tz') {
    const { instant, offset } = unpackTz(value);
    return momentOf(instant, offset);
  }
  if (kind === 'ltz') return momentOf(value, offsetAt(zone, Number(floorDiv(value, SECOND))));
  return momentOf(value, null);
}

function toBinary(text: string, format: string, strict: boolean): DuckDBBlobValue | null {
  const kind = format.toUpperCase().replace('-', '');
  if (kind === 'UTF8') return new DuckDBBlobValue(Buffer.from(text, 'utf8'));
  if (kind === 'BASE64') {
    if (/^[A-Za-z0-9+/\s]*={0,2}$/.test(text)) return new DuckDBBlobValue(Buffer.from(text, 'base64'));
    return strict
      ? raise('100115', '22000', `The following string is not a legal base64-encoded value: '${text}'`)
      : null;
  }
  if (/^(?:[0-9a-fA-F]{2})*$/.test(text)) return new DuckDBBlobValue(Buffer.from(text, 'hex'));
  return strict ? raise('100115', '22000', `The following string is not a legal hex-encoded value: '${text}'`) : null;
}

function jsonAt(value: Json, path: (string | number)[]): Json | undefined {
  let current: Json | undefined = value;
  for (const step of path) {
    if (typeof step === 'number') current = Array.isArray(current) ? current[step] : undefined;
    else current = current instanceof Map ? current.get(step) : undefined;
    if (current === undefined) return undefined;
  }
  return current;
}

function divide(a: string, b: string, scale: number): string {
  const [x, y] = [parseDecimal(a), parseDecimal(b)];
  if (!x || !y) return raise('000603', 'XX000', 'division of what is no number');
  if (y.digits === 0n) return raise('100051', '22012', 'Division by zero');
  const shift = scale - x.scale + y.scale;
  const digits =
    shift >= 0
      ? divideRounded(x.digits * 10n ** BigInt(shift), y.digits)
      : divideRounded(x.digits, y.digits * 10n ** BigInt(-shift));
  return decimalText(digits, scale);
}
