import { AppError } from '#shared/errors/app-error';
import { tableLabel, type ColumnDescription, type TableRef } from '#shared/model/table';
import { isKeyColumn } from './partition-keys.ts';
import { parseNativeType } from './column-types.ts';
import { quoteAsciiLiteral, quoteIdentifier, quoteLiteral } from './quoting.ts';

/** Writes the text of a key value as a literal of the column's own type; null for a text that would not come back as the same value. */
export type KeyLiteral = (text: string) => string | null;

/**
 * A literal of another type than the column's would turn the whole column into that type: the index would be of no use, and text of a code page would sort by
 * other rules than the boundaries were found by. Rejects columns without an order that literals share with NOT_SUPPORTED.
 */
export function keyLiteral(table: TableRef, column: ColumnDescription): KeyLiteral {
  const { name, sizes } = parseNativeType(column.nativeType);
  const [size = 7, scale = 0] = sizes;
  if (!isKeyColumn(column) && !['float', 'real', 'bit'].includes(name)) throw noOrder(table, column);
  switch (name) {
    case 'bit':
    case 'tinyint':
    case 'smallint':
    case 'int':
      return (text) => text;
    case 'bigint':
      return (text) => (text.length < 10 ? text : `CAST(${text} AS bigint)`);
    case 'decimal':
      return (text) => `CAST('${text}' AS decimal(${size},${scale}))`;
    case 'money':
    case 'smallmoney':
    case 'float':
    case 'real':
    case 'uniqueidentifier':
    case 'date':
      return (text) => `CAST('${text}' AS ${name})`;
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      return (text) => `CAST('${text}' AS ${name}(${size}))`;
    // How a plain CAST reads these two depends on the language of the session: https://learn.microsoft.com/en-us/sql/t-sql/data-types/datetime-transact-sql
    case 'smalldatetime':
      return (text) => `CONVERT(smalldatetime, '${text}', 120)`;
    case 'datetime':
      return (text) => `CONVERT(datetime, '${text}', 121)`;
    case 'binary':
    case 'varbinary':
    case 'rowversion':
      return (text) => `0x${text}`;
    case 'nchar':
    case 'nvarchar':
      return (text) => (isWhole(text) ? quoteLiteral(text) : null);
    case 'char':
    case 'varchar':
      return codePageLiteral(column, size);
    default:
      throw noOrder(table, column);
  }
}

/** Text in ASCII is the same in every code page; other text goes through the code page of the column's collation. */
function codePageLiteral({ collation }: ColumnDescription, size: number): KeyLiteral {
  return (text) => {
    if (!isWhole(text)) return null;
    if (/^[\x01-\x7f]*$/.test(text)) return quoteAsciiLiteral(text);
    // A question mark beside other characters may be one that the code page has no place for.
    if (collation === undefined || !/^\w+$/.test(collation) || text.includes('?')) return null;
    return `CONVERT(varchar(${size}), ${quoteLiteral(text)} COLLATE ${collation})`;
  };
}

/** Half a surrogate pair does not survive in a saved plan, a NUL not in a statement. */
function isWhole(text: string): boolean {
  return !text.includes('\0') && !text.includes('\ufffd') && !/[\ud800-\udfff]/u.test(text);
}

function noOrder(table: TableRef, column: ColumnDescription): AppError {
  const isHidden = (column.traits ?? []).some((trait) => trait === 'masked' || trait === 'encrypted');
  const reason = isHidden
    ? 'its values cannot be read'
    : `values of type ${column.nativeType} have no order that literals share`;
  return new AppError('NOT_SUPPORTED', {
    facts: {
      detail: `${tableLabel(table)} cannot be cut into ranges of ${quoteIdentifier(column.name)}: ${reason}.`,
    },
  });
}
