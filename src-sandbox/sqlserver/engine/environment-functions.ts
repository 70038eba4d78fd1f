import type { SqlValue } from '../engine-contract.ts';
import { splitName } from '../sql/split-name.ts';
import type { EnvironmentFunction } from './bind/binder.ts';
import { define, type Definition, type Place } from './environment-definition.ts';
import type { DatabaseMetadata } from './metadata.ts';
import { objectFunctions } from './object-functions.ts';
import { findDatabase, principalOf, schemaName, sameIn } from './resolve-object.ts';
import { securityFunctions } from './security-functions.ts';
import type { ServerState } from './server-state.ts';
import { serverProperty, databaseProperty, collationProperty } from './server-properties.ts';
import type { SessionState } from './session-state.ts';
import { BIGINT, decimal, INT, nvarchar, SMALLINT, VARIANT } from './sql-types.ts';

/** A function about the session, the server or metadata, or undefined. https://learn.microsoft.com/en-us/sql/t-sql/functions/metadata-functions-transact-sql */
export function environmentFunction(place: Place, name: string): EnvironmentFunction | undefined {
  const found = sessionFunctions(place, name) ?? objectFunctions(place, name) ?? securityFunctions(place, name);
  return found === undefined ? undefined : { ...found, key: `${name} of ${place.session.spid} ${(uses += 1)}` };
}

/** What these functions answer changes with what runs before: each use is a function of its own. */
let uses = 0;

function sessionFunctions({ server, session, batch }: Place, name: string): Definition | undefined {
  const { collation } = server.metadata;
  const sysname = nvarchar(128, collation);
  const { caught } = batch;
  switch (name) {
    case 'DB_NAME':
      return define([INT], sysname, ([id]) => databaseById(server, session, id as number | undefined)?.name ?? null, {
        required: 0,
      });
    case 'DB_ID':
      return define(
        [sysname],
        SMALLINT,
        ([wanted]) =>
          wanted === undefined ? session.database.id : (findDatabase(server, wanted as string)?.id ?? null),
        { required: 0 },
      );
    case 'APP_NAME':
      return define([], sysname, () => session.applicationName);
    case 'HOST_NAME':
      return define([], sysname, () => session.hostName);
    case 'HOST_ID':
      return define([], nvarchar(10, collation), () => String(process.pid));
    case 'XACT_STATE':
      return define([], SMALLINT, () => (session.transaction === null ? 0 : session.transaction.isDoomed ? -1 : 1));
    case 'SCOPE_IDENTITY':
      return define([], decimal(38, 0), () => session.identity, { takesNull: true });
    case 'CURRENT_TRANSACTION_ID':
      return define([], BIGINT, () => session.transaction?.id ?? 0n);
    case 'ROWCOUNT_BIG':
      return define([], BIGINT, () => BigInt(session.rowCount));
    case 'ERROR_NUMBER':
      return define([], INT, () => caught?.number ?? null);
    case 'ERROR_MESSAGE':
      return define([], nvarchar(4000, collation), () => caught?.message ?? null);
    case 'ERROR_SEVERITY':
      return define([], INT, () => caught?.severity ?? null);
    case 'ERROR_STATE':
      return define([], INT, () => caught?.state ?? null);
    case 'ERROR_LINE':
      return define([], INT, () => caught?.line ?? null);
    case 'ERROR_PROCEDURE':
      return define([], sysname, () => null);
    case 'SERVERPROPERTY':
      return define([sysname], VARIANT, ([property]) => serverProperty(server, property as string));
    case 'DATABASEPROPERTYEX':
      return define([sysname, sysname], VARIANT, ([database, property]) => {
        const found = findDatabase(server, database as string);
        return found === undefined ? null : databaseProperty(server, found, property as string);
      });
    case 'COLLATIONPROPERTY':
      return define([sysname, sysname], VARIANT, ([wanted, property]) =>
        collationProperty(wanted as string, property as string),
      );
    case 'CONNECTIONPROPERTY':
      return define([sysname], VARIANT, ([property]) => connectionProperty(property as string, collation));
    case 'PARSENAME':
      return define([nvarchar(776, collation), INT], sysname, ([object, part]) =>
        parseName(object as string, part as number),
      );
    case 'HAS_DBACCESS':
      return define([sysname], INT, ([wanted]) => {
        const found = findDatabase(server, wanted as string);
        return found === undefined ? null : principalOf(found, session.login) === null ? 0 : 1;
      });
    case 'SCHEMA_NAME':
      return define(
        [INT],
        sysname,
        ([id]) => (id === undefined ? defaultSchema(session) : schemaName(session.database, id as number) || null),
        { required: 0 },
      );
    case 'SCHEMA_ID':
      return define(
        [sysname],
        INT,
        ([wanted]) => schemaId(session.database, (wanted as string | undefined) ?? defaultSchema(session)),
        { required: 0 },
      );
    default:
      return undefined;
  }
}

function databaseById(
  server: ServerState,
  session: SessionState,
  id: number | undefined,
): DatabaseMetadata | undefined {
  return id === undefined ? session.database : server.metadata.databases.find((database) => database.id === id);
}

const defaultSchema = (session: SessionState): string =>
  principalOf(session.database, session.login)?.defaultSchema ?? 'dbo';

function schemaId(database: DatabaseMetadata, name: string): number | null {
  return database.schemas.find((schema) => sameIn(database.collation, schema.name, name))?.id ?? null;
}

function connectionProperty(property: string, collation: string): SqlValue {
  const text = (value: string): SqlValue => ({ type: nvarchar(40, collation), value });
  switch (property.toLowerCase()) {
    case 'net_transport':
    case 'physical_net_transport':
      return text('TCP');
    case 'protocol_type':
      return text('TSQL');
    case 'auth_scheme':
      return text('SQL');
    case 'local_net_address':
    case 'client_net_address':
      return text('127.0.0.1');
    default:
      return null;
  }
}

/** Parts count from the right. */
function parseName(name: string, part: number): string | null {
  const parts = splitName(name);
  return parts === null || part < 1 || part > 4 ? null : (parts.at(-part) ?? null);
}
