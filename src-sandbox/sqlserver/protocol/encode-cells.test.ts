import { describe, expect, it } from 'vitest';
import type { SqlType, SqlValue } from '../engine-contract.ts';
import { ByteWriter } from './byte-writer.ts';
import { cellEncoder } from './encode-cells.ts';

function encode(type: SqlType, value: SqlValue, isNullable = true): string {
  const writer = new ByteWriter();
  cellEncoder(type, isNullable)(writer, value);
  return writer.bytes.toString('hex', 0, writer.position);
}

const ticks = (hours: number, rest = 0n): bigint => BigInt(hours) * 36_000_000_000n + rest;
const DAY = 864_000_000_000n;

describe('a cell', () => {
  // Each expectation is written down from the layouts of MS-TDS 2.2.5.5.
  it.each<[string, SqlType, SqlValue, string]>([
    ['bit', { name: 'bit' }, true, '0101'],
    ['tinyint', { name: 'tinyint' }, 255, '01ff'],
    ['smallint', { name: 'smallint' }, -32_768, '020080'],
    ['int', { name: 'int' }, -2, '04feffffff'],
    ['bigint, smallest', { name: 'bigint' }, -(2n ** 63n), '080000000000000080'],
    ['bigint, largest', { name: 'bigint' }, 2n ** 63n - 1n, '08ffffffffffffff7f'],
    ['real', { name: 'real' }, 1.5, '040000c03f'],
    ['float, smallest above zero', { name: 'float' }, 5e-324, '080100000000000000'],
    ['float, negative zero', { name: 'float' }, -0, '080000000000000080'],
    ['smallmoney', { name: 'smallmoney' }, -1n, '04ffffffff'],
    ['money, smallest', { name: 'money' }, -(2n ** 63n), '080000008000000000'],
    ['money, 1.0000 above 2^32', { name: 'money' }, 2n ** 32n + 1n, '080100000001000000'],
    ['decimal(9,2)', { name: 'decimal', precision: 9, scale: 2 }, -12_345n, '050039300000'],
    ['decimal(19,0)', { name: 'decimal', precision: 19, scale: 0 }, 1n, '09010100000000000000'],
    ['decimal(28,0)', { name: 'decimal', precision: 28, scale: 0 }, 2n ** 64n, '0d01000000000000000001000000'],
    [
      'numeric(38,10), most digits',
      { name: 'numeric', precision: 38, scale: 10 },
      10n ** 38n - 1n,
      '1101ffffffff3f228a097ac4865aa84c3b4b',
    ],
    ['date, first', { name: 'date' }, 0, '03000000'],
    ['date, last', { name: 'date' }, 3_652_058, '03dab937'],
    ['time(0)', { name: 'time', scale: 0 }, ticks(1), '03100e00'],
    ['time(3)', { name: 'time', scale: 3 }, ticks(1), '0480ee3600'],
    ['time(7), last', { name: 'time', scale: 7 }, DAY - 1n, '05ffbf692ac9'],
    ['datetime2(7)', { name: 'datetime2', scale: 7 }, DAY + 1n, '080100000000010000'],
    ['datetime2(0)', { name: 'datetime2', scale: 0 }, DAY * 2n, '06000000020000'],
    [
      'datetimeoffset(7)',
      { name: 'datetimeoffset', scale: 7 },
      { utcTicks: DAY, offsetMinutes: -90 },
      '0a0000000000010000a6ff',
    ],
    ['datetime before 1900', { name: 'datetime' }, -1n, '08ffffffffff818b01'],
    ['datetime', { name: 'datetime' }, 25_920_000n + 300n, '08010000002c010000'],
    ['smalldatetime', { name: 'smalldatetime' }, 1441, '0401000100'],
    [
      'uniqueidentifier',
      { name: 'uniqueidentifier' },
      '00112233-4455-6677-8899-AABBCCDDEEFF',
      '1033221100554477668899aabbccddeeff',
    ],
    ['char', { name: 'char', length: 3 }, 'a€ ', '0300618020'],
    ['varchar of code page 1252, a character that it lacks', { name: 'varchar', length: 9 }, 'Ł', '01003f'],
    ['varchar of code page 1252, an unassigned byte', { name: 'varchar', length: 9 }, '\u0081', '010081'],
    ['varchar of code page 1251', { name: 'varchar', length: 9, collation: 'Cyrillic_General_CI_AS' }, 'Я', '0100df'],
    ['varchar of code page 932', { name: 'varchar', length: 9, collation: 'Japanese_CI_AS' }, 'あ', '020082a0'],
    [
      'varchar of UTF-8',
      { name: 'varchar', length: 9, collation: 'Latin1_General_100_CI_AS_SC_UTF8' },
      '😀',
      '0400f09f9880',
    ],
    ['nvarchar with a lone surrogate', { name: 'nvarchar', length: 9 }, '\ud83d', '02003dd8'],
    ['empty nvarchar', { name: 'nvarchar', length: 9 }, '', '0000'],
    ['varbinary', { name: 'varbinary', length: 9 }, Uint8Array.of(0, 255), '020000ff'],
    ['timestamp', { name: 'timestamp' }, Uint8Array.of(0, 0, 0, 0, 0, 0, 7, 0xd1), '080000000000000007d1'],
    ['varchar(max)', { name: 'varchar', length: -1 }, 'ab', '020000000000000002000000616200000000'],
    ['empty nvarchar(max)', { name: 'nvarchar', length: -1 }, '', '000000000000000000000000'],
    ['xml', { name: 'xml' }, 'a', 'feffffffffffffff02000000610000000000'],
    ['hierarchyid', { name: 'hierarchyid' }, Uint8Array.of(0x58), '0100000000000000010000005800000000'],
    ['text', { name: 'text' }, 'a', '1064756d6d7920746578747074720000006475' + '6d6d795453000100000061'],
    ['sql_variant of int', { name: 'sql_variant' }, { type: { name: 'int' }, value: 1 }, '06000000380001000000'],
    [
      'sql_variant of decimal',
      { name: 'sql_variant' },
      { type: { name: 'decimal', precision: 5, scale: 2 }, value: 1n },
      '090000006a0205020101000000',
    ],
    [
      'sql_variant of varchar',
      { name: 'sql_variant' },
      { type: { name: 'varchar', length: 5 }, value: 'a' },
      '0a000000a7070904d00034050061',
    ],
    ['sql_variant of NULL', { name: 'sql_variant' }, { type: { name: 'int' }, value: null }, '00000000'],
  ])('of %s is laid out as MS-TDS says', (_name, type, value, expected) => {
    expect(encode(type, value)).toBe(expected);
  });

  it.each<[SqlType, string]>([
    [{ name: 'int' }, '00'],
    [{ name: 'decimal', precision: 9, scale: 0 }, '00'],
    [{ name: 'nvarchar', length: 5 }, 'ffff'],
    [{ name: 'varbinary', length: 5 }, 'ffff'],
    [{ name: 'nvarchar', length: -1 }, 'ffffffffffffffff'],
    [{ name: 'geography' }, 'ffffffffffffffff'],
    [{ name: 'ntext' }, '00'],
    [{ name: 'sql_variant' }, '00000000'],
  ])('of %j that is NULL says so', (type, expected) => {
    expect(encode(type, null)).toBe(expected);
  });

  it('has no length where NULL cannot occur and the type has a fixed form', () => {
    expect(encode({ name: 'int' }, 5, false)).toBe('05000000');
    expect(encode({ name: 'datetime' }, 0n, false)).toBe('0000000000000000');
    expect(encode({ name: 'decimal', precision: 9, scale: 0 }, 5n, false)).toBe('050105000000');
  });

  it.each<[string, SqlType, SqlValue, boolean]>([
    ['NULL in a column without NULL', { name: 'int' }, null, false],
    ['a number too large for its type', { name: 'smallint' }, 40_000, true],
    ['too many digits', { name: 'decimal', precision: 3, scale: 0 }, 1000n, true],
    ['a fraction that the scale cannot hold', { name: 'time', scale: 3 }, 1n, true],
    ['text in a column of numbers', { name: 'int' }, 'x', true],
    ['a text of more than 8000 bytes', { name: 'nvarchar', length: 4000 }, 'x'.repeat(4001), true],
    ['a date behind the year 9999', { name: 'date' }, 3_652_059, true],
    ['an identifier that is none', { name: 'uniqueidentifier' }, 'x', true],
  ])('is refused for %s', (_name, type, value, isNullable) => {
    expect(() => encode(type, value, isNullable)).toThrow();
  });

  it('cuts long values into chunks whose lengths add up', () => {
    const value = Buffer.alloc(20_000, 7);
    const writer = new ByteWriter();
    cellEncoder({ name: 'varbinary', length: -1 }, true)(writer, value);
    const bytes = writer.bytes.subarray(0, writer.position);
    expect(bytes.readBigUInt64LE(0)).toBe(20_000n);
    const chunks: number[] = [];
    let at = 8;
    while (bytes.readUInt32LE(at) !== 0) {
      chunks.push(bytes.readUInt32LE(at));
      at += 4 + bytes.readUInt32LE(at);
    }
    expect(chunks.length).toBeGreaterThan(1);
    expect(chunks.reduce((sum, length) => sum + length)).toBe(20_000);
    expect(at + 4).toBe(bytes.length);
  });
});
