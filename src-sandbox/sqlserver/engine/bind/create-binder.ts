import type { Query } from '../../sql/ast.ts';
import { collationOf } from '../collation.ts';
import { SqlError } from '../errors.ts';
import type { ScriptFunctions } from '../script-functions.ts';
import { bindCondition } from './bind-condition.ts';
import { bindExpression } from './bind-expression.ts';
import { outputAsSource } from './bind-from.ts';
import { bindQuery } from './bind-query.ts';
import type { BindEnvironment, Binder, BoundQuery, OutputColumn, Scope } from './binder.ts';

/** A binder for one statement. */
export function createBinder(scripts: ScriptFunctions, environment: BindEnvironment): Binder {
  let aliases = 0;
  const ctes: { name: string; columns: OutputColumn[]; sql: string }[] = [];
  const binder: Binder = {
    scripts,
    environment,
    virtuals: [],
    tables: new Set(),
    reads: [],
    alias: () => `s${(aliases += 1)}`,
    expression: (expression, scope) => bindExpression(binder, expression, scope),
    condition: (condition, scope) => bindCondition(binder, condition, scope),
    query: (query, scope) => bindInnerQuery(binder, query, scope),
    inDatabase: (database, work) => {
      const before = binder.environment;
      binder.environment = { ...before, database };
      try {
        return work();
      } finally {
        binder.environment = before;
      }
    },
    cteOf: (name) => {
      const found = ctes.findLast((cte) => binder.sameName(cte.name, name.name));
      if (found === undefined) return undefined;
      return { sql: found.sql, columns: found.columns.map((column, i) => outputAsSource(column, `c${i + 1}`)) };
    },
    pushCte: (name, cte) => {
      const own = { name, ...cte };
      ctes.push(own);
      return () => {
        ctes.splice(ctes.indexOf(own), 1);
      };
    },
    sameName: (a, z) =>
      collationOf(binder.environment.database.collation).ignoresCase ? a.toLowerCase() === z.toLowerCase() : a === z,
  };
  return binder;
}

/** A query within a statement: it may be ordered only together with a limit. */
function bindInnerQuery(b: Binder, query: Query, scope: Scope | null): BoundQuery {
  const hasTop = query.body.kind === 'select' && query.body.top !== null;
  if (query.orderBy.length > 0 && !hasTop && query.offset === null && query.forClause === null) {
    throw new SqlError(
      1033,
      'The ORDER BY clause is invalid in views, inline functions, derived tables, subqueries, and common table expressions, unless TOP, OFFSET or FOR XML is also specified.',
      { severity: 15 },
    );
  }
  return bindQuery(b, query, scope);
}

export function emptyScope(): Scope {
  return { parent: null, sources: [], grouping: null, windows: new Map(), clause: 'other' };
}
