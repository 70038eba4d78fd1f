import type { ResolvedObject } from './bind/binder.ts';
import type { DatabaseMetadata } from './metadata.ts';
import type { ServerState } from './server-state.ts';
import type { SessionState } from './session-state.ts';

/** A view of sys or INFORMATION_SCHEMA, or undefined. */
export function findSystemObject(
  server: ServerState,
  session: SessionState,
  database: DatabaseMetadata,
  name: { schema: string; name: string },
): Extract<ResolvedObject, { kind: 'virtual' }> | undefined {
  void server;
  void session;
  void database;
  void name;
  return undefined;
}
