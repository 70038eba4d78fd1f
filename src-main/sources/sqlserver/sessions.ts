import { toAbortError } from '../../lib/abort.ts';
import { createSemaphore } from '../../lib/semaphore.ts';
import type { Session } from './connect.ts';

/** Connections that are opened when needed, used by one caller at a time and kept open a while for the next. */
export interface Sessions {
  /** Lends a session. One whose work failed is closed, whatever state it was in. */
  use<T>(signal: AbortSignal, work: (session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

interface Idle {
  session: Session;
  since: number;
}

const MOST_SESSIONS = 16;
const IDLE_LIMIT_MS = 60_000;
/** Firewalls drop connections silently (Azure after 4 minutes); one that rested longer than this shows first that it still answers. */
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
    use(signal, work) {
      return places.run(async () => {
        const session = await take(signal);
        try {
          const result = await work(session);
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
  return session.query('SELECT 1', { signal: AbortSignal.timeout(PROBE_LIMIT_MS) }).then(
    () => true,
    () => false,
  );
}
