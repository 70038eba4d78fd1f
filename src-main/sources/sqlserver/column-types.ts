import { columnType, type ColumnType } from '#shared/model/column-type';

/** A SQL Server type taken apart. */
export interface NativeType {
  /** The base type in lower case: `varchar`, `rowversion`; `clr` for a type from an assembly of the user's, `unknown` for one without a name. */
  name: string;
  /** Length in characters or bytes, or precision and scale; -1 is `max`. */
  sizes: number[];
}

/** Types that a table list names because they cannot be carried as they are or need care on the way. */
const CARE_TYPES = new Set(['sql_variant', 'hierarchyid', 'geometry', 'geography', 'xml', 'vector', 'clr']);

/** Longest value of a (max) type: 2^31-1 bytes. https://learn.microsoft.com/en-us/sql/t-sql/data-types/char-and-varchar-transact-sql */
const MAX_BYTES = 2_147_483_647;
const MAX_WIDE_CHARACTERS = 1_073_741_823;

/**
 * The neutral type of a native type as `describeTables` writes it: `decimal(18,4)`, `varchar(max)`, `dbo.Phone (nvarchar(25))` for an alias type,
 * `dbo.Point (CLR)`. What has no neutral form is `unsupported`. https://learn.microsoft.com/en-us/sql/t-sql/data-types/data-types-transact-sql
 */
export function toColumnType(nativeType: string): ColumnType {
  const { name, sizes } = parseNativeType(nativeType);
  const [first = null, second = null] = sizes;
  switch (name) {
    case 'bit':
      return columnType('boolean');
    case 'tinyint':
      return columnType('integer', { precision: 3, scale: 0 });
    case 'smallint':
      return columnType('integer', { precision: 5, scale: 0 });
    case 'int':
      return columnType('integer', { precision: 10, scale: 0 });
    case 'bigint':
      return columnType('integer', { precision: 19, scale: 0 });
    case 'decimal':
      return columnType('decimal', { precision: first ?? 18, scale: second ?? 0 });
    case 'money':
      return columnType('decimal', { precision: 19, scale: 4 });
    case 'smallmoney':
      return columnType('decimal', { precision: 10, scale: 4 });
    case 'real':
      return columnType('float', { precision: 24 });
    case 'float':
      return columnType('float', { precision: first !== null && first <= 24 ? 24 : 53 });
    case 'char':
    case 'nchar':
      return columnType('text', { length: first ?? 1, padded: true });
    case 'varchar':
      return columnType('text', { length: orMax(first ?? 1, MAX_BYTES) });
    case 'nvarchar':
      return columnType('text', { length: orMax(first ?? 1, MAX_WIDE_CHARACTERS) });
    case 'text':
      return columnType('text', { length: MAX_BYTES });
    case 'ntext':
      return columnType('text', { length: MAX_WIDE_CHARACTERS });
    case 'binary':
    case 'varbinary':
      return columnType('binary', { length: orMax(first ?? 1, MAX_BYTES) });
    case 'image':
      return columnType('binary', { length: MAX_BYTES });
    case 'rowversion':
      return columnType('binary', { length: 8 });
    case 'uniqueidentifier':
      return columnType('uuid');
    case 'date':
      return columnType('date');
    case 'time':
      return columnType('time', { precision: first ?? 7 });
    case 'smalldatetime':
      return columnType('timestamp', { precision: 0 });
    case 'datetime':
      return columnType('timestamp', { precision: 3 });
    case 'datetime2':
      return columnType('timestamp', { precision: first ?? 7 });
    case 'datetimeoffset':
      return columnType('timestamp-tz', { precision: first ?? 7 });
    default:
      return toRareType(name);
  }
}

function toRareType(name: string): ColumnType {
  switch (name) {
    case 'xml':
      return columnType('xml');
    case 'json':
    case 'vector':
      return columnType('json');
    case 'hierarchyid':
      return columnType('text', { length: 4000 });
    case 'sql_variant':
    case 'clr':
      return columnType('text');
    case 'geometry':
      return columnType('geometry');
    case 'geography':
      return columnType('geography');
    default:
      return columnType('unsupported');
  }
}

function orMax(size: number, longest: number): number {
  return size < 0 ? longest : size;
}

/** The base type's name when tables that have it are pointed out in the list, else null. */
export function careType(nativeType: string): string | null {
  const { name } = parseNativeType(nativeType);
  return CARE_TYPES.has(name) || toColumnType(nativeType).kind === 'unsupported' ? name : null;
}

const SYNONYMS: Record<string, string> = {
  timestamp: 'rowversion',
  numeric: 'decimal',
  dec: 'decimal',
  integer: 'int',
  'double precision': 'float',
  character: 'char',
  'char varying': 'varchar',
  'character varying': 'varchar',
  'national char': 'nchar',
  'national character': 'nchar',
  'national char varying': 'nvarchar',
  'national character varying': 'nvarchar',
  'national text': 'ntext',
  'binary varying': 'varbinary',
  sysname: 'nvarchar(128)',
};

export function parseNativeType(nativeType: string): NativeType {
  const base = (/^.* \((.*)\)$/s.exec(nativeType.trim())?.[1] ?? nativeType).trim().toLowerCase();
  const match = /^([a-z_][a-z0-9_ ]*?)\s*(?:\(\s*(max|\d+)\s*(?:,\s*(\d+)\s*)?\))?$/.exec(base);
  if (!match) return { name: 'unknown', sizes: [] };
  const [, spelling = '', first, second] = match;
  const name = SYNONYMS[spelling] ?? spelling;
  if (name.includes('(')) return parseNativeType(name);
  const sizes = [first, second].flatMap((size) => (size === undefined ? [] : [size === 'max' ? -1 : Number(size)]));
  return { name, sizes };
}

/** What the catalog says of a column's type. `maxLength` is in bytes, -1 for (max). */
export interface CatalogType {
  /** Base type; for a type from an assembly its own name. */
  baseName: string;
  /** Set for alias types and types from the user's assemblies: the name with its schema. */
  userName: string | null;
  isAssembly: boolean;
  maxLength: number;
  precision: number;
  scale: number;
}

/** Spatial and hierarchical types live in an assembly that comes with the server. */
const SYSTEM_CLR_TYPES = new Set(['hierarchyid', 'geometry', 'geography']);

/** The type as DDL writes it, behind the name of the user's type when there is one: `dbo.Phone (nvarchar(25))`. */
export function formatNativeType(type: CatalogType): string {
  const name = type.baseName.toLowerCase();
  if (type.isAssembly && !SYSTEM_CLR_TYPES.has(name)) return `${type.userName ?? type.baseName} (CLR)`;
  const base = `${name === 'timestamp' ? 'rowversion' : name}${formatSizes(name, type)}`;
  return type.userName === null ? base : `${type.userName} (${base})`;
}

function formatSizes(name: string, { maxLength, precision, scale }: CatalogType): string {
  switch (name) {
    case 'decimal':
    case 'numeric':
      return `(${precision},${scale})`;
    case 'char':
    case 'varchar':
    case 'binary':
    case 'varbinary':
      return `(${maxLength < 0 ? 'max' : maxLength})`;
    case 'nchar':
    case 'nvarchar':
      return `(${maxLength < 0 ? 'max' : maxLength / 2})`;
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      return `(${scale})`;
    default:
      return '';
  }
}
