import sql from 'mssql';
import { Request, TYPES } from 'tedious';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EngineEvent } from '../engine-contract.ts';
import { column, raise, result } from './testing/events.ts';
import { statementOf } from './testing/scripted-engine.ts';
import { runBatch, startScriptedServer, type ScriptedServer } from './testing/scripted-server.ts';

let on: ScriptedServer;

beforeEach(async () => {
  on = await startScriptedServer();
});

afterEach(async () => {
  await on.close();
  expect(on.engine.openSessions).toBe(0);
});

describe('transactions', () => {
  it('begin and commit through the transaction manager', async () => {
    const transaction = new sql.Transaction(on.pool);
    await transaction.begin(sql.ISOLATION_LEVEL.SNAPSHOT);
    await transaction.request().query('select 1');
    await transaction.commit();
    await on.pool.request().query('select 2');
    const kinds = on.engine.calls.map((call) => call.kind).filter((kind) => kind !== 'login' && kind !== 'close');
    expect(kinds).toEqual(['begin', 'rpc', 'commit', 'rpc']);
    expect(on.engine.calls.find((call) => call.kind === 'begin')).toMatchObject({ isolation: 'snapshot' });
  });

  it('have savepoints, and roll back to them or as a whole', async () => {
    const connection = await on.openConnection();
    const ask = (act: (done: (error?: Error | null) => void) => void) =>
      new Promise<void>((resolve, reject) => act((error) => (error ? reject(error) : resolve())));
    await ask((done) => connection.beginTransaction(done, 'tün', 4));
    await ask((done) => connection.saveTransaction(done, 'half'));
    await ask((done) => connection.rollbackTransaction(done, ''));
    expect(on.engine.calls.filter((call) => call.kind !== 'login' && call.kind !== 'close')).toEqual([
      { kind: 'begin', isolation: 'serializable', name: 'tün' },
      { kind: 'save', name: 'half' },
      { kind: 'rollback', name: '' },
    ]);
    await expect(ask((done) => connection.rollbackTransaction(done, ''))).rejects.toMatchObject({ number: 3903 });
    connection.close();
  });

  it('that the server rolled back are over for the driver', async () => {
    const transaction = new sql.Transaction(on.pool);
    await transaction.begin();
    on.script = () => [raise(1205, 'deadlock', 13), { kind: 'transaction-rolled-back', id: 0x1_0000_0033n }];
    await expect(transaction.request().query('update')).rejects.toMatchObject({ number: 1205 });
    await expect(transaction.commit()).rejects.toThrow();
    on.script = () => [];
    await on.pool.request().query('select');
  });

  it('refuse a request that does not say which one it belongs to', async () => {
    on.script = (call) =>
      call.kind === 'batch' && call.sql === 'begin tran' ? [{ kind: 'transaction-began', id: 77n }] : [];
    const connection = await on.openConnection();
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

describe('a cancel', () => {
  it('stops a result half-way, and the connection goes on', async () => {
    on.script = (call, signal) =>
      statementOf(call) === 'endless' ? endless(signal) : result([column('n', { name: 'int' })], [[8]]);
    const request = on.pool.request();
    request.stream = true;
    request.once('row', () => request.cancel());
    const failure = new Promise((resolve) => request.on('error', resolve));
    void request.query('endless');
    expect(await failure).toMatchObject({ code: 'ECANCEL' });
    expect((await on.pool.request().query('select')).recordset).toEqual([{ n: 8 }]);
  });

  it('stops a statement that has not answered yet', async () => {
    let started: () => void = () => undefined;
    const running = new Promise<void>((resolve) => (started = resolve));
    on.script = async function* (call, signal) {
      if (statementOf(call) !== 'wait') return;
      started();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      yield { kind: 'done', rowCount: null };
    };
    const request = on.pool.request();
    const outcome = request.query('wait').catch((error: unknown) => error);
    await running;
    request.cancel();
    expect(await outcome).toMatchObject({ code: 'ECANCEL' });
    await on.pool.request().query('select');
  });

  it('that comes when everything was sent is acknowledged all the same', async () => {
    const connection = await on.openConnection();
    on.script = () => result([column('n', { name: 'int' })], [[1]]);
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
    const connection = await on.openConnection();
    await new Promise<void>((resolve, reject) => connection.reset((error) => (error ? reject(error) : resolve())));
    expect(on.engine.calls.findLast((call) => call.kind === 'reset')).toEqual({
      kind: 'reset',
      keepTransaction: false,
    });
    connection.close();
  });

  it('that the client drops ends its session', async () => {
    let stopped = false;
    on.script = async function* (_call, signal) {
      yield* endless(signal);
      stopped = true;
    };
    const connection = await on.openConnection();
    const request = new Request('endless', () => undefined);
    const first = new Promise((resolve) => request.once('row', resolve));
    connection.execSqlBatch(request);
    await first;
    connection.close();
    await expect.poll(() => stopped).toBe(true);
    await expect.poll(() => on.engine.openSessions).toBe(0);
  });

  it('refuses cursors and bulk load with an error', async () => {
    const connection = await on.openConnection();
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

async function* endless(signal: AbortSignal): AsyncIterable<EngineEvent> {
  yield { kind: 'columns', columns: [column('n', { name: 'int' })] };
  for (let n = 0; !signal.aborted; n += 100) {
    yield { kind: 'rows', rows: Array.from({ length: 100 }, (_none, index) => [n + index]) };
    await new Promise((resolve) => setImmediate(resolve));
  }
}
