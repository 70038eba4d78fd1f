import type { SqlType, SqlValue } from '../../engine-contract.ts';
import { decimalSize, duckType } from '../sql-types.ts';
import { packOffset, toDuckValue } from '../stored-values.ts';
import { toStored } from '../stored-text.ts';
import { guidToStored } from '../values/guid.ts';
import { digitsOf, formatScaled } from '../values/number-text.ts';
import type { Binder } from './binder.ts';
import { literalSql } from './typed.ts';

/**
 * SQL of rows that are no table's, with columns c1, c2, ... of `types`. Each column that differs from row to row travels as one JSON text: a literal for
 * each value would have DuckDB parse hundreds of thousands of expressions for a catalog of ten thousand tables. Columns that are not `used` are NULL.
 */
export function virtualRowsSql(
  b: Binder,
  of: { types: readonly SqlType[]; used: readonly boolean[]; rows: readonly SqlValue[][] },
): string {
  const { types, used, rows } = of;
  let isUnnested = false;
  const columns = types.map((type, i) => {
    const first = used[i] === true ? (rows[0]?.[i] ?? null) : null;
    const isConstant = used[i] !== true || rows.every((row) => (row[i] ?? null) === first);
    if (isConstant) return `${literalSql(b, first, type)} AS c${i + 1}`;
    isUnnested = true;
    return `${listSql(
      rows.map((row) => row[i] ?? null),
      type,
    )} AS c${i + 1}`;
  });
  const list = columns.join(', ');
  return isUnnested ? `SELECT ${list}` : `SELECT ${list} FROM range(${rows.length})`;
}

/** The values as rows. JSON has numbers up to 32 bits, texts and truth values; all else is a text that is converted. */
function listSql(values: readonly SqlValue[], type: SqlType): string {
  const target = duckType(type);
  const carrier = ['BOOLEAN', 'UTINYINT', 'SMALLINT', 'INTEGER'].includes(target) ? target : 'VARCHAR';
  const json = JSON.stringify(values.map((value) => (value === null ? null : toJson(value, type))));
  const list = `unnest(from_json('${json.replaceAll("'", "''")}', '["${carrier}"]'))`;
  if (carrier === target) return list;
  return target === 'BLOB' ? `unhex(${list})` : `CAST(${list} AS ${target})`;
}

function toJson(value: NonNullable<SqlValue>, type: SqlType): string | number | boolean {
  switch (duckType(type)) {
    case 'BOOLEAN':
      return value === true;
    case 'UTINYINT':
    case 'SMALLINT':
    case 'INTEGER':
      return Number(value);
    case 'BIGINT':
    case 'FLOAT':
    case 'DOUBLE':
      return digitsOf(value);
    case 'HUGEINT':
      return String(packOffset(value as { utcTicks: bigint; offsetMinutes: number }));
    case 'BLOB': {
      const bytes = type.name === 'uniqueidentifier' ? guidToStored(value as string) : (value as Uint8Array);
      return Buffer.from(bytes).toString('hex');
    }
    case 'VARCHAR':
      return type.name === 'sql_variant' ? (toDuckValue(value, type) as string) : toStored(value as string);
    default:
      return formatScaled(value as bigint, decimalSize(type).scale);
  }
}
