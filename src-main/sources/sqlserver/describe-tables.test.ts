import { describe, expect, it } from 'vitest';
import type { TableRef } from '#shared/model/table';
import { createCatalogReader } from './catalog-views.ts';
import { listDatabases, listTables } from './catalog.ts';
import { describeTables } from './describe-tables.ts';
import { ServerError } from './errors.ts';
import { createFakeSession, type FakeCatalog, type FakeSession } from './testing/fake-catalog.ts';

const { signal } = new AbortController();
const ref = (name: string, schema = 'dbo'): TableRef => ({ database: 'shop', schema, name });

const OBJECTS = {
  columns: ['object_id', 'schema_id', 'name', 'type', 'is_ms_shipped'],
  rows: [
    ['100', '1', 'Orders', 'U ', '0'],
    ['101', '5', 'odd]name', 'U ', '0'],
    ['102', '1', 'Totals', 'V ', '0'],
    ['103', '1', 'spt_values', 'U ', '1'],
  ],
};
const SCHEMAS = {
  columns: ['schema_id', 'name'],
  rows: [
    ['1', 'dbo'],
    ['5', 'Größe x'],
  ],
};
const TYPES = {
  columns: ['user_type_id', 'system_type_id', 'schema_id', 'name', 'is_user_defined', 'is_assembly_type'],
  rows: [
    ['56', '56', '4', 'int', '0', '0'],
    ['231', '231', '4', 'nvarchar', '0', '0'],
    ['256', '231', '4', 'sysname', '0', '0'],
    ['106', '106', '4', 'decimal', '0', '0'],
    ['42', '42', '4', 'datetime2', '0', '0'],
    ['129', '240', '4', 'geometry', '0', '1'],
    ['300', '231', '1', 'Phone', '1', '0'],
    ['301', '240', '1', 'Point', '1', '1'],
  ],
};

function columnsView(
  names: string[],
  rows: Record<string, string | null>[],
): { columns: string[]; rows: (string | null)[][] } {
  return { columns: names, rows: rows.map((row) => names.map((name) => row[name] ?? null)) };
}

const COLUMN = { max_length: '4', precision: '10', scale: '0', is_nullable: '0', is_identity: '0', is_computed: '0' };
const ORDER_COLUMNS = [
  {
    ...COLUMN,
    object_id: '100',
    column_id: '2',
    name: 'customer',
    user_type_id: '300',
    max_length: '50',
    is_nullable: '1',
    collation_name: 'Latin1_General_CI_AS',
  },
  { ...COLUMN, object_id: '100', column_id: '1', name: 'id', user_type_id: '56', is_identity: '1' },
  {
    ...COLUMN,
    object_id: '100',
    column_id: '3',
    name: 'total',
    user_type_id: '106',
    precision: '38',
    scale: '10',
    is_computed: '1',
  },
  { ...COLUMN, object_id: '100', column_id: '4', name: 'from', user_type_id: '42', scale: '7', is_hidden: '1' },
  { ...COLUMN, object_id: '100', column_id: '5', name: 'place', user_type_id: '129', max_length: '-1', is_sparse: '1' },
  { ...COLUMN, object_id: '100', column_id: '6', name: 'spot', user_type_id: '301', max_length: '17' },
  {
    ...COLUMN,
    object_id: '100',
    column_id: '7',
    name: 'secret',
    user_type_id: '256',
    max_length: '256',
    is_masked: '1',
  },
  { ...COLUMN, object_id: '100', column_id: '8', name: 'sealed', user_type_id: '56', encryption_type: '1' },
  { ...COLUMN, object_id: '101', column_id: '1', name: 'a', user_type_id: '56' },
];
const ALL_COLUMNS = [
  'object_id',
  'column_id',
  'name',
  'user_type_id',
  'max_length',
  'precision',
  'scale',
  'collation_name',
  'is_nullable',
  'is_identity',
  'is_computed',
  'is_sparse',
  'is_hidden',
  'is_masked',
  'encryption_type',
];

type Answers = NonNullable<FakeCatalog['answers']>;

const ESTIMATES: Answers = [
  [
    /SUM\(v\.rows\)/,
    [
      ['100', '1500000'],
      ['101', '0'],
    ],
  ],
  [
    /SUM\(a\.used_pages\)/,
    [
      ['100', '25000'],
      ['101', '0'],
    ],
  ],
];

function fullCatalog(): FakeCatalog {
  return {
    views: {
      'sys.objects': OBJECTS,
      'sys.schemas': SCHEMAS,
      'sys.types': TYPES,
      'sys.columns': columnsView(ALL_COLUMNS, ORDER_COLUMNS),
      'sys.computed_columns': { columns: ['object_id', 'column_id', 'is_persisted'], rows: [['100', '3', '0']] },
      'sys.default_constraints': {
        columns: ['parent_object_id', 'parent_column_id', 'definition'],
        rows: [['100', '2', "(N'nobody')"]],
      },
      'sys.indexes': {
        columns: ['object_id', 'index_id', 'type', 'is_unique', 'is_primary_key', 'has_filter', 'is_disabled'],
        rows: [
          ['100', '1', '1', '0', '0', '0', '0'],
          ['100', '2', '2', '1', '1', '0', '0'],
          ['100', '3', '2', '1', '0', '0', '0'],
          ['100', '4', '2', '1', '0', '1', '0'],
        ],
      },
      'sys.index_columns': {
        columns: ['object_id', 'index_id', 'column_id', 'key_ordinal'],
        rows: [
          ['100', '1', '1', '2'],
          ['100', '1', '3', '1'],
          ['100', '2', '1', '1'],
          ['100', '3', '2', '1'],
          ['100', '4', '3', '1'],
        ],
      },
    },
    answers: [
      ...ESTIMATES,
      [/'UNMASK'/, [['0']]],
      [
        /GROUP BY v\.object_id, v\.user_type_id/,
        [
          ['100', '56', '2'],
          ['100', '129', '1'],
          ['101', '56', '1'],
          ['102', '231', '3'],
        ],
      ],
      [/HAS_PERMS_BY_NAME\(QUOTENAME/, [['101']]],
    ],
  };
}

function readerOf(catalog: FakeCatalog) {
  const session: FakeSession = createFakeSession(catalog);
  return { session, reader: createCatalogReader(session, new Map(), signal) };
}

describe('listTables', () => {
  it('lists what the user may read, with estimates and the types that need care', async () => {
    const { reader } = readerOf(fullCatalog());
    expect(await listTables(reader, 'shop')).toEqual([
      {
        ref: ref('Orders'),
        kind: 'table',
        rowEstimate: 1_500_000,
        byteEstimate: 204_800_000,
        columnCount: 3,
        careTypes: ['geometry'],
      },
      { ref: ref('Totals'), kind: 'view', rowEstimate: null, byteEstimate: null, columnCount: 3, careTypes: [] },
    ]);
  });

  it('shows the tables all the same when none may be read, as an empty list would not tell why', async () => {
    const catalog = fullCatalog();
    const answers: Answers = [
      [/HAS_PERMS_BY_NAME\(QUOTENAME/, [['100'], ['101'], ['102']]],
      ...(catalog.answers ?? []),
    ];
    const { reader } = readerOf({ ...catalog, answers });
    expect(await listTables(reader, 'shop')).toHaveLength(3);
  });

  it('makes do with INFORMATION_SCHEMA', async () => {
    const { reader } = readerOf({
      views: {
        'INFORMATION_SCHEMA.TABLES': {
          columns: ['TABLE_CATALOG', 'TABLE_SCHEMA', 'TABLE_NAME', 'TABLE_TYPE'],
          rows: [
            ['shop', 'dbo', 'Orders', 'BASE TABLE'],
            ['shop', 'dbo', 'Totals', 'VIEW'],
            ['shop', 'INFORMATION_SCHEMA', 'TABLES', 'VIEW'],
          ],
        },
      },
      answers: [
        [
          /GROUP BY TABLE_SCHEMA/,
          [
            ['dbo', 'Orders', 'int', '2'],
            ['dbo', 'Orders', 'xml', '1'],
          ],
        ],
      ],
    });
    expect(await listTables(reader, 'shop')).toEqual([
      { ref: ref('Orders'), kind: 'table', rowEstimate: null, byteEstimate: null, columnCount: 3, careTypes: ['xml'] },
      { ref: ref('Totals'), kind: 'view', rowEstimate: null, byteEstimate: null, columnCount: 0, careTypes: [] },
    ]);
  });
});

describe('listDatabases', () => {
  it('leaves the databases of the system out, but not the current one', async () => {
    const { reader } = readerOf({ views: {}, answers: [[/HAS_DBACCESS/, [['shop'], ['master'], ['tempdb'], ['a']]]] });
    expect(await listDatabases(reader, 'master')).toEqual(['a', 'master', 'shop']);
  });

  it('knows the current one at least', async () => {
    const { reader } = readerOf({ views: {} });
    expect(await listDatabases(reader, 'shop')).toEqual(['shop']);
  });
});

describe('describeTables', () => {
  it('describes columns by all that the catalog tells', async () => {
    const { reader } = readerOf(fullCatalog());
    const [table] = await describeTables(reader, [ref('Orders')]);
    expect(table).toMatchObject({ kind: 'table', rowEstimate: 1_500_000, byteEstimate: 204_800_000 });
    expect(
      table?.columns.map(({ name, nativeType, nullable, traits }) => ({ name, nativeType, nullable, traits })),
    ).toEqual([
      { name: 'id', nativeType: 'int', nullable: false, traits: undefined },
      { name: 'customer', nativeType: 'dbo.Phone (nvarchar(25))', nullable: true, traits: undefined },
      { name: 'total', nativeType: 'decimal(38,10)', nullable: false, traits: ['computed-on-read'] },
      { name: 'from', nativeType: 'datetime2(7)', nullable: false, traits: ['hidden'] },
      { name: 'place', nativeType: 'geometry', nullable: false, traits: ['sparse'] },
      { name: 'spot', nativeType: 'dbo.Point (CLR)', nullable: false, traits: undefined },
      { name: 'secret', nativeType: 'nvarchar(128)', nullable: false, traits: ['masked'] },
      { name: 'sealed', nativeType: 'int', nullable: false, traits: ['encrypted'] },
    ]);
    expect(table?.columns[0]).toMatchObject({ isIdentity: true, ordinal: 1 });
    expect(table?.columns[1]).toMatchObject({ collation: 'Latin1_General_CI_AS', defaultExpression: "(N'nobody')" });
    expect(table?.remarks).toBeUndefined();
  });

  it('knows keys in their order, filtered indexes left out, and prefers the clustered one for ranges', async () => {
    const { reader } = readerOf(fullCatalog());
    const [table] = await describeTables(reader, [ref('Orders')]);
    expect(table).toMatchObject({
      primaryKey: ['id'],
      uniqueKeys: [['customer']],
      partitionKeys: ['total', 'id'],
    });
  });

  it('keeps the order asked for, and answers null for tables that are not there', async () => {
    const { reader } = readerOf(fullCatalog());
    const found = await describeTables(reader, [
      ref('missing'),
      ref('odd]name', 'Größe x'),
      ref('orders'),
      ref('Orders', 'x'),
    ]);
    expect(found.map((table) => table?.columns.length ?? null)).toEqual([null, 1, 8, null]);
    expect(found[2]?.ref).toEqual(ref('orders'));
  });

  it('shows what is behind a mask to users who may see it', async () => {
    const catalog = fullCatalog();
    const answers = [[/'UNMASK'/, [['1']]], ...(catalog.answers ?? [])] as NonNullable<FakeCatalog['answers']>;
    const { reader } = readerOf({ ...catalog, answers });
    const [table] = await describeTables(reader, [ref('Orders')]);
    expect(table?.columns.find(({ name }) => name === 'secret')?.traits).toBeUndefined();
  });

  it('asks only for columns that the views of this server have', async () => {
    const catalog = fullCatalog();
    const old = ['object_id', 'column_id', 'name', 'user_type_id', 'max_length', 'precision', 'scale', 'is_nullable'];
    catalog.views['sys.columns'] = columnsView(old, ORDER_COLUMNS);
    delete catalog.views['sys.computed_columns'];
    delete catalog.views['sys.default_constraints'];
    const { reader } = readerOf(catalog);
    const [table] = await describeTables(reader, [ref('Orders')]);
    expect(table?.columns).toHaveLength(8);
    expect(table?.columns[0]).toMatchObject({ name: 'id', isIdentity: false });
    expect(table?.remarks).toEqual([expect.stringContaining('defaults')]);
  });

  it('takes the names of types from INFORMATION_SCHEMA where sys.types lacks them', async () => {
    const catalog = fullCatalog();
    catalog.views['sys.types'] = { ...TYPES, rows: TYPES.rows.filter(([id]) => id !== '106') };
    catalog.views['INFORMATION_SCHEMA.COLUMNS'] = {
      columns: ['TABLE_SCHEMA', 'TABLE_NAME', 'COLUMN_NAME', 'DATA_TYPE', 'NUMERIC_PRECISION', 'NUMERIC_SCALE'],
      rows: [['dbo', 'Orders', 'total', 'numeric', '38', '10']],
    };
    const { reader } = readerOf(catalog);
    const [table] = await describeTables(reader, [ref('Orders')]);
    expect(table?.columns[2]).toMatchObject({
      name: 'total',
      nativeType: 'numeric(38,10)',
      type: { kind: 'decimal', precision: 38, scale: 10 },
      isComputed: true,
    });
  });

  it('falls back to INFORMATION_SCHEMA step by step and says what is not known', async () => {
    const { reader } = readerOf({
      views: {
        'INFORMATION_SCHEMA.TABLES': {
          columns: ['TABLE_SCHEMA', 'TABLE_NAME', 'TABLE_TYPE'],
          rows: [['dbo', 'Orders', 'BASE TABLE']],
        },
        'INFORMATION_SCHEMA.COLUMNS': {
          columns: [
            'TABLE_SCHEMA',
            'TABLE_NAME',
            'COLUMN_NAME',
            'ORDINAL_POSITION',
            'IS_NULLABLE',
            'DATA_TYPE',
            'CHARACTER_MAXIMUM_LENGTH',
            'NUMERIC_PRECISION',
            'NUMERIC_SCALE',
            'DATETIME_PRECISION',
          ],
          rows: [
            ['dbo', 'Orders', 'name', '2', 'YES', 'nvarchar', '25', null, null, null],
            ['dbo', 'Orders', 'id', '1', 'NO', 'int', null, '10', '0', null],
            ['dbo', 'Orders', 'note', '3', 'YES', 'nvarchar', '-1', null, null, null],
            ['dbo', 'Orders', 'at', '4', 'YES', 'datetime2', null, null, null, '7'],
            ['dbo', 'Orders', 'sum', '5', 'YES', 'decimal', null, '18', '4', null],
          ],
        },
        'INFORMATION_SCHEMA.TABLE_CONSTRAINTS': {
          columns: ['TABLE_SCHEMA', 'TABLE_NAME', 'CONSTRAINT_NAME', 'CONSTRAINT_TYPE'],
          rows: [
            ['dbo', 'Orders', 'PK', 'PRIMARY KEY'],
            ['dbo', 'Orders', 'FK', 'FOREIGN KEY'],
          ],
        },
        'INFORMATION_SCHEMA.KEY_COLUMN_USAGE': {
          columns: ['TABLE_SCHEMA', 'TABLE_NAME', 'CONSTRAINT_NAME', 'COLUMN_NAME', 'ORDINAL_POSITION'],
          rows: [
            ['dbo', 'Orders', 'PK', 'name', '2'],
            ['dbo', 'Orders', 'PK', 'id', '1'],
          ],
        },
      },
    });
    const [table] = await describeTables(reader, [ref('Orders')]);
    expect(table?.columns.map(({ name, nativeType, nullable }) => [name, nativeType, nullable])).toEqual([
      ['id', 'int', false],
      ['name', 'nvarchar(25)', true],
      ['note', 'nvarchar(max)', true],
      ['at', 'datetime2(7)', true],
      ['sum', 'decimal(18,4)', true],
    ]);
    expect(table).toMatchObject({ primaryKey: ['id', 'name'], partitionKeys: ['id', 'name'], rowEstimate: null });
    expect(table?.remarks).toHaveLength(2);
  });

  it('describes a table by the columns of an answer where there is no catalog at all', async () => {
    const session = createFakeSession({ views: {} });
    const fields = [
      { name: 'id', nativeType: 'bigint', nullable: false, isIdentity: true, isComputed: false },
      { name: 't', nativeType: 'nvarchar(max)', nullable: true, isIdentity: false, isComputed: false },
    ];
    const bare = {
      ...session,
      query: (sql: string, options: Parameters<typeof session.query>[1]) =>
        sql === "SELECT * FROM [dbo].[it's] WHERE 1 = 0"
          ? Promise.resolve({ columns: ['id', 't'], fields, rows: [] })
          : session.query(sql, options),
    };
    const reader = createCatalogReader(bare, new Map(), signal);
    const [table, missing] = await describeTables(reader, [ref("it's"), ref('missing')]);
    expect(table?.columns.map(({ name, nativeType, nullable }) => [name, nativeType, nullable])).toEqual([
      ['id', 'bigint', false],
      ['t', 'nvarchar(max)', true],
    ]);
    expect(table).toMatchObject({ partitionKeys: [], remarks: [expect.stringContaining('no catalog')] });
    expect(missing).toBeNull();

    const half = { 'sys.objects': { ...OBJECTS, rows: [['7', '1', "it's", 'U ', '0']] }, 'sys.schemas': SCHEMAS };
    const listed = createFakeSession({
      views: { ...half, 'sys.types': TYPES, 'sys.columns': columnsView(ALL_COLUMNS, []) },
    });
    const listing = {
      ...bare,
      query: (sql: string, options: Parameters<typeof bare.query>[1]) =>
        listed.query(sql, options).catch(() => bare.query(sql, options)),
    };
    const [found] = await describeTables(createCatalogReader(listing, new Map(), signal), [ref("it's")]);
    expect(found?.columns).toHaveLength(2);
  });

  it('needs a bounded number of statements for many tables', async () => {
    const catalog = fullCatalog();
    const { session, reader } = readerOf(catalog);
    await describeTables(
      reader,
      Array.from({ length: 10_000 }, (_none, index) => ref(`t${index}`)).concat(ref('Orders')),
    );
    expect(session.statements.length).toBeLessThan(150);
  });

  it('does not take a deadlock for a view that is missing', async () => {
    const session = createFakeSession(fullCatalog());
    const deadlock = new ServerError({ number: 1205, state: 1, class: 13, message: 'Deadlocked.' });
    const known = new Map<string, ReadonlyMap<string, string> | null>();
    const unlucky = { ...session, query: () => Promise.reject(deadlock) };
    await expect(describeTables(createCatalogReader(unlucky, known, signal), [ref('Orders')])).rejects.toBe(deadlock);
    expect(known.size).toBe(0);
  });

  it('does not take a lost connection for a view that is missing', async () => {
    const session = createFakeSession(fullCatalog());
    const broken = { ...session, query: () => Promise.reject(new Error('socket hang up')), isOpen: () => false };
    const reader = createCatalogReader(broken, new Map(), signal);
    await expect(describeTables(reader, [ref('Orders')])).rejects.toThrow('socket hang up');
  });
});
