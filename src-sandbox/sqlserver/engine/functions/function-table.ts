import type { SqlType, SqlValue } from '../../engine-contract.ts';
import type { Binder, Typed } from '../bind/binder.ts';
import { convertTyped } from '../bind/convert-typed.ts';
import { callScript } from '../bind/typed.ts';
import { isText, varchar } from '../sql-types.ts';

export type FunctionContext = { name: string; datePart: string | null };
export type FunctionEntry = {
  low: number;
  high: number;
  bind: (b: Binder, args: Typed[], context: FunctionContext) => Typed;
};
export type FunctionTable = Map<string, FunctionEntry>;

export const entry = (
  low: number,
  high: number,
  bind: (b: Binder, args: Typed[], context: FunctionContext) => Typed,
): FunctionEntry => ({ low, high, bind });

/** An argument as text: what is none becomes varchar(8000). */
export function asText(b: Binder, arg: Typed): Typed {
  if (isText(arg.type)) return arg;
  return convertTyped(b, arg, varchar(8000));
}

export function as(b: Binder, arg: Typed | undefined, type: SqlType): Typed {
  if (arg === undefined) throw new Error('An argument is missing.');
  return convertTyped(b, arg, type);
}

/** A function of script on arguments that have their types already. */
export function script(
  b: Binder,
  key: string,
  args: readonly Typed[],
  result: SqlType,
  run: (args: SqlValue[]) => SqlValue,
  extra: { takesNull?: boolean; label?: Typed['label']; nullable?: boolean } = {},
): Typed {
  return callScript(b, key, { args, result, run, ...extra });
}
