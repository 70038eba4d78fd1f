import { createIdlePool } from '../../lib/idle-pool.ts';
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

/** Enough for 32 lanes and the pages beside them; a small cluster allows 100 connections in all. */
const MOST_SESSIONS = 40;

export function createSessions(open: (signal: AbortSignal) => Promise<Session>): Sessions {
  const pool = createIdlePool({
    open,
    probe: (session, signal) => session.query('SELECT 1', signal),
    most: MOST_SESSIONS,
  });
  return {
    use: (options, work) =>
      pool.use(options.signal, async (session) => {
        const restore = await setCaseSensitivity(session, options);
        const result = await work(session);
        await restore();
        return result;
      }),
    close: () => pool.close(),
  };
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
