import type { TypesTable } from './types.ts';

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Names that careless quoting turns into something else, each with what it is there to catch. */
const HOSTILE_NAMES: readonly (readonly [string, string])[] = [
  ['two "double" quotes', 'Double quotes in a name'],
  ["o'clock", 'A single quote in a name'],
  ['back\\slash', 'A backslash in a name: literals escape it, identifiers do not'],
  ['square [brackets]', 'Brackets, which SQL Server quotes with'],
  ['dotted.name.here', 'Dots that do not separate schema and table'],
  [' blanks around ', 'Blanks at both ends'],
  ['semi;colon; drop table x; --', 'Something that looks like another statement'],
  ['comment /* mark */ -- here', 'Comment marks'],
  ['per%cent _under ?question #hash', 'Wildcards and characters that URLs know'],
  ['slash/in/name', 'Slashes, which paths know'],
  ['select', 'A reserved word'],
  ['table', 'Another reserved word'],
  ['Größe 日本語 😀', 'Letters outside ASCII'],
  ['$dollar$ ${x} $1', 'Dollars, which quoting and parameters know'],
  ['n'.repeat(63), 'As many bytes as PostgreSQL allows; Redshift allows 127'],
  ['MixedCase', 'Upper-case letters'],
  ['mixedcase', 'The same name in lower case'],
  ['MIXEDCASE', 'The same name in upper case'],
];

/** Columns named like the tables above, one of each kind of trouble. */
const HOSTILE_COLUMNS = [
  'Id',
  'id',
  'ID',
  'select',
  'with "quotes"',
  "single'quote",
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
  '%s',
  'c'.repeat(63),
];

export const hostileTables: readonly TypesTable[] = [
  ...HOSTILE_NAMES.map(([name, purpose], index): TypesTable => ({
    name,
    purpose,
    ddl: `CREATE TABLE types.${quote(name)} (id integer NOT NULL, label varchar(100))`,
    rows: [
      ['1', `row of ${name}`],
      ['2', `number ${index}`],
    ],
    rowCount: 2,
    kind: 'table',
  })),
  {
    name: 'hostile_columns',
    purpose: 'Column names that careless quoting turns into something else',
    ddl: `CREATE TABLE types.hostile_columns (${HOSTILE_COLUMNS.map((name) => `${quote(name)} varchar(40)`).join(', ')})`,
    rows: [1, 2, 3].map((row) =>
      HOSTILE_COLUMNS.map((name, index) => (row === 3 ? null : `${row}/${index} ${name.slice(0, 12)}`)),
    ),
    rowCount: 3,
    kind: 'table',
  },
  {
    name: 'keyed',
    purpose: 'Distribution and sort keys on columns with NULLs and repeated values, for splitting by key',
    ddl: 'CREATE TABLE types.keyed (id bigint, bucket integer, day date, note varchar(30)) DISTKEY (bucket) COMPOUND SORTKEY (day, id)',
    fill: [
      `INSERT INTO types.keyed SELECT CASE WHEN n % 97 = 0 THEN NULL ELSE n END, n % 7, CASE WHEN n % 50 = 0 THEN NULL ELSE date '2020-01-01' + (n % 400)::integer END, 'note ' || n FROM generate_series(1, 5000) AS n`,
    ],
    rowCount: 5000,
    kind: 'table',
  },
  {
    name: 'plain_view',
    purpose: 'A view over a table',
    ddl: 'CREATE VIEW types.plain_view AS SELECT id, c_int, c_bigint FROM types.integers WHERE id < 5',
    rowCount: 4,
    kind: 'view',
  },
  {
    name: 'late_view',
    purpose: 'A late-binding view',
    ddl: 'CREATE VIEW types.late_view AS SELECT id, c_9_2 FROM types.decimals WITH NO SCHEMA BINDING',
    rowCount: 7,
    kind: 'view',
  },
];
