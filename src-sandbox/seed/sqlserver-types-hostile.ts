import { seedTable } from './sqlserver-types-values.ts';
import type { SqlServerTypesTable } from './sqlserver-types.ts';

/** Names that careless quoting turns into something else, each with what it is there to catch. */
const HOSTILE_NAMES: readonly (readonly [string, string])[] = [
  ['square [brackets]', 'Brackets, of which the closing one ends a name'],
  ['ends with ]', 'A closing bracket at the end'],
  [']]', 'Closing brackets alone'],
  ['two "double" quotes', 'Double quotes in a name'],
  ["o'clock", 'A single quote in a name'],
  ['back\\slash', 'A backslash in a name'],
  ['dotted.name.here', 'Dots that do not separate schema and table'],
  [' blank before', 'A blank at the beginning'],
  ['semi;colon; drop table x; --', 'Something that looks like another statement'],
  ["'; DROP TABLE types.integers; --", 'The same from inside of a literal'],
  ['comment /* mark */ -- here', 'Comment marks'],
  ['per%cent _under ?question #hash @at', 'Wildcards and characters that parameters and temporary tables know'],
  ['slash/in/name', 'Slashes, which paths know'],
  ['tab\tand\nline break', 'A tab and a line break'],
  ['GO', 'What ends a batch for other tools'],
  ['select', 'A reserved word'],
  ['Größe 日本語 😀', 'Letters outside ASCII and beyond the BMP'],
  ['$dollar$ ${x} $1', 'Dollars, which quoting and parameters know'],
  ['n'.repeat(128), 'As many characters as SQL Server allows'],
];

/** Columns named like the tables above, one of each kind of trouble. */
const HOSTILE_COLUMNS = [
  'Id 2',
  'select',
  'with "quotes"',
  "single'quote",
  'bracket]ed',
  '[bracketed]',
  'back\\slash',
  'dot.ted',
  'two  blanks',
  'semi;colon',
  '--',
  '/*',
  '列',
  '😀',
  'c1',
  '?',
  '@p1',
  '%s',
  'c'.repeat(128),
];

export const hostileTables: readonly SqlServerTypesTable[] = [
  ...HOSTILE_NAMES.map(([name, purpose], index) =>
    seedTable({
      name,
      purpose,
      columns: [['label', 'nvarchar(300) NULL', 'unicode']],
      rows: [
        ['1', `row of ${name}`],
        ['2', `number ${index}`],
      ],
    }),
  ),
  seedTable({
    name: 'hostile_columns',
    purpose: 'Column names that careless quoting turns into something else',
    columns: HOSTILE_COLUMNS.map((name) => [name, 'nvarchar(40) NULL', 'unicode']),
    rows: [1, 2, 3].map((row) => [
      String(row),
      ...HOSTILE_COLUMNS.map((name, index) => (row === 3 ? null : `${row}/${index} ${name.slice(0, 12)}`)),
    ]),
  }),
];
