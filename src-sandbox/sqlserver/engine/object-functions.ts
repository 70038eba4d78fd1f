import { SYSTEM_VIEWS } from '../catalog/system-views.ts';
import { systemTypes, typeFacts } from '../catalog/type-facts.ts';
import type { SqlValue } from '../engine-contract.ts';
import { define, type Definition, type Place, unquoted } from './environment-definition.ts';
import type { ColumnMetadata, DatabaseMetadata, TableMetadata, ViewMetadata } from './metadata.ts';
import { maySee } from './permissions.ts';
import { findDatabase, findSchema, principalOf, sameIn, schemaName } from './resolve-object.ts';
import { decimal, INT, isText, nvarchar, SMALLINT } from './sql-types.ts';

type Found = {
  type: string;
  name: string;
  schemaId: number;
  objectId: number;
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
  const parts = (text.match(/\[(?:[^\]]|\]\])*\]|"(?:[^"]|"")*"|[^.]+|(?<=\.)(?=\.)/g) ?? []).map((part) =>
    unquoted(part.trim()),
  );
  const { server, session } = place;
  const name = parts.at(-1) ?? '';
  if (name.startsWith('#')) return session.temporary.get(name.toLowerCase())?.objectId ?? null;
  const database =
    parts.length > 2 && parts.at(-3) !== '' ? findDatabase(server, parts.at(-3) ?? '') : session.database;
  if (database === undefined) return null;
  const principal = principalOf(database, session.login);
  if (principal === null) return null;
  const schemas = parts.length > 1 && parts.at(-2) !== '' ? [parts.at(-2) ?? ''] : [principal.defaultSchema, 'dbo'];
  for (const wanted of schemas) {
    const schema = findSchema(database, wanted);
    if (schema === undefined) continue;
    const found = objectsOf(place, database).find(
      (one) => one.schemaId === schema.id && sameIn(database.collation, one.name, name),
    );
    if (found !== undefined && (type === undefined || found.type === type.trim().toUpperCase())) return found.objectId;
    const system = SYSTEM_VIEWS.find(
      (view) => sameIn(database.collation, view.schema, schema.name) && sameIn(database.collation, view.name, name),
    );
    if (system !== undefined && (type === undefined || type.trim().toUpperCase() === 'V')) return system.objectId;
  }
  return null;
}

/** Objects that the session may see. */
function objectsOf(place: Place, database: DatabaseMetadata): Found[] {
  const { session } = place;
  const principal = principalOf(database, session.login);
  if (principal === null) return [];
  const who = { database, principal, login: session.login };
  const tables = database.tables.filter((table) => maySee(who, { schemaId: table.schemaId, objectId: table.objectId }));
  const views = database.views.filter((view) => maySee(who, { schemaId: view.schemaId, objectId: view.objectId }));
  return [
    ...tables.flatMap((table): Found[] => {
      const part = (type: string, name: string, id: number): Found => ({
        type,
        name,
        schemaId: table.schemaId,
        objectId: id,
        table: null,
        view: null,
      });
      return [
        { type: 'U', name: table.name, schemaId: table.schemaId, objectId: table.objectId, table, view: null },
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
    }),
    ...views.map((view): Found => ({
      type: 'V',
      name: view.name,
      schemaId: view.schemaId,
      objectId: view.objectId,
      table: null,
      view,
    })),
  ];
}

function findById(place: Place, database: DatabaseMetadata | undefined, id: number): Found | undefined {
  if (database === undefined) return undefined;
  const own = objectsOf(place, database).find((one) => one.objectId === id);
  if (own !== undefined) return own;
  const view = SYSTEM_VIEWS.find((one) => one.objectId === id);
  return (
    view && {
      type: 'V',
      name: view.name,
      schemaId: view.schema === 'sys' ? 4 : 3,
      objectId: id,
      table: null,
      view: null,
    }
  );
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
  const name = unquoted(text.split('.').at(-1) ?? text);
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
