import type { Statement } from '../../sql/ast-statement.ts';
import { errors } from '../errors.ts';
import type { StatementContext } from '../statement-context.ts';
import { inTransaction } from '../statement-run.ts';
import { alterTable } from './alter-table.ts';
import { alterDatabase } from './databases.ts';
import { createIndex, dropIndexes } from './indexes.ts';
import { createTable } from './create-table.ts';
import { dropTables } from './drop-tables.ts';
import { createPartitionFunction, createPartitionScheme, dropPartitionObject } from './partitioning.ts';
import { createSchema, dropSchema } from './schemas.ts';
import { runSecurity } from './security.ts';
import { createType, dropTypes } from './types.ts';
import { createView, dropViews } from './views.ts';

/** Statements that change objects. What is not known is refused. */
export async function runDdl(context: StatementContext, statement: Statement): Promise<void> {
  const within = (work: () => Promise<void> | void): Promise<void> => inTransaction(context, async () => work());
  switch (statement.kind) {
    case 'create-table':
      return within(() => createTable(context, statement));
    case 'alter-table':
      return within(() => alterTable(context, statement));
    case 'drop-table':
      return within(() => dropTables(context, statement));
    case 'create-index':
      return within(() => createIndex(context, statement));
    case 'drop-index':
      return within(() => dropIndexes(context, statement));
    case 'create-view':
      return within(() => createView(context, statement));
    case 'drop-view':
      return within(() => dropViews(context, statement));
    case 'create-schema':
      return within(() => createSchema(context, statement));
    case 'drop-schema':
      return within(() => dropSchema(context, statement));
    case 'create-type':
      return within(() => createType(context, statement));
    case 'drop-type':
      return within(() => dropTypes(context, statement));
    case 'create-partition-function':
      return within(() => createPartitionFunction(context, statement));
    case 'create-partition-scheme':
      return within(() => createPartitionScheme(context, statement));
    case 'drop-partition-function':
    case 'drop-partition-scheme':
      return within(() => dropPartitionObject(context, statement));
    case 'alter-database':
      return alterDatabase(context, statement);
    case 'create-statistics':
    case 'update-statistics':
    case 'drop-statistics':
    case 'checkpoint':
      return;
    case 'alter-index':
      if (statement.action === 'DISABLE') throw errors.unsupported('ALTER INDEX ... DISABLE');
      return;
    default:
      return within(() => runSecurity(context, statement));
  }
}
