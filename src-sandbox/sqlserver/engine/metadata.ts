import type { SqlType } from '../engine-contract.ts';

/**
 * What the stand-in knows of its server: the engine changes it, the system views read it. Plain data; every list is in the order of creation. Ids are those
 * of the vendor's catalog views (object_id, schema_id, principal_id, ...), unique within their database.
 */
export type ServerMetadata = {
  serverName: string;
  collation: string;
  startedOn: Date;
  databases: DatabaseMetadata[];
  logins: LoginMetadata[];
};

export type ServerRole =
  | 'sysadmin'
  | 'serveradmin'
  | 'securityadmin'
  | 'processadmin'
  | 'setupadmin'
  | 'bulkadmin'
  | 'diskadmin'
  | 'dbcreator';

export type LoginMetadata = {
  /** sys.server_principals.principal_id; 1 is sa. */
  id: number;
  name: string;
  sid: Uint8Array;
  password: string;
  defaultDatabase: string;
  isDisabled: boolean;
  serverRoles: ServerRole[];
  /** Permissions of the server's own: VIEW SERVER STATE, VIEW ANY DATABASE, ... */
  permissions: { permission: string; state: 'GRANT' | 'DENY' | 'GRANT_WITH_GRANT_OPTION' }[];
  createdOn: Date;
};

export type DatabaseMetadata = {
  /** sys.databases.database_id; 1 to 4 are master, tempdb, model and msdb. */
  id: number;
  name: string;
  collation: string;
  allowSnapshot: boolean;
  readCommittedSnapshot: boolean;
  compatibilityLevel: number;
  isReadOnly: boolean;
  state: 'ONLINE' | 'OFFLINE' | 'RESTORING';
  recoveryModel: 'FULL' | 'SIMPLE' | 'BULK_LOGGED';
  createdOn: Date;
  schemas: SchemaMetadata[];
  tables: TableMetadata[];
  views: ViewMetadata[];
  /** Alias types (CREATE TYPE ... FROM). */
  types: AliasTypeMetadata[];
  partitionFunctions: PartitionFunctionMetadata[];
  partitionSchemes: PartitionSchemeMetadata[];
  principals: DatabasePrincipal[];
  permissions: DatabasePermission[];
  extendedProperties: ExtendedProperty[];
};

export type SchemaMetadata = { id: number; name: string; principalId: number };

/** Where a SELECT * stops at and what an INSERT leaves out is told by the flags. */
export type ColumnMetadata = {
  /** sys.columns.column_id: from 1, with gaps after DROP COLUMN. */
  id: number;
  name: string;
  type: SqlType;
  /** The alias type that it was declared with, by its user_type_id. */
  aliasTypeId: number | null;
  nullable: boolean;
  identity: { seed: bigint; increment: bigint; lastValue: bigint | null } | null;
  /** T-SQL text in parentheses, as sys.computed_columns.definition gives it. */
  computed: { definition: string; isPersisted: boolean } | null;
  default: { objectId: number; name: string; isSystemNamed: boolean; definition: string } | null;
  isRowGuid: boolean;
  isHidden: boolean;
  isSparse: boolean;
  isColumnSet: boolean;
  generatedAlways: 'NOT_APPLICABLE' | 'AS_ROW_START' | 'AS_ROW_END';
  maskingFunction: string | null;
  /** Always Encrypted; values of such a column are not kept. */
  encryption: 'DETERMINISTIC' | 'RANDOMIZED' | null;
  isFilestream: boolean;
  isAnsiPadded: boolean;
};

export type TableMetadata = {
  objectId: number;
  schemaId: number;
  name: string;
  columns: ColumnMetadata[];
  /** Index 1 is the clustered one; a heap has an entry of id 0 and type HEAP and no clustered index. */
  indexes: IndexMetadata[];
  foreignKeys: ForeignKeyMetadata[];
  checks: CheckConstraintMetadata[];
  /** null: one partition on the default filegroup. */
  partitioning: { schemeId: number; columnId: number } | null;
  temporal: { kind: 'SYSTEM_VERSIONED' | 'HISTORY'; historyTableId: number | null } | null;
  isMemoryOptimized: boolean;
  isExternal: boolean;
  createdOn: Date;
  modifiedOn: Date;
  /** Committed rows of the whole table, counted anew at each call; without a scan. */
  countRows(): Promise<number>;
  /** Committed rows of each partition, in the order of partition_number. */
  countPartitionRows(): Promise<number[]>;
  /** Estimate of the bytes that the pages of so many rows take. */
  estimateBytes(rowCount: number): number;
};

export type IndexMetadata = {
  id: number;
  /** null for a heap. */
  name: string | null;
  type:
    'HEAP' | 'CLUSTERED' | 'NONCLUSTERED' | 'CLUSTERED COLUMNSTORE' | 'NONCLUSTERED COLUMNSTORE' | 'XML' | 'SPATIAL';
  isUnique: boolean;
  constraint: { kind: 'PRIMARY KEY' | 'UNIQUE'; objectId: number; isSystemNamed: boolean } | null;
  isDisabled: boolean;
  filterDefinition: string | null;
  columns: { columnId: number; isDescending: boolean; isIncluded: boolean }[];
  dataCompression: 'NONE' | 'ROW' | 'PAGE' | 'COLUMNSTORE';
};

export type ForeignKeyMetadata = {
  objectId: number;
  name: string;
  isSystemNamed: boolean;
  columnIds: number[];
  referencedTableId: number;
  referencedColumnIds: number[];
  onDelete: 'NO_ACTION' | 'CASCADE' | 'SET_NULL' | 'SET_DEFAULT';
  onUpdate: 'NO_ACTION' | 'CASCADE' | 'SET_NULL' | 'SET_DEFAULT';
  isDisabled: boolean;
};

export type CheckConstraintMetadata = {
  objectId: number;
  name: string;
  isSystemNamed: boolean;
  definition: string;
  /** The column it was written at, or null for one of the table. */
  columnId: number | null;
  isDisabled: boolean;
};

export type ViewMetadata = {
  objectId: number;
  schemaId: number;
  name: string;
  /** The whole CREATE VIEW statement. */
  definition: string;
  columns: ColumnMetadata[];
  createdOn: Date;
  modifiedOn: Date;
};

export type AliasTypeMetadata = {
  /** sys.types.user_type_id, from 257. */
  userTypeId: number;
  schemaId: number;
  name: string;
  base: SqlType;
  nullable: boolean;
};

export type PartitionFunctionMetadata = {
  id: number;
  name: string;
  type: SqlType;
  boundaryOnRight: boolean;
  /** Sorted; T-SQL literals. */
  boundaries: string[];
};

export type PartitionSchemeMetadata = { id: number; name: string; functionId: number; filegroups: string[] };

export type DatabasePrincipal = {
  /** sys.database_principals.principal_id: 0 public, 1 dbo, 2 guest, 3 INFORMATION_SCHEMA, 4 sys, 16384 and up the fixed roles. */
  id: number;
  name: string;
  kind: 'SQL_USER' | 'DATABASE_ROLE';
  loginName: string | null;
  defaultSchema: string;
  isFixedRole: boolean;
  /** Ids of the roles that it is a member of. */
  memberOf: number[];
};

export type DatabasePermission = {
  granteeId: number;
  /** SELECT, INSERT, VIEW DEFINITION, CONNECT, UNMASK, ... */
  permission: string;
  state: 'GRANT' | 'DENY' | 'GRANT_WITH_GRANT_OPTION';
  on:
    | { kind: 'DATABASE' }
    | { kind: 'SCHEMA'; schemaId: number }
    | { kind: 'OBJECT'; objectId: number; /** 0: the whole object. */ columnId: number };
};

export type ExtendedProperty = { objectId: number; columnId: number; name: string; value: string };

/** Who asks and from where: what system views and metadata functions answer depends on it. */
export type MetadataReader = {
  spid: number;
  login: LoginMetadata;
  database: DatabaseMetadata;
  /** The principal in `database` that the login acts as. */
  principal: DatabasePrincipal;
  isolation: string;
  hostName: string;
  applicationName: string;
};

/** Types that a system view of the instance wide kind needs of sessions. */
export type SessionMetadata = {
  spid: number;
  loginName: string;
  hostName: string;
  programName: string;
  databaseId: number;
  loggedInOn: Date;
  isRunning: boolean;
  openTransactions: number;
  isolation: string;
};
