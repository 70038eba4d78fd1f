import type { Expression } from '../../sql/ast.ts';
import type { Binder, Scope, Typed } from '../bind/binder.ts';
import { errors } from '../errors.ts';
import { INT, isOldLob, isText, typeLabel } from '../sql-types.ts';
import { asText, entry, script, type FunctionTable } from './function-table.ts';

/** https://learn.microsoft.com/en-us/sql/t-sql/functions/string-functions-transact-sql */
export const TEXT_FUNCTIONS: FunctionTable = new Map([
  [
    'LEN',
    entry(1, 1, (b, [arg]) => {
      const text = asText(b, arg as Typed);
      if (isOldLob(text.type)) throw errors.argumentType(typeLabel(text.type), 1, 'len');
      return {
        ...text,
        sql: `CAST(length(rtrim(${text.sql}, ' ')) AS INTEGER)`,
        type: INT,
        isSimple: false,
        constant: undefined,
      };
    }),
  ],
]);

export function bindTrim(b: Binder, expression: Extract<Expression, { kind: 'trim' }>, scope: Scope): Typed {
  const operand = asText(b, b.expression(expression.operand, scope));
  if (!isText(operand.type)) throw errors.argumentType(typeLabel(operand.type), 1, 'trim');
  return script(b, 'trim', [operand], operand.type, ([value]) => value ?? null);
}
