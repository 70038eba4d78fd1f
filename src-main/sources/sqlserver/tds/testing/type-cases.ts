import type { Carrier } from '#shared/model/column-type';
import {
  byteColumn,
  byteText,
  fixedColumn,
  longColumn,
  plpColumn,
  pointerColumn,
  shortColumn,
  shortText,
  u16,
  u32,
  u64,
  utf16,
  type WrittenColumn,
} from './wire-bytes.ts';

export interface TypeCase {
  type: string;
  column: WrittenColumn;
  carrier: Carrier;
  /** Bytes on the wire without their prefix, and the value as `readValues` shows it. */
  values: [Uint8Array | null, string | null][];
}

/** Latin1_General_CI_AS (code page 1252), a UTF-8 collation, Japanese and Cyrillic ones, and SQL_Latin1_General_CP437_CI_AS by its sort id. */
const LATIN = [0x09, 0x04, 0xd0, 0x00, 0x00];
const UTF8 = [0x09, 0x04, 0x00, 0x04, 0x00];
const JAPANESE = [0x11, 0x04, 0xd0, 0x00, 0x00];
const CYRILLIC = [0x19, 0x04, 0xd0, 0x00, 0x00];
const CP437 = [0x09, 0x04, 0xd0, 0x00, 0x20];

const bytes = (...values: number[]) => Uint8Array.from(values);
const hex = (digits: string) => new Uint8Array(Buffer.from(digits, 'hex'));
const NULL: [null, null] = [null, null];

function float64(value: number): Uint8Array {
  const buffer = Buffer.alloc(8);
  buffer.writeDoubleLE(value);
  return buffer;
}

function float32(value: number): Uint8Array {
  const buffer = Buffer.alloc(4);
  buffer.writeFloatLE(value);
  return buffer;
}

function decimal(unscaled: bigint, size: number): Uint8Array {
  const magnitude = unscaled < 0n ? -unscaled : unscaled;
  const digits = Array.from({ length: size }, (_none, index) => Number((magnitude >> BigInt(index * 8)) & 255n));
  return bytes(unscaled < 0n ? 0 : 1, ...digits);
}

function money(unscaled: bigint): Uint8Array {
  const raw = u64(BigInt.asUintN(64, unscaled));
  return bytes(...raw.slice(4), ...raw.slice(0, 4));
}

/** `time` in units of 10^-scale seconds, little-endian in `size` bytes. */
function time(units: number, size: number): number[] {
  return Array.from({ length: size }, (_none, index) => Math.floor(units / 256 ** index) % 256);
}

function day(days: number): number[] {
  return [days & 255, (days >> 8) & 255, days >> 16];
}

const datetime = (days: number, parts: number) => bytes(...u32(days >>> 0), ...u32(parts));
const LAST_DAY = 3_652_058;
const EPOCH_DAY = 719_162;
const END_OF_DAY = 863_999_999_999;

/** Every type of SQL Server as its COLMETADATA and cells may come, with the values at its ends. */
export const TYPE_CASES: TypeCase[] = [
  {
    type: 'tinyint not null',
    column: fixedColumn('c', 0x30),
    carrier: 'native-integer',
    values: [
      [bytes(0), '0'],
      [bytes(255), '255'],
    ],
  },
  {
    type: 'smallint',
    column: byteColumn('c', [0x26, 2]),
    carrier: 'native-integer',
    values: [[bytes(0x00, 0x80), '-32768'], [bytes(0xff, 0x7f), '32767'], NULL],
  },
  {
    type: 'int not null',
    column: fixedColumn('c', 0x38),
    carrier: 'native-integer',
    values: [
      [bytes(0, 0, 0, 0x80), '-2147483648'],
      [bytes(0xff, 0xff, 0xff, 0x7f), '2147483647'],
    ],
  },
  {
    type: 'bigint',
    column: byteColumn('c', [0x26, 8]),
    carrier: 'native-integer',
    values: [
      NULL,
      [bytes(...u64(0x8000000000000000n)), '-9223372036854775808'],
      [bytes(...u64(0x7fffffffffffffffn)), '9223372036854775807'],
    ],
  },
  {
    type: 'bigint as text',
    column: byteColumn('c', [0x26, 8]),
    carrier: 'decimal-text',
    values: [NULL, [bytes(...u64(0x8000000000000000n)), '-9223372036854775808']],
  },
  {
    type: 'bit',
    column: byteColumn('c', [0x68, 1]),
    carrier: 'native-boolean',
    values: [[bytes(0), '0'], [bytes(1), '1'], NULL],
  },
  {
    type: 'real',
    column: byteColumn('c', [0x6d, 4]),
    carrier: 'native-float',
    values: [[float32(1.5), '1.5'], NULL, [float32(-3.4028234663852886e38), '-3.4028234663852886e+38']],
  },
  {
    type: 'float not null',
    column: fixedColumn('c', 0x3e),
    carrier: 'native-float',
    values: [
      [float64(-0), '-0'],
      [float64(5e-324), '5e-324'],
      [float64(1.7976931348623157e308), '1.7976931348623157e+308'],
    ],
  },
  {
    type: 'money',
    column: byteColumn('c', [0x6e, 8]),
    carrier: 'native-decimal',
    values: [
      [money(-9223372036854775808n), '-9223372036854775808'],
      [money(9223372036854775807n), '9223372036854775807'],
      [money(-1n), '-1'],
      NULL,
    ],
  },
  {
    type: 'money as text',
    column: byteColumn('c', [0x6e, 8]),
    carrier: 'decimal-text',
    values: [
      [money(-9223372036854775808n), '-922337203685477.5808'],
      [money(-1n), '-0.0001'],
    ],
  },
  {
    type: 'smallmoney not null',
    column: fixedColumn('c', 0x7a),
    carrier: 'native-decimal',
    values: [
      [bytes(...u32(0x80000000)), '-2147483648'],
      [bytes(...u32(0x7fffffff)), '2147483647'],
    ],
  },
  {
    type: 'decimal(9,2)',
    column: byteColumn('c', [0x6a, 5, 9, 2]),
    carrier: 'native-decimal',
    values: [[decimal(-999999999n, 4), '-999999999'], [decimal(0n, 4), '0'], NULL],
  },
  {
    type: 'decimal(18,4)',
    column: byteColumn('c', [0x6c, 9, 18, 4]),
    carrier: 'native-decimal',
    values: [
      [decimal(123456789012345678n, 8), '123456789012345678'],
      [decimal(-999999999999999999n, 8), '-999999999999999999'],
      [decimal(-4294967296n, 8), '-4294967296'],
    ],
  },
  {
    type: 'decimal(28,0)',
    column: byteColumn('c', [0x6a, 13, 28, 0]),
    carrier: 'native-decimal',
    values: [[decimal(-9999999999999999999999999999n, 12), '-9999999999999999999999999999'], NULL],
  },
  {
    type: 'decimal(38,10)',
    column: byteColumn('c', [0x6a, 17, 38, 10]),
    carrier: 'native-decimal',
    values: [
      [decimal(10n ** 38n - 1n, 16), '9'.repeat(38)],
      [decimal(1n - 10n ** 38n, 16), `-${'9'.repeat(38)}`],
      [decimal(-(2n ** 64n), 16), '-18446744073709551616'],
      [decimal(-1n, 16), '-1'],
    ],
  },
  {
    type: 'decimal(38,38) as text',
    column: byteColumn('c', [0x6a, 17, 38, 38]),
    carrier: 'decimal-text',
    values: [[decimal(-1n, 16), `-0.${'0'.repeat(37)}1`]],
  },
  {
    type: 'datetime',
    column: byteColumn('c', [0x6f, 8]),
    carrier: 'native-timestamp',
    values: [
      [datetime(-53_690, 0), '-6847804800000000'],
      [datetime(2_958_463, 25_919_999), '253402300799997000'],
      [datetime(25_567, 1), '3000'],
      [datetime(25_567, 2), '7000'],
      [datetime(25_567, 3), '10000'],
      NULL,
    ],
  },
  {
    type: 'datetime as text',
    column: fixedColumn('c', 0x3d),
    carrier: 'iso-timestamp',
    values: [
      [datetime(-53_690, 0), '1753-01-01 00:00:00.000'],
      [datetime(2_958_463, 25_919_999), '9999-12-31 23:59:59.997'],
    ],
  },
  {
    type: 'smalldatetime',
    column: byteColumn('c', [0x6f, 4]),
    carrier: 'native-timestamp',
    values: [
      [bytes(...u16(0), ...u16(0)), '-2208988800000000'],
      [bytes(...u16(65_535), ...u16(1439)), '3453321540000000'],
    ],
  },
  {
    type: 'date',
    column: byteColumn('c', [0x28]),
    carrier: 'native-date',
    values: [[bytes(...day(0)), '-719162'], [bytes(...day(LAST_DAY)), '2932896'], NULL],
  },
  {
    type: 'date as text',
    column: byteColumn('c', [0x28]),
    carrier: 'iso-date',
    values: [
      [bytes(...day(0)), '0001-01-01'],
      [bytes(...day(LAST_DAY)), '9999-12-31'],
      [bytes(...day(EPOCH_DAY + 11_016)), '2000-02-29'],
    ],
  },
  {
    type: 'time(7)',
    column: byteColumn('c', [0x29, 7]),
    carrier: 'iso-time',
    values: [[bytes(...time(END_OF_DAY, 5)), '23:59:59.9999999'], [bytes(...time(1, 5)), '00:00:00.0000001'], NULL],
  },
  {
    type: 'time(0)',
    column: byteColumn('c', [0x29, 0]),
    carrier: 'iso-time',
    values: [[bytes(...time(86_399, 3)), '23:59:59']],
  },
  {
    type: 'datetime2(3)',
    column: byteColumn('c', [0x2a, 3]),
    carrier: 'native-timestamp',
    values: [
      [bytes(...time(86_399_999, 4), ...day(LAST_DAY)), '253402300799999000'],
      [bytes(...time(0, 4), ...day(0)), '-62135596800000000'],
    ],
  },
  {
    type: 'datetime2(7) with digits that microseconds hold',
    column: byteColumn('c', [0x2a, 7]),
    carrier: 'native-timestamp',
    values: [[bytes(...time(10, 5), ...day(EPOCH_DAY)), '1'], NULL],
  },
  {
    type: 'datetime2(7) as text',
    column: byteColumn('c', [0x2a, 7]),
    carrier: 'iso-timestamp',
    values: [
      [bytes(...time(END_OF_DAY, 5), ...day(LAST_DAY)), '9999-12-31 23:59:59.9999999'],
      [bytes(...time(0, 5), ...day(0)), '0001-01-01 00:00:00.0000000'],
    ],
  },
  {
    type: 'datetimeoffset(7)',
    column: byteColumn('c', [0x2b, 7]),
    carrier: 'iso-timestamp-tz',
    values: [
      [bytes(...time(0, 5), ...day(EPOCH_DAY), ...u16(840)), '1970-01-01 14:00:00.0000000 +14:00'],
      [bytes(...time(1, 5), ...day(EPOCH_DAY), ...u16(0x10000 - 210)), '1969-12-31 20:30:00.0000001 -03:30'],
      [bytes(...time(600 * 10_000_000, 5), ...day(EPOCH_DAY), ...u16(0)), '1970-01-01 00:10:00.0000000 +00:00'],
      NULL,
    ],
  },
  {
    type: 'datetimeoffset(0) in UTC',
    column: byteColumn('c', [0x2b, 0]),
    carrier: 'utc-timestamp',
    values: [[bytes(...time(1, 3), ...day(EPOCH_DAY), ...u16(60)), '1000000']],
  },
  {
    type: 'uniqueidentifier',
    column: byteColumn('c', [0x24, 16]),
    carrier: 'native-text',
    values: [[hex('33221100554477668899aabbccddeeff'), '00112233-4455-6677-8899-AABBCCDDEEFF'], NULL],
  },
  {
    type: 'char and varchar',
    column: shortColumn('c', [0xa7, ...u16(20), ...LATIN]),
    carrier: 'native-text',
    values: [[bytes(), ''], NULL, [bytes(0x41, 0x80, 0xe9, 0x20), 'A€é '], [bytes(0x81, 0x8d), '\u0081\u008d']],
  },
  {
    type: 'varchar of a SQL collation',
    column: shortColumn('c', [0xa7, ...u16(20), ...CP437]),
    carrier: 'native-text',
    values: [[bytes(0x80, 0xe1, 0xfb), 'Çß√']],
  },
  {
    type: 'varchar of a Cyrillic collation',
    column: shortColumn('c', [0xaf, ...u16(4), ...CYRILLIC]),
    carrier: 'native-text',
    values: [[bytes(0xcf, 0xf0, 0xe8, 0x20), 'При ']],
  },
  {
    type: 'varchar of a Japanese collation',
    column: shortColumn('c', [0xa7, ...u16(20), ...JAPANESE]),
    carrier: 'native-text',
    values: [[bytes(0x41, 0x93, 0xfa, 0x96, 0x7b, 0xb1), 'A日本ｱ'], NULL, [bytes(), '']],
  },
  {
    type: 'varchar of a UTF-8 collation',
    column: shortColumn('c', [0xa7, ...u16(40), ...UTF8]),
    carrier: 'native-text',
    values: [[Buffer.from('añ😀'), 'añ😀']],
  },
  {
    type: 'varchar(max)',
    column: plpColumn('c', [0xa7, 0xff, 0xff, ...LATIN], { chunk: 3 }),
    carrier: 'native-text',
    values: [[Buffer.from('abcdefgh'), 'abcdefgh'], NULL, [bytes(), '']],
  },
  {
    type: 'nchar and nvarchar',
    column: shortColumn('c', [0xe7, ...u16(40), ...LATIN]),
    carrier: 'native-text',
    values: [[utf16('ä߿ࠀ￿😀\u{10ffff}'), 'ä߿ࠀ￿😀\u{10ffff}'], [bytes(), ''], NULL],
  },
  {
    type: 'nvarchar(max) whose pieces cut characters',
    column: plpColumn('c', [0xe7, 0xff, 0xff, ...LATIN], { chunk: 5, isTotalKnown: false }),
    carrier: 'native-text',
    values: [[utf16('x😀y日本語'), 'x😀y日本語'], NULL],
  },
  {
    type: 'text',
    column: pointerColumn('c', [0x23, ...u32(0x7fffffff), ...LATIN]),
    carrier: 'native-text',
    values: [[Buffer.from('old'), 'old'], NULL, [bytes(), '']],
  },
  {
    type: 'ntext',
    column: pointerColumn('c', [0x63, ...u32(0x7ffffffe), ...LATIN]),
    carrier: 'native-text',
    values: [[utf16('ält'), 'ält'], NULL],
  },
  {
    type: 'image',
    column: pointerColumn('c', [0x22, ...u32(0x7fffffff)]),
    carrier: 'native-binary',
    values: [[bytes(0, 255), '00ff'], NULL],
  },
  {
    type: 'binary and rowversion',
    column: shortColumn('c', [0xad, ...u16(8)]),
    carrier: 'native-binary',
    values: [[hex('00000000000007d1'), '00000000000007d1']],
  },
  {
    type: 'varbinary as hex digits',
    column: shortColumn('c', [0xa5, ...u16(80)]),
    carrier: 'hex',
    values: [[hex('00ff1a'), '00FF1A'], [bytes(), ''], NULL],
  },
  {
    type: 'varbinary(max)',
    column: plpColumn('c', [0xa5, 0xff, 0xff], { chunk: 64 }),
    carrier: 'native-binary',
    values: [[Buffer.alloc(200, 7), '07'.repeat(200)], NULL, [bytes(), '']],
  },
  {
    type: 'xml with a schema',
    column: plpColumn('c', [0xf1, 1, ...byteText('db'), ...byteText('dbo'), ...shortText('schemas')]),
    carrier: 'xml',
    values: [[utf16('<a>ü</a>'), '<a>ü</a>'], NULL],
  },
  {
    type: 'xml',
    column: plpColumn('c', [0xf1, 0]),
    carrier: 'xml',
    values: [[utf16('<a/>'), '<a/>']],
  },
  {
    type: 'CLR type',
    column: plpColumn('c', [
      0xf0,
      ...u16(8000),
      ...byteText('db'),
      ...byteText('sys'),
      ...byteText('hierarchyid'),
      ...shortText('Microsoft.SqlServer.Types'),
    ]),
    carrier: 'native-binary',
    values: [[hex('5ac0'), '5ac0'], NULL],
  },
  {
    type: 'the type of a bare NULL',
    column: { name: 'c', info: [0x1f], cell: () => [] },
    carrier: 'native-integer',
    values: [],
  },
  {
    type: 'sql_variant',
    column: longColumn('c', [0x62, ...u32(8016)]),
    carrier: 'native-text',
    values: [],
  },
];
