import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StageAccount } from './stage-account.fixture.ts';
import { startStageAccount } from './stage-account.fixture.ts';

let account: StageAccount;
beforeAll(async () => {
  account = await startStageAccount();
  await account.sql('CREATE STAGE st');
});
afterAll(() => account.close());

const rows = async (text: string): Promise<(string | null)[][]> => (await account.sql(text)).rows;

describe('COPY INTO a table from CSV files', () => {
  it('answers with one row for each file, and skips files loaded before', async () => {
    await account.sql('CREATE TABLE good (a NUMBER, b VARCHAR)');
    await account.put('@st', 'good/1.csv', '1,x\n2,y\n');
    const first = await account.sql('COPY INTO good FROM @st/good/');
    expect(first.names).toEqual([
      'file',
      'status',
      'rows_parsed',
      'rows_loaded',
      'error_limit',
      'errors_seen',
      'first_error',
      'first_error_line',
      'first_error_character',
      'first_error_column_name',
    ]);
    expect(first.rows).toEqual([['st/good/1.csv', 'LOADED', '2', '2', '1', '0', null, null, null, null]]);
    expect(await account.sql('COPY INTO good FROM @st/good/')).toEqual({
      names: ['status'],
      rows: [['Copy executed with 0 files processed.']],
    });
    expect(await rows("COPY INTO good FROM @st/good/ FILES = ('1.csv')")).toEqual([
      ['st/good/1.csv', 'LOAD_SKIPPED', '0', '0', null, '1', 'File was loaded before.', null, null, null],
    ]);
    expect((await rows('COPY INTO good FROM @st/good/ FORCE = TRUE'))[0]?.[1]).toBe('LOADED');
    expect(await rows('SELECT COUNT(*) FROM good')).toEqual([['4']]);
  });

  it('loads a file again after it changed or the table was truncated, not after DELETE', async () => {
    await account.sql('CREATE TABLE again (a NUMBER)');
    const status = async (): Promise<string | null | undefined> =>
      (await rows('COPY INTO again FROM @st/again/'))[0]?.[1];
    await account.put('@st', 'again/1.csv', '1\n');
    expect(await status()).toBe('LOADED');
    await account.sql('DELETE FROM again');
    expect(await status()).toBeUndefined();
    await account.sql('TRUNCATE TABLE again');
    expect(await status()).toBe('LOADED');
    await account.put('@st', 'again/1.csv', '2\n');
    expect(await status()).toBe('LOADED');
    await account.sql('CREATE OR REPLACE TABLE again (a NUMBER)');
    expect(await status()).toBe('LOADED');
  });

  it('forgets a load that was rolled back', async () => {
    await account.sql('CREATE TABLE undone (a NUMBER)');
    await account.put('@st', 'undone/1.csv', '1\n');
    await account.sql('BEGIN');
    await account.sql('COPY INTO undone FROM @st/undone/');
    await account.sql('ROLLBACK');
    expect(await rows('SELECT COUNT(*) FROM undone')).toEqual([['0']]);
    expect((await rows('COPY INTO undone FROM @st/undone/'))[0]?.[1]).toBe('LOADED');
  });

  it('stops at the first bad record with its place, and keeps nothing of any file', async () => {
    await account.sql('CREATE TABLE stops (a NUMBER, b VARCHAR)');
    await account.put('@st', 'stops/1.csv', '1,x\n');
    await account.put('@st', 'stops/2.csv', '1,x\nNOPE,y\n');
    expect(await account.refusal('COPY INTO stops FROM @st/stops/')).toEqual({
      code: '100038',
      sqlState: '22018',
      message:
        "Numeric value 'NOPE' is not recognized\n" +
        "  File 'stops/2.csv', line 2, character 1\n" +
        '  Row 2, column "STOPS"["A":1]\n' +
        "  If you would like to continue loading when an error is encountered, use other values such as 'SKIP_FILE' or " +
        "'CONTINUE' for the ON_ERROR option. For more information on loading options, please run 'info loading_data' in a SQL client.",
    });
    expect(await rows('SELECT COUNT(*) FROM stops')).toEqual([['0']]);
  });

  it.each([
    ['CONTINUE', 'PARTIALLY_LOADED', '2', '3'],
    ['SKIP_FILE', 'LOAD_FAILED', '0', '1'],
    ['SKIP_FILE_2', 'PARTIALLY_LOADED', '2', '2'],
    ["'SKIP_FILE_40%'", 'LOAD_FAILED', '0', '1'],
    ["'SKIP_FILE_70%'", 'PARTIALLY_LOADED', '2', '2'],
  ])(
    'with ON_ERROR = %s gives a file with one bad record of three the status %s',
    async (onError, status, loaded, limit) => {
      await account.sql('CREATE OR REPLACE TABLE tolerant (a NUMBER, b VARCHAR)');
      await account.put('@st', 'tolerant/1.csv', '1,x\nNOPE,y\n3,z\n');
      expect(await rows(`COPY INTO tolerant FROM @st/tolerant/ ON_ERROR = ${onError}`)).toEqual([
        [
          'st/tolerant/1.csv',
          status,
          '3',
          loaded,
          limit,
          '1',
          "Numeric value 'NOPE' is not recognized",
          '2',
          '1',
          '"TOLERANT"["A":1]',
        ],
      ]);
      expect(await rows('SELECT COUNT(*) FROM tolerant')).toEqual([[loaded]]);
    },
  );

  it('stops for a file in FILES that is missing, or reports it with ON_ERROR = CONTINUE', async () => {
    await account.sql('CREATE TABLE missing (a NUMBER)');
    const refusal = await account.refusal("COPY INTO missing FROM @st FILES = ('no.csv')");
    expect(refusal.message).toMatch(/^Remote file '@ST\/no\.csv' was not found\. If you are running a copy command/);
    const [row] = await rows("COPY INTO missing FROM @st FILES = ('no.csv') ON_ERROR = CONTINUE");
    expect(row?.slice(0, 6)).toEqual(['st/no.csv', 'LOAD_FAILED', '0', '0', '1', '1']);
  });

  it.each([
    [
      'text that is too long',
      '1,abcdefgh\n',
      '100074',
      "User character length limit (3) exceeded by string 'abcdefgh'",
    ],
    ['NULL in a NOT NULL column', ',ab\n', '100072', 'NULL result in a non-nullable column'],
  ])('refuses %s', async (_what, contents, code, text) => {
    await account.sql('CREATE OR REPLACE TABLE strict (id NUMBER NOT NULL, name VARCHAR(3))');
    await account.put('@st', 'strict/1.csv', contents);
    const refusal = await account.refusal('COPY INTO strict FROM @st/strict/');
    expect(refusal.code).toBe(code);
    expect(refusal.message.split('\n')[0]).toBe(text);
  });

  it('cuts text with TRUNCATECOLUMNS', async () => {
    await account.sql('CREATE TABLE cut (name VARCHAR(3))');
    await account.put('@st', 'cut/1.csv', 'abcdefgh\n');
    await account.sql('COPY INTO cut FROM @st/cut/ TRUNCATECOLUMNS = TRUE');
    expect(await rows('SELECT * FROM cut')).toEqual([['abc']]);
  });

  it('purges what it loaded and returns only failures when told to', async () => {
    await account.sql('CREATE TABLE purged (a NUMBER)');
    await account.put('@st', 'purged/1.csv', '1\n');
    await account.put('@st', 'purged/2.csv', 'x\n');
    const answer = await rows(
      'COPY INTO purged FROM @st/purged/ PURGE = TRUE ON_ERROR = SKIP_FILE RETURN_FAILED_ONLY = TRUE',
    );
    expect(answer.map((row) => row.slice(0, 2))).toEqual([['st/purged/2.csv', 'LOAD_FAILED']]);
    expect((await rows('LIST @st/purged/')).map(([name]) => name)).toEqual(['st/purged/2.csv']);
  });

  it('takes files until SIZE_LIMIT is exceeded', async () => {
    await account.sql('CREATE TABLE limited (a NUMBER)');
    for (const name of ['1', '2', '3']) {
      await account.put('@st', `limited/${name}.csv`, '12345\n');
    }
    expect(await rows('COPY INTO limited FROM @st/limited/ SIZE_LIMIT = 6')).toHaveLength(2);
    expect(await rows('COPY INTO limited FROM @st/limited/ SIZE_LIMIT = 1')).toHaveLength(1);
  });

  it('lists errors or rows with VALIDATION_MODE and loads nothing', async () => {
    await account.sql('CREATE TABLE validated (a NUMBER, b VARCHAR)');
    await account.put('@st', 'validated/1.csv', '1,x\nNOPE,y\n');
    const errors = await account.sql('COPY INTO validated FROM @st/validated/ VALIDATION_MODE = RETURN_ERRORS');
    expect(errors.rows.map((row) => [row[0], row[1], row[2], row[5], row[6]])).toEqual([
      ["Numeric value 'NOPE' is not recognized", 'validated/1.csv', '2', 'conversion', '100038'],
    ]);
    expect(await rows('COPY INTO validated FROM @st/validated/ VALIDATION_MODE = RETURN_1_ROWS')).toEqual([['1', 'x']]);
    expect(await rows('SELECT COUNT(*) FROM validated')).toEqual([['0']]);
  });

  it('shows loads in LOAD_HISTORY and COPY_HISTORY', async () => {
    await account.sql('CREATE TABLE shown (a NUMBER)');
    await account.put('@st', 'shown/1.csv', '1\nx\n');
    await account.sql('COPY INTO shown FROM @st/shown/ ON_ERROR = CONTINUE');
    expect(
      await rows(
        "SELECT TABLE_NAME, STATUS, ROW_COUNT, ROW_PARSED, ERROR_COUNT FROM INFORMATION_SCHEMA.LOAD_HISTORY WHERE TABLE_NAME = 'SHOWN'",
      ),
    ).toEqual([['SHOWN', 'PARTIALLY LOADED', '1', '2', '1']]);
    expect(
      await rows(
        "SELECT FILE_NAME, STATUS, ROW_COUNT FROM TABLE(INFORMATION_SCHEMA.COPY_HISTORY(TABLE_NAME => 'SHOWN', START_TIME => DATEADD(hours, -1, CURRENT_TIMESTAMP())))",
      ),
    ).toEqual([['shown/1.csv', 'Partially loaded', '1']]);
  });
});

describe('COPY INTO a table from JSON files', () => {
  it('loads documents into one VARIANT column', async () => {
    await account.sql('CREATE TABLE documents (v VARIANT)');
    await account.put('@st', 'documents/1.json', '[{"a":1},\n{"a":{"b":"x"}}]');
    await account.sql('COPY INTO documents FROM @st/documents/ FILE_FORMAT = (TYPE = JSON STRIP_OUTER_ARRAY = TRUE)');
    expect(await rows('SELECT v:a::VARCHAR FROM documents ORDER BY 1')).toEqual([['1'], ['{"b":"x"}']]);
  });

  it('matches names, and words casts of VARIANTs as the vendor does', async () => {
    await account.sql('CREATE TABLE named (id NUMBER, name VARCHAR)');
    await account.put('@st', 'named/1.json', '{"ID":1,"name":"a"}\n{"id":"ZZ","Name":"b"}\n');
    const [row] = await rows(
      'COPY INTO named FROM (SELECT $1:id, $1:Name FROM @st/named/) FILE_FORMAT = (TYPE = JSON) ON_ERROR = CONTINUE',
    );
    expect(row?.slice(1, 7)).toEqual([
      'PARTIALLY_LOADED',
      '2',
      '1',
      '2',
      '1',
      'Failed to cast variant value "ZZ" to FIXED',
    ]);
  });

  it('needs one VARIANT column unless names are matched', async () => {
    await account.sql('CREATE TABLE narrow (id NUMBER, name VARCHAR)');
    const refusal = await account.refusal('COPY INTO narrow FROM @st/named/ FILE_FORMAT = (TYPE = JSON)');
    expect(refusal.message).toContain(
      'JSON file format can produce one and only one column of type variant, object, or array.',
    );
  });
});
