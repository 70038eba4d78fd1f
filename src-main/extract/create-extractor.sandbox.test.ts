import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RedshiftSettings } from '#shared/model/connection-settings';
import type { TableDescription, TableRef } from '#shared/model/table';
import { TYPES_SCHEMA, TYPES_TABLES } from '../../src-sandbox/seed/types.ts';
import { startSandboxProcess, type SandboxProcess } from '../lib/testing/sandbox-process.ts';
import { createRedshiftSource } from '../sources/redshift/redshift-source.ts';
import type { ReadRequest, Source } from '../sources/source.ts';
import { createExtractor, type ExtractorOptions } from './create-extractor.ts';
import type { ExtractedFile, ExtractOptions, ExtractOutcome, Extractor } from './extraction.ts';

/** Lanes with the real worker against the Redshift stand-in, a PostgreSQL; DuckDB reads what they wrote. */

const SCHEMA = 'lanes';
const SETUP = [
  `CREATE SCHEMA ${SCHEMA}`,
  `CREATE TABLE ${SCHEMA}.digit (d INT)`,
  `INSERT INTO ${SCHEMA}.digit VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)`,
  `CREATE TABLE ${SCHEMA}.numbers AS SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d AS n, 'value ' || a.d || '/' || f.d || ' ' || c.d AS t FROM ${SCHEMA}.digit a, ${SCHEMA}.digit b, ${SCHEMA}.digit c, ${SCHEMA}.digit e, ${SCHEMA}.digit f`,
  `CREATE VIEW ${SCHEMA}.million AS SELECT a.n * 7 + b.d AS n, MD5(CAST(a.n AS VARCHAR)) AS t FROM ${SCHEMA}.numbers a, ${SCHEMA}.digit b`,
  `CREATE VIEW ${SCHEMA}.endless AS SELECT a.n, a.t || b.t || c.d AS t FROM ${SCHEMA}.numbers a, ${SCHEMA}.numbers b, ${SCHEMA}.digit c`,
  `CREATE VIEW ${SCHEMA}.breaks AS SELECT n, 1 / (n - 99998) AS t FROM ${SCHEMA}.numbers`,
];

let sandbox: SandboxProcess;
let settings: RedshiftSettings;
let secrets: { 'source.password': string };
let admin: pg.Client;
let source: Source;
let workerUrl: URL;
let spool: string;
let instance: DuckDBInstance;
let duck: DuckDBConnection;
/** For what leaves no trace in a lane: starting a thread takes a second here. */
let shared: Extractor;
const extractors: Extractor[] = [];
const { signal } = new AbortController();

beforeAll(async () => {
  sandbox = await startSandboxProcess(['--source', 'redshift', '--scale', '0.001', '--schemas', 'types']);
  const { host, port, database, user, password, caFile } = sandbox.description.redshift;
  settings = {
    kind: 'redshift',
    host,
    port,
    database,
    auth: { kind: 'password', user },
    tls: { mode: 'verify-full', caFile },
  };
  secrets = { 'source.password': password };
  admin = new pg.Client({
    host,
    port,
    database,
    user,
    password,
    types: { getTypeParser: () => (value: string) => value },
  });
  await admin.connect();
  for (const statement of SETUP) await admin.query(statement);
  source = createRedshiftSource({ settings, secrets });
  spool = await mkdtemp(join(tmpdir(), 'snowferry-lanes-'));
  workerUrl = await writeWorkerStarter(spool);
  shared = create({ directory: join(spool, 'shared') });
  instance = await DuckDBInstance.create();
  duck = await instance.connect();
});
afterEach(async () => {
  await Promise.all(extractors.splice(0).map((extractor) => extractor.close()));
  expect((await readdir(spool)).filter((name) => name.startsWith('lanes-'))).toEqual([]);
});
afterAll(async () => {
  await shared?.close();
  await source?.close();
  await admin?.end();
  await sandbox?.stop();
  duck?.closeSync();
  instance?.closeSync();
  if (spool) await rm(spool, { recursive: true });
});

/** The worker is TypeScript here; in the product it is built. */
async function writeWorkerStarter(directory: string): Promise<URL> {
  const tsx = createRequire(import.meta.url).resolve('tsx/package.json');
  const register = new URL('dist/esm/api/index.mjs', pathToFileURL(tsx)).href;
  const worker = new URL('../extract-lane.worker.ts', import.meta.url).href;
  const path = join(directory, 'start-worker.mjs');
  await writeFile(path, `import { register } from '${register}';\nregister();\nawait import('${worker}');\n`);
  return pathToFileURL(path);
}

function open(patch: Partial<ExtractorOptions> = {}): Extractor {
  const extractor = create(patch);
  extractors.push(extractor);
  return extractor;
}

function create(patch: Partial<ExtractorOptions>): Extractor {
  return createExtractor({
    source: settings,
    secrets,
    workerUrl,
    lanes: 1,
    directory: spool,
    quotaBytes: null,
    log: () => undefined,
    ...patch,
  });
}

async function requestOf(ref: Omit<TableRef, 'database'>): Promise<{ read: ReadRequest; table: TableDescription }> {
  const [table] = await source.describeTables([{ ...ref, database: settings.database }], { signal });
  if (!table) throw new Error(`There is no table ${ref.schema}.${ref.name}.`);
  const carried = table.columns.flatMap((column) => {
    const isFar = table.ref.name === 'far_dates';
    const carry = source.dialect.carry(column, 'regular', { asText: isFar });
    return carry.kind === 'carried' ? [{ column, carry }] : [];
  });
  const columns = carried.map(({ carry }, index) => ({ expression: carry.expression, alias: `c${index + 1}` }));
  return {
    table,
    read: {
      statement: source.dialect.selectStatement({ table: table.ref, columns, conditions: [] }),
      table: table.ref,
      columns: carried.map(({ column, carry }, index) => ({
        alias: `c${index + 1}`,
        sourceName: column.name,
        nativeType: column.nativeType,
        type: column.type,
        carrier: carry.carrier,
      })),
      isolation: 'read-committed',
    },
  };
}

async function extract(
  read: ReadRequest,
  options: Partial<ExtractOptions> & { extractor?: Extractor; maxFileBytes?: number } = {},
): Promise<{ outcome: ExtractOutcome; files: ExtractedFile[] }> {
  const files: ExtractedFile[] = [];
  const { extractor = shared, maxFileBytes = 100e6, ...rest } = options;
  const outcome = await extractor.extract(
    { read, attemptId: 'attempt', maxFileBytes },
    { signal, onFile: (file) => Promise.resolve(void files.push(file)), ...rest },
  );
  return { outcome, files };
}

/** Statements of lanes that the server still runs. */
async function runningStatements(): Promise<number> {
  const { rows } = await admin.query<{ count: string }>(
    `SELECT COUNT(*) AS count FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%${SCHEMA}%' AND pid <> pg_backend_pid()`,
  );
  return Number(rows[0]?.count);
}

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  const limit = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > limit) throw new Error(`This never came true: ${String(condition)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Reads a table of the `types` schema by the engine and by the driver. */
async function compareValues(table: { name: string; rowCount: number }, extractor: Extractor): Promise<void> {
  const { read } = await requestOf({ schema: TYPES_SCHEMA, name: table.name });
  const found: (string | null)[][] = [];
  const { outcome } = await extract(read, {
    extractor,
    async onFile({ path }) {
      found.push(...(await readParquet(path, read)));
    },
  });
  const wanted = await readSource(read);
  expect(outcome.rows).toBe(table.rowCount);
  expect(wanted.length).toBe(table.rowCount);
  const canonical = (rows: (string | null)[][]): string[] =>
    rows.map((row) => JSON.stringify(row.map((cell, index) => canonicalCell(cell, read, index)))).sort();
  const foundRows = canonical(found);
  canonical(wanted).forEach((row, index) => expect(foundRows[index]?.slice(0, 2000)).toBe(row.slice(0, 2000)));
  expect(foundRows.length).toBe(table.rowCount);
}

describe.each(['verify-full', 'disable'] as const)('createExtractor over a connection with TLS mode %s', (mode) => {
  let extractor: Extractor;

  beforeAll(() => {
    extractor = create({ source: { ...settings, tls: { ...settings.tls, mode } }, directory: join(spool, mode) });
  });
  afterAll(() => extractor.close());

  it('carries the largest values', async () => {
    const table = TYPES_TABLES.find(({ name }) => name === 'large_values');
    if (!table) throw new Error('There is no table of large values.');
    await compareValues(table, extractor);
  });

  it('cuts files at their size, and hands each over before the next ones are written', async () => {
    const { read } = await requestOf({ schema: SCHEMA, name: 'million' });
    const { outcome, files } = await extract(read, { extractor, maxFileBytes: 2_000_000 });
    expect(outcome.rows).toBe(1_000_000);
    expect(files.length).toBeGreaterThan(2);
    expect(files.map(({ name }) => name)).toEqual(
      files.map((_, index) => `part-${String(index).padStart(5, '0')}.parquet`),
    );
    expect(files.reduce((sum, { rows }) => sum + rows, 0)).toBe(1_000_000);
    expect(files.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(outcome.bytes);
  });

  it('cancelled in the middle, leaves no file and no running statement', async () => {
    const { read } = await requestOf({ schema: SCHEMA, name: 'endless' });
    const controller = new AbortController();
    let rows = 0;
    const work = extract(read, {
      extractor,
      signal: controller.signal,
      onProgress: (progress) => (rows = progress.rows),
    });
    const cancelled = expect(work).rejects.toMatchObject({ name: 'AbortError' });
    await until(() => rows > 0);
    expect(await runningStatements()).toBe(1);
    controller.abort();
    await cancelled;
    expect(await runningStatements()).toBe(0);
    expect(await spooledFiles()).toEqual([]);
  });

  it('holds the server back while two files wait to be taken away', async () => {
    const { read } = await requestOf({ schema: SCHEMA, name: 'endless' });
    const controller = new AbortController();
    const waiting: ExtractedFile[] = [];
    let rows = 0;
    const work = extract(read, {
      extractor,
      signal: controller.signal,
      maxFileBytes: 500_000,
      onProgress: (progress) => (rows = progress.rows),
      onFile: (file) =>
        new Promise((_, reject) => {
          waiting.push(file);
          controller.signal.addEventListener('abort', () => reject(new DOMException('over', 'AbortError')));
        }),
    });
    const cancelled = expect(work).rejects.toMatchObject({ name: 'AbortError' });
    await until(() => waiting.length === 2);
    // The server stands still when it waits for the client to read.
    await until(async () => {
      const { rows: found } = await admin.query<{ wait_event: string }>(
        `SELECT wait_event FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%${SCHEMA}%' AND pid <> pg_backend_pid()`,
      );
      return found[0]?.wait_event === 'ClientWrite';
    });
    const before = rows;
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(rows - before).toBeLessThan(before);
    expect(waiting.length).toBe(2);
    controller.abort();
    await cancelled;
    expect(await runningStatements()).toBe(0);
  });

  it('ends with the error of whoever takes the files', async () => {
    const { read } = await requestOf({ schema: SCHEMA, name: 'endless' });
    const work = extract(read, {
      extractor,
      maxFileBytes: 100_000,
      onFile: () => Promise.reject(new Error('the stage is gone')),
    });
    await expect(work).rejects.toThrow('the stage is gone');
    expect(await runningStatements()).toBe(0);
    expect(await spooledFiles()).toEqual([]);
  });

  it('says what the server said when the statement fails in the middle', async () => {
    const { read } = await requestOf({ schema: SCHEMA, name: 'breaks' });
    await expect(extract(read, { extractor })).rejects.toMatchObject({
      code: 'SOURCE_STATEMENT_FAILED',
      facts: { detail: 'division by zero' },
    });
    expect(await spooledFiles()).toEqual([]);
  });

  it('loses its connection with the words of the server', async () => {
    const { read } = await requestOf({ schema: SCHEMA, name: 'endless' });
    let rows = 0;
    const work = extract(read, { extractor, onProgress: (progress) => (rows = progress.rows) });
    const lost = expect(work).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    await until(() => rows > 0);
    await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%${SCHEMA}%' AND pid <> pg_backend_pid()`,
    );
    await lost;
    expect(await spooledFiles()).toEqual([]);
  });
});

describe('createExtractor', () => {
  it.each(TYPES_TABLES.map(({ name, rowCount }) => ({ name, rowCount })))(
    'writes every value of $name as the server has it',
    (table) => compareValues(table, shared),
  );

  it('writes no file for a table without rows', async () => {
    const { read } = await requestOf({ schema: SCHEMA, name: 'numbers' });
    const { outcome, files } = await extract({ ...read, statement: `${read.statement} WHERE FALSE` });
    expect(outcome).toMatchObject({ rows: 0, files: 0, bytes: 0 });
    expect(files).toEqual([]);
  });

  it('names the directory when the quota is too small, and keeps nothing', async () => {
    const { read } = await requestOf({ schema: SCHEMA, name: 'numbers' });
    const work = extract(read, { extractor: open({ quotaBytes: 1000 }) });
    await expect(work).rejects.toMatchObject({ code: 'DISK_FULL' });
    await expect(work).rejects.toThrow(spool);
    expect(await spooledFiles()).toEqual([]);
    expect(await runningStatements()).toBe(0);
  });

  it('gets along with a small quota when files are taken away', async () => {
    const { read } = await requestOf({ schema: SCHEMA, name: 'million' });
    const extractor = open({ quotaBytes: 10_000_000, lanes: 2 });
    const [one, other] = await Promise.all([
      extract(read, { extractor, maxFileBytes: 2_000_000 }),
      extract(read, { extractor, maxFileBytes: 2_000_000 }),
    ]);
    expect([one.outcome.rows, other.outcome.rows]).toEqual([1_000_000, 1_000_000]);
  });

  it('names table, column and value of what cannot be carried', async () => {
    const { read } = await requestOf({ schema: SCHEMA, name: 'numbers' });
    const statement = read.statement.replace(/"t"/, '100000 * CAST("n" AS BIGINT)');
    const columns = read.columns.map((column) => ({
      ...column,
      carrier: 'native-integer' as const,
      nativeType: 'integer',
      type: { ...column.type, precision: 10 },
    }));
    await expect(extract({ ...read, statement, columns })).rejects.toMatchObject({
      code: 'VALUES_NOT_CARRIED',
      facts: { table: `${settings.database}.${SCHEMA}.numbers`, column: 't' },
    });
    expect(await runningStatements()).toBe(0);
  });

  it('refuses a wrong password with the code of the login, without the password', async () => {
    const { read } = await requestOf({ schema: SCHEMA, name: 'numbers' });
    const extractor = open({ secrets: { 'source.password': 'Wrong-Password-123' } });
    const error: unknown = await extract(read, { extractor }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'LOGIN_FAILED' });
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain('Wrong-Password-123');
  });

  it('runs as many extractions at once as it has lanes, and takes more on when it gets more', async () => {
    const { read } = await requestOf({ schema: SCHEMA, name: 'endless' });
    const controller = new AbortController();
    const extractor = open({ lanes: 1 });
    const works = Array.from({ length: 3 }, () =>
      extract(read, { extractor, signal: controller.signal }).catch((error: Error) => error.name),
    );
    await until(async () => (await runningStatements()) === 1);
    extractor.resize(3);
    await until(async () => (await runningStatements()) === 3);
    controller.abort();
    expect(await Promise.all(works)).toEqual(['AbortError', 'AbortError', 'AbortError']);
    extractor.resize(1);
    const { read: small } = await requestOf({ schema: SCHEMA, name: 'digit' });
    expect((await extract(small, { extractor })).outcome.rows).toBe(10);
  });

  it('cancels what runs when it is closed', async () => {
    const { read } = await requestOf({ schema: SCHEMA, name: 'endless' });
    const extractor = open();
    const work = expect(extract(read, { extractor })).rejects.toMatchObject({ name: 'AbortError' });
    await until(async () => (await runningStatements()) === 1);
    await extractor.close();
    await work;
    expect(await runningStatements()).toBe(0);
  });
});

async function spooledFiles(): Promise<string[]> {
  const names = await readdir(spool, { recursive: true });
  return names.filter((name) => /part-/.test(name));
}

async function readParquet(path: string, read: ReadRequest): Promise<(string | null)[][]> {
  // In hex digits: DuckDB's client drops a byte order mark at the beginning of a text.
  const columns = read.columns.map(({ alias }) => `hex(encode(CAST(${alias} AS VARCHAR)))`);
  const result = await duck.runAndReadAll(`SELECT ${columns.join(', ')} FROM read_parquet('${path}')`);
  const rows = result.getRows() as (string | null)[][];
  return rows.map((row) => row.map((cell) => (cell === null ? null : Buffer.from(cell, 'hex').toString('utf8'))));
}

async function readSource(read: ReadRequest): Promise<(string | null)[][]> {
  await admin.query('SET enable_case_sensitive_identifier TO true');
  await admin.query('SET extra_float_digits TO 2');
  const { rows } = await admin.query<(string | null)[]>({ text: read.statement, rowMode: 'array' });
  return rows;
}

/** The same text for the same value, whoever wrote it. */
function canonicalCell(cell: string | null, read: ReadRequest, index: number): string | null {
  if (cell === null) return null;
  const { carrier = 'native-text', type } = read.columns[index] ?? {};
  switch (carrier) {
    case 'native-boolean':
      return cell.charAt(0);
    case 'native-float': {
      const number = /^-?inf/i.test(cell) ? (cell.startsWith('-') ? -Infinity : Infinity) : Number(cell);
      const value = type?.precision === 24 ? Math.fround(number) : number;
      return Object.is(value, -0) ? '-0' : String(value);
    }
    case 'native-decimal':
      return cell.replace(/^(-?)\./, '$10.');
    case 'native-timestamp':
    case 'utc-timestamp':
      return cell.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');
    default:
      return cell;
  }
}
