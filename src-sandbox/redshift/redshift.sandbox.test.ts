import { readFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFixture } from './practice-fixture.ts';
import type { PracticeFixture } from './practice-fixture.ts';

let fixture: PracticeFixture;
let client: pg.Client;

beforeAll(async () => {
  fixture = await startFixture();
  client = await fixture.connect();
});

afterAll(async () => {
  await fixture.close();
});

async function refusal(act: Promise<unknown>): Promise<string> {
  try {
    await act;
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code} ${message}`;
  }
  throw new Error('was not refused');
}

async function values(sql: string): Promise<unknown[]> {
  const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
  return rows[0] ?? [];
}

function clientFor(config: pg.ClientConfig): pg.Client {
  const { host, port, database } = fixture.redshift;
  const other = new pg.Client({ host, port, database, user: 'awsuser', password: 'Practice1', ...config });
  other.on('error', () => undefined);
  return other;
}

async function attempt(config: pg.ClientConfig): Promise<void> {
  const other = clientFor(config);
  try {
    await other.connect();
  } finally {
    await other.end().catch(() => undefined);
  }
}

describe('login', () => {
  it.each<[string, pg.ClientConfig, string]>([
    ['a wrong password', { password: 'wrong' }, '28000 password authentication failed for user "awsuser"'],
    ['an unknown user', { user: 'nobody' }, '28000 password authentication failed for user "nobody"'],
    ['an unknown database', { database: 'nowhere' }, '3D000 database "nowhere" does not exist'],
    [
      'temporary credentials that were never handed out',
      { user: 'IAM:ada', password: 'x' },
      '28000 IAM Authentication token',
    ],
  ])('refuses %s', async (_what, config, expected) => {
    expect(await refusal(attempt(config))).toContain(expected);
  });

  it('encrypts for a client that checks the certificate, and not for one that does not ask', async () => {
    const ca = readFileSync(fixture.redshift.caCertificatePath, 'utf8');
    await attempt({ ssl: { ca, rejectUnauthorized: true }, host: 'localhost' });
    await attempt({ ssl: false });
    await expect(attempt({ ssl: { rejectUnauthorized: true } })).rejects.toThrow(/certificate/);
  });

  it('takes temporary credentials and makes the user when asked to', async () => {
    const grant = { user: 'IAMA:ada', databaseUser: 'ada', database: 'dev', autoCreate: true, durationSeconds: 900 };
    const { user, password } = fixture.temporaryCredentials.issue(grant);
    const other = clientFor({ user, password });
    await other.connect();
    expect((await other.query('select current_user as u')).rows).toEqual([{ u: 'ada' }]);
    await other.end();
    const unknown = fixture.temporaryCredentials.issue({
      ...grant,
      user: 'IAM:eve',
      databaseUser: 'eve',
      autoCreate: false,
    });
    expect(await refusal(attempt(unknown))).toContain('28000 user "eve" does not exist');
  });

  it('lets a user in whom SQL made, with the password that SQL gave', async () => {
    await client.query("create user carol password 'Secret12'");
    await attempt({ user: 'carol', password: 'Secret12' });
    expect(await refusal(attempt({ user: 'carol', password: 'Secret13' }))).toContain('28000');
  });

  it('says that it is Redshift', async () => {
    expect(String((await values('select version()'))[0])).toMatch(
      /^PostgreSQL 8\.0\.2 on i686-pc-linux-gnu, .*, Redshift 1\.0\.\d+$/,
    );
  });
});

describe('the protocol', () => {
  it('passes large results on unharmed while the client is slow', async () => {
    const { rows } = await client.query<{ n: string; t: string }>(
      "select n, repeat('x', 2000) as t from generate_series(1, 20000) n",
    );
    expect(rows.length).toBe(20_000);
    expect(rows.at(-1)).toEqual({ n: '20000', t: 'x'.repeat(2000) });
  });

  it('gives the types the OIDs by which drivers know them', async () => {
    await client.query('create table wire (a super, b varbyte(4), c geometry, d geography, e hllsketch)');
    await client.query(
      `insert into wire values (json_parse('[1, 2]'), to_varbyte('0a0b', 'hex'), st_geomfromtext('POINT(1 2)'), null, null)`,
    );
    const { fields, rows } = await client.query('select * from wire');
    expect(fields.map((field) => field.dataTypeID)).toEqual([4000, 6551, 3000, 3001, 2935]);
    expect(rows[0]).toMatchObject({ a: '[1,2]', b: '0a0b', c: '0101000000000000000000F03F0000000000000040' });
  });

  it('ignores the row limit of an Execute, as Redshift does', async () => {
    const query = new pg.Query({ text: 'select n from generate_series(1, 50) n', rows: 10 } as never);
    let rows = 0;
    query.on('row', () => (rows += 1));
    const ended = new Promise((resolve, reject) => {
      query.on('end', resolve);
      query.on('error', reject);
    });
    client.query(query);
    await ended;
    expect(rows).toBe(50);
  });

  it('stops a statement on a cancel request', async () => {
    const other = clientFor({});
    await other.connect();
    const pending = refusal(other.query('select pg_sleep(30)'));
    const { processID, secretKey } = other as unknown as { processID: number; secretKey: number };
    await expect
      .poll(() => values(`select count(*) from stv_recents where status = 'Running' and pid = ${processID}`))
      .toEqual(['1']);
    await cancel(fixture.redshift.port, processID, secretKey);
    expect(await pending).toMatch(/^57014 Query \(\d+\) cancelled on user's request$/);
    await other.end();
  });

  it('runs several statements of one query string, and ends at the first failure', async () => {
    expect(await refusal(client.query('create table multi (a int); listen x; create table multi2 (a int)'))).toContain(
      '0A000',
    );
    expect(await refusal(client.query('select * from multi2'))).toContain('42P01');
    const results = (await client.query(
      'select 1 as a; set query_group to x; select 2 as b',
    )) as unknown as pg.QueryResult[];
    expect(results.map((result) => result.rows[0] as unknown)).toEqual([{ a: '1' }, undefined, { b: '2' }]);
  });
});

async function cancel(port: number, processId: number, secret: number): Promise<void> {
  const { connect } = await import('node:net');
  const request = Buffer.alloc(16);
  request.writeInt32BE(16, 0);
  request.writeInt32BE(80_877_102, 4);
  request.writeInt32BE(processId, 8);
  request.writeInt32BE(secret, 12);
  await new Promise<void>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    socket.on('close', () => resolve());
    socket.resume();
  });
}

/** Examples of the function pages under https://docs.aws.amazon.com/redshift/latest/dg/ */
describe('functions', () => {
  it.each<[string, unknown[]]>([
    [
      "select md5('Amazon Redshift'), func_sha1('Amazon Redshift')",
      ['f7415e33f972c03abd4f3fed36748f7a', 'eeac5ed1e11cda66032c30ad77b25071b5487f55'],
    ],
    ["select strtol('abcd1234', 16), strtol('1234567', 10), strtol('110101', 2)", ['2882343476', '1234567', '53']],
    [
      "select fnv_hash(1), fnv_hash('Amazon Redshift'), fnv_hash('Amazon Redshift', fnv_hash(1))",
      ['-5968735742475085980', '7783490368944507294', '-2202602717770968555'],
    ],
    [
      "select fnv_hash(1::smallint), fnv_hash(1::bigint), fnv_hash('cd', fnv_hash('ab'))",
      ['589727492704079044', '-8517097267634966620', '-281581062704388899'],
    ],
    ["select datediff(week, '2009-01-01', '2009-12-31'), datediff(qtr, '1998-07-01', '2008-11-01')", ['52', '41']],
    ["select dateadd(month, 18, '2008-02-28')", ['2009-08-28 00:00:00']],
    ["select convert_timezone('America/New_York', '2013-02-01 08:00:00'::timestamp)", ['2013-02-01 03:00:00']],
    ['select json_serialize(json_parse(\'[10001, 10002, "abc"]\'))', ['[10001,10002,"abc"]']],
    [
      "select from_varbyte(to_varbyte('abc', 'utf8'), 'hex'), to_hex(from_hex('6162')), len('français')",
      ['616263', '6162', '8'],
    ],
    [
      "SELECT ST_AsEWKT(ST_GeomFromText('LINESTRING(3.141592653589793 -6.283185307179586,2.718281828459045 -1.414213562373095)', 4326))",
      ['SRID=4326;LINESTRING(3.14159265358979 -6.28318530717959,2.71828182845905 -1.41421356237309)'],
    ],
    [
      "SELECT ST_AsHexEWKB(ST_GeomFromText('POLYGON((0 0,0 1,1 1,1 0,0 0))',4326))",
      [
        '0103000020E61000000100000005000000000000000000000000000000000000000000000000000000000000000000F03F000000000000F03F000000000000F03F000000000000F03F000000000000000000000000000000000000000000000000',
      ],
    ],
    ["select 'a\\\\b', length('\\\\')", ['a\\b', '1']],
    ['select 0.1::float8 + 0.2::float8', ['0.3']],
  ])('%s', async (sql, expected) => {
    expect(await values(sql)).toEqual(expected);
  });

  it('folds quoted names until the session asks for their case', async () => {
    const other = await fixture.connect();
    expect((await other.query('select 1 as "MyColumn"')).fields[0]?.name).toBe('mycolumn');
    await other.query('set enable_case_sensitive_identifier to true');
    expect((await other.query('select 1 as "MyColumn"')).fields[0]?.name).toBe('MyColumn');
  });
});

describe('system views', () => {
  beforeAll(async () => {
    await client.query('create schema sv');
    await client.query(
      'create table sv.filled (id int encode az64, name varchar(25), price numeric(18,4), doc super) diststyle key distkey(id) compound sortkey(name, id)',
    );
    await client.query("insert into sv.filled values (1, 'a', 1.5, null), (2, 'b', null, null)");
    await client.query('create table sv.empty_one (id int)');
    await client.query('create view sv.a_view as select id from sv.filled');
  });

  it('lists filled tables in SVV_TABLE_INFO, and keeps it from users who are not superusers', async () => {
    const { rows } = await client.query(
      `select "table", diststyle, sortkey1, sortkey_num, max_varchar, tbl_rows, estimated_visible_rows from svv_table_info where "schema" = 'sv'`,
    );
    expect(rows).toEqual([
      {
        table: 'filled',
        diststyle: 'KEY(id)',
        sortkey1: 'name',
        sortkey_num: '2',
        max_varchar: '25',
        tbl_rows: '2',
        estimated_visible_rows: '2',
      },
    ]);
    const reader = await fixture.connect({ user: 'reader' });
    expect(await refusal(reader.query('select * from svv_table_info'))).toContain('42501 permission denied');
    expect((await reader.query('select count(*) as n from sv.filled')).rows).toEqual([{ n: '2' }]);
    expect(await refusal(reader.query('delete from sv.filled'))).toContain('42501');
  });

  it('describes columns with Redshift’s type names', async () => {
    const { rows } = await client.query(
      `select column_name, data_type, character_maximum_length as l, numeric_precision as p, numeric_scale as s from svv_columns where table_schema = 'sv' and table_name = 'filled' order by ordinal_position`,
    );
    const nothing = 'null';
    expect(rows.map((row: Record<string, unknown>) => Object.values(row).map((value) => value ?? nothing))).toEqual([
      ['id', 'integer', nothing, '32', '0'],
      ['name', 'character varying', '25', nothing, nothing],
      ['price', 'numeric', nothing, '18', '4'],
      ['doc', 'super', nothing, nothing, nothing],
    ]);
    const attributes = await client.query(
      `select attname, attisdistkey, attsortkeyord from pg_attribute where attrelid = 'sv.filled'::regclass and attnum > 0 order by attnum`,
    );
    expect(attributes.rows.map((row: Record<string, unknown>) => Object.values(row).join(' '))).toEqual([
      'id t 2',
      'name f 1',
      'price f 0',
      'doc f 0',
    ]);
  });

  it.each([
    [
      "select table_name, table_type from svv_tables where table_schema = 'sv' order by 1",
      ['a_view VIEW', 'empty_one BASE TABLE', 'filled BASE TABLE'],
    ],
    [
      "select table_name, table_type from svv_all_tables where schema_name = 'sv' order by 1",
      ['a_view VIEW', 'empty_one TABLE', 'filled TABLE'],
    ],
    [
      "select column_name, encoding, distkey, sortkey from svv_redshift_columns where table_name = 'filled' order by ordinal_position limit 2",
      ['id az64 t 2', 'name none f 1'],
    ],
    ['select database_name, database_type from svv_redshift_databases', ['dev local']],
    ['select count(*) from stv_slices', ['4']],
    ['select count(*) from svv_external_tables', ['0']],
    [
      "select usename, usesuper from pg_user where usename in ('awsuser', 'reader') order by 1",
      ['awsuser t', 'reader f'],
    ],
  ])('answers %s', async (sql, expected) => {
    const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
    expect(rows.map((row) => row.map((value) => (value === true ? 't' : value)).join(' '))).toEqual(expected);
  });

  it('knows views that bind late', async () => {
    await client.query('create view sv.late as select id, name from sv.filled with no schema binding');
    const { rows } = await client.query(
      'select view_name, col_name, col_type from pg_get_late_binding_view_cols() cols(view_schema name, view_name name, col_name name, col_type varchar, col_num int) order by col_num',
    );
    expect(rows).toEqual([
      { view_name: 'late', col_name: 'id', col_type: 'integer' },
      { view_name: 'late', col_name: 'name', col_type: 'character varying(25)' },
    ]);
  });
});

describe('the fault hook', () => {
  it('fails, delays or drops what the test names', async () => {
    const faulty = await startFixture({
      onMessage: ({ sql }) =>
        sql.includes('fail me')
          ? { kind: 'error', code: 'XX000', message: 'on purpose' }
          : sql.includes('drop me')
            ? { kind: 'drop' }
            : undefined,
    });
    try {
      const other = await faulty.connect();
      expect(await refusal(other.query("select 'fail me'"))).toBe('XX000 on purpose');
      expect(await refusal(other.query("select 'fail me', $1", ['x']))).toBe('XX000 on purpose');
      expect((await other.query('select 1 as a')).rows).toEqual([{ a: '1' }]);
      await expect(other.query("select 'drop me'")).rejects.toThrow(/terminated/);
    } finally {
      await faulty.close();
    }
  });
});
