import { createIdlePool, type IdlePool } from '../../lib/idle-pool.ts';
import type { Session } from './connect.ts';

export type Sessions = IdlePool<Session>;

const MOST_SESSIONS = 16;

export function createSessions(open: (signal: AbortSignal) => Promise<Session>): Sessions {
  return createIdlePool({
    open,
    probe: (session, signal) => session.query('SELECT 1', { signal }),
    most: MOST_SESSIONS,
  });
}
