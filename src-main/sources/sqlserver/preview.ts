import type { ColumnDescription, TableDescription } from '#shared/model/table';
import { carryColumn, exactTextExpression } from './carry.ts';
import { parseNativeType } from './column-types.ts';
import { sqlServerDialect } from './dialect.ts';
import { quoteIdentifier } from './quoting.ts';

/** Twice as many hex digits are as many as a varchar takes that is not (max). */
const MOST_CHARACTERS = 4000;

/** The first rows that the server gives, every value as text and no longer than `maxLength` characters. */
export function previewStatement(table: TableDescription, options: { limit: number; maxLength: number }): string {
  const maxLength = Math.min(options.maxLength, MOST_CHARACTERS);
  const columns = table.columns.map(
    (column, index) => `${previewExpression(column, maxLength)} AS ${quoteIdentifier(`c${index + 1}`)}`,
  );
  return `SELECT TOP (${options.limit}) ${columns.join(', ')} FROM ${sqlServerDialect.tableName(table.ref)}`;
}

function previewExpression(column: ColumnDescription, maxLength: number): string {
  if (carryColumn(column).kind === 'not-carried') return "N'(not shown)'";
  const name = quoteIdentifier(column.name);
  switch (parseNativeType(column.nativeType).name) {
    case 'binary':
    case 'varbinary':
      return `CONVERT(varchar(${maxLength * 2}), SUBSTRING(${name}, 1, ${maxLength}), 2)`;
    case 'image':
      return `CONVERT(varchar(${maxLength * 2}), CONVERT(varbinary(${maxLength}), SUBSTRING(${name}, 1, ${maxLength})), 2)`;
    case 'text':
    case 'ntext':
      return `SUBSTRING(${name}, 1, ${maxLength})`;
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
    case 'xml':
    case 'json':
    case 'vector':
    case 'sql_variant':
    case 'geometry':
    case 'geography':
      return `LEFT(${exactTextExpression(column)}, ${maxLength})`;
    default:
      return exactTextExpression(column);
  }
}
