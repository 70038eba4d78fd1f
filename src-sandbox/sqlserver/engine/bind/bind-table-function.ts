import type { TableSource } from '../../sql/ast.ts';
import { SqlError } from '../errors.ts';
import type { Binder, Scope, Source } from './binder.ts';

/** A function in FROM. */
export function bindTableFunction(
  b: Binder,
  source: Extract<TableSource, { kind: 'function' }>,
  scope: Scope,
): { sql: string; sources: Source[] } {
  void b;
  void scope;
  throw new SqlError(208, `Invalid object name '${source.name.map((part) => part.name).join('.')}'.`);
}
