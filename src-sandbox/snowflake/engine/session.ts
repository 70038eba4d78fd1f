import type { DuckDBConnection } from '@duckdb/node-api';
import type { User } from '../catalog/catalog-types.ts';
import type { Transaction } from './transaction.ts';

/** A logged-in session. Closing it ends nothing by itself: see transaction.ts for what becomes of its open transaction. */
export interface Session {
  /** The number that CURRENT_SESSION() gives, as text. */
  readonly id: string;
  readonly user: User;
  role: string;
  database: string | null;
  schema: string | null;
  warehouse: string | null;
  /** By upper-case name; values as text. Only what was set: see parameters.ts for defaults. */
  readonly parameters: Map<string, string>;
  /** SQL variables ($NAME). */
  readonly variables: Map<string, string>;
  readonly connection: DuckDBConnection;
  transaction: Transaction | null;
  /** Newest last. */
  readonly queryIds: string[];
  readonly createdOn: Date;
  lastUsedOn: Date;
  closed: boolean;
  /** The statement that runs now: a session runs one at a time. */
  running: { cancel: AbortController; done: Promise<void> } | null;
  /** Settles when all statements given so far are done. */
  queue: Promise<unknown>;
}
