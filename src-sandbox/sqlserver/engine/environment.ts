import type { SqlType } from '../engine-contract.ts';
import type { TypeReference } from '../sql/ast.ts';
import type { BindEnvironment } from './bind/binder.ts';
import { environmentFunction } from './environment-functions.ts';
import { globalVariable } from './global-variables.ts';
import { SqlError } from './errors.ts';
import { findDatabase, findSchema, principalOf, requireDatabase, resolveObject, sameIn } from './resolve-object.ts';
import type { DatabaseMetadata, TableMetadata } from './metadata.ts';
import { parseBoundaries } from './partitions.ts';
import type { ServerState } from './server-state.ts';
import type { SessionState, Variable } from './session-state.ts';

/** Variables and table variables of a batch. */
export type BatchScope = {
  variables: Map<string, Variable>;
  tables: Map<string, TableMetadata>;
  /** The error that the innermost CATCH block handles. */
  caught: SqlError | null;
};

/** What a statement is bound with: the session and the batch as they are now. */
export function environmentOf(server: ServerState, session: SessionState, batch: BatchScope): BindEnvironment {
  const now = new Date();
  const environment: BindEnvironment = {
    login: session.login,
    principalIn: (database) => principalOf(database, session.login),
    database: session.database,
    findDatabase: (name) => findDatabase(server, name),
    serverCollation: server.metadata.collation,
    dateOrder: session.options.dateOrder,
    dateFirst: session.options.dateFirst,
    now,
    variable: (name) => batch.variables.get(name.toLowerCase()),
    globalVariable: (name) => globalVariable(server, session, name),
    environmentFunction: (name) => environmentFunction({ server, session, batch }, name),
    resolveObject(name) {
      return resolveObject(server, session, name, this.database);
    },
    tableVariable: (name) => batch.tables.get(name.toLowerCase()),
    partitionFunction: (databaseName, name) => {
      const database = requireDatabase(server, session, databaseName);
      const found = database.partitionFunctions.find((one) => sameIn(database.collation, one.name, name));
      if (found === undefined) throw new SqlError(208, `Invalid object name '${name}'.`);
      return { type: found.type, boundaries: parseBoundaries(found), onRight: found.boundaryOnRight };
    },
    typeOf(reference) {
      return typeOf(this.database, reference);
    },
  };
  return environment;
}

/** The type that a reference names; alias types are looked up. */
export function typeOf(database: DatabaseMetadata, reference: TypeReference): SqlType {
  return resolveType(database, reference).type;
}

export function resolveType(
  database: DatabaseMetadata,
  reference: TypeReference,
): { type: SqlType; aliasTypeId: number | null; nullable: boolean | null } {
  if (reference.kind === 'system')
    return { type: { ...reference.type }, aliasTypeId: reference.isSysname ? 256 : null, nullable: null };
  const { name } = reference;
  const schema = name.schema === null ? undefined : findSchema(database, name.schema);
  if (name.schema?.toLowerCase() === 'sys') {
    if (name.name.toLowerCase() === 'sysname')
      return { type: { name: 'nvarchar', length: 128 }, aliasTypeId: 256, nullable: null };
  }
  const alias = database.types.find(
    (type) => sameIn(database.collation, type.name, name.name) && (schema === undefined || type.schemaId === schema.id),
  );
  if (alias === undefined) {
    const text = [name.schema, name.name].filter((part) => part !== null).join('.');
    throw new SqlError(2715, `Column, parameter, or variable #1: Cannot find data type ${text}.`, { state: 3 });
  }
  return { type: { ...alias.base }, aliasTypeId: alias.userTypeId, nullable: alias.nullable };
}
