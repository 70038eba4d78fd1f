import { gunzipSync } from 'node:zlib';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seedTypes } from '../seed/load-types.ts';
import { quote, TYPES_TABLES } from '../seed/types.ts';
import type { TypesTable } from '../seed/types.ts';
import { startFixture } from './practice-fixture.ts';
import type { PracticeFixture } from './practice-fixture.ts';

let fixture: PracticeFixture;
let client: pg.Client;
let counter = 0;

beforeAll(async () => {
  fixture = await startFixture();
  await seedTypes(fixture.redshift);
  client = await fixture.connect({ caseSensitive: true });
});

afterAll(async () => {
  await fixture.close();
});

interface Manifest {
  entries: { url: string; meta: { content_length: number; record_count: number } }[];
  schema: { elements: { name: string; type: Record<string, string | number> }[] };
  meta: { content_length: number; record_count: number };
  author: { name: string; version: string };
}

/** Runs an UNLOAD to a fresh prefix and gives the prefix back. */
async function unload(
  select: string,
  options = 'parquet manifest verbose',
  authorization = 'iam_role default',
): Promise<string> {
  const prefix = `u${(counter += 1)}/`;
  const inner = select.replaceAll('\\', '\\\\').replaceAll("'", "''");
  await client.query(`UNLOAD ('${inner}') TO 's3://lake/${prefix}' ${authorization} ${options}`);
  return prefix;
}

async function readManifest(prefix: string): Promise<Manifest> {
  return JSON.parse((await fixture.s3.readObject('lake', `${prefix}manifest`)).toString('utf8')) as Manifest;
}

async function refusal(act: Promise<unknown>): Promise<string> {
  try {
    await act;
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code} ${message}`;
  }
  throw new Error('was not refused');
}

/** DuckDB's spelling of what the seed says in Redshift's. */
function toDuckdbText(value: string | null, base: string): string | null {
  if (value === null) return null;
  if (base === 'boolean') return value === 't' ? 'true' : 'false';
  if (base === 'character') return value;
  const isBeforeChrist = value.endsWith(' BC');
  if (isBeforeChrist) return value.replace(/^(\d+-\d+-\d+)(.*) BC$/, '$1 (BC)$2');
  return value;
}

const PARQUET_TABLES = TYPES_TABLES.filter(
  (table) =>
    table.rows !== undefined &&
    table.rows.length > 0 &&
    !['times', 'intervals', 'varbyte_values', 'sketches', 'floats', 'dates', 'far_dates', 'char_values'].includes(
      table.name,
    ),
);

describe('UNLOAD to Parquet', () => {
  it.each(PARQUET_TABLES.map((table): [string, TypesTable] => [table.name, table]))(
    'carries every value of %s',
    async (_name, table) => {
      const prefix = await unload(`select * from types.${quote(table.name)}`);
      const manifest = await readManifest(prefix);
      const { names, rows } = await fixture.readParquet(prefix);
      const bases = manifest.schema.elements.map((element) => String(element.type['base']));
      const expected = (table.rows ?? []).map((row) =>
        row.map((value, index) => toDuckdbText(value, bases[index] ?? '')),
      );
      const sorted = (list: (string | null)[][]): string[] => list.map((row) => JSON.stringify(row)).sort();
      expect(sorted(rows)).toEqual(sorted(expected));
      // DuckDB itself tells names apart that differ only by case by a suffix.
      expect(names.length).toBe(manifest.schema.elements.length);
      expect(manifest.meta.record_count).toBe(table.rowCount);
    },
  );

  it('carries floats bit for bit', async () => {
    const prefix = await unload('select id, c_real, c_double from types.floats');
    const { rows } = await fixture.readParquet(prefix);
    const byId = new Map(rows.map(([id, real, double]) => [id, [real, double]]));
    const table = TYPES_TABLES.find((candidate) => candidate.name === 'floats');
    for (const [id, real, double] of table?.rows ?? []) {
      const toNumber = (text: string | null | undefined): number | null =>
        text === null || text === undefined
          ? null
          : text.includes('nf')
            ? text.startsWith('-')
              ? -Infinity
              : Infinity
            : Number(text.replace('nan', 'NaN'));
      const [gotReal, gotDouble] = byId.get(id ?? '') ?? [];
      expect(toNumber(gotDouble)).toBe(toNumber(double));
      const expectedReal = toNumber(real);
      expect(expectedReal === null ? null : Math.fround(toNumber(gotReal) ?? 0)).toBe(
        expectedReal === null ? null : Math.fround(expectedReal),
      );
    }
  });

  it('carries dates and timestamps, those before Christ too, and TIMESTAMPTZ as UTC', async () => {
    await client.query("set timezone to 'Asia/Kathmandu'");
    await client.query("set datestyle to 'SQL, DMY'");
    const prefix = await unload(
      'select id, c_date, c_timestamp, c_timestamptz from types.dates where id in (2, 7, 8, 9)',
    );
    const far = await unload('select id, c_date, c_timestamp from types.far_dates where id < 5');
    await client.query("set datestyle to 'ISO, MDY'");
    await client.query("set timezone to 'UTC'");
    const { types, rows } = await fixture.readParquet(prefix);
    expect(types).toEqual(['INTEGER', 'DATE', 'TIMESTAMP', 'TIMESTAMP WITH TIME ZONE']);
    expect(rows.sort()).toEqual([
      ['2', '9999-12-31', '9999-12-31 23:59:59.999999', '9999-12-31 23:59:59.999999+00'],
      ['7', '2000-02-29', '2000-02-29 23:59:59.999999', '2024-03-31 00:30:00+00'],
      ['8', '1900-02-28', '1677-09-21 00:12:43.145224', '2024-10-27 14:00:00+00'],
      ['9', '2038-01-19', '2262-04-11 23:47:16.854775', '2038-01-18 21:29:07.123456+00'],
    ]);
    expect((await fixture.readParquet(far)).rows.sort()).toEqual([
      ['1', '4713-01-01 (BC)', '4713-01-01 (BC) 00:00:00'],
      ['2', '0044-03-15 (BC)', '0044-03-15 (BC) 12:30:00.000001'],
      ['3', '0001-12-31 (BC)', '0001-12-31 (BC) 23:59:59.999999'],
      ['4', '10000-01-01', '10000-01-01 00:00:00'],
    ]);
  });

  it('carries VARCHAR of 65,535 bytes and a SUPER of a megabyte', async () => {
    const { rows } = await fixture.readParquet(await unload('select id, c_varchar, c_super from types.large_values'));
    const [first, second] = rows.sort();
    expect(first?.[1]).toBe('x'.repeat(65_535));
    expect(first?.[2]).toBe(`"${'y'.repeat(1_000_000)}"`);
    expect(second?.[1]).toBe('😀'.repeat(16_383));
  });

  it('types columns as the catalog has them and says so in the manifest', async () => {
    const prefix = await unload('select c_smallint, c_int, c_bigint from types.integers');
    expect((await fixture.readParquet(prefix)).types).toEqual(['SMALLINT', 'INTEGER', 'BIGINT']);
    const decimals = await unload(
      'select c_9_2, c_38_37, c_plain, sum(c_18_4) as total from types.decimals group by 1, 2, 3',
    );
    expect((await fixture.readParquet(decimals)).types).toEqual([
      'DECIMAL(9,2)',
      'DECIMAL(38,37)',
      'DECIMAL(18,0)',
      'DECIMAL(38,4)',
    ]);
    const manifest = await readManifest(await unload('select id as c1, c_varchar, c_text from types.text_values'));
    expect(manifest.schema.elements).toEqual([
      { name: 'c1', type: { base: 'integer' } },
      { name: 'c_varchar', type: { base: 'character varying', max_length: 200 } },
      { name: 'c_text', type: { base: 'character varying', max_length: 256 } },
    ]);
    expect(manifest.author).toEqual({ name: 'Amazon Redshift', version: '1.0.0' });
  });

  it('spreads rows over four slices and lists each file with its size and rows', async () => {
    const prefix = await unload('select * from types.keyed');
    const manifest = await readManifest(prefix);
    const objects = fixture.s3.listObjects('lake', prefix).filter(({ key }) => key.endsWith('.parquet'));
    expect(objects.map(({ key }) => key)).toEqual([0, 1, 2, 3].map((slice) => `${prefix}000${slice}_part_00.parquet`));
    expect(manifest.entries.map((entry) => [entry.url, entry.meta.content_length])).toEqual(
      objects.map(({ key, size }) => [`s3://lake/${key}`, size]),
    );
    expect(manifest.entries.reduce((sum, entry) => sum + entry.meta.record_count, 0)).toBe(5000);
    expect((await client.query('select pg_last_unload_count()')).rows[0]).toEqual({ pg_last_unload_count: '5000' });
  });

  it('keeps the order and one file under PARALLEL OFF', async () => {
    const prefix = await unload(
      'select id from types.keyed where id is not null order by id desc',
      'parquet parallel off',
    );
    expect(fixture.s3.listObjects('lake', prefix).map(({ key }) => key)).toEqual([`${prefix}000.parquet`]);
    const ids = (await fixture.readParquet(prefix)).rows.map(([id]) => Number(id));
    expect(ids).toEqual([...ids].sort((a, b) => b - a));
  });

  it('closes a file near MAXFILESIZE and goes on in the next part', async () => {
    const prefix = await unload(
      'select n, md5(n::varchar) as a, md5((n + 1)::varchar) as b from generate_series(1, 700000) n',
      'parquet parallel off maxfilesize 40 mb manifest verbose',
    );
    const manifest = await readManifest(prefix);
    expect(manifest.entries.map((entry) => entry.url)).toEqual([
      `s3://lake/${prefix}000.parquet`,
      `s3://lake/${prefix}001.parquet`,
    ]);
    expect(manifest.meta.record_count).toBe(700_000);
    for (const entry of manifest.entries) expect(entry.meta.content_length).toBeLessThan(40 * 1024 * 1024);
  });

  it('writes a manifest without entries for no rows', async () => {
    const prefix = await unload('select * from types.empty_table');
    expect(fixture.s3.listObjects('lake', prefix).map(({ key }) => key)).toEqual([`${prefix}manifest`]);
    expect(await readManifest(prefix)).toMatchObject({ entries: [], meta: { content_length: 0, record_count: 0 } });
  });

  it('sorts rows into Hive folders under PARTITION BY', async () => {
    const prefix = await unload(
      'select id, bucket, note from types.keyed where id < 20',
      'parquet partition by (bucket)',
    );
    const keys = fixture.s3.listObjects('lake', prefix).map(({ key }) => key);
    expect(new Set(keys.map((key) => key.split('/')[1]))).toEqual(
      new Set([0, 1, 2, 3, 4, 5, 6].map((bucket) => `bucket=${bucket}`)),
    );
    expect((await fixture.readParquet(prefix)).names).toEqual(['id', 'note']);
  });

  it.each([
    ['select c_varbyte from types.varbyte_values', 'BINARY VARYING'],
    ['select c_geometry from types.spatial', 'GEOMETRY'],
    ['select c_geography from types.spatial', 'GEOGRAPHY'],
    ['select c_sketch from types.sketches', 'HLLSKETCH'],
    ['select c_timetz from types.times', 'TIME WITH TIME ZONE'],
    ['select c_year_month from types.intervals', 'INTERVAL'],
  ])('refuses %s', async (select, type) => {
    expect(await refusal(unload(select))).toMatch(
      new RegExp(`0A000 UNLOAD ${type} column .* only supported for TEXT/CSV`),
    );
  });
});

describe('UNLOAD to text', () => {
  it('writes every slice’s file, be it empty, and VARBYTE in hexadecimal', async () => {
    const prefix = await unload('select id, c_varbyte from types.varbyte_values where id = 4', 'csv header');
    const keys = fixture.s3.listObjects('lake', prefix).map(({ key }) => key);
    expect(keys).toEqual([0, 1, 2, 3].map((slice) => `${prefix}000${slice}_part_00`));
    expect((await fixture.s3.readObject('lake', keys[0] ?? '')).toString()).toBe('id,c_varbyte\n4,5c78\n');
    expect((await fixture.s3.readObject('lake', keys[3] ?? '')).toString()).toBe('id,c_varbyte\n');
  });

  it('compresses with GZIP and counts header lines in the manifest', async () => {
    const prefix = await unload(
      'select id from types.integers order by id',
      'header gzip parallel off manifest verbose',
    );
    expect(gunzipSync(await fixture.s3.readObject('lake', `${prefix}000.gz`)).toString()).toBe(
      'id\n1\n2\n3\n4\n5\n6\n7\n',
    );
    expect((await readManifest(prefix)).meta.record_count).toBe(8);
    expect((await client.query('select pg_last_unload_count() as n')).rows[0]).toEqual({ n: '7' });
  });
});

describe('MAXFILESIZE of text files', () => {
  it('is never passed', async () => {
    const prefix = await unload(
      'select n, md5(n::varchar) as a from generate_series(1, 200000) n',
      'csv parallel off maxfilesize 5 mb manifest verbose',
    );
    const { entries, meta } = await readManifest(prefix);
    expect(entries).toHaveLength(2);
    for (const entry of entries) expect(entry.meta.content_length).toBeLessThanOrEqual(5 * 1024 * 1024);
    expect(meta.record_count).toBe(200_000);
  });
});

describe('UNLOAD and the bucket', () => {
  it('fails on files that are there, unless told to overwrite', async () => {
    const prefix = await unload('select 1 as a');
    const again = (options: string): Promise<unknown> =>
      client.query(`unload ('select 1 as a') to 's3://lake/${prefix}' iam_role default parquet ${options}`);
    expect(await refusal(again(''))).toContain('XX000 Specified unload destination on S3 is not empty.');
    await again('allowoverwrite');
    expect(await refusal(again('cleanpath'))).toMatch(/S3ServiceException:.*,Status 403,Error AccessDenied,/);
  });

  it('asks for REGION when the bucket is elsewhere', async () => {
    const far = (region: string): Promise<unknown> =>
      client.query(`unload ('select 1 as a') to 's3://far-lake/${(counter += 1)}/' iam_role default parquet ${region}`);
    expect(await refusal(far(''))).toMatch(/XX000 S3ServiceException:.*,Status (301|400),/);
    await far("region 'eu-central-1'");
  });

  it.each<[string, (f: PracticeFixture) => string, RegExp]>([
    [
      'a role that is not associated',
      (f) => `iam_role '${f.roles.stranger.arn}'`,
      /XX000 User arn:aws:redshift:us-east-1:123456789012:dbuser:practice-cluster\/awsuser is not authorized to assume IAM Role .*Stranger/,
    ],
    [
      'a role that does not trust Redshift',
      (f) => `iam_role '${f.roles.untrusting.arn}'`,
      /XX000 Not authorized to get credentials of role .*Untrusting/,
    ],
    [
      'a role that may not write',
      (f) => `iam_role '${f.roles.noPut.arn}'`,
      /XX000 S3ServiceException:.*,Status 403,Error AccessDenied,Rid .*,CanRetry 1/,
    ],
    [
      'a wrong key',
      () => `access_key_id 'AKIAWRONGWRONGWRONG1' secret_access_key 'wrong'`,
      /Status 403,Error InvalidAccessKeyId/,
    ],
  ])('refuses %s', async (_what, authorization, expected) => {
    expect(await refusal(unload('select 1 as a', 'parquet', authorization(fixture)))).toMatch(expected);
  });

  it('follows a chain of roles', async () => {
    const { chainStart, chainEnd } = fixture.roles;
    const prefix = await unload('select 1 as a', 'parquet', `iam_role '${chainStart.arn},${chainEnd.arn}'`);
    expect(fixture.s3.listObjects('lake', prefix)).toHaveLength(1);
  });

  it('takes access keys with a session token', async () => {
    const session = fixture.iam.assumeRole(fixture.roles.unload.arn, { principal: 'redshift.amazonaws.com' });
    const keys = `access_key_id '${session.accessKeyId}' secret_access_key '${session.secretAccessKey}' session_token '${session.sessionToken}'`;
    expect(fixture.s3.listObjects('lake', await unload('select 1 as a', 'parquet', keys))).toHaveLength(1);
  });
});

describe('UNLOAD and the session', () => {
  it('sees the session’s own uncommitted rows, and fails its transaction when it fails', async () => {
    await client.query('create table types.pending (a int)');
    await client.query('begin');
    await client.query('insert into types.pending values (41), (42)');
    const prefix = await unload('select a from types.pending');
    expect((await readManifest(prefix)).meta.record_count).toBe(2);
    expect(await refusal(unload('select a from types.pending limit 1'))).toContain('0A000');
    expect(await refusal(client.query('select 1'))).toContain('25P02');
    await client.query('rollback');
    expect((await client.query('select count(*) as n from types.pending')).rows).toEqual([{ n: '0' }]);
  });

  it('passes errors of the query on in the database’s words', async () => {
    expect(await refusal(unload('select nothing from nowhere'))).toBe('42P01 relation "nowhere" does not exist');
    expect(await refusal(unload('select 1 / (id - 4) as a from types.integers'))).toBe('22012 division by zero');
  });

  it('refuses tables that the user may not read', async () => {
    await client.query("create user nobody_yet password 'Practice1'");
    const other = await fixture.connect({ user: 'nobody_yet' });
    expect(
      await refusal(
        other.query(`unload ('select * from types.integers') to 's3://lake/x${counter}/' iam_role default parquet`),
      ),
    ).toContain('42501 permission denied');
  });

  it('works through the extended protocol, with a notice of the rows', async () => {
    const notices: string[] = [];
    client.on('notice', (notice) => notices.push(String(notice.message)));
    const prefix = `u${(counter += 1)}/`;
    await client.query({
      name: 'named-unload',
      text: `unload ('select id from types.integers') to 's3://lake/${prefix}' iam_role default parquet`,
    });
    expect(notices).toContain('UNLOAD completed, 7 record(s) unloaded successfully.');
    expect((await client.query('select $1::int as a', [1])).rows).toEqual([{ a: '1' }]);
  });

  it('can be cancelled', async () => {
    const { rows } = await client.query<{ pid: string }>('select pg_backend_pid() as pid');
    const pending = refusal(unload('select pg_sleep(30)::varchar as a', 'csv'));
    const other = await fixture.connect();
    await expect
      .poll(async () => {
        await other.query(`select pg_cancel_backend(${rows[0]?.pid ?? ''})`);
        return Promise.race([pending, new Promise((resolve) => setTimeout(() => resolve('still running'), 50))]);
      })
      .toMatch(/^57014 /);
    expect((await client.query('select 1 as a')).rows).toEqual([{ a: '1' }]);
  });

  it('is found in the logs', async () => {
    const prefix = await unload('select id from types.integers');
    const { rows } = await client.query(
      `select status, unloaded_rows, unloaded_files_count from sys_unload_history where unloaded_location = 's3://lake/${prefix}'`,
    );
    expect(rows).toEqual([{ status: 'completed', unloaded_rows: '7', unloaded_files_count: '4' }]);
    const log = await client.query(
      `select sum(line_count) as n from stl_unload_log where path like 's3://lake/${prefix}%'`,
    );
    expect(log.rows).toEqual([{ n: '7' }]);
  });
});
