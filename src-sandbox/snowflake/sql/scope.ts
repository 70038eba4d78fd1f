import type { StageRelation, TypedSql } from '../commands/command.ts';
import type { Table } from '../catalog/catalog-types.ts';
import type { Expression, TableSource } from './ast.ts';
import type { ParameterLookup } from './cast.ts';
import type { ResultColumn } from '../commands/command.ts';
import type { Identifier, ObjectName } from './token-reader.ts';

/** One column that names can reach. */
export interface ScopeColumn {
  name: string;
  value: TypedSql;
  /** `T`, or `DB.SCHEMA.T` parts: what may stand before the name. Empty for a column merged by USING. */
  qualifiers: string[];
  /** Not part of `*`: the second of two columns that USING merged. */
  hidden?: boolean;
}

export interface ScopeStage {
  relation: StageRelation;
  /** With its dot. */
  alias: string;
  name: string | null;
}

export interface Scope {
  columns: ScopeColumn[];
  stages: ScopeStage[];
  /** Positional columns (`$1`) of VALUES. */
  positions: ScopeColumn[];
  parent: Scope | null;
  /** Select-list aliases, usable where no column has the name. */
  aliases: Map<string, Expression>;
  /** Guards against an alias that refers to itself. */
  expanding: Set<string>;
  ctes: Map<string, CteRelation>;
}

export interface CteRelation {
  sqlName: string;
  columns: ResultColumn[];
}

/** A table or view that a name in FROM means. */
export type Relation =
  | {
      kind: 'columns';
      sql: string;
      columns: { name: string; sqlName: string; column: ResultColumn }[];
      qualifiers: string[];
      table?: Table;
    }
  | { kind: 'view'; query: string; columnNames: string[]; qualifiers: string[]; enter: () => () => void };

/** What the translator needs of the session and the server. */
export interface TranslateEnvironment {
  parameter: ParameterLookup;
  /** @throws 002003 */
  relation(name: ObjectName): Relation;
  tableFunction(
    source: Extract<TableSource, { kind: 'function' }>,
    constant: (e: Expression) => string,
  ): Relation | undefined;
  contextFunction(name: string, args: string[]): TypedSql | undefined;
  bind(index: number): TypedSql;
  variable(name: string): TypedSql;
  stageRelations: Map<TableSource, StageRelation>;
  /** Makes a new name: s1, s2... */
  alias(): string;
  tables: Set<Table>;
  sql: string;
}

export function emptyScope(parent: Scope | null = null): Scope {
  return {
    columns: [],
    stages: [],
    positions: [],
    parent,
    aliases: new Map(),
    expanding: new Set(),
    ctes: new Map(),
  };
}

export function sameQualifier(column: ScopeColumn, wanted: Identifier[]): boolean {
  if (wanted.length > column.qualifiers.length) return false;
  const tail = column.qualifiers.slice(column.qualifiers.length - wanted.length);
  return tail.every((part, i) => part === wanted[i]?.name);
}
