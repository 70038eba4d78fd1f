import net from 'node:net';
import { frameMessage, PacketReader, type ClientMessage } from '../packets.ts';

/** A client that says exactly what a test wants, byte by byte. */
export interface RawClient {
  readonly socket: net.Socket;
  /** Sends one message and waits for the next one of the server; null when it hangs up instead. */
  ask(type: number, payload: Buffer): Promise<Buffer | null>;
  send(type: number, payload: Buffer): void;
  next(): Promise<Buffer | null>;
  /** Resolves when the connection is over. */
  readonly closed: Promise<void>;
  close(): void;
}

export async function connectRaw(port: number): Promise<RawClient> {
  const socket = net.connect(port, '127.0.0.1');
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => resolve());
    socket.on('error', () => resolve());
  });
  const reader = new PacketReader(2 ** 30);
  const messages: ClientMessage[] = [];
  let wake: () => void = () => undefined;
  socket.on('data', (chunk: Buffer) => {
    reader.feed(chunk, (message) => messages.push(message));
    wake();
  });
  void closed.then(() => wake());
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  const send = (type: number, payload: Buffer) => {
    socket.write(frameMessage(payload, { type, packetBytes: 4096, spid: 0 }));
  };
  const next = async () => {
    while (messages.length === 0 && !socket.destroyed) await new Promise<void>((resolve) => (wake = resolve));
    return messages.shift()?.payload ?? null;
  };
  return {
    socket,
    closed,
    send,
    next,
    ask: (type, payload) => {
      send(type, payload);
      return next();
    },
    close: () => socket.destroy(),
  };
}

/** Version and encryption, as a PRELOGIN message has them. */
export function preloginMessage(encryption: number): Buffer {
  return Buffer.from(`00000b00060100110001ff000000000000${encryption.toString(16).padStart(2, '0')}`, 'hex');
}

export interface RawLogin {
  user?: string;
  password?: string;
  database?: string;
  tdsVersion?: number;
  packetBytes?: number;
  newPassword?: string;
  attachDatabaseFile?: string;
}

/** A LOGIN7 message, written down from MS-TDS 2.2.6.4. */
export function login7Message(login: RawLogin): Buffer {
  const fixed = Buffer.alloc(94);
  fixed.writeUInt32LE(login.tdsVersion ?? 0x74000004, 4);
  fixed.writeUInt32LE(login.packetBytes ?? 4096, 8);
  const parts: Buffer[] = [];
  let offset = fixed.length;
  const put = (at: number, text: string, isSecret = false) => {
    const bytes = Buffer.from(text, 'utf16le');
    fixed.writeUInt16LE(offset, at);
    fixed.writeUInt16LE(text.length, at + 2);
    parts.push(isSecret ? Buffer.from(bytes.map((byte) => (((byte << 4) & 0xf0) | (byte >> 4)) ^ 0xa5)) : bytes);
    offset += bytes.length;
  };
  put(36, 'raw');
  put(40, login.user ?? 'sa');
  put(44, login.password ?? 'Practice1', true);
  put(48, 'raw client');
  put(68, login.database ?? '');
  put(82, login.attachDatabaseFile ?? '');
  put(86, login.newPassword ?? '', true);
  const message = Buffer.concat([fixed, ...parts]);
  message.writeUInt32LE(message.length, 0);
  return message;
}

/** ALL_HEADERS with a transaction descriptor. */
export function headers(descriptor = 0n): Buffer {
  const bytes = Buffer.alloc(22);
  bytes.writeUInt32LE(22, 0);
  bytes.writeUInt32LE(18, 4);
  bytes.writeUInt16LE(2, 8);
  bytes.writeBigUInt64LE(descriptor, 10);
  bytes.writeUInt32LE(1, 18);
  return bytes;
}

export function batchMessage(sql: string): Buffer {
  return Buffer.concat([headers(), Buffer.from(sql, 'utf16le')]);
}

/** A raw client that is logged in without encryption. */
export async function connectLoggedIn(port: number): Promise<RawClient> {
  const client = await connectRaw(port);
  await client.ask(0x12, preloginMessage(2));
  await client.ask(0x10, login7Message({}));
  return client;
}
