import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSnowflake, type SnowflakeStandIn } from './server.ts';
import { connect, eventually, TEST_ACCOUNT, type TestSession } from './testing/connect.ts';

let server: SnowflakeStandIn;
let a: TestSession;
let b: TestSession;
beforeAll(async () => {
  server = await startSnowflake(TEST_ACCOUNT);
});
afterAll(() => server.close());
beforeEach(async () => {
  a = await connect(server.accessUrl);
  b = await connect(server.accessUrl);
  await a.run("CREATE OR REPLACE TABLE LEDGER (ID INT, STATE TEXT) AS SELECT 1, 'NEW'");
});
afterEach(async () => {
  await a.close();
  await b.close();
});

const COMPARE_AND_SET = "UPDATE LEDGER SET STATE = 'LOADED' WHERE ID = 1 AND STATE <> 'LOADED'";

/** https://docs.snowflake.com/en/sql-reference/transactions */
describe('transactions', () => {
  it('shows its own writes to itself only, until COMMIT', async () => {
    await a.run('BEGIN');
    await a.run("INSERT INTO LEDGER VALUES (2, 'MINE')");
    await a.run("UPDATE LEDGER SET STATE = 'X' WHERE ID = 1");
    expect(await a.run('SELECT ID, STATE FROM LEDGER ORDER BY ID')).toEqual([
      { ID: '1', STATE: 'X' },
      { ID: '2', STATE: 'MINE' },
    ]);
    expect(await b.run('SELECT ID, STATE FROM LEDGER ORDER BY ID')).toEqual([{ ID: '1', STATE: 'NEW' }]);
    await a.run('COMMIT');
    expect(await b.value('SELECT COUNT(*) FROM LEDGER')).toBe('2');
  });

  it('sees what others committed between two of its statements: READ COMMITTED', async () => {
    await a.run('BEGIN');
    await a.run("INSERT INTO LEDGER VALUES (3, 'A')");
    expect(await a.value('SELECT COUNT(*) FROM LEDGER')).toBe('2');
    await b.run("INSERT INTO LEDGER VALUES (4, 'B')");
    expect(await a.value('SELECT COUNT(*) FROM LEDGER')).toBe('3');
    await a.run('ROLLBACK');
    expect(await a.value('SELECT COUNT(*) FROM LEDGER')).toBe('2');
  });

  it('lets a compare-and-set that waited for the lock change nothing', async () => {
    await a.run('BEGIN');
    expect(await a.run(COMPARE_AND_SET)).toMatchObject([{ 'number of rows updated': '1' }]);
    let isDone = false;
    const waiting = b.run(COMPARE_AND_SET).then((rows) => {
      isDone = true;
      return rows;
    });
    await eventually(async () => (await a.run('SHOW LOCKS')).some((row) => row['status'] === 'WAITING'));
    expect(isDone).toBe(false);
    await a.run('COMMIT');
    expect(await waiting).toMatchObject([{ 'number of rows updated': '0' }]);
  });

  it('lets the one that waited go on after a ROLLBACK', async () => {
    await a.run('BEGIN');
    await a.run(COMPARE_AND_SET);
    const waiting = b.run(COMPARE_AND_SET);
    await a.run('ROLLBACK');
    expect(await waiting).toMatchObject([{ 'number of rows updated': '1' }]);
  });

  it('keeps a transaction open after a failed statement, without its changes', async () => {
    await a.run('BEGIN');
    await a.run("INSERT INTO LEDGER VALUES (5, 'OK')");
    await expect(
      a.run("INSERT INTO LEDGER SELECT COLUMN1, COLUMN2 FROM VALUES ('6','OK'), ('x','BAD')"),
    ).rejects.toMatchObject({ code: '100038' });
    await a.run('COMMIT');
    expect(await b.run('SELECT ID FROM LEDGER ORDER BY ID')).toEqual([{ ID: '1' }, { ID: '5' }]);
  });

  it('commits the open transaction before DDL', async () => {
    await a.run('BEGIN');
    await a.run("INSERT INTO LEDGER VALUES (7, 'OK')");
    await a.run('CREATE OR REPLACE TABLE OTHER (X INT)');
    await a.run('ROLLBACK');
    expect(await b.value('SELECT COUNT(*) FROM LEDGER')).toBe('2');
  });

  it('takes TRUNCATE back at ROLLBACK, as DML', async () => {
    await a.run('BEGIN');
    await a.run('TRUNCATE TABLE LEDGER');
    expect(await a.value('SELECT COUNT(*) FROM LEDGER')).toBe('0');
    await a.run('ROLLBACK');
    expect(await a.value('SELECT COUNT(*) FROM LEDGER')).toBe('1');
  });

  it('gives up after LOCK_TIMEOUT', async () => {
    await a.run('BEGIN');
    await a.run(COMPARE_AND_SET);
    await b.run('ALTER SESSION SET LOCK_TIMEOUT = 0');
    await expect(b.run(COMPARE_AND_SET)).rejects.toMatchObject({ code: '000625', sqlState: '57014' });
  });

  it('refuses what would be a deadlock', async () => {
    await a.run('CREATE OR REPLACE TABLE OTHER (ID INT) AS SELECT 1');
    await a.run('BEGIN');
    await b.run('BEGIN');
    await a.run(COMPARE_AND_SET);
    await b.run('UPDATE OTHER SET ID = 2');
    const first = a.run('UPDATE OTHER SET ID = 3');
    await eventually(async () => (await a.connection.isValidAsync()) && server.listOpenTransactions().length === 2);
    await expect(b.run(COMPARE_AND_SET)).rejects.toMatchObject({ code: '000635' });
    await b.run('ROLLBACK');
    expect(await first).toMatchObject([{ 'number of rows updated': '1' }]);
  });

  it('leaves the transaction of a lost session with its locks until it is aborted', async () => {
    await a.run('BEGIN');
    await a.run(COMPARE_AND_SET);
    const sessionId = String(await a.value('SELECT CURRENT_SESSION()'));
    server.loseSession(sessionId);
    const open = await b.run('SHOW TRANSACTIONS');
    expect(open).toMatchObject([{ session: sessionId, state: 'running', user: 'ADA' }]);
    const waiting = b.run(COMPARE_AND_SET);
    const c = await connect(server.accessUrl);
    await c.run(`SELECT SYSTEM$ABORT_TRANSACTION(${String(open[0]?.['id'])})`);
    expect(await waiting).toMatchObject([{ 'number of rows updated': '1' }]);
    await c.close();
  });

  it('lets INSERTs of two transactions run beside each other', async () => {
    await a.run('BEGIN');
    await b.run('BEGIN');
    await a.run("INSERT INTO LEDGER VALUES (8, 'A')");
    await b.run("INSERT INTO LEDGER VALUES (9, 'B')");
    await b.run('COMMIT');
    await a.run('COMMIT');
    expect(await a.value('SELECT COUNT(*) FROM LEDGER')).toBe('3');
  });
});

it('aborts an idle transaction that blocks another', async () => {
  const quick = await startSnowflake({ ...TEST_ACCOUNT, blockingIdleMs: 200 });
  const [one, two] = [await connect(quick.accessUrl), await connect(quick.accessUrl)];
  await one.run("CREATE TABLE LEDGER (ID INT, STATE TEXT) AS SELECT 1, 'NEW'");
  await one.run('BEGIN');
  await one.run(COMPARE_AND_SET);
  expect(await two.run(COMPARE_AND_SET)).toMatchObject([{ 'number of rows updated': '1' }]);
  await one.close();
  await two.close();
  await quick.close();
});
