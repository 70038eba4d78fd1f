/** What lies between the TDS endpoint (protocol/) and the T-SQL engine (sql/, engine/): the endpoint knows bytes, the engine knows T-SQL. */

export const SQL_TYPE_NAMES = [
  'bit',
  'tinyint',
  'smallint',
  'int',
  'bigint',
  'decimal',
  'numeric',
  'smallmoney',
  'money',
  'real',
  'float',
  'date',
  'time',
  'smalldatetime',
  'datetime',
  'datetime2',
  'datetimeoffset',
  'char',
  'varchar',
  'text',
  'nchar',
  'nvarchar',
  'ntext',
  'binary',
  'varbinary',
  'image',
  'timestamp',
  'uniqueidentifier',
  'xml',
  'sql_variant',
  'hierarchyid',
  'geometry',
  'geography',
] as const;
export type SqlTypeName = (typeof SQL_TYPE_NAMES)[number];

/**
 * A SQL Server type with its size. `length`: characters of nchar and nvarchar, bytes of char, varchar, binary and varbinary; -1 is (max).
 * `precision`: digits of decimal; `scale`: of decimal, or fractional digits of time, datetime2 and datetimeoffset. `collation`: name, for char types only.
 */
export type SqlType = {
  name: SqlTypeName;
  length?: number;
  precision?: number;
  scale?: number;
  collation?: string;
};

/**
 * A value as the engine hands it over, exact for its type: bit boolean; tinyint, smallint, int number; bigint bigint; decimal, numeric, money and smallmoney
 * the unscaled bigint (money has four digits behind the point); real and float number; date days since 0001-01-01; time 100 ns ticks since midnight (bigint);
 * smalldatetime minutes since 1900-01-01; datetime bigint of 1/300 s since 1900-01-01 00:00 (negative before); datetime2 bigint of 100 ns since 0001-01-01;
 * datetimeoffset { utcTicks: 100 ns since 0001-01-01 in UTC, offsetMinutes }; char types, xml and uniqueidentifier (upper case) string (UTF-16, lone
 * surrogates allowed); binary types, timestamp (8 bytes), hierarchyid, geometry and geography (CLR serialization) Uint8Array; sql_variant { type, value }.
 */
export type SqlValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | { utcTicks: bigint; offsetMinutes: number }
  | { type: SqlType; value: SqlValue };

export type ResultColumn = {
  name: string;
  type: SqlType;
  nullable: boolean;
  isIdentity: boolean;
  isComputed: boolean;
};

export type SqlMessage = {
  number: number;
  state: number;
  /** Severity; above 10 it is an error, 20 and above end the connection. */
  class: number;
  message: string;
  procedure: string;
  line: number;
};

/** What a batch answers, in order. Errors do not throw: they are events, as a batch may go on after them. */
export type EngineEvent =
  | { kind: 'columns'; columns: ResultColumn[] }
  | { kind: 'rows'; rows: SqlValue[][] }
  /** End of one statement. `rowCount` null where T-SQL counts nothing (SET, DDL, or NOCOUNT ON). */
  | { kind: 'done'; rowCount: number | null }
  | { kind: 'message'; message: SqlMessage }
  | { kind: 'database-changed'; from: string; to: string }
  | { kind: 'transaction-began'; id: bigint }
  | { kind: 'transaction-committed'; id: bigint }
  | { kind: 'transaction-rolled-back'; id: bigint }
  | { kind: 'return-status'; value: number }
  | { kind: 'output-parameter'; name: string; type: SqlType; value: SqlValue };

export type Parameter = { name: string; type: SqlType; value: SqlValue; isOutput: boolean };

export type IsolationLevel = 'read-uncommitted' | 'read-committed' | 'repeatable-read' | 'snapshot' | 'serializable';

export type LoginRequest = {
  user: string;
  password: string;
  /** Empty: the login's default database. */
  database: string;
  applicationName: string;
  hostName: string;
  readOnlyIntent: boolean;
};

/** One logged-in connection. One call at a time; `signal` is the attention: what runs is stopped, rows not yet asked for are dropped. */
export interface EngineSession {
  readonly database: string;
  readonly spid: number;
  batch(sql: string, options: { signal: AbortSignal }): AsyncIterable<EngineEvent>;
  /** A remote procedure call by name: sp_executesql, sp_prepare, sp_execute, sp_prepexec, sp_unprepare, sp_reset_connection, or one of the database. */
  rpc(
    request: { procedure: string; parameters: Parameter[] },
    options: { signal: AbortSignal },
  ): AsyncIterable<EngineEvent>;
  /** TDS transaction manager requests (MS-TDS 2.2.7.17). */
  begin(options: { isolation: IsolationLevel | null; name: string }): AsyncIterable<EngineEvent>;
  commit(): AsyncIterable<EngineEvent>;
  rollback(options: { name: string }): AsyncIterable<EngineEvent>;
  save(options: { name: string }): AsyncIterable<EngineEvent>;
  /** The RESETCONNECTION bit of a request's header. */
  reset(options: { keepTransaction: boolean }): Promise<void>;
  close(): Promise<void>;
}

export type LoginOutcome =
  | { kind: 'session'; session: EngineSession; messages: SqlMessage[] }
  /** The messages say why (18456, 4060, ...); the endpoint sends them and closes. */
  | { kind: 'refused'; messages: SqlMessage[] };

export interface Engine {
  login(request: LoginRequest): Promise<LoginOutcome>;
  close(): Promise<void>;
}
