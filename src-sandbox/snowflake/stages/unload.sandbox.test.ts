import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StageAccount } from './stage-account.fixture.ts';
import { startStageAccount } from './stage-account.fixture.ts';

let account: StageAccount;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'unloads-'));
  account = await startStageAccount();
  await account.sql('CREATE STAGE st');
  await account.sql('CREATE TABLE t (a NUMBER(10,2), b VARCHAR, d DATE, ts TIMESTAMP_NTZ, v VARIANT)');
  await account.sql(
    `INSERT INTO t SELECT 1.5, 'x,"y', '2020-01-02'::DATE, '1960-01-02 03:04:05.5'::TIMESTAMP_NTZ, PARSE_JSON('{"k":[1]}')`,
  );
  await account.sql('INSERT INTO t (a) VALUES (NULL)');
});
afterAll(async () => {
  await account.close();
  rmSync(directory, { recursive: true, force: true });
});

const rows = async (text: string): Promise<(string | null)[][]> => (await account.sql(text)).rows;
const names = async (stage: string): Promise<(string | null | undefined)[]> =>
  (await rows(`LIST ${stage}`)).map(([name]) => name);
async function contents(path: string): Promise<string> {
  await account.sql(`GET @st/${path} 'file://${directory}/'`);
  const bytes = readFileSync(join(directory, path.slice(path.lastIndexOf('/') + 1)));
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
}

describe('COPY INTO a location', () => {
  it('writes gzip CSV with NULL as the first text of NULL_IF', async () => {
    const answer = await account.sql('COPY INTO @st/plain/ FROM (SELECT a, b, d FROM t ORDER BY a)');
    expect(answer.names).toEqual(['rows_unloaded', 'input_bytes', 'output_bytes']);
    expect(answer.rows[0]?.[0]).toBe('2');
    expect(await names('@st/plain/')).toEqual(['st/plain/data_0_0_0.csv.gz']);
    expect(await contents('plain/data_0_0_0.csv.gz')).toBe('1.50,x\\,"y,2020-01-02\n\\N,\\N,\\N\n');
  });

  it('writes one file of the name given, with header and enclosed texts', async () => {
    await account.sql(
      `COPY INTO @st/one/file.csv FROM (SELECT a, b, d, v FROM t ORDER BY a) SINGLE = TRUE HEADER = TRUE FILE_FORMAT = (TYPE = CSV
         COMPRESSION = NONE FIELD_OPTIONALLY_ENCLOSED_BY = '"' NULL_IF = () DATE_FORMAT = 'DD.MM.YYYY')`,
    );
    expect(await contents('one/file.csv')).toBe('"A","B","D","V"\n1.50,"x,""y","02.01.2020","{""k"":[1]}"\n,,,\n');
  });

  it('refuses an occupied place unless OVERWRITE is set', async () => {
    await account.sql('COPY INTO @st/taken/ FROM t');
    expect((await account.refusal('COPY INTO @st/taken/ FROM t')).message).toBe(
      'Files already existing at the unload destination: @st/taken/. Use overwrite option to force unloading.',
    );
    const answer = await account.sql('COPY INTO @st/taken/ FROM t OVERWRITE = TRUE DETAILED_OUTPUT = TRUE');
    expect(answer.names).toEqual(['FILE_NAME', 'FILE_SIZE', 'ROW_COUNT']);
    expect(answer.rows.map((row) => [row[0], row[2]])).toEqual([['data_0_0_0.csv.gz', '2']]);
  });

  it('writes no file for no rows', async () => {
    expect(await rows('COPY INTO @st/none/ FROM (SELECT a FROM t WHERE FALSE)')).toEqual([['0', '0', '0']]);
    expect(await names('@st/none/')).toEqual([]);
  });

  it('starts a new file at MAX_FILE_SIZE', async () => {
    await account.sql(
      `COPY INTO @st/many/ FROM (SELECT REPEAT('0123456789', 6) FROM TABLE(GENERATOR(ROWCOUNT => 20000)))
         MAX_FILE_SIZE = 300000 FILE_FORMAT = (TYPE = CSV COMPRESSION = NONE)`,
    );
    expect((await names('@st/many/')).length).toBeGreaterThan(2);
    expect(await rows('SELECT COUNT(*) FROM @st/many/')).toEqual([['20000']]);
  });

  it('writes Parquet that loads again', async () => {
    await account.sql('COPY INTO @st/pq/ FROM t FILE_FORMAT = (TYPE = PARQUET) HEADER = TRUE');
    expect(await names('@st/pq/')).toEqual(['st/pq/data_0_0_0.snappy.parquet']);
    await account.sql('CREATE TABLE back LIKE t');
    await account.sql(
      `COPY INTO back FROM (SELECT $1:A, $1:B, $1:D, $1:TS, PARSE_JSON($1:V) FROM @st/pq/)
         FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE)`,
    );
    expect(await rows('SELECT * FROM back MINUS SELECT * FROM t')).toEqual([]);
    expect(await rows('SELECT COUNT(*) FROM back')).toEqual([['2']]);
  });

  it.each([
    ['an unknown option', 'COPY INTO @st/x/ FROM t NO_SUCH = 1', '001006'],
    ['a wrong VALIDATION_MODE', 'COPY INTO @st/x/ FROM t VALIDATION_MODE = RETURN_ERRORS', '001008'],
    ['several columns as JSON', 'COPY INTO @st/x/ FROM t FILE_FORMAT = (TYPE = JSON)', '000002'],
    [
      'a timestamp with zone as Parquet',
      'COPY INTO @st/x/ FROM (SELECT CURRENT_TIMESTAMP() n) FILE_FORMAT = (TYPE = PARQUET)',
      '000002',
    ],
    ['a table that is not there', 'COPY INTO @st/x/ FROM nosuch', '002003'],
  ])('refuses %s', async (_what, text, code) => {
    expect(await account.refusal(text)).toMatchObject({ code });
  });
});
