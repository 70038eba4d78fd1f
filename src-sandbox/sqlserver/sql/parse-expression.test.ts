import { expect, test } from 'vitest';
import type { Condition, Expression } from './ast.ts';
import { parseConditionText, parseExpressionText } from './parse-batch.ts';
import { syntaxError } from './syntax-error.fixture.ts';
import { withoutPlaces } from './without-places.fixture.ts';

const on = { quotedIdentifier: true };
const read = (text: string): unknown => withoutPlaces(parseExpressionText(text, on));

/** The tree as text with every operand in parentheses. */
function shape(e: Expression): string {
  if (e.kind === 'binary') return `(${shape(e.left)} ${e.operator} ${shape(e.right)})`;
  if (e.kind === 'unary') return `(${e.operator}${shape(e.operand)})`;
  if (e.kind === 'collate') return `(${shape(e.operand)} collate ${e.collation})`;
  if (e.kind === 'at-time-zone') return `(${shape(e.operand)} at ${shape(e.zone)})`;
  if (e.kind === 'number') return e.text;
  if (e.kind === 'string') return e.value;
  return e.kind === 'column' ? e.parts.map((part) => part?.name ?? '').join('.') : e.kind;
}

function conditionShape(c: Condition): string {
  if (c.kind === 'and' || c.kind === 'or') return `(${conditionShape(c.left)} ${c.kind} ${conditionShape(c.right)})`;
  if (c.kind === 'not') return `(not ${conditionShape(c.operand)})`;
  if (c.kind === 'compare') return `${shape(c.left)} ${c.operator} ${shape(c.right)}`;
  return c.kind;
}

test.each([
  ['a + b * c', '(a + (b * c))'],
  ['a * b + c', '((a * b) + c)'],
  ['a - b - c', '((a - b) - c)'],
  ['a / b * c % d', '(((a / b) * c) % d)'],
  ['a & b + c | d ^ e', '((((a & b) + c) | d) ^ e)'],
  ['-a * b', '(-(a * b))'],
  ['-a + b', '((-a) + b)'],
  ['a * -b * c', '(a * (-(b * c)))'],
  ['~a * b', '((~a) * b)'],
  ['- - 1', '(-(-1))'],
  ['(a + b) * c', '((a + b) * c)'],
  ['a + b COLLATE x', '(a + (b collate x))'],
  ["a AT TIME ZONE 'x' AT TIME ZONE 'y'", '((a at x) at y)'],
])('%s is read as %s', (text, expected) => {
  expect(shape(parseExpressionText(text, on))).toBe(expected);
});

test.each([
  ['a = 1 or b = 2 and not c = 3', '(a = 1 or (b = 2 and (not c = 3)))'],
  ['(a = 1 or b = 2) and c = 3', '((a = 1 or b = 2) and c = 3)'],
  ['not not a = 1', '(not (not a = 1))'],
  ['((a + 1)) * 2 > 3', '((a + 1) * 2) > 3'],
  ['(((a = 1)))', 'a = 1'],
  ['a != 1 and b !< 2 and c !> 3', '((a <> 1 and b >= 2) and c <= 3)'],
  ['a > = 1', 'a >= 1'],
])('the condition %s is read as %s', (text, expected) => {
  expect(conditionShape(parseConditionText(text, on))).toBe(expected);
});

test.each([
  ['1', { name: 'int' }, '1'],
  ['0007', { name: 'int' }, '7'],
  ['2147483647', { name: 'int' }, '2147483647'],
  ['2147483648', { name: 'numeric', precision: 10, scale: 0 }, '2147483648'],
  ['1.50', { name: 'numeric', precision: 3, scale: 2 }, '1.50'],
  ['.5', { name: 'numeric', precision: 1, scale: 1 }, '.5'],
  ['0.0', { name: 'numeric', precision: 1, scale: 1 }, '0.0'],
  ['100.', { name: 'numeric', precision: 3, scale: 0 }, '100.'],
  ['9'.repeat(38), { name: 'numeric', precision: 38, scale: 0 }, '9'.repeat(38)],
  ['1e5', { name: 'float' }, '1e5'],
  ['1e', { name: 'float' }, '1e0'],
  ['$1.5', { name: 'money' }, '1.5'],
  ['$', { name: 'money' }, '0'],
])('the constant %s has the type %j', (text, type, kept) => {
  expect(read(text)).toEqual({ kind: 'number', type, text: kept });
});

test.each([
  ["'x'", { kind: 'string', value: 'x', national: false }],
  ["N'x'", { kind: 'string', value: 'x', national: true }],
  ['0x1', { kind: 'binary-string', value: new Uint8Array([1]) }],
  ['NULL', { kind: 'null' }],
  ['@x', { kind: 'variable', name: '@x' }],
  ['@@RowCount', { kind: 'global-variable', name: '@@ROWCOUNT' }],
  ['t.$identity', { kind: 'pseudo-column', name: '$IDENTITY', qualifier: [{ name: 't', quoted: false }] }],
  ['IDENTITYCOL', { kind: 'pseudo-column', name: '$IDENTITY', qualifier: [] }],
  ['current_timestamp', { kind: 'niladic', name: 'CURRENT_TIMESTAMP' }],
  [
    'db..[t].c',
    {
      kind: 'column',
      parts: [{ name: 'db', quoted: false }, null, { name: 't', quoted: true }, { name: 'c', quoted: false }],
    },
  ],
  [
    'NEXT VALUE FOR dbo.s',
    { kind: 'next-value-for', orderBy: [], sequence: { server: null, database: null, schema: 'dbo', name: 's' } },
  ],
  [
    'geometry::[Null]',
    {
      kind: 'static-call',
      type: { server: null, database: null, schema: null, name: 'geometry' },
      method: { name: 'Null', quoted: true },
      args: null,
    },
  ],
  [
    'hierarchyid::GetRoot()',
    {
      kind: 'static-call',
      type: { server: null, database: null, schema: null, name: 'hierarchyid' },
      method: { name: 'GetRoot', quoted: false },
      args: [],
    },
  ],
  [
    '@g.STSrid',
    { kind: 'property', operand: { kind: 'variable', name: '@g' }, name: { name: 'STSrid', quoted: false } },
  ],
  [
    '@g.STAsText()',
    {
      kind: 'method-call',
      operand: { kind: 'variable', name: '@g' },
      method: { name: 'STAsText', quoted: false },
      args: [],
    },
  ],
  [
    '$PARTITION.pf(1)',
    {
      kind: 'partition-number',
      database: null,
      partitionFunction: 'pf',
      args: [{ kind: 'number', type: { name: 'int' }, text: '1' }],
    },
  ],
])('%s is read as %j', (text, expected) => {
  expect(read(text)).toEqual(expected);
});

test.each([
  ['CAST(a AS varchar)', { name: 'varchar', length: 30 }],
  ['CAST(a AS nvarchar(max))', { name: 'nvarchar', length: -1 }],
  ['CAST(a AS decimal)', { name: 'decimal', precision: 18, scale: 0 }],
  ['CAST(a AS numeric(38, 10))', { name: 'numeric', precision: 38, scale: 10 }],
  ['CAST(a AS datetime2)', { name: 'datetime2', scale: 7 }],
  ['CAST(a AS time(0))', { name: 'time', scale: 0 }],
  ['CAST(a AS float(24))', { name: 'real' }],
  ['CAST(a AS double precision)', { name: 'float' }],
  ['CAST(a AS national character varying(7))', { name: 'nvarchar', length: 7 }],
  ['CAST(a AS char varying(7))', { name: 'varchar', length: 7 }],
  ['CAST(a AS rowversion)', { name: 'timestamp' }],
  ['CAST(a AS [sys].[geography])', { name: 'geography' }],
  ['CAST(a AS sysname)', { name: 'nvarchar', length: 128 }],
])('%s casts to %j', (text, type) => {
  expect(read(text)).toMatchObject({ kind: 'cast', isTry: false, type: { kind: 'system', type } });
});

test('a type that is not known is left to be resolved, a quoted word of a synonym too', () => {
  expect(read('CAST(a AS dbo.Phone)')).toMatchObject({
    type: { kind: 'named', name: { schema: 'dbo', name: 'Phone' } },
  });
  expect(read('CAST(a AS constructor)')).toMatchObject({ type: { kind: 'named', name: { name: 'constructor' } } });
});

test('calls keep what belongs to them', () => {
  expect(read("STRING_AGG(DISTINCT a, ',') WITHIN GROUP (ORDER BY b DESC)")).toMatchObject({
    kind: 'call',
    distinct: true,
    withinGroup: [{ descending: true }],
  });
  expect(read('COUNT(*)')).toMatchObject({ star: true, args: [] });
  expect(read('DATEADD(dd, 1, a)')).toMatchObject({ datePart: 'dd', args: [{ text: '1' }, { kind: 'column' }] });
  expect(read('LAG(a) IGNORE NULLS OVER (PARTITION BY b ORDER BY c ROWS 2 PRECEDING)')).toMatchObject({
    nullTreatment: 'IGNORE',
    over: {
      partitionBy: [{ kind: 'column' }],
      orderBy: [{ descending: false }],
      frame: { unit: 'ROWS', start: { kind: 'preceding', offset: { text: '2' } }, end: { kind: 'current-row' } },
    },
  });
  expect(read('SUM(a) OVER (ORDER BY b RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)')).toMatchObject({
    over: { frame: { unit: 'RANGE', start: { kind: 'unbounded-preceding' }, end: { kind: 'unbounded-following' } } },
  });
  expect(read('t.c.STDistance(@g)')).toMatchObject({
    kind: 'call',
    name: [{ name: 't' }, { name: 'c' }, { name: 'STDistance' }],
  });
  expect(read('CONVERT(varchar(34), d, 126)')).toMatchObject({ kind: 'convert', style: { text: '126' }, isTry: false });
  expect(read('TRY_CONVERT(int, d)')).toMatchObject({ kind: 'convert', style: null, isTry: true });
  expect(read("TRIM(LEADING '.' FROM a)")).toMatchObject({ kind: 'trim', side: 'LEADING', characters: { value: '.' } });
  expect(read('LEFT(a, 2)')).toMatchObject({ kind: 'call', name: [{ name: 'LEFT' }] });
});

test.each([
  ["a LIKE 'x!%' ESCAPE '!'", { kind: 'like', negated: false, escape: { value: '!' } }],
  ['a NOT LIKE b', { kind: 'like', negated: true, escape: null }],
  ['a NOT IN (1, 2)', { kind: 'in-list', negated: true }],
  ['a IN (SELECT 1)', { kind: 'in-query', negated: false }],
  ['a IN ((SELECT 1), 2)', { kind: 'in-list', list: [{ kind: 'subquery' }, { kind: 'number' }] }],
  ['a BETWEEN 1 AND 2', { kind: 'between', negated: false }],
  ['a IS NOT NULL', { kind: 'is-null', negated: true }],
  ['a IS DISTINCT FROM b', { kind: 'is-distinct', negated: false }],
  ['EXISTS (SELECT 1)', { kind: 'exists' }],
  ['a >= SOME (SELECT 1)', { kind: 'quantified', quantifier: 'ANY', operator: '>=' }],
  ['((SELECT 1) UNION (SELECT 2)) = 1', { kind: 'compare', left: { kind: 'subquery' } }],
  ['((SELECT 1) + 2) = 1', { kind: 'compare', left: { kind: 'binary' } }],
  ["CONTAINS((a, b), 'x')", { kind: 'full-text', predicate: 'CONTAINS' }],
])('%s is the condition %j', (text, expected) => {
  expect(parseConditionText(text, on)).toMatchObject(expected);
});

test.each([
  ['a > 1', 102, "Incorrect syntax near '>'."],
  ['CASE a END', 156, "Incorrect syntax near the keyword 'END'."],
  [
    'CAST(a AS varchar(8001))',
    131,
    "The size (8001) given to the type 'varchar' exceeds the maximum allowed for any data type (8000).",
  ],
  [
    'CAST(a AS nvarchar(4001))',
    2717,
    "The size (4001) given to the type 'nvarchar' exceeds the maximum allowed (4000).",
  ],
  ['CAST(a AS varchar(0))', 1001, 'Line 1: Length or precision specification 0 is invalid.'],
  ['CAST(a AS datetime2(8))', 1002, 'Line 1: Specified scale 8 is invalid.'],
  ['CAST(a AS decimal(5, 6))', 192, 'The scale must be less than or equal to the precision.'],
  ['CAST(a AS int(4))', 291, "CAST or CONVERT: invalid attributes specified for type 'int'"],
  [
    '9'.repeat(39),
    1007,
    `The number '${'9'.repeat(39)}' is out of the range for numeric representation (maximum precision 38).`,
  ],
  ['1e400', 168, "The floating point value '1e400' is out of the range of computer representation (8 bytes)."],
  ["DATEADD('d', 1, a)", 1023, 'Invalid parameter 1 specified for dateadd.'],
  ['COALESCE(a)', 102, "Incorrect syntax near ')'."],
  ['a +', 102, "Incorrect syntax near '+'."],
  ['{fn now()}', 102, "Incorrect syntax near '{'."],
  ['""', 1038, expect.stringContaining('An object or column name is missing or empty.')],
])('the value %j is refused with error %i', (text, number, message) => {
  expect(() => parseExpressionText(text, on)).toThrow(syntaxError({ number, message }));
});

test.each([
  ['a', "near 'a'"],
  ['a AND b = 1', "near 'AND'"],
  ['NOT (a)', "near ')'"],
])('a value is no condition: %s', (text, near) => {
  expect(() => parseConditionText(text, on)).toThrow(
    syntaxError({ number: 4145, message: expect.stringContaining(near) }),
  );
});

test('what is nested too deeply is refused before the stack ends', () => {
  const deep = { number: 191 } as const;
  expect(() => parseExpressionText('('.repeat(5000), on)).toThrow(syntaxError(deep));
  expect(() => parseExpressionText('- '.repeat(5000), on)).toThrow(syntaxError(deep));
  expect(() => parseExpressionText(`1${'+1'.repeat(5000)}`, on)).toThrow(syntaxError(deep));
  expect(() => parseConditionText('NOT '.repeat(5000), on)).toThrow(syntaxError(deep));
  expect(() => parseConditionText(`a=1${' OR a=1'.repeat(5000)}`, on)).toThrow(syntaxError(deep));
  expect(() => parseExpressionText('CASE WHEN 1=1 THEN '.repeat(5000), on)).toThrow(syntaxError(deep));
  expect(() => parseExpressionText('f('.repeat(5000), on)).toThrow(syntaxError(deep));
  expect(() => parseExpressionText('(SELECT '.repeat(5000), on)).toThrow(syntaxError(deep));
  expect(parseExpressionText(`1${'+1'.repeat(1500)}`, on).kind).toBe('binary');
});

const HOSTILE = [
  "'",
  "''",
  '"',
  ']',
  '[',
  ']]',
  '--',
  '/*',
  '*/',
  ';',
  '\\',
  '\n',
  '\0',
  'x y',
  'SELECT',
  '@x',
  '\u{1F600}',
  '\ud800',
  '%s',
  '$&',
  'ю',
];

/** Every hostile piece alone, doubled, and next to every other one. */
const hostileTexts = HOSTILE.flatMap((a) => [a, a + a, ...HOSTILE.map((b) => `x${a}${b}y`)]);

test('hostile text comes back from constants and names as it went in', () => {
  for (const text of hostileTexts) {
    // A backslash before a line's end is the one thing that a constant does not keep.
    if (!/\\\r?\n/.test(text)) {
      expect(read(`N'${text.replaceAll("'", "''")}'`)).toEqual({ kind: 'string', value: text, national: true });
    }
    const parts = [{ name: text, quoted: true }];
    expect(read(`[${text.replaceAll(']', ']]')}]`)).toEqual({ kind: 'column', parts });
    expect(read(`"${text.replaceAll('"', '""')}"`)).toEqual({ kind: 'column', parts });
  }
});

test('double quotes hold a string when QUOTED_IDENTIFIER is off', () => {
  expect(parseExpressionText('"a""b"', { quotedIdentifier: false })).toMatchObject({ kind: 'string', value: 'a"b' });
});
