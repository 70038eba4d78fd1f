import type { EngineEvent } from '../../engine-contract.ts';
import type { Statement } from '../../sql/ast-statement.ts';
import type { StatementContext } from '../statement-context.ts';
import { inTransaction } from '../statement-run.ts';
import { runDelete, runTruncate } from './delete-rows.ts';
import { runInsert, runSelectInto } from './insert-rows.ts';
import { runUpdate } from './update-rows.ts';

/** Statements that change rows; false when the statement is none. */
export async function* runDml(context: StatementContext, statement: Statement): AsyncGenerator<EngineEvent, boolean> {
  let changed: { count: number | null; events: EngineEvent[] };
  switch (statement.kind) {
    case 'insert':
      changed = await inTransaction(context, () => runInsert(context, statement));
      break;
    case 'update':
      changed = await inTransaction(context, () => runUpdate(context, statement));
      break;
    case 'delete':
      changed = await inTransaction(context, () => runDelete(context, statement));
      break;
    case 'truncate':
      changed = await inTransaction(context, () => runTruncate(context, statement));
      break;
    case 'select':
      changed = await inTransaction(context, () => runSelectInto(context, statement.query));
      break;
    default:
      return false;
  }
  yield* changed.events;
  context.session.rowCount = changed.count ?? 0;
  yield { kind: 'done', rowCount: context.session.options.noCount ? null : changed.count };
  return true;
}
