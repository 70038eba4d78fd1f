import { describe, expect, it } from 'vitest';
import { classifyQuery } from './classify-statement.ts';
import type { ClassifiedStatement } from './classify-statement.ts';

const SESSION = { isCaseSensitive: false, lastQueryId: 7, lastUnloadCount: 42, lastUnloadId: 6 };

function only(sql: string, session = SESSION): ClassifiedStatement {
  const [statement] = classifyQuery(sql, session);
  if (statement === undefined) throw new Error('no statement');
  return statement;
}

const rewritten = (sql: string, session = SESSION): string => {
  const statement = only(sql, session);
  return statement.kind === 'run' ? statement.sql : JSON.stringify(statement);
};

const refusal = (sql: string): string => {
  const statement = only(sql);
  return statement.kind === 'refuse' ? `${statement.fields.code} ${statement.fields.message}` : `accepted: ${sql}`;
};

describe('classifyQuery', () => {
  it('leaves alone what PostgreSQL and Redshift share', () => {
    expect(only('select a, \'NVL(x)\', "b" from t where d::date = $1 -- datediff(day, a, b)')).toMatchObject({
      kind: 'run',
      isRewritten: false,
    });
  });

  it.each([
    ['select datediff(day, a, b)', "select datediff('day', a, b)"],
    ['select NVL(a, 1)', 'select coalesce(a, 1)'],
    ["select listagg(x, ',') within group (order by y)", "select pg_catalog.listagg(x, ',' order by y)"],
    ['select pg_last_unload_count()', 'select pg_last_unload_count(42)'],
    ['select "MyColumn" from "T"', 'select "mycolumn" from "t"'],
    ['select x::decimal', 'select x::decimal(18,0)'],
    ['select x::varchar(max)', 'select x::varchar(65535)'],
    ['show server_version', "SELECT '8.0.2'::varchar AS server_version"],
    ["set query_group to 'etl'", "set redshift.query_group to 'etl'"],
    ['create user bob password disable createuser', 'create user bob password null superuser'],
  ])('turns %s into PostgreSQL', (sql, expected) => {
    expect(rewritten(sql)).toBe(expected);
  });

  it('keeps the case of quoted names when the session asks for it', () => {
    expect(rewritten('select "MyColumn"', { ...SESSION, isCaseSensitive: true })).toBe('select "MyColumn"');
  });

  it('finds an UNLOAD behind comments, and none in a string', () => {
    expect(only("/* u */ -- x\n uNlOaD ('select 1') to 's3://bucket/p' iam_role default").kind).toBe('unload');
    expect(only("select 'unload (''select 1'')'").kind).toBe('run');
  });

  it.each([
    ['copy t to stdout', '0A000 UNLOAD destination is not supported'],
    ['copy (select 1) to stdout', '0A000 UNLOAD destination is not supported'],
    ['copy t from stdin', '0A000 LOAD source is not supported'],
    ['listen x', '0A000 SQL command "listen x" not supported'],
    ['create index i on t (a)', '0A000 SQL command "create index i on t (a)" not supported on Redshift tables.'],
    ['create sequence s', '0A000 SQL command'],
    ['insert into t values (1) on conflict do nothing', '42601 syntax error at or near "on"'],
    ['insert into t values (1) returning a', '42601 syntax error at or near "returning"'],
    ['select * from t, lateral (select 1) x', '42601 syntax error at or near "lateral"'],
    ['select array[1,2]', '0A000 Array constructors'],
    ['set enable_seqscan = off', '42704 unrecognized configuration parameter "enable_seqscan"'],
    ['create table t (a serial)', '0A000 Column "t.a" has unsupported type "serial".'],
    ['create table t (a int[])', '0A000 Column "t.a" has unsupported type "int[]".'],
    ['create table t (a decimal(39,2))', '22023 DECIMAL precision 39'],
    ['create table t (a varchar(65536))', '22023 length for type varchar cannot exceed 65535'],
    ["select 'x", '42601 unterminated quoted string'],
    ['select approximate count(distinct a) from t', '0A000 APPROXIMATE'],
  ])('refuses %s', (sql, expected) => {
    expect(refusal(sql)).toContain(expected);
  });
});

describe('CREATE TABLE', () => {
  function attributesOf(sql: string): unknown {
    const marker = /\/\*redshift:([^*]+)\*\//.exec(rewritten(sql));
    return JSON.parse(Buffer.from(marker?.[1] ?? '', 'base64').toString('utf8'));
  }
  const plain = (sql: string): string =>
    rewritten(sql)
      .replace(/\s*\/\*redshift:.*\*\/$/s, '')
      .replace(/\s+/g, ' ')
      .trim();

  it('keeps distribution, sort keys and encodings apart and drops them from the statement', () => {
    const sql =
      'create table if not exists s.t (id int encode az64 not null, "Key" varchar(max) encode lzo, primary key (id)) backup no diststyle key distkey("Key") compound sortkey(id, "Key")';
    expect(plain(sql)).toBe(
      'create table if not exists s.t (id int not null, "key" varchar(65535) , primary key (id))',
    );
    expect(attributesOf(sql)).toEqual({
      distStyle: 'KEY',
      distKey: 'key',
      sortStyle: 'COMPOUND',
      sortKeys: ['id', 'key'],
      encodings: { id: 'az64', key: 'lzo' },
      backup: false,
    });
  });

  it.each([
    [
      'create table t (a text, b char, c nvarchar(3), d decimal, e varbyte, f bpchar)',
      'create table t (a varchar(256), b char(1), c varchar(3), d numeric(18,0), e varbyte(64000), f char(256))',
    ],
    [
      'create table t (a bigint identity(1, 1))',
      'create table t (a bigint GENERATED ALWAYS AS IDENTITY (START WITH 1 INCREMENT BY 1))',
    ],
    ['create table t distkey(a) sortkey(a) as select 1 as a', 'create table t as select 1 as a'],
    [
      'create table t (a binary varying(3), b character varying(4))',
      'create table t (a varbyte(3), b character varying(4))',
    ],
  ])('spells %s for PostgreSQL', (sql, expected) => {
    expect(plain(sql)).toBe(expected);
  });
});
