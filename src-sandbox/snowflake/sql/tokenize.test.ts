import { describe, expect, it } from 'vitest';
import { SnowflakeError } from '../errors.ts';
import { tokenize } from './tokenize.ts';

const kinds = (sql: string): [string, string][] =>
  tokenize(sql)
    .filter((t) => t.kind !== 'end')
    .map((t) => [t.kind, t.value]);

describe('tokenize', () => {
  it.each<[string, string, [string, string][]]>([
    [
      'folds unquoted words and keeps quoted ones',
      'select "Ab""c"',
      [
        ['word', 'SELECT'],
        ['quoted', 'Ab"c'],
      ],
    ],
    ['undoes doubled quotes and backslash escapes', String.raw`'it''s \n\x41é\q'`, [['string', "it's \nAéq"]]],
    ['takes dollar quotes as they are', String.raw`$$a\n'b'$$`, [['string', String.raw`a\n'b'`]]],
    [
      'drops comments',
      'a -- x\n b // y\n /* z ; */ c',
      [
        ['word', 'A'],
        ['word', 'B'],
        ['word', 'C'],
      ],
    ],
    [
      'reads numbers',
      '1 1.5 .5 1e-3',
      [
        ['number', '1'],
        ['number', '1.5'],
        ['number', '.5'],
        ['number', '1e-3'],
      ],
    ],
    [
      'reads stage paths up to a space or parenthesis',
      '@db."s 1".st/a/b.parquet (x',
      [
        ['stage', '@db."s 1".st/a/b.parquet'],
        ['operator', '('],
        ['word', 'X'],
      ],
    ],
    [
      'reads user and table stages',
      '@~/x @%t',
      [
        ['stage', '@~/x'],
        ['stage', '@%t'],
      ],
    ],
    [
      'reads file URLs, which hold what elsewhere starts a comment',
      'file:///tmp/a*.csv @s',
      [
        ['file', 'file:///tmp/a*.csv'],
        ['stage', '@s'],
      ],
    ],
    [
      'reads the odd PUT of bulk binds',
      "PUT file://1'@SYSTEM$BIND/u' x",
      [
        ['word', 'PUT'],
        ['file', 'file://1'],
        ['string', '@SYSTEM$BIND/u'],
        ['word', 'X'],
      ],
    ],
    [
      'reads positions, variables and binds',
      '$1 $var ?',
      [
        ['position', '1'],
        ['variable', 'VAR'],
        ['bind', ''],
      ],
    ],
    [
      'prefers long operators',
      'a::b => c || d <> e',
      [
        ['word', 'A'],
        ['operator', '::'],
        ['word', 'B'],
        ['operator', '=>'],
        ['word', 'C'],
        ['operator', '||'],
        ['word', 'D'],
        ['operator', '<>'],
        ['word', 'E'],
      ],
    ],
    ['takes letters of other scripts in names', 'größe', [['word', 'GRÖSSE']]],
  ])('%s', (_name, sql, expected) => {
    expect(kinds(sql)).toEqual(expected);
  });

  it('knows line and position', () => {
    expect(tokenize('a\n  b')[1]).toMatchObject({ line: 2, position: 2 });
  });

  it.each(["'open", '"open', '$$open', '/* open'])('refuses %s, which is not closed', (sql) => {
    expect(() => tokenize(sql)).toThrow(SnowflakeError);
  });
});
