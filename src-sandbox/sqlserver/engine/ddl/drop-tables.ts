import type { DdlStatement } from '../../sql/ast-ddl.ts';
import { SqlError } from '../errors.ts';
import { addTable, findTable, removeTable } from '../object-index.ts';
import { findSchema, principalOf, requireDatabase } from '../resolve-object.ts';
import type { StatementContext } from '../statement-context.ts';
import { lockName } from '../transactions.ts';
import { requireAlter } from './require-alter.ts';

export async function dropTables(
  context: StatementContext,
  statement: Extract<DdlStatement, { kind: 'drop-table' }>,
): Promise<void> {
  const { session, server } = context;
  for (const name of statement.names) {
    if (name.name.startsWith('#')) {
      const table = session.temporary.get(name.name.toLowerCase());
      if (table === undefined) {
        if (statement.ifExists) continue;
        throw cannotDrop(name.name);
      }
      await context.writeDuck(`DROP TABLE "db2"."t${table.objectId}"`);
      session.temporary.delete(name.name.toLowerCase());
      context.onRollback(() => session.temporary.set(name.name.toLowerCase(), table));
      continue;
    }
    const database = requireDatabase(server, session, name.database);
    const schema = findSchema(database, name.schema ?? principalOf(database, session.login)?.defaultSchema ?? 'dbo');
    const table = schema === undefined ? undefined : findTable(database, schema.id, name.name);
    if (table === undefined || schema === undefined) {
      if (statement.ifExists) continue;
      throw cannotDrop(name.name);
    }
    requireAlter(context, database, table, () => cannotDrop(name.name));
    if (table.temporal !== null) {
      throw new SqlError(
        13_552,
        `Drop table operation failed on table '${database.name}.${schema.name}.${table.name}' because it is not a supported operation on system-versioned temporal tables.`,
      );
    }
    const child = database.tables.find(
      (other) => other !== table && other.foreignKeys.some((key) => key.referencedTableId === table.objectId),
    );
    if (child !== undefined) {
      throw new SqlError(
        3726,
        `Could not drop object '${name.name}' because it is referenced by a FOREIGN KEY constraint.`,
      );
    }
    await server.locks.acquire(lockName(table), {
      owner: session.spid,
      timeoutMs: session.options.lockTimeout,
      signal: context.signal,
    });
    await context.writeDuck(`DROP TABLE "db${database.id}"."t${table.objectId}"`);
    const place = removeTable(database, table);
    const { permissions } = database;
    database.permissions = permissions.filter(({ on }) => !(on.kind === 'OBJECT' && on.objectId === table.objectId));
    context.onRollback(() => {
      addTable(database, table, place);
      database.permissions = permissions;
    });
  }
}

const cannotDrop = (name: string): SqlError =>
  new SqlError(3701, `Cannot drop the table '${name}', because it does not exist or you do not have permission.`, {
    severity: 11,
    state: 5,
  });
