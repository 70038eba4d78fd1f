import { generateKeyPairSync } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TYPES_TABLES, type TypesTable } from '../../src-sandbox/seed/types.ts';
import type { Session } from '../targets/snowflake/connect.ts';
import { execute } from '../targets/snowflake/execute.ts';
import { canonicalSource, canonicalTarget } from './testing/canonical-values.ts';
import { openSnowflake } from './testing/open-snowflake.ts';
import {
  findSecrets,
  secretLines,
  startPractice,
  type CommandOutput,
  type Practice,
} from './testing/practice-commands.ts';

/** Every value of the schema `types` is read back from Snowflake and compared with what Redshift says on the wire. */

/** What is not carried, with a word of the reason that the plan gives beforehand. Everything else must arrive. */
const LEFT_OUT: Record<string, Record<string, RegExp>> = { sketches: { c_sketch: /HLLSKETCH/ } };
/** OIDs on the wire that pg_type does not explain: https://github.com/aws/amazon-redshift-python-driver/blob/master/redshift_connector/utils/oids.py */
const WIRE_TYPES = [
  [3000, 'geometry'],
  [3001, 'geography'],
  [4000, 'super'],
  [6551, 'varbyte'],
] as const;
/** The strategy that needs no bucket, into a schema of its own. */
const WITHOUT_S3 = { strategy: 'regular', schema: 'TYPES_STREAMED' };
const COLLIDING_NAMES = ['Id', 'id', 'ID'];

/** Secrets that no server knows; the key is one that was made for this run. */
const WRONG = {
  source: 'Wrong+Source/Secret-1',
  snowflake: 'Wrong+Snowflake/Secret-2',
  aws: 'Wrong+Aws/Secret+3/aaaaaaaaaaaaaaaaaaaaa',
  token: 'Wrong+Token/Secret-4',
  key: generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString(),
};

interface PlannedTable {
  source: { name: string };
  blocked: { code: string; message: string } | null;
  leftOut: { sourceName: string; reason: string }[];
  columns: { sourceName: string; targetType: string; notes: string[] }[];
}

let practice: Practice;
let source: pg.Client;
let target: Session;
let planned: PlannedTable[];
let run: CommandOutput;
let streamed: CommandOutput;
const signal = new AbortController().signal;

beforeAll(async () => {
  practice = await startPractice(['--source', 'redshift', '--scale', '0.001', '--schemas', 'types']);
  const workflow = workflowOf(TYPES_TABLES.map(tableConfiguration));
  planned = tablesOf(await practice.run('plan', { workflow }));
  run = await practice.run('run', { workflow });
  streamed = await practice.run('run', { workflow: workflowOf(TYPES_TABLES.map(tableConfiguration), WITHOUT_S3) });
  source = await openSource();
  target = await openSnowflake(practice.description.snowflake, signal);
});

afterAll(async () => {
  await source?.end();
  await target?.close();
  await practice?.stop();
});

describe('the schema types, migrated from Redshift into Snowflake', () => {
  it.each([
    ['through S3', () => run],
    ['in lanes', () => streamed],
  ])('is migrated whole %s', (_way, output) => {
    const { code, stderr, stdout } = output();
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    const report = JSON.parse(stdout) as { outcome: string; tables: { outcome: string }[] };
    expect(report.outcome).toBe('done');
    expect(report.tables.map(({ outcome }) => outcome)).toEqual(TYPES_TABLES.map(() => 'loaded'));
  });

  it('says beforehand which columns are not carried and why', () => {
    for (const table of planned) {
      const expected = LEFT_OUT[table.source.name] ?? {};
      expect({ table: table.source.name, blocked: table.blocked }).toEqual({
        table: table.source.name,
        blocked: null,
      });
      expect(table.leftOut.map(({ sourceName }) => sourceName)).toEqual(Object.keys(expected));
      for (const { sourceName, reason } of table.leftOut) expect(reason).toMatch(expected[sourceName] ?? /^$/);
    }
  });

  it('says beforehand that dates outside the years 1 to 9999 are carried as text', () => {
    const table = planned.find(({ source: { name } }) => name === 'far_dates');
    const columns = table?.columns.filter(({ sourceName }) => sourceName !== 'id') ?? [];
    expect(columns.map(({ targetType }) => targetType)).toEqual(['VARCHAR', 'VARCHAR']);
    for (const { notes } of columns) expect(notes.join(' ')).toMatch(/5 values|[1-9]\d* values are outside the range/);
  });

  it.each(
    TYPES_TABLES.flatMap((table) => [
      { name: table.name, table, schema: 'TYPES' },
      { name: table.name, table, schema: WITHOUT_S3.schema },
    ]),
  )('has every value of $name on both sides, in $schema', async ({ table, schema }) => {
    const [before, after] = await Promise.all([readSource(table), readTarget(table, schema)]);
    expect(after.names).toEqual(before.targetNames);
    expect(after.rows.length).toBe(table.rowCount);
    expect(before.rows.length).toBe(table.rowCount);
    expect(differences(before, after)).toEqual([]);
  });
});

describe('a plan for values that Snowflake cannot hold', () => {
  it('is blocked when dates outside the years 1 to 9999 must go into a DATE', async () => {
    const workflow = workflowOf([
      {
        source: { tableName: 'far_dates' },
        target: { tableName: 'far_dates_as_dates' },
        columnTypeMappings: [{ sourceType: 'date', targetType: 'DATE' }],
      },
    ]);
    const [table] = tablesOf(await practice.run('plan', { workflow }));
    expect(table?.blocked?.code).toBe('VALUES_NOT_CARRIED');
    expect(table?.blocked?.message).toContain('c_date');
  });

  it('is blocked when column names differ only by case and no names are given', async () => {
    const workflow = workflowOf([
      { source: { tableName: 'hostile_columns' }, target: { tableName: 'colliding_columns' } },
    ]);
    const [table] = tablesOf(await practice.run('plan', { workflow }));
    expect(table?.blocked?.code).toBe('TARGET_COLUMNS_DIFFER');
    expect(table?.blocked?.message).toContain('ID');
  });
});

describe('the secrets of a run', () => {
  it('are found by the search that the tests below use', () => {
    expect(findSecrets('x Practice-Snowferry-1 y', ['Practice-Snowferry-1'])).toHaveLength(1);
    expect(findSecrets(Buffer.from('Practice1').toString('base64'), ['Practice1'])).toHaveLength(1);
  });

  it('are not in what the commands print', () => {
    expect(findSecrets(run.stdout, practice.secrets)).toEqual([]);
    expect(findSecrets(run.stderr, practice.secrets)).toEqual([]);
  });

  it.each([
    ['the token', 'snowflake.token', { kind: 'access-token' }],
    ['the private key', 'snowflake.privateKey', { kind: 'key-pair' }],
  ])('are not in what a command prints that logs in with %s', async (_name, slot, auth) => {
    const { token, privateKey } = practice.description.snowflake;
    const secret = slot === 'snowflake.token' ? token : privateKey;
    const workflow = workflowOf([{ source: { tableName: 'integers' }, target: { tableName: 'never_loaded' } }]);
    const output = await practice.run('plan', { workflow, secrets: { [slot]: secret }, auth });
    expect({ code: output.code, stderr: output.code === 0 ? '' : output.stderr }).toEqual({ code: 0, stderr: '' });
    expect(findSecrets(output.stdout + output.stderr, practice.secrets)).toEqual([]);
  });

  it.each([
    ['the source password', { slot: 'source.password', wrong: WRONG.source, auth: {} }],
    ['the Snowflake password', { slot: 'snowflake.password', wrong: WRONG.snowflake, auth: {} }],
    ['the AWS secret', { slot: 's3.secretAccessKey', wrong: WRONG.aws, auth: {} }],
    ['the token', { slot: 'snowflake.token', wrong: WRONG.token, auth: { kind: 'access-token' } }],
    ['the private key', { slot: 'snowflake.privateKey', wrong: WRONG.key, auth: { kind: 'key-pair' } }],
  ])('are not in what a command with a wrong value for %s prints', async (_name, { slot, wrong, auth }) => {
    const workflow = workflowOf([{ source: { tableName: 'integers' }, target: { tableName: 'never_loaded' } }]);
    const output = await practice.run('run', { workflow, secrets: { [slot]: wrong }, auth });
    expect(output.code).toBeGreaterThan(0);
    expect(output.stdout).not.toContain('INPUT_INVALID');
    expect(findSecrets(output.stdout + output.stderr, [...practice.secrets, ...secretLines(wrong)])).toEqual([]);
  });

  it('are in no file of the data directory', async () => {
    const files = (await readdir(practice.dataDirectory, { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    );
    expect(files.map(({ name }) => name)).toContain('journal.db');
    const wrong = Object.values(WRONG).flatMap(secretLines);
    for (const file of files) {
      const text = await readFile(path.join(file.parentPath, file.name), 'latin1');
      expect({ file: file.name, found: findSecrets(text, [...practice.secrets, ...wrong]) }).toEqual({
        file: file.name,
        found: [],
      });
    }
  });
});

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

function tableConfiguration({ name }: TypesTable): Record<string, unknown> {
  const names = COLLIDING_NAMES.map((column) => ({ sourceName: quote(column), targetName: quote(column) }));
  return {
    source: { tableName: quote(name) },
    target: { tableName: quote(name) },
    ...(name === 'hostile_columns' ? { columnNameMappings: names } : {}),
  };
}

function workflowOf(
  tables: Record<string, unknown>[],
  way = { strategy: 'unload', schema: 'TYPES' },
): Record<string, unknown> {
  const { redshift, snowflake } = practice.description;
  return {
    defaultTableConfiguration: {
      source: { databaseName: redshift.database, schemaName: 'types' },
      target: { databaseName: snowflake.database, schemaName: way.schema },
      extraction: {
        strategy: way.strategy,
        ...(way.strategy === 'unload'
          ? { externalStage: [snowflake.database, snowflake.schema, snowflake.stage].join('.') }
          : {}),
      },
    },
    tables,
    createMissingTargets: true,
  };
}

function tablesOf({ code, stdout, stderr }: CommandOutput): PlannedTable[] {
  const { plan } = JSON.parse(stdout) as { plan?: { tables: PlannedTable[] } };
  if (!plan) throw new Error(`The plan ended with exit code ${String(code)}: ${stderr}`);
  return plan.tables;
}

async function openSource(): Promise<pg.Client> {
  const { host, port, database, user, password, caFile } = practice.description.redshift;
  const client = new pg.Client({
    host,
    port,
    database,
    user,
    password,
    ssl: { ca: await readFile(caFile, 'utf8') },
    types: { getTypeParser: () => (text: string) => text },
  });
  await client.connect();
  await client.query('SET enable_case_sensitive_identifier TO true');
  // All digits of a float: https://docs.aws.amazon.com/redshift/latest/dg/r_extra_float_digits.html
  await client.query('SET extra_float_digits TO 2');
  return client;
}

interface Side {
  names: string[];
  rows: string[][];
}

/** The carried columns only. */
async function readSource(table: TypesTable): Promise<Side & { targetNames: string[]; types: string[] }> {
  const leftOut = LEFT_OUT[table.name] ?? {};
  const types = await source.query<[string, string]>({ text: 'SELECT oid, typname FROM pg_type', rowMode: 'array' });
  const typeNames = new Map([...types.rows.map(([oid, name]) => [Number(oid), name] as const), ...WIRE_TYPES]);
  const result = await source.query<(string | null)[]>({
    text: `SELECT * FROM types.${quote(table.name)}`,
    rowMode: 'array',
  });
  const kept = result.fields.flatMap(({ name, dataTypeID }, index) =>
    name in leftOut ? [] : [{ name, index, type: typeNames.get(dataTypeID) ?? String(dataTypeID) }],
  );
  const isKept = table.name === 'hostile_columns';
  return {
    names: kept.map(({ name }) => name),
    types: kept.map(({ type }) => type),
    targetNames: kept.map(({ name }) => (isKept && COLLIDING_NAMES.includes(name) ? name : name.toUpperCase())),
    rows: result.rows.map((row) => kept.map(({ index, type }) => canonicalSource(type, row[index] ?? null))),
  };
}

async function readTarget(table: TypesTable, schema: string): Promise<Side> {
  const { database } = practice.description.snowflake;
  const { types } = await readSource(table);
  const name = `${quote(database)}.${quote(schema)}.${quote(table.name)}`;
  const { columns, rows } = await execute(target, { sql: `SELECT * FROM ${name}`, signal });
  return {
    names: columns,
    rows: rows.map((row) => row.map((value, index) => canonicalTarget(types[index] ?? '', value))),
  };
}

/** Rows are matched in the order of all their values, so that tables without a key, and with equal rows, are compared whole. */
function differences(before: Side & { types: string[] }, after: Side): string[] {
  const order = (rows: string[][]): string[][] =>
    rows
      .map((row) => ({ row, key: JSON.stringify(row) }))
      .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
      .map(({ row }) => row);
  const [sent, arrived] = [order(before.rows), order(after.rows)];
  const cut = (text = 'nothing'): string => JSON.stringify(text.slice(0, 120));
  return sent.flatMap((row, at) =>
    row.flatMap((value, index) => {
      const other = arrived[at]?.[index];
      if (value === other) return [];
      const column = `${before.names[index] ?? ''} ${before.types[index] ?? ''}`;
      return [`row ${cut(row[0])}, ${column}: ${cut(value)} became ${cut(other)}`];
    }),
  );
}
