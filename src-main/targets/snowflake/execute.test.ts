import { afterEach, describe, expect, it } from 'vitest';
import { connect, type Session } from './connect.ts';
import { execute } from './execute.ts';
import { startScriptedAccount, type ScriptedAccount } from './testing/scripted-account.ts';
import { settingsFor } from './testing/settings.ts';

let account: ScriptedAccount | null = null;
let session: Session | null = null;
const signal = new AbortController().signal;
const secrets = { 'snowflake.password': 'secret' };

afterEach(async () => {
  await account?.close();
  await session?.close();
  account = null;
  session = null;
});

const hangOn = (pattern: RegExp) => (statement: { sql: string }) =>
  Promise.resolve(pattern.test(statement.sql) ? ('hang' as const) : { columns: ['A'], rows: [['1']] });

describe('a statement that hangs without a word', () => {
  it('is given up when neither it nor any question about it is answered', async () => {
    let isSilent = false;
    account = await startScriptedAccount({ statement: hangOn(/^COPY/), isSilent: () => isSilent });
    session = await connect({ settings: settingsFor(account.url), secrets, signal });
    isSilent = true;
    await expect(execute(session, { sql: 'COPY INTO T', signal, watchdogMs: 100 })).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
    });
  });

  it('goes on while the server says that it is alive', async () => {
    account = await startScriptedAccount({
      statement: async ({ sql }) => {
        if (sql.startsWith('COPY')) await new Promise((resolve) => setTimeout(resolve, 600));
        return { columns: ['A'], rows: [['1']] };
      },
    });
    session = await connect({ settings: settingsFor(account.url), secrets, signal });
    const result = await execute(session, { sql: 'COPY INTO T', signal, watchdogMs: 100 });
    expect(result.rows).toEqual([['1']]);
  });

  it('is cancelled at the server when its time is over', async () => {
    account = await startScriptedAccount({ statement: hangOn(/^COPY/) });
    session = await connect({ settings: settingsFor(account.url), secrets, signal });
    await expect(execute(session, { sql: 'COPY INTO T', signal, timeoutMs: 200 })).rejects.toMatchObject({
      code: 'CONNECTION_TIMED_OUT',
    });
    expect(account.cancelled).toHaveLength(1);
  });

  it('does not keep a login waiting for ever when it is the first of the session', async () => {
    account = await startScriptedAccount({ statement: hangOn(/^ALTER SESSION/) });
    const settings = settingsFor(account.url);
    await expect(connect({ settings, secrets, signal, setUpTimeoutMs: 200 })).rejects.toMatchObject({
      code: 'CONNECTION_TIMED_OUT',
    });
  });
});
