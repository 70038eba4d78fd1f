import type { Socket } from 'node:net';
import pg from 'pg';
import { readOptions, report } from './report.ts';

/** Reads the answer to a COPY and throws it away, for machines without psql. */
const { database, statement, rows } = await readOptions<{
  database: pg.ClientConfig;
  statement: string;
  rows: number;
}>();
const client = new pg.Client(database);
await client.connect();
const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
await report(async () => {
  stream.removeAllListeners('data');
  const query = Buffer.from(`Q\0\0\0\0${statement}\0`);
  query.writeInt32BE(query.length - 1, 1);
  let bytes = 0;
  const ended = new Promise<void>((resolve) => {
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      // ReadyForQuery ends the answer: Z, its length of five, a status.
      const tail = chunk.subarray(-6, -1);
      if (tail.equals(Buffer.from([90, 0, 0, 0, 5]))) resolve();
    });
  });
  stream.write(query);
  await ended;
  return { rows, outBytes: bytes, wireBytes: bytes };
});
stream.destroy();
