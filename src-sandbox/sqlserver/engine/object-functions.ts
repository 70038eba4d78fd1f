import { SYSTEM_VIEWS } from '../catalog/system-views.ts';
import { systemTypes, typeFacts } from '../catalog/type-facts.ts';
import type { SqlValue } from '../engine-contract.ts';
import { splitName } from '../sql/split-name.ts';
import { define, type Definition, type Place } from './environment-definition.ts';
import type { ColumnMetadata, DatabaseMetadata, TableMetadata, ViewMetadata } from './metadata.ts';
import { maySee } from './permissions.ts';
import { findTable, tableById } from './object-index.ts';
import { findDatabase, findSchema, findView, principalOf, sameIn, schemaName } from './resolve-object.ts';
import { decimal, INT, isText, nvarchar, SMALLINT } from './sql-types.ts';

type Found = {
  type: string;
  name: string;
  schemaId: number;
  objectId: number;
  /** The object that its visibility hangs on: of a constraint its table. */
  ownerId: number;
  table: TableMetadata | null;
  view: ViewMetadata | null;
};

/** Functions that look objects up. */
export function objectFunctions(place: Place, name: string): Definition | undefined {
  const { server, session } = place;
  const sysname = nvarchar(128, server.metadata.collation);
  const long = nvarchar(1035, server.metadata.collation);
  const current = (): DatabaseMetadata => session.database;
  const database = (id: SqlValue | undefined): DatabaseMetadata | undefined =>
    id === undefined ? current() : server.metadata.databases.find((one) => one.id === id);
  switch (name) {
    case 'OBJECT_ID':
      return define(
        [long, sysname],
        INT,
        ([wanted, type]) => objectId(place, wanted as string, type as string | undefined),
        { required: 1 },
      );
    case 'OBJECT_NAME':
      return define([INT, INT], sysname, ([id, of]) => findById(place, database(of), id as number)?.name ?? null, {
        required: 1,
      });
    case 'OBJECT_SCHEMA_NAME':
      return define(
        [INT, INT],
        sysname,
        ([id, of]) => {
          const found = findById(place, database(of), id as number);
          return found === undefined ? null : schemaName(database(of) as DatabaseMetadata, found.schemaId);
        },
        { required: 1 },
      );
    case 'OBJECT_DEFINITION':
      return define(
        [INT],
        nvarchar(-1, server.metadata.collation),
        ([id]) => findById(place, current(), id as number)?.view?.definition ?? null,
      );
    case 'TYPE_NAME':
      return define([INT], sysname, ([id]) => typeName(current(), id as number));
    case 'TYPE_ID':
      return define([sysname], INT, ([wanted]) => typeId(current(), wanted as string));
    case 'COL_NAME':
      return define(
        [INT, INT],
        sysname,
        ([id, column]) =>
          columnsOf(findById(place, current(), id as number)).find((one) => one.id === column)?.name ?? null,
      );
    case 'COL_LENGTH':
      return define([long, sysname], SMALLINT, ([object, column]) => {
        const id = objectId(place, object as string, undefined);
        const found = id === null ? undefined : columnNamed(place, id, column as string);
        return found === undefined ? null : typeFacts(found.type).maxLength;
      });
    case 'COLUMNPROPERTY':
      return define([INT, sysname, sysname], INT, ([id, column, property]) => {
        const found = columnNamed(place, id as number, column as string);
        return found === undefined ? null : columnProperty(found, property as string);
      });
    case 'OBJECTPROPERTY':
    case 'OBJECTPROPERTYEX':
      return define([INT, sysname], INT, ([id, property]) =>
        objectProperty(findById(place, current(), id as number), property as string),
      );
    case 'IDENT_CURRENT':
    case 'IDENT_SEED':
    case 'IDENT_INCR':
      return define([long], decimal(38, 0), ([object]) => identityValue(place, object as string, name));
    default:
      return undefined;
  }
}

/** `[db].[schema].[name]`; a type ('U', 'V', 'PK', ...) must fit. NULL for what the caller may not see. */
function objectId(place: Place, text: string, type: string | undefined): number | null {
  const parts = splitName(text) ?? [];
  const { server, session } = place;
  const name = parts.at(-1) ?? '';
  if (name.startsWith('#')) return session.temporary.get(name.toLowerCase())?.objectId ?? null;
  const databaseNamed = parts.at(-3) ?? null;
  const database = databaseNamed === null ? session.database : findDatabase(server, databaseNamed);
  if (database === undefined) return null;
  const principal = principalOf(database, session.login);
  if (principal === null) return null;
  const schemaNamed = parts.at(-2) ?? null;
  for (const wanted of schemaNamed === null ? [principal.defaultSchema, 'dbo'] : [schemaNamed]) {
    const schema = findSchema(database, wanted);
    if (schema === undefined) continue;
    const found = findByName(database, schema.id, name);
    const isSeen = found !== undefined && sees(place, database, found);
    if (isSeen && (type === undefined || found.type === type.trim().toUpperCase())) return found.objectId;
    const system = SYSTEM_VIEWS.find(
      (view) => sameIn(database.collation, view.schema, schema.name) && sameIn(database.collation, view.name, name),
    );
    if (system !== undefined && (type === undefined || type.trim().toUpperCase() === 'V')) return system.objectId;
  }
  return null;
}

function sees({ session }: Place, database: DatabaseMetadata, { schemaId, ownerId }: Found): boolean {
  const principal = principalOf(database, session.login);
  return principal !== null && maySee({ database, principal, login: session.login }, { schemaId, objectId: ownerId });
}

function findByName(database: DatabaseMetadata, schemaId: number, name: string): Found | undefined {
  const table = findTable(database, schemaId, name);
  if (table !== undefined) return tableFound(table);
  const view = findView(database, schemaId, name);
  if (view !== undefined) return viewFound(view);
  return database.tables
    .filter((one) => one.schemaId === schemaId)
    .flatMap(constraintsOf)
    .find((one) => sameIn(database.collation, one.name, name));
}

const tableFound = (table: TableMetadata): Found => ({
  ...table,
  type: 'U',
  ownerId: table.objectId,
  table,
  view: null,
});
const viewFound = (view: ViewMetadata): Found => ({ ...view, type: 'V', ownerId: view.objectId, table: null, view });

function constraintsOf(table: TableMetadata): Found[] {
  const part = (type: string, name: string, objectId: number): Found => ({
    type,
    name,
    schemaId: table.schemaId,
    objectId,
    ownerId: table.objectId,
    table: null,
    view: null,
  });
  return [
    ...table.indexes.flatMap((index) =>
      index.constraint === null || index.name === null
        ? []
        : [part(index.constraint.kind === 'UNIQUE' ? 'UQ' : 'PK', index.name, index.constraint.objectId)],
    ),
    ...table.checks.map((check) => part('C', check.name, check.objectId)),
    ...table.foreignKeys.map((key) => part('F', key.name, key.objectId)),
    ...table.columns.flatMap((column) =>
      column.default === null ? [] : [part('D', column.default.name, column.default.objectId)],
    ),
  ];
}

/** An object that the session may see. */
function findById(place: Place, database: DatabaseMetadata | undefined, id: number): Found | undefined {
  if (database === undefined) return undefined;
  const own = ownById(database, id);
  if (own !== undefined) return sees(place, database, own) ? own : undefined;
  const view = SYSTEM_VIEWS.find((one) => one.objectId === id);
  return (
    view && {
      type: 'V',
      name: view.name,
      schemaId: view.schema === 'sys' ? 4 : 3,
      objectId: id,
      ownerId: id,
      table: null,
      view: null,
    }
  );
}

function ownById(database: DatabaseMetadata, id: number): Found | undefined {
  const table = tableById(database, id);
  if (table !== undefined) return tableFound(table);
  const view = database.views.find((one) => one.objectId === id);
  if (view !== undefined) return viewFound(view);
  return id < 0 ? undefined : database.tables.flatMap(constraintsOf).find((one) => one.objectId === id);
}

const columnsOf = (found: Found | undefined): ColumnMetadata[] => found?.table?.columns ?? found?.view?.columns ?? [];

function columnNamed(place: Place, id: number, name: string): ColumnMetadata | undefined {
  const { database } = place.session;
  return columnsOf(findById(place, database, id)).find((column) => sameIn(database.collation, column.name, name));
}

function typeName(database: DatabaseMetadata, id: number): string | null {
  if (id === 256) return 'sysname';
  const own = database.types.find((type) => type.userTypeId === id);
  return own?.name ?? systemTypes().find(({ type }) => typeFacts(type).userTypeId === id)?.name ?? null;
}

function typeId(database: DatabaseMetadata, text: string): number | null {
  const name = splitName(text)?.at(-1) ?? text;
  if (name.toLowerCase() === 'sysname') return 256;
  const own = database.types.find((type) => sameIn(database.collation, type.name, name));
  if (own !== undefined) return own.userTypeId;
  const system = systemTypes().find((type) => type.name === name.toLowerCase());
  return system === undefined ? null : typeFacts(system.type).userTypeId;
}

/** https://learn.microsoft.com/en-us/sql/t-sql/functions/columnproperty-transact-sql */
function columnProperty(column: ColumnMetadata, property: string): number | null {
  const bit = (value: boolean): number => (value ? 1 : 0);
  const facts = typeFacts(column.type);
  switch (property.toLowerCase()) {
    case 'allowsnull':
      return bit(column.nullable);
    case 'columnid':
      return column.id;
    case 'isidentity':
      return bit(column.identity !== null);
    case 'iscomputed':
      return bit(column.computed !== null);
    case 'ishidden':
      return bit(column.isHidden);
    case 'issparse':
      return bit(column.isSparse);
    case 'isrowguidcol':
      return bit(column.isRowGuid);
    case 'iscolumnset':
      return bit(column.isColumnSet);
    case 'generatedalwaystype':
      return column.generatedAlways === 'NOT_APPLICABLE' ? 0 : column.generatedAlways === 'AS_ROW_START' ? 1 : 2;
    case 'precision':
      return isText(column.type) ? (column.type.length ?? -1) : facts.precision;
    case 'scale':
      return facts.scale;
    case 'charmaxlen':
      return isText(column.type) ? (column.type.length ?? -1) : null;
    default:
      return null;
  }
}

/** https://learn.microsoft.com/en-us/sql/t-sql/functions/objectproperty-transact-sql */
function objectProperty(found: Found | undefined, property: string): number | null {
  if (found === undefined) return null;
  const bit = (value: boolean): number => (value ? 1 : 0);
  const { table } = found;
  const hasIndex = (test: (index: TableMetadata['indexes'][number]) => boolean): number =>
    bit(table?.indexes.some(test) ?? false);
  switch (property.toLowerCase()) {
    case 'istable':
    case 'isusertable':
      return bit(table !== null);
    case 'isview':
      return bit(found.type === 'V');
    case 'ismsshipped':
      return bit(found.objectId < 0);
    case 'isprimarykey':
      return bit(found.type === 'PK');
    case 'isconstraint':
      return bit(['PK', 'UQ', 'C', 'F', 'D'].includes(found.type));
    case 'schemaid':
      return found.schemaId;
    case 'tablehasprimarykey':
      return hasIndex((index) => index.constraint?.kind === 'PRIMARY KEY');
    case 'tablehasclustindex':
      return hasIndex((index) => index.type === 'CLUSTERED');
    case 'tablehasidentity':
      return bit(table?.columns.some((column) => column.identity !== null) ?? false);
    case 'tablehastimestamp':
      return bit(table?.columns.some((column) => column.type.name === 'timestamp') ?? false);
    case 'tabletemporaltype':
      return table?.temporal === null ? 0 : table?.temporal.kind === 'HISTORY' ? 1 : 2;
    default:
      return null;
  }
}

function identityValue(place: Place, text: string, name: string): bigint | null {
  const id = objectId(place, text, 'U');
  const identity =
    id === null
      ? null
      : columnsOf(findById(place, place.session.database, id)).find((column) => column.identity !== null)?.identity;
  if (identity === null || identity === undefined) return null;
  if (name === 'IDENT_SEED') return identity.seed;
  return name === 'IDENT_INCR' ? identity.increment : (identity.lastValue ?? identity.seed);
}
