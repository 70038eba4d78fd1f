import type { ColumnDescription, TableDescription } from '#shared/model/table';
import { carryColumn } from './carry.ts';
import { parseNativeType } from './column-types.ts';
import { redshiftDialect } from './dialect.ts';
import { quoteIdentifier } from './quoting.ts';

/** The first rows that the server gives, every value as text and no longer than `maxLength` characters where the server can cut it. */
export function previewStatement(table: TableDescription, options: { limit: number; maxLength: number }): string {
  const columns = table.columns.map(
    (column) => `${previewExpression(column, options.maxLength)} AS ${quoteIdentifier(`c${column.ordinal}`)}`,
  );
  return `SELECT ${columns.join(', ')} FROM ${redshiftDialect.tableName(table.ref)} LIMIT ${options.limit}`;
}

function previewExpression(column: ColumnDescription, maxLength: number): string {
  const name = quoteIdentifier(column.name);
  const carry = carryColumn(column, { asText: true });
  if (carry.kind === 'not-carried') return "'(not shown)'";
  switch (parseNativeType(column.nativeType).name) {
    case 'char':
    case 'varchar':
      return `LEFT(${carry.expression}, ${maxLength})`;
    case 'super':
      return `CASE WHEN JSON_SIZE(${name}) <= 65535 THEN LEFT(${carry.expression}, ${maxLength}) ELSE '(long JSON)' END`;
    case 'varbyte':
      return `FROM_VARBYTE(SUBSTRING(${name}, 1, ${maxLength}), 'hex')`;
    case 'boolean':
      return `CASE WHEN ${name} THEN 'true' WHEN NOT ${name} THEN 'false' END`;
    default:
      return carry.expression;
  }
}
