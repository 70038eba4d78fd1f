import iconv from 'iconv-lite';
import type { CodePage } from './collation.ts';

/** A code page whose characters are single bytes: UTF-16 units by byte, 0xFFFD where there is none. */
export interface SingleBytePage {
  kind: 'single-byte';
  units: Uint16Array;
}

/** A code page with characters of two bytes: decoded a value at a time, U+FFFD where there is none. */
export interface DoubleBytePage {
  kind: 'double-byte';
  decode(bytes: Uint8Array): string;
}

/** What a value becomes where a byte stands for no character. */
export const NO_CHARACTER = 0xfffd;

const DOUBLE_BYTE = new Set<CodePage>(['cp932', 'cp936', 'cp949', 'cp950']);

/**
 * The tables are iconv-lite's: the decoders of the runtime cannot be used, as `windows-1252` is Latin-1 and `euc-kr` not code page 949 in some of the versions
 * of Node that this runs on.
 */
export function openCodePage(page: Exclude<CodePage, 'utf-8'>): SingleBytePage | DoubleBytePage {
  if (!DOUBLE_BYTE.has(page)) return { kind: 'single-byte', units: singleByteUnits(page) };
  return {
    kind: 'double-byte',
    decode: (bytes) => iconv.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), page),
  };
}

/**
 * The bytes 0x80 to 0x9F that a Windows code page leaves free are the control characters of the same number, as Windows itself converts them:
 * https://www.unicode.org/Public/MAPPINGS/VENDORS/MICSFT/WindowsBestFit/
 */
function singleByteUnits(page: CodePage): Uint16Array {
  const units = Uint16Array.from({ length: 256 }, (_none, byte) => byte);
  if (page === 'ascii') return units.fill(NO_CHARACTER, 0x80);
  const decoded = iconv.decode(Buffer.from(units.subarray(0x80)), page);
  for (let byte = 0x80; byte < 0x100; byte += 1) {
    const unit = decoded.charCodeAt(byte - 0x80);
    units[byte] = unit === NO_CHARACTER && byte < 0xa0 ? byte : unit;
  }
  return units;
}
