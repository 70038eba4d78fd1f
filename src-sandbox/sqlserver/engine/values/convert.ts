import type { SqlType, SqlValue } from '../../engine-contract.ts';
import { errors, SqlError } from '../errors.ts';
import {
  decimalSize,
  isBinary,
  isClr,
  isDateTime,
  isDecimal,
  isFloat,
  isInteger,
  isMax,
  isMoney,
  isText,
  isUnicode,
  typeLabel,
} from '../sql-types.ts';
import {
  byteLength,
  codePageOf,
  decodeCodePage,
  encodeCodePage,
  throughCodePage,
  truncateToBytes,
} from './code-page.ts';
import { convertToDateTime } from './convert-date.ts';
import { formatMoment, StyleError, type DateOrder } from './date-text.ts';
import { formatHierarchyId, parseHierarchyId } from './hierarchy-id.ts';
import { deserialize, formatWkt, parseWkt, serialize } from './spatial.ts';
import { guidFromBinary, guidToBinary, parseGuid } from './guid.ts';
import {
  digitsOf,
  fitsPrecision,
  floatToScaled,
  formatGeneral,
  formatScaled,
  formatScientific,
  parseScaled,
  rescale,
  withThousands,
} from './number-text.ts';

export type ConvertOptions = {
  /** Of CONVERT; null when none is given. */
  style: number | null;
  order: DateOrder;
};

export const PLAIN: ConvertOptions = { style: null, order: 'mdy' };

/** A value as another type, as CAST and CONVERT make it; the caller has checked that the pair is allowed. Throws SqlError. */
export function convertValue(value: SqlValue, from: SqlType, to: SqlType, options: ConvertOptions = PLAIN): SqlValue {
  if (value === null) return null;
  if (from.name === 'sql_variant') {
    if (to.name === 'sql_variant') return value;
    const inner = value as { type: SqlType; value: SqlValue };
    return convertValue(inner.value, inner.type, to, options);
  }
  if (to.name === 'sql_variant') return { type: from, value };
  if (isText(to) || to.name === 'xml') return toText(value, from, to, options);
  if (isInteger(to)) return toInteger(value, from, to);
  if (isDecimal(to)) return toDecimal(value, from, to);
  if (isMoney(to)) return toMoney(value, from, to);
  if (isFloat(to)) return toFloat(value, from, to);
  if (isDateTime(to)) return convertToDateTime(value, from, to, options);
  if (isBinary(to)) return toBinary(value, from, to, options);
  if (to.name === 'uniqueidentifier') return toGuid(value, from);
  if (isClr(to) && isText(from)) return clrFromText(value as string, to);
  if (isClr(to) && (isBinary(from) || from.name === to.name)) return value;
  throw errors.unsupported(`a conversion from ${from.name} to ${to.name}`);
}

function clrFromText(text: string, to: SqlType): Uint8Array {
  if (to.name === 'hierarchyid') return parseHierarchyId(text);
  const isGeography = to.name === 'geography';
  return serialize({ srid: isGeography ? 4326 : 0, shape: parseWkt(text) }, isGeography);
}

function toText(value: SqlValue, from: SqlType, to: SqlType, options: ConvertOptions): string {
  if (isText(from) || from.name === 'xml') return fitText(value as string, to);
  const text = textOf(value, from, to, options);
  const limit = to.length === -1 || isMax(to) || to.length === undefined ? Infinity : to.length;
  if (text.length <= limit) return fitText(text, to);
  if (isInteger(from)) {
    if (isUnicode(to) || from.name === 'bit') throw errors.overflowConverting(to.name);
    return fitText('*', to);
  }
  if (isDecimal(from)) throw errors.overflowFromTo('numeric', to.name);
  if (isMoney(from))
    throw new SqlError(234, `There is insufficient result space to convert a money value to ${to.name}.`, { state: 2 });
  if (isFloat(from)) throw errors.overflowFromTo('float', to.name);
  if (from.name === 'uniqueidentifier') {
    throw new SqlError(8170, 'Insufficient result space to convert uniqueidentifier value to char.', { state: 2 });
  }
  if (from.name === 'date' || from.name === 'time' || from.name === 'datetime2' || from.name === 'datetimeoffset') {
    return fitText(text.slice(0, limit), to);
  }
  return fitText(text.slice(0, limit), to);
}

/** Cut, padded and brought into the code page of a text type. */
export function fitText(text: string, to: SqlType): string {
  const limit = isMax(to) || to.length === undefined ? Infinity : to.length;
  if (isUnicode(to) || to.name === 'xml') {
    const cut = text.length > limit ? text.slice(0, limit) : text;
    return to.name === 'nchar' ? cut.padEnd(limit) : cut;
  }
  const codePage = codePageOf(to.collation ?? '');
  const kept = throughCodePage(text, codePage);
  const cut = limit === Infinity ? kept : truncateToBytes(kept, limit, codePage);
  return to.name === 'char' ? `${cut}${' '.repeat(Math.max(0, limit - byteLength(cut, codePage)))}` : cut;
}

function textOf(value: SqlValue, from: SqlType, to: SqlType, { style }: ConvertOptions): string {
  switch (from.name) {
    case 'bit':
      return value === true ? '1' : '0';
    case 'decimal':
    case 'numeric':
      return formatScaled(value as bigint, from.scale ?? 0);
    case 'money':
    case 'smallmoney': {
      if (style === 2 || style === 126) return formatScaled(value as bigint, 4);
      const text = formatScaled(rescale(value as bigint, 4, 2), 2);
      return style === 1 ? withThousands(text) : text;
    }
    case 'real':
    case 'float':
      return floatText(value as number, from, style ?? 0);
    case 'uniqueidentifier':
      return value as string;
    case 'hierarchyid':
      return formatHierarchyId(value as Uint8Array);
    case 'geometry':
    case 'geography':
      return formatWkt(deserialize(value as Uint8Array, from.name === 'geography').shape, true);
    case 'binary':
    case 'varbinary':
    case 'image':
    case 'timestamp':
      return binaryText(value as Uint8Array, to, style ?? 0);
    default:
      if (isDateTime(from)) return dateText(value, from, style);
      return digitsOf(value);
  }
}

function dateText(value: SqlValue, from: SqlType, style: number | null): string {
  try {
    return formatMoment(value, from, style);
  } catch (error) {
    if (error instanceof StyleError) throw new SqlError(281, error.message);
    throw error;
  }
}

/** https://learn.microsoft.com/en-us/sql/t-sql/functions/cast-and-convert-transact-sql#float-and-real-styles */
function floatText(value: number, from: SqlType, style: number): string {
  const isReal = from.name === 'real';
  switch (style) {
    case 0:
    case 128:
      return formatGeneral(value, 6);
    case 1:
      return formatScientific(value, 8);
    case 2:
      return formatScientific(value, 16);
    case 3:
    case 129:
      return formatGeneral(value, isReal ? 9 : 17);
    case 126:
      return formatScientific(value, isReal ? 8 : 16);
    default:
      return formatGeneral(value, 6);
  }
}

function binaryText(value: Uint8Array, to: SqlType, style: number): string {
  const buffer = Buffer.from(value);
  if (style === 1 || style === 2) {
    const limit = isMax(to) || to.length === undefined ? Infinity : to.length;
    const room = Math.floor((limit - (style === 1 ? 2 : 0)) / 2);
    const hex = buffer
      .subarray(0, Math.max(0, Math.min(buffer.length, room)))
      .toString('hex')
      .toUpperCase();
    return style === 1 ? `0x${hex}` : hex;
  }
  if (!isUnicode(to)) return decodeCodePage(value, codePageOf(to.collation ?? ''));
  return Buffer.from(value.length % 2 === 0 ? buffer : Buffer.concat([buffer, Buffer.from([0])])).toString('utf16le');
}

const RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  tinyint: [0n, 255n],
  smallint: [-32_768n, 32_767n],
  int: [-2_147_483_648n, 2_147_483_647n],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n],
};

function toInteger(value: SqlValue, from: SqlType, to: SqlType): SqlValue {
  if (to.name === 'bit') return toBit(value, from);
  const [low, high] = RANGES[to.name] ?? [0n, 0n];
  const whole = wholeOf(value, from, to);
  if (whole < low || whole > high) throw integerOverflow(value, whole, from, to);
  return to.name === 'bigint' ? whole : Number(whole);
}

function integerOverflow(value: SqlValue, whole: bigint, from: SqlType, to: SqlType): SqlError {
  if (isText(from)) {
    const text = value as string;
    const bytes = to.name === 'tinyint' ? 'INT1' : to.name === 'smallint' ? 'INT2' : null;
    if (bytes !== null) {
      return new SqlError(
        244,
        `The conversion of the ${typeLabel(from)} value '${text}' overflowed an ${bytes} column. Use a larger integer column.`,
      );
    }
    if (to.name === 'bigint') return errors.overflowConverting('bigint');
    return new SqlError(248, `The conversion of the ${typeLabel(from)} value '${text}' overflowed an int column.`);
  }
  if (from.name !== 'bigint' && isInteger(from)) return errors.smallOverflow(to.name, String(whole));
  if (isInteger(from)) {
    return to.name === 'int' ? errors.overflowConverting('int') : errors.smallOverflow(to.name, String(whole));
  }
  if (isFloat(from) && to.name !== 'bigint') {
    return new SqlError(
      232,
      `Arithmetic overflow error for type ${to.name}, value = ${(value as number).toFixed(6)}.`,
      { state: 3 },
    );
  }
  return errors.overflowConverting(to.name);
}

function wholeOf(value: SqlValue, from: SqlType, to: SqlType): bigint {
  if (from.name === 'bit') return value === true ? 1n : 0n;
  if (from.name === 'bigint') return value as bigint;
  if (isInteger(from)) return BigInt(value as number);
  if (isDecimal(from)) return (value as bigint) / 10n ** BigInt(from.scale ?? 0);
  // Money is rounded, decimals are cut off.
  if (isMoney(from)) return rescale(value as bigint, 4, 0);
  if (isFloat(from)) return BigInt(Math.trunc(value as number));
  if (isBinary(from)) return binaryToInteger(value as Uint8Array, to);
  if (isText(from)) {
    const text = value as string;
    const match = /^\s*([+-]?)\s*(\d*)\s*$/.exec(text);
    if (match === null || (match[2] === '' && match[1] !== '')) {
      if (to.name === 'bigint') throw errors.errorConverting(typeLabel(from), 'bigint');
      throw errors.conversionFailed(typeLabel(from), text, to.name);
    }
    const digits = BigInt(match[2] === '' ? 0 : (match[2] ?? 0));
    return match[1] === '-' ? -digits : digits;
  }
  if (from.name === 'datetime') return BigInt(Math.round(Number(value) / 25_920_000));
  if (from.name === 'smalldatetime') return BigInt(Math.round((value as number) / 1440));
  throw errors.unsupported(`a conversion from ${from.name} to ${to.name}`);
}

/** The last bytes, as a two's complement number. */
function binaryToInteger(bytes: Uint8Array, to: SqlType): bigint {
  const size = to.name === 'bigint' ? 8 : to.name === 'int' ? 4 : to.name === 'smallint' ? 2 : 1;
  const last = bytes.slice(-size);
  let whole = 0n;
  for (const byte of last) whole = (whole << 8n) | BigInt(byte);
  return to.name === 'tinyint' ? whole : BigInt.asIntN(size * 8, whole);
}

function toBit(value: SqlValue, from: SqlType): boolean {
  if (isText(from)) {
    const text = (value as string).trim();
    if (/^true$/i.test(text)) return true;
    if (/^false$/i.test(text) || text === '') return false;
    if (/^[+-]?\d+$/.test(text)) return BigInt(text.replace('+', '')) !== 0n;
    throw errors.conversionFailed(typeLabel(from), value as string, 'bit');
  }
  if (isBinary(from)) return (value as Uint8Array).some((byte) => byte !== 0);
  return typeof value === 'boolean' ? value : value !== 0 && value !== 0n;
}

/** The value as an unscaled number. */
function scaledOf(
  value: SqlValue,
  from: SqlType,
  targetScale: number,
): { unscaled: bigint; scale: number } | undefined {
  if (from.name === 'bit') return { unscaled: value === true ? 1n : 0n, scale: 0 };
  if (isInteger(from)) return { unscaled: BigInt(value as number | bigint), scale: 0 };
  if (isDecimal(from) || isMoney(from)) return { unscaled: value as bigint, scale: decimalSize(from).scale };
  if (isFloat(from)) return { unscaled: floatToScaled(value as number, targetScale), scale: targetScale };
  if (isText(from)) return parseScaled(value as string);
  if (from.name === 'datetime') {
    return { unscaled: ((value as bigint) * 10n ** BigInt(targetScale + 1)) / 25_920_000n, scale: targetScale + 1 };
  }
  throw errors.unsupported(`a conversion from ${from.name} to decimal`);
}

function toDecimal(value: SqlValue, from: SqlType, to: SqlType): bigint {
  const { precision, scale } = decimalSize(to);
  const scaled = scaledOf(value, from, scale);
  if (scaled === undefined) throw errors.errorConverting(typeLabel(from), 'numeric');
  const unscaled = rescale(scaled.unscaled, scaled.scale, scale);
  if (fitsPrecision(unscaled, precision)) return unscaled;
  const source = isDecimal(from) ? 'numeric' : isText(from) ? typeLabel(from) : isInteger(from) ? from.name : from.name;
  throw errors.overflowFromTo(source, 'numeric');
}

function toMoney(value: SqlValue, from: SqlType, to: SqlType): bigint {
  let unscaled: bigint;
  if (isText(from)) {
    const text = (value as string)
      .trim()
      .replaceAll(',', '')
      .replace(/^([+-]?)\s*[$£€¥]\s*/, '$1');
    const scaled = text === '' ? { unscaled: 0n, scale: 0 } : parseScaled(text);
    if (scaled === undefined) {
      throw new SqlError(235, 'Cannot convert a char value to money. The char value has incorrect syntax.');
    }
    unscaled = rescale(scaled.unscaled, scaled.scale, 4);
  } else if (isBinary(from)) {
    unscaled = binaryToInteger(value as Uint8Array, { name: to.name === 'money' ? 'bigint' : 'int' });
  } else {
    const scaled = scaledOf(value, from, 4) ?? { unscaled: 0n, scale: 0 };
    unscaled = rescale(scaled.unscaled, scaled.scale, 4);
  }
  const [low, high] = RANGES[to.name === 'money' ? 'bigint' : 'int'] ?? [0n, 0n];
  if (unscaled < low || unscaled > high) throw errors.overflowConverting(to.name);
  return unscaled;
}

function toFloat(value: SqlValue, from: SqlType, to: SqlType): number {
  const number = floatOf(value, from, to);
  if (to.name === 'float') return number;
  const single = Math.fround(number);
  if (!Number.isFinite(single)) throw errors.overflowConverting('real');
  return single;
}

function floatOf(value: SqlValue, from: SqlType, to: SqlType): number {
  if (isFloat(from)) return value as number;
  if (isInteger(from)) return Number(value);
  if (isDecimal(from) || isMoney(from)) return Number(formatScaled(value as bigint, decimalSize(from).scale));
  if (isText(from)) {
    const text = (value as string).trim();
    if (text === '') return 0;
    const number = Number(text);
    if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) throw errors.errorConverting(typeLabel(from), to.name);
    if (!Number.isFinite(number)) throw errors.overflowConverting(to.name);
    return number;
  }
  if (from.name === 'datetime') return Number(value) / 25_920_000;
  throw errors.unsupported(`a conversion from ${from.name} to ${to.name}`);
}

function toGuid(value: SqlValue, from: SqlType): string {
  if (from.name === 'uniqueidentifier') return value as string;
  if (isBinary(from)) return guidFromBinary(value as Uint8Array);
  const guid = parseGuid(value as string);
  if (guid === undefined) throw errors.guidFromText();
  return guid;
}

function toBinary(value: SqlValue, from: SqlType, to: SqlType, { style }: ConvertOptions): Uint8Array {
  const bytes = bytesOf(value, from, to, style ?? 0);
  const limit = to.name === 'timestamp' ? 8 : isMax(to) || to.length === undefined ? Infinity : to.length;
  const isFixed = to.name === 'binary' || to.name === 'timestamp';
  if (isInteger(from) || isDecimal(from) || isMoney(from) || isFloat(from)) {
    // Numbers keep their last bytes and are padded in front.
    if (bytes.length > limit) return bytes.slice(bytes.length - limit);
    if (!isFixed) return bytes;
    const padded = new Uint8Array(limit);
    padded.set(bytes, limit - bytes.length);
    return padded;
  }
  const cut = bytes.length > limit ? bytes.slice(0, limit) : bytes;
  if (!isFixed || cut.length === limit) return cut;
  const padded = new Uint8Array(limit);
  padded.set(cut);
  return padded;
}

const INTEGER_BYTES: Readonly<Record<string, number>> = {
  bit: 1,
  tinyint: 1,
  smallint: 2,
  int: 4,
  bigint: 8,
  money: 8,
  smallmoney: 4,
};

function bytesOf(value: SqlValue, from: SqlType, to: SqlType, style: number): Uint8Array {
  if (isBinary(from) || isClr(from)) return value as Uint8Array;
  if (from.name === 'uniqueidentifier') return guidToBinary(value as string);
  const size = INTEGER_BYTES[from.name];
  if (size !== undefined) return bigEndian(BigInt(value as number | bigint | boolean), size);
  if (from.name === 'float' || from.name === 'real') {
    const buffer = Buffer.alloc(from.name === 'float' ? 8 : 4);
    if (from.name === 'float') buffer.writeDoubleBE(value as number);
    else buffer.writeFloatBE(value as number);
    return buffer;
  }
  if (isDecimal(from)) return decimalBytes(value as bigint, from);
  if (from.name === 'datetime') {
    const units = value as bigint;
    const ofDay = ((units % 25_920_000n) + 25_920_000n) % 25_920_000n;
    return Buffer.concat([bigEndian((units - ofDay) / 25_920_000n, 4), bigEndian(ofDay, 4)]);
  }
  if (isText(from)) return textBytes(value as string, from, to, style);
  throw errors.unsupported(`a conversion from ${from.name} to ${to.name}`);
}

/** Precision, scale, 0, sign and the digits in little-endian groups of four bytes, as the storage engine has them. */
function decimalBytes(value: bigint, { precision = 18, scale = 0 }: SqlType): Uint8Array {
  const size = precision <= 9 ? 4 : precision <= 19 ? 8 : precision <= 28 ? 12 : 16;
  const magnitude = bigEndian(value < 0n ? -value : value, size).reverse();
  return Uint8Array.from([precision, scale, 0, value < 0n ? 0 : 1, ...magnitude]);
}

function bigEndian(value: bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let rest = BigInt.asUintN(size * 8, value);
  for (let i = size - 1; i >= 0; i -= 1) {
    bytes[i] = Number(rest & 255n);
    rest >>= 8n;
  }
  return bytes;
}

function textBytes(text: string, from: SqlType, to: SqlType, style: number): Uint8Array {
  if (style === 0) {
    return isUnicode(from) ? Buffer.from(text, 'utf16le') : encodeCodePage(text, codePageOf(from.collation ?? ''));
  }
  const hex = style === 1 ? (/^0x/i.test(text) ? text.slice(2) : undefined) : text;
  if (hex === undefined || hex.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(hex)) {
    throw errors.errorConverting(typeLabel(from), to.name);
  }
  return Buffer.from(hex, 'hex');
}
