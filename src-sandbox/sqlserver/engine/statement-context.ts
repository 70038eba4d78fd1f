import type { SqlValue } from '../engine-contract.ts';
import type { Located } from '../sql/ast.ts';
import type { BindEnvironment } from './bind/binder.ts';
import type { BatchScope } from './environment.ts';
import type { DatabaseMetadata } from './metadata.ts';
import type { ServerState } from './server-state.ts';
import type { SessionState } from './session-state.ts';

/** What a statement works with while it runs. */
export type StatementContext = {
  server: ServerState;
  session: SessionState;
  batch: BatchScope;
  signal: AbortSignal;
  environment(): BindEnvironment;
  /** The text of a node as it stands in the batch. */
  sourceOf(node: Located): string;
  /** Runs DuckDB SQL that changes something, within the open transaction or one of its own. Answers the first row's first value. */
  writeDuck(sql: string): Promise<SqlValue>;
  /** What to undo in the metadata when the transaction is rolled back. */
  onRollback(undo: () => void): void;
  /** Throws 262 unless the permission of the database is held. */
  requirePermission(database: DatabaseMetadata, permission: string): void;
};
