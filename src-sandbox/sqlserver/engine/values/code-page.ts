import iconv from 'iconv-lite';

/**
 * Code page of a collation: https://learn.microsoft.com/en-us/sql/relational-databases/collations/collation-and-unicode-support. `65001` is UTF-8 of the
 * _UTF8 collations. Collations without a code page (0) take Unicode types only.
 */
export function codePageOf(collation: string): number {
  if (/_UTF8$/i.test(collation)) return 65_001;
  const sql = /^SQL_.*?_CP(\d+)_/i.exec(collation)?.[1];
  if (sql !== undefined) return sql === '1' ? 1252 : Number(sql);
  return FAMILIES.find(([pattern]) => pattern.test(collation))?.[1] ?? 1252;
}

const FAMILIES: readonly (readonly [RegExp, number])[] = [
  [/^Japanese/i, 932],
  [/^Chinese_(PRC|Simplified)/i, 936],
  [/^Korean/i, 949],
  [/^Chinese_/i, 950],
  [/^Thai/i, 874],
  [/^(Albanian|Croatian|Czech|Hungarian|Polish|Romanian|Slovak|Slovenian|Bosnian_Latin|Serbian_Latin|Turkmen)/i, 1250],
  [/^(Cyrillic|Ukrainian|Macedonian|Kazakh|Tatar|Bosnian_Cyrillic|Serbian_Cyrillic|Bashkir|Yakut)/i, 1251],
  [/^Greek/i, 1253],
  [/^(Turkish|Azeri_Latin|Uzbek_Latin)/i, 1254],
  [/^Hebrew/i, 1255],
  [/^(Arabic|Persian|Urdu|Uighur|Dari|Pashto)/i, 1256],
  [/^(Estonian|Latvian|Lithuanian)/i, 1257],
  [/^Vietnamese/i, 1258],
];

const isAscii = (text: string): boolean => /^[\x00-\x7f]*$/.test(text);

/** Bytes of a varchar value; a character outside the code page becomes a question mark. */
export function encodeCodePage(text: string, codePage: number): Uint8Array {
  if (isAscii(text)) return Buffer.from(text, 'latin1');
  if (codePage === 65_001) return Buffer.from(text, 'utf8');
  const single = singleByteTable(codePage);
  if (single === null) return iconv.encode(text, `cp${codePage}`);
  const bytes: number[] = [];
  for (const char of text) {
    const byte = single.bytes.get(char);
    bytes.push(...(byte === undefined ? Array<number>(char.length).fill(0x3f) : [byte]));
  }
  return Uint8Array.from(bytes);
}

export function decodeCodePage(bytes: Uint8Array, codePage: number): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (codePage === 65_001) return buffer.toString('utf8');
  const single = singleByteTable(codePage);
  return single === null
    ? iconv.decode(buffer, `cp${codePage}`)
    : Array.from(buffer, (byte) => single.chars[byte]).join('');
}

/** The text with what the code page lacks replaced by question marks: what a varchar column keeps of it. */
export function throughCodePage(text: string, codePage: number): string {
  if (isAscii(text)) return text;
  return decodeCodePage(encodeCodePage(text, codePage), codePage);
}

export function byteLength(text: string, codePage: number): number {
  if (isAscii(text)) return text.length;
  if (codePage === 65_001) return Buffer.byteLength(text, 'utf8');
  return singleByteTable(codePage) === null ? encodeCodePage(text, codePage).length : text.length;
}

/** The longest beginning that takes no more than `limit` bytes. */
export function truncateToBytes(text: string, limit: number, codePage: number): string {
  if (text.length <= limit && byteLength(text, codePage) <= limit) return text;
  let bytes = 0;
  let kept = '';
  for (const char of text) {
    bytes += byteLength(char, codePage);
    if (bytes > limit) break;
    kept += char;
  }
  return kept;
}

type SingleByteTable = { chars: string[]; bytes: Map<string, number> };
const tables = new Map<number, SingleByteTable | null>();

/** Undefined bytes stand for the control characters of the same number, as in Windows. */
function singleByteTable(codePage: number): SingleByteTable | null {
  const known = tables.get(codePage);
  if (known !== undefined) return known;
  let table: SingleByteTable | null = null;
  if (![932, 936, 949, 950].includes(codePage)) {
    const chars = Array.from({ length: 256 }, (_, byte) => {
      const char = iconv.decode(Buffer.from([byte]), `cp${codePage}`);
      return char === '\ufffd' ? String.fromCharCode(byte) : char;
    });
    table = { chars, bytes: new Map(chars.map((char, byte) => [char, byte])) };
  }
  tables.set(codePage, table);
  return table;
}
