import type { TypesTable } from './types.ts';

type Row = readonly (string | null)[];

/** A literal for PostgreSQL with standard strings. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function table(name: string, purpose: string, columns: string, rows: readonly Row[]): TypesTable {
  return { name, purpose, ddl: `CREATE TABLE types.${name} (${columns})`, rows, rowCount: rows.length, kind: 'table' };
}

function filled(name: string, purpose: string, columns: string, rows: readonly string[]): TypesTable {
  return {
    name,
    purpose,
    ddl: `CREATE TABLE types.${name} (${columns})`,
    fill: [`INSERT INTO types.${name} VALUES ${rows.join(', ')}`],
    rowCount: rows.length,
    kind: 'table',
  };
}

/** Texts that break writers which escape by hand: each stands for a mistake that somebody made. */
export const NASTY_TEXTS: readonly string[] = [
  '',
  ' ',
  'trailing blanks   ',
  '  leading blanks',
  "it's",
  "''",
  '"double"',
  'back\\slash',
  '\\',
  '\\N',
  '\\n',
  'NULL',
  'null',
  'comma,semicolon;pipe|tab\tend',
  'line\nfeed',
  'carriage\r\nreturn',
  'a\rb',
  '$$dollar$$ $1 ${x}',
  "'; DROP TABLE types.text_values; --",
  '/* comment */ -- and another',
  '\u0001\u0002\u001f\u007f',
  'é combining e\u0301',
  'ß İ ı ŉ',
  '日本語 中文 한국어',
  'עברית العربية',
  '\ufeffbyte order mark',
  'zero\u200bwidth\u200djoiner',
  'emoji 😀 👩‍👩‍👧‍👦 🏳️‍🌈',
  '𝒳 beyond the BMP 𠜎 \u{10ffff}',
  '\u0085\u2028\u2029',
  '<xml attr="1">&amp;</xml>',
  '{"json": [1, 2, {"a": null}]}',
  '%s %d {0} %%',
  '=1+1',
  '00123',
  '1e5',
  'true',
  'NaN',
];

const INTEGER_ROWS: readonly Row[] = [
  ['1', '-32768', '-2147483648', '-9223372036854775808'],
  ['2', '32767', '2147483647', '9223372036854775807'],
  ['3', '0', '0', '0'],
  ['4', '-1', '-1', '-1'],
  ['5', '1', '16777217', '9007199254740993'],
  ['6', '12', '999999999', '-9007199254740993'],
  ['7', null, null, null],
];

const NINES_38 = '9'.repeat(38);

const DECIMAL_ROWS: readonly Row[] = [
  [
    '1',
    '9999999.99',
    '99999999999999.9999',
    NINES_38,
    `${'9'.repeat(28)}.${'9'.repeat(10)}`,
    `9.${'9'.repeat(37)}`,
    '999999999999999999',
  ],
  [
    '2',
    '-9999999.99',
    '-99999999999999.9999',
    `-${NINES_38}`,
    `-${'9'.repeat(28)}.${'9'.repeat(10)}`,
    `-9.${'9'.repeat(37)}`,
    '-999999999999999999',
  ],
  ['3', '0.00', '0.0000', '0', '0.0000000000', `0.${'0'.repeat(37)}`, '0'],
  ['4', '0.01', '0.0001', '1', '0.0000000001', `0.${'0'.repeat(36)}1`, '1'],
  ['5', '-0.01', '-0.0001', '-1', '-0.0000000001', `-0.${'0'.repeat(36)}1`, '-1'],
  [
    '6',
    '12.30',
    '1234567890123.4567',
    '18446744073709551616',
    '9007199254740993.0000000001',
    '1.2345678901234567890123456789012345678',
    '9007199254740993',
  ],
  ['7', null, null, null, null, null, null],
];

const FLOAT_ROWS: readonly Row[] = [
  ['1', '0', '0'],
  ['2', '-0', '-0'],
  ['3', 'NaN', 'NaN'],
  ['4', 'Infinity', 'Infinity'],
  ['5', '-Infinity', '-Infinity'],
  ['6', '3.4028235e+38', '1.7976931348623157e+308'],
  ['7', '-3.4028235e+38', '-1.7976931348623157e+308'],
  ['8', '1.1754944e-38', '2.2250738585072014e-308'],
  ['9', '1e-45', '5e-324'],
  ['10', '0.1', '0.1'],
  ['11', '0.3', '0.30000000000000004'],
  ['12', '16777216', '9007199254740993'],
  ['13', '1.2345679', '1.2345678901234567'],
  ['14', null, null],
];

const DATE_ROWS: readonly Row[] = [
  ['1', '0001-01-01', '0001-01-01 00:00:00', '0001-01-01 00:00:00+00'],
  ['2', '9999-12-31', '9999-12-31 23:59:59.999999', '9999-12-31 23:59:59.999999+00'],
  ['3', '1970-01-01', '1970-01-01 00:00:00', '1970-01-01 00:00:00+00'],
  ['4', '1969-12-31', '1969-12-31 23:59:59.999999', '1969-12-31 23:59:59.999999+00'],
  ['5', '1582-10-04', '1582-10-04 12:00:00.5', '1582-10-04 12:00:00.5+00'],
  ['6', '1582-10-15', '1582-10-15 12:00:00.000001', '1582-10-15 12:00:00.000001+00'],
  ['7', '2000-02-29', '2000-02-29 23:59:59.999999', '2024-03-31 02:30:00+02'],
  ['8', '1900-02-28', '1677-09-21 00:12:43.145224', '2024-10-27 02:30:00-11:30'],
  ['9', '2038-01-19', '2262-04-11 23:47:16.854775', '2038-01-19 03:14:07.123456+05:45'],
  ['10', null, null, null],
];

const TIME_ROWS: readonly Row[] = [
  ['1', '00:00:00', '00:00:00+00'],
  ['2', '23:59:59.999999', '23:59:59.999999-15:59'],
  ['3', '12:34:56.000001', '12:34:56.000001+05:45'],
  ['4', '12:00:00', '12:00:00+15:59'],
  ['5', null, null],
];

const SUPERS: readonly string[] = [
  'null',
  'true',
  '0',
  '-12.50',
  '12345678901234567890123456789',
  '1e10',
  '""',
  '"it\'s \\"quoted\\" \\\\ \\u0001 \\n 😀"',
  '[]',
  '{}',
  '[1,[2,[3,[]]],null,"x"]',
  '{"b":1,"a":{"c":[true,false,null]},"B":"case","":"empty key","k.e-y \\"q\\"":0}',
];

const VARBYTES: readonly string[] = ['', '00', 'ff', '5c78', '0001020304050607', 'deadbeef', 'c3a9', 'fffe00'];

const WKT: readonly string[] = [
  'POINT(0 0)',
  'POINT(-180 90)',
  'POINT(1.1 -2.2)',
  'LINESTRING(0 0,1 1,2.5 -3.75)',
  'POLYGON((0 0,0 10,10 10,10 0,0 0),(2 2,2 4,4 4,4 2,2 2))',
  'MULTIPOINT((0 0),(1 1))',
  'MULTILINESTRING((0 0,1 1),(2 2,3 3))',
  'MULTIPOLYGON(((0 0,0 1,1 1,0 0)),((5 5,5 6,6 6,5 5)))',
];

export const valueTables: readonly TypesTable[] = [
  table(
    'integers',
    'Smallest, largest and JavaScript-unsafe whole numbers',
    'id integer NOT NULL, c_smallint smallint, c_int integer, c_bigint bigint',
    INTEGER_ROWS,
  ),
  table(
    'decimals',
    'Decimals from (9,2) to (38,37) with all digits used: nothing here fits a double',
    'id integer NOT NULL, c_9_2 decimal(9,2), c_18_4 decimal(18,4), c_38_0 decimal(38,0), c_38_10 decimal(38,10), c_38_37 decimal(38,37), c_plain decimal',
    DECIMAL_ROWS,
  ),
  table(
    'floats',
    'Floats: NaN, infinities, negative zero, denormals, values that need 17 digits',
    'id integer NOT NULL, c_real real, c_double double precision',
    FLOAT_ROWS,
  ),
  table('booleans', 'Booleans and NULL', 'id integer NOT NULL, c_bool boolean', [
    ['1', 't'],
    ['2', 'f'],
    ['3', null],
  ]),
  table(
    'text_values',
    'Texts that break careless escaping, and empty strings that are not NULL',
    'id integer NOT NULL, c_varchar varchar(200), c_text text, c_nvarchar nvarchar(200), c_max varchar(max)',
    [
      ...NASTY_TEXTS.map((text, index) => [String(index + 1), text, text, text, text]),
      [String(NASTY_TEXTS.length + 1), null, null, null, null],
    ],
  ),
  table(
    'char_values',
    'CHAR columns: padded with blanks, which a copy may or may not keep',
    'id integer NOT NULL, c_char1 char, c_char10 char(10), c_nchar nchar(5), c_bpchar bpchar',
    [
      ['1', 'a', 'abc', 'xyz', 'bp'],
      ['2', ' ', '', '', ''],
      ['3', 'Z', '1234567890', '12345', 'x y '],
      ['4', null, null, null, null],
    ],
  ),
  table(
    'dates',
    'Dates and timestamps from year 1 to 9999, with microseconds, around the epoch and daylight saving',
    'id integer NOT NULL, c_date date, c_timestamp timestamp, c_timestamptz timestamptz',
    DATE_ROWS,
  ),
  table(
    'far_dates',
    'Dates before Christ and after 9999: Redshift has them, many targets do not',
    'id integer NOT NULL, c_date date, c_timestamp timestamp',
    [
      ['1', '4713-01-01 BC', '4713-01-01 00:00:00 BC'],
      ['2', '0044-03-15 BC', '0044-03-15 12:30:00.000001 BC'],
      ['3', '0001-12-31 BC', '0001-12-31 23:59:59.999999 BC'],
      ['4', '10000-01-01', '10000-01-01 00:00:00'],
      ['5', '294275-12-31', '294246-12-31 23:59:59.999999'],
    ],
  ),
  table(
    'times',
    'TIME and TIMETZ with microseconds and extreme offsets',
    'id integer NOT NULL, c_time time, c_timetz timetz',
    TIME_ROWS,
  ),
  table(
    'intervals',
    'Both interval types, negative ones too',
    'id integer NOT NULL, c_year_month interval year to month, c_day_second interval day to second',
    [
      ['1', '0', '0'],
      ['2', '1 year 2 months', '3 days 04:05:06.789012'],
      ['3', '-178000000 years', '-106751991 days -04:00:54.775807'],
      ['4', '-1 month', '-00:00:00.000001'],
      ['5', null, null],
    ],
  ),
  table(
    'super_values',
    'SUPER: every JSON kind, nested, with keys that differ only by case',
    'id integer NOT NULL, c_super super',
    [...SUPERS.map((json, index) => [String(index + 1), json]), [String(SUPERS.length + 1), null]],
  ),
  table(
    'varbyte_values',
    'VARBYTE: empty, zero bytes, bytes that look like escapes',
    'id integer NOT NULL, c_varbyte varbyte(16), c_varbinary varbinary(64)',
    [
      ...VARBYTES.map((hex, index) => [String(index + 1), `\\x${hex}`, `\\x${hex}`]),
      [String(VARBYTES.length + 1), null, null],
    ],
  ),
  filled(
    'spatial',
    'GEOMETRY with and without SRID, GEOGRAPHY',
    'id integer NOT NULL, c_geometry geometry, c_geography geography',
    [
      ...WKT.map(
        (wkt, index) =>
          `(${index + 1}, st_geomfromtext(${literal(wkt)}, ${index % 2 === 0 ? 4326 : 0}), st_geogfromtext(${literal(wkt)}))`,
      ),
      `(${WKT.length + 1}, NULL, NULL)`,
    ],
  ),
  table('sketches', 'HLLSKETCH, which no other system reads', 'id integer NOT NULL, c_sketch hllsketch', [
    ['1', '{"version":1,"logm":15,"sparse":{"indices":[4878,9559,14523],"values":[1,2,1]}}'],
    ['2', null],
  ]),
  table('empty_table', 'No rows at all', 'id integer NOT NULL, c_text varchar(10), c_decimal decimal(18,4)', []),
  table(
    'only_nulls',
    'Rows without a single value',
    'c_int integer, c_decimal decimal(38,10), c_double double precision, c_bool boolean, c_text varchar(20), c_date date, c_timestamp timestamp, c_super super',
    Array.from({ length: 100 }, () => Array.from({ length: 8 }, () => null)),
  ),
  {
    name: 'large_values',
    purpose: 'One VARCHAR of 65,535 bytes and a SUPER of about a megabyte',
    ddl: 'CREATE TABLE types.large_values (id integer NOT NULL, c_varchar varchar(65535), c_super super)',
    fill: [
      `INSERT INTO types.large_values VALUES (1, repeat('x', 65535), json_parse('"' || repeat('y', 1000000) || '"'))`,
      `INSERT INTO types.large_values VALUES (2, repeat('😀', 16383), json_parse('[' || repeat('{"k":"v"},', 50000) || '0]'))`,
    ],
    rowCount: 2,
    kind: 'table',
  },
  {
    name: 'wide_table',
    purpose: '300 columns',
    ddl: `CREATE TABLE types.wide_table (${Array.from({ length: 300 }, (_value, index) => `c${index + 1} ${['integer', 'varchar(20)', 'decimal(18,4)', 'date'][index % 4]}`).join(', ')})`,
    fill: [
      `INSERT INTO types.wide_table SELECT ${Array.from({ length: 300 }, (_value, index) => [`n + ${index}`, `'v' || n || '-${index}'`, `n + ${index}.5`, `date '2020-01-01' + n::integer`][index % 4]).join(', ')} FROM generate_series(1, 50) AS n`,
    ],
    rowCount: 50,
    kind: 'table',
  },
];
