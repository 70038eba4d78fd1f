import type { DuckDBConnection } from '@duckdb/node-api';
import type { IsolationLevel, SqlType, SqlValue } from '../engine-contract.ts';
import type { DatabaseMetadata, LoginMetadata, TableMetadata } from './metadata.ts';
import type { DateOrder } from './values/date-text.ts';

export type Variable = { type: SqlType; value: SqlValue };

/** An open transaction of a session. */
export type SessionTransaction = {
  id: bigint;
  /** @@TRANCOUNT. */
  depth: number;
  isolation: IsolationLevel;
  /** UTC in 100 ns since 0001-01-01, later than that of every transaction that began before. */
  startedTicks: bigint;
  /** Whether DuckDB's transaction runs: from the first read under SNAPSHOT and above, else from the first write. */
  isOpen: boolean;
  /** What was written, to run again after a statement that failed: DuckDB gives its whole transaction up then. */
  written: string[];
  savepoints: { name: string; written: number; undo: number }[];
  /** Puts changed metadata back, newest last. */
  undo: (() => void)[];
  /** XACT_STATE() = -1. */
  isDoomed: boolean;
};

export type SessionOptions = {
  noCount: boolean;
  xactAbort: boolean;
  quotedIdentifier: boolean;
  implicitTransactions: boolean;
  ansiWarnings: boolean;
  isolation: IsolationLevel;
  /** Milliseconds; -1 waits for ever. */
  lockTimeout: number;
  dateOrder: DateOrder;
  dateFirst: number;
  rowCount: number;
  textSize: number;
  noExec: boolean;
};

export type SessionState = {
  readonly spid: number;
  readonly login: LoginMetadata;
  readonly hostName: string;
  readonly applicationName: string;
  readonly loggedInOn: Date;
  connection: DuckDBConnection;
  database: DatabaseMetadata;
  options: SessionOptions;
  transaction: SessionTransaction | null;
  /** @@ROWCOUNT, @@ERROR and @@IDENTITY. */
  rowCount: number;
  lastError: number;
  identity: bigint | null;
  identityInsert: TableMetadata | null;
  temporary: Map<string, TableMetadata>;
  prepared: Map<number, { sql: string; parameters: { name: string; type: SqlType; isOutput: boolean }[] }>;
  nextHandle: number;
  isRunning: boolean;
  signal: AbortSignal;
};

export function defaultOptions(): SessionOptions {
  return {
    noCount: false,
    xactAbort: false,
    quotedIdentifier: true,
    implicitTransactions: false,
    ansiWarnings: true,
    isolation: 'read-committed',
    lockTimeout: -1,
    dateOrder: 'mdy',
    dateFirst: 7,
    rowCount: 0,
    textSize: 2_147_483_647,
    noExec: false,
  };
}
