import type { SqlType, SqlValue } from '../../engine-contract.ts';
import type { Condition, Expression, Identifier, ObjectName, Query, TypeReference, WindowSpec } from '../../sql/ast.ts';
import type { ColumnMetadata, DatabaseMetadata, LoginMetadata, DatabasePrincipal, TableMetadata } from '../metadata.ts';
import type { ScriptFunctions } from '../script-functions.ts';
import type { DateOrder } from '../values/date-text.ts';

/** https://learn.microsoft.com/en-us/sql/t-sql/statements/collation-precedence-transact-sql */
export type CollationLabel = 'coercible' | 'implicit' | 'explicit' | 'none';

/** An expression as DuckDB SQL that yields `duckType(type)`. */
export type Typed = {
  sql: string;
  type: SqlType;
  nullable: boolean;
  /** Known before any row is read; undefined when it is not. */
  constant?: SqlValue;
  /** A literal as written: integers count their own digits in decimal arithmetic, NULL takes any type. */
  literal?: 'number' | 'null' | 'text';
  label: CollationLabel;
  /** Cheap to say twice. */
  isSimple: boolean;
  /** Set for a bare column. */
  column?: SourceColumn;
};

export type SourceColumn = {
  name: string;
  sql: string;
  type: SqlType;
  nullable: boolean;
  isIdentity: boolean;
  isComputed: boolean;
  isHidden: boolean;
  metadata: ColumnMetadata | null;
};

/** One table, view or derived table of a FROM clause. */
export type Source = {
  /** What columns are qualified by. */
  alias: string;
  /** Of a table without an alias: `schema.table.column` is allowed too. */
  name: { database: string; schema: string; name: string } | null;
  columns: SourceColumn[];
  table: TableMetadata | null;
  database: DatabaseMetadata | null;
  used: Set<SourceColumn>;
};

export type Scope = {
  parent: Scope | null;
  sources: Source[];
  /** Set where rows are groups: the expressions they are grouped by, and the scope of the rows behind them. */
  grouping: { groups: { sql: string; typed: Typed }[]; rows: Scope; isOnlyColumns: boolean } | null;
  /** Windows by name, of the WINDOW clause. */
  windows: Map<string, WindowSpec>;
  clause: 'select' | 'where' | 'on' | 'group' | 'having' | 'order' | 'other';
};

export type OutputColumn = {
  name: string;
  type: SqlType;
  nullable: boolean;
  isIdentity: boolean;
  isComputed: boolean;
  label: CollationLabel;
};

/** A query whose DuckDB columns are named c1, c2, ... in order. */
export type BoundQuery = { sql: string; columns: OutputColumn[] };

/** Rows of a system view, fetched before the statement runs: `marker` stands for them in the SQL. */
export type VirtualRows = { marker: string; fetch: () => Promise<string> };

/** `args`: the types that arguments are converted to, the last ones optional beyond `required`. */
export type EnvironmentFunction = {
  /** Tells the sessions apart: what it answers depends on them. */
  key: string;
  args: SqlType[];
  required: number;
  result: SqlType;
  takesNull: boolean;
  run: (args: SqlValue[]) => SqlValue;
};

/** What the batch and its session are at the moment of binding. */
export type BindEnvironment = {
  login: LoginMetadata;
  /** The principal that the login is in a database; null when it may not enter. */
  principalIn(database: DatabaseMetadata): DatabasePrincipal | null;
  database: DatabaseMetadata;
  findDatabase(name: string): DatabaseMetadata | undefined;
  serverCollation: string;
  dateOrder: DateOrder;
  /** 1 is Monday; us_english has 7. */
  dateFirst: number;
  now: Date;
  variable(name: string): { type: SqlType; value: SqlValue } | undefined;
  /** @@ROWCOUNT and the like; undefined: unknown. */
  globalVariable(name: string): { type: SqlType; value: SqlValue } | undefined;
  /** A function that asks for the session, the server or metadata, by its upper-case name; undefined: not one of them. */
  environmentFunction(name: string): EnvironmentFunction | undefined;
  /** Tables and views by name; throws 208, 916 ... */
  resolveObject(name: ObjectName): ResolvedObject;
  /** Temporary name in the database of a table variable's rows. */
  tableVariable(name: string): TableMetadata | undefined;
  partitionFunction(database: string | null, name: string): { type: SqlType; boundaries: SqlValue[]; onRight: boolean };
  typeOf(reference: TypeReference): SqlType;
};

export type ResolvedObject =
  | { kind: 'table'; database: DatabaseMetadata; table: TableMetadata; schema: string }
  | {
      kind: 'view';
      database: DatabaseMetadata;
      schema: string;
      name: string;
      objectId: number;
      schemaId: number;
      query: Query;
      columnNames: string[];
      columns: ColumnMetadata[];
    }
  | {
      kind: 'virtual';
      database: DatabaseMetadata;
      schema: string;
      name: string;
      columns: { name: string; type: SqlType; nullable: boolean }[];
      /** `wants`: whether the statement uses a column. */
      fetch: (wants: (column: string) => boolean) => Promise<SqlValue[][]>;
    };

export type ReadObject = {
  database: DatabaseMetadata;
  schema: string;
  name: string;
  schemaId: number;
  objectId: number;
  source: Source;
};

/** Turns T-SQL into DuckDB SQL; one for each statement. */
export type Binder = {
  scripts: ScriptFunctions;
  environment: BindEnvironment;
  virtuals: VirtualRows[];
  /** Tables that the statement reads, for locks and permissions. */
  tables: Set<TableMetadata>;
  /** Objects that the statement reads, for permissions. */
  reads: ReadObject[];
  /** Binds with another current database: names in a view are those of its own. */
  inDatabase<T>(database: DatabaseMetadata, work: () => T): T;
  /** A new alias for DuckDB. */
  alias(): string;
  expression(expression: Expression, scope: Scope): Typed;
  /** SQL of a condition: three-valued. */
  condition(condition: Condition, scope: Scope): string;
  query(query: Query, scope: Scope | null): BoundQuery;
  cteOf(name: Identifier | ObjectName): { columns: SourceColumn[]; sql: string } | undefined;
  pushCte(name: string, cte: { columns: OutputColumn[]; sql: string }): () => void;
  sameName(a: string, b: string): boolean;
};
