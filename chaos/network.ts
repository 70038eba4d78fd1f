import { createConnection, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A cable that can be cut: everything that goes to a server goes through here. */
export interface Network {
  port: number;
  /** New connections are refused, those that are open are reset. */
  cut(): Promise<void>;
  /** Nothing comes through any more, and nobody is told. */
  stall(): void;
  /** Resets so many of the connections to come, each once so many bytes have come from the server; answers how many it was. */
  resetAfter(bytes: number, times: number): () => number;
  /** Turns a bit of what the server sends at the start of the next connections: a TLS handshake fails. */
  garble(connections: number): void;
  mend(): Promise<void>;
  close(): Promise<void>;
}

export async function startNetwork(server: { host: string; port: number }): Promise<Network> {
  const pairs = new Set<[Socket, Socket]>();
  let isStalled = false;
  let reset = { bytes: 0, left: 0, done: 0 };
  let toGarble = 0;

  const onConnection = (client: Socket): void => {
    const upstream = createConnection(server);
    const pair: [Socket, Socket] = [client, upstream];
    pairs.add(pair);
    let received = 0;
    let isGarbled = toGarble > 0;
    if (isGarbled) toGarble -= 1;
    const end = (): void => {
      pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of pair) socket.on('error', end).on('close', end);
    client.on('data', (part) => {
      if (!isStalled && !upstream.write(part)) pause(client, upstream);
    });
    upstream.on('data', (part: Buffer) => {
      if (isStalled) return;
      if (isGarbled && part.length > 8) {
        part[part.length >> 1] = (part[part.length >> 1] ?? 0) ^ 0x55;
        isGarbled = false;
      }
      if (!client.write(part)) pause(upstream, client);
      received += part.length;
      if (reset.left > 0 && received > reset.bytes) {
        reset.left -= 1;
        reset.done += 1;
        client.resetAndDestroy();
        end();
      }
    });
  };
  let listener = await listen(onConnection, 0);
  const { port } = listener.address() as AddressInfo;

  return {
    port,
    async cut() {
      const closed = new Promise((resolve) => listener.close(resolve));
      for (const [client, upstream] of pairs) {
        client.resetAndDestroy();
        upstream.destroy();
      }
      await closed;
    },
    stall: () => void (isStalled = true),
    resetAfter(bytes, times) {
      const plan = { bytes, left: times, done: 0 };
      reset = plan;
      return () => plan.done;
    },
    garble: (connections) => void (toGarble = connections),
    async mend() {
      // What was swallowed is lost: connections of before the stall cannot go on.
      if (isStalled) for (const [client] of pairs) client.destroy();
      isStalled = false;
      if (!listener.listening) listener = await listen(onConnection, port);
    },
    async close() {
      const closed = new Promise((resolve) => listener.close(resolve));
      for (const [client, upstream] of pairs) {
        client.destroy();
        upstream.destroy();
      }
      await closed;
    },
  };
}

function pause(from: Socket, to: Socket): void {
  from.pause();
  to.once('drain', () => from.resume());
}

function listen(onConnection: (socket: Socket) => void, port: number): Promise<Server> {
  const listener = createServer(onConnection);
  return new Promise((resolve, reject) =>
    listener.once('error', reject).listen(port, '127.0.0.1', () => resolve(listener)),
  );
}
