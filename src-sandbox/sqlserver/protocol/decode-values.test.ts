import { describe, expect, it } from 'vitest';
import type { SqlType, SqlValue } from '../engine-contract.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { readTypeInfo } from './decode-values.ts';
import { cellEncoder } from './encode-cells.ts';
import { writeTypeInfo } from './type-info.ts';

function decode(hex: string): { type: SqlType; value: SqlValue; rest: number } {
  const reader = new ByteReader(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
  const { type, read } = readTypeInfo(reader);
  const value = read(reader);
  return { type, value, rest: reader.remaining };
}

function failureOf(hex: string): unknown {
  try {
    return decode(hex);
  } catch (error) {
    return error;
  }
}

const collation = 'SQL_Latin1_General_CP1_CI_AS';
const utf8 = 'Latin1_General_100_CI_AS_SC_UTF8';
const DAY = 864_000_000_000n;
const LAST_TICKS = 3_652_059n * DAY - 1n;

/** Types whose values lie the same way in a parameter as in a row. */
const VALUES: [SqlType, SqlValue[]][] = [
  [{ name: 'bit' }, [true, false]],
  [{ name: 'tinyint' }, [0, 255]],
  [{ name: 'smallint' }, [-32_768, 32_767]],
  [{ name: 'int' }, [-(2 ** 31), 2 ** 31 - 1]],
  [{ name: 'bigint' }, [-(2n ** 63n), 2n ** 63n - 1n]],
  [{ name: 'decimal', precision: 38, scale: 10 }, [10n ** 38n - 1n, 1n - 10n ** 38n, 0n]],
  [{ name: 'numeric', precision: 9, scale: 9 }, [999_999_999n, -1n]],
  [{ name: 'decimal', precision: 28, scale: 0 }, [10n ** 28n - 1n]],
  [{ name: 'smallmoney' }, [-(2n ** 31n), 2n ** 31n - 1n]],
  [{ name: 'money' }, [-(2n ** 63n), 2n ** 63n - 1n, -1n]],
  [{ name: 'real' }, [-3.4028234663852886e38, 1.401298464324817e-45]],
  [{ name: 'float' }, [-1.7976931348623157e308, 5e-324]],
  [{ name: 'date' }, [0, 3_652_058]],
  [{ name: 'time', scale: 0 }, [0n, 86_399n * 10_000_000n]],
  [{ name: 'time', scale: 7 }, [DAY - 1n]],
  [{ name: 'datetime2', scale: 7 }, [0n, LAST_TICKS]],
  [{ name: 'datetime2', scale: 3 }, [LAST_TICKS - (LAST_TICKS % 10_000n)]],
  [
    { name: 'datetimeoffset', scale: 7 },
    [
      { utcTicks: LAST_TICKS - DAY, offsetMinutes: 840 },
      { utcTicks: DAY, offsetMinutes: -840 },
    ],
  ],
  [{ name: 'smalldatetime' }, [0, 65_535 * 1440 + 1439]],
  [{ name: 'datetime' }, [-53_690n * 25_920_000n, 2_958_463n * 25_920_000n + 25_919_999n]],
  [{ name: 'uniqueidentifier' }, ['00112233-4455-6677-8899-AABBCCDDEEFF']],
  [{ name: 'char', length: 4, collation }, ['a€ß ', '']],
  [{ name: 'varchar', length: 8000, collation: utf8 }, ['😀ü', 'x'.repeat(8000)]],
  [{ name: 'varchar', length: -1, collation }, ['', 'y'.repeat(100_000)]],
  [{ name: 'nchar', length: 2, collation }, ['😀']],
  [{ name: 'nvarchar', length: 4000, collation }, ['', '\ud83d', 'z'.repeat(4000)]],
  [{ name: 'nvarchar', length: -1, collation }, ['ж'.repeat(100_000)]],
  [{ name: 'binary', length: 2 }, [Buffer.from([0, 255])]],
  [{ name: 'varbinary', length: 8000 }, [Buffer.alloc(8000, 1), Buffer.alloc(0)]],
  [{ name: 'varbinary', length: -1 }, [Buffer.alloc(100_000, 2)]],
  [{ name: 'xml' }, ['<a>ü</a>']],
  [
    { name: 'sql_variant' },
    [
      { type: { name: 'int' }, value: -5 },
      { type: { name: 'decimal', precision: 38, scale: 2 }, value: 10n ** 38n - 1n },
      { type: { name: 'varchar', length: 20, collation }, value: 'ü' },
      { type: { name: 'nvarchar', length: 20, collation }, value: '😀' },
      { type: { name: 'varbinary', length: 20 }, value: Buffer.from([1]) },
      { type: { name: 'datetime2', scale: 7 }, value: LAST_TICKS },
      { type: { name: 'datetimeoffset', scale: 3 }, value: { utcTicks: DAY, offsetMinutes: 60 } },
      { type: { name: 'date' }, value: 1 },
      { type: { name: 'bit' }, value: true },
      { type: { name: 'uniqueidentifier' }, value: '00112233-4455-6677-8899-AABBCCDDEEFF' },
    ],
  ],
];

describe('a parameter', () => {
  it.each(VALUES)('of %j is read back exactly', (type, values) => {
    for (const value of [...values, null]) {
      const writer = new ByteWriter();
      writeTypeInfo(writer, type, { isNullable: true, database: 'shop' });
      cellEncoder(type, true)(writer, value);
      const decoded = decode(writer.bytes.toString('hex', 0, writer.position));
      expect(decoded).toEqual({ type, value, rest: 0 });
    }
  });

  it.each<[string, string, SqlType, SqlValue]>([
    ['int without a length', '38 05000000', { name: 'int' }, 5],
    ['NULL', '1f', { name: 'nvarchar', length: 1 }, null],
    ['text', '23 ffffff7f 0904d00034 02000000 6180', { name: 'text', collation }, 'a€'],
    ['text that is NULL', '23 ffffff7f 0904d00034 ffffffff', { name: 'text', collation }, null],
    ['ntext', '63 feffff7f 0904d00034 02000000 6100', { name: 'ntext', collation }, 'a'],
    ['image', '22 ffffff7f 01000000 ff', { name: 'image' }, Buffer.from([255])],
    [
      'a decimal in fewer bytes than its precision needs',
      '6a 11 26 00 05 00 01000000',
      { name: 'decimal', precision: 38, scale: 0 },
      -1n,
    ],
    [
      'nvarchar(max) of unknown length',
      'e7 ffff 0904d00034 feffffffffffffff 02000000 6100 02000000 6200 00000000',
      { name: 'nvarchar', length: -1, collation },
      'ab',
    ],
    // Without the most bytes and the assembly that COLMETADATA has: MS-TDS 2.2.5.5.2.
    [
      'hierarchyid',
      'f0 00 00 0b 68006900650072006100720063006800790069006400 0100000000000000 01000000 58 00000000',
      { name: 'hierarchyid' },
      Buffer.from([0x58]),
    ],
    ['a text without a collation', 'e7 0800 0000000000 0200 6100', { name: 'nvarchar', length: 4, collation }, 'a'],
  ])('that is %s is read', (_name, hex, type, value) => {
    expect(decode(hex)).toEqual({ type, value, rest: 0 });
  });

  it.each([
    ['a type that does not exist', 'ee'],
    ['an integer of three bytes', '26 03'],
    ['a value that is cut off', '38 0500'],
    ['a decimal of 39 digits', '6a 11 27 00 00'],
    ['a scale above the precision', '6a 05 05 06 00'],
    ['a time behind midnight', '29 00 03 ffffff'],
    ['a time with a scale of 8', '29 08 00'],
    ['a value of the wrong length', '28 02 0000'],
    ['an odd number of bytes in nvarchar', 'e7 0800 0904d00034 0100 61'],
    ['chunks that are not as many bytes as announced', 'a5 ffff 0500000000000000 01000000 61 00000000'],
    ['a chunk beyond the message', 'a5 ffff feffffffffffffff ffffffff 61'],
    ['an unknown collation', 'a7 0800 ffff0f0000 0000'],
  ])('is no parameter with %s', (_name, hex) => {
    expect(failureOf(hex)).toMatchObject({ name: 'ProtocolError' });
  });

  it.each([
    ['an infinite float', '3e 000000000000f07f', 8023],
    ['more digits than the precision', '6a 05 02 00 05 01 64000000', 8023],
    ['a table', 'f3', 8016],
  ])('is refused with an error for %s', (_name, hex, number) => {
    expect(failureOf(hex)).toMatchObject({ number });
  });
});
