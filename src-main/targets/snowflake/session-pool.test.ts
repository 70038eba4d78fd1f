import { afterEach, describe, expect, it } from 'vitest';
import { createSessionPool, type SessionPool } from './session-pool.ts';
import { startScriptedAccount, type ScriptedAccount, type ScriptedAccountOptions } from './testing/scripted-account.ts';
import { settingsFor } from './testing/settings.ts';

let account: ScriptedAccount | null = null;
let pool: SessionPool | null = null;

afterEach(async () => {
  await pool?.close();
  await account?.close();
  pool = null;
  account = null;
});

async function start(options: ScriptedAccountOptions = {}): Promise<{ account: ScriptedAccount; pool: SessionPool }> {
  account = await startScriptedAccount(options);
  pool = createSessionPool({ settings: settingsFor(account.url), secrets: { 'snowflake.password': 'pw-pw' } });
  return { account, pool };
}

const signal = new AbortController().signal;

describe('createSessionPool', () => {
  it('logs in once for many reads, and not before the first', async () => {
    const started = await start();
    expect(started.account.logins).toHaveLength(0);
    await Promise.all(Array.from({ length: 5 }, () => started.pool.run({ sql: 'SELECT 1', signal })));
    expect(started.account.logins).toHaveLength(1);
  });

  it.each(['390111', '390104'])(
    'runs a statement once more on a new session when its session is gone (%s)',
    async (code) => {
      const started = await start();
      await started.pool.run({ sql: 'SELECT 1', signal });
      started.account.endSessions(code);
      await started.pool.run({ sql: 'SELECT 2', signal });
      expect(started.account.logins).toHaveLength(2);
      expect(
        started.account.statements.filter(({ sql }) => sql === 'SELECT 2').map(({ sessionId }) => sessionId),
      ).toEqual(['1002']);
    },
  );

  it('does not repeat a statement that was refused', async () => {
    const started = await start({
      statement: ({ sql }) =>
        sql === 'BAD' ? { error: { code: '001003', message: 'syntax error' } } : { columns: [], rows: [] },
    });
    await expect(started.pool.run({ sql: 'BAD', signal })).rejects.toMatchObject({ code: 'TARGET_STATEMENT_FAILED' });
    expect(started.account.statements.filter(({ sql }) => sql === 'BAD')).toHaveLength(1);
  });

  it('tries the login again for the next caller after a refused one', async () => {
    let isRefusing = true;
    const started = await start({
      login: () => (isRefusing ? { code: '390100', message: 'Incorrect username or password was specified.' } : null),
    });
    await expect(started.pool.run({ sql: 'SELECT 1', signal })).rejects.toMatchObject({ code: 'LOGIN_FAILED' });
    isRefusing = false;
    await expect(started.pool.run({ sql: 'SELECT 1', signal })).resolves.toMatchObject({
      rows: [['Statement executed successfully.']],
    });
  });

  it('lets one caller give up without taking the login from the others', async () => {
    const started = await start();
    const controller = new AbortController();
    const impatient = started.pool.run({ sql: 'SELECT 1', signal: controller.signal });
    const patient = started.pool.run({ sql: 'SELECT 2', signal });
    controller.abort();
    await expect(impatient).rejects.toMatchObject({ name: 'AbortError' });
    await expect(patient).resolves.toBeDefined();
  });

  it('closes a session of its own also when the work in it fails', async () => {
    const started = await start();
    const work = started.pool.withOwnSession({ signal, tag: {} }, () => Promise.reject(new Error('failed')));
    await expect(work).rejects.toThrow('failed');
    started.account.endSessions('390111');
    await expect(started.pool.run({ sql: 'SELECT 1', signal })).resolves.toBeDefined();
  });

  it('opens nothing after it was closed', async () => {
    const started = await start();
    await started.pool.close();
    await expect(started.pool.run({ sql: 'SELECT 1', signal })).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(started.account.logins).toHaveLength(0);
  });
});
