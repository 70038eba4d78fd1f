import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PRACTICE_BUCKET, toKeys } from '../../practice-account.ts';
import type { StageAccount } from './stage-account.fixture.ts';
import { refusalOf, startStageAccount } from './stage-account.fixture.ts';

let account: StageAccount;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'external-stage-'));
  account = await startStageAccount();
  const { storage } = account.account.roles;
  await account.sql(
    `CREATE STORAGE INTEGRATION lake TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE
     STORAGE_AWS_ROLE_ARN = '${storage.arn}' STORAGE_ALLOWED_LOCATIONS = ('s3://${PRACTICE_BUCKET}/run/')
     STORAGE_BLOCKED_LOCATIONS = ('s3://${PRACTICE_BUCKET}/run/secret/')`,
  );
  await account.sql('CREATE FILE FORMAT pq TYPE = PARQUET USE_VECTORIZED_SCANNER = TRUE NULL_IF = ()');
  await account.sql(
    `CREATE STAGE ext URL = 's3://${PRACTICE_BUCKET}/run/' STORAGE_INTEGRATION = lake FILE_FORMAT = (FORMAT_NAME = pq)`,
  );
});
afterAll(async () => {
  await account.close();
  rmSync(directory, { recursive: true, force: true });
});

const rows = async (text: string): Promise<(string | null)[][]> => (await account.sql(text)).rows;

/** Puts the rows of a DuckDB query into the bucket as a Parquet file. */
async function putParquet(key: string, query: string): Promise<void> {
  const file = join(directory, 'made.parquet');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (${query}) TO '${file}' (FORMAT parquet)`);
  connection.closeSync();
  await account.s3.putObject(PRACTICE_BUCKET, key, readFileSync(file));
}

describe('a storage integration', () => {
  it('reads only after the role trusts its external id', async () => {
    expect(await account.refusal('LIST @ext')).toMatchObject({ code: '003167' });
    await account.trust('lake');
    expect(await rows('LIST @ext')).toEqual([]);
  });

  it('allows a stage only its locations', async () => {
    for (const path of ['', 'other/', 'run/secret/']) {
      const url = `s3://${PRACTICE_BUCKET}/${path}`;
      const refusal = await account.refusal(`CREATE STAGE no URL = '${url}' STORAGE_INTEGRATION = lake`);
      expect(refusal).toMatchObject({ code: '003127' });
      expect(refusal.message).toContain(`Location '${url}' is not allowed by integration 'LAKE'.`);
    }
  });

  it('is made by roles with CREATE INTEGRATION alone, and used with USAGE alone', async () => {
    for (const text of ['USAGE ON WAREHOUSE WH', 'USAGE ON DATABASE DB', 'USAGE, CREATE STAGE ON SCHEMA DB.S']) {
      await account.sql(`GRANT ${text} TO ROLE LOADER`);
    }
    const loader = await account.connect('LOADER');
    const create = `CREATE STAGE theirs URL = 's3://${PRACTICE_BUCKET}/run/' STORAGE_INTEGRATION = lake`;
    expect(await refusalOf(() => loader.sql(create))).toMatchObject({
      sqlState: expect.stringMatching(/42501|02000/) as string,
    });
    expect(
      await refusalOf(() =>
        loader.sql(
          `CREATE STORAGE INTEGRATION x TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE
           STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::111122223333:role/x' STORAGE_ALLOWED_LOCATIONS = ('*')`,
        ),
      ),
    ).toMatchObject({ code: '003001' });
    await account.sql('GRANT USAGE ON INTEGRATION lake TO ROLE LOADER');
    await loader.sql(create);
  });
});

describe('a stage with keys of its own', () => {
  const create = (
    name: string,
    keys: { accessKeyId: string; secretAccessKey: string },
    bucket = PRACTICE_BUCKET,
  ): string =>
    `CREATE STAGE ${name} URL = 's3://${bucket}/run/'
     CREDENTIALS = (AWS_KEY_ID = '${keys.accessKeyId}' AWS_SECRET_KEY = '${keys.secretAccessKey}')`;

  it('reports what S3 refuses, and never shows the secret', async () => {
    const { users } = account.account;
    const powerless = toKeys(users.noAccess);
    await account.sql(create('powerless', powerless));
    const refusal = await account.refusal('LIST @powerless');
    expect(refusal).toMatchObject({ code: '091003' });
    expect(refusal.message).toMatch(
      /^Failure using stage area\. Cause: \[.*s3:ListBucket.*\(Status Code: 403; Error Code: AccessDenied\)\]$/s,
    );
    const wrong = { ...toKeys(users.cleaner), secretAccessKey: 'wrong/secret' };
    await account.sql(create('wrong', wrong));
    const denied = await account.refusal('LIST @wrong');
    expect(denied.message).toContain('SignatureDoesNotMatch');
    await account.sql(create('nowhere', toKeys(users.cleaner), 'no-such-bucket-here'));
    expect((await account.refusal('LIST @nowhere')).message).toMatch(/NoSuchBucket|AccessDenied/);
    const shown = JSON.stringify([await rows('DESC STAGE wrong'), await rows('SHOW STAGES'), denied, refusal]);
    expect(shown).not.toContain('wrong/secret');
    expect(shown).not.toContain(powerless.secretAccessKey);
  });

  it('is no target for PUT', async () => {
    const refusal = await account.refusal("PUT 'file:///tmp/nothing.csv' @ext");
    expect(refusal.message).toMatch(/GET and PUT commands are not supported with external stage/);
  });
});

describe('a transforming COPY from Parquet', () => {
  beforeAll(async () => {
    await putParquet(
      'run/t/1.parquet',
      `SELECT r::BIGINT AS c1, (r * 1.5)::DECIMAL(38,2) AS c2, 'name ' || r AS c3, DATE '2020-01-01' + r::INT AS c4,
         TIMESTAMP '1960-01-02 03:04:05.123456' AS c5, hex(('x' || r)::BLOB) AS c6, '{"b":1,"a":' || r || '}' AS c7,
         '2020-01-01 00:00:00 +02:00' AS c8, CASE WHEN r = 2 THEN NULL ELSE 'NaN'::DOUBLE END AS c9 FROM range(1, 4) t(r)`,
    );
    await account.sql(
      `CREATE TABLE t (n NUMBER(38,0), d NUMBER(38,2), x VARCHAR(100), dt DATE, ts TIMESTAMP_NTZ(6), b BINARY, v VARIANT,
         tz TIMESTAMP_TZ, f FLOAT)`,
    );
  });
  const copy = `COPY INTO t (n, d, x, dt, ts, b, v, tz, f) FROM (SELECT $1:c1::NUMBER(38,0), $1:c2::NUMBER(38,2), $1:c3::VARCHAR,
      $1:c4::DATE, $1:c5::TIMESTAMP_NTZ(6), TO_BINARY($1:c6::VARCHAR, 'HEX'), PARSE_JSON($1:c7), TO_TIMESTAMP_TZ($1:c8::VARCHAR),
      $1:c9::FLOAT FROM @ext/t/)
    FILES = ('1.parquet') FILE_FORMAT = (FORMAT_NAME = pq) ON_ERROR = ABORT_STATEMENT PURGE = FALSE`;

  it('loads every kind of value', async () => {
    expect(await rows(copy)).toEqual([
      [`s3://${PRACTICE_BUCKET}/run/t/1.parquet`, 'LOADED', '3', '3', '1', '0', null, null, null, null],
    ]);
    expect(
      await rows(
        `SELECT n, d, x, TO_VARCHAR(dt), TO_VARCHAR(ts, 'YYYY-MM-DD HH24:MI:SS.FF6'), TO_VARCHAR(b, 'HEX'), v:a::NUMBER,
           TO_VARCHAR(tz, 'YYYY-MM-DD HH24:MI:SS TZHTZM'), f::VARCHAR FROM t WHERE n <= 2 ORDER BY n`,
      ),
    ).toEqual([
      [
        '1',
        '1.50',
        'name 1',
        '2020-01-02',
        '1960-01-02 03:04:05.123456',
        '7831',
        '1',
        '2020-01-01 00:00:00 +0200',
        'NaN',
      ],
      [
        '2',
        '3.00',
        'name 2',
        '2020-01-03',
        '1960-01-02 03:04:05.123456',
        '7832',
        '2',
        '2020-01-01 00:00:00 +0200',
        null,
      ],
    ]);
  });

  it('skips the file the second time', async () => {
    expect((await rows(copy))[0]?.slice(1, 7)).toEqual([
      'LOAD_SKIPPED',
      '0',
      '0',
      null,
      '1',
      'File was loaded before.',
    ]);
  });

  it('names file, row and column of a value that does not fit', async () => {
    await putParquet(
      'run/bad/1.parquet',
      "SELECT CASE WHEN r = 3 THEN 'abc' ELSE r::VARCHAR END AS c1 FROM range(1, 6) t(r)",
    );
    await account.sql('CREATE TABLE bad (n NUMBER(38,0))');
    const load = 'COPY INTO bad FROM (SELECT $1:c1::NUMBER(38,0) FROM @ext/bad/) FILE_FORMAT = (FORMAT_NAME = pq)';
    const refusal = await account.refusal(load);
    expect(refusal).toMatchObject({ code: '100071', sqlState: '22000' });
    expect(refusal.message).toContain('Failed to cast variant value "abc" to FIXED');
    expect(refusal.message).toContain('Row 3, column "BAD"["N":1]');
    expect((await rows(`${load} ON_ERROR = CONTINUE`))[0]?.slice(1, 6)).toEqual([
      'PARTIALLY_LOADED',
      '5',
      '4',
      '5',
      '1',
    ]);
  });

  it('needs one VARIANT column without a query, or names to match', async () => {
    await account.sql('CREATE TABLE matched (C1 NUMBER, c3 VARCHAR, other VARCHAR)');
    expect((await account.refusal('COPY INTO matched FROM @ext/t/')).message).toContain(
      'PARQUET file format can produce one and only one column of type variant, object, or array.',
    );
    await account.sql('COPY INTO matched FROM @ext/t/ MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE');
    expect(await rows('SELECT * FROM matched ORDER BY 1 LIMIT 1')).toEqual([['1', 'name 1', null]]);
  });
});

describe('REMOVE from a bucket', () => {
  it('removes what the path selects', async () => {
    await account.s3.putObject(PRACTICE_BUCKET, 'run/gone/1', Buffer.from('x'));
    await account.s3.putObject(PRACTICE_BUCKET, 'run/gone2/1', Buffer.from('x'));
    expect(await rows('REMOVE @ext/gone/')).toEqual([[`s3://${PRACTICE_BUCKET}/run/gone/1`, 'removed']]);
    expect((await rows('LIST @ext/gone')).map(([name]) => name)).toEqual([`s3://${PRACTICE_BUCKET}/run/gone2/1`]);
  });
});
