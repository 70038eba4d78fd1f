import { expect, test } from 'vitest';
import { parseBatch } from './parse-batch.ts';
import { syntaxError } from './syntax-error.fixture.ts';
import { withoutPlaces } from './without-places.fixture.ts';

const read = (text: string): unknown => withoutPlaces(parseBatch(text, { quotedIdentifier: true }));

test.each([
  [
    'INSERT INTO t (a, t.b) VALUES (1, DEFAULT), (NULL, @x)',
    {
      kind: 'insert',
      target: { kind: 'table', name: { name: 't' } },
      columns: [{ name: 'a' }, { name: 'b' }],
      source: {
        kind: 'values',
        rows: [
          [{}, { kind: 'default' }],
          [{ kind: 'null' }, {}],
        ],
      },
    },
  ],
  ['INSERT t DEFAULT VALUES', { source: { kind: 'default-values' }, columns: [] }],
  [
    'INSERT @t SELECT 1 OPTION (MAXDOP 1)',
    { target: { kind: 'table-variable', name: '@t' }, source: { kind: 'query' }, hints: [{ name: 'MAXDOP' }] },
  ],
  ['INSERT INTO t (SELECT 1)', { columns: [], source: { kind: 'query', query: { body: { kind: 'parenthesized' } } } }],
  ['INSERT INTO t WITH (TABLOCK) (a) SELECT 1', { target: { hints: [{ name: 'TABLOCK' }] }, columns: [{ name: 'a' }] }],
  [
    'INSERT TOP (5) INTO t OUTPUT inserted.*, inserted.a AS x INTO @t (a, b) SELECT 1',
    {
      top: { count: { text: '5' } },
      output: [
        { items: [{ kind: 'star' }, { alias: { name: 'x' } }], into: { target: { name: '@t' }, columns: [{}, {}] } },
      ],
    },
  ],
  ['INSERT INTO t EXEC dbo.p 1', { source: { kind: 'execute', execute: { kind: 'execute', args: [{}] } } }],
  ["INSERT INTO t EXEC ('SELECT 1')", { source: { execute: { kind: 'execute-string' } } }],
  ['WITH c AS (SELECT 1 a) INSERT INTO t SELECT a FROM c', { kind: 'insert', ctes: [{ name: { name: 'c' } }] }],
  [
    'UPDATE t SET a = 1, x.b += 2, @v = 3, @w = c = 4, d.WRITE(@x, 0, NULL) OUTPUT deleted.a FROM t x JOIN u ON 1 = 1 WHERE x.a = 1',
    {
      kind: 'update',
      set: [
        { kind: 'column', column: [{ name: 'a' }], operator: '=' },
        { kind: 'column', column: [{ name: 'x' }, { name: 'b' }], operator: '+=' },
        { kind: 'variable', variable: '@v' },
        { kind: 'variable-column', variable: '@w', column: [{ name: 'c' }] },
        { kind: 'method', column: [{ name: 'd' }], method: { name: 'WRITE' }, args: [{}, {}, {}] },
      ],
      output: [{ into: null }],
      from: [{ kind: 'join' }],
      where: { kind: 'compare' },
    },
  ],
  [
    'UPDATE TOP (1) x WITH (ROWLOCK) SET a = DEFAULT FROM t AS x',
    { top: {}, target: { name: { name: 'x' }, hints: [{ name: 'ROWLOCK' }] }, set: [{ value: { kind: 'default' } }] },
  ],
  ['DELETE t', { kind: 'delete', from: [], where: null }],
  [
    'DELETE FROM t OUTPUT deleted.a WHERE a = 1',
    { target: { name: { name: 't' } }, output: [{}], where: { kind: 'compare' } },
  ],
  [
    'WITH c AS (SELECT 1 a) DELETE TOP (10) PERCENT x FROM t x, c WHERE 1 = 1',
    { ctes: [{}], top: { percent: true }, from: [{}, {}] },
  ],
  ['TRUNCATE TABLE s.t', { kind: 'truncate', table: { schema: 's' }, partitions: [] }],
  [
    'TRUNCATE TABLE t WITH (PARTITIONS (1, 3 TO 5))',
    {
      partitions: [
        { from: { text: '1' }, to: { text: '1' } },
        { from: { text: '3' }, to: { text: '5' } },
      ],
    },
  ],
  [
    'MERGE INTO t WITH (HOLDLOCK) AS x USING (VALUES (1)) AS s (a) ON x.a = s.a WHEN MATCHED AND x.b <> 1 THEN UPDATE SET b = s.a WHEN MATCHED THEN DELETE WHEN NOT MATCHED BY TARGET THEN INSERT (a) VALUES (s.a) WHEN NOT MATCHED BY SOURCE THEN DELETE OUTPUT $action, inserted.a;',
    {
      kind: 'merge',
      alias: { name: 'x' },
      source: { kind: 'values' },
      branches: [
        { match: 'MATCHED', condition: { kind: 'compare' }, action: { kind: 'update', set: [{}] } },
        { match: 'MATCHED', condition: null, action: { kind: 'delete' } },
        { match: 'NOT MATCHED BY TARGET', action: { kind: 'insert', columns: [{ name: 'a' }], values: [{}] } },
        { match: 'NOT MATCHED BY SOURCE', action: { kind: 'delete' } },
      ],
      output: [{ items: [{ expression: { kind: 'pseudo-column', name: '$ACTION' } }, {}] }],
    },
  ],
  [
    'MERGE t USING s ON 1 = 1 WHEN NOT MATCHED THEN INSERT DEFAULT VALUES;',
    { alias: null, branches: [{ match: 'NOT MATCHED BY TARGET', action: { values: null } }] },
  ],
])('%s is read', (text, expected) => {
  expect(read(text)).toMatchObject([expected]);
});

test.each([
  ['INSERT INTO t (a, b) VALUES (1)', 109, /^There are more columns in the INSERT statement/],
  ['INSERT INTO t (a) VALUES (1, 2)', 110, /^There are fewer columns in the INSERT statement/],
  ['INSERT INTO t VALUES (1), (1, 2)', 10709, /^The number of columns for each row/],
  [`INSERT INTO t VALUES ${Array(1001).fill('(1)').join(',')}`, 10738, /maximum allowed number of 1000 row values/],
  ['MERGE t USING s ON 1 = 1 WHEN MATCHED THEN DELETE', 10713, /^A MERGE statement must be terminated/],
  ['MERGE t USING s ON 1 = 1;', 102, /near ';'/],
  ['UPDATE t SET a', 102, /near 'a'/],
  ['UPDATE t SET a > 1', 102, /near '>'/],
  ['DELETE FROM t WHERE', 102, /near 'WHERE'/],
  ['TRUNCATE t', 102, /near 't'/],
])('%s is refused with error %i', (text, number, message) => {
  expect(() => read(text)).toThrow(syntaxError({ number, message: expect.stringMatching(message) }));
});

test('a thousand rows of VALUES are allowed', () => {
  expect(read(`INSERT INTO t VALUES ${Array(1000).fill('(1)').join(',')}`)).toHaveLength(1);
});
