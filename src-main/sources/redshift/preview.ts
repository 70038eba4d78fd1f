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
      return unlessLong(`JSON_SIZE(${name})`, `LEFT(${carry.expression}, ${maxLength})`);
    case 'varbyte':
      return unlessLong(`OCTET_LENGTH(${name}) * 2`, `LEFT(${carry.expression}, ${maxLength})`);
    case 'geometry':
    case 'geography':
      return unlessLong(`OCTET_LENGTH(ST_AsEWKB(${name})) * 2`, `LEFT(${carry.expression}, ${maxLength})`);
    case 'boolean':
      return `CASE WHEN ${name} THEN 'true' WHEN NOT ${name} THEN 'false' END`;
    default:
      return carry.expression;
  }
}

/** Turning a value into text fails above a length, and with it the whole preview. */
function unlessLong(size: string, expression: string): string {
  return `CASE WHEN ${size} <= 65535 THEN ${expression} WHEN ${size} > 65535 THEN '(too long to show)' END`;
}
