import { describe, expect, it } from 'vitest';
import { CellError } from '../../../extract/cell-error.ts';
import { codecFor } from './codec-for.ts';
import { readValues } from './testing/read-values.ts';
import type { WireColumn } from './wire-column.ts';

const PLAIN = { name: 'c', size: 0, precision: 0, scale: 0, collation: null };
const LATIN = Uint8Array.of(0x09, 0x04, 0xd0, 0, 0);
const columns = {
  nvarchar: { ...PLAIN, kind: 'nvarchar', layout: 'short', size: 40 },
  varchar: { ...PLAIN, kind: 'varchar', layout: 'short', size: 40, collation: LATIN },
  greek: { ...PLAIN, kind: 'varchar', layout: 'short', size: 40, collation: Uint8Array.of(0x08, 0x04, 0, 0, 0) },
  japanese: { ...PLAIN, kind: 'varchar', layout: 'short', size: 40, collation: Uint8Array.of(0x11, 0x04, 0, 0, 0) },
  utf8: { ...PLAIN, kind: 'varchar', layout: 'short', size: 40, collation: Uint8Array.of(9, 4, 0, 4, 0) },
  datetime2: { ...PLAIN, kind: 'datetime2', layout: 'byte', size: 8, scale: 7 },
  decimal: { ...PLAIN, kind: 'decimal', layout: 'byte', size: 17, precision: 18, scale: 4 },
  int: { ...PLAIN, kind: 'integer', layout: 'byte', size: 4 },
  binary: { ...PLAIN, kind: 'binary', layout: 'short', size: 40 },
  variant: { ...PLAIN, kind: 'sql_variant', layout: 'long', size: 8016 },
  udt: { ...PLAIN, kind: 'udt', layout: 'plp', size: -1 },
} as const satisfies Record<string, WireColumn>;

function read(column: WireColumn, carrier: Parameters<typeof codecFor>[1], bytes: number[]): (string | null)[] {
  const codec = codecFor(column, carrier);
  if (!codec) throw new Error('no codec');
  const batch = {
    bytes: Uint8Array.from(bytes),
    rowCount: 1,
    stride: 1,
    starts: Int32Array.of(0),
    lengths: Int32Array.of(bytes.length),
  };
  return readValues(batch, 0, codec);
}

describe('values that cannot travel exactly', () => {
  it.each([
    [
      'a high surrogate alone',
      columns.nvarchar,
      'native-text',
      [0x3d, 0xd8, 0x41, 0],
      /half of a surrogate pair \(U\+D83D\)/,
    ],
    ['a high surrogate at the end', columns.nvarchar, 'native-text', [0x41, 0, 0x3d, 0xd8], /half of a surrogate pair/],
    ['a low surrogate alone', columns.nvarchar, 'native-text', [0x00, 0xde], /half of a surrogate pair \(U\+DE00\)/],
    ['an odd number of UTF-16 bytes', columns.nvarchar, 'native-text', [0x41], /UTF-16 text of 1 bytes/],
    [
      'a byte without a character',
      columns.greek,
      'native-text',
      [0xd2],
      /byte 0xD2, which stands for no character in code page 1253/,
    ],
    ['half of a double byte character', columns.japanese, 'native-text', [0x41, 0x93], /no character in code page 932/],
    ['bytes that are no UTF-8', columns.utf8, 'native-text', [0xc3, 0x28], /not valid UTF-8/],
    [
      '100 nanoseconds in microseconds',
      columns.datetime2,
      'native-timestamp',
      [1, 0, 0, 0, 0, 0x3a, 0xf9, 0x0a],
      /finer than a microsecond: 1970-01-01 00:00:00.0000001/,
    ],
    [
      'more digits than the type has',
      columns.decimal,
      'native-decimal',
      [1, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0],
      /more digits than its type: 9223372036854775808/,
    ],
    ['a decimal of a length that there is not', columns.decimal, 'native-decimal', [1, 0, 0], /a decimal of 3 bytes/],
    ['an integer of three bytes', columns.int, 'native-integer', [1, 2, 3], /an integer of 3 bytes/],
  ] as const)('%s is an error that shows the value', (_what, column, carrier, bytes, message) => {
    const reading = () => read(column, carrier, [...bytes]);
    expect(reading).toThrow(CellError);
    expect(reading).toThrow(message);
  });
});

describe('types', () => {
  it.each([
    [columns.varchar, 'native-integer'],
    [columns.int, 'native-decimal'],
    [columns.binary, 'native-text'],
    [columns.variant, 'native-text'],
    [columns.udt, 'native-text'],
    [columns.datetime2, 'native-date'],
    [columns.decimal, 'native-float'],
  ] as const)('has no codec that would turn $kind into %s by force', (column, carrier) => {
    expect(codecFor(column, carrier)).toBeNull();
  });

  it('reads text that the server made of a value under every carrier that is text', () => {
    for (const carrier of [
      'json',
      'xml',
      'wkt',
      'iso-date',
      'iso-time',
      'iso-timestamp',
      'iso-timestamp-tz',
      'decimal-text',
    ] as const) {
      expect(read(columns.varchar, carrier, [0x31, 0x32])).toEqual(['12']);
    }
  });
});
