import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { borrowBytes, createLendingSocket, returnBytes } from './lending-socket.ts';

let server: Server;
const peers: Socket[] = [];

beforeAll(async () => {
  server = createServer((peer) => peers.push(peer));
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => server.close());

async function connect(): Promise<{ socket: Socket; peer: Socket }> {
  const socket = createLendingSocket();
  const accepted = once(server, 'connection');
  socket.connect((server.address() as AddressInfo).port, '127.0.0.1');
  await Promise.all([accepted, once(socket, 'connect')]);
  return { socket, peer: peers.at(-1) as Socket };
}

const until = async (isTrue: () => boolean): Promise<void> => {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
};

it('gives copies that keep their bytes, and ends as a socket does', async () => {
  const { socket, peer } = await connect();
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  peer.write('first');
  await until(() => chunks.length === 1);
  peer.write('other');
  await until(() => chunks.length === 2);
  expect(chunks.map(String)).toEqual(['first', 'other']);
  const ended = once(socket, 'end');
  peer.end();
  await ended;
});

it('lends its bytes without an event until they are returned', async () => {
  const { socket, peer } = await connect();
  const events: string[] = [];
  const lent: string[] = [];
  socket.on('data', (chunk: Buffer) => events.push(String(chunk)));
  expect(borrowBytes(socket, (bytes) => lent.push(Buffer.from(bytes).toString()))).toBe(true);
  peer.write('lent');
  await until(() => lent.length === 1);
  returnBytes(socket);
  peer.write('own');
  await until(() => events.length === 1);
  expect({ lent, events }).toEqual({ lent: ['lent'], events: ['own'] });
  socket.destroy();
});

it('reads nothing while it rests, and loses nothing by it', async () => {
  const { socket, peer } = await connect();
  let length = 0;
  borrowBytes(socket, (bytes) => {
    length += bytes.length;
    socket.pause();
  });
  socket.on('data', () => undefined);
  const sent = 40 * 1024 * 1024;
  peer.write(Buffer.alloc(sent, 1));
  await until(() => length > 0);
  const before = length;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(length).toBe(before);
  expect(peer.writableLength).toBeGreaterThan(0);
  const goOn = setInterval(() => socket.resume(), 0);
  await until(() => length === sent);
  clearInterval(goOn);
  socket.destroy();
});

it('leaves other sockets alone', async () => {
  const { peer } = await connect();
  expect(borrowBytes(peer, () => undefined)).toBe(false);
  peer.destroy();
});
