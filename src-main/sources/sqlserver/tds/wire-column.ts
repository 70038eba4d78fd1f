/**
 * How a cell of a type lies in a row (MS-TDS 2.2.5.4, https://learn.microsoft.com/openspecs/windows_protocols/ms-tds/cbe9c510-eae6-4b1f-9893-a098944d430a).
 * `fixed`: no prefix. `byte`: one byte of length, 0 is NULL. `short`: two bytes, 0xFFFF is NULL. `long`: four bytes, 0 is NULL. `plp`: chunks behind eight
 * bytes of total length. `text-pointer`: a pointer and a timestamp before four bytes of length. `none`: the type that is always NULL.
 */
export const CELL_LAYOUTS = ['fixed', 'byte', 'short', 'long', 'plp', 'text-pointer', 'none'] as const;
export type CellLayout = (typeof CELL_LAYOUTS)[number];

export const WIRE_KINDS = [
  'null',
  'integer',
  'bit',
  'float',
  'money',
  'decimal',
  /** datetime (8 bytes) and smalldatetime (4 bytes). */
  'datetime',
  'date',
  'time',
  'datetime2',
  'datetimeoffset',
  'uniqueidentifier',
  /** Bytes of a code page. */
  'varchar',
  /** UTF-16, little-endian. */
  'nvarchar',
  'xml',
  'binary',
  'udt',
  'sql_variant',
] as const;
export type WireKind = (typeof WIRE_KINDS)[number];

/** A column as COLMETADATA describes it. `size`: the most bytes of a value; -1 for (max) and the types that are always so. */
export interface WireColumn {
  name: string;
  kind: WireKind;
  layout: CellLayout;
  size: number;
  precision: number;
  /** Digits behind the point of decimals; fractional digits of time, datetime2 and datetimeoffset. */
  scale: number;
  /** Five bytes (MS-TDS 2.2.5.1.2), or null for types without. */
  collation: Uint8Array | null;
}

/** The bytes are not what MS-TDS allows, or hold something that was never asked for: the connection cannot be read any further. */
export class WireError extends Error {
  constructor(detail: string) {
    super(detail);
    this.name = 'WireError';
  }
}

/** As a person would write the type, for messages. */
export function describeWireType(column: WireColumn): string {
  const length = column.size === -1 ? '(max)' : `(${column.size})`;
  switch (column.kind) {
    case 'integer':
      return { 1: 'tinyint', 2: 'smallint', 4: 'int', 8: 'bigint' }[column.size] ?? `integer of ${column.size} bytes`;
    case 'float':
      return column.size === 4 ? 'real' : 'float';
    case 'money':
      return column.size === 4 ? 'smallmoney' : 'money';
    case 'datetime':
      return column.size === 4 ? 'smalldatetime' : 'datetime';
    case 'decimal':
      return `decimal(${column.precision},${column.scale})`;
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      return `${column.kind}(${column.scale})`;
    case 'varchar':
    case 'binary':
      return column.kind + length;
    case 'nvarchar':
      return column.size === -1 ? 'nvarchar(max)' : `nvarchar(${column.size / 2})`;
    default:
      return column.kind;
  }
}
