import type {
  AccountObject,
  CatalogObject,
  Column,
  Schema,
  SchemaDomain,
  SchemaObject,
  Table,
} from '../catalog/catalog-types.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Session } from '../engine/session.ts';
import type { Expression, JsonStep, Query, TableSource } from '../sql/ast.ts';
import type { SnowflakeType } from '../sql/data-type.ts';
import type { ObjectName, TokenReader } from '../sql/token-reader.ts';

/** A piece of DuckDB SQL whose value is held as `duckDbType(type)` says (sql/data-type.ts). */
export interface TypedSql {
  sql: string;
  type: SnowflakeType;
  nullable?: boolean;
}

/** One column of a result, as the wire's rowtype needs it. */
export interface ResultColumn {
  name: string;
  type: SnowflakeType;
  nullable?: boolean;
}

/** A relation for `FROM @stage/...`: what the stages engine gives the translator. */
export interface StageRelation {
  /** A DuckDB FROM item, e.g. `(SELECT * FROM read_parquet([...]))`, without alias. The translator adds `AS "<alias>"`. */
  sql: string;
  /** `$n` (from 1). `alias` is the quoted DuckDB alias with its dot, e.g. `"s1".`. */
  column(index: number, alias: string): TypedSql;
  /** `$n:path`; undefined: not handled here, the translator extracts from `column(n)` as a VARIANT. */
  path(index: number, path: JsonStep[], alias: string): TypedSql | undefined;
  /** `METADATA$FILENAME` and its like. */
  metadata(name: string, alias: string): TypedSql | undefined;
}

export interface TranslateOptions {
  /** Opens `FROM @stage`; the default is the stages engine's own hook. COPY gives its own to see one file at a time. */
  stageRelation?: (source: Extract<TableSource, { kind: 'stage' }>) => Promise<StageRelation>;
}

export interface TranslatedQuery {
  /** A complete DuckDB SELECT whose columns are named `r1`, `r2`... in order, each held as its type says. */
  sql: string;
  columns: ResultColumn[];
  /** Tables read: locks and privileges were seen to already. */
  tables: Table[];
}

export type StatementResult =
  /** Rows that are already in wire form (see engine/wire-values.ts): text or null. */
  | { kind: 'rows'; columns: ResultColumn[]; rows: (string | null)[][]; statementTypeId?: number }
  /** A DuckDB SELECT to be run and streamed to the client. */
  | { kind: 'query'; query: TranslatedQuery; statementTypeId?: number }
  /** PUT and GET: the whole `data` of the answer (command, src_locations, stageInfo...; queryId is added). */
  | { kind: 'transfer'; data: Record<string, unknown> };

/** Names that were completed with the session's current database and schema. */
export interface ResolvedName {
  schema: Schema;
  name: string;
}

/** Server-wide things that a statement may need. `extensions` is for what the stages engine keeps. */
export interface ServerServices {
  /** `http://127.0.0.1:PORT` of this stand-in. */
  readonly accessUrl: string;
  readonly account: string;
  /** A directory of this server's own, removed on close when it was temporary. */
  readonly dataDirectory: string;
  readonly options: Record<string, unknown>;
  readonly extensions: Map<string, unknown>;
  now(): Date;
}

/** Everything a statement handler works with. One is made for each statement. */
export interface StatementContext {
  readonly session: Session;
  readonly catalog: Catalog;
  readonly services: ServerServices;
  readonly queryId: string;
  /** The statement's text. */
  readonly text: string;
  /** Aborted when the client cancels or the statement times out. */
  readonly signal: AbortSignal;

  /** Runs DuckDB SQL on the session's connection; values as JavaScript (bigint, string, Uint8Array...). Errors are SnowflakeErrors. */
  run(sql: string): Promise<Record<string, unknown>[]>;

  /** Completes a name with the current database and schema. @throws 090105/090106, 002003 for a missing database or schema */
  resolve(name: ObjectName): ResolvedName;
  /** Like `resolve`, for a schema name (`SCHEMA` or `DATABASE.SCHEMA`). */
  resolveSchema(name: ObjectName): Schema;
  /** The object, if it exists and the role may see it. */
  find<T extends SchemaObject>(domain: SchemaDomain, name: ObjectName): T | undefined;
  /** @throws 002003 "<what> 'NAME' does not exist or not authorized." */
  require<T extends SchemaObject>(domain: SchemaDomain, name: ObjectName): T;
  requireAccountObject<T extends AccountObject>(domain: T['domain'], name: string): T;

  /** Whether the session's role (or one it inherits) has the privilege, owns the object, or owns its container's rights. */
  hasPrivilege(privilege: string, object: CatalogObject): boolean;
  /** @throws 003001 "Insufficient privileges to operate on table 'T'." */
  requirePrivilege(privilege: string, object: CatalogObject): void;
  /** @throws 000606 when no warehouse is active; resumes a suspended one. */
  requireWarehouse(): void;

  /** DDL: commits the open transaction first, as the vendor does. */
  commitBeforeDdl(): Promise<void>;

  parseQuery(reader: TokenReader): Query;
  parseExpression(reader: TokenReader): Expression;
  parseType(reader: TokenReader): SnowflakeType;
  /** Binds names, checks privileges and writes DuckDB SQL. */
  translateQuery(query: Query, options?: TranslateOptions): Promise<TranslatedQuery>;
  /** An expression over no table (a DEFAULT, an option's value). */
  translateExpression(expression: Expression): Promise<TypedSql>;
  /** `value` cast as `CAST` and assignment do; errors at run time carry the vendor's texts. `strict` false: TRY_CAST. */
  cast(value: TypedSql, to: SnowflakeType, strict?: boolean): TypedSql;

  /**
   * Appends rows in the session's transaction (or one of its own in autocommit). `columns[i]` gets the SELECT's column i;
   * the others get their DEFAULT, identity or NULL. Values are cast and checked as an assignment: type, length, NOT NULL.
   * Takes the table's shared lock until the end of the transaction.
   * @returns the number of rows
   */
  insertRows(table: Table, columns: Column[], query: TranslatedQuery): Promise<number>;
  /** Runs `work` as one atomic statement: what it wrote is undone when it throws. Locks stay, the transaction stays open. */
  atomically<T>(work: () => Promise<T>): Promise<T>;
  /** Called with true after COMMIT and with false after ROLLBACK of the transaction that this statement belongs to. */
  onTransactionEnd(listener: (committed: boolean) => void): void;
}

/**
 * One family of statements. `matches` looks at the first tokens only and must not consume any; `execute` starts at the
 * first token and must end with `reader.expectEnd()`.
 */
export interface StatementHandler {
  name: string;
  matches(reader: TokenReader): boolean;
  execute(context: StatementContext, reader: TokenReader): Promise<StatementResult>;
}
