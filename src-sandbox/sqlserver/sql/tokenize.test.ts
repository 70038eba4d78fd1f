import { expect, test } from 'vitest';
import { TsqlSyntaxError } from './syntax-error.ts';
import { createLexer, type Token } from './tokenize.ts';

function tokens(text: string): Token[] {
  const lexer = createLexer(text);
  const found: Token[] = [];
  for (let token = lexer.next(); token.kind !== 'end'; token = lexer.next()) found.push(token);
  return found;
}

test.each([
  ['select', [['word', 'SELECT']]],
  [
    '@Total @@rowcount #t ##t a$b_#1',
    [
      ['variable', '@Total'],
      ['global', '@@ROWCOUNT'],
      ['word', '#T'],
      ['word', '##T'],
      ['word', 'A$B_#1'],
    ],
  ],
  [
    '[a]]b] "c""d"',
    [
      ['bracketed', 'a]b'],
      ['double', 'c"d'],
    ],
  ],
  [
    "'it''s' N'ю' n'x'",
    [
      ['string', "it's"],
      ['national', 'ю'],
      ['national', 'x'],
    ],
  ],
  [
    "'a\\\nb' 'a\\\r\nb' 'a\\b'",
    [
      ['string', 'ab'],
      ['string', 'ab'],
      ['string', 'a\\b'],
    ],
  ],
  [
    '1 1.5 .5 1. 1e5 1.5E-3 1e',
    [
      ['number', '1'],
      ['number', '1.5'],
      ['number', '.5'],
      ['number', '1.'],
      ['number', '1e5'],
      ['number', '1.5E-3'],
      ['number', '1e'],
    ],
  ],
  [
    '1a',
    [
      ['number', '1'],
      ['word', 'A'],
    ],
  ],
  [
    '$1.5 $ €7 £.5',
    [
      ['money', '1.5'],
      ['money', ''],
      ['money', '7'],
      ['money', '.5'],
    ],
  ],
  [
    '$action $PARTITION',
    [
      ['dollar', '$ACTION'],
      ['dollar', '$PARTITION'],
    ],
  ],
  [
    '0xFFab 0x 0X1',
    [
      ['binary', 'FFab'],
      ['binary', ''],
      ['binary', '1'],
    ],
  ],
  [
    'a::b>=c<>d!=e!<f+=g',
    ['A', '::', 'B', '>=', 'C', '<>', 'D', '!=', 'E', '!<', 'F', '+=', 'G'].map((v) => [
      /\w/.test(v) ? 'word' : 'operator',
      v,
    ]),
  ],
  [
    'a--b\nc/*d/*e*/f*/g',
    [
      ['word', 'A'],
      ['word', 'C'],
      ['word', 'G'],
    ],
  ],
  [
    'Größe таблица 表',
    [
      ['word', 'GRÖSSE'],
      ['word', 'ТАБЛИЦА'],
      ['word', '表'],
    ],
  ],
  [
    'a\u00a0b\u3000c',
    [
      ['word', 'A'],
      ['word', 'B'],
      ['word', 'C'],
    ],
  ],
  ['', []],
])('%j is cut into its tokens', (text, expected) => {
  expect(tokens(text).map(({ kind, value }) => [kind, value])).toEqual(expected);
});

test('a token knows where it stands, lines within strings and comments counted', () => {
  const found = tokens("a\r\n/* \n */ 'x\ny' b");
  expect(found.map(({ line, start, end }) => [line, start, end])).toEqual([
    [1, 0, 1],
    [3, 11, 16],
    [4, 17, 18],
  ]);
});

test.each([
  ["SELECT\n'abc", 105, 2, "Unclosed quotation mark after the character string 'abc'."],
  ['[a]]b', 105, 1, "Unclosed quotation mark after the character string 'a]b'."],
  ['"a', 105, 1, "Unclosed quotation mark after the character string 'a'."],
  ['a\n/* /* */', 113, 2, "Missing end comment mark '*/'."],
  ['a {', 102, 1, "Incorrect syntax near '{'."],
  ['\u{1F600}', 102, 1, "Incorrect syntax near '\u{1F600}'."],
  [
    `[${'x'.repeat(129)}]`,
    103,
    1,
    `The identifier that starts with '${'x'.repeat(128)}' is too long. Maximum length is 128.`,
  ],
  ['y'.repeat(129), 103, 1, `The identifier that starts with '${'y'.repeat(128)}' is too long. Maximum length is 128.`],
])('%j is refused with error %i on line %i', (text, number, line, message) => {
  let refused: unknown;
  try {
    tokens(text);
  } catch (error) {
    refused = error;
  }
  expect(refused).toBeInstanceOf(TsqlSyntaxError);
  expect(refused).toMatchObject({ number, line, message, class: 15 });
});

test('a name of 128 characters is not too long', () => {
  expect(tokens(`[${'x'.repeat(128)}] ${'y'.repeat(128)}`)).toHaveLength(2);
});
