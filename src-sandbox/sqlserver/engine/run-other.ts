import type { EngineEvent } from '../engine-contract.ts';
import type { Statement } from '../sql/ast-statement.ts';
import { createTable } from './ddl/create-table.ts';
import { createSchema } from './ddl/schemas.ts';
import { errors } from './errors.ts';
import { inTransaction, type BatchRun } from './statement-run.ts';
import type { StatementContext } from './statement-context.ts';

/** Statements that answer no rows of a query. */
export async function* runOther(
  run: BatchRun,
  context: StatementContext,
  statement: Statement,
): AsyncGenerator<EngineEvent> {
  void run;
  switch (statement.kind) {
    case 'create-table':
      await inTransaction(context, () => createTable(context, statement));
      yield { kind: 'done', rowCount: null };
      return;
    case 'create-schema':
      await inTransaction(context, () => createSchema(context, statement));
      yield { kind: 'done', rowCount: null };
      return;
    default:
      throw errors.unsupported(`the statement ${statement.kind}`);
  }
}
