import type { CreateIndex, DdlStatement } from '../../sql/ast-ddl.ts';
import { createBinder } from '../bind/create-binder.ts';
import { storageName } from '../bind/bind-from.ts';
import { indexKeys, type WriteTarget } from '../dml/target.ts';
import { errors, SqlError } from '../errors.ts';
import type { IndexMetadata } from '../metadata.ts';
import { sameIn } from '../resolve-object.ts';
import type { StatementContext } from '../statement-context.ts';
import { addIndex } from './add-index.ts';
import { finishIndexes } from './finish-indexes.ts';
import { requireAlter } from './require-alter.ts';

/** CREATE INDEX: indexes speed nothing up here, they are kept for the catalog and, where unique, for their rule. */
export async function createIndex(context: StatementContext, statement: CreateIndex): Promise<void> {
  const object = context.environment().resolveObject(statement.table);
  if (object.kind !== 'table') throw errors.unsupported('an index on a view');
  const { database, table, schema } = object;
  requireAlter(
    context,
    database,
    table,
    () =>
      new SqlError(
        1088,
        `Cannot find the object "${statement.table.name}" because it does not exist or you do not have permissions.`,
        { state: 12 },
      ),
  );
  const before = [...table.indexes];
  context.onRollback(() => {
    table.indexes = before;
  });
  if (
    table.indexes.some((index) => index.name !== null && sameIn(database.collation, index.name, statement.name.name))
  ) {
    throw new SqlError(
      1913,
      `The operation failed because an index or statistics with name '${statement.name.name}' already exists on table '${schema}.${table.name}'.`,
    );
  }
  const index = addIndex(context, { database, table, definition: statement });
  if (index.isUnique)
    await requireUnique(context, { database, table, schema, storage: storageName(database.id, table.objectId) }, index);
}

/** Throws 1505 when rows have the same key. */
export async function requireUnique(
  context: StatementContext,
  target: WriteTarget,
  index: IndexMetadata,
): Promise<void> {
  if (index.filterDefinition !== null) return;
  const b = createBinder(context.server.duck.scripts, context.environment());
  const ids = index.columns.filter((column) => !column.isIncluded).map((column) => column.columnId);
  const keys = indexKeys(b, target, ids, (column) => `c${column.id}`);
  const reader = await context.session.connection.runAndReadAll(
    `SELECT 1 FROM ${target.storage} GROUP BY ${keys.join(', ')} HAVING count(*) > 1 LIMIT 1`,
  );
  if (reader.getRows().length === 0) return;
  throw new SqlError(
    1505,
    `The CREATE UNIQUE INDEX statement terminated because a duplicate key was found for the object name '${target.schema}.${target.table.name}' and the index name '${index.name ?? ''}'.`,
  );
}

export async function dropIndexes(
  context: StatementContext,
  statement: Extract<DdlStatement, { kind: 'drop-index' }>,
): Promise<void> {
  for (const { name, table: owner } of statement.indexes) {
    const object = context.environment().resolveObject(owner);
    if (object.kind !== 'table') throw errors.unknownObject(owner.name);
    const { table, database } = object;
    const missing = (): SqlError =>
      new SqlError(
        3701,
        `Cannot drop the index '${owner.name}.${name.name}', because it does not exist or you do not have permission.`,
        { severity: 11, state: 7 },
      );
    requireAlter(context, database, table, missing);
    const found = table.indexes.find(
      (index) => index.name !== null && sameIn(database.collation, index.name, name.name),
    );
    if (found === undefined) {
      if (statement.ifExists) continue;
      throw missing();
    }
    if (found.constraint !== null)
      throw new SqlError(
        3723,
        `An explicit DROP INDEX is not allowed on index '${owner.name}.${name.name}'. It is being used for ${found.constraint.kind} constraint enforcement.`,
      );
    const before = [...table.indexes];
    context.onRollback(() => {
      table.indexes = before;
    });
    table.indexes = table.indexes.filter((index) => index !== found);
    finishIndexes(table);
  }
  await Promise.resolve();
}
