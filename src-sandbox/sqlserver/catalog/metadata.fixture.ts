import type { SqlType, SqlValue } from '../engine-contract.ts';
import type {
  ColumnMetadata,
  DatabaseMetadata,
  DatabasePrincipal,
  LoginMetadata,
  ServerMetadata,
  TableMetadata,
} from '../engine/metadata.ts';
import { findSystemView, readSystemView, systemColumns } from './system-views.ts';
import type { CatalogContext } from './view-definition.ts';

export const CREATED_ON = new Date(Date.UTC(2024, 0, 2, 3, 4, 5));
const COLLATION = 'SQL_Latin1_General_CP1_CI_AS';

export function column(id: number, name: string, type: SqlType, more: Partial<ColumnMetadata> = {}): ColumnMetadata {
  return {
    id,
    name,
    type,
    aliasTypeId: null,
    nullable: true,
    identity: null,
    computed: null,
    default: null,
    isRowGuid: false,
    isHidden: false,
    isSparse: false,
    isColumnSet: false,
    generatedAlways: 'NOT_APPLICABLE',
    maskingFunction: null,
    encryption: null,
    isFilestream: false,
    isAnsiPadded: true,
    ...more,
  };
}

export function table(objectId: number, name: string, more: Partial<TableMetadata> = {}): TableMetadata {
  return {
    objectId,
    schemaId: 1,
    name,
    columns: [column(1, 'id', { name: 'int' }, { nullable: false })],
    indexes: [heap],
    foreignKeys: [],
    checks: [],
    partitioning: null,
    temporal: null,
    isMemoryOptimized: false,
    isExternal: false,
    createdOn: CREATED_ON,
    modifiedOn: CREATED_ON,
    countRows: async () => 0,
    countPartitionRows: async () => [0],
    estimateBytes: () => 0,
    ...more,
  };
}

export const heap: TableMetadata['indexes'][number] = {
  id: 0,
  name: null,
  type: 'HEAP',
  isUnique: false,
  constraint: null,
  isDisabled: false,
  filterDefinition: null,
  columns: [],
  dataCompression: 'NONE',
};

const role = (id: number, name: string): DatabasePrincipal => ({
  id,
  name,
  kind: 'DATABASE_ROLE',
  loginName: null,
  defaultSchema: '',
  isFixedRole: id >= 16_384,
  memberOf: [],
});

export function user(id: number, name: string, memberOf: number[] = []): DatabasePrincipal {
  return { id, name, kind: 'SQL_USER', loginName: name, defaultSchema: 'dbo', isFixedRole: false, memberOf };
}

export function login(id: number, name: string, more: Partial<LoginMetadata> = {}): LoginMetadata {
  return {
    id,
    name,
    sid: Uint8Array.of(id),
    password: '',
    defaultDatabase: 'master',
    isDisabled: false,
    serverRoles: [],
    permissions: [],
    createdOn: CREATED_ON,
    ...more,
  };
}

export const sa = login(1, 'sa', { serverRoles: ['sysadmin'] });
const dbo: DatabasePrincipal = { ...user(1, 'dbo'), loginName: 'sa' };

export function database(more: Partial<DatabaseMetadata> = {}): DatabaseMetadata {
  return {
    id: 5,
    name: 'shop',
    collation: COLLATION,
    allowSnapshot: false,
    readCommittedSnapshot: false,
    compatibilityLevel: 150,
    isReadOnly: false,
    state: 'ONLINE',
    recoveryModel: 'FULL',
    createdOn: CREATED_ON,
    schemas: [
      { id: 1, name: 'dbo', principalId: 1 },
      { id: 3, name: 'INFORMATION_SCHEMA', principalId: 3 },
      { id: 4, name: 'sys', principalId: 4 },
      { id: 5, name: 'sales', principalId: 1 },
    ],
    tables: [],
    views: [],
    types: [],
    partitionFunctions: [],
    partitionSchemes: [],
    principals: [role(0, 'public'), dbo, role(16_390, 'db_datareader')],
    permissions: [],
    extendedProperties: [],
    ...more,
  };
}

export function contextOf(
  of: DatabaseMetadata,
  more: Partial<CatalogContext> = {},
): Omit<CatalogContext, 'systemViews'> {
  const server: ServerMetadata = {
    serverName: 'PRACTICE',
    collation: COLLATION,
    startedOn: CREATED_ON,
    databases: [of],
    logins: [sa],
  };
  return {
    server,
    sessions: () => [],
    spid: 51,
    login: sa,
    database: of,
    principal: dbo,
    isolation: 'read-committed',
    hostName: 'client',
    applicationName: 'test',
    ...more,
  };
}

/** Rows of a view as records; `columns` alone, when some are given. */
export async function rowsOf(
  name: string,
  context: Omit<CatalogContext, 'systemViews'>,
  columns?: readonly string[],
): Promise<Record<string, SqlValue>[]> {
  const [schema = '', viewName = ''] = name.split('.');
  const view = findSystemView({ schema, name: viewName }, false);
  if (!view) throw new Error(`There is no ${name}`);
  const names = systemColumns(view, { database: COLLATION, server: COLLATION }).map((found) => found.name);
  const rows = await readSystemView(view, context, (wanted) => columns === undefined || columns.includes(wanted));
  return rows.map((row) =>
    Object.fromEntries(
      names
        .map((column, i) => [column, row[i] ?? null] as const)
        .filter(([column]) => columns?.includes(column) ?? true),
    ),
  );
}
