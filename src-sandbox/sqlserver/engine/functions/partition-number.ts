import type { SqlType, SqlValue } from '../../engine-contract.ts';
import type { Expression } from '../../sql/ast.ts';
import type { Binder, Scope, Typed } from '../bind/binder.ts';
import { convertTyped } from '../bind/convert-typed.ts';
import { collationKey } from '../collation.ts';
import { errors } from '../errors.ts';
import { INT, isText } from '../sql-types.ts';
import { Buffer } from 'node:buffer';
import { guidToStored } from '../values/guid.ts';
import { script } from './function-table.ts';

/** $PARTITION: NULL lies in the first partition. https://learn.microsoft.com/en-us/sql/t-sql/functions/partition-transact-sql */
export function bindPartitionNumber(
  b: Binder,
  expression: Extract<Expression, { kind: 'partition-number' }>,
  scope: Scope,
): Typed {
  const { type, boundaries, onRight } = b.environment.partitionFunction(
    expression.database,
    expression.partitionFunction,
  );
  const [arg] = expression.args;
  if (arg === undefined) throw errors.argumentCount(expression.partitionFunction, 1);
  const value = convertTyped(b, b.expression(arg, scope), type);
  const key = `partition ${expression.database ?? ''}.${expression.partitionFunction} ${onRight} ${JSON.stringify(boundaries, (_, one: unknown) => (typeof one === 'bigint' ? String(one) : one))}`;
  return script(b, key, [value], INT, ([one]) => partitionOf(one ?? null, { type, boundaries, onRight }), {
    takesNull: true,
  });
}

export function partitionOf(value: SqlValue, of: { type: SqlType; boundaries: SqlValue[]; onRight: boolean }): number {
  if (value === null) return 1;
  let number = 1;
  for (const boundary of of.boundaries) {
    const order = compareValues(value, boundary, of.type);
    if (order > 0 || (order === 0 && of.onRight)) number += 1;
    else break;
  }
  return number;
}

/** Order of two values of a type; NULL first. */
export function compareValues(a: SqlValue, z: SqlValue, type: SqlType): number {
  if (a === null || z === null) return a === z ? 0 : a === null ? -1 : 1;
  if (isText(type)) return compareRaw(collationKey(a as string, type), collationKey(z as string, type));
  if (type.name === 'uniqueidentifier') return Buffer.compare(guidToStored(a as string), guidToStored(z as string));
  if (a instanceof Uint8Array && z instanceof Uint8Array) return Buffer.compare(a, z);
  if (typeof a === 'object' && 'utcTicks' in a && typeof z === 'object' && 'utcTicks' in z)
    return compareRaw(a.utcTicks, z.utcTicks);
  return compareRaw(a as number, z as number);
}

const compareRaw = (a: number | bigint | string, z: number | bigint | string): number => (a < z ? -1 : a > z ? 1 : 0);
