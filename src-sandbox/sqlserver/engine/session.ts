import type { EngineEvent, EngineSession, SqlMessage } from '../engine-contract.ts';
import { TsqlSyntaxError } from '../sql/syntax-error.ts';
import { errors, fromDuckDb, toMessage } from './errors.ts';
import { runRpc } from './run-rpc.ts';
import { runText } from './run-text.ts';
import { BatchEnd } from './statement-run.ts';
import type { ServerState } from './server-state.ts';
import { defaultOptions, type SessionState } from './session-state.ts';
import { beginTransaction, commitTransaction, rollbackAll, rollbackTransaction } from './transactions.ts';
import { rollbackToSavepoint, setSavepoint } from './savepoints.ts';

/** A session's calls, as the endpoint makes them. */
export function createSession(
  server: ServerState,
  session: SessionState,
  initialDatabase: SessionState['database'],
): EngineSession {
  return {
    get database() {
      return session.database.name;
    },
    spid: session.spid,
    batch: (sql, { signal }) =>
      guarded(session, signal, () => runText(server, session, { sql, signal, parameters: [] })),
    rpc: (request, { signal }) => guarded(session, signal, () => runRpc(server, session, { ...request, signal })),
    begin: ({ isolation, name }) =>
      guarded(session, NEVER, async function* () {
        void name;
        if (isolation !== null) session.options.isolation = isolation;
        const begun = beginTransaction(server, session);
        if (begun !== null) yield { kind: 'transaction-began', id: begun.id };
        yield { kind: 'done', rowCount: null };
      }),
    commit: () =>
      guarded(session, NEVER, async function* () {
        const id = await commitTransaction(server, session);
        if (id !== null) yield { kind: 'transaction-committed', id };
        yield { kind: 'done', rowCount: null };
      }),
    rollback: ({ name }) =>
      guarded(session, NEVER, async function* () {
        if (name !== '' && (await rollbackToSavepoint(session, name))) {
          yield { kind: 'done', rowCount: null };
          return;
        }
        const id = await rollbackTransaction(server, session);
        yield { kind: 'transaction-rolled-back', id };
        yield { kind: 'done', rowCount: null };
      }),
    save: ({ name }) =>
      guarded(session, NEVER, async function* () {
        setSavepoint(session, name);
        await Promise.resolve();
        yield { kind: 'done', rowCount: null };
      }),
    reset: async ({ keepTransaction }) => {
      if (!keepTransaction) await rollbackAll(server, session);
      const { isolation } = session.options;
      session.options = { ...defaultOptions(), ...(keepTransaction ? { isolation } : {}) };
      session.database = initialDatabase;
      await dropTemporary(session);
      session.prepared.clear();
      session.rowCount = 0;
      session.lastError = 0;
      session.identity = null;
    },
    close: async () => {
      await rollbackAll(server, session);
      await dropTemporary(session);
      server.locks.release(session.spid);
      server.sessions.delete(session.spid);
      session.connection.closeSync();
    },
  };
}

const NEVER = new AbortController().signal;

async function dropTemporary(session: SessionState): Promise<void> {
  for (const table of session.temporary.values()) {
    await session.connection.run(`DROP TABLE IF EXISTS "db2"."t${table.objectId}"`).catch(() => undefined);
  }
  session.temporary.clear();
}

/** Errors become messages; an attention ends quietly: the endpoint acknowledges it. */
async function* guarded(
  session: SessionState,
  signal: AbortSignal,
  work: () => AsyncGenerator<EngineEvent>,
): AsyncGenerator<EngineEvent> {
  session.isRunning = true;
  session.signal = signal;
  try {
    yield* work();
  } catch (thrown) {
    if (signal.aborted || thrown instanceof BatchEnd) return;
    const error = thrown instanceof TsqlSyntaxError ? syntaxMessage(thrown) : toMessage(fromDuckDb(thrown), 1);
    session.lastError = error.number;
    if (error.number === errors.interrupted().number) return;
    yield { kind: 'message', message: error };
    yield { kind: 'done', rowCount: null };
  } finally {
    session.isRunning = false;
  }
}

export function syntaxMessage(error: TsqlSyntaxError): SqlMessage {
  const { number, state, message, line } = error;
  return { number, state, class: error.class, message, procedure: '', line };
}
