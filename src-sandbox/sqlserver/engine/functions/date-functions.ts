import type { Expression } from '../../sql/ast.ts';
import type { Binder, Scope, Typed } from '../bind/binder.ts';
import { errors } from '../errors.ts';
import type { FunctionTable } from './function-table.ts';

export const DATE_FUNCTIONS: FunctionTable = new Map();

export function bindAtTimeZone(
  b: Binder,
  expression: Extract<Expression, { kind: 'at-time-zone' }>,
  scope: Scope,
): Typed {
  b.expression(expression.operand, scope);
  throw errors.unsupported('AT TIME ZONE');
}
