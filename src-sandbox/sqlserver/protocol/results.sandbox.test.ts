import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SqlType, SqlValue } from '../engine-contract.ts';
import { column, LEAP_DAY_TICKS, raise, result } from './testing/events.ts';
import { PRACTICE_CERTIFICATE } from './testing/practice-certificate.ts';
import { statementOf } from './testing/scripted-engine.ts';
import { startScriptedServer, type ScriptedServer } from './testing/scripted-server.ts';

const { ca } = PRACTICE_CERTIFICATE;

let on: ScriptedServer;

beforeEach(async () => {
  on = await startScriptedServer();
});

afterEach(async () => {
  await on.close();
  expect(on.engine.openSessions).toBe(0);
});

describe('a result', () => {
  it.each<[string, SqlType, SqlValue, unknown]>([
    ['bit', { name: 'bit' }, true, true],
    ['tinyint', { name: 'tinyint' }, 255, 255],
    ['smallint', { name: 'smallint' }, -32_768, -32_768],
    ['int', { name: 'int' }, -(2 ** 31), -(2 ** 31)],
    ['bigint', { name: 'bigint' }, -(2n ** 63n), '-9223372036854775808'],
    ['decimal(9,2)', { name: 'decimal', precision: 9, scale: 2 }, -12_345n, -123.45],
    ['numeric(38,0)', { name: 'numeric', precision: 38, scale: 0 }, 10n ** 37n, 1e37],
    ['smallmoney', { name: 'smallmoney' }, -12_345n, -1.2345],
    ['money', { name: 'money' }, 123_456_789_012n, 12_345_678.9012],
    ['real', { name: 'real' }, 1.5, 1.5],
    ['float', { name: 'float' }, -1.7976931348623157e308, -1.7976931348623157e308],
    ['date', { name: 'date' }, 738_944, new Date('2024-02-29T00:00:00Z')],
    ['time(7)', { name: 'time', scale: 7 }, 45_296n * 10_000_000n, new Date('1970-01-01T12:34:56Z')],
    ['smalldatetime', { name: 'smalldatetime' }, 1440, new Date('1900-01-02T00:00:00Z')],
    ['datetime', { name: 'datetime' }, -25_920_000n, new Date('1899-12-31T00:00:00Z')],
    ['datetime2(7)', { name: 'datetime2', scale: 7 }, LEAP_DAY_TICKS, new Date('2024-02-29T12:34:56.789Z')],
    ['datetime2(0)', { name: 'datetime2', scale: 0 }, LEAP_DAY_TICKS - 7_891_234n, new Date('2024-02-29T12:34:56Z')],
    [
      'datetimeoffset(7)',
      { name: 'datetimeoffset', scale: 7 },
      { utcTicks: LEAP_DAY_TICKS, offsetMinutes: -330 },
      new Date('2024-02-29T12:34:56.789Z'),
    ],
    ['char', { name: 'char', length: 5 }, 'ä€   ', 'ä€   '],
    [
      'varchar in a code page',
      { name: 'varchar', length: 20, collation: 'Cyrillic_General_CI_AS' },
      'Привет',
      'Привет',
    ],
    [
      'varchar in UTF-8',
      { name: 'varchar', length: 40, collation: 'Latin1_General_100_CI_AS_SC_UTF8' },
      'Привет 😀',
      'Привет 😀',
    ],
    [
      'varchar in a code page of two bytes',
      { name: 'varchar', length: 40, collation: 'Japanese_CI_AS' },
      '日本語',
      '日本語',
    ],
    ['varchar(max)', { name: 'varchar', length: -1 }, 'ä'.repeat(20_000), 'ä'.repeat(20_000)],
    ['text', { name: 'text' }, 'ä', 'ä'],
    ['nchar', { name: 'nchar', length: 3 }, '😀 ', '😀 '],
    ['nvarchar, empty', { name: 'nvarchar', length: 3 }, '', ''],
    ['nvarchar(max)', { name: 'nvarchar', length: -1 }, '😀'.repeat(20_000), '😀'.repeat(20_000)],
    ['ntext', { name: 'ntext' }, 'Ж', 'Ж'],
    ['binary', { name: 'binary', length: 2 }, Buffer.from([0, 255]), Buffer.from([0, 255])],
    ['varbinary(max)', { name: 'varbinary', length: -1 }, Buffer.alloc(20_000, 9), Buffer.alloc(20_000, 9)],
    ['image', { name: 'image' }, Buffer.from([1]), Buffer.from([1])],
    ['timestamp', { name: 'timestamp' }, Buffer.alloc(8, 3), Buffer.alloc(8, 3)],
    [
      'uniqueidentifier',
      { name: 'uniqueidentifier' },
      '00112233-4455-6677-8899-AABBCCDDEEFF',
      '00112233-4455-6677-8899-AABBCCDDEEFF',
    ],
    ['xml', { name: 'xml' }, '<a>ü</a>', '<a>ü</a>'],
    ['sql_variant of int', { name: 'sql_variant' }, { type: { name: 'int' }, value: 5 }, 5],
    ['sql_variant of nvarchar', { name: 'sql_variant' }, { type: { name: 'nvarchar', length: 9 }, value: 'Ж' }, 'Ж'],
    [
      'sql_variant of datetime2',
      { name: 'sql_variant' },
      { type: { name: 'datetime2', scale: 7 }, value: LEAP_DAY_TICKS },
      new Date('2024-02-29T12:34:56.789Z'),
    ],
    ['hierarchyid', { name: 'hierarchyid' }, Buffer.from([0x58]), Buffer.from([0x58])],
  ])('of %s comes through the driver, NULL included', async (_name, type, value, expected) => {
    on.script = () =>
      result(
        [column('v', type), column('n', { name: 'int' }, false)],
        [
          [value, 1],
          [null, 2],
          [value, 3],
        ],
      );
    const { recordset } = await on.pool.request().query<{ v: unknown; n: number }>('select v');
    expect(recordset).toEqual([
      { v: expected, n: 1 },
      { v: null, n: 2 },
      { v: expected, n: 3 },
    ]);
  });

  it('has geometry that the driver parses, with the database of the type', async () => {
    // POINT (1 2), SRID 4326: MS-SSCLRT 2.1.1
    const point = Buffer.from('e6100000010c000000000000f03f0000000000000040', 'hex');
    on.script = () => result([column('g', { name: 'geometry' })], [[point]]);
    const { recordset } = await on.pool
      .request()
      .query<{ g: { srid: number; points: { x: number; y: number }[] } }>('select g');
    expect(recordset[0]?.g).toMatchObject({ srid: 4326, points: [{ x: 1, y: 2 }] });
    expect(recordset.columns['g']?.udt).toMatchObject({ name: 'geometry', database: 'shop', schema: 'sys' });
  });

  it('tells names, lengths, precision and flags of its columns', async () => {
    on.script = () =>
      result(
        [
          { name: 'id', type: { name: 'int' }, nullable: false, isIdentity: true, isComputed: false },
          { name: 'ü]"', type: { name: 'nvarchar', length: 30 }, nullable: true, isIdentity: false, isComputed: false },
          {
            name: 'd',
            type: { name: 'decimal', precision: 20, scale: 4 },
            nullable: true,
            isIdentity: false,
            isComputed: true,
          },
          {
            name: 'b',
            type: { name: 'varchar', length: 5, collation: 'Latin1_General_BIN2' },
            nullable: true,
            isIdentity: false,
            isComputed: false,
          },
        ],
        [],
      );
    const { columns } = (await on.pool.request().query('select id')).recordset;
    expect(columns['id']).toMatchObject({ nullable: false, identity: true, readOnly: true });
    // The driver counts the bytes of UTF-16.
    expect(columns['ü]"']).toMatchObject({ length: 60, nullable: true, identity: false, caseSensitive: false });
    expect(columns['d']).toMatchObject({ precision: 20, scale: 4, readOnly: true });
    expect(columns['b']).toMatchObject({ length: 5, caseSensitive: true });
  });

  it('of many columns that are mostly NULL uses a bitmap, and comes out the same', async () => {
    const columns = Array.from({ length: 70 }, (_none, index) => column(`c${index}`, { name: 'bigint' }));
    const rows = [0, 7, 8, 63, 69].map((kept) =>
      columns.map((_column, index) => (index === kept ? BigInt(kept) : null)),
    );
    on.script = () => result(columns, rows);
    const { recordset } = await on.pool.request().query<Record<string, string | null>>('select *');
    expect(recordset.map((row) => Object.values(row))).toEqual(
      rows.map((row) => row.map((value) => value?.toString() ?? null)),
    );
  });

  it('may be followed by others, with a count each', async () => {
    on.script = () => [
      ...result([column('a', { name: 'int' })], [[1]]),
      { kind: 'done', rowCount: 7 },
      { kind: 'done', rowCount: null },
      ...result([column('b', { name: 'int' })], []),
    ];
    const { recordsets, rowsAffected } = await on.pool.request().batch('select twice');
    expect(recordsets).toEqual([[{ a: 1 }], []]);
    expect(rowsAffected).toEqual([1, 7, 0]);
  });

  it.each([
    [512, false],
    [4096, false],
    [32_767, false],
    [4096, true],
    [32_767, 'strict'],
  ] as const)('of 20 MB of text and of bytes comes in packets of %i bytes, encrypt %s', async (packetSize, encrypt) => {
    const text = '😀ж'.repeat((20 * 2 ** 20) / 6);
    const bytes = Buffer.alloc(20 * 2 ** 20, 'x');
    on.script = () =>
      result(
        [column('t', { name: 'nvarchar', length: -1 }), column('b', { name: 'varbinary', length: -1 })],
        [[text, bytes]],
      );
    const other = await on.connect({ packetSize, encrypt, cryptoCredentialsDetails: { ca } });
    try {
      const { recordset } = await other.request().query<{ t: string; b: Buffer }>('select big');
      expect(recordset[0]?.t === text).toBe(true);
      expect(recordset[0]?.b.equals(bytes)).toBe(true);
    } finally {
      await other.close();
    }
  });

  it('that breaks the promises of its columns ends in an error and leaves the connection usable', async () => {
    on.script = (call) =>
      statementOf(call) === 'bad'
        ? result([column('n', { name: 'int' }, false)], [[null]])
        : result([column('n', { name: 'int' })], [[4]]);
    await expect(on.pool.request().query('bad')).rejects.toThrow('NULL in a column of int');
    expect((await on.pool.request().query('good')).recordset).toEqual([{ n: 4 }]);
  });
});

describe('messages', () => {
  it('that are errors carry number, state, severity, procedure and line', async () => {
    on.script = () => [raise(547, 'The INSERT statement conflicted.'), { kind: 'done', rowCount: null }];
    await expect(on.pool.request().batch('insert')).rejects.toMatchObject({
      message: 'The INSERT statement conflicted.',
      number: 547,
      state: 3,
      class: 16,
      procName: 'dbo.p',
      lineNumber: 42,
      serverName: 'SNOWFERRY-PRACTICE',
    });
  });

  it('of low severity are information', async () => {
    on.script = () => [raise(0, 'printed', 0), ...result([column('n', { name: 'int' })], [[1]])];
    const said: string[] = [];
    const request = on.pool.request();
    request.on('info', (message: { message: string }) => said.push(message.message));
    expect((await request.query('print')).recordset).toEqual([{ n: 1 }]);
    expect(said).toEqual(['printed']);
  });

  it('of severity 20 end the connection', async () => {
    on.script = () => [raise(21, 'fatal', 21), ...result([column('n', { name: 'int' })], [[1]])];
    await expect(on.pool.request().batch('kill')).rejects.toThrow('fatal');
    await expect.poll(() => on.engine.openSessions).toBe(0);
  });

  it('in the middle of a result come after its rows', async () => {
    on.script = () => [
      { kind: 'columns', columns: [column('n', { name: 'int' })] },
      { kind: 'rows', rows: [[1], [2]] },
      raise(8134, 'Divide by zero error encountered.'),
      { kind: 'done', rowCount: 2 },
    ];
    const request = on.pool.request();
    request.stream = true;
    const seen: unknown[] = [];
    request.on('row', (row) => seen.push(row));
    request.on('error', (error: { number: number }) => seen.push(error.number));
    await new Promise((resolve) => {
      request.on('done', resolve);
      void request.batch('select');
    });
    expect(seen).toEqual([{ n: 1 }, { n: 2 }, 8134]);
  });
});

describe('a large result', () => {
  it('of a million rows waits for a reader that pauses', async () => {
    let produced = 0;
    on.script = function* () {
      yield {
        kind: 'columns',
        columns: [column('n', { name: 'int' }, false), column('t', { name: 'nvarchar', length: 50 })],
      };
      for (let batch = 0; batch < 100; batch += 1) {
        produced = (batch + 1) * 10_000;
        yield {
          kind: 'rows',
          rows: Array.from({ length: 10_000 }, (_none, index) => [batch * 10_000 + index, 'a row of the practice']),
        };
      }
      yield { kind: 'done', rowCount: 1_000_000 };
    };
    const request = on.pool.request();
    request.stream = true;
    let seen = 0;
    let sum = 0;
    let lead = 0;
    request.on('row', (row: { n: number }) => {
      seen += 1;
      sum += row.n;
      if (seen % 200_000 !== 0) return;
      request.pause();
      void untilStill(() => produced).then(() => {
        lead = Math.max(lead, produced - seen);
        request.resume();
      });
    });
    await new Promise((resolve) => {
      request.on('done', resolve);
      void request.query('select many');
    });
    expect(seen).toBe(1_000_000);
    expect(sum).toBe(499_999_500_000);
    // What lies in the buffers between the two, and no more.
    expect(lead).toBeLessThan(200_000);
  });
});

/** Resolves when a number has not changed for a hundred turns of the event loop. */
async function untilStill(read: () => number): Promise<void> {
  let last = read();
  for (let turns = 0; turns < 100; turns += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    if (read() !== last) turns = 0;
    last = read();
  }
}
