import { randomBytes } from 'node:crypto';
import type { Session } from '../engine/session.ts';

export interface IssuedTokens {
  token: string;
  masterToken: string;
}

/** Session tokens and master tokens; the vendor's live for an hour and four hours. */
export interface Tokens {
  issue(session: Session): IssuedTokens;
  /** The session, or why the token is not good. */
  check(token: string | null): { kind: 'good'; session: Session } | { kind: 'expired' } | { kind: 'unknown' };
  /** New tokens for an expired session token, when the master token is the session's own and still good. */
  renew(masterToken: string | null, oldToken: string): IssuedTokens | null;
  /** For tests: makes the session token old; with `master` the renewal fails too. */
  expire(session: Session, options: { master: boolean }): void;
  forget(session: Session): void;
}

export const VALIDITY_SECONDS = { session: 3600, master: 14_400 } as const;

interface Held {
  session: Session;
  token: string;
  masterToken: string;
  tokenEndsAt: number;
  masterEndsAt: number;
}

export function createTokens(now: () => number = Date.now): Tokens {
  const bySession = new Map<Session, Held>();
  const byToken = new Map<string, Held>();
  const issue = (session: Session): IssuedTokens => {
    const earlier = bySession.get(session);
    if (earlier) byToken.delete(earlier.token);
    const held: Held = {
      session,
      token: newToken(),
      masterToken: newToken(),
      tokenEndsAt: now() + VALIDITY_SECONDS.session * 1000,
      masterEndsAt: now() + VALIDITY_SECONDS.master * 1000,
    };
    bySession.set(session, held);
    byToken.set(held.token, held);
    return { token: held.token, masterToken: held.masterToken };
  };
  return {
    issue,
    check(token) {
      const held = token === null ? undefined : byToken.get(token);
      if (!held || held.session.closed) return { kind: 'unknown' };
      return now() < held.tokenEndsAt ? { kind: 'good', session: held.session } : { kind: 'expired' };
    },
    renew(masterToken, oldToken) {
      const held = byToken.get(oldToken);
      if (!held || held.masterToken !== masterToken || now() >= held.masterEndsAt || held.session.closed) return null;
      return issue(held.session);
    },
    expire(session, { master }) {
      const held = bySession.get(session);
      if (!held) return;
      held.tokenEndsAt = 0;
      if (master) held.masterEndsAt = 0;
    },
    forget(session) {
      const held = bySession.get(session);
      if (held) byToken.delete(held.token);
      bySession.delete(session);
    },
  };
}

function newToken(): string {
  return `ver:1-hint:1-${randomBytes(48).toString('base64url')}`;
}
