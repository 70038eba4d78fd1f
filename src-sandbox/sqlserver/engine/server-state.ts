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
  /** The last rowversion given in a database, `count` of which are taken behind it. */
  nextRowVersion(database: DatabaseMetadata, count: bigint): bigint;
};
