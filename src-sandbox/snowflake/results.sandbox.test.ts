import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSnowflake, type SnowflakeStandIn } from './server.ts';
import { connect, eventually, TEST_ACCOUNT, type TestSession } from './testing/connect.ts';

let server: SnowflakeStandIn;
let session: TestSession;
beforeAll(async () => {
  server = await startSnowflake({ ...TEST_ACCOUNT, pollAfterMs: 50 });
  session = await connect(server.accessUrl);
});
afterAll(async () => {
  await session.close();
  await server.close();
});

const ROWS = 60_000;
const BIG = `SELECT SEQ4() AS N, REPEAT('x', 100) AS T FROM TABLE(GENERATOR(ROWCOUNT => ${ROWS}))`;

describe('results', () => {
  it('come in chunks when they are large, with every row once', async () => {
    const rows = await session.run(BIG);
    expect(rows).toHaveLength(ROWS);
    expect(new Set(rows.map((row) => row['N'])).size).toBe(ROWS);
  });

  it('are polled for when a statement takes long', async () => {
    expect(
      await session.value(`SELECT COUNT(DISTINCT MD5(T || N)) FROM (${BIG}) CROSS JOIN VALUES (1), (2), (3), (4)`),
    ).toBe(String(ROWS));
  });

  it('of an asynchronous statement are fetched by its id', async () => {
    const id = await new Promise<string>((resolve, reject) => {
      session.connection.execute({
        sqlText: 'SELECT 42 AS A',
        asyncExec: true,
        complete: (error, statement) => (error ? reject(error) : resolve(statement.getQueryId())),
      });
    });
    await eventually(async () => (await session.connection.getQueryStatus(id)) === 'SUCCESS');
    const statement = await session.connection.getResultsFromQueryId({ queryId: id, sqlText: '' });
    const rows: unknown[] = [];
    for await (const row of statement.streamRows()) rows.push(row);
    expect(rows).toEqual([{ A: '42' }]);
  });

  it('of several statements come one after the other', async () => {
    const statement = await new Promise<{ hasNext(): boolean }>((resolve, reject) => {
      session.connection.execute({
        sqlText:
          'CREATE OR REPLACE TABLE MULTI (A INT); INSERT INTO MULTI VALUES (1), (2); SELECT COUNT(*) AS C FROM MULTI;',
        parameters: { MULTI_STATEMENT_COUNT: 0 },
        complete: (error, done) => (error ? reject(error) : resolve(done as unknown as { hasNext(): boolean })),
      });
    });
    expect(statement.hasNext()).toBe(true);
    expect(await session.value('SELECT COUNT(*) FROM MULTI')).toBe('2');
  });

  it('of a canceled statement are an error, and its work is undone', async () => {
    await session.run('CREATE OR REPLACE TABLE CANCELED (A INT)');
    const error = await new Promise<unknown>((resolve) => {
      const statement = session.connection.execute({
        sqlText: `INSERT INTO CANCELED SELECT LENGTH(MD5(A.T || B.N)) FROM (${BIG}) A CROSS JOIN (${BIG}) B`,
        complete: (failure) => resolve(failure),
      });
      void eventually(() =>
        server.queryHistory().some((q) => q.status === 'RUNNING' && q.text.includes('INSERT INTO CANCELED')),
      ).then(() => statement.cancel(() => undefined));
    });
    expect(error).toMatchObject({ code: '000604', sqlState: '57014' });
    expect(await session.value('SELECT COUNT(*) FROM CANCELED')).toBe('0');
  });
});

describe('binds', () => {
  it('keep their values', async () => {
    expect(
      await session.run('SELECT ? AS A, ? AS B, ? AS C, ? IS NULL AS D', { binds: [12, "it's ?", 1.5, null] }),
    ).toEqual([{ A: '12', B: "it's ?", C: '1.5', D: 'TRUE' }]);
  });

  it('by the array insert a row each', async () => {
    await session.run('CREATE OR REPLACE TABLE BOUND (A INT, B TEXT)');
    expect(
      await session.run('INSERT INTO BOUND VALUES (?, ?)', {
        binds: [
          [1, 'a'],
          [2, null],
          [3, 'ü'],
        ],
      }),
    ).toMatchObject([{ 'number of rows inserted': '3' }]);
    expect(await session.run('SELECT * FROM BOUND ORDER BY A')).toEqual([
      { A: '1', B: 'a' },
      { A: '2', B: null },
      { A: '3', B: 'ü' },
    ]);
  });
});

it('runs a statement once, however often its request id arrives', async () => {
  await session.run('CREATE OR REPLACE TABLE ONCE (A INT)');
  const login = await fetch(`${server.accessUrl}/session/v1/login-request?databaseName=PRACTICE&schemaName=PUBLIC`, {
    method: 'POST',
    body: JSON.stringify({ data: { ACCOUNT_NAME: 'practice', LOGIN_NAME: 'ada', PASSWORD: 'correct horse' } }),
  });
  const { data } = (await login.json()) as { data: { token: string } };
  const send = async (): Promise<{ success: boolean }> => {
    const answer = await fetch(
      `${server.accessUrl}/queries/v1/query-request?requestId=7d2f4a90-0000-4000-8000-000000000001`,
      {
        method: 'POST',
        headers: { authorization: `Snowflake Token="${data.token}"` },
        body: JSON.stringify({ sqlText: 'INSERT INTO ONCE VALUES (1)' }),
      },
    );
    return (await answer.json()) as { success: boolean };
  };
  expect((await send()).success).toBe(true);
  expect((await send()).success).toBe(true);
  expect(await session.value('SELECT COUNT(*) FROM ONCE')).toBe('1');
});

it('tags statements with QUERY_TAG', async () => {
  await session.run('SELECT 1 AS TAGGED', { parameters: { QUERY_TAG: 'run-1' } });
  expect(server.queryHistory().find((q) => q.text === 'SELECT 1 AS TAGGED')?.queryTag).toBe('run-1');
});

it('gives the rows of SHOW to RESULT_SCAN', async () => {
  await session.run('CREATE OR REPLACE TABLE SCANNED (A INT)');
  await session.run("SHOW TABLES LIKE 'SCANNED'");
  expect(await session.run('SELECT "name" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))')).toEqual([{ name: 'SCANNED' }]);
});
