import { describe, expect, it } from 'vitest';
import { formatRow, headerRow } from './text-rows.ts';
import type { UnloadColumn } from './unload-columns.ts';

const column = (name: string, base: string): UnloadColumn => ({ name, base, isOpenNumeric: false });
const VENUE = [
  column('venueid', 'integer'),
  column('venuename', 'character varying'),
  column('venuecity', 'character varying'),
  column('venuestate', 'character'),
  column('venueseats', 'integer'),
];
const ROWS = [
  ['2', 'Columbus "Crew" Stadium', 'Columbus', 'OH', '0'],
  ['4', 'Community, Ballpark, Arena', 'Kansas City', 'KS', '0'],
];
const OPTIONS = { addQuotes: false, escape: false } as const;

/** The examples of https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD_command_examples.html */
describe('formatRow', () => {
  it('quotes CSV fields as the vendor’s example does', () => {
    const lines = ROWS.map((values) => formatRow({ values, columns: VENUE, statement: { ...OPTIONS, format: 'csv' } }));
    expect(lines).toEqual([
      '2,"Columbus ""Crew"" Stadium",Columbus,OH,0\n',
      '4,"Community, Ballpark, Arena",Kansas City,KS,0\n',
    ]);
  });

  it('quotes a CSV field that holds another delimiter', () => {
    const values = ['1', 'Pinewood Race|track', 'Akron', 'OH', '0'];
    expect(formatRow({ values, columns: VENUE, statement: { ...OPTIONS, format: 'csv', delimiter: '|' } })).toBe(
      '1|"Pinewood Race|track"|Akron|OH|0\n',
    );
  });

  it('writes JSON objects with numbers bare and texts escaped', () => {
    expect(formatRow({ values: ROWS[0] ?? [], columns: VENUE, statement: { ...OPTIONS, format: 'json' } })).toBe(
      '{"venueid":2,"venuename":"Columbus \\"Crew\\" Stadium","venuecity":"Columbus","venuestate":"OH","venueseats":0}\n',
    );
  });

  it('escapes what ESCAPE names in character columns, quotes only beside ADDQUOTES', () => {
    const values = ['1', 'a|b\\c\nd"e', 'x', 'OH', null];
    const plain = formatRow({ values, columns: VENUE, statement: { ...OPTIONS, format: 'text', escape: true } });
    expect(plain).toBe('1|a\\|b\\\\c\\\nd"e|x|OH|\n');
    const quoted = formatRow({
      values,
      columns: VENUE,
      statement: { format: 'text', escape: true, addQuotes: true, nullAs: 'n' },
    });
    expect(quoted).toBe('"1"|"a\\|b\\\\c\\\nd\\"e"|"x"|"OH"|n\n');
  });

  it('pads fixed-width fields and refuses longer ones', () => {
    const fixedWidth = [3, 39, 16, 2, 6].map((width, index) => ({ name: VENUE[index]?.name ?? '', width }));
    const statement = { ...OPTIONS, format: 'text', fixedWidth } as const;
    expect(formatRow({ values: ['1', 'Toyota Park', 'Bridgeview', 'IL', '0'], columns: VENUE, statement })).toBe(
      '1  Toyota Park                            Bridgeview      IL0     \n',
    );
    expect(() => formatRow({ values: ['1000', '', '', '', ''], columns: VENUE, statement })).toThrow(
      /longer than its FIXEDWIDTH/,
    );
  });

  it('names the columns in a header line', () => {
    expect(headerRow(VENUE, { ...OPTIONS, format: 'text' })).toBe(
      'venueid|venuename|venuecity|venuestate|venueseats\n',
    );
  });
});
