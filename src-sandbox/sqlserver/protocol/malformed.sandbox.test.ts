import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EngineEvent, ResultColumn } from '../engine-contract.ts';
import { startTdsServer, type TdsServer } from '../server.ts';
import { frameMessage } from './packets.ts';
import { PRACTICE_CERTIFICATE } from './testing/practice-certificate.ts';
import {
  batchMessage,
  connectLoggedIn,
  connectRaw,
  headers,
  login7Message,
  preloginMessage,
} from './testing/raw-client.ts';
import { createScriptedEngine, type ScriptedEngine } from './testing/scripted-engine.ts';

const { key, cert } = PRACTICE_CERTIFICATE;
const COLUMN: ResultColumn = {
  name: 'n',
  type: { name: 'int' },
  nullable: false,
  isIdentity: false,
  isComputed: false,
};

let server: TdsServer;
let engine: ScriptedEngine;
const log: string[] = [];

beforeEach(async () => {
  log.length = 0;
  engine = createScriptedEngine({
    *script(): Iterable<EngineEvent> {
      yield { kind: 'columns', columns: [COLUMN] };
      yield { kind: 'rows', rows: [[1]] };
      yield { kind: 'done', rowCount: 1 };
    },
  });
  server = await startTdsServer({
    engine,
    tls: { mode: 'offered', key, cert },
    maxMessageBytes: 100_000,
    log: (text) => log.push(text),
  });
});

afterEach(async () => {
  await server.close();
  expect(engine.openSessions).toBe(0);
});

/** COLMETADATA of COLUMN, and one row of it. */
const COLUMN_TOKEN = '81010000000000' + '0800' + '38' + '016e00';
const ROW_TOKEN = 'd101000000';
const done = (token: string, status: string, command: string, count = 0) =>
  `${token}${status}00${command}00${count.toString(16).padStart(2, '0')}00000000000000`;

describe('an answer byte by byte', () => {
  it('to a batch is COLMETADATA, ROW and DONE with the count', async () => {
    const client = await connectLoggedIn(server.port);
    const answer = await client.ask(0x01, batchMessage('select'));
    expect(answer?.toString('hex')).toBe(COLUMN_TOKEN + ROW_TOKEN + done('fd', '10', 'c1', 1));
    client.close();
  });

  it('to two calls in one request is that of both, and only the last DONEPROC is final', async () => {
    const client = await connectLoggedIn(server.port);
    const call = (flags: string) => Buffer.from(`ffff0a00${flags}`, 'hex');
    const answer = await client.ask(0x03, Buffer.concat([headers(), call('0000'), Buffer.from([0xff]), call('0200')]));
    const rest = ROW_TOKEN + done('ff', '11', 'c1', 1) + '7900000000';
    // The second call asks for no metadata.
    expect(answer?.toString('hex')).toBe(
      COLUMN_TOKEN + rest + done('fe', '01', 'e0') + '81ffff' + rest + done('fe', '00', 'e0'),
    );
    expect(engine.calls.filter((one) => one.kind === 'rpc')).toHaveLength(2);
    client.close();
  });

  it('to a parameter by name, at its default and by reference is what the engine is told', async () => {
    const client = await connectLoggedIn(server.port);
    const name = Buffer.from('p', 'utf16le');
    const parameters =
      '02' + '40006100' + '01' + '38' + '07000000' + '02' + '40006200' + '02' + '38' + '00000000' + '00' + '00' + '1f';
    await client.ask(
      0x03,
      Buffer.concat([headers(), Buffer.from([1, 0]), name, Buffer.from('0000' + parameters, 'hex')]),
    );
    expect(engine.calls.at(-1)).toEqual({
      kind: 'rpc',
      procedure: 'p',
      parameters: [
        { name: '@a', type: { name: 'int' }, value: 7, isOutput: true },
        { name: '', type: { name: 'nvarchar', length: 1 }, value: null, isOutput: false },
      ],
    });
    client.close();
  });

  it('to an attention while nothing runs is a DONE that acknowledges it', async () => {
    const client = await connectLoggedIn(server.port);
    const answer = await client.ask(0x06, Buffer.alloc(0));
    expect(answer?.toString('hex')).toBe(done('fd', '20', '00'));
    client.close();
  });

  it('to a request and an attention right behind it is their ends, and nothing is run', async () => {
    const client = await connectLoggedIn(server.port);
    const frame = (type: number, payload: Buffer) => frameMessage(payload, { type, packetBytes: 4096, spid: 0 });
    client.socket.write(Buffer.concat([frame(0x01, batchMessage('select')), frame(0x06, Buffer.alloc(0))]));
    expect((await client.next())?.toString('hex')).toBe(done('fd', '02', '00'));
    expect((await client.next())?.toString('hex')).toBe(done('fd', '20', '00'));
    expect(engine.calls.some((call) => call.kind === 'batch')).toBe(false);
    client.close();
  });

  it('to a message that its sender gave up is a single DONE, and nothing is run', async () => {
    const client = await connectLoggedIn(server.port);
    const packet = frameMessage(batchMessage('select'), { type: 1, packetBytes: 4096, spid: 0 });
    packet[1] = 0x03;
    client.socket.write(packet);
    expect((await client.next())?.toString('hex')).toBe(done('fd', '02', '00'));
    expect(engine.calls.some((call) => call.kind === 'batch')).toBe(false);
    client.close();
  });

  it('to the reset bits begins with their acknowledgment', async () => {
    const client = await connectLoggedIn(server.port);
    for (const [bit, keepTransaction] of [
      [0x08, false],
      [0x10, true],
    ] as const) {
      const packet = frameMessage(batchMessage('select'), { type: 1, packetBytes: 4096, spid: 0 });
      packet[1] = 0x01 | bit;
      client.socket.write(packet);
      expect((await client.next())?.toString('hex').startsWith('e30300120000')).toBe(true);
      expect(engine.calls.findLast((call) => call.kind === 'reset')).toMatchObject({ keepTransaction });
    }
    client.close();
  });

  it('to the end of a transaction may tell of the next one that begins', async () => {
    const client = await connectLoggedIn(server.port);
    const ask = (descriptor: bigint, request: string) =>
      client.ask(0x0e, Buffer.concat([headers(descriptor), Buffer.from(request, 'hex')]));
    const begun = await ask(0n, '0500' + '00' + '00');
    expect(begun?.toString('hex', 0, 5)).toBe('e30b000808');
    const descriptor = begun!.readBigUInt64LE(5);
    // fBeginXact, with an isolation level and no name.
    const next = await ask(descriptor, '0700' + '00' + '01' + '04' + '00');
    expect(next?.toString('hex', 0, 6)).toBe('e30b00090008');
    expect(next?.toString('hex', 14, 19)).toBe('e30b000808');
    const kinds = engine.calls.filter((call) => call.kind === 'begin' || call.kind === 'commit');
    expect(kinds).toEqual([
      { kind: 'begin', isolation: null, name: '' },
      { kind: 'commit' },
      { kind: 'begin', isolation: 'serializable', name: '' },
    ]);
    client.close();
  });

  it('to requests sent without waiting comes in their order', async () => {
    const client = await connectLoggedIn(server.port);
    for (let index = 0; index < 5; index += 1) client.send(0x01, batchMessage(`select ${index}`));
    for (let index = 0; index < 5; index += 1) expect((await client.next())?.[0]).toBe(0x81);
    expect(engine.calls.flatMap((call) => (call.kind === 'batch' ? [call.sql] : []))).toEqual(
      Array.from({ length: 5 }, (_none, index) => `select ${index}`),
    );
    client.close();
  });
});

describe('a malformed message', () => {
  it.each<[string, number, Buffer]>([
    ['a batch without headers', 0x01, Buffer.alloc(0)],
    ['headers longer than the message', 0x01, Buffer.from('ffffffff', 'hex')],
    ['a header shorter than itself', 0x01, Buffer.from('0a000000020000000200', 'hex')],
    ['half a character', 0x01, Buffer.concat([headers(), Buffer.from([0x41])])],
    ['a call that is cut off', 0x03, Buffer.concat([headers(), Buffer.from('ffff0a', 'hex')])],
    ['a parameter of no type', 0x03, Buffer.concat([headers(), Buffer.from('ffff0a00000000' + '00ee', 'hex')])],
    ['an unknown isolation level', 0x0e, Buffer.concat([headers(), Buffer.from('05000900', 'hex')])],
    ['an unknown request of the transaction manager', 0x0e, Buffer.concat([headers(), Buffer.from('6300', 'hex')])],
    ['a second login', 0x10, login7Message({})],
    ['a message that is too long', 0x01, Buffer.alloc(100_001)],
  ])('ends the connection: %s', async (_name, type, payload) => {
    const client = await connectLoggedIn(server.port);
    expect(await client.ask(type, payload)).toBeNull();
    await expect.poll(() => server.connections).toBe(0);
    expect(log).toHaveLength(1);
    expect(log[0]).toContain('ProtocolError');
  });

  it.each<[string, string]>([
    ['a procedure without a number that exists', 'ffff63000000'],
    ['an encrypted parameter', 'ffff0a000000' + '0008' + '38' + '00000000'],
    ['the wish not to run anything', 'ffff0a000000' + 'fe'],
  ])('is refused with an error where it can be told: %s', async (_name, hex) => {
    const client = await connectLoggedIn(server.port);
    const answer = await client.ask(0x03, Buffer.concat([headers(), Buffer.from(hex, 'hex')]));
    expect(answer?.[0]).toBe(0xaa);
    expect(answer?.readInt32LE(3)).toBe(8016);
    expect((await client.ask(0x01, batchMessage('select')))?.[0]).toBe(0x81);
    client.close();
  });
});

describe('random bytes', () => {
  const random = createRandom(20_261_121);
  const noise = (length: number) => Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));

  it('never do more than end their own connection', async () => {
    const witness = await connectLoggedIn(server.port);
    for (let round = 0; round < 150; round += 1) {
      const client = await connectRaw(server.port);
      client.socket.write(noise(1 + Math.floor(random() * 300)));
      client.socket.end();
      await client.closed;
    }
    expect((await witness.ask(0x01, batchMessage('select')))?.[0]).toBe(0x81);
    witness.close();
  });

  it.each([
    ['PRELOGIN', 0x12, preloginMessage(2)],
    ['PRELOGIN that asks for encryption', 0x12, preloginMessage(1)],
    ['LOGIN7', 0x10, login7Message({ database: 'shop' })],
  ] as const)('in a %s never do more either', async (_name, type, message) => {
    for (let round = 0; round < 150; round += 1) {
      const client = await connectRaw(server.port);
      if (type === 0x10) await client.ask(0x12, preloginMessage(2));
      client.send(type, damage(message));
      client.socket.end();
      await client.closed;
    }
    const witness = await connectLoggedIn(server.port);
    expect((await witness.ask(0x01, batchMessage('select')))?.[0]).toBe(0x81);
    witness.close();
  });

  it('in requests never do more either', async () => {
    const call = Buffer.concat([
      headers(),
      Buffer.from('ffff0a000000', 'hex'),
      Buffer.from('0000e7ffff0904d00034feffffffffffffff02000000610000000000', 'hex'),
      Buffer.from('00006a11260a1101000000000000000000000000000000000000620000000009000000a7070904d00034050061', 'hex'),
    ]);
    const messages: [number, Buffer][] = [
      [0x01, batchMessage('select')],
      [0x03, call],
      [0x0e, Buffer.concat([headers(), Buffer.from('0500000461006200', 'hex')])],
    ];
    for (let round = 0; round < 150; round += 1) {
      const client = await connectLoggedIn(server.port);
      const [type, message] = messages[round % messages.length]!;
      client.send(type, damage(message));
      client.socket.end();
      await client.closed;
    }
    await expect.poll(() => server.connections).toBe(0);
    expect(log.filter((line) => !line.includes('ProtocolError'))).toEqual([]);
  });

  function damage(message: Buffer): Buffer {
    const damaged = Buffer.from(message);
    for (let count = 1 + Math.floor(random() * 4); count > 0; count -= 1)
      damaged[Math.floor(random() * damaged.length)] = Math.floor(random() * 256);
    return random() < 0.3 ? damaged.subarray(0, Math.floor(random() * damaged.length)) : damaged;
  }
});

/** Mulberry32: the same bytes in every run. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
