import type { Duck } from './duck.ts';
import type { DatabaseMetadata, ServerMetadata } from './metadata.ts';
import type { SessionState } from './session-state.ts';
import type { TableLocks } from './table-locks.ts';

/** What all sessions of a stand-in share. */
export type ServerState = {
  duck: Duck;
  metadata: ServerMetadata;
  locks: TableLocks;
  sessions: Map<number, SessionState>;
  nextObjectId(): number;
  nextTransactionId(): bigint;
  /** The next rowversion of a database, big-endian. */
  nextRowVersion(database: DatabaseMetadata): bigint;
};
