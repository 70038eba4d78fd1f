import type { Catalog } from '../catalog/catalog.ts';
import type { ResultColumn, ServerServices } from '../commands/command.ts';
import type { Engine } from './database.ts';
import type { LockManager } from './locks.ts';
import type { Session } from './session.ts';
import type { Transactions } from './transactions.ts';

/** One statement in the history, kept in memory. */
export interface QueryRecord {
  id: string;
  requestId: string | null;
  sessionId: string;
  userName: string;
  text: string;
  queryTag: string;
  database: string | null;
  schema: string | null;
  warehouse: string | null;
  role: string;
  status: 'RUNNING' | 'BLOCKED' | 'SUCCESS' | 'FAILED_WITH_ERROR' | 'ABORTED';
  startedOn: Date;
  endedOn: Date | null;
  errorCode: string | null;
  errorMessage: string | null;
  rowsProduced: number;
  statementTypeId: number;
  /** What the client gets: the whole envelope. */
  answer: unknown;
  done: Promise<void>;
  cancel: AbortController;
  /** For RESULT_SCAN: the result's columns and where its rows are (a DuckDB table), when they were kept. */
  result: { columns: ResultColumn[]; rows: (string | null)[][] | null; table: string | null } | null;
}

/** Everything one server holds. */
export interface ServerState {
  catalog: Catalog;
  engine: Engine;
  locks: LockManager;
  transactions: Transactions;
  services: ServerServices;
  /** By session id. */
  sessions: Map<string, Session>;
  /** By query id, oldest first. */
  queries: Map<string, QueryRecord>;
  region: string;
  version: string;
}
