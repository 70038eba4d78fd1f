import { SQL_TYPE_NAMES, type SqlType, type SqlTypeName } from '../engine-contract.ts';

/** What sys.columns and sys.types tell of a type. `maxLength` in bytes, -1 for (max). */
export type TypeFacts = {
  systemTypeId: number;
  userTypeId: number;
  maxLength: number;
  precision: number;
  scale: number;
  isText: boolean;
};

/** [system_type_id, user_type_id]. https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-types-transact-sql */
const TYPE_IDS: Readonly<Record<SqlTypeName, readonly [number, number]>> = {
  image: [34, 34],
  text: [35, 35],
  uniqueidentifier: [36, 36],
  date: [40, 40],
  time: [41, 41],
  datetime2: [42, 42],
  datetimeoffset: [43, 43],
  tinyint: [48, 48],
  smallint: [52, 52],
  int: [56, 56],
  smalldatetime: [58, 58],
  real: [59, 59],
  money: [60, 60],
  datetime: [61, 61],
  float: [62, 62],
  sql_variant: [98, 98],
  ntext: [99, 99],
  bit: [104, 104],
  decimal: [106, 106],
  numeric: [108, 108],
  smallmoney: [122, 122],
  bigint: [127, 127],
  hierarchyid: [240, 128],
  geometry: [240, 129],
  geography: [240, 130],
  varbinary: [165, 165],
  varchar: [167, 167],
  binary: [173, 173],
  char: [175, 175],
  timestamp: [189, 189],
  nvarchar: [231, 231],
  nchar: [239, 239],
  xml: [241, 241],
};

/** user_type_id of sysname. */
export const SYSNAME_TYPE_ID = 256;

/** [bytes, precision, scale] of types without a size. */
const FIXED: Readonly<Partial<Record<SqlTypeName, readonly [number, number, number]>>> = {
  image: [16, 0, 0],
  text: [16, 0, 0],
  ntext: [16, 0, 0],
  uniqueidentifier: [16, 0, 0],
  date: [3, 10, 0],
  tinyint: [1, 3, 0],
  smallint: [2, 5, 0],
  int: [4, 10, 0],
  bigint: [8, 19, 0],
  smalldatetime: [4, 16, 0],
  real: [4, 24, 0],
  float: [8, 53, 0],
  money: [8, 19, 4],
  smallmoney: [4, 10, 4],
  datetime: [8, 23, 3],
  sql_variant: [8016, 0, 0],
  bit: [1, 1, 0],
  timestamp: [8, 0, 0],
  xml: [-1, 0, 0],
  hierarchyid: [892, 0, 0],
  geometry: [-1, 0, 0],
  geography: [-1, 0, 0],
};

const TEXT_TYPES: ReadonlySet<SqlTypeName> = new Set(['char', 'varchar', 'text', 'nchar', 'nvarchar', 'ntext']);
const UNICODE_TYPES: ReadonlySet<SqlTypeName> = new Set(['nchar', 'nvarchar']);

export const isTextType = (type: SqlType): boolean => TEXT_TYPES.has(type.name);

export function typeFacts(type: SqlType): TypeFacts {
  const [systemTypeId, userTypeId] = TYPE_IDS[type.name];
  const [maxLength, precision, scale] = sizeOf(type);
  return { systemTypeId, userTypeId, maxLength, precision, scale, isText: isTextType(type) };
}

function sizeOf(type: SqlType): readonly [number, number, number] {
  const fixed = FIXED[type.name];
  if (fixed) return fixed;
  if (type.name === 'decimal' || type.name === 'numeric') {
    const precision = type.precision ?? 18;
    const bytes = precision <= 9 ? 5 : precision <= 19 ? 9 : precision <= 28 ? 13 : 17;
    return [bytes, precision, type.scale ?? 0];
  }
  if (type.name === 'time' || type.name === 'datetime2' || type.name === 'datetimeoffset') {
    return fractionSize(type.name, type.scale ?? 7);
  }
  const length = type.length ?? 1;
  return [length === -1 ? -1 : length * (UNICODE_TYPES.has(type.name) ? 2 : 1), 0, 0];
}

/** https://learn.microsoft.com/en-us/sql/t-sql/data-types/datetime2-transact-sql: 3, 4 or 5 bytes of time, 3 of date, 2 of offset. */
function fractionSize(name: 'time' | 'datetime2' | 'datetimeoffset', scale: number): [number, number, number] {
  const timeBytes = scale <= 2 ? 3 : scale <= 4 ? 4 : 5;
  const digits = scale === 0 ? 0 : scale + 1;
  if (name === 'time') return [timeBytes, 8 + digits, scale];
  return name === 'datetime2' ? [timeBytes + 3, 19 + digits, scale] : [timeBytes + 5, 26 + digits, scale];
}

/** The system's types in the order of their ids, each with the size that sys.types gives. */
export function systemTypes(): { name: SqlTypeName; type: SqlType }[] {
  return SQL_TYPE_NAMES.map((name) => ({ name, type: widest(name) })).sort(
    (a, b) => TYPE_IDS[a.name][1] - TYPE_IDS[b.name][1],
  );
}

function widest(name: SqlTypeName): SqlType {
  if (name === 'decimal' || name === 'numeric') return { name, precision: 38, scale: 38 };
  if (UNICODE_TYPES.has(name)) return { name, length: 4000 };
  if (['char', 'varchar', 'binary', 'varbinary'].includes(name)) return { name, length: 8000 };
  return { name };
}
