import { formatNativeType } from './column-types.ts';

/** A column of an answer, as the wire describes it. */
export interface ResultField {
  name: string;
  /** `varchar(max)`, `dbo.Point (CLR)`; `unknown` for what has no name. */
  nativeType: string;
  nullable: boolean;
  isIdentity: boolean;
  isComputed: boolean;
}

/** What the driver hands over of COLMETADATA. Sizes are in bytes. */
export interface DriverColumn {
  colName: string;
  type: { name: string };
  userType?: number;
  flags?: number;
  precision?: number;
  scale?: number;
  dataLength?: number;
  udtInfo?: { owningSchema?: string; typeName?: string };
}

/** Flags of a column: https://learn.microsoft.com/openspecs/windows_protocols/ms-tds/58880b9f-381c-43b2-bf8b-0727a98c4f4c */
const NULLABLE = 0x0001;
const IDENTITY = 0x0010;
const COMPUTED = 0x0020;
/** USERTYPE of rowversion, whose values are otherwise described as binary(8). */
const ROWVERSION = 0x50;
const MAX_LENGTH = 0xffff;

export function toResultField(column: DriverColumn): ResultField {
  const flags = column.flags ?? NULLABLE;
  return {
    name: column.colName,
    nativeType: nativeTypeOf(column),
    nullable: (flags & NULLABLE) !== 0,
    isIdentity: (flags & IDENTITY) !== 0,
    isComputed: (flags & COMPUTED) !== 0,
  };
}

function nativeTypeOf(column: DriverColumn): string {
  const { dataLength = 0, precision = 0, scale = 0 } = column;
  const baseName = baseNameOf(column);
  const isUser = column.type.name === 'UDT';
  const owner = column.udtInfo?.owningSchema ?? '';
  return formatNativeType({
    baseName,
    userName: isUser && owner !== '' && owner !== 'sys' ? `${owner}.${baseName}` : null,
    isAssembly: isUser,
    maxLength: dataLength === MAX_LENGTH ? -1 : dataLength,
    precision,
    scale,
  });
}

/** Types whose name on the wire says the family only; the length tells the type. */
const FAMILIES: Record<string, Record<number, string>> = {
  IntN: { 1: 'tinyint', 2: 'smallint', 4: 'int', 8: 'bigint' },
  FloatN: { 4: 'real', 8: 'float' },
  MoneyN: { 4: 'smallmoney', 8: 'money' },
  DateTimeN: { 4: 'smalldatetime', 8: 'datetime' },
};

const OTHER_NAMES: Record<string, string> = {
  BitN: 'bit',
  DecimalN: 'decimal',
  NumericN: 'numeric',
  Variant: 'sql_variant',
  Null: 'unknown',
  TVP: 'unknown',
};

function baseNameOf({ type, userType, dataLength = 0, udtInfo }: DriverColumn): string {
  if (type.name === 'Binary' && userType === ROWVERSION) return 'rowversion';
  if (type.name === 'UDT') return udtInfo?.typeName ?? 'unknown';
  return FAMILIES[type.name]?.[dataLength] ?? OTHER_NAMES[type.name] ?? type.name.toLowerCase();
}
