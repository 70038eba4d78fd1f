import { createHash } from 'node:crypto';
import { chunkStringToSign, hmacHex, trailerStringToSign } from '../aws/sigv4.ts';
import { S3Error } from './errors.ts';

/** What a signed stream needs to check its chunks; null for STREAMING-UNSIGNED-PAYLOAD-TRAILER. */
export type ChunkSigning = { key: Buffer; amzDate: string; scope: string; seedSignature: string };

const MAX_LINE_BYTES = 16 * 1024;

/**
 * Decodes an aws-chunked body: `hex[;chunk-signature=hex]\r\n data \r\n ... 0\r\n trailers \r\n`, checks every signature, and puts the trailing
 * headers (lower-case names) into `trailers`. Signatures of a chunk are checked once the whole chunk has passed, as a chunk need not fit in memory;
 * the caller must not make the object visible before the generator ends.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  options: { signing: ChunkSigning | null; hasTrailer: boolean; trailers: Map<string, string> },
): AsyncGenerator<Buffer> {
  const reader = createReader(source);
  try {
    yield* decode(reader, options);
  } finally {
    await reader.close();
  }
}

async function* decode(
  reader: Reader,
  {
    signing,
    hasTrailer,
    trailers,
  }: { signing: ChunkSigning | null; hasTrailer: boolean; trailers: Map<string, string> },
): AsyncGenerator<Buffer> {
  let previousSignature = signing?.seedSignature ?? '';
  for (;;) {
    const { size, signature } = parseChunkHeader(await reader.line(), signing !== null);
    const hash = signing ? createHash('sha256') : null;
    for (let left = size; left > 0;) {
      const data = await reader.take(left);
      left -= data.length;
      hash?.update(data);
      yield data;
    }
    if (signing && hash) {
      const chunkSha256 = hash.digest('hex');
      const expected = hmacHex(signing.key, chunkStringToSign({ ...signing, previousSignature, chunkSha256 }));
      if (signature !== expected) throw new S3Error('SignatureDoesNotMatch');
      previousSignature = expected;
    }
    if (size === 0) break;
    if ((await reader.line()) !== '') throw new S3Error('IncompleteBody');
  }
  const trailerSignature = await readTrailers(reader, trailers);
  if (signing && hasTrailer) {
    const expected = hmacHex(
      signing.key,
      trailerStringToSign({ ...signing, previousSignature, trailers: [...trailers] }),
    );
    if (trailerSignature !== expected) throw new S3Error('SignatureDoesNotMatch');
  }
}

function parseChunkHeader(line: string, isSigned: boolean): { size: number; signature: string } {
  const match = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line);
  if (!match || (isSigned && match[2] === undefined)) throw new S3Error('IncompleteBody');
  return { size: Number.parseInt(match[1] as string, 16), signature: match[2] ?? '' };
}

/** Reads `name:value` lines up to an empty line or the end; returns the trailer signature, which is not a trailer itself. */
async function readTrailers(reader: Reader, trailers: Map<string, string>): Promise<string> {
  let signature = '';
  for (;;) {
    if (await reader.isAtEnd()) return signature;
    const line = await reader.line();
    if (line === '') continue;
    const colon = line.indexOf(':');
    if (colon < 1) throw new S3Error('IncompleteBody');
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === 'x-amz-trailer-signature') signature = value;
    else trailers.set(name, value);
  }
}

type Reader = {
  /** One line without its CRLF. */
  line(): Promise<string>;
  /** Between one and `maxBytes` bytes. */
  take(maxBytes: number): Promise<Buffer>;
  isAtEnd(): Promise<boolean>;
  close(): Promise<void>;
};

function createReader(source: AsyncIterable<Buffer>): Reader {
  const iterator = source[Symbol.asyncIterator]();
  let buffer: Buffer = Buffer.alloc(0);

  async function more(): Promise<boolean> {
    const next = await iterator.next();
    if (next.done) return false;
    buffer = buffer.length === 0 ? next.value : Buffer.concat([buffer, next.value]);
    return true;
  }

  return {
    async line() {
      for (;;) {
        const end = buffer.indexOf('\r\n');
        if (end >= 0) {
          const text = buffer.toString('utf8', 0, end);
          buffer = buffer.subarray(end + 2);
          return text;
        }
        if (buffer.length > MAX_LINE_BYTES || !(await more())) throw new S3Error('IncompleteBody');
      }
    },
    async take(maxBytes) {
      while (buffer.length === 0) if (!(await more())) throw new S3Error('IncompleteBody');
      const taken = buffer.subarray(0, maxBytes);
      buffer = buffer.subarray(taken.length);
      return taken;
    },
    async isAtEnd() {
      while (buffer.length === 0) if (!(await more())) return true;
      return false;
    },
    async close() {
      await iterator.return?.();
    },
  };
}
