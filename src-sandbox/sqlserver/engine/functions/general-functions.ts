import { createHash, randomUUID } from 'node:crypto';
import type { SqlType, SqlValue } from '../../engine-contract.ts';
import type { Binder, Typed } from '../bind/binder.ts';
import { commonType, convertTyped } from '../bind/convert-typed.ts';
import { constantOf, keyOf } from '../bind/typed.ts';
import { errors, SqlError } from '../errors.ts';
import {
  decimalSize,
  FLOAT,
  formatType,
  GUID,
  INT,
  isBinary,
  isDateTime,
  isDecimal,
  isFloat,
  isMax,
  isMoney,
  isNumber,
  isOldLob,
  isText,
  isUnicode,
  nvarchar,
  typeLabel,
  varbinary,
  VARIANT,
} from '../sql-types.ts';
import { collationKey } from '../collation.ts';
import { codePageOf, encodeCodePage } from '../values/code-page.ts';
import { convertValue } from '../values/convert.ts';
import { dataLength } from '../values/data-length.ts';
import { entry, script, type FunctionEntry, type FunctionTable } from './function-table.ts';

/** The result has the type of the first argument; a NULL literal takes that of the second. */
function isNull(b: Binder, args: Typed[]): Typed {
  const [first, second] = args as [Typed, Typed];
  const type = first.literal === 'null' ? second.type : first.type;
  const value = convertTyped(b, first, type);
  const other = convertTyped(b, second, type);
  return {
    sql: `COALESCE(${value.sql}, ${other.sql})`,
    type,
    nullable: value.nullable && other.nullable,
    label: value.label,
    isSimple: false,
  };
}

function choose(b: Binder, args: Typed[]): Typed {
  const [index, ...values] = args as [Typed, ...Typed[]];
  const type = commonType(b, values, 'CHOOSE');
  const at = convertTyped(b, index, INT);
  const whens = values.map((value, i) => `WHEN ${i + 1} THEN ${convertTyped(b, value, type).sql}`).join(' ');
  return { sql: `CASE ${at.sql} ${whens} END`, type, nullable: true, label: 'implicit', isSimple: false };
}

const ALGORITHMS: Readonly<Record<string, [string, number]>> = {
  MD5: ['md5', 16],
  SHA: ['sha1', 20],
  SHA1: ['sha1', 20],
  SHA2_256: ['sha256', 32],
  SHA2_512: ['sha512', 64],
};

/** https://learn.microsoft.com/en-us/sql/t-sql/functions/hashbytes-transact-sql */
function hashBytes(b: Binder, args: Typed[]): Typed {
  const [name, value] = args as [Typed, Typed];
  if (!isText(value.type) && !isBinary(value.type)) throw errors.argumentType(typeLabel(value.type), 2, 'hashbytes');
  if (isOldLob(value.type)) throw errors.argumentType(typeLabel(value.type), 2, 'hashbytes');
  const algorithm = typeof name.constant === 'string' ? ALGORITHMS[name.constant.toUpperCase()] : undefined;
  if (algorithm === undefined) {
    if (typeof name.constant === 'string' && /^MD[24]$/i.test(name.constant))
      throw errors.unsupported(`HASHBYTES with ${name.constant}`);
    throw new SqlError(1023, `Invalid parameter 1 specified for hashbytes.`, { severity: 15 });
  }
  const page = codePageOf(value.type.collation ?? '');
  return script(
    b,
    `HASHBYTES ${algorithm[0]} ${page}`,
    [value],
    varbinary(8000),
    ([held]) =>
      new Uint8Array(
        createHash(algorithm[0])
          .update(bytesOf(held as SqlValue, value.type, page))
          .digest(),
      ),
  );
}

function bytesOf(value: SqlValue, type: SqlType, page: number): Uint8Array {
  if (value instanceof Uint8Array) return value;
  return isUnicode(type) ? Buffer.from(value as string, 'utf16le') : encodeCodePage(value as string, page);
}

/** A number that equal values share. The vendor's own numbers are not published. */
function checksum(b: Binder, args: Typed[], isBinaryForm: boolean): Typed {
  for (const { type } of args) {
    if (isOldLob(type) || type.name === 'xml')
      throw errors.argumentType(typeLabel(type), 1, isBinaryForm ? 'binary_checksum' : 'checksum');
  }
  const types = args.map((arg) => arg.type);
  return script(
    b,
    `${isBinaryForm ? 'BINARY_' : ''}CHECKSUM ${types.map((type) => type.collation ?? '').join()}`,
    args,
    INT,
    (values) => {
      let hash = 0;
      values.forEach((value, i) => {
        const type = types[i] as SqlType;
        const text =
          typeof value === 'string' && isText(type) && !isBinaryForm
            ? collationKey(value, type)
            : JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? String(one) : one));
        for (const char of text) hash = (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) | 0;
        hash = (hash << 4) | (hash >>> 28) | 0;
      });
      return hash;
    },
    { takesNull: true, nullable: false },
  );
}

/** https://learn.microsoft.com/en-us/sql/t-sql/functions/sql-variant-property-transact-sql */
function variantProperty(b: Binder, args: Typed[]): Typed {
  const [value, property] = args as [Typed, Typed];
  if (isOldLob(value.type) || isMax(value.type))
    throw errors.argumentType(typeLabel(value.type), 1, 'sql_variant_property');
  const name = typeof property.constant === 'string' ? property.constant.toLowerCase() : '';
  const outer = value.type;
  return script(b, `SQL_VARIANT_PROPERTY ${name} ${formatType(outer)}`, [value], VARIANT, ([held]) => {
    const inner =
      outer.name === 'sql_variant'
        ? (held as { type: SqlType; value: SqlValue })
        : { type: outer, value: held as SqlValue };
    const int = (number: number): SqlValue => ({ type: INT, value: number });
    switch (name) {
      case 'basetype':
        return { type: nvarchar(128, b.environment.serverCollation), value: inner.type.name };
      case 'precision':
        return int(precisionOf(inner.type));
      case 'scale':
        return int(scaleOf(inner.type));
      case 'totalbytes':
        return int(
          dataLength(inner.value, inner.type) +
            (isText(inner.type) ? 8 : isDecimal(inner.type) || isBinary(inner.type) ? 4 : 2),
        );
      case 'maxlength':
        return int(maxLengthOf(inner.type, inner.value));
      case 'collation':
        return isText(inner.type)
          ? { type: nvarchar(128, b.environment.serverCollation), value: inner.type.collation ?? null }
          : null;
      default:
        return null;
    }
  });
}

function precisionOf(type: SqlType): number {
  if (isNumber(type)) return isFloat(type) ? (type.name === 'real' ? 24 : 53) : decimalSize(type).precision;
  const scale = type.scale ?? 7;
  const known: Readonly<Record<string, number>> = { date: 10, smalldatetime: 16, datetime: 23 };
  if (type.name === 'time') return 8 + (scale === 0 ? 0 : scale + 1);
  if (type.name === 'datetime2') return 19 + (scale === 0 ? 0 : scale + 1);
  if (type.name === 'datetimeoffset') return 26 + (scale === 0 ? 0 : scale + 1);
  return known[type.name] ?? 0;
}

function scaleOf(type: SqlType): number {
  if (isDecimal(type) || isMoney(type)) return decimalSize(type).scale;
  if (type.name === 'datetime') return 3;
  return isDateTime(type) && type.name !== 'date' && type.name !== 'smalldatetime' ? (type.scale ?? 7) : 0;
}

function maxLengthOf(type: SqlType, value: SqlValue): number {
  if (isText(type)) return (type.length ?? 1) * (isUnicode(type) ? 2 : 1);
  if (isBinary(type)) return type.length ?? 8;
  if (isDecimal(type)) {
    const { precision } = decimalSize(type);
    return precision <= 9 ? 5 : precision <= 19 ? 9 : precision <= 28 ? 13 : 17;
  }
  return dataLength(value, type);
}

/** https://learn.microsoft.com/en-us/sql/t-sql/functions/isnumeric-transact-sql */
function isNumeric(b: Binder, args: Typed[]): Typed {
  const [arg] = args as [Typed];
  if (isNumber(arg.type))
    return script(b, 'ISNUMERIC number', [arg], INT, ([value]) => (value === null ? 0 : 1), { takesNull: true });
  if (!isText(arg.type)) return constantOf(b, 0, INT);
  return script(
    b,
    'ISNUMERIC',
    [arg],
    INT,
    ([value]) =>
      value !== null && /^\s*[-+]?\s*[$£€¥]?\s*(\d[\d,]*\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(value as string) ? 1 : 0,
    { takesNull: true },
  );
}

function isDate(b: Binder, args: Typed[]): Typed {
  const [arg] = args as [Typed];
  if (arg.type.name === 'datetime' || arg.type.name === 'smalldatetime') return constantOf(b, 1, INT);
  if (!isText(arg.type)) throw errors.argumentType(typeLabel(arg.type), 1, 'isdate');
  const { dateOrder } = b.environment;
  return script(
    b,
    `ISDATE ${dateOrder}`,
    [arg],
    INT,
    ([value]) => {
      if (value === null || (value as string).trim() === '') return 0;
      try {
        convertValue(value as SqlValue, arg.type, { name: 'datetime' }, { style: null, order: dateOrder });
        return 1;
      } catch (error) {
        if (error instanceof SqlError) return 0;
        throw error;
      }
    },
    { takesNull: true },
  );
}

function extreme(name: 'GREATEST' | 'LEAST'): FunctionEntry {
  return entry(1, 254, (b, args) => {
    const type = commonType(b, args, name);
    const values = args.map((arg) => convertTyped(b, arg, type));
    const best = values.reduce((a, z) => ({
      ...a,
      sql: `CASE WHEN ${a.sql} IS NULL THEN ${z.sql} WHEN ${z.sql} IS NULL THEN ${a.sql} WHEN ${keyOf(b, { ...a, constant: undefined })} ${name === 'GREATEST' ? '>=' : '<='} ${keyOf(b, z)} THEN ${a.sql} ELSE ${z.sql} END`,
      isSimple: true,
    }));
    return {
      sql: best.sql,
      type,
      nullable: values.every((value) => value.nullable),
      label: 'implicit',
      isSimple: false,
    };
  });
}

export const GENERAL_FUNCTIONS: FunctionTable = new Map<string, FunctionEntry>([
  ['ISNULL', entry(2, 2, isNull)],
  ['CHOOSE', entry(2, 255, choose)],
  ['HASHBYTES', entry(2, 2, hashBytes)],
  ['CHECKSUM', entry(1, 255, (b, args) => checksum(b, args, false))],
  ['BINARY_CHECKSUM', entry(1, 255, (b, args) => checksum(b, args, true))],
  ['SQL_VARIANT_PROPERTY', entry(2, 2, variantProperty)],
  ['ISNUMERIC', entry(1, 1, isNumeric)],
  ['ISDATE', entry(1, 1, isDate)],
  ['GREATEST', extreme('GREATEST')],
  ['LEAST', extreme('LEAST')],
  [
    'NEWID',
    entry(0, 0, () => ({
      sql: 'ts_newid(CAST(random() * 1000 AS INTEGER))',
      type: GUID,
      nullable: false,
      label: 'coercible',
      isSimple: false,
    })),
  ],
  ['NEWSEQUENTIALID', entry(0, 0, (b) => constantOf(b, randomUUID().toUpperCase(), GUID))],
  [
    'RAND',
    entry(0, 1, (b, args) => {
      const seed = args[0] === undefined ? undefined : convertTyped(b, args[0], INT);
      if (seed === undefined) return constantOf(b, Math.random(), FLOAT);
      return script(
        b,
        'RAND',
        [seed],
        FLOAT,
        ([value]) => ((Math.imul((value as number) ^ 0x5bd1e995, 0x27d4eb2d) >>> 0) % 1_000_003) / 1_000_003,
      );
    }),
  ],
  [
    'FORMAT',
    entry(2, 3, () => {
      throw errors.unsupported('FORMAT; use CONVERT with a style');
    }),
  ],
]);
