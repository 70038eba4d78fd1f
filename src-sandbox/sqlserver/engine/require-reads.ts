import type { Binder } from './bind/binder.ts';
import { errors, SqlError } from './errors.ts';
import { mayUse } from './permissions.ts';
import { principalOf } from './resolve-object.ts';
import type { StatementContext } from './statement-context.ts';

/** SELECT on every object that a statement reads, or on each of the columns that it uses: 229 and 230. */
export function requireReads(context: StatementContext, binder: Binder): void {
  const { login } = context.session;
  for (const { database, schema, name, schemaId, objectId, source } of binder.reads) {
    const principal = principalOf(database, login);
    if (principal === null) throw errors.noDatabaseAccess(login.name, database.name);
    const who = { database, principal, login };
    if (database.name === 'tempdb') continue;
    const may = (columnId?: number): boolean =>
      mayUse(who, 'SELECT', { schemaId, objectId, ...(columnId === undefined ? {} : { columnId }) });
    const columns = [...source.used].filter((column) => column.metadata !== null);
    const masked = columns.find((column) => typeof column.metadata?.maskingFunction === 'string');
    if (masked !== undefined && !mayUse(who, 'UNMASK', { schemaId, objectId })) {
      throw errors.unsupported(`masks: the column '${masked.name}' is masked for this user`);
    }
    const hasColumnRights = database.permissions.some(
      ({ on }) => on.kind === 'OBJECT' && on.objectId === objectId && on.columnId !== 0,
    );
    if (!hasColumnRights) {
      if (!may())
        throw errors.permissionDenied({ permission: 'SELECT', object: name, database: database.name, schema });
      continue;
    }
    if (columns.length === 0 && !may() && !source.columns.some((column) => may(column.metadata?.id))) {
      throw errors.permissionDenied({ permission: 'SELECT', object: name, database: database.name, schema });
    }
    const refused = columns.find((column) => !may(column.metadata?.id));
    if (refused === undefined) continue;
    if (!may() && !source.columns.some((column) => may(column.metadata?.id))) {
      throw errors.permissionDenied({ permission: 'SELECT', object: name, database: database.name, schema });
    }
    throw new SqlError(
      230,
      `The SELECT permission was denied on the column '${refused.name}' of the object '${name}', database '${database.name}', schema '${schema}'.`,
      { severity: 14 },
    );
  }
}
