import type { SeedColumnType, SqlServerTypesTable } from './sqlserver-types.ts';
import { NASTY_TEXTS } from './types-values.ts';

type Row = readonly (string | null)[];

/** `columns`: name, type as DDL writes it, and how its values are written. The first is always the key `id int`. */
export function seedTable(options: {
  name: string;
  purpose: string;
  columns: readonly (readonly [string, string, SeedColumnType['literal']])[];
  rows: readonly Row[];
  constraints?: string;
  /** Behind the closing parenthesis. */
  tail?: string;
}): SqlServerTypesTable {
  const { name, purpose, columns, rows, constraints = 'PRIMARY KEY CLUSTERED (id)', tail = '' } = options;
  const list = [`id int NOT NULL`, ...columns.map(([column, type]) => `[${column.replaceAll(']', ']]')}] ${type}`)];
  const definitions = constraints === '' ? list : [...list, constraints];
  return {
    name,
    purpose,
    ddl: [`CREATE TABLE types.[${name.replaceAll(']', ']]')}] (${definitions.join(', ')})${tail}`],
    columns: [{ name: 'id', literal: 'number' }, ...columns.map(([column, , literal]) => ({ name: column, literal }))],
    rows,
    rowCount: rows.length,
    kind: 'table',
  };
}

/** Rows with their numbers in front, and one of NULLs behind. */
export function numbered(rows: readonly Row[]): Row[] {
  const width = rows[0]?.length ?? 0;
  return [...rows, Array.from({ length: width }, () => null)].map((row, index) => [String(index + 1), ...row]);
}

const NINES = (count: number): string => '9'.repeat(count);
const ZEROS = (count: number): string => '0'.repeat(count);

const integers = seedTable({
  name: 'integers',
  purpose: 'Smallest, largest and JavaScript-unsafe whole numbers, and bits',
  columns: [
    ['c_bit', 'bit NULL', 'number'],
    ['c_tinyint', 'tinyint NULL', 'number'],
    ['c_smallint', 'smallint NULL', 'number'],
    ['c_int', 'int NULL', 'number'],
    ['c_bigint', 'bigint NULL', 'number'],
  ],
  rows: numbered([
    ['0', '0', '-32768', '-2147483648', '-9223372036854775808'],
    ['1', '255', '32767', '2147483647', '9223372036854775807'],
    ['0', '1', '0', '0', '0'],
    ['1', '127', '-1', '-1', '-1'],
    ['0', '128', '256', '16777217', '9007199254740993'],
    ['1', '9', '12', '999999999', '-9007199254740993'],
  ]),
});

const decimals = seedTable({
  name: 'decimals',
  purpose: 'Decimals up to (38,37) with all digits used, money: nothing here fits a double',
  columns: [
    ['c_9_2', 'decimal(9,2) NULL', 'number'],
    ['c_18_4', 'numeric(18,4) NULL', 'number'],
    ['c_28_0', 'decimal(28,0) NULL', 'number'],
    ['c_38_0', 'decimal(38,0) NULL', 'number'],
    ['c_38_10', 'decimal(38,10) NULL', 'number'],
    ['c_38_37', 'decimal(38,37) NULL', 'number'],
    ['c_money', 'money NULL', 'number'],
    ['c_smallmoney', 'smallmoney NULL', 'number'],
  ],
  rows: numbered([
    [
      `${NINES(7)}.99`,
      `${NINES(14)}.9999`,
      NINES(28),
      NINES(38),
      `${NINES(28)}.${NINES(10)}`,
      `9.${NINES(37)}`,
      '922337203685477.5807',
      '214748.3647',
    ],
    [
      `-${NINES(7)}.99`,
      `-${NINES(14)}.9999`,
      `-${NINES(28)}`,
      `-${NINES(38)}`,
      `-${NINES(28)}.${NINES(10)}`,
      `-9.${NINES(37)}`,
      '-922337203685477.5808',
      '-214748.3648',
    ],
    ['0.00', '0.0000', '0', '0', `0.${ZEROS(10)}`, `0.${ZEROS(37)}`, '0.0000', '0.0000'],
    ['0.01', '0.0001', '1', '1', '0.0000000001', `0.${ZEROS(36)}1`, '0.0001', '0.0001'],
    ['-0.01', '-0.0001', '-1', '-1', '-0.0000000001', `-0.${ZEROS(36)}1`, '-0.0001', '-0.0001'],
    [
      '12.30',
      '12345678901234.5678',
      '18446744073709551616',
      '18446744073709551616',
      '9007199254740993.0000000001',
      '1.2345678901234567890123456789012345678',
      '90071992547409.9312',
      '12.3456',
    ],
  ]),
});

const floats = seedTable({
  name: 'floats',
  purpose: 'Floats: negative zero, smallest and largest values, values that need 17 digits',
  columns: [
    ['c_real', 'real NULL', 'number'],
    ['c_float', 'float NULL', 'number'],
  ],
  rows: numbered([
    ['0E0', '0E0'],
    ['3.4028235E+38', '1.7976931348623157E+308'],
    ['-3.4028235E+38', '-1.7976931348623157E+308'],
    ['1.1754944E-38', '2.2250738585072014E-308'],
    ['1E-1', '1E-1'],
    ['3E-1', '3.0000000000000004E-1'],
    ['1.6777216E7', '9.007199254740992E15'],
    ['1.2345679E0', '1.2345678901234567E0'],
  ]),
});

const dates = seedTable({
  name: 'dates',
  purpose: 'Dates and times of every type and precision, from year 1 to 9999, 1/300 seconds, 100 nanoseconds, offsets',
  columns: [
    ['c_date', 'date NULL', 'plain'],
    ['c_smalldatetime', 'smalldatetime NULL', 'plain'],
    ['c_datetime', 'datetime NULL', 'plain'],
    ['c_datetime2_0', 'datetime2(0) NULL', 'plain'],
    ['c_datetime2_3', 'datetime2(3) NULL', 'plain'],
    ['c_datetime2_6', 'datetime2(6) NULL', 'plain'],
    ['c_datetime2_7', 'datetime2(7) NULL', 'plain'],
    ['c_time_0', 'time(0) NULL', 'plain'],
    ['c_time_3', 'time(3) NULL', 'plain'],
    ['c_time_7', 'time(7) NULL', 'plain'],
    ['c_offset_0', 'datetimeoffset(0) NULL', 'plain'],
    ['c_offset_7', 'datetimeoffset(7) NULL', 'plain'],
  ],
  rows: numbered([
    [
      '0001-01-01',
      '1900-01-01T00:00:00',
      '1753-01-01T00:00:00.000',
      '0001-01-01T00:00:00',
      '0001-01-01T00:00:00.001',
      '0001-01-01T00:00:00.000001',
      '0001-01-01T00:00:00.0000001',
      '00:00:00',
      '00:00:00.001',
      '00:00:00.0000001',
      '0001-01-01 00:00:00 +00:00',
      '0001-01-01 14:00:00.0000001 +14:00',
    ],
    [
      '9999-12-31',
      '2079-06-06T23:59:00',
      '9999-12-31T23:59:59.997',
      '9999-12-31T23:59:59',
      '9999-12-31T23:59:59.999',
      '9999-12-31T23:59:59.999999',
      '9999-12-31T23:59:59.9999999',
      '23:59:59',
      '23:59:59.999',
      '23:59:59.9999999',
      '9999-12-31 23:59:59 +00:00',
      '9999-12-31 09:59:59.9999999 -14:00',
    ],
    [
      '1970-01-01',
      '1970-01-01T00:00:00',
      '1970-01-01T00:00:00.003',
      '1970-01-01T00:00:00',
      '1970-01-01T00:00:00.000',
      '1970-01-01T00:00:00.000000',
      '1970-01-01T00:00:00.0000000',
      '12:00:00',
      '12:34:56.789',
      '12:34:56.7890123',
      '1970-01-01 00:00:00 +05:45',
      '1970-01-01 00:00:00.1234567 -03:30',
    ],
    [
      '1969-12-31',
      '1969-12-31T23:59:00',
      '1969-12-31T23:59:59.993',
      '1969-12-31T23:59:59',
      '1969-12-31T23:59:59.999',
      '1969-12-31T23:59:59.999999',
      '1969-12-31T23:59:59.9999999',
      '06:30:15',
      '06:30:15.500',
      '06:30:15.5000000',
      '1969-12-31 23:59:59 +00:00',
      '2024-03-31 02:30:00.0000000 +02:00',
    ],
    [
      '1582-10-04',
      '2000-02-29T12:30:00',
      '2000-02-29T12:30:00.007',
      '1582-10-04T12:00:00',
      '1582-10-15T12:00:00.500',
      '1677-09-21T00:12:43.145224',
      '2262-04-11T23:47:16.8547758',
      '01:02:03',
      '01:02:03.004',
      '01:02:03.0040050',
      '2000-02-29 23:59:59 -11:30',
      '2038-01-19 03:14:07.9999999 +00:01',
    ],
  ]),
});

const wide = NASTY_TEXTS.map((text): Row => [text, text, text]);

const texts = seedTable({
  name: 'unicode_texts',
  purpose: 'Texts that break careless escaping, characters beyond the BMP, and empty strings that are not NULL',
  columns: [
    ['c_nvarchar', 'nvarchar(200) NULL', 'unicode'],
    ['c_max', 'nvarchar(max) NULL', 'unicode'],
    ['c_utf8', 'varchar(400) COLLATE Latin1_General_100_CI_AS_SC_UTF8 NULL', 'unicode'],
  ],
  rows: numbered(wide),
});

const padded = seedTable({
  name: 'padded_texts',
  purpose: 'CHAR and NCHAR, which are padded with blanks',
  columns: [
    ['c_char', 'char(12) NULL', 'plain'],
    ['c_nchar', 'nchar(12) NULL', 'unicode'],
  ],
  rows: numbered([
    [''.padEnd(12), ''.padEnd(12)],
    ['padded'.padEnd(12), 'gefüllt'.padEnd(12)],
    ['twelve chars', '12 Zeichen😀'],
    ['  leading'.padEnd(12), '  日本語'.padEnd(12)],
  ]),
});

const codePages = seedTable({
  name: 'code_pages',
  purpose: 'VARCHAR in the code pages of its collations',
  columns: [
    ['c_latin', 'varchar(60) COLLATE SQL_Latin1_General_CP1_CI_AS NULL', 'unicode'],
    ['c_cyrillic', 'varchar(60) COLLATE Cyrillic_General_CI_AS NULL', 'unicode'],
    ['c_greek', 'varchar(60) COLLATE Greek_CI_AS NULL', 'unicode'],
    ['c_japanese', 'varchar(60) COLLATE Japanese_CI_AS NULL', 'unicode'],
    ['c_chinese', 'varchar(60) COLLATE Chinese_PRC_CI_AS NULL', 'unicode'],
  ],
  rows: numbered([
    ['café “quoted” €', 'Привет, мир', 'Καλημέρα', '日本語 ｱｲｳ', '中文字符'],
    ['Øre Æble ÿ', 'Ёжик Ђ', 'Ώ ή', 'ソ表', '繁简'],
    ['', '', '', '', ''],
    ['plain', 'plain', 'plain', 'plain', 'plain'],
  ]),
});

const oldTexts = seedTable({
  name: 'old_large_types',
  purpose: 'TEXT, NTEXT and IMAGE, and XML',
  columns: [
    ['c_text', 'text NULL', 'plain'],
    ['c_ntext', 'ntext NULL', 'unicode'],
    ['c_image', 'image NULL', 'binary'],
    ['c_xml', 'xml NULL', 'unicode'],
  ],
  rows: numbered([
    ['', '', '', ''],
    ['old text', 'alter Text 日本語 😀', '00FF10', '<order id="1"><item>ä &amp; 😀</item></order>'],
    ["it's", "it's", 'DEADBEEF', '<a/>'],
  ]),
});

const binaries = seedTable({
  name: 'binaries',
  purpose: 'Binary types, and identifiers, whose text turns the bytes round',
  columns: [
    ['c_binary', 'binary(8) NULL', 'binary'],
    ['c_varbinary', 'varbinary(50) NULL', 'binary'],
    ['c_max', 'varbinary(max) NULL', 'binary'],
    ['c_guid', 'uniqueidentifier NULL', 'plain'],
  ],
  rows: numbered([
    ['0000000000000000', '', '', '00000000-0000-0000-0000-000000000000'],
    ['FFFFFFFFFFFFFFFF', 'FF', 'FFFE00', 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF'],
    ['0001020304050607', '5C78', 'C3A9', '00112233-4455-6677-8899-AABBCCDDEEFF'],
    ['DEADBEEF00000000', '00', '00', '6F9619FF-8B86-D011-B42D-00C04FC964FF'],
  ]),
});

const versioned: SqlServerTypesTable = {
  name: 'row_versions',
  purpose: 'ROWVERSION, which the server counts itself',
  ddl: [
    'CREATE TABLE types.row_versions (id int NOT NULL PRIMARY KEY, note nvarchar(20) NOT NULL, version rowversion)',
  ],
  fill: [
    "INSERT INTO types.row_versions (id, note) VALUES (1, N'one'), (2, N'two')",
    "INSERT INTO types.row_versions (id, note) VALUES (3, N'three')",
  ],
  rowCount: 3,
  kind: 'table',
};

const variants: SqlServerTypesTable = {
  name: 'variants',
  purpose: 'SQL_VARIANT with values of many base types',
  ddl: ['CREATE TABLE types.variants (id int NOT NULL PRIMARY KEY, c_variant sql_variant NULL)'],
  // One INSERT each: the rows of one would be brought to a common type.
  fill: [
    'CAST(2147483647 AS int)',
    'CAST(-9223372036854775808 AS bigint)',
    'CAST(12345678901234.5678 AS decimal(18,4))',
    'CAST(922337203685477.5807 AS money)',
    "CAST(N'日本語 😀' AS nvarchar(20))",
    "CAST('plain' AS varchar(20))",
    "CAST('2024-02-29T12:34:56.997' AS datetime)",
    "CAST('2024-02-29T12:34:56.1234567' AS datetime2(7))",
    "CAST('2024-02-29 12:34:56.1234567 +05:45' AS datetimeoffset(7))",
    "CAST('2024-02-29' AS date)",
    "CAST('12:34:56.1234567' AS time(7))",
    "CAST('00112233-4455-6677-8899-AABBCCDDEEFF' AS uniqueidentifier)",
    'CAST(1 AS bit)',
    'CAST(0x00FF AS varbinary(10))',
    'CAST(1.5E0 AS float)',
    'NULL',
  ].map((value, index) => `INSERT INTO types.variants (id, c_variant) VALUES (${index + 1}, ${value})`),
  rowCount: 16,
  kind: 'table',
};

const spatial: SqlServerTypesTable = {
  name: 'spatial',
  purpose: 'GEOMETRY, GEOGRAPHY and HIERARCHYID',
  ddl: [
    'CREATE TABLE types.spatial (id int NOT NULL PRIMARY KEY, c_geometry geometry NULL, c_geography geography NULL, c_node hierarchyid NULL)',
  ],
  fill: [
    `INSERT INTO types.spatial (id, c_geometry, c_geography, c_node) VALUES
(1, geometry::STGeomFromText('POINT (1.5 -2.25)', 0), geography::STGeomFromText('POINT (-122.34900 47.65100)', 4326), hierarchyid::Parse('/')),
(2, geometry::STGeomFromText('LINESTRING (0 0, 1 1, 2.5 -3.75)', 0), geography::STGeomFromText('LINESTRING (-122.36 47.656, -122.343 47.656)', 4326), hierarchyid::Parse('/1/')),
(3, geometry::STGeomFromText('POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0))', 0), NULL, hierarchyid::Parse('/1/3/')),
(4, NULL, NULL, NULL)`,
  ],
  rowCount: 4,
  kind: 'table',
};

/** Characters of the large text, and bytes of the large binary value: 20 MB each on the wire. */
export const LARGE_BYTES = 20 * 1024 * 1024;

const large: SqlServerTypesTable = {
  name: 'large_values',
  purpose: 'Values of 20 MB beside empty ones and NULL',
  ddl: [
    'CREATE TABLE types.large_values (id int NOT NULL PRIMARY KEY, c_text nvarchar(max) NULL, c_binary varbinary(max) NULL)',
  ],
  fill: [
    `INSERT INTO types.large_values (id, c_text, c_binary) VALUES (1, N'', 0x), (2, NULL, NULL)`,
    `INSERT INTO types.large_values (id, c_text, c_binary) SELECT 3, REPLICATE(CAST(N'0123456789abcdef' AS nvarchar(max)), ${LARGE_BYTES / 32}), NULL`,
    `INSERT INTO types.large_values (id, c_text, c_binary) SELECT 4, NULL, CONVERT(varbinary(max), REPLICATE(CAST('0123456789abcdef' AS varchar(max)), ${LARGE_BYTES / 16}))`,
  ],
  rowCount: 4,
  kind: 'table',
};

export const valueTables: readonly SqlServerTypesTable[] = [
  integers,
  decimals,
  floats,
  dates,
  texts,
  padded,
  codePages,
  oldTexts,
  binaries,
  versioned,
  variants,
  spatial,
  large,
];
