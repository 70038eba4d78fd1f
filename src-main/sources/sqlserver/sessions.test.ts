import { describe, expect, it } from 'vitest';
import type { Session } from './connect.ts';
import { createSessions } from './sessions.ts';

interface FakeSession extends Session {
  isClosed: boolean;
}

function fakeSessions(): { opened: FakeSession[]; open(): Promise<Session> } {
  const opened: FakeSession[] = [];
  return {
    opened,
    open() {
      const session: FakeSession = {
        encryption: null,
        isClosed: false,
        query: () => Promise.resolve({ columns: [], rows: [] }),
        isOpen: () => !session.isClosed,
        close() {
          session.isClosed = true;
          return Promise.resolve();
        },
      };
      opened.push(session);
      return Promise.resolve(session);
    },
  };
}

const { signal } = new AbortController();

describe('createSessions', () => {
  it('lends the same connection again when its work is done', async () => {
    const { opened, open } = fakeSessions();
    const sessions = createSessions(open);
    await sessions.use(signal, () => Promise.resolve());
    await sessions.use(signal, () => Promise.resolve());
    expect(opened).toHaveLength(1);
    await sessions.close();
    expect(opened[0]?.isClosed).toBe(true);
  });

  it('opens one connection for each of the callers that work at the same time, sixteen at most', async () => {
    const { opened, open } = fakeSessions();
    const sessions = createSessions(open);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const callers = Array.from({ length: 20 }, () => sessions.use(signal, () => held));
    await expect.poll(() => opened.length).toBe(16);
    release();
    await Promise.all(callers);
    expect(opened).toHaveLength(16);
    await sessions.close();
  });

  it('closes a connection whose work failed', async () => {
    const { opened, open } = fakeSessions();
    const sessions = createSessions(open);
    await expect(sessions.use(signal, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(opened[0]?.isClosed).toBe(true);
    await sessions.use(signal, () => Promise.resolve());
    expect(opened).toHaveLength(2);
    await sessions.close();
  });

  it('does not lend a connection that was lost meanwhile', async () => {
    const { opened, open } = fakeSessions();
    const sessions = createSessions(open);
    await sessions.use(signal, () => Promise.resolve());
    if (opened[0]) opened[0].isClosed = true;
    await sessions.use(signal, () => Promise.resolve());
    expect(opened).toHaveLength(2);
    await sessions.close();
  });

  it('answers an abort with an AbortError, whatever the driver threw', async () => {
    const { open } = fakeSessions();
    const sessions = createSessions(open);
    const controller = new AbortController();
    const running = sessions.use(controller.signal, () => {
      controller.abort();
      return Promise.reject(new Error('Canceled.'));
    });
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    await sessions.close();
  });
});
