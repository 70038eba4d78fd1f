import type { DdlStatement } from '../../sql/ast-ddl.ts';
import { SqlError } from '../errors.ts';
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

export function dropSchema(context: StatementContext, statement: Extract<DdlStatement, { kind: 'drop-schema' }>): void {
  const { database } = context.session;
  const schema = findSchema(database, statement.name.name);
  if (schema === undefined) {
    if (statement.ifExists) return;
    throw new SqlError(
      15_151,
      `Cannot drop the schema '${statement.name.name}', because it does not exist or you do not have permission.`,
    );
  }
  context.requirePermission(database, 'ALTER');
  const user =
    database.tables.find((table) => table.schemaId === schema.id) ??
    database.views.find((view) => view.schemaId === schema.id);
  if (user !== undefined)
    throw new SqlError(
      3729,
      `Cannot drop schema '${schema.name}' because it is being referenced by object '${user.name}'.`,
    );
  const before = database.schemas;
  database.schemas = before.filter((one) => one !== schema);
  context.onRollback(() => {
    database.schemas = before;
  });
}
