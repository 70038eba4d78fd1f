import { describe, expect, it } from 'vitest';
import { columnType } from '#shared/model/column-type';
import { ledgerStatements } from './ddl.ts';
import { snowflakeDialect as dialect } from './dialect.ts';
import { markLoadedSql } from './ledger-sql.ts';

const table = { database: 'DB', schema: 'PUBLIC', name: 'ORDERS' };

describe('names and literals', () => {
  it.each([
    ['ORDERS', '"ORDERS"'],
    ['lower case', '"lower case"'],
    ['a"b', '"a""b"'],
    ['x.y', '"x.y"'],
    ['select', '"select"'],
    ['Ünïcode ✓', '"Ünïcode ✓"'],
    ['x'.repeat(128), `"${'x'.repeat(128)}"`],
    ['"; DROP TABLE T; --', '"""; DROP TABLE T; --"'],
  ])('quotes %s', (name, expected) => {
    expect(dialect.quoteIdentifier(name)).toBe(expected);
  });

  it.each([
    ["it's", "'it''s'"],
    ['back\\slash', "'back\\\\slash'"],
    ["\\' OR 1=1 --", "'\\\\'' OR 1=1 --'"],
    ['', "''"],
  ])('writes the text %s as a literal', (text, expected) => {
    expect(dialect.quoteLiteral(text)).toBe(expected);
  });

  it('folds a name as Snowflake folds unquoted ones', () => {
    expect(dialect.foldIdentifier('o_orderKey')).toBe('O_ORDERKEY');
  });
});

describe('statements', () => {
  it('creates a table', () => {
    const sql = dialect.createTable({
      table: { ...table, name: 'a "b"' },
      columns: [
        { name: 'ID', dataType: 'NUMBER(38,0)', nullable: false },
        { name: 'na me', dataType: 'VARCHAR(10)', nullable: true },
      ],
      primaryKey: ['ID'],
      comment: "from Redshift's dev.public.a",
    });
    expect(sql).toBe(
      'CREATE TABLE "DB"."PUBLIC"."a ""b""" (\n  "ID" NUMBER(38,0) NOT NULL,\n  "na me" VARCHAR(10),\n  PRIMARY KEY ("ID")\n)\nCOMMENT = \'from Redshift\'\'s dev.public.a\'',
    );
  });

  it('refuses a type that could carry SQL', () => {
    expect(() =>
      dialect.createTable({
        table,
        columns: [{ name: 'A', dataType: 'INT) AS SELECT 1 --', nullable: true }],
        primaryKey: [],
        comment: null,
      }),
    ).toThrow(/not a type/);
  });

  it('writes the other DDL', () => {
    const other = { ...table, name: 'ORDERS__MIG_1' };
    expect(dialect.createSchema('DB', 'new schema')).toBe('CREATE SCHEMA IF NOT EXISTS "DB"."new schema"');
    expect(dialect.createLike({ table: other, like: table })).toBe(
      'CREATE TABLE "DB"."PUBLIC"."ORDERS__MIG_1" LIKE "DB"."PUBLIC"."ORDERS"',
    );
    expect(dialect.swapTables({ table, other })).toBe(
      'ALTER TABLE "DB"."PUBLIC"."ORDERS" SWAP WITH "DB"."PUBLIC"."ORDERS__MIG_1"',
    );
    expect(dialect.dropTable(other)).toBe('DROP TABLE IF EXISTS "DB"."PUBLIC"."ORDERS__MIG_1"');
    expect(dialect.truncateTable(table)).toBe('TRUNCATE TABLE "DB"."PUBLIC"."ORDERS"');
  });

  it('creates a stage with an integration', () => {
    const sql = dialect.stageStatement(
      {
        stage: { database: 'DB', schema: 'STAGES', name: 'S3' },
        s3Uri: 's3://bucket/migration/',
        access: { kind: 'integration', integration: 'MY_INT' },
        encryption: 'sse-s3',
      },
      { maskSecrets: false },
    );
    expect(sql).toBe(
      'CREATE STAGE "DB"."STAGES"."S3"\nURL = \'s3://bucket/migration/\'\nSTORAGE_INTEGRATION = "MY_INT"\nENCRYPTION = (TYPE = \'AWS_SSE_S3\')',
    );
  });

  it('creates a stage with keys, and masks them for people', () => {
    const request = {
      stage: { database: 'DB', schema: 'STAGES', name: 'S3' },
      s3Uri: 's3://bucket/migration/',
      access: { kind: 'keys' as const, accessKeyId: 'AKIDEXAMPLE', secretAccessKey: "se'cret", sessionToken: 'tok' },
      encryption: 'none' as const,
    };
    expect(dialect.stageStatement(request, { maskSecrets: false })).toContain(
      "CREDENTIALS = (AWS_KEY_ID = 'AKIDEXAMPLE' AWS_SECRET_KEY = 'se''cret' AWS_TOKEN = 'tok')\nENCRYPTION = (TYPE = 'NONE')",
    );
    const masked = dialect.stageStatement(request, { maskSecrets: true });
    expect(masked).toContain("AWS_SECRET_KEY = '***' AWS_TOKEN = '***'");
    expect(masked).not.toMatch(/cret'|'tok'/);
  });

  it('keeps the Parquet format from turning text into NULL', () => {
    expect(ledgerStatements({ database: 'L', schema: 'S' }).parquetFormat).toBe(
      'CREATE FILE FORMAT IF NOT EXISTS "L"."S"."SNOWFERRY_PARQUET" TYPE = PARQUET USE_VECTORIZED_SCANNER = TRUE BINARY_AS_TEXT = FALSE NULL_IF = ()',
    );
  });

  it('fences a load by the state of its ledger row', () => {
    expect(markLoadedSql({ database: 'L', schema: 'S' }, false)).toMatch(
      /^UPDATE "L"\."S"\."PARTITION_LOAD" SET STATE = 'LOADED', .* WHERE RUN_ID = \? AND TABLE_ID = \? AND PARTITION_ID = \? AND STATE <> 'LOADED'$/,
    );
  });

  it('shows the statements of a load in the order in which they run', () => {
    const statements = dialect.loadStatements({
      table,
      columns: [{ targetName: 'ID', loadExpression: '$1:c1::NUMBER(38,0)' }],
      stage: { database: 'DB', schema: 'STAGES', name: 'S3' },
      path: 'run/',
      files: ['a.parquet'],
      ledger: { database: 'L', schema: 'S' },
      runId: 'r1',
      tableId: 't1',
      partitionId: 'p1',
      attemptId: 'a1',
      fileDigest: 'd',
      deletePredicate: '"ID" < 10',
    });
    expect(statements.map((sql) => sql.split(/\s/)[0])).toEqual(['BEGIN', 'DELETE', 'COPY', 'UPDATE', 'COMMIT']);
    expect(statements[1]).toBe('DELETE FROM "DB"."PUBLIC"."ORDERS" WHERE "ID" < 10');
  });
});

describe('compareColumns', () => {
  const target = {
    ref: table,
    rowCount: 0,
    createdAt: null,
    columns: [
      { name: 'ID', dataType: 'NUMBER(38,0)', nullable: false, hasDefault: false, isIdentity: false },
      { name: 'PRICE', dataType: 'NUMBER(10,1)', nullable: true, hasDefault: false, isIdentity: false },
      { name: 'NOTE', dataType: 'VARCHAR(5)', nullable: true, hasDefault: false, isIdentity: false },
      { name: 'LOADED_BY', dataType: 'VARCHAR(5)', nullable: false, hasDefault: false, isIdentity: false },
      { name: 'EXTRA', dataType: 'VARCHAR(5)', nullable: true, hasDefault: true, isIdentity: false },
    ],
  };
  const column = (sourceName: string, type: ReturnType<typeof columnType>, nullable = true) => ({
    sourceName,
    targetName: sourceName.toUpperCase(),
    type,
    nullable,
  });

  it('finds nothing when all fits', () => {
    const columns = [
      column('id', columnType('integer', { precision: 19 }), false),
      column('note', columnType('text', { length: 5 })),
    ];
    const differences = dialect.compareColumns({
      columns,
      target: { ...target, columns: [target.columns[0]!, target.columns[2]!] },
    });
    expect(differences).toEqual([]);
  });

  it('says how columns differ, what stops the table first', () => {
    const columns = [
      column('note', columnType('text', { length: 10 })),
      column('id', columnType('integer', { precision: 19 })),
      column('price', columnType('decimal', { precision: 10, scale: 2 })),
      column('gone', columnType('date')),
    ];
    const differences = dialect.compareColumns({ columns, target });
    expect(differences.map((one) => [one.kind, one.targetColumn, one.blocks])).toEqual([
      ['type-narrower', 'PRICE', true],
      ['missing-in-target', 'GONE', true],
      ['required-in-target', 'LOADED_BY', true],
      ['type-narrower', 'NOTE', false],
      ['nullability', 'ID', false],
      ['extra-in-target', 'EXTRA', false],
      ['order', null, false],
    ]);
  });
});
