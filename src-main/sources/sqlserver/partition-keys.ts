import type { ColumnDescription } from '#shared/model/table';
import { parseNativeType } from './column-types.ts';

/** An index as the catalog describes it, columns in key order. */
export interface IndexInfo {
  isClustered: boolean;
  isUnique: boolean;
  isPrimaryKey: boolean;
  columns: string[];
}

/** Further columns only matter where one value of the first ones is very frequent. */
const MOST_KEY_COLUMNS = 3;

/** Types whose values can be written as a literal that compares as the column does. Floating point and bit are left to those who ask for them. */
const KEY_TYPES = new Set([
  'tinyint',
  'smallint',
  'int',
  'bigint',
  'decimal',
  'money',
  'smallmoney',
  'date',
  'time',
  'smalldatetime',
  'datetime',
  'datetime2',
  'datetimeoffset',
  'char',
  'varchar',
  'nchar',
  'nvarchar',
  'binary',
  'varbinary',
  'rowversion',
  'uniqueidentifier',
]);

/**
 * The clustered key, else the primary key, else a unique one: a range of the clustered key is read in one go, a range of another index costs a lookup for each
 * row, and a range of no index a scan of the table. A key counts up to its first column that cannot be compared with literals.
 */
export function choosePartitionKeys(indexes: IndexInfo[], columns: ColumnDescription[]): string[] {
  const fitting = new Set(columns.filter(isKeyColumn).map(({ name }) => name));
  const inOrder = [
    ...indexes.filter(({ isClustered }) => isClustered),
    ...indexes.filter(({ isPrimaryKey }) => isPrimaryKey),
    ...indexes.filter(({ isUnique }) => isUnique),
  ];
  for (const { columns: key } of inOrder) {
    const end = key.findIndex((name) => !fitting.has(name));
    const usable = key.slice(0, Math.min(end < 0 ? key.length : end, MOST_KEY_COLUMNS));
    if (usable.length > 0) return usable;
  }
  return [];
}

/** A mask would hide the boundaries, and cipher text has no order. */
export function isKeyColumn(column: ColumnDescription): boolean {
  const traits = column.traits ?? [];
  if (traits.includes('masked') || traits.includes('encrypted') || traits.includes('internal')) return false;
  const { name, sizes } = parseNativeType(column.nativeType);
  return KEY_TYPES.has(name) && sizes[0] !== -1;
}
