import { toAbortError } from '../../lib/abort.ts';
import { createSemaphore } from '../../lib/semaphore.ts';
import type { Session } from './connect.ts';

export interface UseOptions {
  signal: AbortSignal;
  /**
   * Set when a name in the statements has upper-case letters. Redshift folds even quoted names to lower case unless the session says otherwise:
   * https://docs.aws.amazon.com/redshift/latest/dg/r_enable_case_sensitive_identifier.html
   */
  caseSensitive?: boolean;
}

/** Connections that are opened when needed, used by one caller at a time and kept open a while for the next. */
export interface Sessions {
  /** Lends a session. One whose work failed is closed, whatever state its transaction was in. */
  use<T>(options: UseOptions, work: (session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

interface Idle {
  session: Session;
  since: number;
}

/** Enough for 32 lanes and the pages beside them; a small cluster allows 100 connections in all. */
const MOST_SESSIONS = 40;
const IDLE_LIMIT_MS = 60_000;
/** Firewalls drop connections silently; one that rested longer than this shows first that it still answers. */
const TRUSTED_REST_MS = 20_000;
const PROBE_LIMIT_MS = 5_000;

export function createSessions(open: (signal: AbortSignal) => Promise<Session>): Sessions {
  const places = createSemaphore(MOST_SESSIONS);
  const idle: Idle[] = [];
  let isClosed = false;

  const sweep = setInterval(() => {
    const limit = Date.now() - IDLE_LIMIT_MS;
    while (idle[0] && idle[0].since < limit) void idle.shift()?.session.close();
  }, IDLE_LIMIT_MS / 2);
  sweep.unref();

  const take = async (signal: AbortSignal): Promise<Session> => {
    for (let found = idle.pop(); found; found = idle.pop()) {
      if (await isUsable(found)) return found.session;
      void found.session.close();
    }
    return open(signal);
  };

  const giveBack = (session: Session): void => {
    if (isClosed || !session.isOpen()) void session.close();
    else idle.push({ session, since: Date.now() });
  };

  return {
    use(options, work) {
      const { signal } = options;
      return places.run(async () => {
        const session = await take(signal);
        try {
          const restore = await setCaseSensitivity(session, options);
          const result = await work(session);
          await restore();
          giveBack(session);
          return result;
        } catch (error) {
          void session.close();
          throw signal.aborted ? toAbortError(signal) : error;
        }
      }, signal);
    },
    async close() {
      isClosed = true;
      clearInterval(sweep);
      await Promise.all(idle.splice(0).map(({ session }) => session.close()));
    },
  };
}

async function isUsable({ session, since }: Idle): Promise<boolean> {
  if (!session.isOpen()) return false;
  if (Date.now() - since < TRUSTED_REST_MS) return true;
  return session.query('SELECT 1', AbortSignal.timeout(PROBE_LIMIT_MS)).then(
    () => true,
    () => false,
  );
}

const nothing = (): Promise<void> => Promise.resolve();

async function setCaseSensitivity(session: Session, options: UseOptions): Promise<() => Promise<void>> {
  if (!options.caseSensitive || !session.server.isRedshift) return nothing;
  try {
    await session.query('SET enable_case_sensitive_identifier TO true', options.signal);
  } catch (error) {
    if (!session.isOpen() || options.signal.aborted) throw error;
    return nothing;
  }
  return async () => {
    await session.query('RESET enable_case_sensitive_identifier', options.signal);
  };
}

/** Whether any of these names is written with upper-case letters. */
export function needsCaseSensitivity(names: string[]): boolean {
  return names.some((name) => name !== name.toLowerCase());
}
