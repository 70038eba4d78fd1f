import type { DeclareItem } from '../../sql/ast-statement.ts';
import { errors, SqlError } from '../errors.ts';
import type { StatementContext } from '../statement-context.ts';
import { inTransaction } from '../statement-run.ts';
import { createTable } from './create-table.ts';

let declared = 0;

/** DECLARE @t TABLE (...): kept as a temporary table of the session, known to the batch alone. */
export async function declareTable(
  context: StatementContext,
  item: Extract<DeclareItem, { kind: 'table' }>,
): Promise<void> {
  const { session, batch } = context;
  const key = item.name.toLowerCase();
  if (batch.tables.has(key)) {
    throw new SqlError(
      134,
      `The variable name '${item.name}' has already been declared. Variable names must be unique within a query batch or stored procedure.`,
      { severity: 15 },
    );
  }
  declared += 1;
  const name = `#${item.name} ${declared}`;
  await inTransaction(context, () =>
    createTable(context, {
      kind: 'create-table',
      name: { server: null, database: null, schema: null, name, at: item.at },
      elements: item.elements,
      on: null,
      textImageOn: null,
      options: [],
    }),
  );
  const table = session.temporary.get(name.toLowerCase());
  if (table === undefined) throw errors.unsupported('this table variable');
  batch.tables.set(key, table);
}
