import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { SnowflakeError } from '../errors.ts';
import type { FileFormat } from './file-format.ts';
import { booleanOption, textOption } from './file-format.ts';
import { unsupportedFeature } from './stage-errors.ts';

/** A piece of a text file. `isBroken`: bytes that are no text in the file's character set were met by now. */
export interface TextPiece {
  text: string;
  isBroken: boolean;
}

/**
 * The text of a staged CSV or JSON file, decompressed and decoded, piece by piece. Bytes that are not valid become U+FFFD; whether
 * that is an error is REPLACE_INVALID_CHARACTERS' business. https://docs.snowflake.com/en/sql-reference/sql/create-file-format
 */
export async function* readText(file: string, format: FileFormat): AsyncGenerator<TextPiece> {
  const encoding = DECODERS[textOption(format, 'ENCODING') ?? 'UTF8'] ?? 'utf-8';
  const keepsMark = !booleanOption(format, 'SKIP_BYTE_ORDER_MARK');
  const decoder = new TextDecoder(encoding, { ignoreBOM: keepsMark });
  const strict = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  let isBroken = false;
  const check = (bytes: Uint8Array | undefined): void => {
    try {
      strict.decode(bytes, { stream: bytes !== undefined });
    } catch {
      isBroken = true;
    }
  };
  const bytes = await decompressed(file, format);
  try {
    for await (const chunk of bytes) {
      check(chunk as Buffer);
      yield { text: decoder.decode(chunk as Buffer, { stream: true }), isBroken };
    }
  } catch (error) {
    throw error instanceof SnowflakeError
      ? error
      : new SnowflakeError(
          '100083',
          '22000',
          `Error decompressing the file: ${error instanceof Error ? error.message : String(error)}`,
        );
  }
  check(undefined);
  yield { text: decoder.decode(), isBroken };
}

const DECODERS: Readonly<Record<string, string>> = {
  UTF8: 'utf-8',
  UTF16: 'utf-16le',
  UTF16LE: 'utf-16le',
  UTF16BE: 'utf-16be',
  BIG5: 'big5',
  EUCJP: 'euc-jp',
  EUCKR: 'euc-kr',
  GB18030: 'gb18030',
  ISO2022JP: 'iso-2022-jp',
  ISO88591: 'iso-8859-1',
  ISO88592: 'iso-8859-2',
  ISO88595: 'iso-8859-5',
  ISO88596: 'iso-8859-6',
  ISO88597: 'iso-8859-7',
  ISO88598: 'iso-8859-8',
  ISO88599: 'windows-1254',
  ISO885915: 'iso-8859-15',
  KOI8R: 'koi8-r',
  SHIFTJIS: 'shift_jis',
  WINDOWS874: 'windows-874',
  WINDOWS1250: 'windows-1250',
  WINDOWS1251: 'windows-1251',
  WINDOWS1252: 'windows-1252',
  WINDOWS1253: 'windows-1253',
  WINDOWS1254: 'windows-1254',
  WINDOWS1255: 'windows-1255',
  WINDOWS1256: 'windows-1256',
};

async function decompressed(file: string, format: FileFormat): Promise<Readable> {
  const given = textOption(format, 'COMPRESSION') ?? 'NONE';
  const encoding = textOption(format, 'ENCODING') ?? 'UTF8';
  if (!(encoding in DECODERS)) {
    throw unsupportedFeature(`ENCODING = ${encoding} in the practice environment`);
  }
  const compression = given === 'AUTO' ? await detectCompression(file) : given;
  const source = createReadStream(file);
  const through = (transform: ReturnType<typeof createGunzip>): Readable => {
    source.on('error', (error) => transform.destroy(error));
    return source.pipe(transform);
  };
  switch (compression) {
    case 'NONE':
      return source;
    case 'GZIP':
      return through(createGunzip());
    case 'DEFLATE':
      return through(createInflate());
    case 'RAW_DEFLATE':
      return through(createInflateRaw());
    case 'BROTLI':
      return through(createBrotliDecompress());
    default:
      source.destroy();
      throw unsupportedFeature(`COMPRESSION = ${compression} in the practice environment`);
  }
}

async function detectCompression(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    const head = buffer.subarray(0, bytesRead).toString('hex');
    if (head.startsWith('1f8b')) {
      return 'GZIP';
    }
    if (head === '28b52ffd') {
      return 'ZSTD';
    }
    if (head.startsWith('425a68')) {
      return 'BZ2';
    }
    return /^78(01|5e|9c|da)/.test(head) ? 'DEFLATE' : 'NONE';
  } finally {
    await handle.close();
  }
}
