import { hash32 } from './hash.ts';
import type { SqlServerTypesTable } from './sqlserver-types.ts';
import { numbered, seedTable } from './sqlserver-types-values.ts';

type Row = readonly (string | null)[];

const MANY = 3000;

function rowsOf(count: number, make: (index: number) => Row): Row[] {
  return Array.from({ length: count }, (_none, index) => make(index));
}

function guidOf(index: number): string {
  const digits = [1, 2, 3, 4].map((salt) => hash32(90, index, salt).toString(16).padStart(8, '0')).join('');
  const cut = [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)];
  return cut.join('-').toUpperCase();
}

const composite: SqlServerTypesTable = {
  name: 'composite_key',
  purpose: 'A key of a case-blind text, a number and a time',
  ddl: [
    'CREATE TABLE types.composite_key (region varchar(20) COLLATE SQL_Latin1_General_CP1_CI_AS NOT NULL, number int NOT NULL, at datetime2(3) NOT NULL, note nvarchar(40) NULL, CONSTRAINT pk_composite_key PRIMARY KEY CLUSTERED (region, number, at))',
  ],
  columns: [
    { name: 'region', literal: 'plain' },
    { name: 'number', literal: 'number' },
    { name: 'at', literal: 'plain' },
    { name: 'note', literal: 'unicode' },
  ],
  rows: rowsOf(MANY, (index) => [
    ['north', 'South', 'EAST', 'west', 'North-East'][index % 5]!,
    String(Math.floor(index / 50)),
    `2024-01-01T00:00:${String(Math.floor(index / 5) % 10).padStart(2, '0')}.${String(index % 7).padStart(3, '0')}`,
    index % 11 === 0 ? null : `note ${index}`,
  ]),
  rowCount: MANY,
  kind: 'table',
};

const guids: SqlServerTypesTable = {
  name: 'guid_key',
  purpose: 'A key of identifiers, which SQL Server orders by their last group first',
  ddl: [
    'CREATE TABLE types.guid_key (id uniqueidentifier NOT NULL CONSTRAINT pk_guid_key PRIMARY KEY CLUSTERED, note varchar(20) NULL)',
  ],
  columns: [
    { name: 'id', literal: 'plain' },
    { name: 'note', literal: 'plain' },
  ],
  rows: rowsOf(MANY, (index) => [guidOf(index), `note ${index}`]),
  rowCount: MANY,
  kind: 'table',
};

const caseBlind: SqlServerTypesTable = {
  name: 'case_blind_key',
  purpose: 'A key of texts whose order and equality know neither case nor blanks at the end',
  ddl: [
    'CREATE TABLE types.case_blind_key (code nvarchar(30) COLLATE Latin1_General_CI_AS NOT NULL CONSTRAINT pk_case_blind_key PRIMARY KEY CLUSTERED, note varchar(20) NULL)',
  ],
  columns: [
    { name: 'code', literal: 'unicode' },
    { name: 'note', literal: 'plain' },
  ],
  rows: rowsOf(1000, (index) => {
    const code = `${'aÄbßcéZz'.charAt(index % 8)}-${index}`;
    return [index % 2 === 0 ? code.toUpperCase() : code.toLowerCase(), `note ${index}`];
  }),
  rowCount: 1000,
  kind: 'table',
};

const nullable: SqlServerTypesTable = {
  name: 'nullable_key',
  purpose: 'A heap with an index on a column that holds NULLs and one value for half of its rows',
  ddl: [
    'CREATE TABLE types.nullable_key (number bigint NULL, bucket int NULL, note varchar(30) NULL)',
    'CREATE INDEX ix_nullable_key ON types.nullable_key (number)',
  ],
  columns: [
    { name: 'number', literal: 'number' },
    { name: 'bucket', literal: 'number' },
    { name: 'note', literal: 'plain' },
  ],
  rows: rowsOf(MANY, (index) => [
    index % 97 === 0 ? null : index % 2 === 0 ? '42' : String(index),
    String(index % 7),
    `note ${index}`,
  ]),
  rowCount: MANY,
  kind: 'table',
};

const heap: SqlServerTypesTable = {
  name: 'plain_heap',
  purpose: 'A table without any key or index, and with rows that are equal',
  ddl: ['CREATE TABLE types.plain_heap (kind varchar(10) NULL, amount decimal(12,3) NULL)'],
  columns: [
    { name: 'kind', literal: 'plain' },
    { name: 'amount', literal: 'number' },
  ],
  rows: rowsOf(500, (index) => [index % 5 === 0 ? null : 'same', (index % 3 === 0 ? 1 : index) + '.125']),
  rowCount: 500,
  kind: 'table',
};

const partitioned: SqlServerTypesTable = {
  name: 'partitioned',
  purpose: 'A table partitioned by a date, with rows in each partition and NULL-free keys',
  ddl: [
    "CREATE PARTITION FUNCTION types_by_year (date) AS RANGE RIGHT FOR VALUES ('2022-01-01', '2023-01-01', '2024-01-01')",
    'CREATE PARTITION SCHEME types_by_year_scheme AS PARTITION types_by_year ALL TO ([PRIMARY])',
    'CREATE TABLE types.partitioned (id int NOT NULL, day date NOT NULL, note varchar(20) NULL, CONSTRAINT pk_partitioned PRIMARY KEY CLUSTERED (day, id)) ON types_by_year_scheme (day)',
  ],
  columns: [
    { name: 'id', literal: 'number' },
    { name: 'day', literal: 'plain' },
    { name: 'note', literal: 'plain' },
  ],
  rows: rowsOf(1200, (index) => [
    String(index + 1),
    `${2021 + (index % 4)}-${String(1 + (index % 12)).padStart(2, '0')}-${String(1 + (index % 28)).padStart(2, '0')}`,
    `note ${index}`,
  ]),
  rowCount: 1200,
  kind: 'table',
};

const temporal: SqlServerTypesTable[] = [
  {
    name: 'prices',
    purpose: 'A system-versioned table with hidden period columns',
    ddl: [
      'CREATE TABLE types.prices (id int NOT NULL CONSTRAINT pk_prices PRIMARY KEY CLUSTERED, price money NOT NULL, valid_from datetime2(7) GENERATED ALWAYS AS ROW START HIDDEN NOT NULL, valid_to datetime2(7) GENERATED ALWAYS AS ROW END HIDDEN NOT NULL, PERIOD FOR SYSTEM_TIME (valid_from, valid_to)) WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = types.prices_history))',
    ],
    fill: [
      'INSERT INTO types.prices (id, price) VALUES (1, 9.99), (2, 19.5), (3, 0.0001), (4, 7)',
      'UPDATE types.prices SET price = 10.49 WHERE id = 1',
      'DELETE FROM types.prices WHERE id = 4',
    ],
    rowCount: 3,
    kind: 'table',
  },
  {
    name: 'prices_history',
    purpose: 'The history of a system-versioned table, which has no key',
    ddl: [],
    rowCount: 2,
    kind: 'table',
  },
];

const computed: SqlServerTypesTable = {
  name: 'computed_columns',
  purpose: 'Identity, computed columns (stored and not), sparse columns and defaults',
  ddl: [
    "CREATE TABLE types.computed_columns (id int IDENTITY(10,5) NOT NULL PRIMARY KEY, quantity int NOT NULL, price decimal(9,2) NOT NULL, total AS (quantity * price) PERSISTED, twice AS (quantity * 2), label varchar(20) NOT NULL DEFAULT ('none'), seldom int SPARSE NULL)",
  ],
  fill: [
    "INSERT INTO types.computed_columns (quantity, price, label, seldom) VALUES (1, 2.50, 'first', NULL), (3, 0.33, 'second', 7)",
    'INSERT INTO types.computed_columns (quantity, price) VALUES (-4, 1.25)',
  ],
  rowCount: 3,
  kind: 'table',
};

const aliases: SqlServerTypesTable = {
  name: 'alias_types',
  purpose: "Columns of the user's own types",
  ddl: [
    'CREATE TYPE types.Phone FROM nvarchar(25) NULL',
    'CREATE TYPE types.Amount FROM decimal(12,4) NOT NULL',
    'CREATE TABLE types.alias_types (id int NOT NULL PRIMARY KEY, phone types.Phone, amount types.Amount)',
  ],
  columns: [
    { name: 'id', literal: 'number' },
    { name: 'phone', literal: 'unicode' },
    { name: 'amount', literal: 'number' },
  ],
  rows: [
    ['1', '+41 44 000 00 00', '12345678.9012'],
    ['2', null, '-0.0001'],
  ],
  rowCount: 2,
  kind: 'table',
};

const emptyTable = seedTable({
  name: 'no_rows',
  purpose: 'A table without rows',
  columns: [['note', 'nvarchar(20) NULL', 'unicode']],
  rows: [],
});

const COLUMN_COUNT = 300;

const wideTable = seedTable({
  name: 'many_columns',
  purpose: 'A table of many columns, most of them NULL: its rows come with a bitmap',
  columns: rowsOf(COLUMN_COUNT, (index) => [`column_${index + 1}`]).map(([name]) => [name!, 'int NULL', 'number']),
  rows: numbered(
    rowsOf(20, (row) => rowsOf(COLUMN_COUNT, (column) => [(column + row) % 9 === 0 ? String(column) : null]).flat()),
  ),
});

const views: SqlServerTypesTable[] = [
  {
    name: 'plain_view',
    purpose: 'A view over a table',
    ddl: ['CREATE VIEW types.plain_view AS SELECT id, c_int, c_bigint FROM types.integers WHERE id < 5'],
    rowCount: 4,
    kind: 'view',
  },
  {
    name: 'joined_view',
    purpose: 'A view over two tables with a computed column',
    ddl: [
      'CREATE VIEW types.joined_view AS SELECT i.id, i.c_int, d.c_38_10, i.id * 2 AS twice FROM types.integers AS i JOIN types.decimals AS d ON d.id = i.id',
    ],
    rowCount: 7,
    kind: 'view',
  },
];

export const keyTables: readonly SqlServerTypesTable[] = [
  composite,
  guids,
  caseBlind,
  nullable,
  heap,
  partitioned,
  ...temporal,
  computed,
  aliases,
  emptyTable,
  wideTable,
  ...views,
];
