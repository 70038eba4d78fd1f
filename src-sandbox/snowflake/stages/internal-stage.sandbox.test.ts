import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StageAccount } from './stage-account.fixture.ts';
import { refusalOf, startStageAccount } from './stage-account.fixture.ts';

let account: StageAccount;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'stage-files-'));
  account = await startStageAccount();
  await account.sql('CREATE STAGE st');
});
afterAll(async () => {
  await account.close();
  rmSync(directory, { recursive: true, force: true });
});

const rows = async (text: string): Promise<(string | null)[][]> => (await account.sql(text)).rows;
const names = async (stage: string): Promise<(string | null | undefined)[]> =>
  (await rows(`LIST ${stage}`)).map(([name]) => name);

describe('PUT and GET', () => {
  it('compress, list and give back a file', async () => {
    writeFileSync(join(directory, 'plain.csv'), '1\n2\n');
    const [put] = await rows(`PUT 'file://${directory}/plain.csv' @st/up`);
    expect(put?.slice(0, 2)).toEqual(['plain.csv', 'plain.csv.gz']);
    expect(await names('@st/up')).toEqual(['st/up/plain.csv.gz']);
    await account.sql(`GET @st/up 'file://${directory}/'`);
    expect(gunzipSync(readFileSync(join(directory, 'plain.csv.gz'))).toString()).toBe('1\n2\n');
  });

  it('skip a file that is there unless OVERWRITE is set', async () => {
    writeFileSync(join(directory, 'same.txt'), 'old');
    const put = (options: string): Promise<(string | null)[][]> =>
      rows(`PUT 'file://${directory}/same.txt' @st AUTO_COMPRESS = FALSE ${options}`);
    expect((await put(''))[0]).toContain('UPLOADED');
    writeFileSync(join(directory, 'same.txt'), 'new!');
    expect((await put(''))[0]).toContain('SKIPPED');
    expect((await put('OVERWRITE = TRUE'))[0]).toContain('UPLOADED');
    expect((await rows('LIST @st/same.txt'))[0]?.[1]).toBe('4');
  });

  it('reach the stages of the user and of a table', async () => {
    await account.sql('CREATE TABLE staged (a NUMBER)');
    await account.put('@%staged', '1.csv', '5\n');
    await account.put('@~', 'mine.csv', '6\n');
    expect(await names('@%staged')).toEqual(['1.csv']);
    expect(await names('@~')).toEqual(['mine.csv']);
    expect((await rows('COPY INTO staged'))[0]?.slice(0, 2)).toEqual(['1.csv', 'LOADED']);
  });
});

describe('LIST and REMOVE', () => {
  it('take a path as a prefix and a pattern as the whole path', async () => {
    for (const name of ['a/1.csv', 'a/2.txt', 'ab/3.csv']) {
      await account.put('@st', `l/${name}`, 'x');
    }
    expect(await names('@st/l/a')).toEqual(['st/l/a/1.csv', 'st/l/a/2.txt', 'st/l/ab/3.csv']);
    expect(await names("@st/l/ PATTERN = '.*[.]csv'")).toEqual(['st/l/a/1.csv', 'st/l/ab/3.csv']);
    expect(await rows("REMOVE @st/l PATTERN = '.*txt'")).toEqual([['st/l/a/2.txt', 'removed']]);
    expect(await names('@st/l')).toEqual(['st/l/a/1.csv', 'st/l/ab/3.csv']);
  });

  it('refuse a stage that is not there', async () => {
    const refusal = await account.refusal('LIST @nosuch');
    expect(refusal).toMatchObject({ code: '002003', sqlState: '02000' });
    expect(refusal.message).toContain("Stage 'DB.S.NOSUCH' does not exist or not authorized.");
  });
});

describe('named stages', () => {
  it('are refused twice, replaced, described and dropped with their files', async () => {
    await account.sql("CREATE STAGE life FILE_FORMAT = (TYPE = CSV SKIP_HEADER = 1) COMMENT = 'c'");
    expect(await account.refusal('CREATE STAGE life')).toMatchObject({ code: '002002', sqlState: '42710' });
    await account.put('@life', 'x', 'x');
    const described = await rows('DESC STAGE life');
    expect(described).toContainEqual(['STAGE_FILE_FORMAT', 'SKIP_HEADER', 'Integer', '1', '0']);
    await account.sql('CREATE OR REPLACE STAGE life');
    expect(await names('@life')).toEqual([]);
    await account.sql('DROP STAGE life');
    expect(await account.refusal('DROP STAGE life')).toMatchObject({ code: '002003' });
  });

  it('that are temporary belong to their session', async () => {
    await account.sql('CREATE TEMPORARY STAGE mine');
    const other = await account.connect();
    expect(await refusalOf(() => other.sql('LIST @mine'))).toMatchObject({ code: '002003' });
    expect(await names('@mine')).toEqual([]);
  });

  it('need READ for reading and WRITE for writing', async () => {
    await account.sql('CREATE STAGE guarded');
    for (const text of [
      'USAGE ON WAREHOUSE WH',
      'USAGE ON DATABASE DB',
      'USAGE ON SCHEMA DB.S',
      'READ ON STAGE guarded',
    ]) {
      await account.sql(`GRANT ${text} TO ROLE LOADER`);
    }
    const loader = await account.connect('LOADER');
    await loader.sql('LIST @guarded');
    expect(await refusalOf(() => loader.sql('REMOVE @guarded'))).toMatchObject({ code: '003001', sqlState: '42501' });
  });
});

describe('queries over staged files', () => {
  it('see fields by position, and the file and row they come from', async () => {
    await account.put('@st', 'q/1.csv', '1,x\n2,y\n');
    expect(
      await rows('SELECT t.$2, $1, $3, METADATA$FILENAME, METADATA$FILE_ROW_NUMBER FROM @st/q/ t ORDER BY 2'),
    ).toEqual([
      ['x', '1', null, 'q/1.csv', '1'],
      ['y', '2', null, 'q/1.csv', '2'],
    ]);
  });

  it('use the named format given with FILE_FORMAT', async () => {
    await account.sql("CREATE FILE FORMAT bars TYPE = CSV FIELD_DELIMITER = '|'");
    await account.put('@st', 'qb/1.csv', '1|x\n');
    expect(await rows("SELECT $1, $2 FROM @st/qb/ (FILE_FORMAT => 'bars', PATTERN => '.*1[.]csv')")).toEqual([
      ['1', 'x'],
    ]);
    expect(await account.refusal("SELECT $1 FROM @st/qb/ (FILE_FORMAT => 'nosuch')")).toMatchObject({ code: '002003' });
  });
});

describe('large array binds', () => {
  it('travel over the bind stage, and tell NULL from the empty text', async () => {
    await account.sql('CREATE TABLE bound (a NUMBER, b VARCHAR)');
    const { connection } = await account.connect();
    const binds = Array.from({ length: 40_000 }, (_, i) => [i, i % 2 ? null : i % 3 ? `v"${i},\n` : '']);
    await new Promise<void>((resolve, reject) =>
      connection.execute({
        sqlText: 'INSERT INTO bound VALUES (?, ?)',
        binds,
        complete: (error) => (error ? reject(error) : resolve()),
      }),
    );
    expect(account.server.queryHistory().some(({ text }) => text.startsWith('PUT file://'))).toBe(true);
    expect(await rows("SELECT COUNT(*), COUNT(b), SUM(a), COUNT_IF(b = '') FROM bound")).toEqual([
      ['40000', '20000', '799980000', '6667'],
    ]);
    expect(await rows('SELECT b FROM bound WHERE a = 2')).toEqual([['v"2,\n']]);
  });
});
