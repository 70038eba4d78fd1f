import { ByteWriter } from './byte-writer.ts';
import { framePackets, HEADER_BYTES, PACKET_TYPE } from './packets.ts';
import type { Transport } from './transport.ts';

/** Bytes of an answer that wait for company before packets of them are sent. */
const FLUSH_BYTES = 64 * 1024;
/** Bytes of an answer that are sent before other events get their turn. */
const TURN_BYTES = 1024 * 1024;

export interface AnswerOptions {
  transport: Transport;
  packetBytes: number;
  spid: number;
  /** Is called once that many bytes of the answer have been sent; nothing is sent while its promise is pending. */
  interruption?: { afterBytes: number; run(): Promise<void> } | null;
  /** Gets the payload in pieces that end where tokens end. */
  record?: ((payload: Buffer) => void) | null;
}

/** One message to the client: tokens go into `writer`, `flush` sends what fills packets, `end` the rest. Waits for slow clients. */
export class Answer {
  readonly writer = new ByteWriter();
  private readonly options: AnswerOptions;
  private nextId = 1;
  private sentBytes = 0;
  private isInterrupted = false;
  private bytesInARow = 0;
  /** How much of what lies in the writer has been recorded. */
  private recordedBytes = 0;

  constructor(options: AnswerOptions) {
    this.options = options;
  }

  get needsFlush(): boolean {
    return this.writer.position >= FLUSH_BYTES;
  }

  /** Sends the packets that are full. Only between two tokens. */
  async flush(): Promise<void> {
    this.recordNew();
    if (this.writer.position >= this.options.packetBytes - HEADER_BYTES) await this.send(false);
  }

  async end(): Promise<void> {
    this.recordNew();
    await this.send(true);
  }

  private recordNew(): void {
    const { writer, options } = this;
    if (!options.record || writer.position === this.recordedBytes) return;
    options.record(Buffer.from(writer.bytes.subarray(this.recordedBytes, writer.position)));
    this.recordedBytes = writer.position;
  }

  private async send(isLast: boolean): Promise<void> {
    const { writer, options } = this;
    const payload = writer.bytes.subarray(0, writer.position);
    const framed = framePackets({
      payload,
      type: PACKET_TYPE.tabularResult,
      packetBytes: options.packetBytes,
      spid: options.spid,
      isLast,
      firstId: this.nextId,
    });
    this.nextId = framed.nextId;
    writer.consume(framed.consumed);
    this.recordedBytes -= framed.consumed;
    await this.write(framed.bytes);
  }

  private async write(bytes: Buffer): Promise<void> {
    const { transport, interruption } = this.options;
    let rest = bytes;
    if (interruption && !this.isInterrupted && this.sentBytes + bytes.length >= interruption.afterBytes) {
      this.isInterrupted = true;
      const before = Math.max(0, interruption.afterBytes - this.sentBytes);
      transport.write(bytes.subarray(0, before));
      await interruption.run();
      rest = bytes.subarray(before);
    }
    this.sentBytes += bytes.length;
    if (!transport.write(rest)) await transport.drained();
    await this.letOthers(bytes.length);
  }

  /** A client that reads fast enough never makes a write wait, and then an attention would not be read before the end. */
  private async letOthers(bytes: number): Promise<void> {
    this.bytesInARow += bytes;
    if (this.bytesInARow < TURN_BYTES) return;
    this.bytesInARow = 0;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
