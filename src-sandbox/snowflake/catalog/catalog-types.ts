import type { SnowflakeType } from '../sql/data-type.ts';

/** Kinds of object that live in a schema. TABLE and VIEW share one namespace, as the vendor's do. */
export type SchemaDomain = 'TABLE' | 'VIEW' | 'STAGE' | 'FILE FORMAT' | 'SEQUENCE';
/** Kinds of object that live in the account. */
export type AccountDomain = 'DATABASE' | 'WAREHOUSE' | 'ROLE' | 'USER' | 'INTEGRATION';
export type Domain = SchemaDomain | AccountDomain | 'SCHEMA' | 'ACCOUNT';

/** What every object has. `id` never changes (RENAME, SWAP keep it); grants hang on it. */
export interface CatalogObject {
  readonly id: number;
  readonly domain: Domain;
  name: string;
  /** The role that has OWNERSHIP. */
  owner: string;
  comment: string;
  createdOn: Date;
}

export interface Database extends CatalogObject {
  domain: 'DATABASE';
  isTransient: boolean;
  retentionDays: number;
  schemas: Map<string, Schema>;
  droppedSchemas: Schema[];
}

export interface Schema extends CatalogObject {
  domain: 'SCHEMA';
  database: Database;
  isTransient: boolean;
  retentionDays: number;
  /** By namespace (`TABLE` holds views too), then by name. */
  objects: Map<Exclude<SchemaDomain, 'VIEW'>, Map<string, SchemaObject>>;
  droppedTables: Table[];
}

/** An object of a schema; STAGES and others extend it with what they keep. */
export interface SchemaObject extends CatalogObject {
  domain: SchemaDomain;
  schema: Schema;
}

/** An object of the account; integrations extend it. */
export interface AccountObject extends CatalogObject {
  domain: AccountDomain;
}

export interface Column {
  /** Unique in its table for ever; the DuckDB column is `c<id>`. */
  readonly id: number;
  name: string;
  type: SnowflakeType;
  nullable: boolean;
  /** The DEFAULT's SQL text, as written. */
  defaultText: string | null;
  identity: { start: number; increment: number; sequenceName: string } | null;
  comment: string;
}

export interface Constraint {
  kind: 'PRIMARY KEY' | 'UNIQUE' | 'FOREIGN KEY';
  name: string;
  columns: string[];
  references?: { table: string; columns: string[] };
}

export interface Table extends SchemaObject {
  domain: 'TABLE';
  kind: 'TABLE' | 'TRANSIENT' | 'TEMPORARY';
  /** For a temporary table: only this session sees it. */
  sessionId: string | null;
  /** The DuckDB table, e.g. `main.t12`; it has a column `rid` (BIGINT, unique) beside `c<id>`. */
  storage: string;
  columns: Column[];
  nextColumnId: number;
  constraints: Constraint[];
  clusterBy: string;
  retentionDays: number;
  changedOn: Date;
  /** Load history of COPY INTO, kept by the stages engine: cleared by TRUNCATE and DROP, kept by DELETE. */
  loadHistory: unknown[];
  /** Copy and file format options given in CREATE TABLE (STAGE_FILE_FORMAT ...), for the stages engine. */
  stageOptions: Record<string, unknown>;
}

export interface View extends SchemaObject {
  domain: 'VIEW';
  /** The query's text. */
  query: string;
  /** The whole CREATE VIEW text. */
  text: string;
  isSecure: boolean;
  columns: Column[];
}

export interface Sequence extends SchemaObject {
  domain: 'SEQUENCE';
  start: number;
  increment: number;
  /** The DuckDB sequence. */
  storage: string;
}

export interface Warehouse extends AccountObject {
  domain: 'WAREHOUSE';
  size: string;
  state: 'STARTED' | 'SUSPENDED';
  autoSuspendSeconds: number;
  autoResume: boolean;
  resumedOn: Date;
}

export interface Role extends AccountObject {
  domain: 'ROLE';
  /** Roles granted to this role: it has their privileges too. */
  grantedRoles: Set<string>;
}

export interface User extends AccountObject {
  domain: 'USER';
  loginName: string;
  password: string | null;
  /** A six-digit passcode accepted with the password; when set, the password alone is refused. */
  mfaPasscode: string | null;
  /** PEM of the RSA public key registered for key-pair authentication. */
  rsaPublicKey: string | null;
  rsaPublicKey2: string | null;
  programmaticAccessTokens: { token: string; role: string | null; expiresOn: Date | null; disabled: boolean }[];
  oauthTokens: string[];
  roles: Set<string>;
  defaultRole: string;
  defaultWarehouse: string | null;
  /** `DB` or `DB.SCHEMA`. */
  defaultNamespace: string | null;
  disabled: boolean;
}

export interface Grant {
  privilege: string;
  domain: Domain;
  objectId: number;
  grantee: string;
  grantedBy: string;
  grantOption: boolean;
  createdOn: Date;
}
