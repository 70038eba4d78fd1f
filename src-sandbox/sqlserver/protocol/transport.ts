import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import { frameMessage, HEADER_BYTES, MAX_PACKET_BYTES, PACKET_TYPE } from './packets.ts';
import { ProtocolError } from './protocol-error.ts';

export interface TransportEvents {
  /** Bytes of the client, decrypted. Must not throw. */
  onBytes(bytes: Buffer): void;
  /** What the client sent is no TLS as this server knows it. */
  onFailure(error: unknown): void;
  /** The client is gone; once. */
  onClose(): void;
}

/** `wrapped`: TDS 7.x, the handshake travels in PRELOGIN packets. `direct`: TDS 8, TLS comes first. */
export type TlsKind = 'wrapped' | 'direct';

/**
 * A client's connection with or without TLS inside. The TLS of TDS 7.x may also be taken off again, when only the login was to be encrypted.
 * The handshake inside PRELOGIN packets: https://learn.microsoft.com/openspecs/windows_protocols/ms-tds/60f56408-0188-4cd5-8b90-25c6f2423868
 */
export class Transport {
  private readonly socket: Socket;
  private readonly events: TransportEvents;
  private secured: { tls: tls.TLSSocket; wire: Duplex; unwrap: HandshakeUnwrapper | null } | null = null;
  private isClosed = false;
  private markClosed: () => void = () => undefined;
  readonly whenClosed: Promise<void>;

  constructor(socket: Socket, events: TransportEvents) {
    this.socket = socket;
    this.events = events;
    this.whenClosed = new Promise((resolve) => (this.markClosed = resolve));
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.onSocketBytes(chunk));
    socket.on('error', () => this.close());
    socket.on('close', () => this.close());
  }

  /** From now on the client talks TLS. `first`: bytes of it that have come already. */
  startTls(kind: TlsKind, options: { context: tls.SecureContext; first: Buffer }): void {
    const unwrap = kind === 'wrapped' ? new HandshakeUnwrapper() : null;
    const coalesced = new CoalescedWrites((bytes) => this.socket.write(bytes));
    const wire = new Duplex({
      read: () => {
        this.socket.resume();
      },
      write: (chunk: Buffer, _encoding, done) => {
        if (unwrap?.isHandshaking === true) {
          coalesced.add(chunk);
          done();
        } else this.socket.write(chunk, (error) => done(error ?? null));
      },
    });
    const secure = new tls.TLSSocket(wire, {
      isServer: true,
      secureContext: options.context,
      ...(kind === 'direct' ? { ALPNProtocols: ['tds/8.0'] } : {}),
    });
    this.secured = { tls: secure, wire, unwrap };
    secure.on('data', (bytes: Buffer) => this.events.onBytes(bytes));
    secure.on('error', (error) => this.events.onFailure(error));
    secure.on('close', () => {
      if (this.secured?.tls === secure) this.close();
    });
    if (options.first.length > 0) this.onSocketBytes(options.first);
  }

  get isSecured(): boolean {
    return this.secured !== null;
  }

  /** Only the login was encrypted: what follows is not, in both directions. */
  stopTls(): void {
    const secured = this.secured;
    this.secured = null;
    // Without a farewell: the client has thrown its TLS away as well.
    secured?.tls.removeAllListeners('data');
  }

  /** False: the client is slow, wait with `drained`. */
  write(bytes: Buffer): boolean {
    if (this.isClosed) return true;
    return (this.secured?.tls ?? this.socket).write(bytes);
  }

  /** Past TLS: the answer to the PRELOGIN that asked for it. */
  writeBare(bytes: Buffer): void {
    if (!this.isClosed) (this.secured?.unwrap === null ? this.secured.tls : this.socket).write(bytes);
  }

  /** Resolves when more may be written, or the client is gone. */
  drained(): Promise<void> {
    const stream = this.secured?.tls ?? this.socket;
    if (this.isClosed || !stream.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        stream.off('drain', done);
        this.socket.off('close', done);
        resolve();
      };
      stream.once('drain', done);
      this.socket.once('close', done);
    });
  }

  /** Lets go of the client once all that was written is sent. */
  end(): void {
    const stream = this.secured?.tls ?? this.socket;
    stream.end(() => this.socket.destroySoon());
  }

  /** A TCP reset, without what was not sent yet. */
  reset(): void {
    this.socket.resetAndDestroy();
    this.close();
  }

  /** A TCP reset behind what was written so far. */
  async drainThenReset(): Promise<void> {
    const stream = this.secured?.tls ?? this.socket;
    // An empty write is called back when all before it has been handed to the system.
    await new Promise<void>((resolve) => {
      void this.whenClosed.then(resolve);
      stream.write(Buffer.alloc(0), () => resolve());
    });
    this.reset();
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.socket.destroy();
    this.secured?.tls.destroy();
    this.markClosed();
    this.events.onClose();
  }

  private onSocketBytes(chunk: Buffer): void {
    const { secured } = this;
    if (secured === null) {
      this.events.onBytes(chunk);
      return;
    }
    try {
      const bytes = secured.unwrap === null ? chunk : secured.unwrap.feed(chunk);
      if (bytes.length > 0 && !secured.wire.push(bytes)) this.socket.pause();
    } catch {
      this.close();
    }
  }
}

/** Takes TLS out of PRELOGIN packets until the client sends it bare, which it does as soon as the handshake is over. */
class HandshakeUnwrapper {
  isHandshaking = true;
  private pending: Buffer = Buffer.alloc(0);

  feed(chunk: Buffer): Buffer {
    if (!this.isHandshaking) return chunk;
    this.pending = Buffer.concat([this.pending, chunk]);
    const parts: Buffer[] = [];
    while (this.pending.length > 0) {
      if (this.pending[0] !== PACKET_TYPE.prelogin) {
        this.isHandshaking = false;
        parts.push(this.pending);
        this.pending = Buffer.alloc(0);
        break;
      }
      if (this.pending.length < HEADER_BYTES) break;
      const length = this.pending.readUInt16BE(2);
      if (length < HEADER_BYTES || length > MAX_PACKET_BYTES) throw new ProtocolError(`a packet of ${length} bytes`);
      if (this.pending.length < length) break;
      parts.push(this.pending.subarray(HEADER_BYTES, length));
      this.pending = this.pending.subarray(length);
    }
    return Buffer.concat(parts);
  }
}

/** Bytes of one flight of the handshake must be one message: a client reads one for each that it sends. */
class CoalescedWrites {
  private parts: Buffer[] = [];
  private readonly send: (bytes: Buffer) => void;

  constructor(send: (bytes: Buffer) => void) {
    this.send = send;
  }

  add(bytes: Buffer): void {
    this.parts.push(bytes);
    if (this.parts.length > 1) return;
    setImmediate(() => {
      const payload = Buffer.concat(this.parts);
      this.parts = [];
      this.send(frameMessage(payload, { type: PACKET_TYPE.prelogin, packetBytes: 4096, spid: 0 }));
    });
  }
}
