import type { Expression, Identifier } from '../../sql/ast.ts';
import { errors } from '../errors.ts';
import { bindProperty } from '../functions/clr-methods.ts';
import { isClr } from '../sql-types.ts';
import type { Binder, Scope, Source, SourceColumn, Typed } from './binder.ts';

/** A column by its name, from the innermost scope out; `t.shape.STSrid` is a property of a column. */
export function resolveColumn(b: Binder, expression: Extract<Expression, { kind: 'column' }>, scope: Scope): Typed {
  const parts = expression.parts.map((part) => part?.name ?? '');
  const found = findColumn(b, parts, scope);
  if (found !== undefined) return found;
  if (parts.length > 1) {
    const owner = findColumn(b, parts.slice(0, -1), scope);
    if (owner !== undefined && (isClr(owner.type) || owner.type.name === 'xml')) {
      return bindProperty(b, owner, parts.at(-1) ?? '');
    }
    throw hasSource(b, parts, scope)
      ? errors.unknownColumn(parts.at(-1) ?? '')
      : errors.unboundIdentifier(parts.join('.'));
  }
  throw errors.unknownColumn(parts[0] ?? '');
}

/** The column that a path of names stands for, or undefined. Throws 209 and 8120. */
export function findColumn(b: Binder, parts: readonly string[], scope: Scope): Typed | undefined {
  for (let at: Scope | null = scope; at !== null; at = at.parent) {
    const matches = at.sources.flatMap((source) =>
      matchesSource(b, source, parts.slice(0, -1))
        ? source.columns
            .filter((column) => b.sameName(column.name, parts.at(-1) ?? ''))
            .map((column) => ({ source, column }))
        : [],
    );
    if (matches.length > 1) throw errors.ambiguousColumn(parts.at(-1) ?? '');
    const match = matches[0];
    if (match === undefined) continue;
    match.source.used.add(match.column);
    if (at.grouping !== null)
      throw errors.notGrouped([match.source.alias, match.column.name].filter((part) => part !== '').join('.'));
    return typedColumn(match.column);
  }
  return undefined;
}

export function typedColumn(column: SourceColumn): Typed {
  return { sql: column.sql, type: column.type, nullable: column.nullable, label: 'implicit', isSimple: true, column };
}

export function matchesSource(b: Binder, source: Source, qualifier: readonly string[]): boolean {
  if (qualifier.length === 0) return true;
  const last = qualifier.at(-1) ?? '';
  if (qualifier.length === 1) return b.sameName(source.alias, last);
  if (source.name === null || !b.sameName(source.name.name, last)) return false;
  const [schema, database] = [qualifier.at(-2) ?? '', qualifier.at(-3) ?? ''];
  return (
    (schema === '' || b.sameName(source.name.schema, schema)) &&
    (database === '' || b.sameName(source.name.database, database))
  );
}

function hasSource(b: Binder, parts: readonly string[], scope: Scope): boolean {
  for (let at: Scope | null = scope; at !== null; at = at.parent) {
    if (at.sources.some((source) => matchesSource(b, source, parts.slice(0, -1)))) return true;
  }
  return false;
}

export const namesOf = (identifiers: readonly (Identifier | null)[]): string[] =>
  identifiers.map((one) => one?.name ?? '');
