import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FaultyProxy {
  url: string;
  /** From now on: the first answer to a statement that matches is lost on the way, its repetitions are told that the session is gone. */
  loseAnswerTo(statement: RegExp): void;
  close(): Promise<void>;
}

/** Passes every request on, and loses one answer when told: what a network fault looks like at the worst moment. */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  let lost: RegExp | null = null;
  const lostRequests = new Set<string>();
  const server = createServer((incoming, outgoing) => {
    void forward(incoming, outgoing).catch(() => outgoing.destroy());
  });

  async function forward(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await collect(incoming);
    const url = new URL(incoming.url ?? '/', target);
    const requestId = url.searchParams.get('requestId') ?? '';
    if (lostRequests.has(requestId)) {
      outgoing.setHeader('content-type', 'application/json');
      outgoing.end(
        JSON.stringify({
          success: false,
          code: '390111',
          message: 'Session no longer exists.',
          data: { sqlState: '08003' },
        }),
      );
      return;
    }
    const answer = await pass({ incoming, url, body });
    if (lost && url.pathname === '/queries/v1/query-request' && lost.test(sqlOf(body))) {
      lost = null;
      lostRequests.add(requestId);
      outgoing.destroy();
      return;
    }
    outgoing.writeHead(answer.status, answer.headers);
    outgoing.end(answer.body);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    loseAnswerTo(statement) {
      lost = statement;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Passed {
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

function pass(options: { incoming: IncomingMessage; url: URL; body: Buffer }): Promise<Passed> {
  const { incoming, url, body } = options;
  return new Promise((resolve, reject) => {
    const upstream = send(
      url,
      { method: incoming.method, headers: { ...incoming.headers, host: url.host } },
      (response) => {
        collect(response).then(
          (answer) => resolve({ status: response.statusCode ?? 502, headers: response.headers, body: answer }),
          reject,
        );
      },
    );
    upstream.on('error', reject);
    upstream.end(body);
  });
}

function sqlOf(body: Buffer): string {
  try {
    return String((JSON.parse(body.toString('utf8')) as { sqlText?: unknown }).sqlText);
  } catch {
    return '';
  }
}

async function collect(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
