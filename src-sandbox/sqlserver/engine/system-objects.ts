import { findSystemView, readSystemView, systemColumns } from '../catalog/system-views.ts';
import type { ResolvedObject } from './bind/binder.ts';
import { collationOf } from './collation.ts';
import type { DatabaseMetadata, DatabasePrincipal, MetadataReader, SessionMetadata } from './metadata.ts';
import type { ServerState } from './server-state.ts';
import type { SessionState } from './session-state.ts';

/** A view of sys or INFORMATION_SCHEMA, or undefined. */
export function findSystemObject(
  server: ServerState,
  session: SessionState,
  place: { database: DatabaseMetadata; principal: DatabasePrincipal },
  name: { schema: string; name: string },
): Extract<ResolvedObject, { kind: 'virtual' }> | undefined {
  const { database } = place;
  const view = findSystemView(name, collationOf(database.collation).ignoresCase);
  if (view === undefined) return undefined;
  const collations = { database: database.collation, server: server.metadata.collation };
  const context = { ...readerOf(session, place), server: server.metadata, sessions: () => listSessions(server) };
  return {
    kind: 'virtual',
    database,
    schema: view.schema,
    name: view.name,
    columns: systemColumns(view, collations),
    fetch: (wants) => readSystemView(view, context, wants),
  };
}

/** Who reads metadata of a database. */
export function readerOf(
  session: SessionState,
  place: { database: DatabaseMetadata; principal: DatabasePrincipal },
): MetadataReader {
  return {
    spid: session.spid,
    login: session.login,
    database: place.database,
    principal: place.principal,
    isolation: session.transaction?.isolation ?? session.options.isolation,
    hostName: session.hostName,
    applicationName: session.applicationName,
  };
}

export function listSessions(server: ServerState): SessionMetadata[] {
  return [...server.sessions.values()].map((session) => ({
    spid: session.spid,
    loginName: session.login.name,
    hostName: session.hostName,
    programName: session.applicationName,
    databaseId: session.database.id,
    loggedInOn: session.loggedInOn,
    isRunning: session.isRunning,
    openTransactions: session.transaction === null ? 0 : 1,
    isolation: session.transaction?.isolation ?? session.options.isolation,
  }));
}
