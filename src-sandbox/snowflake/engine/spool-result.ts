import { createWriteStream, mkdirSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { createGzip } from 'node:zlib';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { TranslatedQuery } from '../commands/command.ts';
import { errors, fromDuckDb } from '../errors.ts';
import { toWire } from './wire-values.ts';

export interface Chunk {
  /** Unguessable: chunk requests carry no session token. */
  file: string;
  rowCount: number;
  uncompressedSize: number;
  compressedSize: number;
}

export interface SpooledResult {
  /** The first rows, or all of a small result. */
  rows: (string | null)[][];
  chunks: Chunk[];
  total: number;
}

/** A result of up to this many characters goes inline. */
const INLINE_SIZE = 400_000;
/** Uncompressed size at which a chunk is closed; the vendor's grow from about 100 KB to 16 MB and more. */
const CHUNK_SIZE = 2_000_000;

/** Runs the query and writes what does not fit inline to gzip files: the counts must be known before the first answer. */
export async function spoolResult(
  connection: DuckDBConnection,
  query: TranslatedQuery,
  options: { directory: string; signal: AbortSignal; rowLimit: number },
): Promise<SpooledResult> {
  const list = query.columns.map((c, i) => `${toWire(`r${i + 1}`, c.type)} AS w${i + 1}`).join(', ');
  const limit = options.rowLimit > 0 ? ` LIMIT ${options.rowLimit}` : '';
  const spooled: SpooledResult = { rows: [], chunks: [], total: 0 };
  let inline = 0;
  let writer: ChunkWriter | null = null;
  try {
    const result = await connection.stream(`SELECT ${list} FROM (${query.sql})${limit}`);
    for (;;) {
      if (options.signal.aborted) throw errors.canceled();
      const chunk = await result.fetchChunk();
      if (!chunk || chunk.rowCount === 0) break;
      const rows = chunk.getRows() as (string | null)[][];
      spooled.total += rows.length;
      for (const row of rows) {
        if (!writer && inline < INLINE_SIZE) {
          spooled.rows.push(row);
          for (const value of row) inline += value === null ? 4 : value.length + 3;
          continue;
        }
        writer ??= openChunk(options.directory);
        await writer.write(row);
        if (writer.size >= CHUNK_SIZE) {
          spooled.chunks.push(await writer.close());
          writer = null;
          inline = INLINE_SIZE;
        }
      }
    }
    if (writer) spooled.chunks.push(await writer.close());
    return spooled;
  } catch (error) {
    throw options.signal.aborted ? errors.canceled() : fromDuckDb(error);
  }
}

interface ChunkWriter {
  size: number;
  write(row: (string | null)[]): Promise<void>;
  close(): Promise<Chunk>;
}

/** The body is rows joined by commas, without brackets around. */
function openChunk(directory: string): ChunkWriter {
  mkdirSync(directory, { recursive: true });
  const file = randomBytes(24).toString('hex');
  const gzip = createGzip({ level: 1 });
  const out = createWriteStream(path.join(directory, file));
  gzip.pipe(out);
  let rowCount = 0;
  const writer: ChunkWriter = {
    size: 0,
    write: async (row) => {
      const text = `${rowCount === 0 ? '' : ','}${JSON.stringify(row)}`;
      rowCount += 1;
      writer.size += text.length;
      if (!gzip.write(text)) await once(gzip, 'drain');
    },
    close: async () => {
      gzip.end();
      await once(out, 'finish');
      return { file, rowCount, uncompressedSize: writer.size, compressedSize: out.bytesWritten };
    },
  };
  return writer;
}
