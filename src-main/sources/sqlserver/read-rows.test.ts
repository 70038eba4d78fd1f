import { afterEach, describe, expect, it } from 'vitest';
import { columnType } from '#shared/model/column-type';
import { sourceSettingsSchema, type SqlServerSettings } from '#shared/model/connection-settings';
import type { RowReader } from '../../extract/column-batch.ts';
import type { ReadIsolation, ReadRequest } from '../source.ts';
import { openSqlServerReader } from './read-rows.ts';
import { startFakeServer, type FakeServer, type Script } from './tds/testing/fake-server.ts';
import { readValues } from './tds/testing/read-values.ts';
import { byteColumn, colMetadata, done, errorMessage, plpColumn, row, utf16 } from './tds/testing/wire-bytes.ts';

const NEVER = new AbortController().signal;
const LATIN = [0x09, 0x04, 0xd0, 0x00, 0x00];
const INT = byteColumn('c1', [0x26, 4]);
const TEXT = byteColumn('c2', [0x27, 50]);
const SNAPSHOT_STATE = byteColumn('', [0x26, 4]);
const STATEMENT = 'SELECT [id] AS [c1], [name] AS [c2] FROM [dbo].[people]';

const REQUEST: ReadRequest = {
  statement: STATEMENT,
  table: { database: 'shop', schema: 'dbo', name: 'people' },
  columns: [
    {
      alias: 'c1',
      sourceName: 'id',
      nativeType: 'int',
      type: columnType('integer', { precision: 10 }),
      carrier: 'native-integer',
    },
    {
      alias: 'c2',
      sourceName: 'name',
      nativeType: 'varchar(50)',
      type: columnType('text', { length: 50 }),
      carrier: 'native-text',
    },
  ],
  isolation: 'read-committed',
};

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A server that answers settings and the question about SNAPSHOT by itself; `onSelect` answers the SELECT. */
async function start(
  onSelect: Script,
  { snapshotState = 1 }: { snapshotState?: number | null } = {},
): Promise<FakeServer> {
  const server = await startFakeServer((batch) => {
    if (batch.text.startsWith('SET ')) return batch.send(Uint8Array.from(done(0, 0)));
    if (batch.text.includes('snapshot_isolation_state')) {
      if (snapshotState === null) {
        const refusal = errorMessage(229, 14, 'The SELECT permission was denied.');
        return batch.send(Uint8Array.from([...refusal, ...done(0, 2)]));
      }
      const state = row([SNAPSHOT_STATE], [Uint8Array.of(snapshotState, 0, 0, 0)]);
      return batch.send(Uint8Array.from([...colMetadata([SNAPSHOT_STATE]), ...state, ...done(1)]));
    }
    onSelect(batch);
  });
  closers.push(() => server.close());
  return server;
}

async function open(server: FakeServer, parts: Partial<ReadRequest> = {}, allowTakeOver = true): Promise<RowReader> {
  const settings = sourceSettingsSchema.parse({
    kind: 'sqlserver',
    host: '127.0.0.1',
    port: server.port,
    database: 'shop',
    auth: { kind: 'sql-login', user: 'reader' },
    encrypt: false,
  }) as SqlServerSettings;
  const reader = await openSqlServerReader(
    { settings, secrets: { 'source.password': 'p' }, request: { ...REQUEST, ...parts }, allowTakeOver },
    { signal: NEVER },
  );
  closers.push(() => reader.close());
  return reader;
}

async function readAll(reader: RowReader) {
  const values: (string | null)[][] = reader.codecs.map(() => []);
  const { serverRows } = await reader.read(
    (batch) => {
      reader.codecs.forEach((codec, index) => values[index]!.push(...readValues(batch, index, codec)));
      return undefined;
    },
    { signal: NEVER },
  );
  return { values, serverRows };
}

const people: Script = ({ send }) =>
  send(
    Uint8Array.from([
      ...colMetadata([INT, TEXT]),
      ...row([INT, TEXT], [Uint8Array.of(7, 0, 0, 0), Buffer.from('Ada')]),
      ...row([INT, TEXT], [null, null]),
      ...done(2),
    ]),
  );

function isolations({ received }: FakeServer): string[] {
  return received.flatMap((text) => /ISOLATION LEVEL (.+)$/.exec(text)?.[1] ?? []);
}

describe('openSqlServerReader', () => {
  it('reads every row and tells how many the server sent', async () => {
    const server = await start(people);
    await expect(readAll(await open(server))).resolves.toEqual({
      values: [
        ['7', null],
        ['Ada', null],
      ],
      serverRows: 2,
    });
    expect(server.received).toEqual([
      'SET NOCOUNT OFF; SET ROWCOUNT 0; SET TEXTSIZE 2147483647; SET LOCK_TIMEOUT 300000; SET TRANSACTION ISOLATION LEVEL READ COMMITTED',
      STATEMENT,
    ]);
  });

  it.each<[ReadIsolation, number, string]>([
    ['read-committed', 1, 'READ COMMITTED'],
    ['read-uncommitted', 1, 'READ UNCOMMITTED'],
    ['snapshot-if-allowed', 1, 'SNAPSHOT'],
    ['snapshot-if-allowed', 0, 'READ COMMITTED'],
    ['snapshot-if-allowed', 3, 'READ COMMITTED'],
  ])('reads %s in a database of snapshot state %d with %s', async (isolation, snapshotState, level) => {
    const server = await start(people, { snapshotState });
    await readAll(await open(server, { isolation }));
    expect(isolations(server)).toEqual([level]);
  });

  it('reads with READ COMMITTED when the server does not say whether SNAPSHOT is allowed', async () => {
    const server = await start(people, { snapshotState: null });
    await readAll(await open(server, { isolation: 'snapshot-if-allowed' }));
    expect(isolations(server)).toEqual(['READ COMMITTED']);
  });

  it('reads with READ COMMITTED what SNAPSHOT cannot read', async () => {
    let isFirst = true;
    const server = await start((batch) => {
      if (!isFirst) return people(batch);
      isFirst = false;
      batch.send(Uint8Array.from([...errorMessage(41332, 16, 'Memory optimized tables ...'), ...done(0, 2)]));
    });
    const { serverRows } = await readAll(await open(server, { isolation: 'snapshot-if-allowed' }));
    expect(serverRows).toBe(2);
    expect(isolations(server)).toEqual(['SNAPSHOT', 'READ COMMITTED']);
  });

  it('names table and statement when the server refuses it', async () => {
    const server = await start(({ send }) =>
      send(Uint8Array.from([...errorMessage(229, 14, 'The SELECT permission was denied.'), ...done(0, 2)])),
    );
    await expect(open(server)).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      statement: STATEMENT,
      facts: { detail: 'The SELECT permission was denied' },
    });
  });

  it('says which column comes in another type than planned', async () => {
    const server = await start(({ send }) => send(Uint8Array.from([...colMetadata([TEXT, INT]), ...done(0)])));
    await expect(open(server)).rejects.toMatchObject({
      code: 'SOURCE_COLUMN_CHANGED',
      message: 'dbo.people no longer has the columns of the plan: id was int and comes as varchar(50).',
    });
  });

  it('lets the error of a handler through as it is, and cancels the statement', async () => {
    const one = Uint8Array.from(row([INT, TEXT], [null, Buffer.alloc(50)]));
    const server = await start(({ send }) =>
      send(Buffer.concat([Uint8Array.from(colMetadata([INT, TEXT])), ...Array.from({ length: 9000 }, () => one)]), {
        isLast: false,
      }),
    );
    const reader = await open(server);
    const failure = new Error('disk full');
    await expect(reader.read(() => Promise.reject(failure), { signal: NEVER })).rejects.toBe(failure);
    expect(server.received.at(-1)).toBe('attention');
  });

  it('tells a lost connection as one', async () => {
    const server = await start(({ send, socket }) => {
      send(Uint8Array.from(colMetadata([INT, TEXT])), { isLast: false });
      setImmediate(() => socket.destroy());
    });
    const reading = open(server).then(readAll);
    await expect(reading).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  });
});

describe('reading through the public interface of the driver', () => {
  const asText = (name: string) => plpColumn(name, [0xe7, 0xff, 0xff, ...LATIN]);
  const columns = [asText('c1'), asText('c2')];

  it('asks for text and reads the same values', async () => {
    const server = await start(({ send }) =>
      send(
        Uint8Array.from([
          ...colMetadata(columns),
          ...row(columns, [utf16('7'), utf16('Ada')]),
          ...row(columns, [null, null]),
          ...done(2),
        ]),
      ),
    );
    const reader = await open(server, {}, false);
    await expect(readAll(reader)).resolves.toEqual({
      values: [
        ['7', null],
        ['Ada', null],
      ],
      serverRows: 2,
    });
    expect(server.received.at(-1)).toBe(
      `SELECT CONVERT(varchar(20), [c1]) AS [c1], CONVERT(nvarchar(50), [c2]) AS [c2] FROM (${STATEMENT}) AS [rows]`,
    );
  });

  it('holds the driver up while rows are being handled, and loses none', async () => {
    const count = 5000;
    const one = row(columns, [utf16('7'), utf16('Ada')]);
    const server = await start(({ send }) =>
      send(
        Buffer.concat([
          Uint8Array.from(colMetadata(columns)),
          ...Array.from({ length: count }, () => Uint8Array.from(one)),
          Uint8Array.from(done(count)),
        ]),
      ),
    );
    const reader = await open(server, {}, false);
    let rows = 0;
    let working = 0;
    let most = 0;
    const outcome = await reader.read(
      async (batch) => {
        working += 1;
        most = Math.max(most, working);
        await new Promise((resolve) => setImmediate(resolve));
        rows += batch.rowCount;
        working -= 1;
      },
      { signal: NEVER },
    );
    expect({ rows, most, outcome }).toEqual({ rows: count, most: 1, outcome: { serverRows: count } });
  });

  it('cancels the statement for the error of a handler', async () => {
    const one = row(columns, [utf16('7'), utf16('Ada')]);
    const server = await start(({ send }) =>
      send(
        Buffer.concat([
          Uint8Array.from(colMetadata(columns)),
          ...Array.from({ length: 3000 }, () => Uint8Array.from(one)),
        ]),
        { isLast: false },
      ),
    );
    const reader = await open(server, {}, false);
    await expect(reader.read(() => Promise.reject(new Error('disk full')), { signal: NEVER })).rejects.toThrow(
      'disk full',
    );
    expect(server.received.at(-1)).toBe('attention');
  });
});
