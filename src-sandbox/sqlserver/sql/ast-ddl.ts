import type { Condition, Expression, Identifier, Located, ObjectName, Query, TypeReference } from './ast.ts';

export type DdlStatement =
  | CreateTable
  | AlterTable
  | { kind: 'drop-table'; names: ObjectName[]; ifExists: boolean }
  | CreateIndex
  | { kind: 'alter-index'; index: Identifier | 'ALL'; table: ObjectName; action: 'REBUILD' | 'REORGANIZE' | 'DISABLE' }
  /** A name without a table (`t.ix`, old syntax) has its table in `table` too. */
  | { kind: 'drop-index'; indexes: { name: Identifier; table: ObjectName }[]; ifExists: boolean }
  | CreateView
  | { kind: 'drop-view'; names: ObjectName[]; ifExists: boolean }
  | { kind: 'create-schema'; name: Identifier | null; authorization: Identifier | null }
  | { kind: 'drop-schema'; name: Identifier; ifExists: boolean }
  | {
      kind: 'alter-schema-transfer';
      schema: Identifier;
      securable: 'OBJECT' | 'TYPE';
      name: ObjectName;
    }
  | {
      kind: 'create-type';
      name: ObjectName;
      definition:
        { kind: 'alias'; base: TypeReference; nullable: boolean | null } | { kind: 'table'; elements: TableElement[] };
    }
  | { kind: 'drop-type'; names: ObjectName[]; ifExists: boolean }
  | { kind: 'create-database'; name: Identifier; collation: string | null }
  | AlterDatabase
  | { kind: 'drop-database'; names: Identifier[]; ifExists: boolean }
  | {
      kind: 'create-partition-function';
      name: Identifier;
      type: TypeReference;
      /** RANGE without a word is LEFT. */
      boundaryOnRight: boolean;
      values: Expression[];
    }
  | { kind: 'alter-partition-function'; name: Identifier; action: 'SPLIT' | 'MERGE'; value: Expression | null }
  | { kind: 'drop-partition-function'; name: Identifier; ifExists: boolean }
  | {
      kind: 'create-partition-scheme';
      name: Identifier;
      partitionFunction: Identifier;
      all: boolean;
      filegroups: Identifier[];
    }
  | { kind: 'alter-partition-scheme'; name: Identifier; nextUsed: Identifier | null }
  | { kind: 'drop-partition-scheme'; name: Identifier; ifExists: boolean }
  | { kind: 'create-synonym'; name: ObjectName; target: ObjectName }
  | { kind: 'drop-synonym'; name: ObjectName; ifExists: boolean }
  | {
      kind: 'create-sequence' | 'alter-sequence';
      name: ObjectName;
      type: TypeReference | null;
      start: Expression | null;
      increment: Expression | null;
      /** null: not said; 'none': NO MINVALUE. */
      minimum: Expression | 'none' | null;
      maximum: Expression | 'none' | null;
      cycle: boolean | null;
      /** null: not said; 0: NO CACHE; 'default': CACHE without a number. */
      cache: number | 'default' | null;
    }
  | { kind: 'drop-sequence'; names: ObjectName[]; ifExists: boolean }
  | { kind: 'create-statistics'; name: Identifier; table: ObjectName; columns: Identifier[] }
  | { kind: 'update-statistics'; table: ObjectName; names: Identifier[] }
  | { kind: 'drop-statistics'; names: ObjectName[] }
  | SecurityStatement;

export type CreateTable = {
  kind: 'create-table';
  name: ObjectName;
  elements: TableElement[];
  /** ON filegroup or ON scheme(column). */
  on: DataSpace | null;
  textImageOn: Identifier | null;
  options: TableOption[];
};

export type TableElement =
  | ColumnDefinition
  | TableConstraint
  | IndexDefinition
  | ({ kind: 'period'; startColumn: Identifier; endColumn: Identifier } & Located);

export type ColumnDefinition = {
  kind: 'column';
  name: Identifier;
  /** Null for computed columns only. */
  type: TypeReference | null;
  /** `expression AS`, its source text is `text.slice(expression.at.offset, expression.end)`. */
  computed: { expression: Expression; persisted: boolean } | null;
  collation: string | null;
  /** null: not said (nullable, but for keys, rowversion and ANSI_NULL_DFLT). */
  nullable: boolean | null;
  identity: { seed: Expression; increment: Expression; notForReplication: boolean } | null;
  sparse: boolean;
  rowguidcol: boolean;
  filestream: boolean;
  hidden: boolean;
  generated: 'ROW START' | 'ROW END' | null;
  /** MASKED WITH (FUNCTION = '...'). */
  mask: string | null;
  columnSet: boolean;
  /** Default, check, key and reference constraints written on the column, in order; their `columns` are empty. */
  constraints: TableConstraint[];
  index: IndexDefinition | null;
} & Located;

export type TableConstraint = TableConstraintNode & { name: Identifier | null } & Located;

export type TableConstraintNode =
  | {
      kind: 'primary-key' | 'unique';
      clustered: boolean | null;
      columns: IndexColumn[];
      options: IndexOption[];
      on: DataSpace | null;
    }
  | {
      kind: 'foreign-key';
      columns: Identifier[];
      references: ObjectName;
      referencedColumns: Identifier[];
      onDelete: ReferentialAction;
      onUpdate: ReferentialAction;
      notForReplication: boolean;
    }
  | { kind: 'check'; condition: Condition; notForReplication: boolean }
  /** `forColumn`: of ALTER TABLE ADD CONSTRAINT ... DEFAULT x FOR c. */
  | { kind: 'default'; expression: Expression; forColumn: Identifier | null; withValues: boolean };

export type ReferentialAction = 'NO ACTION' | 'CASCADE' | 'SET NULL' | 'SET DEFAULT';

export type IndexColumn = { name: Identifier; descending: boolean };

/** An index within CREATE TABLE. */
export type IndexDefinition = {
  kind: 'index';
  name: Identifier;
  unique: boolean;
  clustered: boolean;
  columnstore: boolean;
  columns: IndexColumn[];
  include: Identifier[];
  where: Condition | null;
  options: IndexOption[];
  on: DataSpace | null;
} & Located;

export type CreateIndex = Omit<IndexDefinition, 'kind' | 'at' | 'end'> & { kind: 'create-index'; table: ObjectName };

/** `name` upper case (`FILLFACTOR`, `DATA_COMPRESSION`), `value` upper case word or number. */
export type IndexOption = { name: string; value: string };

export type DataSpace = { name: Identifier; partitionColumn: Identifier | null };

/** Options of a table's WITH (...) and of ALTER TABLE SET (...). */
export type TableOption =
  | {
      kind: 'system-versioning';
      on: boolean;
      historyTable: ObjectName | null;
      dataConsistencyCheck: boolean | null;
    }
  /** DATA_COMPRESSION = PAGE, MEMORY_OPTIMIZED = OFF, LOCK_ESCALATION = AUTO ...; upper case. */
  | { kind: 'option'; name: string; value: string };

export type AlterTable = { kind: 'alter-table'; table: ObjectName; action: AlterTableAction };

export type AlterTableAction =
  | { kind: 'add'; elements: TableElement[]; withCheck: boolean | null }
  | {
      kind: 'alter-column';
      name: Identifier;
      type: TypeReference;
      collation: string | null;
      nullable: boolean | null;
      sparse: boolean | null;
    }
  /** ALTER COLUMN c ADD or DROP PERSISTED, ROWGUIDCOL, SPARSE, HIDDEN, NOT FOR REPLICATION, MASKED. */
  | {
      kind: 'alter-column-property';
      name: Identifier;
      action: 'ADD' | 'DROP';
      property: 'PERSISTED' | 'ROWGUIDCOL' | 'SPARSE' | 'HIDDEN' | 'MASKED' | 'NOT FOR REPLICATION';
      mask: string | null;
    }
  | { kind: 'drop'; items: { kind: 'constraint' | 'column'; name: Identifier; ifExists: boolean }[] }
  | { kind: 'drop-period' }
  /** CHECK / NOCHECK CONSTRAINT; `names` 'ALL' for all of them. `withCheck`: WITH CHECK CHECK trusts them again. */
  | { kind: 'check-constraint'; enable: boolean; names: Identifier[] | 'ALL'; withCheck: boolean | null }
  | { kind: 'set'; options: TableOption[] }
  | { kind: 'rebuild'; options: IndexOption[] }
  | { kind: 'switch'; fromPartition: Expression | null; to: ObjectName; toPartition: Expression | null };

export type CreateView = {
  kind: 'create-view';
  /** 'CREATE', 'ALTER' or 'CREATE OR ALTER'. */
  verb: 'CREATE' | 'ALTER' | 'CREATE OR ALTER';
  name: ObjectName;
  columns: Identifier[];
  /** WITH SCHEMABINDING, ENCRYPTION, VIEW_METADATA; upper case. */
  attributes: string[];
  query: Query;
  withCheckOption: boolean;
  /** The statement's whole text, as sys.sql_modules keeps it. */
  definition: string;
};

export type AlterDatabase = {
  kind: 'alter-database';
  /** null: CURRENT. */
  name: Identifier | null;
  action:
    | { kind: 'collate'; collation: string }
    | { kind: 'modify-name'; name: Identifier }
    /** Upper case: ALLOW_SNAPSHOT_ISOLATION ON, READ_COMMITTED_SNAPSHOT OFF, COMPATIBILITY_LEVEL 150, READ_ONLY (value ''). */
    | {
        kind: 'set';
        options: { name: string; value: string }[];
        termination: 'ROLLBACK IMMEDIATE' | 'ROLLBACK AFTER' | 'NO_WAIT' | null;
      };
};

export type SecurityStatement =
  | {
      kind: 'create-login' | 'alter-login';
      name: Identifier;
      /** null: FROM WINDOWS or FROM EXTERNAL PROVIDER, or not changed. */
      password: string | null;
      oldPassword: string | null;
      from: 'WINDOWS' | 'EXTERNAL PROVIDER' | null;
      /** ALTER LOGIN x ENABLE / DISABLE. */
      enable: boolean | null;
      /** Upper case names: DEFAULT_DATABASE, CHECK_POLICY, SID, NAME ...; values as written. */
      options: { name: string; value: string }[];
    }
  | { kind: 'drop-login'; name: Identifier }
  | {
      kind: 'create-user' | 'alter-user';
      name: Identifier;
      login: Identifier | null;
      withoutLogin: boolean;
      password: string | null;
      fromExternalProvider: boolean;
      options: { name: string; value: string }[];
    }
  | { kind: 'drop-user'; name: Identifier; ifExists: boolean }
  | { kind: 'create-role'; name: Identifier; authorization: Identifier | null }
  | { kind: 'drop-role'; name: Identifier; ifExists: boolean }
  | { kind: 'alter-role'; server: boolean; role: Identifier; action: 'ADD' | 'DROP'; member: Identifier }
  | {
      kind: 'grant' | 'deny' | 'revoke';
      /** Upper case, single spaces: `SELECT`, `VIEW DEFINITION`, `ALL`. */
      permissions: { name: string; columns: Identifier[] }[];
      on: { class: SecurableClass; name: ObjectName; columns: Identifier[] } | null;
      principals: Identifier[];
      withGrantOption: boolean;
      grantOptionFor: boolean;
      cascade: boolean;
    };

export const SECURABLE_CLASSES = ['OBJECT', 'SCHEMA', 'DATABASE', 'TYPE', 'ROLE', 'USER', 'LOGIN', 'SERVER'] as const;
export type SecurableClass = (typeof SECURABLE_CLASSES)[number];
