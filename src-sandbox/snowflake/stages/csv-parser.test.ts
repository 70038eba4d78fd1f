import { describe, expect, it } from 'vitest';
import type { CsvEvent } from './csv-parser.ts';
import { parseCsv } from './csv-parser.ts';
import type { GivenOption } from './file-format.ts';
import { defaultFileFormat, withFormatOptions } from './file-format.ts';
import type { TextPiece } from './text-input.ts';

const option = (name: string, value: string | string[], quoted = true): GivenOption => ({ name, value, quoted });
const enclosed = option('FIELD_OPTIONALLY_ENCLOSED_BY', '"');

async function* pieces(texts: string[]): AsyncGenerator<TextPiece> {
  for (const text of texts) {
    yield await Promise.resolve({ text, isBroken: false });
  }
}

async function parse(
  texts: string | string[],
  options: GivenOption[] = [],
  expectedFields: number | null = null,
): Promise<CsvEvent[]> {
  const format = withFormatOptions(defaultFileFormat('CSV'), options);
  const events: CsvEvent[] = [];
  for await (const event of parseCsv(pieces([texts].flat()), { format, expectedFields })) {
    events.push(event);
  }
  return events;
}

async function fields(texts: string | string[], options: GivenOption[] = []): Promise<(string | null)[][]> {
  return (await parse(texts, options)).flatMap((event) => (event.kind === 'record' ? [event.record.fields] : []));
}

describe('CSV records', () => {
  it.each<[string, string, GivenOption[], (string | null)[][]]>([
    [
      'plain fields',
      '1,x\n2,y\n',
      [],
      [
        ['1', 'x'],
        ['2', 'y'],
      ],
    ],
    [
      'a last record without delimiter',
      '1,x\n2,y',
      [],
      [
        ['1', 'x'],
        ['2', 'y'],
      ],
    ],
    ['all kinds of new lines', '1\r\n2\n3', [], [['1'], ['2'], ['3']]],
    ['an empty field as NULL', '1,,3\n', [], [['1', null, '3']]],
    ['an empty field kept', '1,\n', [option('EMPTY_FIELD_AS_NULL', 'FALSE', false)], [['1', '']]],
    ['\\N as NULL', '\\N,x\n', [], [[null, 'x']]],
    ['texts of NULL_IF, but not the default', 'NULL,\\\\N\n', [option('NULL_IF', ['NULL'])], [[null, '\\N']]],
    ['delimiters, quotes and new lines in quotes', '"a,b","c""d","e\nf"\n', [enclosed], [['a,b', 'c"d', 'e\nf']]],
    ['an empty text in quotes', '"",x\n', [enclosed], [['', 'x']]],
    ['backslashes that stay in quotes', '"b\\n"\n', [enclosed], [['b\\n']]],
    ['escapes outside quotes', 'a\\,b,c\\nd\n', [], [['a,b', 'c\nd']]],
    ['no escapes with NONE', 'a\\n\n', [option('ESCAPE_UNENCLOSED_FIELD', 'NONE', false)], [['a\\n']]],
    ['spaces trimmed around quotes', ' 1 , " x " \n', [enclosed, option('TRIM_SPACE', 'TRUE', false)], [['1', ' x ']]],
    ['skipped header lines', 'h\nh\n1\n', [option('SKIP_HEADER', '2', false)], [['1']]],
    ['a delimiter of two characters', 'a||b\n', [option('FIELD_DELIMITER', '||')], [['a', 'b']]],
  ])('reads %s', async (_what, text, options, expected) => {
    expect(await fields(text, options)).toEqual(expected);
  });

  it('gives the same records however the text is cut into pieces', async () => {
    const text = '1,"a,""b\nc"\r\n2,\\N\r\n,"ü"\n';
    const whole = await fields(text, [enclosed]);
    for (let at = 0; at <= text.length; at += 1) {
      expect(await fields([text.slice(0, at), text.slice(at)], [enclosed])).toEqual(whole);
    }
    expect(await fields([...text], [enclosed])).toEqual(whole);
  });

  it('tells where each field starts', async () => {
    const [event] = await parse('12,abc\n');
    expect(event).toMatchObject({ kind: 'record', record: { row: 1, line: 1, starts: [1, 4] } });
  });
});

describe('CSV records of the wrong width', () => {
  const rejected = async (text: string, count: number): Promise<unknown[]> =>
    (await parse(text, [], count)).flatMap((event) => (event.kind === 'rejected' ? [event.rejected] : []));

  it('refuses a first record that is short, with the place where the file ends', async () => {
    expect(await rejected('1\n', 2)).toMatchObject([{ row: 1, line: 1, character: 2, code: '100080', text: '1' }]);
  });

  it('refuses a first record that is long, with the start of the next line', async () => {
    const message =
      'Number of columns in file (3) does not match that of the corresponding table (2), ' +
      'use file format option error_on_column_count_mismatch=false to ignore this error';
    expect(await rejected('1,a,extra\n2,b\n', 2)).toMatchObject([
      { row: 1, line: 2, character: 1, message, fieldCount: 3 },
    ]);
  });

  it('refuses later records with words of their own', async () => {
    expect(await rejected('1,a\n2,b,extra\n3\n', 2)).toMatchObject([
      { row: 2, line: 2, character: 4, message: "Field delimiter ',' found while expecting record delimiter '\\n'" },
      { row: 3, line: 3, character: 2, message: "End of record reached while expected to parse column '{column}'" },
    ]);
  });

  it('takes records of any width when the check is off', async () => {
    expect(await fields('1\n2,b,c\n', [option('ERROR_ON_COLUMN_COUNT_MISMATCH', 'FALSE', false)])).toEqual([
      ['1'],
      ['2', 'b', 'c'],
    ]);
  });
});
