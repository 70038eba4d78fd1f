import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { Connection } from 'tedious';
import { byteText, done, u16 } from './wire-bytes.ts';

/** What the server does with a batch; `send` cuts the bytes into packets of one message and ends it unless told otherwise. */
export type Script = (batch: {
  text: string;
  send(bytes: Uint8Array, options?: { isLast: boolean }): void;
  socket: Socket;
}) => void;

export interface FakeServer {
  port: number;
  /** Batches and attentions in the order in which they came; the settings that the driver makes at login are left out. */
  readonly received: string[];
  close(): Promise<void>;
}

const BATCH = 0x01;
const ATTENTION = 0x06;
const LOGIN = 0x10;
const PRELOGIN = 0x12;
const PACKET_BYTES = 4096;
const DONE_ATTENTION = 0x20;

/** Speaks just enough TDS for the driver to log in and send batches; answers them as the script says, and attentions when `acknowledges` is true. */
export async function startFakeServer(
  script: Script,
  { acknowledges = true }: { acknowledges?: boolean } = {},
): Promise<FakeServer> {
  const received: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    const send = (bytes: Uint8Array, { isLast }: { isLast: boolean } = { isLast: true }): void => {
      for (let at = 0; at === 0 || at < bytes.length; at += PACKET_BYTES - 8) {
        const piece = bytes.subarray(at, at + PACKET_BYTES - 8);
        const isEnd = isLast && at + PACKET_BYTES - 8 >= bytes.length;
        const length = piece.length + 8;
        socket.write(Uint8Array.of(4, isEnd ? 1 : 0, length >> 8, length & 255, 0, 0, 1, 0));
        socket.write(piece);
      }
    };
    readMessages(socket, (type, payload) => {
      if (type === PRELOGIN) return send(preloginAnswer());
      if (type === LOGIN) return send(Uint8Array.from([...loginAck(), ...done(0, 0)]));
      if (type === ATTENTION) {
        received.push('attention');
        if (acknowledges) {
          send(new Uint8Array(0));
          send(Uint8Array.from(done(0, DONE_ATTENTION)));
        }
        return;
      }
      if (type !== BATCH) throw new Error(`a message of type ${type}`);
      const text = payload.subarray(payload.readUInt32LE(0)).toString('utf16le');
      if (/^set (ansi_nulls|textsize|quoted_identifier)/i.test(text.trim())) return send(Uint8Array.from(done(0, 0)));
      received.push(text);
      script({ text, send, socket });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  return {
    port: address.port,
    received,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A logged-in connection of the real driver. */
export async function connectTo(server: FakeServer): Promise<Connection> {
  const connection = new Connection({
    server: '127.0.0.1',
    authentication: { type: 'default', options: { userName: 'u', password: 'p' } },
    options: { port: server.port, encrypt: false, requestTimeout: 0, cancelTimeout: 300, connectTimeout: 5000 },
  });
  connection.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()));
  });
  return connection;
}

function readMessages(socket: Socket, onMessage: (type: number, payload: Buffer) => void): void {
  let pending = Buffer.alloc(0);
  let parts: Buffer[] = [];
  socket.on('data', (piece: Buffer) => {
    pending = Buffer.concat([pending, piece]);
    while (pending.length >= 8 && pending.length >= pending.readUInt16BE(2)) {
      const length = pending.readUInt16BE(2);
      parts.push(pending.subarray(8, length));
      const type = pending[0]!;
      const isLast = (pending[1]! & 1) === 1;
      pending = pending.subarray(length);
      if (!isLast) continue;
      const payload = Buffer.concat(parts);
      parts = [];
      onMessage(type, payload);
    }
  });
}

/** VERSION 16, and ENCRYPT_NOT_SUP. */
function preloginAnswer(): Uint8Array {
  return Uint8Array.of(0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 16, 0, 0, 0, 0, 0, 2);
}

function loginAck(): number[] {
  const body = [1, 0x74, 0, 0, 4, ...byteText('Microsoft SQL Server'), 16, 0, 0, 0];
  return [0xad, ...u16(body.length), ...body];
}
