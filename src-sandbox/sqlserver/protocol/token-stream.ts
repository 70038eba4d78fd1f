import type { EngineEvent, Parameter, SqlMessage, SqlValue } from '../engine-contract.ts';
import type { Answer } from './answer.ts';
import type { ByteWriter } from './byte-writer.ts';
import { writeColumnMetadata } from './column-metadata.ts';
import { cellEncoder } from './encode-cells.ts';
import { rowEncoder } from './row-encoder.ts';
import { DONE, TOKEN, writeDone, writeEnvironmentChange, writeMessage, type DoneToken } from './tokens.ts';
import { writeTypeInfo } from './type-info.ts';

/** What the tokens of an answer need to know of the connection, and what they tell it. */
export interface TokenContext {
  readonly serverName: string;
  /** The database that the session is in. */
  readonly database: string;
  onTransaction(id: bigint | null): void;
}

export interface TokenStreamOptions {
  answer: Answer;
  context: TokenContext;
  /** A batch ends its statements with DONE; a procedure with DONEINPROC, and itself with DONEPROC. */
  scope: 'batch' | 'procedure';
  /** The answer of another call follows in the same message. */
  hasMore: boolean;
  signal: AbortSignal;
  isWithoutMetadata?: boolean;
  parameters?: Parameter[];
  /** CurCmd of statements without a result. */
  command?: number;
  /** Called before a result's rows go beyond a number of them: faults. */
  interruptRows?: { afterRows: number; events(): EngineEvent[] } | null;
}

export interface TokenStreamOutcome {
  /** A message of severity 20 or more was sent: the connection ends. */
  isFatal: boolean;
  /** Whether there was anything but results and their ends. */
  isPlainResult: boolean;
}

const SELECT_COMMAND = 0xc1;

/** Writes what the engine answers as tokens, in its order. Failures of the engine become an error message; an aborted signal ends the stream early. */
export async function writeEvents(
  events: AsyncIterable<EngineEvent>,
  options: TokenStreamOptions,
): Promise<TokenStreamOutcome> {
  const stream = new TokenStream(options);
  try {
    if (!options.signal.aborted) {
      for await (const event of events) {
        if (options.signal.aborted) break;
        await stream.handle(event);
        if (stream.isOver) break;
      }
    }
  } catch (error) {
    if (!options.signal.aborted) stream.fail(error);
  }
  stream.end();
  return { isFatal: stream.isFatal, isPlainResult: stream.isPlainResult };
}

class TokenStream {
  isFatal = false;
  isPlainResult = true;
  isOver = false;
  private readonly options: TokenStreamOptions;
  private readonly writer: ByteWriter;
  private encodeRow: ((writer: ByteWriter, row: SqlValue[]) => void) | null = null;
  private command: number;
  private hasFailed = false;
  private rowCount = 0;
  /** Where the last token that is complete ends. */
  private lastWhole = 0;
  private pending: DoneToken | null = null;
  private returnStatus = 0;
  private readonly outputs: Extract<EngineEvent, { kind: 'output-parameter' }>[] = [];

  constructor(options: TokenStreamOptions) {
    this.options = options;
    this.writer = options.answer.writer;
    this.command = options.command ?? 0;
  }

  async handle(event: EngineEvent): Promise<void> {
    const { writer, options } = this;
    this.lastWhole = writer.position;
    if (event.kind !== 'columns' && event.kind !== 'rows' && event.kind !== 'done') this.isPlainResult = false;
    switch (event.kind) {
      case 'columns':
        this.flushPending();
        this.encodeRow = rowEncoder(event.columns);
        this.command = SELECT_COMMAND;
        if (options.isWithoutMetadata === true) {
          writer.u8(TOKEN.columnMetadata);
          writer.u16(0xffff);
        } else writeColumnMetadata(writer, event.columns, options.context.database);
        break;
      case 'rows':
        await this.writeRows(event.rows);
        break;
      case 'done':
        this.flushPending();
        this.pending = this.doneToken(event.rowCount);
        this.hasFailed = false;
        this.command = options.command ?? 0;
        this.encodeRow = null;
        break;
      case 'message':
        this.flushPending();
        this.writeMessage(event.message);
        break;
      case 'database-changed':
        this.flushPending();
        writeEnvironmentChange(writer, { kind: 'database', value: event.to, old: event.from });
        break;
      case 'transaction-began':
      case 'transaction-committed':
      case 'transaction-rolled-back':
        this.flushPending();
        writeEnvironmentChange(writer, { kind: event.kind, id: event.id });
        options.context.onTransaction(event.kind === 'transaction-began' ? event.id : null);
        break;
      case 'return-status':
        this.returnStatus = event.value;
        break;
      case 'output-parameter':
        this.outputs.push(event);
        break;
    }
    // A packet that is full goes out, as the engine may take its time for what comes next.
    await options.answer.flush();
    this.lastWhole = writer.position;
  }

  /** The engine threw: a defect of the practice server, told as an error so that nobody takes it for an empty result. */
  fail(error: unknown): void {
    const detail = error instanceof Error ? error.message : String(error);
    // A token that was begun and not ended would make the rest unreadable.
    this.writer.position = this.lastWhole;
    this.flushPending();
    this.writeMessage({
      number: 50_000,
      state: 1,
      class: 16,
      message: `The practice server failed inside: ${detail}`,
      procedure: '',
      line: 1,
    });
  }

  end(): void {
    const { options, writer } = this;
    const more = options.hasMore ? DONE.more : DONE.final;
    if (options.signal.aborted) {
      // What was going on ends here; that the attention was seen is told by a message of its own.
      this.pending = null;
      const token = options.scope === 'batch' ? TOKEN.done : TOKEN.doneProc;
      writeDone(writer, { token, status: DONE.error, command: 0, rowCount: null });
      return;
    }
    if (options.scope === 'batch') {
      const last = this.pending ?? this.doneToken(null);
      this.pending = null;
      writeDone(writer, { ...last, status: last.status | more });
      return;
    }
    this.flushPending();
    writer.u8(TOKEN.returnStatus);
    writer.i32(this.returnStatus);
    for (const [index, output] of this.outputs.entries()) this.writeOutput(output, index);
    const status = (this.hasFailed ? DONE.error : DONE.final) | more;
    writeDone(writer, { token: TOKEN.doneProc, status, command: 0xe0, rowCount: null });
  }

  private doneToken(rowCount: number | null): DoneToken {
    return {
      token: this.options.scope === 'batch' ? TOKEN.done : TOKEN.doneInProc,
      status: this.hasFailed ? DONE.error : DONE.final,
      command: this.command,
      rowCount,
    };
  }

  private flushPending(): void {
    if (this.pending === null) return;
    writeDone(this.writer, { ...this.pending, status: this.pending.status | DONE.more });
    this.pending = null;
  }

  private writeMessage(message: SqlMessage): void {
    writeMessage(this.writer, message, this.options.context.serverName);
    if (message.class > 10) this.hasFailed = true;
    if (message.class >= 20) {
      this.isFatal = true;
      this.isOver = true;
    }
  }

  private async writeRows(rows: SqlValue[][]): Promise<void> {
    const { writer, encodeRow, options } = this;
    if (encodeRow === null) throw new Error('rows without columns before them');
    for (const row of rows) {
      if (options.interruptRows && this.rowCount === options.interruptRows.afterRows) {
        for (const event of options.interruptRows.events()) await this.handle(event);
        this.isOver = true;
        return;
      }
      this.rowCount += 1;
      this.lastWhole = writer.position;
      encodeRow(writer, row);
      if (options.answer.needsFlush) {
        await options.answer.flush();
        this.lastWhole = writer.position;
        if (options.signal.aborted) return;
      }
    }
  }

  /** RETURNVALUE: MS-TDS 2.2.7.19 */
  private writeOutput(output: Extract<EngineEvent, { kind: 'output-parameter' }>, index: number): void {
    const { writer, options } = this;
    const ordinal = options.parameters?.findIndex((parameter) => parameter.name === output.name) ?? -1;
    writer.u8(TOKEN.returnValue);
    writer.u16(ordinal === -1 ? index : ordinal);
    writer.byteText(output.name);
    // An output parameter, no value of a function; then UserType and flags.
    writer.u8(1);
    writer.u32(0);
    writer.u16(1);
    writeTypeInfo(writer, output.type, { isNullable: true, database: options.context.database });
    cellEncoder(output.type, true)(writer, output.value);
  }
}
