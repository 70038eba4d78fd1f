import type { SqlType } from '../../engine-contract.ts';
import type { Expression } from '../../sql/ast.ts';
import type { Binder, Scope, Typed } from '../bind/binder.ts';
import { AGGREGATES } from '../bind/has-aggregate.ts';
import { findColumn } from '../bind/resolve-column.ts';
import { callScript } from '../bind/typed.ts';
import { convertTyped } from '../bind/convert-typed.ts';
import { errors, SqlError } from '../errors.ts';
import { isClr } from '../sql-types.ts';
import { bindAggregate, bindWindowFunction, WINDOW_FUNCTIONS } from './aggregates.ts';
import { bindMethod } from './clr-methods.ts';
import { bindAtTimeZone, DATE_FUNCTIONS } from './date-functions.ts';
import { GENERAL_FUNCTIONS } from './general-functions.ts';
import { NUMBER_FUNCTIONS } from './number-functions.ts';
import { bindPartitionNumber } from './partition-number.ts';
import type { FunctionTable } from './function-table.ts';
import { bindTrim, TEXT_FUNCTIONS } from './text-functions.ts';

type Called = Extract<Expression, { kind: 'call' | 'trim' | 'niladic' | 'at-time-zone' | 'partition-number' }>;

const SCALARS: FunctionTable = new Map([
  ...TEXT_FUNCTIONS,
  ...NUMBER_FUNCTIONS,
  ...DATE_FUNCTIONS,
  ...GENERAL_FUNCTIONS,
]);

/** A call of a function; names that are not known are refused with 195. */
export function bindCall(b: Binder, expression: Called, scope: Scope): Typed {
  switch (expression.kind) {
    case 'trim':
      return bindTrim(b, expression, scope);
    case 'at-time-zone':
      return bindAtTimeZone(b, expression, scope);
    case 'partition-number':
      return bindPartitionNumber(b, expression, scope);
    case 'niladic':
      return environmentCall(b, expression.name, []);
    case 'call':
      return expression.name.length === 1 ? bindBuiltIn(b, expression, scope) : bindQualified(b, expression, scope);
  }
}

type Call = Extract<Expression, { kind: 'call' }>;

function bindBuiltIn(b: Binder, call: Call, scope: Scope): Typed {
  const written = call.name[0]?.name ?? '';
  const name = written.toUpperCase();
  if (WINDOW_FUNCTIONS.has(name)) return bindWindowFunction(b, name, call, scope);
  if (AGGREGATES.has(name)) return bindAggregate(b, name, call, scope);
  const scalar = SCALARS.get(name);
  if (call.over !== null) {
    throw new SqlError(10742, `The function '${written}' may not have a window frame.`, { severity: 15 });
  }
  const args = call.args.map((arg) => b.expression(arg, scope));
  if (scalar !== undefined) {
    const { low, high } = scalar;
    if (args.length < low || args.length > high) {
      throw low === high
        ? errors.argumentCount(name, low)
        : errors.argumentRange(name, low, high === Infinity ? 254 : high);
    }
    return scalar.bind(b, args, { name, datePart: call.datePart });
  }
  return environmentCall(b, written, args);
}

function environmentCall(b: Binder, name: string, args: Typed[]): Typed {
  const found = b.environment.environmentFunction(name.toUpperCase());
  if (found === undefined) throw errors.unknownFunction(name);
  if (args.length < found.required || args.length > found.args.length) {
    throw found.required === found.args.length
      ? errors.argumentCount(name, found.required)
      : errors.argumentRange(name, found.required, found.args.length);
  }
  const typed = args.map((arg, i) => convertTyped(b, arg, found.args[i] as SqlType));
  return callScript(b, found.key, { args: typed, result: found.result, run: found.run, takesNull: found.takesNull });
}

/** `t.shape.STAsText()` is a method of a column; anything else would be a function of the user's. */
function bindQualified(b: Binder, call: Call, scope: Scope): Typed {
  const parts = call.name.map((part) => part.name);
  const owner = findColumn(b, parts.slice(0, -1), scope);
  if (owner !== undefined && (isClr(owner.type) || owner.type.name === 'xml')) {
    return bindMethod(b, owner, { method: parts.at(-1) ?? '', args: call.args.map((arg) => b.expression(arg, scope)) });
  }
  if (owner !== undefined) {
    throw new SqlError(258, `Cannot call methods on ${owner.type.name}.`, { severity: 15 });
  }
  throw new SqlError(
    4121,
    `Cannot find either column "${parts[0] ?? ''}" or the user-defined function or aggregate "${parts.join('.')}", or the name is ambiguous.`,
  );
}
