import { RequestError, Request, type Connection } from 'tedious';
import { toAbortError } from '../../../lib/abort.ts';
import { ServerError } from '../errors.ts';
import { createBatchStream, type WireRows } from './batch-stream.ts';
import type { Token } from './read-token.ts';
import { takeOverAnswer } from './take-over-answer.ts';
import { WireError, type WireColumn } from './wire-column.ts';

/** The answer to a SELECT whose columns are known and whose rows wait. */
export interface WireAnswer {
  readonly columns: WireColumn[];
  /**
   * Hands over all rows; while a promise of `onRows` is open nothing is taken from the socket. Resolves with the number of rows that the server says it
   * sent. When `onRows` or the signal ends it, the statement is cancelled at the server before the rejection comes.
   */
  readRows(
    onRows: (rows: WireRows) => Promise<void> | undefined,
    options: { signal: AbortSignal },
  ): Promise<{ serverRows: number }>;
}

/**
 * Sends a SELECT and waits for its columns. Rejects with a ServerError for what the server says, with the driver's error when the
 * connection is lost, with a WireError for bytes that make no sense; null when the driver's answers cannot be taken over. An aborted signal cancels
 * the statement at the server.
 */
export async function openWireAnswer(
  connection: Connection,
  statement: string,
  { signal }: { signal: AbortSignal },
): Promise<WireAnswer | null> {
  const answer = new Answer(connection, statement);
  if (!takeOverAnswer(connection, (payload) => answer.readPayload(payload))) return null;
  const stop = answer.cancelOn(signal);
  answer.send();
  try {
    const columns = await answer.columns;
    return { columns, readRows: (onRows, options) => answer.readRows(onRows, options) };
  } finally {
    stop();
  }
}

type RowConsumer = (rows: WireRows) => Promise<void> | undefined;

class Answer {
  readonly columns: Promise<WireColumn[]>;
  private readonly connection: Connection;
  private readonly request: Request;
  private readonly settleColumns: Settle<WireColumn[]>;
  private readonly end: Promise<void>;
  private readonly consumerStarted: Promise<RowConsumer>;
  private readonly startConsumer: Settle<RowConsumer>;
  private consumer: RowConsumer | null = null;
  private endWait: (error: Error) => void = () => undefined;
  private columnsSeen = false;
  /** What ended the reading from this side. */
  private failure: Error | null = null;
  private serverError: Error | null = null;
  private serverRows: number | null = null;
  private isComplete = false;

  constructor(connection: Connection, statement: string) {
    this.connection = connection;
    const columns = settleable<WireColumn[]>();
    const end = settleable<undefined>();
    const consumer = settleable<RowConsumer>();
    this.columns = columns.promise;
    this.settleColumns = columns;
    this.end = end.promise;
    this.consumerStarted = consumer.promise;
    this.startConsumer = consumer;
    for (const promise of [this.columns, this.end]) promise.catch(() => undefined);
    this.request = new Request(statement, (error) => {
      const problem = this.problemAtEnd(error ?? null);
      if (problem === null) end.resolve(undefined);
      else end.reject(problem);
      columns.reject(problem ?? new WireError('the answer has no columns'));
    });
  }

  send(): void {
    this.connection.execSqlBatch(this.request);
  }

  /** Answers how to stop listening. */
  cancelOn(signal: AbortSignal): () => void {
    const onAbort = (): void => this.fail(toAbortError(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    return () => signal.removeEventListener('abort', onAbort);
  }

  async readPayload(payload: AsyncIterable<Uint8Array>): Promise<void> {
    const stream = createBatchStream({
      onToken: (token) => this.takeToken(token),
      onRows: (rows) => this.takeRows(rows),
    });
    const take = async (isLast: boolean): Promise<void> => {
      try {
        if (this.failure === null) await stream.drain({ isLast });
      } catch (error) {
        this.fail(error as Error);
      }
    };
    try {
      for await (const piece of payload) {
        // What comes after a failure is only taken off the socket, so that the server can answer the attention.
        if (this.failure !== null) continue;
        stream.push(piece);
        if (stream.isReady()) await take(false);
      }
      await take(true);
    } catch (error) {
      this.fail(error as Error);
    }
  }

  async readRows(onRows: RowConsumer, { signal }: { signal: AbortSignal }): Promise<{ serverRows: number }> {
    const stop = this.cancelOn(signal);
    this.consumer = onRows;
    this.startConsumer.resolve(onRows);
    try {
      await this.end;
    } finally {
      stop();
    }
    if (this.serverRows === null) throw new WireError('the server did not say how many rows it sent');
    return { serverRows: this.serverRows };
  }

  private takeToken(token: Token): void {
    switch (token.kind) {
      case 'columns':
        if (this.columnsSeen) throw new WireError('the answer has more than one result');
        this.columnsSeen = true;
        this.settleColumns.resolve(token.columns);
        break;
      case 'message':
        // The batch goes on to its DONE; the first error is the cause of those that follow.
        if (token.isError) this.serverError ??= new ServerError(token.message);
        break;
      case 'done':
        if (token.done.sqlError || token.done.serverError) {
          this.serverError ??= new RequestError(
            'The server ended the statement with an error that it does not name.',
            'UNKNOWN',
          );
        }
        if (token.done.rowCount !== null) this.serverRows = token.done.rowCount;
        if (!token.done.more) this.isComplete = true;
        break;
      default:
    }
  }

  private takeRows(rows: WireRows): Promise<void> | undefined {
    const open = this.consumer ? this.consumer(rows) : this.consumerStarted.then((consumer) => consumer(rows));
    // An abort during the call has been taken note of already.
    if (this.failure !== null) {
      open?.catch(() => undefined);
      throw this.failure;
    }
    return open ? this.untilFailure(open) : undefined;
  }

  /** Settles like `work`, or rejects as soon as the reading fails. Promise.race would keep every batch's promise until the end of the answer. */
  private untilFailure(work: Promise<void>): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.endWait = reject;
      work.then(resolve, reject);
    });
  }

  private fail(error: Error): void {
    if (this.failure !== null) return;
    this.failure = error;
    this.endWait(error);
    // Sends an attention; the driver closes the connection when the server does not answer it within five seconds.
    this.request.cancel();
  }

  private problemAtEnd(driverError: Error | null): Error | null {
    if (this.failure !== null) return this.failure;
    if (this.serverError !== null) return this.serverError;
    if (driverError !== null) return driverError;
    return this.isComplete ? null : new WireError('the answer ends without a DONE token');
  }
}

interface Settle<T> {
  promise: Promise<T>;
  resolve(value: T): void;
  reject(error: Error): void;
}

function settleable<T>(): Settle<T> {
  let settle: Omit<Settle<T>, 'promise'> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle! };
}
