import { isUtf8 } from 'node:buffer';
import type { CellCodec, WireBatch } from '../../../extract/column-batch.ts';
import { CellError } from '../../../extract/cell-error.ts';
import { openCodePage, NO_CHARACTER, type DoubleBytePage } from './code-pages.ts';
import { codePageOf, type CodePage } from './collation.ts';
import { writeLength } from '../../../lib/plain-length.ts';
import { wrongLength } from './decode-numbers.ts';
import type { WireColumn } from './wire-column.ts';

type BytesCodec = Extract<CellCodec, { kind: 'bytes' }>;

/** Char types and xml as UTF-8. */
export function textCodec(column: WireColumn): BytesCodec {
  if (column.kind !== 'varchar') return UTF16_CODEC;
  const page = codePageOf(column.collation);
  if (page === 'utf-8') return UTF8_CODEC;
  const opened = openCodePage(page);
  return opened.kind === 'single-byte' ? singleByteCodec(page, opened.units) : doubleByteCodec(page, opened);
}

/** uniqueidentifier as SQL Server shows it: upper case; the first three groups lie little-endian (MS-DTYP 2.3.4.2). */
export const GUID_CODEC: BytesCodec = {
  kind: 'bytes',
  parquet: { kind: 'text' },
  maxBytes: (_wireBytes, cellCount) => cellCount * 40,
  decode({ bytes, starts, lengths, stride }, column, { from, count }, out, at) {
    const first = column * stride + from;
    for (let cell = first; cell < first + count; cell += 1) {
      const length = lengths[cell]!;
      if (length < 0) continue;
      if (length !== 16) throw wrongLength('a uniqueidentifier', length);
      const start = starts[cell]!;
      at = writeLength(out, at, 36);
      for (let place = 0; place < 16; place += 1) {
        if (place === 4 || place === 6 || place === 8 || place === 10) {
          out[at] = 0x2d;
          at += 1;
        }
        at = writeHex(out, at, bytes[start + GUID_ORDER[place]!]!);
      }
    }
    return at;
  },
};

const GUID_ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

/** Binary types and CLR values: the bytes as they are. */
export const BINARY_CODEC: BytesCodec = {
  kind: 'bytes',
  parquet: { kind: 'binary' },
  maxBytes: (wireBytes, cellCount) => wireBytes + cellCount * 4,
  decode: copyBytes,
};

/** Binary types as upper-case hex digits. */
export const HEX_CODEC: BytesCodec = {
  kind: 'bytes',
  parquet: { kind: 'text' },
  maxBytes: (wireBytes, cellCount) => wireBytes * 2 + cellCount * 4,
  decode({ bytes, starts, lengths, stride }, column, { from, count }, out, at) {
    const first = column * stride + from;
    for (let cell = first; cell < first + count; cell += 1) {
      const length = lengths[cell]!;
      if (length < 0) continue;
      const start = starts[cell]!;
      at = writeLength(out, at, length * 2);
      for (let place = start; place < start + length; place += 1) at = writeHex(out, at, bytes[place]!);
    }
    return at;
  },
};

/** UTF-16 to UTF-8. Half of a surrogate pair alone is no character and has no UTF-8. */
const UTF16_CODEC: BytesCodec = {
  kind: 'bytes',
  parquet: { kind: 'text' },
  maxBytes: (wireBytes, cellCount) => Math.ceil(wireBytes * 1.5) + cellCount * 4,
  decode({ bytes, starts, lengths, stride }, column, { from, count }, out, at) {
    const first = column * stride + from;
    for (let cell = first; cell < first + count; cell += 1) {
      const length = lengths[cell]!;
      if (length < 0) continue;
      if ((length & 1) === 1) throw wrongLength('UTF-16 text', length);
      const lengthAt = at;
      at += 4;
      let place = starts[cell]!;
      const end = place + length;
      while (place < end) {
        const unit = bytes[place]! | (bytes[place + 1]! << 8);
        place += 2;
        if (unit < 0x80) {
          out[at] = unit;
          at += 1;
        } else if (unit < 0x800) {
          out[at] = 0xc0 | (unit >> 6);
          out[at + 1] = 0x80 | (unit & 63);
          at += 2;
        } else if ((unit & 0xf800) !== 0xd800) {
          at = writeThree(out, at, unit);
        } else {
          const low = unit < 0xdc00 && place < end ? bytes[place]! | (bytes[place + 1]! << 8) : 0;
          if ((low & 0xfc00) !== 0xdc00) throw loneSurrogate(bytes, { start: starts[cell]!, length, unit });
          place += 2;
          const point = 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff);
          out[at] = 0xf0 | (point >> 18);
          out[at + 1] = 0x80 | ((point >> 12) & 63);
          out[at + 2] = 0x80 | ((point >> 6) & 63);
          out[at + 3] = 0x80 | (point & 63);
          at += 4;
        }
      }
      writeLength(out, lengthAt, at - lengthAt - 4);
    }
    return at;
  },
};

/** UTF-8 collations: the bytes as they are, once they are known to be valid. */
const UTF8_CODEC: BytesCodec = {
  kind: 'bytes',
  parquet: { kind: 'text' },
  maxBytes: BINARY_CODEC.maxBytes,
  decode(batch, column, rows, out, at) {
    const { bytes, starts, lengths, stride } = batch;
    const first = column * stride + rows.from;
    for (let cell = first; cell < first + rows.count; cell += 1) {
      const length = lengths[cell]!;
      if (length < 0) continue;
      const start = starts[cell]!;
      let place = start;
      while (place < start + length && bytes[place]! < 0x80) place += 1;
      if (place === start + length) continue;
      const value = bytes.subarray(start, start + length);
      if (!isUtf8(value)) throw new CellError('its bytes are not valid UTF-8', toText(value, 'utf8'));
    }
    return copyBytes(batch, column, rows, out, at);
  },
};

function singleByteCodec(page: CodePage, units: Uint16Array): BytesCodec {
  return {
    kind: 'bytes',
    parquet: { kind: 'text' },
    maxBytes: (wireBytes, cellCount) => wireBytes * 3 + cellCount * 4,
    decode({ bytes, starts, lengths, stride }, column, { from, count }, out, at) {
      const first = column * stride + from;
      for (let cell = first; cell < first + count; cell += 1) {
        const length = lengths[cell]!;
        if (length < 0) continue;
        const lengthAt = at;
        at += 4;
        const start = starts[cell]!;
        const end = start + length;
        for (let place = start; place < end; place += 1) {
          const byte = bytes[place]!;
          if (byte < 0x80) {
            out[at] = byte;
            at += 1;
            continue;
          }
          const unit = units[byte]!;
          if (unit < 0x800) {
            out[at] = 0xc0 | (unit >> 6);
            out[at + 1] = 0x80 | (unit & 63);
            at += 2;
          } else {
            if (unit === NO_CHARACTER) throw noCharacter(page, bytes.subarray(start, end), byte);
            at = writeThree(out, at, unit);
          }
        }
        writeLength(out, lengthAt, at - lengthAt - 4);
      }
      return at;
    },
  };
}

function doubleByteCodec(page: CodePage, decoder: DoubleBytePage): BytesCodec {
  return {
    kind: 'bytes',
    parquet: { kind: 'text' },
    // Two bytes become at most three (or two characters of two each), a single one at most three.
    maxBytes: (wireBytes, cellCount) => wireBytes * 3 + cellCount * 4,
    decode({ bytes, starts, lengths, stride }, column, { from, count }, out, at) {
      const target = Buffer.from(out.buffer, out.byteOffset, out.length);
      const first = column * stride + from;
      for (let cell = first; cell < first + count; cell += 1) {
        const length = lengths[cell]!;
        if (length < 0) continue;
        const lengthAt = at;
        at += 4;
        const start = starts[cell]!;
        const end = start + length;
        let place = start;
        while (place < end && bytes[place]! < 0x80) {
          out[at] = bytes[place]!;
          at += 1;
          place += 1;
        }
        if (place < end) {
          const text = decoder.decode(bytes.subarray(place, end));
          if (text.includes('\ufffd')) throw noCharacter(page, bytes.subarray(start, end), null);
          at += target.write(text, at, 'utf8');
        }
        writeLength(out, lengthAt, at - lengthAt - 4);
      }
      return at;
    },
  };
}

function copyBytes(
  { bytes, starts, lengths, stride }: WireBatch,
  column: number,
  { from, count }: { from: number; count: number },
  out: Uint8Array,
  at: number,
): number {
  const first = column * stride + from;
  for (let cell = first; cell < first + count; cell += 1) {
    const length = lengths[cell]!;
    if (length < 0) continue;
    const start = starts[cell]!;
    at = writeLength(out, at, length);
    if (length > SHORT_COPY) out.set(bytes.subarray(start, start + length), at);
    else for (let place = 0; place < length; place += 1) out[at + place] = bytes[start + place]!;
    at += length;
  }
  return at;
}

/** From here on the call of a native copy costs less than the loop. */
const SHORT_COPY = 64;

const HEX = '0123456789ABCDEF';
const HEX_DIGITS = Uint8Array.from(HEX, (digit) => digit.charCodeAt(0));

function writeHex(out: Uint8Array, at: number, byte: number): number {
  out[at] = HEX_DIGITS[byte >> 4]!;
  out[at + 1] = HEX_DIGITS[byte & 15]!;
  return at + 2;
}

function writeThree(out: Uint8Array, at: number, unit: number): number {
  out[at] = 0xe0 | (unit >> 12);
  out[at + 1] = 0x80 | ((unit >> 6) & 63);
  out[at + 2] = 0x80 | (unit & 63);
  return at + 3;
}

function loneSurrogate(bytes: Uint8Array, value: { start: number; length: number; unit: number }): CellError {
  const text = toText(bytes.subarray(value.start, value.start + value.length), 'utf16le');
  return new CellError(
    `it holds one half of a surrogate pair (U+${value.unit.toString(16).toUpperCase()}), which is no character and cannot be written in UTF-8`,
    Buffer.from(text).toString(),
  );
}

function noCharacter(page: CodePage, value: Uint8Array, byte: number | null): CellError {
  const which =
    byte === null ? 'a byte sequence that stands' : `the byte 0x${byte.toString(16).toUpperCase()}, which stands`;
  const name = page === 'ascii' ? 'ASCII' : `code page ${page.slice(2)}`;
  return new CellError(`it holds ${which} for no character in ${name}`, toText(value, 'latin1'));
}

/** The beginning of a value, for people. */
function toText(value: Uint8Array, encoding: BufferEncoding): string {
  return Buffer.from(value.subarray(0, 400)).toString(encoding);
}
