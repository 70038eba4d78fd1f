import sql from 'mssql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SqlType, SqlValue } from '../engine-contract.ts';
import { column, LEAP_DAY_TICKS, result } from './testing/events.ts';
import { startScriptedServer, type ScriptedServer } from './testing/scripted-server.ts';

let on: ScriptedServer;

beforeEach(async () => {
  on = await startScriptedServer();
});

afterEach(async () => {
  await on.close();
  expect(on.engine.openSessions).toBe(0);
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
      LEAP_DAY_TICKS - 1234n,
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
    await on.pool
      .request()
      .input('p', type as sql.ISqlType, value)
      .input('q', type as sql.ISqlType, null)
      .query('select @p, @q');
    const call = on.engine.calls.findLast((one) => one.kind === 'rpc');
    expect(call?.procedure).toBe('sp_executesql');
    expect(call?.parameters[0]).toMatchObject({ value: 'select @p, @q' });
    expect(call?.parameters[2]).toEqual({ name: '@p', type: expectedType, value: expected, isOutput: false });
    expect(call?.parameters[3]).toMatchObject({ name: '@q', value: null });
  });

  it('that are output come back, with the status of the procedure', async () => {
    on.script = () => [
      ...result([column('n', { name: 'int' })], [[1]]),
      { kind: 'return-status', value: -6 },
      { kind: 'output-parameter', name: '@o', type: { name: 'nvarchar', length: -1 }, value: 'ж'.repeat(10_000) },
      { kind: 'output-parameter', name: '@m', type: { name: 'int' }, value: null },
    ];
    const request = on.pool.request().output('o', sql.NVarChar(sql.MAX)).output('m', sql.Int);
    const outcome = await request.execute('dbo.p');
    expect(outcome.returnValue).toBe(-6);
    expect(outcome.output).toEqual({ o: 'ж'.repeat(10_000), m: null });
    expect(outcome.recordset).toEqual([{ n: 1 }]);
    expect(on.engine.calls.findLast((one) => one.kind === 'rpc')).toMatchObject({
      procedure: 'dbo.p',
      parameters: [
        { name: '@o', isOutput: true },
        { name: '@m', isOutput: true },
      ],
    });
  });

  it('of 20 MB arrive', async () => {
    const text = 'ж'.repeat(10 * 2 ** 20);
    await on.pool.request().input('p', sql.NVarChar(sql.MAX), text).query('select @p');
    const call = on.engine.calls.findLast((one) => one.kind === 'rpc');
    expect(call?.parameters[2]?.value === text).toBe(true);
  });

  it('of a table are refused, and the connection goes on', async () => {
    const table = new sql.Table('dbo.t');
    table.columns.add('a', sql.Int);
    table.rows.add(1);
    await expect(on.pool.request().input('t', table).execute('dbo.p')).rejects.toMatchObject({ number: 8016 });
    await on.pool.request().batch('select');
  });
});

describe('prepared statements', () => {
  it('are prepared, run and released through the procedures of the server', async () => {
    on.script = (call) => {
      if (call.kind !== 'rpc') return [];
      if (call.procedure === 'sp_prepare')
        return [{ kind: 'output-parameter', name: '@handle', type: { name: 'int' }, value: 17 }];
      if (call.procedure === 'sp_execute')
        return result([column('n', { name: 'int' })], [[call.parameters[1]?.value ?? null]]);
      return [];
    };
    const statement = new sql.PreparedStatement(on.pool);
    statement.input('p', sql.Int);
    await statement.prepare('select @p as n');
    expect((await statement.execute({ p: 3 })).recordset).toEqual([{ n: 3 }]);
    expect((await statement.execute({ p: 4 })).recordset).toEqual([{ n: 4 }]);
    await statement.unprepare();
    expect(on.engine.calls.filter((call) => call.kind === 'rpc').map((call) => call.procedure)).toEqual([
      'sp_prepare',
      'sp_execute',
      'sp_execute',
      'sp_unprepare',
    ]);
    const released = on.engine.calls.findLast((call) => call.kind === 'rpc');
    expect(released?.parameters[0]?.value).toBe(17);
  });
});
