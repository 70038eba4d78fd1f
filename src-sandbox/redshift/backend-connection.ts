import net from 'node:net';
import { message, parseDataRow, parseFields, parseRowDescription, queryMessage, readCString } from './wire.ts';
import type { RowField } from './wire.ts';

/** PostgreSQL's own refusal of a statement that the stand-in ran on its behalf. */
export class BackendError extends Error {
  /** By the protocol's one-letter keys: C is the SQLSTATE, M the text. */
  readonly fields: Readonly<Record<string, string>>;

  constructor(fields: Readonly<Record<string, string>>) {
    super(fields['M'] ?? 'the database failed without a word');
    this.name = 'BackendError';
    this.fields = fields;
  }
}

export interface QueryResult {
  readonly fields: readonly RowField[];
  /** Text format; null is NULL. */
  readonly rows: readonly (string | null)[][];
  readonly tag: string;
}

/** Decides what becomes of a message on its way to the client: itself, other bytes, or nothing. */
export type MessageFilter = (type: number, bytes: Buffer) => Buffer | null;

export interface ConnectOptions {
  readonly address: { path: string } | { host: string; port: number };
  readonly user: string;
  readonly database: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

interface Exchange {
  onMessage(type: string, body: Buffer): void;
  onEnd(error: Error | undefined): void;
}

const READY = 0x5a;
const DATA_ROW = 0x44;
const COPY_DATA = 0x64;

/**
 * One connection to the PostgreSQL behind the stand-in. Messages either pass through to a client (`passTo`), or belong to an
 * exchange of the stand-in's own (`query`, `describe`, `copyOut`), which may only start when the connection is quiet.
 */
export class BackendConnection {
  readonly parameters = new Map<string, string>();
  /** Process id and secret, as BackendKeyData carries them. */
  key: Buffer = Buffer.alloc(8);
  /** I idle, T in a transaction, E in a failed one. */
  status = 'I';
  private readonly socket: net.Socket;
  private readonly options: ConnectOptions;
  private pending: Buffer = Buffer.alloc(0);
  private skip = 0;
  private exchange: Exchange | undefined;
  private sink: ((bytes: Buffer) => void) | undefined;
  private filter: MessageFilter = (_type, bytes) => bytes;
  private rowFilter = false;
  private awaitedReady = 0;
  private quietWaiters: (() => void)[] = [];
  private closed: Error | undefined;
  private readonly closeListeners: (() => void)[] = [];

  private constructor(socket: net.Socket, options: ConnectOptions) {
    this.socket = socket;
    this.options = options;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.onData(chunk));
    socket.on('error', (error) => this.onClosed(error));
    socket.on('close', () => this.onClosed(new Error('the connection to the database was closed')));
  }

  /** Rejects with BackendError when PostgreSQL refuses the connection. */
  static async connect(options: ConnectOptions): Promise<BackendConnection> {
    const socket = net.connect(options.address);
    const connection = new BackendConnection(socket, options);
    const pairs = Object.entries({ ...options.parameters, user: options.user, database: options.database });
    const body = Buffer.concat([...pairs.flat().map((text) => Buffer.from(`${text}\0`, 'utf8')), Buffer.from([0])]);
    const header = Buffer.alloc(8);
    header.writeInt32BE(body.length + 8, 0);
    header.writeInt32BE(196_608, 4);
    await connection.run(Buffer.concat([header, body]), () => undefined);
    return connection;
  }

  /** From here on, everything outside the stand-in's own exchanges goes to `sink`. */
  passTo(sink: (bytes: Buffer) => void, filter: MessageFilter): void {
    this.sink = sink;
    this.filter = filter;
  }

  /** Whether DataRow messages are shown to the filter too; they are passed by without being looked at otherwise. */
  set filtersRows(value: boolean) {
    this.rowFilter = value;
  }

  /** Sends a client's message on. Query, Sync and FunctionCall each bring one ReadyForQuery. */
  forward(bytes: Buffer): boolean {
    const type = bytes[0];
    if (type === 0x51 || type === 0x53 || type === 0x46) this.awaitedReady += 1;
    return this.socket.write(bytes);
  }

  onDrain(listener: () => void): void {
    this.socket.once('drain', listener);
  }

  onClose(listener: () => void): void {
    this.closeListeners.push(listener);
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  get isQuiet(): boolean {
    return this.awaitedReady === 0 && this.exchange === undefined;
  }

  /** Resolves when every forwarded statement has been answered. */
  async whenQuiet(): Promise<void> {
    while (!this.isQuiet && this.closed === undefined) {
      await new Promise<void>((resolve) => this.quietWaiters.push(resolve));
    }
    if (this.closed !== undefined) throw this.closed;
  }

  /** Runs a simple query of the stand-in's own and collects its rows. */
  async query(sql: string): Promise<QueryResult> {
    let fields: RowField[] = [];
    let tag = '';
    const rows: (string | null)[][] = [];
    await this.run(queryMessage(sql), (type, body) => {
      if (type === 'T') fields = parseRowDescription(body);
      else if (type === 'D') rows.push(parseDataRow(body).map((cell) => cell?.toString('utf8') ?? null));
      else if (type === 'C') tag = readCString(body, 0).value;
    });
    return { fields, rows, tag };
  }

  /** The columns that a statement would return; empty when it returns none. */
  async describe(sql: string): Promise<RowField[]> {
    let fields: RowField[] = [];
    const bytes = Buffer.concat([
      message('P', '', sql, Buffer.from([0, 0])),
      message('D', Buffer.from('S'), ''),
      message('S'),
    ]);
    await this.run(bytes, (type, body) => {
      if (type === 'T') fields = parseRowDescription(body);
    });
    return fields;
  }

  /** Runs a COPY ... TO STDOUT; `onRow` gets one row's bytes, valid during the call only. Resolves to the number of rows. */
  async copyOut(sql: string, onRow: (row: Buffer) => void): Promise<number> {
    let rows = 0;
    await this.run(queryMessage(sql), (type, body) => {
      if (type !== 'd') return;
      rows += 1;
      onRow(body);
    });
    return rows;
  }

  /** Runs a SELECT and hands out its rows one by one, in text format. */
  async streamRows(sql: string, onRow: (cells: (string | null)[]) => void): Promise<void> {
    await this.run(queryMessage(sql), (type, body) => {
      if (type === 'D') onRow(parseDataRow(body).map((cell) => cell?.toString('utf8') ?? null));
    });
  }

  /** Runs a COPY ... FROM STDIN fed from `chunks`, whose bounds need not be rows' bounds. Resolves to the command tag. */
  async copyIn(sql: string, chunks: Iterable<Buffer | string> | AsyncIterable<Buffer | string>): Promise<string> {
    let tag = '';
    let feeding: Promise<void> | undefined;
    await this.run(queryMessage(sql), (type, body) => {
      if (type === 'G') feeding = this.feed(chunks);
      else if (type === 'C') tag = readCString(body, 0).value;
    });
    await feeding;
    return tag;
  }

  private async feed(chunks: Iterable<Buffer | string> | AsyncIterable<Buffer | string>): Promise<void> {
    try {
      for await (const chunk of chunks) {
        const bytes = typeof chunk === 'string' ? Buffer.from(chunk, 'utf8') : chunk;
        if (this.exchange === undefined) return;
        if (!this.socket.write(message('d', bytes)))
          await new Promise<void>((resolve) => this.socket.once('drain', () => resolve()));
      }
      this.socket.write(message('c'));
    } catch (error) {
      this.socket.write(message('f', error instanceof Error ? error.message : String(error)));
    }
  }

  /** Asks PostgreSQL to stop what this connection is doing, as a client's CancelRequest would. */
  cancel(): void {
    const request = Buffer.alloc(16);
    request.writeInt32BE(16, 0);
    request.writeInt32BE(80_877_102, 4);
    this.key.copy(request, 8, 0, 8);
    const socket = net.connect(this.options.address, () => socket.end(request));
    socket.on('error', () => undefined);
  }

  close(): void {
    if (this.closed === undefined) this.socket.end(message('X'));
    this.socket.destroySoon();
  }

  private run(bytes: Buffer, onMessage: (type: string, body: Buffer) => void): Promise<void> {
    if (this.closed !== undefined) return Promise.reject(this.closed);
    if (this.exchange !== undefined || this.awaitedReady > 0) {
      return Promise.reject(new Error('the connection to the database is busy with another statement'));
    }
    return new Promise((resolve, reject) => {
      let failure: Error | undefined;
      this.exchange = {
        onMessage: (type, body) => {
          if (type === 'E') failure ??= new BackendError(parseFields(body));
          else if (failure === undefined) {
            try {
              onMessage(type, body);
            } catch (error) {
              failure = error instanceof Error ? error : new Error(String(error));
              this.cancel();
            }
          }
        },
        onEnd: (error) => {
          this.exchange = undefined;
          this.wakeWaiters();
          const reason = failure ?? error;
          if (reason !== undefined) reject(reason);
          else resolve();
        },
      };
      this.socket.write(bytes);
    });
  }

  private onData(chunk: Buffer): void {
    const buffer = this.pending.length > 0 ? Buffer.concat([this.pending, chunk]) : chunk;
    const from = { value: 0 };
    let at = 0;
    if (this.skip > 0) {
      at = Math.min(this.skip, buffer.length);
      this.skip -= at;
    }
    while (buffer.length - at >= 5) {
      const type = buffer[at] ?? 0;
      const size = buffer.readInt32BE(at + 1) + 1;
      if (this.exchange !== undefined) {
        if (buffer.length - at < size) break;
        this.onExchangeMessage(type, buffer.subarray(at + 5, at + size));
        at += size;
        from.value = at;
      } else if ((type === DATA_ROW && !this.rowFilter) || type === COPY_DATA) {
        this.skip = Math.max(0, size - (buffer.length - at));
        at = Math.min(buffer.length, at + size);
      } else {
        if (buffer.length - at < size) break;
        this.passMessage({ buffer, from, at, size, type });
        at += size;
      }
    }
    if (at > from.value) this.sink?.(buffer.subarray(from.value, at));
    this.pending = at < buffer.length ? Buffer.from(buffer.subarray(at)) : Buffer.alloc(0);
  }

  private passMessage(input: {
    buffer: Buffer;
    from: { value: number };
    at: number;
    size: number;
    type: number;
  }): void {
    const { buffer, from, at, size, type } = input;
    const bytes = buffer.subarray(at, at + size);
    this.note(type, bytes.subarray(5));
    const passed = this.filter(type, bytes);
    if (passed !== bytes) {
      if (at > from.value) this.sink?.(buffer.subarray(from.value, at));
      if (passed !== null) this.sink?.(passed);
      from.value = at + size;
    }
    if (type !== READY) return;
    // The client must have this answer before whoever waits for quiet starts an exchange.
    if (at + size > from.value) this.sink?.(buffer.subarray(from.value, at + size));
    from.value = at + size;
    this.awaitedReady = Math.max(0, this.awaitedReady - 1);
    this.wakeWaiters();
  }

  private onExchangeMessage(type: number, body: Buffer): void {
    this.note(type, body);
    const exchange = this.exchange;
    if (exchange === undefined) return;
    exchange.onMessage(String.fromCharCode(type), body);
    if (type === READY) exchange.onEnd(undefined);
  }

  private note(type: number, body: Buffer): void {
    if (type === READY) this.status = String.fromCharCode(body[0] ?? 0x49);
    else if (type === 0x4b) this.key = Buffer.from(body);
    else if (type === 0x53) {
      const name = readCString(body, 0);
      this.parameters.set(name.value, readCString(body, name.next).value);
    }
  }

  private wakeWaiters(): void {
    const waiters = this.quietWaiters;
    this.quietWaiters = [];
    for (const wake of waiters) wake();
  }

  private onClosed(error: Error): void {
    if (this.closed !== undefined) return;
    this.closed = error;
    this.exchange?.onEnd(error);
    this.wakeWaiters();
    for (const listener of this.closeListeners) listener();
  }
}
