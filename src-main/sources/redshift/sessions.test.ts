import { describe, expect, it } from 'vitest';
import type { Session } from './connect.ts';
import { createSessions, needsCaseSensitivity } from './sessions.ts';

function fakeSessions(): { opened: FakeSession[]; open(): Promise<Session> } {
  const opened: FakeSession[] = [];
  return {
    opened,
    open() {
      const session = fakeSession();
      opened.push(session);
      return Promise.resolve(session);
    },
  };
}

interface FakeSession extends Session {
  statements: string[];
  isClosed: boolean;
}

function fakeSession(): FakeSession {
  const session: FakeSession = {
    user: 'ann',
    server: { version: 'Redshift 1.0', isRedshift: true },
    encryption: null,
    statements: [],
    isClosed: false,
    query(sql) {
      session.statements.push(sql);
      return Promise.resolve({ columns: [], rows: [] });
    },
    useClient: () => Promise.reject(new Error('Sessions send statements only.')),
    takeNotices: () => [],
    isOpen: () => !session.isClosed,
    close() {
      session.isClosed = true;
      return Promise.resolve();
    },
  };
  return session;
}

const { signal } = new AbortController();

describe('createSessions', () => {
  it('lends the same connection again when its work is done', async () => {
    const { opened, open } = fakeSessions();
    const sessions = createSessions(open);
    await sessions.use({ signal }, () => Promise.resolve());
    await sessions.use({ signal }, () => Promise.resolve());
    expect(opened).toHaveLength(1);
    await sessions.close();
    expect(opened[0]?.isClosed).toBe(true);
  });

  it('opens one connection for each of the callers that work at the same time, forty at most', async () => {
    const { opened, open } = fakeSessions();
    const sessions = createSessions(open);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const work = Array.from({ length: 60 }, () => sessions.use({ signal }, () => held));
    await new Promise(setImmediate);
    expect(opened).toHaveLength(40);
    release();
    await Promise.all(work);
    expect(opened).toHaveLength(40);
    await sessions.close();
  });

  it('closes a connection whose work failed', async () => {
    const { opened, open } = fakeSessions();
    const sessions = createSessions(open);
    await expect(sessions.use({ signal }, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(opened[0]?.isClosed).toBe(true);
    await sessions.use({ signal }, () => Promise.resolve());
    expect(opened).toHaveLength(2);
    await sessions.close();
  });

  it('does not lend a connection that was lost while it rested', async () => {
    const { opened, open } = fakeSessions();
    const sessions = createSessions(open);
    await sessions.use({ signal }, () => Promise.resolve());
    if (opened[0]) opened[0].isClosed = true;
    await sessions.use({ signal }, () => Promise.resolve());
    expect(opened).toHaveLength(2);
    await sessions.close();
  });

  it('rejects with an AbortError when the signal fires, whatever the driver threw', async () => {
    const { open } = fakeSessions();
    const sessions = createSessions(open);
    const controller = new AbortController();
    const work = sessions.use({ signal: controller.signal }, () => {
      controller.abort();
      return Promise.reject(new Error('driver noise'));
    });
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
    await sessions.close();
  });

  it('makes names case-sensitive for the work that needs it, and only for that', async () => {
    const { opened, open } = fakeSessions();
    const sessions = createSessions(open);
    await sessions.use({ signal, caseSensitive: true }, (session) => session.query('SELECT 1', signal));
    await sessions.use({ signal }, (session) => session.query('SELECT 2', signal));
    expect(opened[0]?.statements).toEqual([
      'SET enable_case_sensitive_identifier TO true',
      'SELECT 1',
      'RESET enable_case_sensitive_identifier',
      'SELECT 2',
    ]);
    await sessions.close();
  });
});

describe('needsCaseSensitivity', () => {
  it.each([
    [['orders', 'naïve', '表'], false],
    [['orders', 'OrderId'], true],
    [['ÄRGER'], true],
  ])('answers for %j: %s', (names, expected) => {
    expect(needsCaseSensitivity(names)).toBe(expected);
  });
});
