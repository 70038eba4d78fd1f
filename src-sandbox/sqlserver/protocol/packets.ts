import { ProtocolError } from './protocol-error.ts';

/** Packet types: MS-TDS 2.2.3.1.1 */
export const PACKET_TYPE = {
  sqlBatch: 0x01,
  rpc: 0x03,
  tabularResult: 0x04,
  attention: 0x06,
  bulkLoad: 0x07,
  federatedToken: 0x08,
  transactionManager: 0x0e,
  login7: 0x10,
  sspi: 0x11,
  prelogin: 0x12,
} as const;

/** Bits of the header's status: MS-TDS 2.2.3.1.2 */
export const PACKET_STATUS = {
  endOfMessage: 0x01,
  ignore: 0x02,
  resetConnection: 0x08,
  resetConnectionSkipTransaction: 0x10,
} as const;

export const HEADER_BYTES = 8;
export const MIN_PACKET_BYTES = 512;
export const MAX_PACKET_BYTES = 32_767;
/** What both sides use until LOGIN7 has agreed on something else. */
export const DEFAULT_PACKET_BYTES = 4096;

export interface ClientMessage {
  type: number;
  /** Of the first packet, with the ignore bit of the last. */
  status: number;
  payload: Buffer;
  /** An attention came while it still waited for its turn. */
  isCanceled?: boolean;
}

const KNOWN_TYPES = new Set<number>(Object.values(PACKET_TYPE));

/**
 * Puts the packets of a client's bytes together. Attention packets come out at once, also between the packets of another message; a message longer than
 * `maxMessageBytes` is a ProtocolError.
 */
export class PacketReader {
  maxMessageBytes: number;
  private pending: Buffer = Buffer.alloc(0);
  private parts: Buffer[] = [];
  private partBytes = 0;
  private open: { type: number; status: number } | null = null;

  constructor(maxMessageBytes: number) {
    this.maxMessageBytes = maxMessageBytes;
  }

  /** Hands every message over as soon as its last packet is there; `deliver` may change how later bytes are read by taking the rest away. */
  feed(chunk: Buffer, deliver: (message: ClientMessage) => void): void {
    this.pending = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    for (;;) {
      const { pending } = this;
      if (pending.length < HEADER_BYTES) break;
      const length = checkHeader(pending);
      if (pending.length < length) break;
      this.pending = pending.subarray(length);
      const message = this.add(pending.subarray(0, length));
      if (message !== null) deliver(message);
    }
    // A rest of a few bytes must not keep a large chunk alive.
    if (this.pending.length > 0 && this.pending.length < chunk.length) this.pending = Buffer.from(this.pending);
  }

  /** The bytes behind the last whole packet, which the reader forgets. */
  takeRest(): Buffer {
    const rest = this.pending;
    this.pending = Buffer.alloc(0);
    return rest;
  }

  private add(packet: Buffer): ClientMessage | null {
    const type = packet[0]!;
    const status = packet[1]!;
    const body = packet.subarray(HEADER_BYTES);
    if (type === PACKET_TYPE.attention) return { type, status, payload: body };
    if (this.open !== null && this.open.type !== type)
      throw new ProtocolError(`a packet of type 0x${type.toString(16)} inside a message of another type`);
    this.open ??= { type, status };
    this.partBytes += body.length;
    if (this.partBytes > this.maxMessageBytes)
      throw new ProtocolError(`a message of more than ${this.maxMessageBytes} bytes`);
    const isLast = (status & PACKET_STATUS.endOfMessage) !== 0;
    if (isLast && this.parts.length === 0) return this.finish(status, body);
    // Copied, as a subarray would keep the whole chunk of the socket.
    this.parts.push(Buffer.from(body));
    return isLast ? this.finish(status, Buffer.concat(this.parts)) : null;
  }

  private finish(lastStatus: number, payload: Buffer): ClientMessage {
    const open = this.open!;
    this.open = null;
    this.parts = [];
    this.partBytes = 0;
    return { type: open.type, status: open.status | (lastStatus & PACKET_STATUS.ignore), payload };
  }
}

/** The length of the packet that begins here; ProtocolError for what is no TDS packet of a client. */
function checkHeader(bytes: Buffer): number {
  const type = bytes[0]!;
  const length = bytes.readUInt16BE(2);
  if (!KNOWN_TYPES.has(type)) throw new ProtocolError(`a packet of the unknown type 0x${type.toString(16)}`);
  if (length < HEADER_BYTES || length > MAX_PACKET_BYTES) throw new ProtocolError(`a packet of ${length} bytes`);
  return length;
}

/** One message in as many packets as it needs. */
export function frameMessage(payload: Buffer, options: { type: number; packetBytes: number; spid: number }): Buffer {
  const { bytes } = framePackets({ ...options, payload, isLast: true, firstId: 1 });
  return bytes;
}

export interface FrameOptions {
  payload: Buffer;
  type: number;
  packetBytes: number;
  spid: number;
  /** Whether the message ends here: only then are packets that are not full written. */
  isLast: boolean;
  /** PacketID of the first packet, modulo 256. */
  firstId: number;
}

/** Packets of a payload, and how much of the payload went into them. */
export function framePackets(options: FrameOptions): { bytes: Buffer; consumed: number; nextId: number } {
  const { payload, isLast } = options;
  const room = options.packetBytes - HEADER_BYTES;
  const full = Math.floor(payload.length / room);
  // The last packet of a message is never missing, even if it is empty.
  const count = isLast ? Math.max(1, Math.ceil(payload.length / room)) : full;
  const consumed = isLast ? payload.length : full * room;
  const bytes = Buffer.allocUnsafe(consumed + count * HEADER_BYTES);
  let to = 0;
  let from = 0;
  for (let index = 0; index < count; index += 1) {
    const size = Math.min(room, consumed - from);
    bytes[to] = options.type;
    bytes[to + 1] = isLast && index === count - 1 ? PACKET_STATUS.endOfMessage : 0;
    bytes.writeUInt16BE(size + HEADER_BYTES, to + 2);
    bytes.writeUInt16BE(options.spid, to + 4);
    bytes[to + 6] = (options.firstId + index) & 0xff;
    bytes[to + 7] = 0;
    payload.copy(bytes, to + HEADER_BYTES, from, from + size);
    to += HEADER_BYTES + size;
    from += size;
  }
  return { bytes, consumed, nextId: options.firstId + count };
}
