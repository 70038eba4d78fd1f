import sql from 'mssql';
import { Connection, Request, TYPES } from 'tedious';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EngineEvent, ResultColumn, SqlType, SqlValue } from '../engine-contract.ts';
import { startTdsServer, type TdsServer } from '../server.ts';
import { PRACTICE_CERTIFICATE } from './testing/practice-certificate.ts';
import { createScriptedEngine, statementOf, type Script, type ScriptedEngine } from './testing/scripted-engine.ts';

const { key, cert, ca } = PRACTICE_CERTIFICATE;
let server: TdsServer;
let engine: ScriptedEngine;
let pool: sql.ConnectionPool;
let script: Script;

beforeEach(async () => {
  script = () => [{ kind: 'done', rowCount: null }];
  engine = createScriptedEngine({ script: (call, signal) => script(call, signal) });
  server = await startTdsServer({ engine, tls: { mode: 'offered', key, cert } });
  pool = await connect();
});

afterEach(async () => {
  await pool.close();
  await server.close();
  expect(engine.openSessions).toBe(0);
});

function connect(options: sql.config['options'] = {}): Promise<sql.ConnectionPool> {
  return new sql.ConnectionPool({
    server: 'localhost',
    port: server.port,
    user: 'sa',
    password: 'Practice1',
    database: 'shop',
    pool: { max: 1 },
    options: { encrypt: false, ...options },
  }).connect();
}

function column(name: string, type: SqlType, nullable = true): ResultColumn {
  return { name, type, nullable, isIdentity: false, isComputed: false };
}

function result(columns: ResultColumn[], rows: SqlValue[][]): EngineEvent[] {
  return [
    { kind: 'columns', columns },
    { kind: 'rows', rows },
    { kind: 'done', rowCount: rows.length },
  ];
}

function raise(number: number, text: string, severity = 16): EngineEvent {
  return {
    kind: 'message',
    message: { number, state: 3, class: severity, message: text, procedure: 'dbo.p', line: 42 },
  };
}

const DAY = 864_000_000_000n;
/** 2024-02-29 12:34:56.7891234 */
const TICKS = 738_944n * DAY + 45_296n * 10_000_000n + 7_891_234n;

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
    ['datetime2(7)', { name: 'datetime2', scale: 7 }, TICKS, new Date('2024-02-29T12:34:56.789Z')],
    ['datetime2(0)', { name: 'datetime2', scale: 0 }, TICKS - 7_891_234n, new Date('2024-02-29T12:34:56Z')],
    [
      'datetimeoffset(7)',
      { name: 'datetimeoffset', scale: 7 },
      { utcTicks: TICKS, offsetMinutes: -330 },
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
      { type: { name: 'datetime2', scale: 7 }, value: TICKS },
      new Date('2024-02-29T12:34:56.789Z'),
    ],
    ['hierarchyid', { name: 'hierarchyid' }, Buffer.from([0x58]), Buffer.from([0x58])],
  ])('of %s comes through the driver, NULL included', async (_name, type, value, expected) => {
    script = () =>
      result(
        [column('v', type), column('n', { name: 'int' }, false)],
        [
          [value, 1],
          [null, 2],
          [value, 3],
        ],
      );
    const { recordset } = await pool.request().query<{ v: unknown; n: number }>('select v');
    expect(recordset).toEqual([
      { v: expected, n: 1 },
      { v: null, n: 2 },
      { v: expected, n: 3 },
    ]);
  });

  it('has geometry that the driver parses, with the database of the type', async () => {
    // POINT (1 2), SRID 4326: MS-SSCLRT 2.1.1
    const point = Buffer.from('e6100000010c000000000000f03f0000000000000040', 'hex');
    script = () => result([column('g', { name: 'geometry' })], [[point]]);
    const { recordset } = await pool
      .request()
      .query<{ g: { srid: number; points: { x: number; y: number }[] } }>('select g');
    expect(recordset[0]?.g).toMatchObject({ srid: 4326, points: [{ x: 1, y: 2 }] });
    expect(recordset.columns['g']?.udt).toMatchObject({ name: 'geometry', database: 'shop', schema: 'sys' });
  });

  it('tells names, lengths, precision and flags of its columns', async () => {
    script = () =>
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
    const { columns } = (await pool.request().query('select id')).recordset;
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
    script = () => result(columns, rows);
    const { recordset } = await pool.request().query<Record<string, string | null>>('select *');
    expect(recordset.map((row) => Object.values(row))).toEqual(
      rows.map((row) => row.map((value) => value?.toString() ?? null)),
    );
  });

  it('may be followed by others, with a count each', async () => {
    script = () => [
      ...result([column('a', { name: 'int' })], [[1]]),
      { kind: 'done', rowCount: 7 },
      { kind: 'done', rowCount: null },
      ...result([column('b', { name: 'int' })], []),
    ];
    const { recordsets, rowsAffected } = await pool.request().batch('select twice');
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
    script = () =>
      result(
        [column('t', { name: 'nvarchar', length: -1 }), column('b', { name: 'varbinary', length: -1 })],
        [[text, bytes]],
      );
    const other = await connect({ packetSize, encrypt, cryptoCredentialsDetails: { ca } });
    try {
      const { recordset } = await other.request().query<{ t: string; b: Buffer }>('select big');
      expect(recordset[0]?.t === text).toBe(true);
      expect(recordset[0]?.b.equals(bytes)).toBe(true);
    } finally {
      await other.close();
    }
  });

  it('that breaks the promises of its columns ends in an error and leaves the connection usable', async () => {
    script = (call) =>
      statementOf(call) === 'bad'
        ? result([column('n', { name: 'int' }, false)], [[null]])
        : result([column('n', { name: 'int' })], [[4]]);
    await expect(pool.request().query('bad')).rejects.toThrow('NULL in a column of int');
    expect((await pool.request().query('good')).recordset).toEqual([{ n: 4 }]);
  });
});

describe('messages', () => {
  it('that are errors carry number, state, severity, procedure and line', async () => {
    script = () => [raise(547, 'The INSERT statement conflicted.'), { kind: 'done', rowCount: null }];
    await expect(pool.request().batch('insert')).rejects.toMatchObject({
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
    script = () => [raise(0, 'printed', 0), ...result([column('n', { name: 'int' })], [[1]])];
    const said: string[] = [];
    const request = pool.request();
    request.on('info', (message: { message: string }) => said.push(message.message));
    expect((await request.query('print')).recordset).toEqual([{ n: 1 }]);
    expect(said).toEqual(['printed']);
  });

  it('of severity 20 end the connection', async () => {
    script = () => [raise(21, 'fatal', 21), ...result([column('n', { name: 'int' })], [[1]])];
    await expect(pool.request().batch('kill')).rejects.toThrow('fatal');
    await expect.poll(() => engine.openSessions).toBe(0);
  });

  it('in the middle of a result come after its rows', async () => {
    script = () => [
      { kind: 'columns', columns: [column('n', { name: 'int' })] },
      { kind: 'rows', rows: [[1], [2]] },
      raise(8134, 'Divide by zero error encountered.'),
      { kind: 'done', rowCount: 2 },
    ];
    const request = pool.request();
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

describe('parameters', () => {
  it.each<[string, sql.ISqlType | (() => sql.ISqlType), unknown, SqlType, SqlValue]>([
    ['bit', sql.Bit, true, { name: 'bit' }, true],
    ['tinyint', sql.TinyInt, 255, { name: 'tinyint' }, 255],
    ['smallint', sql.SmallInt, -5, { name: 'smallint' }, -5],
    ['int', sql.Int, -(2 ** 31), { name: 'int' }, -(2 ** 31)],
    ['bigint', sql.BigInt, '9223372036854775807', { name: 'bigint' }, 2n ** 63n - 1n],
    ['decimal', sql.Decimal(18, 4), -1.5, { name: 'decimal', precision: 18, scale: 4 }, -15_000n],
    ['numeric', sql.Numeric(9, 0), 7, { name: 'numeric', precision: 9, scale: 0 }, 7n],
    ['smallmoney', sql.SmallMoney, 1.5, { name: 'smallmoney' }, 15_000n],
    ['money', sql.Money, -1.5, { name: 'money' }, -15_000n],
    ['real', sql.Real, 1.5, { name: 'real' }, 1.5],
    ['float', sql.Float, 5e-324, { name: 'float' }, 5e-324],
    ['date', sql.Date, new Date('2024-02-29T00:00:00Z'), { name: 'date' }, 738_944],
    ['time', sql.Time(3), new Date('1970-01-01T12:34:56.789Z'), { name: 'time', scale: 3 }, 452_967_890_000n],
    ['datetime', sql.DateTime, new Date('1899-12-31T00:00:00Z'), { name: 'datetime' }, -25_920_000n],
    ['smalldatetime', sql.SmallDateTime, new Date('1900-01-02T00:01:00Z'), { name: 'smalldatetime' }, 1441],
    [
      'datetime2',
      sql.DateTime2(7),
      new Date('2024-02-29T12:34:56.789Z'),
      { name: 'datetime2', scale: 7 },
      TICKS - 1234n,
    ],
    ['varchar', sql.VarChar(10), 'ä', { name: 'varchar', length: 10, collation: 'SQL_Latin1_General_CP1_CI_AS' }, 'ä'],
    [
      'varchar(max)',
      sql.VarChar(sql.MAX),
      'ä'.repeat(9000),
      { name: 'varchar', length: -1, collation: 'SQL_Latin1_General_CP1_CI_AS' },
      'ä'.repeat(9000),
    ],
    [
      'nvarchar',
      sql.NVarChar(10),
      '😀',
      { name: 'nvarchar', length: 10, collation: 'SQL_Latin1_General_CP1_CI_AS' },
      '😀',
    ],
    [
      'nvarchar(max)',
      sql.NVarChar(sql.MAX),
      'ж'.repeat(9000),
      { name: 'nvarchar', length: -1, collation: 'SQL_Latin1_General_CP1_CI_AS' },
      'ж'.repeat(9000),
    ],
    ['varbinary', sql.VarBinary(10), Buffer.from([1, 0]), { name: 'varbinary', length: 10 }, Buffer.from([1, 0])],
    [
      'varbinary(max)',
      sql.VarBinary(sql.MAX),
      Buffer.alloc(9000, 1),
      { name: 'varbinary', length: -1 },
      Buffer.alloc(9000, 1),
    ],
    [
      'uniqueidentifier',
      sql.UniqueIdentifier,
      '00112233-4455-6677-8899-aabbccddeeff',
      { name: 'uniqueidentifier' },
      '00112233-4455-6677-8899-AABBCCDDEEFF',
    ],
  ])('of %s reach the engine exactly, NULL included', async (_name, type, value, expectedType, expected) => {
    await pool
      .request()
      .input('p', type as sql.ISqlType, value)
      .input('q', type as sql.ISqlType, null)
      .query('select @p, @q');
    const call = engine.calls.findLast((one) => one.kind === 'rpc');
    expect(call?.procedure).toBe('sp_executesql');
    expect(call?.parameters[0]).toMatchObject({ value: 'select @p, @q' });
    expect(call?.parameters[2]).toEqual({ name: '@p', type: expectedType, value: expected, isOutput: false });
    expect(call?.parameters[3]).toMatchObject({ name: '@q', value: null });
  });

  it('that are output come back, with the status of the procedure', async () => {
    script = () => [
      ...result([column('n', { name: 'int' })], [[1]]),
      { kind: 'return-status', value: -6 },
      { kind: 'output-parameter', name: '@o', type: { name: 'nvarchar', length: -1 }, value: 'ж'.repeat(10_000) },
      { kind: 'output-parameter', name: '@m', type: { name: 'int' }, value: null },
    ];
    const request = pool.request().output('o', sql.NVarChar(sql.MAX)).output('m', sql.Int);
    const outcome = await request.execute('dbo.p');
    expect(outcome.returnValue).toBe(-6);
    expect(outcome.output).toEqual({ o: 'ж'.repeat(10_000), m: null });
    expect(outcome.recordset).toEqual([{ n: 1 }]);
    expect(engine.calls.findLast((one) => one.kind === 'rpc')).toMatchObject({
      procedure: 'dbo.p',
      parameters: [
        { name: '@o', isOutput: true },
        { name: '@m', isOutput: true },
      ],
    });
  });

  it('of 20 MB arrive', async () => {
    const text = 'ж'.repeat(10 * 2 ** 20);
    await pool.request().input('p', sql.NVarChar(sql.MAX), text).query('select @p');
    const call = engine.calls.findLast((one) => one.kind === 'rpc');
    expect(call?.parameters[2]?.value === text).toBe(true);
  });

  it('of a table are refused, and the connection goes on', async () => {
    const table = new sql.Table('dbo.t');
    table.columns.add('a', sql.Int);
    table.rows.add(1);
    await expect(pool.request().input('t', table).execute('dbo.p')).rejects.toMatchObject({ number: 8016 });
    await pool.request().batch('select');
  });
});

describe('prepared statements', () => {
  it('are prepared, run and released through the procedures of the server', async () => {
    script = (call) => {
      if (call.kind !== 'rpc') return [];
      if (call.procedure === 'sp_prepare')
        return [{ kind: 'output-parameter', name: '@handle', type: { name: 'int' }, value: 17 }];
      if (call.procedure === 'sp_execute')
        return result([column('n', { name: 'int' })], [[call.parameters[1]?.value ?? null]]);
      return [];
    };
    const statement = new sql.PreparedStatement(pool);
    statement.input('p', sql.Int);
    await statement.prepare('select @p as n');
    expect((await statement.execute({ p: 3 })).recordset).toEqual([{ n: 3 }]);
    expect((await statement.execute({ p: 4 })).recordset).toEqual([{ n: 4 }]);
    await statement.unprepare();
    expect(engine.calls.filter((call) => call.kind === 'rpc').map((call) => call.procedure)).toEqual([
      'sp_prepare',
      'sp_execute',
      'sp_execute',
      'sp_unprepare',
    ]);
    const released = engine.calls.findLast((call) => call.kind === 'rpc');
    expect(released?.parameters[0]?.value).toBe(17);
  });
});

describe('transactions', () => {
  it('begin and commit through the transaction manager', async () => {
    const transaction = new sql.Transaction(pool);
    await transaction.begin(sql.ISOLATION_LEVEL.SNAPSHOT);
    await transaction.request().query('select 1');
    await transaction.commit();
    await pool.request().query('select 2');
    const kinds = engine.calls.map((call) => call.kind).filter((kind) => kind !== 'login' && kind !== 'close');
    expect(kinds).toEqual(['begin', 'rpc', 'commit', 'rpc']);
    expect(engine.calls.find((call) => call.kind === 'begin')).toMatchObject({ isolation: 'snapshot' });
  });

  it('have savepoints, and roll back to them or as a whole', async () => {
    const connection = await openConnection();
    const ask = (act: (done: (error?: Error | null) => void) => void) =>
      new Promise<void>((resolve, reject) => act((error) => (error ? reject(error) : resolve())));
    await ask((done) => connection.beginTransaction(done, 'tün', 4));
    await ask((done) => connection.saveTransaction(done, 'half'));
    await ask((done) => connection.rollbackTransaction(done, ''));
    expect(engine.calls.filter((call) => call.kind !== 'login' && call.kind !== 'close')).toEqual([
      { kind: 'begin', isolation: 'serializable', name: 'tün' },
      { kind: 'save', name: 'half' },
      { kind: 'rollback', name: '' },
    ]);
    await expect(ask((done) => connection.rollbackTransaction(done, ''))).rejects.toMatchObject({ number: 3903 });
    connection.close();
  });

  it('that the server rolled back are over for the driver', async () => {
    const transaction = new sql.Transaction(pool);
    await transaction.begin();
    script = () => [raise(1205, 'deadlock', 13), { kind: 'transaction-rolled-back', id: 0x1_0000_0033n }];
    await expect(transaction.request().query('update')).rejects.toMatchObject({ number: 1205 });
    await expect(transaction.commit()).rejects.toThrow();
    script = () => [];
    await pool.request().query('select');
  });

  it('refuse a request that does not say which one it belongs to', async () => {
    script = (call) =>
      call.kind === 'batch' && call.sql === 'begin tran' ? [{ kind: 'transaction-began', id: 77n }] : [];
    const connection = await openConnection();
    await runBatch(connection, 'begin tran');
    expect(await runBatch(connection, 'select')).toBeUndefined();
    const inside = connection as unknown as { transactionDescriptors: Buffer[] };
    inside.transactionDescriptors = [Buffer.alloc(8)];
    expect(await runBatch(connection, 'select')).toMatchObject({ number: 3989 });
    inside.transactionDescriptors = [Buffer.alloc(8, 1)];
    expect(await runBatch(connection, 'select')).toMatchObject({ number: 3971 });
    connection.close();
  });
});

function openConnection(): Promise<Connection> {
  const connection = new Connection({
    server: '127.0.0.1',
    authentication: { type: 'default', options: { userName: 'sa', password: 'Practice1' } },
    options: { port: server.port, encrypt: false, database: 'shop', requestTimeout: 60_000 },
  });
  return new Promise((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve(connection)));
  });
}

function runBatch(connection: Connection, text: string): Promise<Error | undefined> {
  return new Promise((resolve) => connection.execSqlBatch(new Request(text, (error) => resolve(error ?? undefined))));
}

async function* endless(signal: AbortSignal): AsyncIterable<EngineEvent> {
  yield { kind: 'columns', columns: [column('n', { name: 'int' })] };
  for (let n = 0; !signal.aborted; n += 100) {
    yield { kind: 'rows', rows: Array.from({ length: 100 }, (_none, index) => [n + index]) };
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a cancel', () => {
  it('stops a result half-way, and the connection goes on', async () => {
    script = (call, signal) =>
      statementOf(call) === 'endless' ? endless(signal) : result([column('n', { name: 'int' })], [[8]]);
    const request = pool.request();
    request.stream = true;
    request.once('row', () => request.cancel());
    const failure = new Promise((resolve) => request.on('error', resolve));
    void request.query('endless');
    expect(await failure).toMatchObject({ code: 'ECANCEL' });
    expect((await pool.request().query('select')).recordset).toEqual([{ n: 8 }]);
  });

  it('stops a statement that has not answered yet', async () => {
    let started: () => void = () => undefined;
    const running = new Promise<void>((resolve) => (started = resolve));
    script = async function* (call, signal) {
      if (statementOf(call) !== 'wait') return;
      started();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      yield { kind: 'done', rowCount: null };
    };
    const request = pool.request();
    const outcome = request.query('wait').catch((error: unknown) => error);
    await running;
    request.cancel();
    expect(await outcome).toMatchObject({ code: 'ECANCEL' });
    await pool.request().query('select');
  });

  it('that comes when everything was sent is acknowledged all the same', async () => {
    const connection = await openConnection();
    script = () => result([column('n', { name: 'int' })], [[1]]);
    for (let round = 0; round < 20; round += 1) {
      await new Promise<void>((resolve) => {
        const request = new Request('select', () => resolve());
        request.once('columnMetadata', () => connection.cancel());
        connection.execSqlBatch(request);
      });
    }
    expect(await runBatch(connection, 'select')).toBeUndefined();
    connection.close();
  });
});

describe('a connection', () => {
  it('is reset by the bit in the header of the next request', async () => {
    const connection = await openConnection();
    await new Promise<void>((resolve, reject) => connection.reset((error) => (error ? reject(error) : resolve())));
    expect(engine.calls.findLast((call) => call.kind === 'reset')).toEqual({ kind: 'reset', keepTransaction: false });
    connection.close();
  });

  it('that the client drops ends its session', async () => {
    let stopped = false;
    script = async function* (_call, signal) {
      yield* endless(signal);
      stopped = true;
    };
    const connection = await openConnection();
    const request = new Request('endless', () => undefined);
    const first = new Promise((resolve) => request.once('row', resolve));
    connection.execSqlBatch(request);
    await first;
    connection.close();
    await expect.poll(() => stopped).toBe(true);
    await expect.poll(() => engine.openSessions).toBe(0);
  });

  it('refuses cursors and bulk load with an error', async () => {
    const connection = await openConnection();
    const outcome = await new Promise((resolve) => connection.callProcedure(new Request('sp_cursoropen', resolve)));
    expect(outcome).toMatchObject({ number: 2812 });
    const loaded = await new Promise((resolve) => {
      const bulk = connection.newBulkLoad('dbo.t', resolve);
      bulk.addColumn('a', TYPES.Int, { nullable: true });
      connection.execBulkLoad(bulk, [{ a: 1 }]);
    });
    expect(loaded).toMatchObject({ number: 4002 });
    connection.close();
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

describe('a large result', () => {
  it('of a million rows waits for a reader that pauses', async () => {
    let produced = 0;
    script = function* () {
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
    const request = pool.request();
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
