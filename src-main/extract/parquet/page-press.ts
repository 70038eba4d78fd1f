import zlib from 'node:zlib';
import type { Compression } from './parquet-metadata.ts';

/** Compresses pages on libuv's threads, so that this thread goes on decoding. */
export interface PagePress {
  readonly compression: Compression;
  /** Compresses the pages of one column, whose values are alike: what was learnt from one page serves the next. */
  forColumn(): CompressPage;
  /** True while as much waits for compression as may: whoever adds pages waits for `hasRoom`. */
  isFull(): boolean;
  hasRoom(): Promise<void>;
}

export type CompressPage = (body: Uint8Array) => Promise<Uint8Array>;

/** What is known of a column from its pages so far. */
interface Experience {
  /** Compressed size by size before, of the last page. */
  ratio: number;
  pages: number;
}

type ZstdCompress = (
  body: Uint8Array,
  options: { chunkSize: number; params: Record<number, number> },
  callback: (error: Error | null, result: Buffer) => void,
) => void;

const MOST_PAGES = 24;
const MOST_BYTES = 8 * 1024 * 1024;
const LEVEL = 1;
const SMALLEST_CHUNK = 16 * 1024;
/** From here on a search for repetitions finds nothing: numbers without order, or bit-packed codes. Huffman codes alone are as small, in half the time. */
const NOISE_RATIO = 0.55;
/** Among so many pages of noise one is searched all the same: the column may have changed. */
const SEARCH_EVERY = 16;

/** zstd where this Node has it (22.15 and newer), else gzip; both at level 1: higher ones cost far more time than they save bytes. */
export function createPagePress(wanted?: Compression): PagePress {
  const { zstdCompress } = zlib as unknown as { zstdCompress?: ZstdCompress };
  const compression = wanted ?? (zstdCompress ? 'zstd' : 'gzip');
  const run = chooseCompressor(compression, zstdCompress);
  let pages = 0;
  let bytes = 0;
  let waiting: (() => void)[] = [];
  const isFull = (): boolean => pages >= MOST_PAGES || bytes >= MOST_BYTES;
  const hasDrained = (): boolean => pages <= MOST_PAGES / 2 && bytes <= MOST_BYTES / 2;

  return {
    compression,
    isFull,
    hasRoom: () => (hasDrained() ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    forColumn() {
      const experience: Experience = { ratio: 0.5, pages: 0 };
      return async (body) => {
        pages++;
        bytes += body.length;
        experience.pages++;
        try {
          const result = await run(body, experience);
          if (body.length >= SMALLEST_CHUNK) experience.ratio = result.length / body.length;
          return result;
        } finally {
          pages--;
          bytes -= body.length;
          if (waiting.length > 0 && hasDrained()) {
            const released = waiting;
            waiting = [];
            for (const release of released) release();
          }
        }
      };
    },
  };
}

function chooseCompressor(
  compression: Compression,
  zstdCompress: ZstdCompress | undefined,
): (body: Uint8Array, experience: Experience) => Promise<Uint8Array> {
  // One chunk for the whole result: further ones cost a round trip to the thread pool each.
  const chunkSize = (body: Uint8Array, { ratio }: Experience): number =>
    Math.max(SMALLEST_CHUNK, Math.ceil(body.length * Math.min(1.01, ratio * 1.15)));
  switch (compression) {
    case 'none':
      return (body) => Promise.resolve(body.slice());
    case 'gzip':
      return (body, experience) =>
        new Promise((resolve, reject) => {
          const { Z_HUFFMAN_ONLY, Z_DEFAULT_STRATEGY } = zlib.constants;
          const { ratio, pages } = experience;
          const isNoise = ratio > NOISE_RATIO && pages % SEARCH_EVERY !== 0;
          const strategy = isNoise ? Z_HUFFMAN_ONLY : Z_DEFAULT_STRATEGY;
          const options = { level: LEVEL, memLevel: 9, strategy, chunkSize: chunkSize(body, experience) };
          zlib.gzip(body, options, (error, result) => (error ? reject(error) : resolve(result)));
        });
    case 'zstd': {
      if (!zstdCompress) throw new Error('This Node has no zstd; Node 22.15 or newer has.');
      const { ZSTD_c_compressionLevel: level = 100 } = zlib.constants as unknown as Record<string, number>;
      return (body, experience) =>
        new Promise((resolve, reject) => {
          zstdCompress(body, { chunkSize: chunkSize(body, experience), params: { [level]: LEVEL } }, (error, result) =>
            error ? reject(error) : resolve(result),
          );
        });
    }
  }
}
