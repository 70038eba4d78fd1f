import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EngineSession, SqlType, SqlValue } from '../engine-contract.ts';
import type { SqlServerEngine } from './create-engine.ts';
import { formatType } from './sql-types.ts';
import { run, startEngine } from './testing.ts';

let engine: SqlServerEngine;
let session: EngineSession;

beforeAll(async () => {
  engine = await startEngine();
  session = await engine.openSession('shop');
});

afterAll(async () => {
  await session.close();
  await engine.close();
});

/** Expression, its type as T-SQL writes it, its value as text: from the vendor's pages on types, precedence, precision and functions. */
const CASES: [string, string, string | null][] = [
  ['7 / 2', 'int', '3'],
  ['-7 % 3', 'int', '-1'],
  ['5000000000', 'numeric(10,0)', '5000000000'],
  ['1.0 / 3', 'decimal(7,6)', '0.333333'],
  ['CAST(1 AS decimal(38,10)) / CAST(3 AS decimal(38,10))', 'decimal(38,6)', '0.333333'],
  ['CAST(2 AS decimal(5,2)) * CAST(3.5 AS decimal(4,1))', 'decimal(10,3)', '7.000'],
  ['CAST(1 AS decimal(5,2)) + CAST(1 AS decimal(7,3))', 'decimal(8,3)', '2.000'],
  ['$1.5 * 2', 'money', '3.0000'],
  ['CAST(1 AS bigint) + 1', 'bigint', '2'],
  ['CAST(1 AS tinyint) + CAST(1 AS smallint)', 'smallint', '2'],
  ['1e0 / 4', 'float', '0.25'],
  ["'a' + 'bc'", 'varchar(3)', 'abc'],
  ["'a' + N'bc'", 'nvarchar(3)', 'abc'],
  ["'3' + 4", 'int', '7'],
  ['CASE WHEN 1 = 1 THEN 1 ELSE 2.50 END', 'decimal(3,2)', '1.00'],
  ["COALESCE(NULL, 'x', N'yy')", 'nvarchar(2)', 'x'],
  ["ISNULL(CAST(NULL AS varchar(2)), 'abc')", 'varchar(2)', 'ab'],
  ["IIF('a' = 'A ', 'same', 'other')", 'varchar(5)', 'same'],
  ["IIF('a' = 'A' COLLATE Latin1_General_BIN2, 'same', 'other')", 'varchar(5)', 'other'],
  ['NULLIF(1, 1)', 'int', null],
  ["LEN(N'abc  ')", 'int', '3'],
  ["LEN(N'😀')", 'int', '2'],
  ["DATALENGTH(N'abc')", 'int', '6'],
  ["DATALENGTH('é' COLLATE Latin1_General_100_CI_AS_SC_UTF8)", 'int', '2'],
  ["SUBSTRING('abcdef', 2, 3)", 'varchar(3)', 'bcd'],
  ["SUBSTRING('abcdef', -1, 4)", 'varchar(4)', 'ab'],
  ["LEFT('abc', 2) + RIGHT('abc', 1)", 'varchar(6)', 'abc'],
  ["REPLACE('aAa', 'A', 'b')", 'varchar(8000)', 'bbb'],
  ["CHARINDEX('C', 'abc')", 'int', '3'],
  ["PATINDEX('%[0-9]%', 'ab1')", 'int', '3'],
  ["STUFF('abcdef', 2, 3, 'ijklmn')", 'varchar(8000)', 'aijklmnef'],
  ["QUOTENAME('a]b')", 'nvarchar(258)', '[a]]b]'],
  ["CONCAT('a', NULL, 1)", 'varchar(43)', 'a1'],
  ["CONCAT_WS(',', 'a', NULL, 'b')", 'varchar(4)', 'a,b'],
  ["UPPER(N'straße')", 'nvarchar(6)', 'STRAßE'],
  ['STR(123.45, 6, 1)', 'varchar(6)', ' 123.5'],
  ["TRIM('  x ')", 'varchar(4)', 'x'],
  ['ROUND(123.4545, 2)', 'numeric(7,4)', '123.4500'],
  ['ROUND(150.75, 0, 1)', 'numeric(5,2)', '150.00'],
  ['FLOOR(-123.45)', 'decimal(5,0)', '-124'],
  ['POWER(2, 10)', 'int', '1024'],
  ['CAST(10.6496 AS int)', 'int', '10'],
  ['CAST(CAST(10.6496 AS money) AS int)', 'int', '11'],
  ["CAST('10.3496847' AS decimal(9,4))", 'decimal(9,4)', '10.3497'],
  ['CONVERT(varchar(10), 1e6)', 'varchar(10)', '1e+006'],
  ['CONVERT(varchar(30), CAST(0.1 AS float), 3)', 'varchar(30)', '0.10000000000000001'],
  ['CONVERT(varchar(30), CAST(1234567.891 AS money), 1)', 'varchar(30)', '1,234,567.89'],
  ['CONVERT(varchar(10), 0x1F2E, 2)', 'varchar(10)', '1F2E'],
  ["CONVERT(varbinary(4), '0x1F2E', 1)", 'varbinary(4)', '0x1F2E'],
  ['CAST(258 AS binary(4))', 'binary(4)', '0x00000102'],
  ["CONVERT(varchar(10), CAST('2024-02-29' AS date), 112)", 'varchar(10)', '20240229'],
  [
    "CONVERT(varchar(30), CAST('2024-02-29 13:14:15.1234567' AS datetime2(7)), 121)",
    'varchar(30)',
    '2024-02-29 13:14:15.1234567',
  ],
  [
    "CONVERT(varchar(34), CAST('2024-02-29 13:14:15.12 +02:30' AS datetimeoffset(2)), 121)",
    'varchar(34)',
    '2024-02-29 13:14:15.12 +02:30',
  ],
  [
    "CONVERT(varchar(34), CAST('2024-02-29 13:14:15.12 +02:30' AS datetimeoffset(2)), 127)",
    'varchar(34)',
    '2024-02-29T10:44:15.12Z',
  ],
  ["CONVERT(varchar(23), CAST('1998-01-01 23:59:59.995' AS datetime), 121)", 'varchar(23)', '1998-01-01 23:59:59.997'],
  ["CONVERT(varchar(23), CAST('1998-01-01 23:59:59.999' AS datetime), 121)", 'varchar(23)', '1998-01-02 00:00:00.000'],
  ["CONVERT(varchar(20), CAST('2000-05-08 12:35:29.999' AS smalldatetime), 120)", 'varchar(20)', '2000-05-08 12:36:00'],
  ["CAST(CAST('2024-01-05 16:05' AS datetime) AS varchar(20))", 'varchar(20)', 'Jan  5 2024  4:05PM'],
  ["DATEDIFF(day, '2005-12-31 23:59:59.9999999', '2006-01-01')", 'int', '1'],
  [
    "CONVERT(varchar(23), DATEADD(month, 1, CAST('2006-08-30' AS datetime)), 121)",
    'varchar(23)',
    '2006-09-30 00:00:00.000',
  ],
  ["DATEPART(week, '2007-04-21')", 'int', '16'],
  ["DATENAME(weekday, '2007-10-30')", 'nvarchar(30)', 'Tuesday'],
  ["CONVERT(varchar(10), EOMONTH('2024-02-01'), 23)", 'varchar(10)', '2024-02-29'],
  [
    "CONVERT(varchar(34), SWITCHOFFSET(CAST('1998-09-20 7:45:50.71345 -5:00' AS datetimeoffset), '-08:00'), 121)",
    'varchar(34)',
    '1998-09-20 04:45:50.7134500 -08:00',
  ],
  [
    "CONVERT(varchar(34), CAST('2015-07-01' AS datetime2(0)) AT TIME ZONE 'Pacific Standard Time', 121)",
    'varchar(34)',
    '2015-07-01 00:00:00 -07:00',
  ],
  ["HASHBYTES('MD5', 'Amazon Redshift')", 'varbinary(8000)', '0xF7415E33F972C03ABD4F3FED36748F7A'],
  [
    "HASHBYTES('SHA2_256', N'a')",
    'varbinary(8000)',
    '0xFFE9AAEAA2A2D5048174DF0B80599EF0197EC024C4B051BC9860CFF58EF7F9F3',
  ],
  [
    "CAST(CAST('6F9619FF-8B86-D011-B42D-00C04FC964FF' AS uniqueidentifier) AS binary(16))",
    'binary(16)',
    '0xFF19966F868B11D0B42D00C04FC964FF',
  ],
  ["SQL_VARIANT_PROPERTY(CAST(1.5 AS decimal(5,2)), 'BaseType')", 'sql_variant', 'decimal'],
  ["TRY_CAST('x' AS int)", 'int', null],
  ["TRY_CONVERT(date, '2024-13-01')", 'date', null],
  ["geometry::STGeomFromText('POINT (1.5 -2.25)', 0).STAsText()", 'nvarchar(max)', 'POINT (1.5 -2.25)'],
  ['geography::Point(47.65, -122.35, 4326).STSrid', 'int', '4326'],
  ["hierarchyid::Parse('/1/3/').GetLevel()", 'smallint', '2'],
  ["OBJECT_ID('dbo.nothing')", 'int', null],
  ['DB_NAME()', 'nvarchar(128)', 'shop'],
  ["DATABASEPROPERTYEX('shop', 'Collation')", 'sql_variant', 'SQL_Latin1_General_CP1_CI_AS'],
  ["CAST(SERVERPROPERTY('EngineEdition') AS int)", 'int', '3'],
  ["CAST('1' AS nvarchar(max))", 'nvarchar(max)', '1'],
  ['~5', 'int', '-6'],
  ['5 & 3 | 8', 'int', '9'],
];

test.each(CASES)('%s is %s %s', async (expression, type, value) => {
  const answer = await run(session, `SELECT ${expression} AS x`);
  expect(answer.messages).toEqual([]);
  const columns = answer.events.find((event) => event.kind === 'columns');
  expect(columns?.kind === 'columns' && columns.columns.map((column) => formatType(column.type))).toEqual([type]);
  const held =
    columns?.kind === 'columns' ? (columns.columns[0]?.type ?? { name: 'int' as const }) : { name: 'int' as const };
  expect(shown(answer.rows[0]?.[0] ?? null, held)).toBe(value);
});

function shown(value: SqlValue, type: SqlType): string | null {
  if (value === null) return null;
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex').toUpperCase()}`;
  if (typeof value === 'object' && 'type' in value) return shown(value.value, value.type);
  if (typeof value === 'object') return JSON.stringify(value);
  const scale = type.name === 'money' ? 4 : type.name === 'decimal' || type.name === 'numeric' ? (type.scale ?? 0) : 0;
  const text = String(value);
  if (scale === 0) return text;
  const digits = text.replace('-', '').padStart(scale + 1, '0');
  return `${text.startsWith('-') ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

const REFUSED: [string, number, string][] = [
  ["CAST('2024-13-01' AS date)", 241, 'Conversion failed when converting date and/or time from character string.'],
  [
    "CAST('2024-13-01' AS datetime)",
    242,
    'The conversion of a varchar data type to a datetime data type resulted in an out-of-range value.',
  ],
  ["CAST('x' AS decimal(5,2))", 8114, 'Error converting data type varchar to numeric.'],
  ['CAST(300 AS tinyint)', 220, 'Arithmetic overflow error for data type tinyint, value = 300.'],
  [
    "CAST('300' AS tinyint)",
    244,
    "The conversion of the varchar value '300' overflowed an INT1 column. Use a larger integer column.",
  ],
  ["CAST('99999999999' AS int)", 248, "The conversion of the varchar value '99999999999' overflowed an int column."],
  ['CAST(1000.5 AS decimal(4,2))', 8115, 'Arithmetic overflow error converting numeric to data type numeric.'],
  [
    "CAST('no guid' AS uniqueidentifier)",
    8169,
    'Conversion failed when converting from a character string to uniqueidentifier.',
  ],
  ['CAST(1 AS date)', 529, 'Explicit conversion from data type int to date is not allowed.'],
  ["CAST('a' AS text) + 'b'", 402, 'The data types text and varchar are incompatible in the add operator.'],
  ['LEN(1, 2)', 174, 'The len function requires 1 argument(s).'],
  ["DATEPART(nothing, '2024-01-01')", 155, "'nothing' is not a recognized datepart option."],
  [
    "'a' COLLATE Latin1_General_CI_AS + 'b' COLLATE Latin1_General_BIN2",
    468,
    'Cannot resolve the collation conflict between "Latin1_General_BIN2" and "Latin1_General_CI_AS" in the add operator operation.',
  ],
];

test.each(REFUSED)('%s is refused with %i', async (expression, number, text) => {
  const { messages } = await run(session, `SELECT ${expression}`);
  expect(messages.map((message) => [message.number, message.message])).toEqual([[number, text]]);
});

test('uniqueidentifier sorts by its last bytes first', async () => {
  const { rows } = await run(
    session,
    "SELECT g FROM (VALUES (CAST('3AAAAAAA-BBBB-CCCC-DDDD-2EEEEEEEEEEE' AS uniqueidentifier)), ('2AAAAAAA-BBBB-CCCC-DDDD-1EEEEEEEEEEE'), ('1AAAAAAA-BBBB-CCCC-DDDD-3EEEEEEEEEEE')) AS v(g) ORDER BY g",
  );
  expect(rows.map((row) => row[0])).toEqual([
    '2AAAAAAA-BBBB-CCCC-DDDD-1EEEEEEEEEEE',
    '3AAAAAAA-BBBB-CCCC-DDDD-2EEEEEEEEEEE',
    '1AAAAAAA-BBBB-CCCC-DDDD-3EEEEEEEEEEE',
  ]);
});

test('collations order and equate texts', async () => {
  const list = "(VALUES (N'b'), (N'A'), (N'a '), (N'é'), (N'e'), (N'_'), (N'1')) AS v(t)";
  expect(
    (await run(session, `SELECT DISTINCT t FROM ${list} ORDER BY t`)).rows.map((row) =>
      (row[0] as string).trim().toLowerCase(),
    ),
  ).toEqual(['_', '1', 'a', 'b', 'e', 'é']);
  expect(
    (await run(session, `SELECT t FROM ${list} ORDER BY t COLLATE Latin1_General_BIN2`)).rows.map((row) => row[0]),
  ).toEqual(['1', 'A', '_', 'a ', 'b', 'e', 'é']);
  expect((await run(session, `SELECT COUNT(*) FROM ${list} WHERE t COLLATE Latin1_General_CI_AI = N'E'`)).rows).toEqual(
    [[2]],
  );
});
