import type { Socket } from 'node:net';
import type pg from 'pg';
import type { WireBatch } from '../../extract/column-batch.ts';
import { borrowBytes, returnBytes } from './lending-socket.ts';
import { createRowScanner, DATA_ROW, readInt32 } from './read-scan.ts';

/**
 * A statement whose rows never become strings or objects. While it runs, its bytes are taken off the driver's socket, and the cells are found in them;
 * everything but rows goes to the driver, which keeps login, TLS and errors. The driver's own parser makes a string of each cell before anybody else sees it.
 */
export interface RowPortal extends pg.Submittable {
  /** Resolves when the server is ready for the next statement; rejects with the driver's error, or with what `onBatch` threw. */
  readonly done: Promise<PortalEnd>;
  /** From now on rows are read and dropped: the statement is being cancelled. */
  discard(): void;
}

export interface PortalEnd {
  rows: number;
  /** As CommandComplete says it, or null when it names no number, as servers older than PostgreSQL 9.0 do; Redshift is one of them. */
  serverRows: number | null;
}

export interface PortalOptions {
  statement: string;
  columnCount: number;
  /** While the promise is open the socket rests, and with it the server. */
  onBatch(batch: WireBatch): Promise<void> | undefined;
  /** Called once when `onBatch` failed or the rows are not what was asked for: the statement has to be cancelled, and `discard` called. */
  onFailure(error: Error): void;
  batchBytes?: number;
}

interface DriverConnection {
  stream: Socket;
  parse(message: { text: string }): void;
  bind(message: { portal: string }): void;
  describe(message: { type: 'P'; name: string }): void;
  execute(message: { portal: string; rows: number }): void;
  sync(): void;
}

const BATCH_BYTES = 256 * 1024;
const PORTAL = 'snowferry';
const MESSAGE = { rowDescription: 84, parseComplete: 49, bindComplete: 50, noData: 110 } as const;
/** NoticeResponse, ParameterStatus, NotificationResponse: they may come at any time. */
const ASIDE = new Set([78, 83, 65]);

export function createRowPortal(options: PortalOptions): RowPortal {
  const { statement, columnCount, onBatch, batchBytes = BATCH_BYTES } = options;
  const scanner = createRowScanner(columnCount, batchBytes);
  let bytes = allocate(batchBytes + 64 * 1024);
  let filled = 0;
  let rows = 0;
  let tag = '';
  let isDiscarding = false;
  let hasSocket = false;
  let isBusy = false;
  let failure: Error | null = null;
  let socket: Socket;
  let driverListener: (chunk: Buffer) => void;
  let settle: { resolve(end: PortalEnd): void; reject(error: Error): void };
  const done = new Promise<PortalEnd>((resolve, reject) => (settle = { resolve, reject }));
  // A connection may break before anybody waits.
  done.catch(() => undefined);

  const takeSocket = (connection: DriverConnection): void => {
    socket = connection.stream;
    const listeners = socket.listeners('data') as ((chunk: Buffer) => void)[];
    if (listeners.length !== 1 || !listeners[0]) throw new Error('The driver reads its socket in an unknown way.');
    driverListener = listeners[0];
    socket.removeListener('data', driverListener);
    hasSocket = true;
    if (!borrowBytes(socket, onData)) socket.on('data', onData);
    // A server that shuts down says why and closes: the driver has to read that before it sees the end.
    socket.prependOnceListener('close', onClose);
  };

  const onClose = (): void => {
    if (!isBusy) digest();
    giveBack();
  };

  const giveBack = (): void => {
    if (!hasSocket) return;
    hasSocket = false;
    returnBytes(socket);
    socket.removeListener('data', onData);
    socket.removeListener('close', onClose);
    socket.on('data', driverListener);
    const rest = Buffer.from(bytes.subarray(0, filled));
    filled = 0;
    if (rest.length > 0) driverListener.call(socket, rest);
  };

  const fail = (error: Error): void => {
    isDiscarding = true;
    if (failure) return;
    failure = error;
    options.onFailure(error);
  };

  const onData = (chunk: Uint8Array): void => {
    if (filled + chunk.length > bytes.length) makeRoom(chunk.length);
    bytes.set(chunk, filled);
    filled += chunk.length;
    if (!isBusy && (filled >= batchBytes || endsWithReadyForQuery(bytes, filled))) digest();
  };

  const makeRoom = (needed: number): void => {
    const larger = allocate(Math.max(filled + needed, bytes.length * 2));
    larger.set(bytes.subarray(0, filled));
    bytes = larger;
  };

  /** Hands over what has arrived, as far as it is complete. Stops where a batch has to be waited for; then it goes on from there. */
  const digest = (): void => {
    let place = 0;
    while (filled - place >= 5) {
      if (bytes[place] === DATA_ROW) {
        const next = scan(place);
        if (next === place) break;
        const waiting = handOver();
        if (waiting) {
          rest(waiting, next);
          return;
        }
        place = next;
        continue;
      }
      const next = place + 1 + readInt32(bytes, place + 1);
      if (next > filled) break;
      if (!takeMessage(place, next)) {
        dropBefore(place);
        giveBack();
        return;
      }
      place = next;
    }
    dropBefore(place);
  };

  const scan = (place: number): number => {
    try {
      scanner.clear();
      return scanner.scan(bytes, place, filled);
    } catch (error) {
      fail(error as Error);
      const next = place + 1 + readInt32(bytes, place + 1);
      return next > filled ? place : next;
    }
  };

  const handOver = (): Promise<void> | undefined => {
    if (isDiscarding || scanner.rowCount === 0) return undefined;
    rows += scanner.rowCount;
    try {
      return onBatch(scanner.batch(bytes));
    } catch (error) {
      fail(toError(error));
      return undefined;
    }
  };

  const rest = (waiting: Promise<void>, next: number): void => {
    isBusy = true;
    socket.pause();
    const goOn = (): void => {
      isBusy = false;
      dropBefore(next);
      digest();
      if (!isBusy) socket.resume();
    };
    waiting.then(goOn, (error: unknown) => {
      fail(toError(error));
      goOn();
    });
  };

  /** Answers false for a message that ends the rows: from there on the driver reads by itself. */
  const takeMessage = (place: number, next: number): boolean => {
    switch (bytes[place]) {
      case MESSAGE.parseComplete:
      case MESSAGE.bindComplete:
      case MESSAGE.noData:
        return true;
      case MESSAGE.rowDescription: {
        const found = ((bytes[place + 5] as number) << 8) | (bytes[place + 6] as number);
        if (found !== columnCount) fail(new Error(`The statement has ${found} columns instead of ${columnCount}.`));
        return true;
      }
      default:
        if (!ASIDE.has(bytes[place] as number)) return false;
        driverListener.call(socket, Buffer.from(bytes.subarray(place, next)));
        return true;
    }
  };

  const dropBefore = (place: number): void => {
    if (place > 0) bytes.copyWithin(0, place, filled);
    filled -= place;
    // A single long row has made it large.
    if (bytes.length > 16 * batchBytes && filled < batchBytes) {
      const usual = allocate(batchBytes + 64 * 1024);
      usual.set(bytes.subarray(0, filled));
      bytes = usual;
    }
  };

  return {
    done,
    discard() {
      isDiscarding = true;
    },
    submit(connection) {
      const driver = connection as unknown as DriverConnection;
      takeSocket(driver);
      driver.stream.cork();
      driver.parse({ text: statement });
      driver.bind({ portal: PORTAL });
      driver.describe({ type: 'P', name: PORTAL });
      driver.execute({ portal: PORTAL, rows: 0 });
      driver.sync();
      driver.stream.uncork();
    },
    handleError: (error: Error) => settle.reject(failure ?? error),
    handleCommandComplete: (message: { text: string }) => void (tag = message.text),
    handleReadyForQuery() {
      const counted = /^SELECT (\d+)$/.exec(tag)?.[1];
      if (failure) settle.reject(failure);
      else settle.resolve({ rows, serverRows: counted === undefined ? null : Number(counted) });
    },
    handleRowDescription: () => undefined,
    handleDataRow: () => undefined,
    handlePortalSuspended: () => undefined,
    handleEmptyQuery: () => undefined,
  } as RowPortal;
}

/** Its five bytes and a status, at the end: a chance likeness in a row does no harm, for then there is only no complete message yet. */
function endsWithReadyForQuery(bytes: Uint8Array, end: number): boolean {
  return (
    end >= 6 &&
    bytes[end - 6] === 90 &&
    bytes[end - 5] === 0 &&
    bytes[end - 4] === 0 &&
    bytes[end - 3] === 0 &&
    bytes[end - 2] === 5
  );
}

/** A plain Uint8Array: kernels that see Buffers as well are compiled for neither. */
function allocate(bytes: number): Uint8Array {
  const { buffer, byteOffset } = Buffer.allocUnsafeSlow(bytes);
  return new Uint8Array(buffer, byteOffset, bytes);
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
