import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SourceSettings } from '#shared/model/connection-settings';
import { createExtractor } from './create-extractor.ts';
import type { ExtractOptions, ExtractRequest, Extractor } from './extraction.ts';

/** Threads that do as the statement says, in place of a reader and a writer. */
const THREAD = `
import { parentPort, workerData } from 'node:worker_threads';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
const send = (message) => parentPort.postMessage(message);
const counters = new BigInt64Array(workerData.disk.shared);
parentPort.on('message', (message) => {
  if (message.kind === 'cancel') send({ kind: 'failed', error: { kind: 'abort' } });
  if (message.kind !== 'extract') return;
  const statement = message.request.read.statement;
  if (statement === 'lane') send({ kind: 'done', outcome: { rows: workerData.lane } });
  if (statement === 'slow lane') setTimeout(() => send({ kind: 'done', outcome: { rows: workerData.lane } }), 1000);
  if (statement === 'booked') send({ kind: 'done', outcome: { rows: Number(counters[0]) } });
  if (statement === 'secret') send({ kind: 'done', outcome: { rows: workerData.secrets['source.password'].length } });
  if (statement === 'exit' || statement === 'throw') {
    writeFileSync(join(message.directory, 'part-00000.parquet.part'), 'x');
    Atomics.add(counters, 0, 100n);
    Atomics.add(counters, 1 + workerData.lane, 100n);
    if (statement === 'exit') process.exit(3);
    throw new Error('out of memory');
  }
});
`;

let directory: string;
let workerUrl: URL;
const extractors: Extractor[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'snowferry-extractor-'));
  const path = join(directory, 'thread.mjs');
  await writeFile(path, THREAD);
  workerUrl = pathToFileURL(path);
});
afterEach(async () => {
  await Promise.all(extractors.splice(0).map((extractor) => extractor.close()));
  expect(await readdir(directory)).toEqual(['thread.mjs']);
});
afterAll(() => rm(directory, { recursive: true }));

function open(lanes = 1): Extractor {
  const extractor = createExtractor({
    source: { kind: 'redshift' } as SourceSettings,
    secrets: { 'source.password': 'twelve chars' },
    workerUrl,
    lanes,
    directory,
    quotaBytes: null,
    log: () => undefined,
  });
  extractors.push(extractor);
  return extractor;
}

function request(statement: string): ExtractRequest {
  const table = { database: 'd', schema: 's', name: 't' };
  return {
    read: { statement, table, columns: [], isolation: 'read-committed' },
    attemptId: 'a/../b',
    maxFileBytes: 1e6,
  };
}

function options(signal = new AbortController().signal): ExtractOptions {
  return { signal, onFile: () => Promise.resolve() };
}

describe('createExtractor', () => {
  it.each([
    ['exit', /it ended without a word/],
    ['throw', /out of memory/],
  ])(
    'rejects what a thread was at when it ends by %s, removes its files, and puts another in its place',
    async (way, words) => {
      const extractor = open();
      const failed = extractor.extract(request(way), options());
      await expect(failed).rejects.toMatchObject({ code: 'INTERNAL' });
      await expect(failed).rejects.toThrow(words);
      const [home = ''] = (await readdir(directory)).filter((name) => name.startsWith('lanes-'));
      expect(await readdir(join(directory, home))).toEqual([]);
      expect(await extractor.extract(request('booked'), options())).toEqual({ rows: 0 });
    },
  );

  it('gives lanes that work at the same time numbers of their own', async () => {
    const extractor = open(2);
    const both = await Promise.all([1, 2].map(() => extractor.extract(request('slow lane'), options())));
    expect(both.map(({ rows }) => rows).sort()).toEqual([0, 1]);
  });

  it('lets further calls wait for a lane, and gives up waiting when the signal fires', async () => {
    const extractor = open(1);
    const first = new AbortController();
    const second = new AbortController();
    const busy = expect(extractor.extract(request('wait'), options(first.signal))).rejects.toThrow();
    const waiting = expect(extractor.extract(request('lane'), options(second.signal))).rejects.toMatchObject({
      name: 'AbortError',
    });
    const later = extractor.extract(request('lane'), options());
    second.abort();
    await waiting;
    first.abort();
    await busy;
    expect(await later).toEqual({ rows: 0 });
  });

  it('hands secrets to its threads in memory', async () => {
    expect(await open().extract(request('secret'), options())).toEqual({ rows: 12 });
  });

  it('removes directories of processes of this host that are no more, and no others', async () => {
    const host = hostname().replace(/[^\w.]/g, '~');
    // Process 1 lives as long as the machine; no process id is that high.
    const others = [`lanes-${host}-1-abcdef`, 'lanes-elsewhere-999999999-abcdef', 'lanes-of-somebody', 'notes'];
    const orphan = `lanes-${host}-999999999-abcdef`;
    for (const name of [...others, orphan]) await mkdir(join(directory, name));
    await open().extract(request('lane'), options());
    const names = (await readdir(directory)).filter((name) => !name.includes(`-${process.pid}-`));
    expect(names.sort()).toEqual([...others, 'thread.mjs'].sort());
    for (const name of others) await rm(join(directory, name), { recursive: true });
  });

  it('names the directory when it cannot be made', async () => {
    const extractor = createExtractor({
      source: { kind: 'redshift' } as SourceSettings,
      secrets: {},
      workerUrl,
      lanes: 1,
      directory: join(directory, 'thread.mjs', 'below'),
      quotaBytes: null,
      log: () => undefined,
    });
    await expect(extractor.extract(request('lane'), options())).rejects.toMatchObject({
      code: 'FILE_NOT_READABLE',
      facts: { path: join(directory, 'thread.mjs', 'below') },
    });
  });
});
