import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSnowflake, type SnowflakeStandIn } from './server.ts';
import { connect, TEST_ACCOUNT, type TestSession } from './testing/connect.ts';

let server: SnowflakeStandIn;
let session: TestSession;
beforeAll(async () => {
  server = await startSnowflake(TEST_ACCOUNT);
  session = await connect(server.accessUrl);
});
afterAll(async () => {
  await session.close();
  await server.close();
});

describe('expressions give what the vendor documents', () => {
  it.each([
    // https://docs.snowflake.com/en/sql-reference/operators-arithmetic
    ['SELECT 7 / 2', '3.500000'],
    ['SELECT 1.0 / 3', '0.3333333'],
    ['SELECT 2 * 1.5', '3.0'],
    ['SELECT 5 % 3', '2'],
    ['SELECT -2.5::NUMBER(3,0)', '-3'],
    ['SELECT 99999999999999999999999999999999999998::NUMBER(38,0) + 1', '99999999999999999999999999999999999999'],
    // https://docs.snowflake.com/en/sql-reference/functions/md5_number_lower64
    ["SELECT MD5_NUMBER_LOWER64('Snowflake')", '9203306159527282910'],
    ["SELECT MD5('Snowflake')", 'edf1439075a83a447fb8b630ddc9c8de'],
    ["SELECT SHA2('Snowflake', 224)", '6267d3d7a59929e6864dd4b737d98e3ef8569d9f88a7466647838532'],
    // https://docs.snowflake.com/en/sql-reference/functions/substr
    ["SELECT SUBSTR('mystring', 3, 2)", 'st'],
    ["SELECT SPLIT_PART('127.0.0.1', '.', -1)", '1'],
    ["SELECT LENGTH('日本')", '2'],
    ["SELECT OCTET_LENGTH('日本')", '6'],
    ["SELECT HEX_ENCODE('SNOW')", '534E4F57'],
    ["SELECT TO_CHAR('2013-04-05 01:02:03'::TIMESTAMP_NTZ, 'mm/dd/yyyy, hh24:mi hours')", '04/05/2013, 01:02 hours'],
    [
      "SELECT TO_VARCHAR('1969-12-31 23:59:59.5'::TIMESTAMP_NTZ, 'YYYY-MM-DD HH24:MI:SS.FF9')",
      '1969-12-31 23:59:59.500000000',
    ],
    ["SELECT DATEADD(MONTH, 1, '2024-01-31'::DATE)", '2024-02-29'],
    ["SELECT DATEDIFF(YEAR, '2023-12-31'::DATE, '2024-01-01'::DATE)", '1'],
    ["SELECT DATE_TRUNC('MONTH', '2024-05-09'::DATE)", '2024-05-01'],
    [
      "SELECT CONVERT_TIMEZONE('America/Los_Angeles', 'America/New_York', '2024-01-01 14:00:00'::TIMESTAMP_NTZ)",
      '2024-01-01 17:00:00.000',
    ],
    ["SELECT '2024-01-01 00:00:00 +0000'::TIMESTAMP_TZ = '2024-01-01 01:00:00 +0100'::TIMESTAMP_TZ", 'TRUE'],
    [`SELECT PARSE_JSON('{"b": [1, {"c": "x"}], "a": 12345678901234567890.5}'):a`, '12345678901234567890.5'],
    [`SELECT PARSE_JSON('{"b": [1, {"c": "x"}]}'):b[1].c::STRING`, 'x'],
    [`SELECT TYPEOF(PARSE_JSON('null'))`, 'NULL_VALUE'],
    ['SELECT NVL(NULL, 5)', '5'],
    ['SELECT ZEROIFNULL(NULL::INT)', '0'],
    ["SELECT LISTAGG(COLUMN1, '|') WITHIN GROUP (ORDER BY COLUMN1 DESC) FROM VALUES ('a'), ('b')", 'b|a'],
    ["SELECT TRY_TO_NUMBER('12x')", null],
    ["SELECT BITAND(MD5_NUMBER_LOWER64('Amazon Redshift'), 281474976710655)", '70288053407610'],
    ['SELECT SUM(COLUMN1) FROM VALUES (1.25), (2.50)', '3.75'],
    ["SELECT 'a' < 'B'", 'FALSE'],
    ["SELECT IFF(NULL, 'yes', 'no')", 'no'],
  ])('%s', async (sql, expected) => {
    expect(await session.value(sql)).toBe(expected);
  });
});

describe('refusals carry the vendor code, SQLSTATE and text', () => {
  it.each([
    ['SELEC 1', '001003', '42000', "syntax error line 1 at position 0 unexpected 'SELEC'."],
    ['SELECT * FROM NOPE', '002003', '42S02', "Object 'NOPE' does not exist or not authorized."],
    ['SELECT NOPE', '000904', '42000', "invalid identifier 'NOPE'"],
    ['SELECT NO_SUCH_FUNCTION(1)', '002140', '42601', 'Unknown function NO_SUCH_FUNCTION'],
    ['USE DATABASE NOPE', '002043', '02000', 'Object does not exist, or operation cannot be performed.'],
    ["SELECT 'abc'::INT", '100038', '22018', "Numeric value 'abc' is not recognized"],
    ["SELECT 'abc'::DATE", '100040', '22007', "Date 'abc' is not recognized"],
    ["SELECT 'abc'::TIMESTAMP_NTZ", '100035', '22007', "Timestamp 'abc' is not recognized"],
    ["SELECT 'maybe'::BOOLEAN", '100037', '22018', "Boolean value 'maybe' is not recognized"],
    ['SELECT 1 / 0', '100051', '22012', 'Division by zero'],
    [
      'SELECT 12345::NUMBER(3,0)',
      '100046',
      '22003',
      'Number out of representable range: type FIXED[SB2](3,0){nullable}, value 12345',
    ],
    ["SELECT PARSE_JSON('{')", '100069', '22P02', 'Error parsing JSON'],
    ['SELECT 1; SELECT 2', '000008', '0A000', 'Actual statement count 2 did not match the desired statement count 1.'],
    ['CREATE HYBRID TABLE H (ID INT PRIMARY KEY)', '391411', '0A000', 'not supported'],
    ['SELECT HASH_AGG(1)', '000002', '0A000', 'HASH_AGG'],
    ['ALTER SESSION SET NO_SUCH_PARAMETER = 1', '001006', '42501', "invalid parameter 'NO_SUCH_PARAMETER'"],
  ])('%s', async (sql, code, sqlState, text) => {
    await expect(session.run(sql)).rejects.toMatchObject({
      code,
      sqlState,
      message: expect.stringContaining(text) as string,
    });
  });
});

describe('tables', () => {
  const EVERY_TYPE =
    'CREATE OR REPLACE TABLE EVERY_TYPE (I INT NOT NULL, D NUMBER(38,37), F FLOAT, T VARCHAR(5), B BOOLEAN, DT DATE, TM TIME(9), NTZ TIMESTAMP_NTZ(9), ' +
    'LTZ TIMESTAMP_LTZ(9), TZ TIMESTAMP_TZ(9), BIN BINARY(4), V VARIANT, O OBJECT, A ARRAY)';

  it('keep every value exactly', async () => {
    await session.run(EVERY_TYPE);
    await session.run(
      `INSERT INTO EVERY_TYPE SELECT 99999999999999999999999999999999999999, '1.2345678901234567890123456789012345678', '-inf', 'ä"''x', TRUE, '9999-12-31', '23:59:59.999999999',
       '0001-01-01 00:00:00.000000001', '9999-12-31 23:59:59.999999999 +0000', '2024-01-02 03:04:05.123456789 +05:45', TO_BINARY('00FF', 'HEX'),
       PARSE_JSON('{"z": 1, "a": [null, "x"]}'), OBJECT_CONSTRUCT('k', 1), ARRAY_CONSTRUCT(1, NULL)`,
    );
    const exact = 'YYYY-MM-DD HH24:MI:SS.FF9 TZHTZM';
    await session.run(
      `ALTER SESSION SET TIMEZONE = 'UTC', TIME_OUTPUT_FORMAT = 'HH24:MI:SS.FF9', TIMESTAMP_NTZ_OUTPUT_FORMAT = '${exact}', TIMESTAMP_OUTPUT_FORMAT = '${exact}'`,
    );
    const [row] = await session.run('SELECT * FROM EVERY_TYPE');
    await session.run(
      'ALTER SESSION UNSET TIMEZONE, TIME_OUTPUT_FORMAT, TIMESTAMP_NTZ_OUTPUT_FORMAT, TIMESTAMP_OUTPUT_FORMAT',
    );
    expect(row).toMatchObject({
      I: '99999999999999999999999999999999999999',
      D: '1.2345678901234567890123456789012345678',
      T: 'ä"\'x',
      B: 'TRUE',
      DT: '9999-12-31',
      TM: '23:59:59.999999999',
      NTZ: '0001-01-01 00:00:00.000000001 +0000',
      LTZ: '9999-12-31 23:59:59.999999999 +0000',
      TZ: '2024-01-02 03:04:05.123456789 +0545',
      BIN: '00FF',
    });
    expect(JSON.stringify([row?.['V'], row?.['O'], row?.['A']])).toContain('x');
  });

  it.each([
    [
      "INSERT INTO EVERY_TYPE (I, T) VALUES (1, 'too long')",
      '100078',
      "String 'too long' is too long and would be truncated",
    ],
    ['INSERT INTO EVERY_TYPE (T) VALUES (NULL)', '100072', 'NULL result in a non-nullable column'],
    ["INSERT INTO EVERY_TYPE (I) VALUES ('x')", '100038', "Numeric value 'x' is not recognized"],
    [
      'INSERT INTO EVERY_TYPE (I) VALUES (1, 2)',
      '002020',
      'Insert value list does not match column list expecting 1 but got 2',
    ],
  ])('refuse %s', async (sql, code, text) => {
    await session.run(EVERY_TYPE);
    await expect(session.run(sql)).rejects.toMatchObject({ code, message: expect.stringContaining(text) as string });
  });

  it('describe columns with the declared types, synonyms resolved', async () => {
    await session.run(
      'CREATE OR REPLACE TABLE SYN (A INT, B DECIMAL, C DECIMAL(10,2), D STRING, E CHAR, F DOUBLE, G DATETIME, H VARBINARY, I TIMESTAMP)',
    );
    const types = (await session.run('DESCRIBE TABLE SYN')).map((row) => row['type']);
    expect(types).toEqual([
      'NUMBER(38,0)',
      'NUMBER(38,0)',
      'NUMBER(10,2)',
      'VARCHAR(16777216)',
      'VARCHAR(1)',
      'FLOAT',
      'TIMESTAMP_NTZ(9)',
      'BINARY(8388608)',
      'TIMESTAMP_NTZ(9)',
    ]);
  });

  it('fold unquoted names and keep quoted ones', async () => {
    await session.run('CREATE OR REPLACE TABLE "Hostile "" name" ("select" INT, "ä b.c" TEXT, plain INT)');
    await session.run('INSERT INTO "Hostile "" name" VALUES (1, \'x\', 2)');
    expect(await session.run('SELECT * FROM "Hostile "" name"')).toEqual([{ select: '1', 'ä b.c': 'x', PLAIN: '2' }]);
    await expect(session.run('SELECT "plain" FROM "Hostile "" name"')).rejects.toMatchObject({ code: '000904' });
  });

  it('exchange their contents by SWAP WITH', async () => {
    await session.run('CREATE OR REPLACE TABLE S1 AS SELECT 1 AS X');
    await session.run('CREATE OR REPLACE TABLE S2 AS SELECT 2 AS X');
    await session.run('ALTER TABLE S1 SWAP WITH S2');
    expect(await session.value('SELECT X FROM S1')).toBe('2');
    expect(await session.value('SELECT X FROM S2')).toBe('1');
  });

  it('merge: update what matches, insert what does not', async () => {
    await session.run("CREATE OR REPLACE TABLE M AS SELECT 1 AS ID, 'old' AS V");
    const result = await session.run(
      "MERGE INTO M USING (SELECT 1 AS ID, 'new' AS V UNION ALL SELECT 2, 'add') S ON M.ID = S.ID WHEN MATCHED THEN UPDATE SET V = S.V WHEN NOT MATCHED THEN INSERT (ID, V) VALUES (S.ID, S.V)",
    );
    expect(result).toEqual([{ 'number of rows inserted': '1', 'number of rows updated': '1' }]);
    expect(await session.run('SELECT * FROM M ORDER BY ID')).toEqual([
      { ID: '1', V: 'new' },
      { ID: '2', V: 'add' },
    ]);
  });

  it('come back by UNDROP', async () => {
    await session.run('CREATE OR REPLACE TABLE GONE AS SELECT 5 AS X');
    await session.run('DROP TABLE GONE');
    await expect(session.run('SELECT * FROM GONE')).rejects.toMatchObject({ code: '002003' });
    await session.run('UNDROP TABLE GONE');
    expect(await session.value('SELECT X FROM GONE')).toBe('5');
  });

  it('add, rename and drop columns', async () => {
    await session.run('CREATE OR REPLACE TABLE ALT AS SELECT 1 AS A');
    await session.run("ALTER TABLE ALT ADD COLUMN B VARCHAR(3) DEFAULT 'x'");
    await session.run('ALTER TABLE ALT RENAME COLUMN A TO "a b"');
    expect(await session.run('SELECT * FROM ALT')).toEqual([{ 'a b': '1', B: 'x' }]);
    await session.run('ALTER TABLE ALT DROP COLUMN B');
    expect(await session.run('SELECT * FROM ALT')).toEqual([{ 'a b': '1' }]);
  });
});

describe('privileges', () => {
  it('hide what a role has no privilege on, and refuse what it may only read', async () => {
    await session.run('CREATE OR REPLACE TABLE SECRET AS SELECT 1 AS X');
    await session.run('USE ROLE ACCOUNTADMIN');
    await session.run('GRANT ROLE READER TO USER ADA');
    await session.run('USE ROLE READER');
    await expect(session.run('SELECT * FROM SECRET')).rejects.toMatchObject({ code: '002003' });
    await session.run('USE ROLE ACCOUNTADMIN');
    await session.run('GRANT SELECT ON TABLE SECRET TO ROLE READER');
    await session.run('USE ROLE READER');
    expect(await session.value('SELECT X FROM SECRET')).toBe('1');
    await expect(session.run('INSERT INTO SECRET VALUES (2)')).rejects.toMatchObject({
      code: '003001',
      sqlState: '42501',
    });
    await expect(session.run('CREATE TABLE T2 (A INT)')).rejects.toMatchObject({ code: '003001' });
    await session.run('USE ROLE MIGRATOR');
  });
});
