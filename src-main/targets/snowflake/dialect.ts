import type { LoadRequest, TargetDialect } from '../target.ts';
import { inferType } from './column-types.ts';
import { compareColumns } from './compare-columns.ts';
import { createLike, createSchema, createStage, createTable, dropTable, swapTables, truncateTable } from './ddl.ts';
import { ledgerLoadedStatement } from './ledger-sql.ts';
import { copyStatement, copyStatements, loadExpression } from './load.ts';
import { foldIdentifier, quoteIdentifier, quoteLiteral, tableName } from './quote.ts';

/** The pure part of the target: plans can be built and shown without a connection. */
export const snowflakeDialect: TargetDialect = {
  quoteIdentifier,
  quoteLiteral,
  tableName,
  foldIdentifier,
  inferType,
  loadExpression,
  createTable,
  createSchema,
  createLike,
  swapTables,
  dropTable,
  truncateTable,
  copyStatement,
  stageStatement: createStage,
  loadStatements,
  compareColumns,
};

/** As loadPartition runs them; the ledger's UPDATE is shown with its values, at run time they are binds. */
function loadStatements(request: Omit<LoadRequest, 'files' | 'expectedRows'> & { files: string[] }): string[] {
  return [
    'BEGIN TRANSACTION',
    ...(request.deletePredicate === null ? [] : [deleteStatement(request)]),
    ...copyStatements(request),
    ledgerLoadedStatement(request),
    'COMMIT',
  ];
}

/** The predicate is our own: the plan built it from the partition's key range in this dialect. */
export function deleteStatement(request: Pick<LoadRequest, 'table' | 'deletePredicate'>): string {
  return `DELETE FROM ${tableName(request.table)} WHERE ${request.deletePredicate ?? 'FALSE'}`;
}
