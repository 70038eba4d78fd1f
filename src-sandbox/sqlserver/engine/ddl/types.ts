import type { DdlStatement } from '../../sql/ast-ddl.ts';
import { typeOf } from '../environment.ts';
import { errors, SqlError } from '../errors.ts';
import { findSchema, requireDatabase, sameIn } from '../resolve-object.ts';
import type { StatementContext } from '../statement-context.ts';

/** CREATE TYPE ... FROM: an alias type. */
export function createType(context: StatementContext, statement: Extract<DdlStatement, { kind: 'create-type' }>): void {
  const { definition, name } = statement;
  if (definition.kind !== 'alias') throw errors.unsupported('CREATE TYPE ... AS TABLE');
  const database = requireDatabase(context.server, context.session, name.database);
  context.requirePermission(database, 'CREATE TYPE');
  const schema = findSchema(database, name.schema ?? 'dbo');
  if (schema === undefined)
    throw new SqlError(
      2760,
      `The specified schema name "${name.schema ?? ''}" either does not exist or you do not have permission to use it.`,
    );
  if (database.types.some((type) => type.schemaId === schema.id && sameIn(database.collation, type.name, name.name))) {
    throw new SqlError(
      219,
      `The type '${name.schema ?? 'dbo'}.${name.name}' already exists, or you do not have permission to create it.`,
    );
  }
  const before = database.types;
  database.types = [
    ...before,
    {
      userTypeId: Math.max(256, ...before.map((type) => type.userTypeId)) + 1,
      schemaId: schema.id,
      name: name.name,
      base: typeOf(database, definition.base),
      nullable: definition.nullable ?? true,
    },
  ];
  context.onRollback(() => {
    database.types = before;
  });
}

export function dropTypes(context: StatementContext, statement: Extract<DdlStatement, { kind: 'drop-type' }>): void {
  const database = context.session.database;
  for (const name of statement.names) {
    const found = database.types.find((type) => sameIn(database.collation, type.name, name.name));
    if (found === undefined) {
      if (statement.ifExists) continue;
      throw new SqlError(
        218,
        `Could not find the type '${name.name}'. Either it does not exist or you do not have the necessary permission.`,
      );
    }
    context.requirePermission(database, 'ALTER');
    if (database.tables.some((table) => table.columns.some((column) => column.aliasTypeId === found.userTypeId))) {
      throw new SqlError(
        3732,
        `Cannot drop type '${name.name}' because it is being referenced by object '${database.tables.find((table) => table.columns.some((column) => column.aliasTypeId === found.userTypeId))?.name ?? ''}'. There may be other objects that reference this type.`,
      );
    }
    const before = database.types;
    database.types = before.filter((type) => type !== found);
    context.onRollback(() => {
      database.types = before;
    });
  }
}
