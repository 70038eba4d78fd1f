import { afterEach, describe, expect, it } from 'vitest';
import type { EngineEvent, ResultColumn, SqlValue } from '../engine-contract.ts';
import { startTdsServer, type TdsServer } from '../server.ts';
import { batchMessage, connectLoggedIn } from './testing/raw-client.ts';
import { createScriptedEngine, type ScriptedEngine } from './testing/scripted-engine.ts';

const COLUMN: ResultColumn = {
  name: 'n',
  type: { name: 'int' },
  nullable: false,
  isIdentity: false,
  isComputed: false,
};

let server: TdsServer | undefined;
let engine: ScriptedEngine;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(resultCache?: { maxBytes: number }, rowCount = 20_000): Promise<number> {
  let value = 0;
  engine = createScriptedEngine({
    *script(call): Iterable<EngineEvent> {
      value += 1;
      yield { kind: 'columns', columns: [COLUMN] };
      yield { kind: 'rows', rows: new Array<SqlValue[]>(rowCount).fill([value]) };
      if (call.kind === 'batch' && call.sql.includes('failing'))
        yield { kind: 'message', message: { number: 8134, state: 1, class: 16, message: 'x', procedure: '', line: 1 } };
      yield { kind: 'done', rowCount };
    },
  });
  server = await startTdsServer({ engine, tls: { mode: 'none' }, ...(resultCache ? { resultCache } : {}) });
  return server.port;
}

/** How often the engine was asked when one batch was sent `times` times, and whether the answers were the same. */
async function repeat(port: number, sql: string, times = 3): Promise<{ asked: number; isSame: boolean }> {
  const client = await connectLoggedIn(port);
  const answers: Buffer[] = [];
  for (let round = 0; round < times; round += 1) answers.push((await client.ask(0x01, batchMessage(sql)))!);
  client.close();
  const asked = engine.calls.filter((call) => call.kind === 'batch' && call.sql === sql).length;
  return { asked, isSame: answers.every((answer) => answer.equals(answers[0]!)) };
}

describe('the cache of results', () => {
  it('is off unless it is asked for', async () => {
    expect(await repeat(await start(), 'select n from t')).toEqual({ asked: 3, isSame: false });
  });

  it('answers a plain SELECT with the same bytes, without the engine', async () => {
    const port = await start({ maxBytes: 1_000_000 });
    expect(await repeat(port, 'select n from t')).toEqual({ asked: 1, isSame: true });
    // For other connections, too.
    expect(await repeat(port, 'select n from t')).toEqual({ asked: 1, isSame: true });
  });

  it.each([
    'insert t values (1)',
    'select n into u from t',
    'select n from t; delete t',
    'select getdate() as n',
    'select @@spid',
    'select failing',
    'exec p',
  ])('does not keep the answer of %s', async (sql) => {
    expect(await repeat(await start({ maxBytes: 1_000_000 }), sql)).toMatchObject({ asked: 3 });
  });

  it('stops half-way at an attention', async () => {
    const port = await start({ maxBytes: 200_000_000 }, 4_000_000);
    const sql = 'select n from t';
    const client = await connectLoggedIn(port);
    const whole = await client.ask(0x01, batchMessage(sql));
    client.send(0x01, batchMessage(sql));
    await new Promise((resolve) => client.socket.once('data', resolve));
    client.send(0x06, Buffer.alloc(0));
    const cut = await client.next();
    const acknowledgment = await client.next();
    client.close();
    expect(cut!.length).toBeLessThan(whole!.length);
    // Whole rows of five bytes behind the metadata, then DONE with an error; then that the attention was seen.
    const end = cut!.length - 13;
    expect(cut!.toString('hex', end)).toBe('fd02000000' + '0000000000000000');
    expect(cut!.subarray(0, end).equals(whole!.subarray(0, end))).toBe(true);
    expect((end - 13) % 5).toBe(0);
    expect(acknowledgment?.toString('hex', 0, 3)).toBe('fd2000');
  });

  it('does not keep what is larger than itself, and lets the oldest go', async () => {
    const tooSmall = await start({ maxBytes: 50_000 });
    expect(await repeat(tooSmall, 'select n from t')).toMatchObject({ asked: 3 });
    await server?.close();
    // Each result has 20,000 rows of five bytes.
    const port = await start({ maxBytes: 250_000 });
    for (const name of ['a', 'b', 'c']) await repeat(port, `select ${name}`, 1);
    await repeat(port, 'select c', 1);
    await repeat(port, 'select a', 1);
    const asked = engine.calls.flatMap((call) => (call.kind === 'batch' ? [call.sql] : []));
    expect(asked).toEqual(['select a', 'select b', 'select c', 'select a']);
  });
});
