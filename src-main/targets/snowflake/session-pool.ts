import type { Secrets, SnowflakeSettings } from '#shared/model/connection-settings';
import { AppError } from '#shared/errors/app-error';
import { abortable, throwIfAborted } from '../../lib/abort.ts';
import type { Log } from '../../lib/log.ts';
import { connect, type Session } from './connect.ts';
import { execute, type StatementRequest, type StatementResult } from './execute.ts';

/** Sessions of one target: one shared for reads and DDL, and as many of their own as loads ask for. */
export interface SessionPool {
  /** Runs on the shared session. When that session turns out to be gone, the statement runs once more on a new one. */
  run(request: StatementRequest): Promise<StatementResult>;
  /** The shared session, for callers that need several statements in one session. */
  shared(signal: AbortSignal): Promise<Session>;
  /** A session of its own, closed at the end whatever happened. */
  withOwnSession<T>(
    options: { signal: AbortSignal; tag: Record<string, string> },
    work: (session: Session) => Promise<T>,
  ): Promise<T>;
  close(): Promise<void>;
}

export interface SessionPoolOptions {
  settings: SnowflakeSettings;
  secrets: Secrets;
  log?: Log | undefined;
  /** For tests. */
  connect?: typeof connect;
}

export function createSessionPool(options: SessionPoolOptions): SessionPool {
  const open = options.connect ?? connect;
  let current: Promise<Session> | null = null;
  let isClosed = false;
  const own = new Set<Session>();
  const closing = new AbortController();

  const openSession = async (signal: AbortSignal, tag: Record<string, string>) => {
    if (isClosed)
      throw new AppError('INTERNAL', { facts: { detail: 'The connection to Snowflake was closed already.' } });
    return open({ settings: options.settings, secrets: options.secrets, log: options.log, signal, tag });
  };

  /** The login serves everybody, so only closing the pool ends it; a caller who aborts just stops waiting. */
  const shared = async (signal: AbortSignal): Promise<Session> => {
    throwIfAborted(signal);
    if (!current) {
      const opening = openSession(closing.signal, {});
      current = opening;
      opening.catch(() => {
        if (current === opening) current = null;
      });
    }
    return abortable(current, signal);
  };

  return {
    shared,
    async run(request) {
      const session = await shared(request.signal);
      try {
        return await execute(session, request);
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'SESSION_EXPIRED') throw error;
        const used = current;
        if (used && (await used.catch(() => null)) === session) {
          current = null;
          void session.close();
        }
        return execute(await shared(request.signal), request);
      }
    },
    async withOwnSession({ signal, tag }, work) {
      const session = await openSession(signal, tag);
      own.add(session);
      try {
        return await work(session);
      } finally {
        own.delete(session);
        await session.close();
      }
    },
    async close() {
      isClosed = true;
      closing.abort(new DOMException('The connection was closed.', 'AbortError'));
      const last = await current?.catch(() => null);
      current = null;
      await Promise.all([...own, ...(last ? [last] : [])].map((session) => session.close()));
    },
  };
}
