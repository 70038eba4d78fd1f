import { afterEach, describe, expect, it } from 'vitest';
import type { Connection } from 'tedious';
import { connectTo, startFakeServer, type FakeServer, type Script } from './testing/fake-server.ts';
import { colMetadata, done, errorMessage, row, shortColumn } from './testing/wire-bytes.ts';
import { openWireAnswer } from './wire-answer.ts';

const COLUMNS = [shortColumn('c1', [0xa5, 0x40, 0x1f])];
const NEVER = new AbortController().signal;
const HEAD = colMetadata(COLUMNS);
const VALUE = new Uint8Array(1000).fill(7);
const ROW = Uint8Array.from(row(COLUMNS, [VALUE]));

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function connect(script: Script, options?: { acknowledges: boolean }): Promise<[Connection, FakeServer]> {
  const server = await startFakeServer(script, options);
  closers.push(() => server.close());
  const connection = await connectTo(server);
  closers.push(() => connection.close());
  return [connection, server];
}

function rows(count: number): Uint8Array {
  return Buffer.concat(Array.from({ length: count }, () => ROW));
}

function answer(...parts: (Uint8Array | number[])[]): Uint8Array {
  return Buffer.concat(parts.map((part) => Uint8Array.from(part)));
}

async function open(connection: Connection, signal = NEVER) {
  const opened = await openWireAnswer(connection, 'SELECT c1', { signal });
  if (!opened) throw new Error('the driver was not taken over');
  return opened;
}

describe('openWireAnswer', () => {
  it('knows the columns before any row is asked for, and hands over every row', async () => {
    const [connection, server] = await connect(({ send }) => send(answer(HEAD, rows(5000), done(5000))));
    const opened = await open(connection);
    let count = 0;

    const { serverRows } = await opened.readRows(
      (batch) => {
        count += batch.rowCount;
        return undefined;
      },
      { signal: NEVER },
    );

    expect(opened.columns).toMatchObject([{ name: 'c1', kind: 'binary', size: 8000 }]);
    expect({ count, serverRows }).toEqual({ count: 5000, serverRows: 5000 });
    expect(server.received).toEqual(['SELECT c1']);
  });

  it('gives the connection back to the driver for the next statement', async () => {
    const [connection] = await connect(({ send }) => send(answer(HEAD, ROW, done(1))));
    for (let round = 0; round < 3; round += 1) {
      const opened = await open(connection);
      await expect(opened.readRows(() => undefined, { signal: NEVER })).resolves.toEqual({ serverRows: 1 });
    }
  });

  it('takes nothing from the socket while rows are being handled', async () => {
    let written = 0;
    const total = 40 * 1024 * 1024;
    const [connection] = await connect(({ send, socket }) => {
      send(answer(HEAD), { isLast: false });
      const piece = rows(1000);
      const next = (): void => {
        while (written < total) {
          written += piece.length;
          send(piece, { isLast: false });
          if (socket.writableNeedDrain) {
            socket.once('drain', next);
            return;
          }
        }
        send(Uint8Array.from(done(1)));
      };
      next();
    });
    const opened = await open(connection);
    let release = (): void => undefined;
    let isFirst = true;
    const first = new Promise<void>((resolve) => {
      release = resolve;
    });
    const reading = opened.readRows(
      () => {
        if (!isFirst) return undefined;
        isFirst = false;
        return first;
      },
      { signal: NEVER },
    );
    // The buffers of both sockets are full when nothing more could be written for a while.
    let last = -1;
    while (last !== written) {
      last = written;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const heldAt = written;
    release();
    await reading;

    expect(heldAt).toBeLessThan(total / 2);
    expect(written).toBeGreaterThanOrEqual(total);
  });

  it('rejects with what the server says instead of columns', async () => {
    const [connection] = await connect(({ send }) =>
      send(answer(errorMessage(208, 16, "Invalid object name 'dbo.t'."), done(0, 0x02))),
    );
    await expect(open(connection)).rejects.toMatchObject({
      name: 'ServerError',
      number: 208,
      severity: 16,
      line: 3,
      message: "Invalid object name 'dbo.t'.",
    });
  });

  it('rejects with what the server says in the middle of the rows', async () => {
    const [connection] = await connect(({ send }) =>
      send(answer(HEAD, rows(300), errorMessage(1205, 13, 'deadlock victim'), done(0, 0x02))),
    );
    const opened = await open(connection);
    await expect(opened.readRows(() => undefined, { signal: NEVER })).rejects.toMatchObject({ number: 1205 });
  });

  it.each([
    ['after the columns', answer(HEAD, rows(3)), /without a DONE/],
    ['inside of a row', answer(HEAD, ROW.subarray(0, 100)), /ends inside of the token/],
    ['with a DONE that announces more', answer(HEAD, ROW, done(1, 0x11)), /without a DONE/],
    ['with a DONE that does not count', answer(HEAD, ROW, done(0, 0)), /did not say how many rows/],
    ['with a second result', answer(HEAD, ROW, done(1, 0x11), HEAD, ROW, done(1)), /more than one result/],
  ])('refuses an answer that ends %s', async (_where, bytes, message) => {
    const [connection] = await connect(({ send }) => send(bytes));
    const opened = await open(connection);
    await expect(opened.readRows(() => undefined, { signal: NEVER })).rejects.toThrow(message);
  });

  it.each([
    ['while the columns are awaited', answer([])],
    ['while rows come', answer(HEAD, rows(600))],
    ['in the middle of a row', answer(HEAD, ROW.subarray(0, 500))],
  ])('rejects when the connection is lost %s', async (_when, bytes) => {
    const [connection] = await connect(({ send, socket }) => {
      if (bytes.length > 0) send(bytes, { isLast: false });
      socket.end();
    });
    const reading = open(connection).then((opened) => opened.readRows(() => undefined, { signal: NEVER }));
    await expect(reading).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('cancelling', () => {
  const endless: Script = ({ send }) => send(answer(HEAD, rows(600)), { isLast: false });

  it('sends an attention while rows come, waits for its answer, and leaves the connection usable', async () => {
    let script = endless;
    const [connection, server] = await connect((batch) => script(batch));
    const opened = await open(connection);
    const controller = new AbortController();

    const reading = opened.readRows(
      () => {
        controller.abort();
        return undefined;
      },
      { signal: controller.signal },
    );

    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
    expect(server.received).toEqual(['SELECT c1', 'attention']);
    script = ({ send }) => send(answer(HEAD, ROW, done(1)));
    const again = await open(connection);
    await expect(again.readRows(() => undefined, { signal: NEVER })).resolves.toEqual({ serverRows: 1 });
  });

  it('hands over nothing more', async () => {
    const [connection] = await connect(({ send }) => send(answer(HEAD, rows(600), done(600))));
    const opened = await open(connection);
    const controller = new AbortController();
    let batches = 0;
    const reading = opened.readRows(
      () => {
        batches += 1;
        controller.abort();
        return undefined;
      },
      { signal: controller.signal },
    );

    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
    expect(batches).toBe(1);
  });

  it('does not wait for a handler that is still at work', async () => {
    const [connection, server] = await connect(endless);
    const opened = await open(connection);
    const controller = new AbortController();
    const reading = opened.readRows(
      () => {
        setImmediate(() => controller.abort());
        return new Promise(() => undefined);
      },
      { signal: controller.signal },
    );

    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
    expect(server.received).toContain('attention');
    expect(connection).toMatchObject({ closed: false });
  });

  it('ends a statement that has not answered yet', async () => {
    const controller = new AbortController();
    const [connection, server] = await connect(() => controller.abort());

    await expect(open(connection, controller.signal)).rejects.toMatchObject({ name: 'AbortError' });
    expect(server.received).toEqual(['SELECT c1', 'attention']);
  });

  it('ends with the error of the handler, and cancels the statement for it', async () => {
    const [connection, server] = await connect(endless);
    const opened = await open(connection);

    const reading = opened.readRows(() => Promise.reject(new Error('disk full')), { signal: NEVER });

    await expect(reading).rejects.toThrow('disk full');
    expect(server.received).toContain('attention');
  });

  it('gives up waiting for a server that does not answer the attention', async () => {
    const [connection] = await connect(endless, { acknowledges: false });
    const opened = await open(connection);
    const controller = new AbortController();

    const reading = opened.readRows(
      () => {
        controller.abort();
        return undefined;
      },
      { signal: controller.signal },
    );

    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('sends nothing for a signal that was aborted before', async () => {
    const [connection, server] = await connect(endless);
    await expect(open(connection, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
    expect(server.received).toEqual([]);
  });
});
