import { describe, expect, it } from 'vitest';
import { columnType } from '#shared/model/column-type';
import type { TableRef } from '#shared/model/table';
import { hostileNames, randomText } from '../../lib/testing/hostile-names.ts';
import { sqlTokens, type SqlToken } from '../../lib/testing/sql-tokens.ts';
import { countManyRows, countRows, describeTables, listObjects } from './catalog.ts';
import { createLike, createSchema, createStage, createTable, ledgerStatements, temporaryFormat } from './ddl.ts';
import { dropTable, swapTables, truncateTable } from './ddl.ts';
import { deleteStatement, snowflakeDialect } from './dialect.ts';
import { createInternalStage, putStatement } from './internal-stage.ts';
import { otherRunsInto, releaseLease, renewLease } from './lease.ts';
import { ledgerLoadedStatement, markLoadedSql } from './ledger-sql.ts';
import { copyStatement, JSON_FORMAT, loadExpression, PARQUET_FORMAT } from './load.ts';
import type { SessionPool } from './session-pool.ts';
import { countStagedRows, describeStage, listStaged, readStagedJson, removeStaged } from './stage.ts';

/** Stands for the name where a statement is read with an ordinary one. */
const PLAIN = 'zzplainzz';
const NAMES = hostileNames(3, 400);
const PATH = 'run/table/p0/attempt/';
const signal = new AbortController().signal;

const ref = (name: string): TableRef => ({ database: name, schema: name, name });
const ledger = (name: string) => ({ database: name, schema: name });
const copy = (name: string, path = PATH) => ({
  table: ref(name),
  columns: [
    { targetName: name, loadExpression: '$1:c1::VARCHAR' },
    { targetName: `${name}2`, loadExpression: '$1:c2::NUMBER(38,0)' },
  ],
  stage: ref(name),
  path,
  files: [name, `a/${name}.parquet`],
  ledger: ledger(name),
});
const load = (name: string) => ({
  ...copy(name),
  runId: name,
  tableId: name,
  partitionId: name,
  attemptId: name,
  fileDigest: 'd',
  deletePredicate: null,
});

const STATEMENTS: Record<string, (name: string) => string> = {
  'CREATE TABLE': (name) =>
    createTable({
      table: ref(name),
      columns: [
        { name, dataType: 'VARCHAR(10)', nullable: false },
        { name: `${name}x`, dataType: 'NUMBER(38,0)', nullable: true },
      ],
      primaryKey: [name],
      comment: name,
    }),
  'CREATE SCHEMA': (name) => createSchema(name, name),
  'CREATE LIKE': (name) => createLike({ table: ref(name), like: ref(name) }),
  SWAP: (name) => swapTables({ table: ref(name), other: ref(name) }),
  DROP: (name) => dropTable(ref(name)),
  TRUNCATE: (name) => truncateTable(ref(name)),
  'CREATE STAGE, integration': (name) =>
    createStage(
      {
        stage: ref(name),
        s3Uri: `s3://b/${name}/`,
        access: { kind: 'integration', integration: name },
        encryption: 'none',
      },
      { maskSecrets: false },
    ),
  'CREATE STAGE, keys': (name) =>
    createStage(
      {
        stage: ref(name),
        s3Uri: name,
        access: { kind: 'keys', accessKeyId: name, secretAccessKey: name, sessionToken: name },
        encryption: 'sse-kms',
      },
      { maskSecrets: false },
    ),
  'CREATE internal STAGE': (name) => createInternalStage(ref(name)),
  'CREATE FILE FORMAT': (name) =>
    `${temporaryFormat(ledger(name), PARQUET_FORMAT)} ; ${temporaryFormat(ledger(name), JSON_FORMAT)}`,
  ledger: (name) => Object.values(ledgerStatements(ledger(name))).join(' ; '),
  'mark loaded': (name) => `${markLoadedSql(ledger(name), true)} ; ${ledgerLoadedStatement(load(name))}`,
  COPY: (name) => copyStatement(copy(name)),
  DELETE: (name) => deleteStatement({ table: ref(name), deletePredicate: null }),
  'statements of a load': (name) => snowflakeDialect.loadStatements(load(name)).join(' ; '),
};

/** What these send, and not only what a builder makes, is read. */
const CALLS: Record<string, (pool: SessionPool, name: string) => Promise<unknown>> = {
  'describe a stage': (pool, name) => describeStage(pool, ref(name), signal),
  LIST: (pool, name) => listStaged(pool, { stage: ref(name), path: PATH }, signal),
  REMOVE: (pool, name) => removeStaged(pool, { stage: ref(name), path: PATH }, signal),
  'read a manifest': (pool, name) => readStagedJson(pool, { stage: ref(name), path: PATH, ledger: null }, signal),
  'count staged rows': (pool, name) =>
    countStagedRows(pool, { stage: ref(name), path: PATH, ledger: ledger(name) }, signal),
  'describe tables': (pool, name) => describeTables(pool, [ref(name)], signal),
  'count rows': (pool, name) => countRows(pool, ref(name), signal),
  'count rows of many': (pool, name) => countManyRows(pool, [ref(name), ref(name)], signal),
  'list schemas': (pool, name) => listObjects(pool, { what: 'schemas', database: name }, signal),
  'list stages': (pool, name) => listObjects(pool, { what: 'stages', database: name, schema: name }, signal),
  'renew a lease': (pool, name) =>
    renewLease(pool, { ledger: ledger(name), runId: name, instanceId: name, leaseSeconds: 9 }, signal),
  'release a lease': (pool, name) =>
    releaseLease(pool, { ledger: ledger(name), runId: name, instanceId: name }, signal),
  'other runs': (pool, name) => otherRunsInto(pool, { ledger: ledger(name), runId: name }, signal),
};

describe('statements with hostile names', () => {
  it.each(Object.keys(STATEMENTS))('%s means the same whatever the names are', (what) => {
    const build = STATEMENTS[what] ?? (() => '');
    const plain = read(build(PLAIN));
    expect(plain.some(({ text }) => text.includes(PLAIN))).toBe(true);
    for (const name of NAMES) expect(read(build(name)), name).toEqual(withName(plain, name));
  });

  it.each(Object.keys(CALLS))('to %s means the same whatever the names are', async (what) => {
    const call = CALLS[what] ?? (() => Promise.resolve());
    const readSent = async (name: string) => read(await sentBy((pool) => call(pool, name), name));
    const plain = await readSent(PLAIN);
    // Names with a backslash, which is special in LIKE, are looked for in another way.
    const plainBackslash = await readSent(`${PLAIN}\\`);
    expect(plain.some(({ text }) => text.includes(PLAIN))).toBe(true);
    for (const name of NAMES) {
      const expected = name.includes('\\') ? withName(plainBackslash, name, `${PLAIN}\\`) : withName(plain, name);
      expect(await readSent(name), name).toEqual(expected);
    }
  });
});

describe('places in a stage', () => {
  const paths = [...NAMES, '/', '/a', '//', 'a//b', 'a--b', '-', '--', '*', '/*', 'a/*b*/', ''];

  it('are read as the whole path, whatever it is', () => {
    for (const path of paths) {
      const tokens = sqlTokens(copyStatement(copy('S', path)), 'snowflake');
      const from = tokens.findIndex(({ text }) => text === 'FROM' || text === 'from');
      const place = tokens.slice(tokens.findIndex(({ text }, index) => index > from && text === 'FROM') + 1);
      const [first] = place;
      const whole =
        first?.kind === 'text'
          ? first.text
          : `@"S"."S"."S"${place
              .slice(6, place.findIndex(({ text }) => text === 'FILES') - 1)
              .map(({ text }) => text)
              .join('')}`;
      expect(whole, JSON.stringify(path)).toBe(`@"S"."S"."S"/${path}`);
      expect(
        tokens.some(({ kind }) => kind === 'comment'),
        JSON.stringify(path),
      ).toBe(false);
      expect(tokens.at(-1)?.text).toBe('FALSE');
    }
  });

  it('and local files of PUT are two texts, whatever their names are', () => {
    for (const name of NAMES) {
      const tokens = sqlTokens(putStatement({ stage: ref(name), path: name, localPath: `/tmp/${name}` }), 'snowflake');
      expect(tokens.map(({ kind }) => kind).slice(0, 3)).toEqual(['word', 'text', 'text']);
      expect(tokens[1]?.text, name).toBe(`file:///tmp/${name.replaceAll('\\', '/')}`);
      expect(tokens[2]?.text.endsWith(`/${name}`), name).toBe(true);
      expect(
        tokens
          .slice(3)
          .map(({ text }) => text)
          .join(' '),
      ).toBe('AUTO_COMPRESS = FALSE OVERWRITE = FALSE PARALLEL = 1');
    }
  });
});

describe('types that a user may write', () => {
  const PARTS = [
    'VARCHAR',
    'NUMBER',
    '(',
    ')',
    '10',
    ',',
    ' ',
    'NOT NULL',
    ';',
    '--',
    '/*',
    "'",
    '"',
    'WITH',
    'TIME ZONE',
    'DEFAULT',
    '\n',
    'A',
  ];
  const words = (sql: string): string =>
    sqlTokens(sql, 'snowflake')
      .map(({ kind, text }) => `${kind} ${text}`)
      .join('|');

  it('reach no further than their column, or are refused', () => {
    let kept = 0;
    for (let seed = 0; seed < 20_000; seed += 1) {
      const dataType = seed % 3 === 0 ? `VARCHAR${randomText(seed, PARTS)}` : randomText(seed, PARTS);
      const column = { name: 'c', dataType, nullable: true };
      let sql: string;
      try {
        sql = createTable({ table: ref('T'), columns: [column], primaryKey: [], comment: null });
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
        continue;
      }
      kept += 1;
      expect(words(sql), dataType).toMatch(
        /^word CREATE\|word TABLE\|name T\|sign \.\|name T\|sign \.\|name T\|sign \(\|name c(\|word [A-Z_0-9]+)+(\|sign \(\|word \d+(\|sign ,\|word \d+)?\|sign \))?(\|word [A-Z]+)*\|sign \)$/i,
      );
      const loaded = loadExpression({
        alias: 'c1',
        carrier: 'native-text',
        type: columnType('text', { length: 5 }),
        targetType: dataType,
        nullOutOfRange: false,
      });
      if (loaded.kind === 'loads') expect(words(loaded.expression), dataType).not.toMatch(/sign ;|comment/);
    }
    expect(kept).toBeGreaterThan(50);
  });
});

/** What is sent, as one text; answers hold rows that let a call go on as far as it can. */
async function sentBy(call: (pool: SessionPool) => Promise<unknown>, name: string): Promise<string> {
  const sent: string[] = [];
  const answer = {
    columns: ['name', 'url', 'storage_integration'],
    rows: [[name, null, null]],
    queryId: 'q',
    updatedRows: 0,
  };
  const run = ({ sql }: { sql: string }) => Promise.resolve(void sent.push(sql)).then(() => answer);
  await call({ run } as unknown as SessionPool).catch(() => undefined);
  expect(sent.length).toBeGreaterThan(0);
  return sent.join(' ; ');
}

/** Tokens; the name of a file format, which stands in a text, is read by its own tokens. */
function read(sql: string): SqlToken[] {
  const tokens = sqlTokens(sql, 'snowflake');
  return tokens.flatMap((token, index) => {
    const before = tokens.slice(Math.max(0, index - 3), index).map(({ text }) => text);
    const isFormat = token.kind === 'text' && /FORMAT_NAME =$|FILE_FORMAT = >$/.test(before.join(' '));
    return isFormat ? [{ kind: 'comment' as const, text: 'format' }, ...sqlTokens(token.text, 'snowflake')] : [token];
  });
}

function withName(tokens: SqlToken[], name: string, plain = PLAIN): SqlToken[] {
  return tokens.map((token) =>
    token.kind === 'name' || token.kind === 'text'
      ? { ...token, text: token.text.replaceAll(plain, () => name) }
      : token,
  );
}
