import type { SqlType, SqlValue } from '../../engine-contract.ts';
import { errors, SqlError } from '../errors.ts';
import { collationKey, keySql } from '../collation.ts';
import {
  duckType,
  INT,
  isClr,
  isOldLob,
  isText,
  isUnicode,
  nvarchar,
  textLength,
  typeLabel,
  varchar,
} from '../sql-types.ts';
import { packOffset, toDuckValue } from '../stored-values.ts';
import { toStored } from '../stored-text.ts';
import { guidToStored } from '../values/guid.ts';
import { digitsOf, formatScaled } from '../values/number-text.ts';
import { decimalSize } from '../sql-types.ts';
import type { Binder, CollationLabel, Typed } from './binder.ts';

/** A value as an expression. */
export function constantOf(b: Binder, value: SqlValue, type: SqlType, extra: Partial<Typed> = {}): Typed {
  return {
    sql: literalSql(b, value, type),
    type,
    nullable: value === null,
    constant: value,
    label: 'coercible',
    isSimple: true,
    ...extra,
  };
}

export const nullOf = (b: Binder, type: SqlType = INT): Typed => constantOf(b, null, type, { literal: 'null' });

let largeConstants = 0;

/** A literal of DuckDB that yields exactly `duckType(type)`. */
export function literalSql(b: Binder, value: SqlValue, type: SqlType): string {
  if (value === null) return `NULL::${duckType(type)}`;
  switch (duckType(type)) {
    case 'BOOLEAN':
      return value === true ? 'true' : 'false';
    case 'INTEGER':
      return (value as number) < 0 ? `(${digitsOf(value)})::INTEGER` : `${digitsOf(value)}::INTEGER`;
    case 'UTINYINT':
    case 'SMALLINT':
    case 'BIGINT':
      return `'${digitsOf(value)}'::${duckType(type)}`;
    case 'HUGEINT':
      return `'${String(packOffset(value as { utcTicks: bigint; offsetMinutes: number }))}'::HUGEINT`;
    case 'FLOAT':
    case 'DOUBLE':
      return `'${digitsOf(value)}'::${duckType(type)}`;
    case 'BLOB': {
      const bytes = type.name === 'uniqueidentifier' ? guidToStored(value as string) : (value as Uint8Array);
      return bytes.length > 2000 ? largeConstant(b, value, type) : `unhex('${Buffer.from(bytes).toString('hex')}')`;
    }
    case 'VARCHAR': {
      const text = type.name === 'sql_variant' ? (toDuckValue(value, type) as string) : toStored(value as string);
      if (text.length > 2000 || text.includes('\0')) return largeConstant(b, value, type);
      return `'${text.replaceAll("'", "''")}'::VARCHAR`;
    }
    default:
      return `'${formatScaled(value as bigint, decimalSize(type).scale)}'::${duckType(type)}`;
  }
}

function largeConstant(b: Binder, value: SqlValue, type: SqlType): string {
  largeConstants += 1;
  return b.scripts.call(`constant${largeConstants}`, { args: [], result: type, run: () => value, takesNull: true }, []);
}

/** A call of a function in script; constants are computed at once, unless that fails: then the error comes when the statement runs. */
export function callScript(
  b: Binder,
  key: string,
  options: {
    args: readonly Typed[];
    result: SqlType;
    run: (args: SqlValue[]) => SqlValue;
    takesNull?: boolean;
    nullable?: boolean;
    label?: CollationLabel;
  },
): Typed {
  const { args, result, run, takesNull = false } = options;
  const label = options.label ?? 'coercible';
  if (args.every((arg) => arg.constant !== undefined)) {
    const values = args.map((arg) => arg.constant ?? null);
    try {
      const value = !takesNull && values.includes(null) ? null : run(values);
      return constantOf(b, value, result, { label });
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
    }
  }
  const sql = b.scripts.call(
    key,
    { args: args.map((arg) => arg.type), result, run, takesNull },
    args.map((arg) => arg.sql),
  );
  return { sql, type: result, nullable: options.nullable ?? true, label, isSimple: false };
}

/** SQL by which two values compare and rows group: equal exactly where SQL Server says equal, in its order. */
export function keyOf(b: Binder, typed: Typed): string {
  const { type } = typed;
  if (isOldLob(type)) throw errors.notComparable();
  if (type.name === 'xml') throw errors.xmlNotComparable();
  if (type.name === 'geometry' || type.name === 'geography') {
    throw new SqlError(403, `Invalid operator for data type. Operator equals equal to, type equals ${type.name}.`);
  }
  if (isText(type)) return textKey(b, typed);
  if (type.name === 'datetimeoffset') return `(${typed.sql} // 4096)`;
  if (type.name === 'varbinary' || type.name === 'binary') return typed.sql;
  if (type.name === 'sql_variant') throw errors.unsupported('comparing values of sql_variant; convert them first');
  return typed.sql;
}

function textKey(b: Binder, typed: Typed): string {
  const type: SqlType = { ...typed.type, collation: typed.type.collation ?? b.environment.database.collation };
  if (typed.label === 'none') throw cannotResolve(b, 'comparison');
  if (typeof typed.constant === 'string') {
    return literalSql(b, collationKey(typed.constant, type), { name: 'nvarchar', length: -1 });
  }
  const keyType = nvarchar(-1, 'Latin1_General_BIN2');
  return keySql(typed.sql, type, {
    isSimple: typed.isSimple,
    script: (sql) =>
      b.scripts.call(
        'collation key',
        { args: [type], result: keyType, takesNull: false, run: ([value]) => collationKey(value as string, type) },
        [sql],
      ),
  });
}

function cannotResolve(b: Binder, operation: string): SqlError {
  return new SqlError(
    468,
    `Cannot resolve the collation conflict in the ${operation} operation of ${b.environment.database.name}.`,
    { state: 9 },
  );
}

/** Whether the key is the value itself. */
export function isItsOwnKey(b: Binder, typed: Typed): boolean {
  return !isText(typed.type) && keyOf(b, typed) === typed.sql;
}

/** Collation of an operation on texts: explicit beats implicit beats coercible. `operator` for error 468. */
export function resolveCollation(
  b: Binder,
  operands: readonly Typed[],
  operator: string,
): { collation: string; label: CollationLabel } {
  let best: { collation: string; label: CollationLabel } = {
    collation: b.environment.database.collation,
    label: 'coercible',
  };
  for (const { type, label } of operands) {
    if (!isText(type)) continue;
    const collation = type.collation ?? b.environment.database.collation;
    if (label === 'explicit') {
      if (best.label === 'explicit' && best.collation !== collation)
        throw collationConflict(best.collation, collation, operator);
      best = { collation, label };
    } else if (label === 'none' && best.label !== 'explicit') {
      best = { collation, label };
    } else if (label === 'implicit' && best.label !== 'explicit' && best.label !== 'none') {
      if (best.label === 'implicit' && best.collation !== collation)
        best = { collation: best.collation, label: 'none' };
      else best = { collation, label };
    }
  }
  return best;
}

export function collationConflict(left: string, right: string, operator: string): SqlError {
  return new SqlError(
    468,
    `Cannot resolve the collation conflict between "${right}" and "${left}" in the ${operator} operation.`,
    { state: 9 },
  );
}

/** Brings operands of a comparison of texts to one collation. */
export function unifyCollation(b: Binder, operands: readonly Typed[], operator: string): Typed[] {
  const { collation, label } = resolveCollation(b, operands, operator);
  if (label === 'none') {
    const names = [...new Set(operands.flatMap(({ type }) => (isText(type) ? [type.collation ?? ''] : [])))];
    throw collationConflict(names[0] ?? '', names[1] ?? '', operator);
  }
  const unicode = operands.some(({ type }) => isUnicode(type));
  return operands.map((operand) =>
    isText(operand.type)
      ? {
          ...operand,
          label,
          type: {
            ...(unicode && !isUnicode(operand.type) ? nvarchar(operand.type.length ?? -1) : operand.type),
            collation,
          },
        }
      : operand,
  );
}

/** The type that texts of different types and lengths have in common. */
export function commonText(types: readonly SqlType[], collation: string): SqlType {
  const unicode = types.some(isUnicode);
  const longest = Math.max(...types.map(textLength));
  const fixed = types.every((type) => type.name === 'char' || type.name === 'nchar');
  const limit = unicode ? 4000 : 8000;
  const length = longest === Infinity ? -1 : Math.min(limit, Math.max(1, longest));
  if (fixed && longest !== Infinity) return { name: unicode ? 'nchar' : 'char', length, collation };
  return unicode ? nvarchar(length, collation) : varchar(length, collation);
}

export function requireComparable(left: Typed, right: Typed, operator: string): void {
  for (const { type } of [left, right]) {
    if (isOldLob(type)) {
      throw left.type.name === right.type.name || !isOldLob(left.type) || !isOldLob(right.type)
        ? errors.incompatibleTypes(typeLabel(left.type), typeLabel(right.type), operatorName(operator))
        : errors.notComparable();
    }
    if (type.name === 'xml') throw errors.xmlNotComparable();
    if (isClr(type) && type.name !== 'hierarchyid') {
      throw new SqlError(
        403,
        `Invalid operator for data type. Operator equals ${operatorName(operator)}, type equals ${type.name}.`,
      );
    }
  }
}

const OPERATOR_NAMES: Readonly<Record<string, string>> = {
  '=': 'equal to',
  '<>': 'not equal to',
  '<': 'less than',
  '<=': 'less than or equal to',
  '>': 'greater than',
  '>=': 'greater than or equal to',
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '%': 'modulo',
  '&': "'&'",
  '|': "'|'",
  '^': "'^'",
  '~': "'~'",
};

export const operatorName = (operator: string): string => OPERATOR_NAMES[operator] ?? operator;
