import { expect, it } from 'vitest';
import { NO_FAULTS } from './faults.ts';
import { runSnowflakeSql } from './run-snowflake-sql.ts';
import { startSandbox } from './start-sandbox.ts';

it('hands the fault plan to the stand-in in a process of its own, and hears what fired', async () => {
  const sandbox = await startSandbox({
    source: 'redshift',
    scale: 0.001,
    schemas: [],
    dataDirectory: null,
    log: () => undefined,
    faults: {
      seed: 1,
      rules: [
        {
          target: 'snowflake',
          where: { sql: 'SELECT 42*' },
          fault: { kind: 'error', code: '000603', message: 'on purpose' },
        },
      ],
    },
  });
  try {
    const { accessUrl, account, user, password } = sandbox.description.snowflake;
    const login = { accessUrl, account, username: user, password };
    await expect(runSnowflakeSql(login, ['SELECT 42 AS N'])).rejects.toThrow(/on purpose/);
    expect(await runSnowflakeSql(login, ['SELECT 43 AS N'])).toEqual([[{ N: 43 }]]);
    expect(sandbox.firedFaults().map(({ target, rule }) => [target, rule])).toContainEqual(['snowflake', 0]);

    const fault = { kind: 'error', code: '000604', message: 'another one' } as const;
    sandbox.setFaults({ seed: 1, rules: [{ target: 'snowflake', where: { sql: 'SELECT 43*' }, fault }] });
    await expect(runSnowflakeSql(login, ['SELECT 43 AS N'])).rejects.toThrow(/another one/);
    expect(await runSnowflakeSql(login, ['SELECT 42 AS N'])).toEqual([[{ N: 42 }]]);
    sandbox.setFaults(NO_FAULTS);
    expect(await runSnowflakeSql(login, ['SELECT 43 AS N'])).toEqual([[{ N: 43 }]]);
  } finally {
    await sandbox.close();
  }
});
