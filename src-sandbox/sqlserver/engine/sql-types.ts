import type { SqlType, SqlTypeName } from '../engine-contract.ts';

/** From the highest down: https://learn.microsoft.com/en-us/sql/t-sql/data-types/data-type-precedence-transact-sql */
const PRECEDENCE: readonly SqlTypeName[] = [
  'geography',
  'geometry',
  'hierarchyid',
  'sql_variant',
  'xml',
  'datetimeoffset',
  'datetime2',
  'datetime',
  'smalldatetime',
  'date',
  'time',
  'float',
  'real',
  'decimal',
  'numeric',
  'money',
  'smallmoney',
  'bigint',
  'int',
  'smallint',
  'tinyint',
  'bit',
  'ntext',
  'text',
  'image',
  'timestamp',
  'uniqueidentifier',
  'nvarchar',
  'nchar',
  'varchar',
  'char',
  'varbinary',
  'binary',
];

export const precedenceOf = (type: SqlType): number => PRECEDENCE.length - PRECEDENCE.indexOf(type.name);

export const INT: SqlType = { name: 'int' };
export const BIGINT: SqlType = { name: 'bigint' };
export const BIT: SqlType = { name: 'bit' };
export const SMALLINT: SqlType = { name: 'smallint' };
export const TINYINT: SqlType = { name: 'tinyint' };
export const FLOAT: SqlType = { name: 'float' };
export const DATE: SqlType = { name: 'date' };
export const DATETIME: SqlType = { name: 'datetime' };
export const GUID: SqlType = { name: 'uniqueidentifier' };
export const VARIANT: SqlType = { name: 'sql_variant' };

export const decimal = (precision: number, scale: number): SqlType => ({ name: 'decimal', precision, scale });
export const nvarchar = (length: number, collation?: string): SqlType => ({
  name: 'nvarchar',
  length,
  ...(collation === undefined ? {} : { collation }),
});
export const varchar = (length: number, collation?: string): SqlType => ({
  name: 'varchar',
  length,
  ...(collation === undefined ? {} : { collation }),
});
export const varbinary = (length: number): SqlType => ({ name: 'varbinary', length });

const TEXT = new Set<SqlTypeName>(['char', 'varchar', 'text', 'nchar', 'nvarchar', 'ntext']);
const BINARY = new Set<SqlTypeName>(['binary', 'varbinary', 'image', 'timestamp']);
const INTEGER = new Set<SqlTypeName>(['bit', 'tinyint', 'smallint', 'int', 'bigint']);
const DATES = new Set<SqlTypeName>(['date', 'time', 'smalldatetime', 'datetime', 'datetime2', 'datetimeoffset']);

export const isText = (type: SqlType): boolean => TEXT.has(type.name);
export const isUnicode = (type: SqlType): boolean =>
  type.name === 'nchar' || type.name === 'nvarchar' || type.name === 'ntext';
export const isFixedText = (type: SqlType): boolean => type.name === 'char' || type.name === 'nchar';
export const isBinary = (type: SqlType): boolean => BINARY.has(type.name);
export const isInteger = (type: SqlType): boolean => INTEGER.has(type.name);
export const isDecimal = (type: SqlType): boolean => type.name === 'decimal' || type.name === 'numeric';
export const isMoney = (type: SqlType): boolean => type.name === 'money' || type.name === 'smallmoney';
export const isFloat = (type: SqlType): boolean => type.name === 'float' || type.name === 'real';
export const isNumber = (type: SqlType): boolean =>
  isInteger(type) || isDecimal(type) || isMoney(type) || isFloat(type);
export const isDateTime = (type: SqlType): boolean => DATES.has(type.name);
export const isClr = (type: SqlType): boolean =>
  type.name === 'hierarchyid' || type.name === 'geometry' || type.name === 'geography';
export const isOldLob = (type: SqlType): boolean =>
  type.name === 'text' || type.name === 'ntext' || type.name === 'image';
export const isMax = (type: SqlType): boolean => type.length === -1 || isOldLob(type) || type.name === 'xml';

/** Precision and scale that a number type has in decimal arithmetic. */
export function decimalSize(type: SqlType): { precision: number; scale: number } {
  switch (type.name) {
    case 'bit':
      return { precision: 1, scale: 0 };
    case 'tinyint':
      return { precision: 3, scale: 0 };
    case 'smallint':
      return { precision: 5, scale: 0 };
    case 'int':
      return { precision: 10, scale: 0 };
    case 'bigint':
      return { precision: 19, scale: 0 };
    case 'money':
      return { precision: 19, scale: 4 };
    case 'smallmoney':
      return { precision: 10, scale: 4 };
    default:
      return { precision: type.precision ?? 18, scale: type.scale ?? 0 };
  }
}

/** Most characters of a text type; Infinity for (max). */
export function textLength(type: SqlType): number {
  return isMax(type) || type.length === undefined ? Infinity : type.length;
}

/** Characters that a value of the type takes when it becomes text without a style. */
export function displayLength(type: SqlType): number {
  switch (type.name) {
    case 'bit':
      return 1;
    case 'tinyint':
      return 3;
    case 'smallint':
      return 6;
    case 'int':
      return 11;
    case 'bigint':
      return 20;
    case 'decimal':
    case 'numeric':
      return 41;
    case 'money':
    case 'smallmoney':
      return 30;
    case 'real':
    case 'float':
      return 30;
    case 'uniqueidentifier':
      return 36;
    case 'binary':
    case 'varbinary':
      return isMax(type) ? -1 : (type.length ?? 1);
    default:
      return isText(type) ? (type.length ?? -1) : isDateTime(type) ? 40 : 8000;
  }
}

/** The type in error texts: its bare name, `varchar(max)` and `nvarchar(max)` with their size. */
export function typeLabel(type: SqlType): string {
  const name = type.name === 'decimal' ? 'decimal' : type.name;
  const hasMax = type.length === -1 && (name === 'varchar' || name === 'nvarchar' || name === 'varbinary');
  return hasMax ? `${name}(max)` : name;
}

/** The type as T-SQL declares it. */
export function formatType(type: SqlType): string {
  switch (type.name) {
    case 'decimal':
    case 'numeric':
      return `${type.name}(${type.precision ?? 18},${type.scale ?? 0})`;
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      return `${type.name}(${type.scale ?? 7})`;
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
    case 'binary':
    case 'varbinary':
      return `${type.name}(${type.length === -1 ? 'max' : (type.length ?? 1)})`;
    default:
      return type.name;
  }
}

/** How DuckDB holds the type; see FIDELITY.md of the engine. */
export function duckType(type: SqlType): string {
  switch (type.name) {
    case 'bit':
      return 'BOOLEAN';
    case 'tinyint':
      return 'UTINYINT';
    case 'smallint':
      return 'SMALLINT';
    case 'int':
    case 'date':
    case 'smalldatetime':
      return 'INTEGER';
    case 'bigint':
    case 'time':
    case 'datetime':
    case 'datetime2':
      return 'BIGINT';
    case 'datetimeoffset':
      return 'HUGEINT';
    case 'decimal':
    case 'numeric':
      return `DECIMAL(${type.precision ?? 18},${type.scale ?? 0})`;
    case 'money':
      return 'DECIMAL(19,4)';
    case 'smallmoney':
      return 'DECIMAL(10,4)';
    case 'real':
      return 'FLOAT';
    case 'float':
      return 'DOUBLE';
    case 'binary':
    case 'varbinary':
    case 'image':
    case 'timestamp':
    case 'uniqueidentifier':
    case 'hierarchyid':
    case 'geometry':
    case 'geography':
      return 'BLOB';
    default:
      return 'VARCHAR';
  }
}

export const sameType = (a: SqlType, b: SqlType): boolean =>
  a.name === b.name &&
  (a.length ?? 0) === (b.length ?? 0) &&
  (a.precision ?? 0) === (b.precision ?? 0) &&
  (a.scale ?? 0) === (b.scale ?? 0);
