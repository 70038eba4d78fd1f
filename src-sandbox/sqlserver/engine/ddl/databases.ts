import type { AlterDatabase } from '../../sql/ast-ddl.ts';
import { errors, SqlError } from '../errors.ts';
import { findDatabase } from '../resolve-object.ts';
import type { StatementContext } from '../statement-context.ts';

/** ALTER DATABASE ... SET of the options that sessions can see. */
export async function alterDatabase(context: StatementContext, statement: AlterDatabase): Promise<void> {
  const { session, server } = context;
  const name = statement.name?.name ?? session.database.name;
  const database = findDatabase(server, name);
  if (database === undefined) throw errors.noDatabase(name);
  if (session.transaction !== null)
    throw new SqlError(226, 'ALTER DATABASE statement not allowed within multi-statement transaction.', { state: 6 });
  context.requirePermission(database, 'ALTER');
  if (statement.action.kind !== 'set') throw errors.unsupported(`ALTER DATABASE ... ${statement.action.kind}`);
  for (const option of statement.action.options) {
    const on = option.value === 'ON';
    switch (option.name) {
      case 'ALLOW_SNAPSHOT_ISOLATION':
        database.allowSnapshot = on;
        break;
      case 'READ_COMMITTED_SNAPSHOT':
        database.readCommittedSnapshot = on;
        break;
      case 'COMPATIBILITY_LEVEL':
        database.compatibilityLevel = Number(option.value);
        break;
      case 'RECOVERY':
        database.recoveryModel = option.value as typeof database.recoveryModel;
        break;
      case 'READ_ONLY':
      case 'READ_WRITE':
        database.isReadOnly = option.name === 'READ_ONLY';
        break;
      default:
        throw errors.unsupported(`ALTER DATABASE ... SET ${option.name}`);
    }
  }
  await Promise.resolve();
}
