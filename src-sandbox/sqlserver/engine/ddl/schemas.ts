import type { DdlStatement } from '../../sql/ast-ddl.ts';
import { findSchema, principalOf } from '../resolve-object.ts';
import type { StatementContext } from '../statement-context.ts';
import { objectExists } from './create-table.ts';

export async function createSchema(
  context: StatementContext,
  statement: Extract<DdlStatement, { kind: 'create-schema' }>,
): Promise<void> {
  const { session } = context;
  const { database } = session;
  context.requirePermission(database, 'CREATE SCHEMA');
  const name = statement.name?.name ?? statement.authorization?.name ?? '';
  if (findSchema(database, name) !== undefined) throw objectExists(name);
  const schema = {
    id: Math.max(4, ...database.schemas.filter((one) => one.id < 16_384).map((one) => one.id)) + 1,
    name,
    principalId: principalOf(database, session.login)?.id ?? 1,
  };
  database.schemas.push(schema);
  context.onRollback(() => database.schemas.splice(database.schemas.indexOf(schema), 1));
  await Promise.resolve();
}
