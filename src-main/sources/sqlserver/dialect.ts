import type { SelectRequest, SourceDialect } from '../source.ts';
import { carryColumn } from './carry.ts';
import { requireCondition } from './condition.ts';
import { quoteIdentifier, quoteLiteral } from './quoting.ts';
import { rangePredicates } from './range-predicates.ts';

export const sqlServerDialect: SourceDialect = {
  quoteIdentifier,
  quoteLiteral,
  /** Two parts: a connection is to one database, and Azure SQL refuses the name of another. */
  tableName: (table) => `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`,
  carry: (column, _strategy, options) => carryColumn(column, options),
  rangePredicates,
  selectStatement,
};

/** `SELECT <expression> AS [c1], ... FROM [s].[t] WHERE (<condition>) AND (...)`, on one line but for conditions that hold a line comment. */
export function selectStatement(request: SelectRequest): string {
  const columns = request.columns
    .map((column) => `${column.expression} AS ${quoteIdentifier(column.alias)}`)
    .join(', ');
  return `SELECT ${columns} FROM ${sqlServerDialect.tableName(request.table)}${whereClause(request.conditions)}`;
}

/** ` WHERE (a) AND (b)`, or nothing; blank conditions count as none. Throws INPUT_INVALID for a condition that does not stand by itself. */
export function whereClause(conditions: (string | null)[]): string {
  const given = conditions.flatMap((condition) =>
    condition === null || condition.trim() === '' ? [] : [requireCondition(condition)],
  );
  return given.length === 0 ? '' : ` WHERE ${given.join(' AND ')}`;
}
