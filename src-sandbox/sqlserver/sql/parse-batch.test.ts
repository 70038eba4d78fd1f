import { expect, test } from 'vitest';
import { parseBatch, parseParameterDeclarations } from './parse-batch.ts';
import { syntaxError } from './syntax-error.fixture.ts';
import { withoutPlaces } from './without-places.fixture.ts';

const read = (text: string): unknown => withoutPlaces(parseBatch(text, { quotedIdentifier: true }));

test.each([
  ['', []],
  [' ;; -- nothing\n', []],
  ['sp_who2', [{ kind: 'execute', procedure: { kind: 'name', name: { name: 'sp_who2' } }, args: [] }]],
  ["sp_help 'x', @a = 5", [{ kind: 'execute', args: [{ name: null }, { name: '@a', value: { text: '5' } }] }]],
  [
    "EXEC @r = dbo.p 1, -2, word, [br], NULL, DEFAULT, @x OUTPUT, 0x01, N'n'",
    [
      {
        kind: 'execute',
        returnVariable: '@r',
        args: [
          { value: { kind: 'number' } },
          { value: { kind: 'unary', operator: '-' } },
          { value: { kind: 'string', value: 'word' } },
          { value: { kind: 'string', value: 'br' } },
          { value: { kind: 'null' } },
          { value: { kind: 'default' } },
          { value: { kind: 'variable', name: '@x' }, isOutput: true },
          { value: { kind: 'binary-string' } },
          { value: { kind: 'string', value: 'n', national: true } },
        ],
      },
    ],
  ],
  [
    "EXEC ('SELECT ' + @x) AS USER = 'u'",
    [{ kind: 'execute-string', parts: [{ value: 'SELECT ' }, { name: '@x' }], as: { class: 'USER', name: 'u' } }],
  ],
  ['EXECUTE @p', [{ kind: 'execute', procedure: { kind: 'variable', variable: '@p' } }]],
  [
    'DECLARE @a int = 1, @b AS varchar(5), @t TABLE (a int)',
    [
      {
        kind: 'declare',
        items: [
          { name: '@a', value: { text: '1' } },
          { name: '@b', value: null },
          { kind: 'table', elements: [{ kind: 'column' }] },
        ],
      },
    ],
  ],
  ['SET @a += 1', [{ kind: 'set-variable', variable: '@a', operator: '+=' }]],
  [
    "SET @x.modify('delete /a')",
    [{ kind: 'set-variable-member', member: { name: 'modify' }, args: [{ kind: 'string' }], value: null }],
  ],
  [
    'SELECT @a = 1, @b *= 2',
    [{ kind: 'select', query: { body: { items: [{ kind: 'assign', variable: '@a' }, { operator: '*=' }] } } }],
  ],
  ['IF @a = 1 SELECT 1; ELSE SELECT 2', [{ kind: 'if', then: { kind: 'select' }, otherwise: { kind: 'select' } }]],
  ['IF 1 = 1 PRINT 1 PRINT 2', [{ kind: 'if', otherwise: null }, { kind: 'print' }]],
  [
    'WHILE 1 = 1 BEGIN BREAK; CONTINUE END',
    [{ kind: 'while', body: { kind: 'block', statements: [{ kind: 'break' }, { kind: 'continue' }] } }],
  ],
  [
    'BEGIN TRY SELECT 1 END TRY BEGIN CATCH THROW END CATCH',
    [{ kind: 'try', statements: [{ kind: 'select' }], catchStatements: [{ kind: 'throw', number: null }] }],
  ],
  [
    "THROW 50001, N'no', 1",
    [{ kind: 'throw', number: { text: '50001' }, message: { value: 'no' }, state: { text: '1' } }],
  ],
  [
    "RAISERROR ('a %d', 16, 1, @x) WITH NOWAIT, LOG",
    [{ kind: 'raiserror', args: [{ name: '@x' }], options: ['NOWAIT', 'LOG'] }],
  ],
  ['RETURN', [{ kind: 'return', value: null }]],
  ["WAITFOR DELAY '00:00:01'", [{ kind: 'waitfor', what: 'DELAY' }]],
  ['BEGIN TRAN', [{ kind: 'begin-transaction', name: null, mark: null }]],
  [
    "BEGIN TRANSACTION @n WITH MARK 'm'",
    [{ kind: 'begin-transaction', name: { kind: 'variable', variable: '@n' }, mark: 'm' }],
  ],
  [
    'COMMIT; COMMIT TRAN a; COMMIT WORK',
    [
      { kind: 'commit', name: null },
      { kind: 'commit', name: { name: 'a' } },
      { kind: 'commit', name: null },
    ],
  ],
  [
    'SAVE TRAN s; ROLLBACK TRAN s; ROLLBACK',
    [
      { kind: 'save-transaction', name: { name: 's' } },
      { kind: 'rollback', name: { name: 's' } },
      { kind: 'rollback', name: null },
    ],
  ],
  ['SET TRANSACTION ISOLATION LEVEL SNAPSHOT', [{ kind: 'set-isolation', level: 'SNAPSHOT' }]],
  ['SET TRANSACTION ISOLATION LEVEL READ COMMITTED', [{ kind: 'set-isolation', level: 'READ COMMITTED' }]],
  ['SET TRANSACTION ISOLATION LEVEL REPEATABLE READ', [{ kind: 'set-isolation', level: 'REPEATABLE READ' }]],
  ['SET NOCOUNT, XACT_ABORT ON', [{ kind: 'set-switch', names: ['NOCOUNT', 'XACT_ABORT'], on: true }]],
  ['SET IDENTITY_INSERT dbo.t OFF', [{ kind: 'set-identity-insert', table: { schema: 'dbo', name: 't' }, on: false }]],
  ['SET TEXTSIZE 2147483647', [{ kind: 'set-value', name: 'TEXTSIZE', value: { text: '2147483647' } }]],
  ['SET LOCK_TIMEOUT -1', [{ kind: 'set-value', name: 'LOCK_TIMEOUT', value: { kind: 'unary' } }]],
  ['SET DATEFORMAT ymd', [{ kind: 'set-value', name: 'DATEFORMAT', value: { value: 'ymd' } }]],
  ['SET STATISTICS IO, TIME ON', [{ kind: 'set-statistics', names: ['IO', 'TIME'], on: true }]],
  ['USE [my db]', [{ kind: 'use', database: { name: 'my db' } }]],
  ['KILL 53 WITH STATUSONLY', [{ kind: 'kill', session: { text: '53' }, statusOnly: true }]],
  [
    "DBCC CHECKIDENT ('t', RESEED, 5) WITH NO_INFOMSGS",
    [
      {
        kind: 'dbcc',
        command: 'CHECKIDENT',
        args: [{ value: 't' }, { value: 'RESEED' }, { text: '5' }],
        options: ['NO_INFOMSGS'],
      },
    ],
  ],
  ["EXECUTE AS LOGIN = 'x'; REVERT", [{ kind: 'execute-as', class: 'LOGIN', name: 'x' }, { kind: 'revert' }]],
])('%s is read', (text, expected) => {
  expect(read(text)).toMatchObject(expected);
});

test.each([
  ['SELECT * FROM', 102, 1, "Incorrect syntax near 'FROM'."],
  ['SELECT\na\nfrom where', 156, 3, "Incorrect syntax near the keyword 'where'."],
  ['SELECT 1; foo bar', 102, 1, "Incorrect syntax near 'foo'."],
  ['GOTO x', 156, 1, "Incorrect syntax near the keyword 'GOTO'."],
  ['CREATE PROCEDURE p AS SELECT 1', 156, 1, "Incorrect syntax near the keyword 'PROCEDURE'."],
  ['BEGIN END', 156, 1, "Incorrect syntax near the keyword 'END'."],
  ['SELECT 1 END', 156, 1, "Incorrect syntax near the keyword 'END'."],
  [
    'SELECT 1\nWITH x AS (SELECT 1 a) SELECT * FROM x',
    319,
    2,
    expect.stringMatching(/^Incorrect syntax near the keyword 'with'\. If this/),
  ],
  ['DECLARE @x int WITH x AS (SELECT 1 a) SELECT * FROM x', 319, 1, expect.any(String)],
  ['SELECT 1 CREATE VIEW v AS SELECT 1 a', 111, 1, "'CREATE VIEW' must be the first statement in a query batch."],
  ['SELECT 1; CREATE SCHEMA s', 111, 1, "'CREATE SCHEMA' must be the first statement in a query batch."],
  ['CREATE VIEW v AS SELECT 1 a SELECT 2', 156, 1, "Incorrect syntax near the keyword 'SELECT'."],
  ['BREAK', 135, 1, 'Cannot use a BREAK statement outside the scope of a WHILE statement.'],
  ['CONTINUE', 136, 1, 'Cannot use a CONTINUE statement outside the scope of a WHILE statement.'],
  ['RETURN 1', 178, 1, 'A RETURN statement with a return value cannot be used in this context.'],
  ['SET FOO ON', 195, 1, "'FOO' is not a recognized SET option."],
  ['EXEC p @a = 1, 2', 119, 1, expect.stringMatching(/^Must pass parameter number 2 /)],
  [
    'DECLARE @x varchar(9000)',
    131,
    1,
    "The size (9000) given to the parameter '@x' exceeds the maximum allowed for any data type (8000).",
  ],
  ['DECLARE @c CURSOR', 156, 1, "Incorrect syntax near the keyword 'CURSOR'."],
  ["SELECT 'a", 105, 1, "Unclosed quotation mark after the character string 'a'."],
  ['SELECT 1 foo bar', 102, 1, "Incorrect syntax near 'bar'."],
])('%j is refused with error %i on line %i', (text, number, line, message) => {
  expect(() => read(text)).toThrow(syntaxError({ number, line, message, class: 15 }));
});

test('a batch is refused whole: an error behind good statements gives none of them', () => {
  expect(() => read('SELECT 1; SELECT FROM')).toThrow(syntaxError({ number: 156 }));
});

test('SET QUOTED_IDENTIFIER changes how the rest of its batch is read', () => {
  expect(read('SELECT "a" SET QUOTED_IDENTIFIER OFF SELECT "a"')).toMatchObject([
    { query: { body: { items: [{ expression: { kind: 'column' } }] } } },
    { kind: 'set-switch' },
    { query: { body: { items: [{ expression: { kind: 'string' } }] } } },
  ]);
});

test('a statement knows its source text', () => {
  const text = '-- a\nSELECT 1;\n  PRINT 2 ; ';
  const statements = parseBatch(text, { quotedIdentifier: true });
  expect(statements.map(({ at, end }) => [at.line, text.slice(at.offset, end)])).toEqual([
    [2, 'SELECT 1;'],
    [3, 'PRINT 2 ;'],
  ]);
});

test('blocks that nest too deeply are refused before the stack ends', () => {
  expect(() => read('BEGIN '.repeat(5000))).toThrow(syntaxError({ number: 191 }));
  expect(() => read('IF 1 = 1 '.repeat(5000))).toThrow(syntaxError({ number: 191 }));
});

test('a batch of many rows is read in a time that grows with its length', () => {
  const inserts = Array.from(
    { length: 300 },
    () => `INSERT INTO t VALUES ${Array.from({ length: 100 }, (_, i) => `(${i}, N'x', NULL)`).join(',')};`,
  );
  expect(parseBatch(inserts.join('\n'), { quotedIdentifier: true })).toHaveLength(300);
});

test('parameters are declared as sp_executesql takes them', () => {
  expect(
    withoutPlaces(parseParameterDeclarations("@p1 int, @p2 AS nvarchar(max) = N'x' OUTPUT, @t dbo.T READONLY")),
  ).toMatchObject([
    { name: '@p1', type: { type: { name: 'int' } }, value: null, isOutput: false },
    { name: '@p2', type: { type: { name: 'nvarchar', length: -1 } }, value: { value: 'x' }, isOutput: true },
    { name: '@t', type: { kind: 'named' }, isReadOnly: true },
  ]);
  expect(parseParameterDeclarations('')).toEqual([]);
  expect(() => parseParameterDeclarations('@p1')).toThrow(syntaxError({ number: 102 }));
  expect(() => parseParameterDeclarations('@p1 int)')).toThrow(syntaxError({ number: 102 }));
});
