import { expect, test } from 'vitest';
import { parseBatch } from './parse-batch.ts';
import { syntaxError } from './syntax-error.fixture.ts';
import { withoutPlaces } from './without-places.fixture.ts';

const read = (text: string): unknown => withoutPlaces(parseBatch(text, { quotedIdentifier: true }));
const query = (text: string): unknown => (read(text) as { query: unknown }[])[0]?.query;
const from = (text: string): unknown => (query(`SELECT 1 FROM ${text}`) as { body: { from: unknown } }).body.from;

test.each([
  [
    "SELECT a b, c AS 'd', e = f, 'g' = h, [i], t.*, *",
    {
      items: [
        { alias: { name: 'b' } },
        { alias: { name: 'd' } },
        { alias: { name: 'e' } },
        { alias: { name: 'g' } },
        { alias: null },
        { kind: 'star', qualifier: [{ name: 't' }] },
        { kind: 'star', qualifier: [] },
      ],
    },
  ],
  ['SELECT DISTINCT TOP 5 a', { distinct: true, top: { count: { text: '5' }, percent: false, withTies: false } }],
  [
    'SELECT TOP (@n) PERCENT WITH TIES a FROM t ORDER BY a',
    { top: { count: { name: '@n' }, percent: true, withTies: true } },
  ],
  ['SELECT a INTO #x FROM t', { into: { name: '#x' } }],
  [
    'SELECT a FROM t WHERE a = 1 GROUP BY a HAVING COUNT(*) > 1',
    { where: { kind: 'compare' }, groupBy: [{ kind: 'expression' }], having: { kind: 'compare' } },
  ],
  [
    'SELECT 1 FROM t GROUP BY ROLLUP (a, (b, c)), CUBE (d), GROUPING SETS ((a, b), c, ())',
    {
      groupBy: [
        { kind: 'rollup', sets: [[{}], [{}, {}]] },
        { kind: 'cube', sets: [[{}]] },
        {
          kind: 'grouping-sets',
          sets: [{ kind: 'set', expressions: [{}, {}] }, { kind: 'expression' }, { kind: 'set', expressions: [] }],
        },
      ],
    },
  ],
  ['SELECT 1 FROM t GROUP BY a, b WITH ROLLUP', { groupBy: [{ kind: 'rollup', sets: [[{}], [{}]] }] }],
  [
    'SELECT SUM(a) OVER w FROM t WINDOW w AS (PARTITION BY b)',
    { windows: [{ name: { name: 'w' }, window: { partitionBy: [{}] } }] },
  ],
])('%s is read', (text, expected) => {
  expect((query(text) as { body: unknown }).body).toMatchObject(expected);
});

test('INTERSECT binds tighter than UNION and EXCEPT', () => {
  expect(query('SELECT 1 UNION ALL SELECT 2 INTERSECT SELECT 3 EXCEPT (SELECT 4)')).toMatchObject({
    body: {
      operator: 'EXCEPT',
      left: { operator: 'UNION ALL', left: { kind: 'select' }, right: { operator: 'INTERSECT' } },
      right: { kind: 'parenthesized' },
    },
  });
});

test.each([
  [
    'SELECT a FROM t ORDER BY a DESC, b OFFSET 5 ROWS FETCH NEXT 10 ROWS ONLY',
    { orderBy: [{ descending: true }, { descending: false }], offset: { text: '5' }, fetch: { text: '10' } },
  ],
  [
    "SELECT a FROM t FOR XML PATH('x'), ROOT('r'), TYPE, ELEMENTS XSINIL, BINARY BASE64",
    {
      forClause: {
        kind: 'xml',
        mode: 'PATH',
        element: 'x',
        root: 'r',
        type: true,
        elements: 'XSINIL',
        binaryBase64: true,
      },
    },
  ],
  [
    'SELECT a FROM t FOR JSON AUTO, INCLUDE_NULL_VALUES, WITHOUT_ARRAY_WRAPPER',
    { forClause: { kind: 'json', mode: 'AUTO', root: null, includeNullValues: true, withoutArrayWrapper: true } },
  ],
  ['SELECT a FROM t FOR BROWSE', { forClause: { kind: 'browse' } }],
  [
    "SELECT a FROM t OPTION (MAXDOP 1, HASH JOIN, RECOMPILE, USE HINT ('X'), OPTIMIZE FOR (@a = 1, @b UNKNOWN), MAXRECURSION 0)",
    {
      hints: [
        { name: 'MAXDOP', args: [{ text: '1' }] },
        { name: 'HASH JOIN' },
        { name: 'RECOMPILE' },
        { name: 'USE HINT', args: [{ value: 'X' }] },
        { name: 'OPTIMIZE FOR', args: [{ name: '@a' }, { name: '@b' }] },
        { name: 'MAXRECURSION' },
      ],
    },
  ],
  [
    "WITH XMLNAMESPACES ('u' AS p, DEFAULT 'd') SELECT 1 a",
    {
      ctes: [],
      xmlNamespaces: [
        { prefix: 'p', uri: 'u' },
        { prefix: null, uri: 'd' },
      ],
    },
  ],
  [
    'WITH a AS (SELECT 1 x), b (y) AS (SELECT 2) SELECT * FROM a, b',
    { ctes: [{ name: { name: 'a' }, columns: [] }, { columns: [{ name: 'y' }] }] },
  ],
])('%s is read with what follows it', (text, expected) => {
  expect(query(text)).toMatchObject(expected);
});

test.each([
  ['t', [{ kind: 'table', name: { schema: null, name: 't' }, alias: null }]],
  ['srv.db.s.t AS x', [{ name: { server: 'srv', database: 'db', schema: 's', name: 't' }, alias: { name: 'x' } }]],
  ['db..t x', [{ name: { database: 'db', schema: null, name: 't' }, alias: { name: 'x' } }]],
  [
    't WITH (NOLOCK, INDEX(ix, 1), FORCESEEK (ix (a, b)))',
    [
      {
        hints: [
          { name: 'NOLOCK' },
          { name: 'INDEX', args: [{ name: 'ix' }, { text: '1' }] },
          { name: 'FORCESEEK', args: [{ name: 'ix' }, { name: 'a' }, { name: 'b' }] },
        ],
      },
    ],
  ],
  ['t (NOLOCK)', [{ kind: 'table', hints: [{ name: 'NOLOCK' }] }]],
  [
    't AS x WITH (READUNCOMMITTED HOLDLOCK)',
    [{ alias: { name: 'x' }, hints: [{ name: 'READUNCOMMITTED' }, { name: 'HOLDLOCK' }] }],
  ],
  [
    't TABLESAMPLE SYSTEM (10 PERCENT) REPEATABLE (5)',
    [{ sample: { count: { text: '10' }, unit: 'PERCENT', repeatable: { text: '5' } } }],
  ],
  ['t TABLESAMPLE (100 ROWS)', [{ sample: { unit: 'ROWS', repeatable: null } }]],
  ["t FOR SYSTEM_TIME AS OF '2020-01-01' AS x", [{ temporal: { kind: 'as-of' }, alias: { name: 'x' } }]],
  ['t FOR SYSTEM_TIME ALL', [{ temporal: { kind: 'all' } }]],
  [
    't FOR SYSTEM_TIME BETWEEN @a AND @b',
    [{ temporal: { kind: 'between', start: { name: '@a' }, end: { name: '@b' } } }],
  ],
  ['t FOR SYSTEM_TIME CONTAINED IN (@a, @b)', [{ temporal: { kind: 'contained-in' } }]],
  ['@t x', [{ kind: 'table-variable', name: '@t', alias: { name: 'x' } }]],
  ['(SELECT 1 a) AS x (b)', [{ kind: 'derived', alias: { name: 'x' }, columns: [{ name: 'b' }] }]],
  [
    '(VALUES (1, 2), (3, 4)) AS v (a, b)',
    [
      {
        kind: 'values',
        rows: [
          [{}, {}],
          [{}, {}],
        ],
        columns: [{ name: 'a' }, { name: 'b' }],
      },
    ],
  ],
  [
    "STRING_SPLIT('a,b', ',') s",
    [{ kind: 'function', name: [{ name: 'STRING_SPLIT' }], args: [{}, {}], alias: { name: 's' } }],
  ],
  [
    "OPENJSON(@j, '$.x') WITH (a int '$.a', b nvarchar(max) AS JSON) AS o",
    [
      {
        withColumns: [
          { path: '$.a', asJson: false },
          { path: null, asJson: true },
        ],
      },
    ],
  ],
  [
    "@x.nodes('/a') AS n(c)",
    [{ kind: 'function', name: [{ name: '@x' }, { name: 'nodes' }], columns: [{ name: 'c' }] }],
  ],
  ['a, b JOIN c ON 1 = 1', [{ kind: 'table' }, { kind: 'join', join: 'INNER', hint: null }]],
  ['a LEFT OUTER HASH JOIN b ON 1 = 1 FULL JOIN c ON 1 = 1', [{ join: 'FULL', left: { join: 'LEFT', hint: 'HASH' } }]],
  [
    'a CROSS JOIN b CROSS APPLY f(a.x) OUTER APPLY g(1)',
    [{ kind: 'apply', outer: true, left: { kind: 'apply', outer: false, left: { join: 'CROSS', on: null } } }],
  ],
  ['a JOIN b JOIN c ON 1 = 1 ON 2 = 2', [{ left: { name: { name: 'a' } }, right: { kind: 'join' } }]],
  ['(a JOIN b ON 1 = 1) JOIN c ON 2 = 2', [{ left: { kind: 'join' }, right: { kind: 'table' } }]],
  ['((SELECT 1 a) x JOIN t ON 1 = 1)', [{ kind: 'join', left: { kind: 'derived' } }]],
  ['((SELECT 1 a) UNION (SELECT 2)) x', [{ kind: 'derived', query: { body: { kind: 'set-operation' } } }]],
  [
    't PIVOT (SUM(x) FOR c IN ([a], [b])) AS p',
    [{ kind: 'pivot', aggregate: { kind: 'call' }, values: [{ name: 'a' }, { name: 'b' }], alias: { name: 'p' } }],
  ],
  [
    't UNPIVOT (v FOR c IN (a, b)) u',
    [{ kind: 'unpivot', valueColumn: { name: 'v' }, columns: [{ name: 'a' }, { name: 'b' }] }],
  ],
])('FROM %s is read', (text, expected) => {
  expect(from(text)).toMatchObject(expected);
});

test.each([
  [
    'SELECT * FROM (SELECT a FROM t ORDER BY a) x',
    1033,
    expect.stringMatching(/^The ORDER BY clause is invalid in views/),
  ],
  ['SELECT * FROM (SELECT 1 a)', 102, "Incorrect syntax near ')'."],
  [
    'SELECT * FROM a.b.c.d.e',
    117,
    "The object name 'a.b.c.d.e' contains more than the maximum number of prefixes. The maximum is 3.",
  ],
  ['SELECT * FROM t WITH (FOO)', 321, expect.stringMatching(/^"FOO" is not a recognized table hints option\./)],
  [
    'SELECT * FROM (VALUES (1), (2, 3)) x (a)',
    10709,
    'The number of columns for each row in a table value constructor must be the same.',
  ],
  ['SELECT @x = 1, a FROM t', 141, expect.stringMatching(/^A SELECT statement that assigns a value/)],
  ['SELECT TOP @n a FROM t', 102, "Incorrect syntax near '@n'."],
  ['SELECT a FROM t OPTION (FOO)', 102, "Incorrect syntax near 'FOO'."],
  ['SELECT a FROM t JOIN u', 102, "Incorrect syntax near 'u'."],
  ['SELECT a FROM t CROSS JOIN u ON 1 = 1', 156, "Incorrect syntax near the keyword 'ON'."],
  ["SELECT a AS '' FROM t", 1038, expect.stringMatching(/^An object or column name is missing/)],
  ['SELECT * FROM (WITH x AS (SELECT 1 a) SELECT * FROM x) y', 319, expect.any(String)],
  ['SELECT a FROM t WHERE a = b = c', 102, "Incorrect syntax near '='."],
])('%s is refused with error %i', (text, number, message) => {
  expect(() => read(text)).toThrow(syntaxError({ number, message }));
});

test.each(['TOP (1) a FROM t ORDER BY a', 'a FROM t ORDER BY a OFFSET 1 ROW', "a FROM t ORDER BY a FOR XML PATH('')"])(
  'ORDER BY means something in a subquery: SELECT %s',
  (text) => {
    expect(query(`SELECT (SELECT ${text}) x`)).toMatchObject({
      body: { items: [{ expression: { kind: 'subquery' } }] },
    });
  },
);
