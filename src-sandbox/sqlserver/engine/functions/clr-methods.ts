import type { Binder, Typed } from '../bind/binder.ts';
import { errors } from '../errors.ts';

/** A method of hierarchyid, geometry, geography or xml. */
export function bindMethod(b: Binder, owner: Typed, call: { method: string; args: Typed[] }): Typed {
  void b;
  throw errors.unsupported(`the method ${call.method} of ${owner.type.name}`);
}

export function bindProperty(b: Binder, owner: Typed, name: string): Typed {
  return bindMethod(b, owner, { method: name, args: [] });
}

/** `geometry::Point(1, 2, 0)`; args null: a property. */
export function bindStatic(b: Binder, call: { type: string; method: string; args: Typed[] | null }): Typed {
  void b;
  throw errors.unsupported(`${call.type}::${call.method}`);
}
