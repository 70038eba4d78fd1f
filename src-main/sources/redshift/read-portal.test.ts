import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { WireBatch } from '../../extract/column-batch.ts';
import { createRowPortal, type PortalOptions, type RowPortal } from './read-portal.ts';

type Row = (string | null)[];

const PARSED = [message('1'), message('2'), message('T', Buffer.from([0, 2]))];
const READY = message('Z', Buffer.from('I'));

function message(type: string, body: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function dataRow(cells: Row): Buffer {
  const count = Buffer.alloc(2);
  count.writeInt16BE(cells.length);
  const parts = cells.map((cell) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(cell === null ? -1 : Buffer.byteLength(cell));
    return Buffer.concat([length, Buffer.from(cell ?? '')]);
  });
  return message('D', Buffer.concat([count, ...parts]));
}

const complete = (tag: string): Buffer => message('C', Buffer.from(`${tag}\0`));

/** A driver's connection: what comes back to its own listener is kept, and answered as the driver would answer it. */
function fakeConnection(portal: RowPortal) {
  const returned: Buffer[] = [];
  const stream = Object.assign(new EventEmitter(), {
    isPaused: false,
    pause: () => (stream.isPaused = true),
    resume: () => (stream.isPaused = false),
    cork: () => undefined,
    uncork: () => undefined,
  });
  const driver = portal as unknown as Record<string, (given?: unknown) => void>;
  stream.on('data', (chunk: Buffer) => {
    returned.push(Buffer.from(chunk));
    const text = chunk.toString('latin1');
    const tag = /^C....([^\0]*)\0/s.exec(text)?.[1];
    if (text.startsWith('E')) driver['handleError']?.(new Error('the server says no'));
    if (tag !== undefined) driver['handleCommandComplete']?.({ text: tag });
    if (/Z\0\0\0\x05I$/.test(text)) driver['handleReadyForQuery']?.();
  });
  const call = (): void => undefined;
  portal.submit({ stream, parse: call, bind: call, describe: call, execute: call, sync: call } as never);
  return { stream, returned };
}

function open(patch: Partial<PortalOptions> = {}): { portal: RowPortal; rows: Row[]; failures: Error[] } {
  const rows: Row[] = [];
  const failures: Error[] = [];
  const portal = createRowPortal({
    statement: 'SELECT',
    columnCount: 2,
    batchBytes: 256,
    onBatch: (batch) => void rows.push(...readBatch(batch, 2)),
    onFailure: (error) => {
      failures.push(error);
      portal.discard();
    },
    ...patch,
  });
  return { portal, rows, failures };
}

function readBatch({ bytes, rowCount, stride, starts, lengths }: WireBatch, columnCount: number): Row[] {
  return Array.from({ length: rowCount }, (_, row) =>
    Array.from({ length: columnCount }, (_unused, column) => {
      const at = column * stride + row;
      const length = lengths[at] as number;
      const start = starts[at] as number;
      return length < 0 ? null : Buffer.from(bytes.subarray(start, start + length)).toString('utf8');
    }),
  );
}

const ROWS: Row[] = Array.from({ length: 120 }, (_, row) => [
  row % 7 === 0 ? null : String(row),
  row === 60 ? 'x'.repeat(9000) : row % 5 === 0 ? '' : `tёxt ${'z'.repeat(row)}`,
]);

function send(stream: EventEmitter, bytes: Buffer, chunkBytes: number): void {
  for (let at = 0; at < bytes.length; at += chunkBytes) stream.emit('data', bytes.subarray(at, at + chunkBytes));
}

describe('createRowPortal', () => {
  it.each([1, 2, 3, 7, 64, 255, 4096, 1e6])(
    'finds the same rows when they come in chunks of %i bytes',
    async (size) => {
      const { portal, rows } = open();
      const { stream, returned } = fakeConnection(portal);
      send(stream, Buffer.concat([...PARSED, ...ROWS.map(dataRow), complete('SELECT 120'), READY]), size);
      expect(await portal.done).toEqual({ rows: 120, serverRows: 120 });
      expect(rows).toEqual(ROWS);
      expect(Buffer.concat(returned).toString('latin1')).toMatch(/^C[^D]*Z/s);
    },
  );

  it('knows no number of rows where the server says none, as Redshift does', async () => {
    const { portal } = open();
    const { stream } = fakeConnection(portal);
    send(stream, Buffer.concat([...PARSED, dataRow(['1', '2']), complete('SELECT'), READY]), 1e6);
    expect(await portal.done).toEqual({ rows: 1, serverRows: null });
  });

  it('lets the socket rest while a batch is being worked on, and takes up what came meanwhile', async () => {
    let release = (): void => undefined;
    const rows: Row[] = [];
    const { portal } = open({
      onBatch(batch) {
        rows.push(...readBatch(batch, 2));
        return new Promise((resolve) => (release = resolve));
      },
    });
    const { stream } = fakeConnection(portal);
    const bytes = Buffer.concat([...PARSED, ...ROWS.slice(0, 40).map(dataRow), complete('SELECT 40'), READY]);
    send(stream, bytes, 300);
    expect(stream.isPaused).toBe(true);
    const before = rows.length;
    expect(before).toBeLessThan(40);
    while (stream.isPaused) {
      release();
      await new Promise(setImmediate);
    }
    expect(await portal.done).toEqual({ rows: 40, serverRows: 40 });
    expect(rows).toEqual(ROWS.slice(0, 40));
  });

  it('hands notices to the driver while rows come', async () => {
    const { portal, rows } = open();
    const { stream, returned } = fakeConnection(portal);
    const notice = message('N', Buffer.from('Mhello\0\0'));
    send(
      stream,
      Buffer.concat([...PARSED, dataRow(['1', '2']), notice, dataRow(['3', '4']), complete('SELECT 2'), READY]),
      5,
    );
    await portal.done;
    expect(rows).toEqual([
      ['1', '2'],
      ['3', '4'],
    ]);
    expect(returned[0]?.equals(notice)).toBe(true);
  });

  it('leaves an error in the middle of the rows to the driver', async () => {
    const { portal } = open();
    const { stream } = fakeConnection(portal);
    const failed = expect(portal.done).rejects.toThrow('the server says no');
    send(stream, Buffer.concat([...PARSED, dataRow(['1', '2']), message('E', Buffer.from('Mno\0\0')), READY]), 9);
    await failed;
  });

  it('gives the driver the last words of a server that closes the connection', async () => {
    const { portal } = open();
    const { stream } = fakeConnection(portal);
    const failed = expect(portal.done).rejects.toThrow('the server says no');
    send(stream, Buffer.concat([...PARSED, message('E', Buffer.from('Mgoing down\0\0'))]), 1e6);
    stream.emit('close');
    await failed;
  });

  it('reports what the handler threw and drops the rows that still come', async () => {
    let batches = 0;
    const { portal, failures } = open({
      onBatch() {
        batches++;
        throw new Error('cannot carry this');
      },
    });
    const { stream } = fakeConnection(portal);
    const failed = expect(portal.done).rejects.toThrow('cannot carry this');
    send(stream, Buffer.concat([...PARSED, ...ROWS.map(dataRow), complete('SELECT 120'), READY]), 100);
    await failed;
    expect(batches).toBe(1);
    expect(failures).toHaveLength(1);
  });

  it('refuses rows with another number of columns', async () => {
    const { portal, rows } = open();
    const { stream } = fakeConnection(portal);
    const failed = expect(portal.done).rejects.toThrow('does not have the columns');
    send(stream, Buffer.concat([...PARSED, dataRow(['1', '2', '3']), complete('SELECT 1'), READY]), 1e6);
    await failed;
    expect(rows).toEqual([]);
  });
});
