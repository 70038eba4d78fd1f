import type { Table } from '../catalog/catalog-types.ts';
import type { CoreContext } from '../engine/statement-context.ts';
import { visibleRows } from '../engine/storage.ts';
import { coreHandler } from './core.ts';
import { EXECUTED, statementTypes, statusResult } from './results.ts';

/**
 * TRUNCATE counts as DML: it takes part in the transaction. It clears the load history, which DELETE does not.
 * https://docs.snowflake.com/en/sql-reference/sql/truncate-table
 */
export const truncateHandler = coreHandler(
  'TRUNCATE',
  (reader) => reader.isWords('TRUNCATE'),
  async (context, reader) => {
    reader.expectWords('TRUNCATE');
    reader.acceptWords('TABLE');
    const ifExists = reader.acceptWords('IF', 'EXISTS');
    const name = reader.objectName();
    reader.expectEnd();
    if (ifExists && !context.find('TABLE', name)) return statusResult(EXECUTED, statementTypes.truncate);
    const table = context.require<Table>('TABLE', name);
    context.requirePrivilege('TRUNCATE', table);
    await truncateTable(context, table);
    return statusResult(EXECUTED, statementTypes.truncate);
  },
);

export async function truncateTable(context: CoreContext, table: Table): Promise<void> {
  await context.lock(table, 'write');
  const { session, state } = context;
  await context.atomically(async () => {
    const delta = await state.transactions.delta(session, table);
    await context.run(`INSERT INTO ${delta.deleted} SELECT rid FROM ${visibleRows(table, session.transaction)}`);
    await context.run(`DELETE FROM ${delta.inserted}`);
    delta.hasDeletes = true;
    delta.hasInserts = false;
  });
  context.onTransactionEnd((committed) => {
    if (committed) table.loadHistory.length = 0;
  });
}
