import {
  batchMessage,
  connectRaw,
  login7Message,
  preloginMessage,
} from '../../src-sandbox/sqlserver/protocol/testing/raw-client.ts';
import { readOptions, report } from './report.ts';

/** The floor: a client that logs in, sends the batch, and only looks for the end of the answer. */
interface Options {
  port: number;
  user: string;
  password: string;
  database: string;
  statement: string;
  rows: number;
}

const HEADER_BYTES = 8;
const END_OF_MESSAGE = 1;

const { port, user, password, database, statement, rows } = await readOptions<Options>();
const client = await connectRaw(port);
await client.ask(0x12, preloginMessage(2));
await client.ask(0x10, login7Message({ user, password, database }));
await report(async () => {
  client.socket.removeAllListeners('data');
  const ended = drain(client.socket);
  client.send(0x01, batchMessage(statement));
  const bytes = await ended;
  return { rows, outBytes: bytes, wireBytes: bytes };
});
client.close();

/** Walks from packet header to packet header: https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-tds/7af53667-1b72-4703-8258-7984e838f746 */
function drain(socket: typeof client.socket): Promise<number> {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    let skip = 0;
    let isLast = false;
    let header = Buffer.alloc(0);
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      let at = 0;
      while (at < chunk.length) {
        const skipped = Math.min(skip, chunk.length - at);
        skip -= skipped;
        at += skipped;
        if (skip === 0 && isLast) return resolve(bytes);
        if (skip > 0 || at === chunk.length) continue;
        const part = chunk.subarray(at, at + HEADER_BYTES - header.length);
        header = Buffer.concat([header, part]);
        at += part.length;
        if (header.length < HEADER_BYTES) continue;
        isLast = ((header[1] ?? 0) & END_OF_MESSAGE) === END_OF_MESSAGE;
        skip = header.readUInt16BE(2) - HEADER_BYTES;
        header = Buffer.alloc(0);
      }
      if (skip === 0 && isLast) resolve(bytes);
    });
  });
}
