import iconv from 'iconv-lite';

export type CodePage = 'utf8' | `cp${number}`;

export interface Collation {
  name: string;
  /** As COLMETADATA and ENVCHANGE carry it, MS-TDS 2.2.5.1.2: 20 bits of locale, 8 of flags, 4 of version, 8 of sort id. */
  bytes: Buffer;
  codePage: CodePage;
  isCaseSensitive: boolean;
}

export const DEFAULT_COLLATION = 'SQL_Latin1_General_CP1_CI_AS';

const FLAG = {
  ignoreCase: 0x01,
  ignoreAccent: 0x02,
  ignoreKana: 0x04,
  ignoreWidth: 0x08,
  bin: 0x10,
  bin2: 0x20,
  utf8: 0x40,
};

/** Windows collation designators by ANSI code page, with their locale: https://learn.microsoft.com/sql/relational-databases/collations/windows-collation-name-transact-sql */
const DESIGNATORS: Readonly<Record<number, Readonly<Record<string, number>>>> = {
  874: { Thai: 0x041e },
  932: { Japanese: 0x0411, Japanese_XJIS: 0x0411, Japanese_Bushu_Kakusu: 0x0411, Japanese_Unicode: 0x10411 },
  936: {
    Chinese_PRC: 0x0804,
    Chinese_PRC_Stroke: 0x20804,
    Chinese_Simplified_Pinyin: 0x0804,
    Chinese_Simplified_Stroke_Order: 0x20804,
  },
  949: { Korean: 0x0412, Korean_Wansung: 0x0412 },
  950: {
    Chinese_Taiwan_Stroke: 0x0404,
    Chinese_Traditional_Stroke_Count: 0x0404,
    Chinese_Taiwan_Bopomofo: 0x30404,
    Chinese_Traditional_Bopomofo: 0x30404,
    Chinese_Hong_Kong_Stroke: 0x0c04,
    Chinese_Traditional_Pinyin: 0x1404,
    Chinese_Traditional_Stroke_Order: 0x21404,
  },
  1250: {
    Albanian: 0x041c,
    Bosnian_Latin: 0x141a,
    Croatian: 0x041a,
    Czech: 0x0405,
    Hungarian: 0x040e,
    Hungarian_Technical: 0x1040e,
    Polish: 0x0415,
    Romanian: 0x0418,
    Serbian_Latin: 0x081a,
    Slovak: 0x041b,
    Slovenian: 0x0424,
    Turkmen: 0x0442,
  },
  1251: {
    Azeri_Cyrillic: 0x082c,
    Bashkir: 0x046d,
    Bosnian_Cyrillic: 0x201a,
    Cyrillic_General: 0x0419,
    Kazakh: 0x043f,
    Macedonian_FYROM: 0x042f,
    Serbian_Cyrillic: 0x0c1a,
    Tatar: 0x0444,
    Ukrainian: 0x0422,
    Yakut: 0x0485,
  },
  1252: {
    Breton: 0x047e,
    Corsican: 0x0483,
    Danish_Greenlandic: 0x0406,
    Danish_Norwegian: 0x0406,
    Finnish_Swedish: 0x040b,
    French: 0x040c,
    Frisian: 0x0462,
    Georgian_Modern_Sort: 0x10437,
    German_PhoneBook: 0x10407,
    Icelandic: 0x040f,
    Latin1_General: 0x0409,
    Mapudungan: 0x047a,
    Modern_Spanish: 0x0c0a,
    Mohawk: 0x047c,
    Norwegian: 0x0414,
    Romansh: 0x0417,
    Sami_Norway: 0x043b,
    Sami_Sweden_Finland: 0x083b,
    Tamazight: 0x085f,
    Traditional_Spanish: 0x040a,
    Upper_Sorbian: 0x042e,
    Welsh: 0x0452,
  },
  1253: { Greek: 0x0408 },
  1254: { Azeri_Latin: 0x042c, Turkish: 0x041f, Uzbek_Latin: 0x0443 },
  1255: { Hebrew: 0x040d },
  1256: { Arabic: 0x0401, Dari: 0x048c, Persian: 0x0429, Uighur: 0x0480, Urdu: 0x0420 },
  1257: { Estonian: 0x0425, Latvian: 0x0426, Lithuanian: 0x0427 },
  1258: { Vietnamese: 0x042a },
};

/** SQL collations by sort id: https://learn.microsoft.com/sql/relational-databases/collations/sql-server-collation-name-transact-sql */
const SQL_COLLATIONS: Readonly<Record<string, readonly [sortId: number, codePage: number, locale: number]>> = {
  SQL_Latin1_General_CP437_BIN: [30, 437, 0x0409],
  SQL_Latin1_General_CP437_CS_AS: [31, 437, 0x0409],
  SQL_Latin1_General_CP437_CI_AS: [32, 437, 0x0409],
  SQL_Latin1_General_Pref_CP437_CI_AS: [33, 437, 0x0409],
  SQL_Latin1_General_CP437_CI_AI: [34, 437, 0x0409],
  SQL_Latin1_General_CP850_BIN: [40, 850, 0x0409],
  SQL_Latin1_General_CP850_CS_AS: [41, 850, 0x0409],
  SQL_Latin1_General_CP850_CI_AS: [42, 850, 0x0409],
  SQL_Latin1_General_Pref_CP850_CI_AS: [43, 850, 0x0409],
  SQL_Latin1_General_CP850_CI_AI: [44, 850, 0x0409],
  SQL_1xCompat_CP850_CI_AS: [49, 850, 0x0409],
  SQL_Latin1_General_CP1_CS_AS: [51, 1252, 0x0409],
  SQL_Latin1_General_CP1_CI_AS: [52, 1252, 0x0409],
  SQL_Latin1_General_Pref_CP1_CI_AS: [53, 1252, 0x0409],
  SQL_Latin1_General_CP1_CI_AI: [54, 1252, 0x0409],
  SQL_AltDiction_CP850_CS_AS: [55, 850, 0x0409],
  SQL_AltDiction_Pref_CP850_CI_AS: [56, 850, 0x0409],
  SQL_AltDiction_CP850_CI_AI: [57, 850, 0x0409],
  SQL_Scandinavian_Pref_CP850_CI_AS: [58, 850, 0x0409],
  SQL_Scandinavian_CP850_CS_AS: [59, 850, 0x0409],
  SQL_Scandinavian_CP850_CI_AS: [60, 850, 0x0409],
  SQL_AltDiction_CP850_CI_AS: [61, 850, 0x0409],
  SQL_Latin1_General_CP1250_CS_AS: [81, 1250, 0x0409],
  SQL_Latin1_General_CP1250_CI_AS: [82, 1250, 0x0409],
  SQL_Czech_CP1250_CS_AS: [83, 1250, 0x0405],
  SQL_Czech_CP1250_CI_AS: [84, 1250, 0x0405],
  SQL_Hungarian_CP1250_CS_AS: [85, 1250, 0x040e],
  SQL_Hungarian_CP1250_CI_AS: [86, 1250, 0x040e],
  SQL_Polish_CP1250_CS_AS: [87, 1250, 0x0415],
  SQL_Polish_CP1250_CI_AS: [88, 1250, 0x0415],
  SQL_Romanian_CP1250_CS_AS: [89, 1250, 0x0418],
  SQL_Romanian_CP1250_CI_AS: [90, 1250, 0x0418],
  SQL_Croatian_CP1250_CS_AS: [91, 1250, 0x041a],
  SQL_Croatian_CP1250_CI_AS: [92, 1250, 0x041a],
  SQL_Slovak_CP1250_CS_AS: [93, 1250, 0x041b],
  SQL_Slovak_CP1250_CI_AS: [94, 1250, 0x041b],
  SQL_Slovenian_CP1250_CS_AS: [95, 1250, 0x0424],
  SQL_Slovenian_CP1250_CI_AS: [96, 1250, 0x0424],
  SQL_Latin1_General_CP1251_CS_AS: [105, 1251, 0x0419],
  SQL_Latin1_General_CP1251_CI_AS: [106, 1251, 0x0419],
  SQL_Ukrainian_CP1251_CS_AS: [107, 1251, 0x0422],
  SQL_Ukrainian_CP1251_CI_AS: [108, 1251, 0x0422],
  SQL_Latin1_General_CP1253_CS_AS: [113, 1253, 0x0408],
  SQL_Latin1_General_CP1253_CI_AS: [114, 1253, 0x0408],
  SQL_MixDiction_CP1253_CS_AS: [120, 1253, 0x0408],
  SQL_AltDiction_CP1253_CS_AS: [121, 1253, 0x0408],
  SQL_Latin1_General_CP1253_CI_AI: [124, 1253, 0x0408],
  SQL_Latin1_General_CP1254_CS_AS: [129, 1254, 0x041f],
  SQL_Latin1_General_CP1254_CI_AS: [130, 1254, 0x041f],
  SQL_Latin1_General_CP1255_CS_AS: [137, 1255, 0x040d],
  SQL_Latin1_General_CP1255_CI_AS: [138, 1255, 0x040d],
  SQL_Latin1_General_CP1256_CS_AS: [145, 1256, 0x0401],
  SQL_Latin1_General_CP1256_CI_AS: [146, 1256, 0x0401],
  SQL_Latin1_General_CP1257_CS_AS: [153, 1257, 0x0425],
  SQL_Latin1_General_CP1257_CI_AS: [154, 1257, 0x0425],
  SQL_Estonian_CP1257_CS_AS: [155, 1257, 0x0425],
  SQL_Estonian_CP1257_CI_AS: [156, 1257, 0x0425],
  SQL_Latvian_CP1257_CS_AS: [157, 1257, 0x0426],
  SQL_Latvian_CP1257_CI_AS: [158, 1257, 0x0426],
  SQL_Lithuanian_CP1257_CS_AS: [159, 1257, 0x0427],
  SQL_Lithuanian_CP1257_CI_AS: [160, 1257, 0x0427],
  SQL_Danish_Pref_CP1_CI_AS: [183, 1252, 0x0406],
  SQL_SwedishPhone_Pref_CP1_CI_AS: [184, 1252, 0x040b],
  SQL_SwedishStd_Pref_CP1_CI_AS: [185, 1252, 0x040b],
  SQL_Icelandic_Pref_CP1_CI_AS: [186, 1252, 0x040f],
};

const VERSIONS: Readonly<Record<string, number>> = { '': 0, '90': 1, '100': 2, '140': 3, '160': 4 };

const byName = new Map<string, Collation>();
const windowsLocales = new Map(
  Object.entries(DESIGNATORS).flatMap(([page, names]) =>
    Object.entries(names).map(
      ([name, locale]) => [name.toLowerCase(), { name, locale, codePage: Number(page) }] as const,
    ),
  ),
);
const sqlNames = new Map(Object.keys(SQL_COLLATIONS).map((name) => [name.toLowerCase(), name]));

/** A collation by its name, whose case does not matter. Throws for names that this endpoint does not know. */
export function findCollation(name: string): Collation {
  const key = name.toLowerCase();
  let collation = byName.get(key);
  if (collation === undefined) {
    collation = buildSqlCollation(key) ?? buildWindowsCollation(name);
    byName.set(key, collation);
  }
  return collation;
}

function buildSqlCollation(key: string): Collation | undefined {
  const name = sqlNames.get(key);
  const known = name === undefined ? undefined : SQL_COLLATIONS[name];
  if (name === undefined || known === undefined) return undefined;
  const [sortId, codePage, locale] = known;
  const flags = /_BIN$/.test(name) ? FLAG.bin : sensitivityFlags(name);
  return {
    name,
    bytes: collationBytes({ locale, flags, version: 0, sortId }),
    codePage: `cp${codePage}`,
    isCaseSensitive: (flags & FLAG.ignoreCase) === 0,
  };
}

function buildWindowsCollation(name: string): Collation {
  const match =
    /^([A-Za-z]\w*?)(?:_(90|100|140|160))?_(BIN2?(?:_UTF8)?|C[IS]_A[IS](?:_KS)?(?:_WS)?(?:_VSS)?(?:_SC)?(?:_UTF8)?)$/i.exec(
      name,
    );
  const designator = windowsLocales.get((match?.[1] ?? '').toLowerCase());
  if (match === null || designator === undefined)
    throw new Error(`the collation ${name} is not known to the TDS endpoint`);
  const options = match[3]!.toUpperCase();
  const binary = options.startsWith('BIN2') ? FLAG.bin2 : FLAG.bin;
  const isUtf8 = options.endsWith('_UTF8');
  const flags = (options.startsWith('BIN') ? binary : sensitivityFlags(`_${options}`)) | (isUtf8 ? FLAG.utf8 : 0);
  return {
    name,
    bytes: collationBytes({ locale: designator.locale, flags, version: VERSIONS[match[2] ?? ''] ?? 0, sortId: 0 }),
    codePage: isUtf8 ? 'utf8' : `cp${designator.codePage}`,
    isCaseSensitive: (flags & FLAG.ignoreCase) === 0,
  };
}

function sensitivityFlags(name: string): number {
  return (
    (/_CI/i.test(name) ? FLAG.ignoreCase : 0) |
    (/_AI/i.test(name) ? FLAG.ignoreAccent : 0) |
    (/_KS/i.test(name) ? 0 : FLAG.ignoreKana) |
    (/_WS/i.test(name) ? 0 : FLAG.ignoreWidth)
  );
}

function collationBytes(parts: { locale: number; flags: number; version: number; sortId: number }): Buffer {
  const { locale, flags, version, sortId } = parts;
  return Buffer.from([
    locale & 0xff,
    (locale >> 8) & 0xff,
    ((locale >> 16) & 0x0f) | ((flags & 0x0f) << 4),
    (flags >> 4) | (version << 4),
    sortId,
  ]);
}

const sqlBySortId = new Map(Object.entries(SQL_COLLATIONS).map(([name, [sortId]]) => [sortId, name]));

/** The collation that five bytes of a client stand for; null for bytes that stand for none that this endpoint knows. */
export function collationOfBytes(bytes: Uint8Array): Collation | null {
  const [first = 0, second = 0, third = 0, fourth = 0, sortId = 0] = bytes;
  if (sortId !== 0) {
    const name = sqlBySortId.get(sortId);
    return name === undefined ? null : findCollation(name);
  }
  const locale = first | (second << 8) | ((third & 0x0f) << 16);
  const flags = (third >> 4) | ((fourth & 0x0f) << 4);
  const designator = [...windowsLocales.values()].find((entry) => entry.locale === locale);
  if (designator === undefined) return null;
  const version = Object.keys(VERSIONS).find((key) => VERSIONS[key] === fourth >> 4);
  if (version === undefined) return null;
  const name = [designator.name, ...(version === '' ? [] : [version]), optionsOfFlags(flags)].join('_');
  return findCollation(name);
}

function optionsOfFlags(flags: number): string {
  const utf8 = (flags & FLAG.utf8) === 0 ? '' : '_UTF8';
  if ((flags & FLAG.bin2) !== 0) return `BIN2${utf8}`;
  if ((flags & FLAG.bin) !== 0) return `BIN${utf8}`;
  const parts = [(flags & FLAG.ignoreCase) === 0 ? 'CS' : 'CI', (flags & FLAG.ignoreAccent) === 0 ? 'AS' : 'AI'];
  if ((flags & FLAG.ignoreKana) === 0) parts.push('KS');
  if ((flags & FLAG.ignoreWidth) === 0) parts.push('WS');
  // UTF-8 needs supplementary characters in every version that has it.
  if (utf8 !== '') parts.push('SC');
  return parts.join('_') + utf8;
}

const DOUBLE_BYTE = new Set<CodePage>(['cp932', 'cp936', 'cp949', 'cp950']);
const NO_CHARACTER = 0xfffd;

export interface TextCodec {
  /** Null for code pages with characters of more than one byte; else the byte of each UTF-16 unit, 0x3F where there is none. */
  table: Uint8Array | null;
  encode(text: string): Buffer;
  decode(bytes: Buffer): string;
}

const codecs = new Map<CodePage, TextCodec>();

/** What the server stores: characters that the code page does not have become question marks, as in CAST to varchar. */
export function textCodec(codePage: CodePage): TextCodec {
  let codec = codecs.get(codePage);
  if (codec === undefined) {
    codec = buildCodec(codePage);
    codecs.set(codePage, codec);
  }
  return codec;
}

function buildCodec(codePage: CodePage): TextCodec {
  if (codePage === 'utf8')
    return { table: null, encode: (text) => Buffer.from(text, 'utf8'), decode: (bytes) => bytes.toString('utf8') };
  if (DOUBLE_BYTE.has(codePage))
    return {
      table: null,
      encode: (text) => iconv.encode(text, codePage),
      decode: (bytes) => iconv.decode(bytes, codePage),
    };
  const units = singleByteUnits(codePage);
  const table = new Uint8Array(65_536).fill(0x3f);
  for (let byte = 255; byte >= 0; byte -= 1) if (units[byte] !== NO_CHARACTER) table[units[byte]!] = byte;
  return {
    table,
    encode: (text) => {
      const bytes = Buffer.allocUnsafe(text.length);
      for (let index = 0; index < text.length; index += 1) bytes[index] = table[text.charCodeAt(index)]!;
      return bytes;
    },
    decode: (bytes) => {
      const decoded = Buffer.allocUnsafe(bytes.length * 2);
      for (const [index, byte] of bytes.entries()) decoded.writeUInt16LE(units[byte]!, index * 2);
      return decoded.toString('utf16le');
    },
  };
}

/**
 * Bytes 0x80 to 0x9F that a Windows code page leaves free are the control characters of the same number, as Windows converts them:
 * https://www.unicode.org/Public/MAPPINGS/VENDORS/MICSFT/WindowsBestFit/
 */
function singleByteUnits(codePage: CodePage): Uint16Array {
  const units = Uint16Array.from({ length: 256 }, (_none, byte) => byte);
  const decoded = iconv.decode(Buffer.from(units.subarray(0x80)), codePage);
  for (let byte = 0x80; byte < 0x100; byte += 1) {
    const unit = decoded.charCodeAt(byte - 0x80);
    units[byte] = unit === NO_CHARACTER && byte < 0xa0 ? byte : unit;
  }
  return units;
}
