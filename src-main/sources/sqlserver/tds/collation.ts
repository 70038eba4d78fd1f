import { WireError } from './wire-column.ts';

export type CodePage = 'utf-8' | 'ascii' | `cp${number}`;

const UTF8_FLAG = 0x40;

/**
 * The code page of a char or varchar column by its collation (MS-TDS 2.2.5.1.2: 20 bits of locale, 8 of flags, 4 of version, 8 of sort id): the flag of UTF-8
 * collations, else the sort id of SQL collations, else the locale of Windows collations.
 */
export function codePageOf(collation: Uint8Array | null): CodePage {
  // Only types older than TDS 7 have none: nothing but ASCII can be read for certain.
  if (collation === null) return 'ascii';
  const [first = 0, second = 0, third = 0, fourth = 0, sortId = 0] = collation;
  const flags = ((fourth & 0x0f) << 4) | (third >> 4);
  if ((flags & UTF8_FLAG) !== 0) return 'utf-8';
  if (sortId !== 0) return pageOf(SORT_ID_PAGES, sortId, 'sort id');
  return pageOf(LOCALE_PAGES, first | (second << 8), 'locale');
}

function pageOf(pages: Map<number, number>, id: number, what: string): CodePage {
  const page = pages.get(id);
  if (page === undefined) throw new WireError(`the collation with the ${what} 0x${id.toString(16)} is not known`);
  return `cp${page}`;
}

/**
 * Languages (low 16 bits of the locale) by the ANSI code page that Windows gives them:
 * https://learn.microsoft.com/sql/relational-databases/collations/collation-and-unicode-support, and the code page column of
 * https://learn.microsoft.com/openspecs/windows_protocols/ms-lcid/a9eac961-e77d-41a6-90a5-ce1a8b0cdb9c.
 */
const LOCALE_PAGES = byId({
  874: [0x041e],
  932: [0x0411],
  936: [0x0804, 0x1004],
  949: [0x0412],
  950: [0x0404, 0x0c04, 0x1404],
  1250: [0x0405, 0x040e, 0x0415, 0x0418, 0x041a, 0x041b, 0x041c, 0x0424, 0x0442, 0x081a, 0x101a, 0x141a],
  1251: [
    0x0402, 0x0419, 0x0422, 0x0423, 0x042f, 0x043f, 0x0440, 0x0444, 0x046d, 0x0485, 0x082c, 0x0843, 0x0c1a, 0x1c1a,
    0x201a,
  ],
  1252: [
    0x0403, 0x0406, 0x0407, 0x0409, 0x040a, 0x040b, 0x040c, 0x040f, 0x0410, 0x0413, 0x0414, 0x0416, 0x0417, 0x041d,
    0x0421, 0x042d, 0x042e, 0x0436, 0x0437, 0x0438, 0x043b, 0x043e, 0x0452, 0x0456, 0x0462, 0x047a, 0x047c, 0x047e,
    0x0483, 0x0807, 0x0809, 0x080a, 0x080c, 0x0813, 0x0814, 0x0816, 0x081d, 0x083b, 0x083e, 0x085f, 0x0c07, 0x0c09,
    0x0c0a, 0x0c0c, 0x1007, 0x1009, 0x100c, 0x1407, 0x140c,
  ],
  1253: [0x0408],
  1254: [0x041f, 0x042c, 0x0443],
  1255: [0x040d],
  1256: [0x0401, 0x0420, 0x0429, 0x0480, 0x048c],
  1257: [0x0425, 0x0426, 0x0427, 0x0827],
  1258: [0x042a],
});

/** SQL collations: https://learn.microsoft.com/previous-versions/sql/sql-server-2008-r2/ms180175(v=sql.105) */
const SORT_ID_PAGES = byId({
  437: range(30, 34),
  850: [...range(40, 44), 49, ...range(55, 61)],
  1250: range(80, 98),
  1251: range(104, 108),
  1252: [...range(50, 54), 71, 72, ...range(183, 186), ...range(210, 217)],
  1253: [...range(112, 114), ...range(120, 122), 124],
  1254: range(128, 130),
  1255: range(136, 138),
  1256: range(144, 146),
  1257: range(152, 160),
  874: range(204, 206),
  932: [...range(192, 193), 200],
  949: [...range(194, 195), 201],
  950: [...range(196, 197), 202],
  936: [...range(198, 199), 203],
});

function byId(pages: Record<number, number[]>): Map<number, number> {
  return new Map(Object.entries(pages).flatMap(([page, ids]) => ids.map((id) => [id, Number(page)] as const)));
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_none, index) => first + index);
}
