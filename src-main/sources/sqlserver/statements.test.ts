import { describe, expect, it } from 'vitest';
import type { ColumnDescription, TableDescription } from '#shared/model/table';
import { toColumnType } from './column-types.ts';
import { ServerError } from './errors.ts';
import { previewStatement } from './preview.ts';
import { profileStatement, profileValues } from './profile.ts';
import { findQuantiles, quantileStatement } from './quantiles.ts';
import { createFakeSession } from './testing/fake-catalog.ts';

const { signal } = new AbortController();

function column(name: string, nativeType: string, parts: Partial<ColumnDescription> = {}): ColumnDescription {
  return {
    name,
    ordinal: 1,
    nativeType,
    type: toColumnType(nativeType),
    nullable: false,
    defaultExpression: null,
    isIdentity: false,
    isComputed: false,
    ...parts,
  };
}

function table(columns: ColumnDescription[], rowEstimate: number | null = 1000): TableDescription {
  return {
    ref: { database: 'shop', schema: 'dbo', name: 'a]b' },
    kind: 'table',
    rowEstimate,
    byteEstimate: null,
    columns,
    primaryKey: [],
    uniqueKeys: [],
    partitionKeys: [],
  };
}

describe('quantileStatement', () => {
  it('numbers the keys in the order of the server and takes every n-th as text', () => {
    const columns = [column('id', 'uniqueidentifier'), column('n]o', 'int', { nullable: true })];
    expect(
      quantileStatement({
        table: table(columns),
        columns,
        count: 4,
        where: 'x = 1',
        rowCount: 1000,
        samplePercent: null,
      }),
    ).toBe(
      'SELECT CONVERT(varchar(36), [k1]), CONVERT(varchar(20), [k2]) FROM (SELECT [id] AS [k1], [n]]o] AS [k2], ROW_NUMBER() OVER (ORDER BY [id], [n]]o]) AS [row_number_] FROM [dbo].[a]]b] WHERE ([id] IS NOT NULL) AND ([n]]o] IS NOT NULL) AND (x = 1)) AS [numbered] WHERE [row_number_] > 1 AND ([row_number_] - 1) % 250 = 0 ORDER BY [row_number_]',
    );
  });
});

describe('findQuantiles', () => {
  const columns = [column('id', 'bigint')];

  it('turns keys into literals and drops those that repeat', async () => {
    const session = createFakeSession({ views: {}, answers: [[/ROW_NUMBER/, [['10'], ['10'], ['20']]]] });
    const found = await findQuantiles(session, { table: table(columns), columns, count: 4, where: null }, signal);
    expect(found).toEqual([['10'], ['20']]);
  });

  it('counts where the catalog has no estimate, and cuts nothing from one row', async () => {
    const session = createFakeSession({ views: {}, answers: [[/COUNT_BIG/, [['1']]]] });
    expect(
      await findQuantiles(session, { table: table(columns, null), columns, count: 4, where: null }, signal),
    ).toEqual([]);
    expect(session.statements).toEqual(['SELECT COUNT_BIG(*) FROM [dbo].[a]]b] WHERE ([id] IS NOT NULL)']);
  });

  it('gives no more boundaries than asked for when the estimate is far too low', async () => {
    const rows = Array.from({ length: 1000 }, (_none, index) => [String(index)]);
    const session = createFakeSession({ views: {}, answers: [[/ROW_NUMBER/, rows]] });
    const found = await findQuantiles(session, { table: table(columns), columns, count: 5, where: null }, signal);
    expect(found).toEqual([['200'], ['400'], ['600'], ['800']]);
  });

  it('samples pages of a large table, and reads all of it where the server has no TABLESAMPLE', async () => {
    const large = table(columns, 50_000_000);
    const sampled = createFakeSession({
      views: {},
      answers: [[/TABLESAMPLE \(2\.000000 PERCENT\)/, [['5'], ['7'], ['9']]]],
    });
    expect(await findQuantiles(sampled, { table: large, columns, count: 4, where: null }, signal)).toHaveLength(3);

    const plain = createFakeSession({ views: {}, answers: [[/ROW_NUMBER/, [['5'], ['7'], ['9']]]] });
    const refusing = {
      ...plain,
      query: (sql: string, options: Parameters<typeof plain.query>[1]) =>
        sql.includes('TABLESAMPLE')
          ? Promise.reject(new ServerError({ number: 102, state: 1, message: 'Incorrect syntax.' }))
          : plain.query(sql, options),
    };
    expect(await findQuantiles(refusing, { table: large, columns, count: 4, where: null }, signal)).toHaveLength(3);
  });

  it('refuses a column without an order before anything is asked', async () => {
    const session = createFakeSession({ views: {} });
    const spatial = [column('g', 'geometry')];
    await expect(
      findQuantiles(session, { table: table(spatial), columns: spatial, count: 4, where: null }, signal),
    ).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });
    expect(session.statements).toEqual([]);
  });
});

describe('profileValues', () => {
  const riskColumn = (name: string, nativeType: string) => ({
    name,
    type: toColumnType(nativeType),
    nativeType,
    risk: 'text-length' as const,
  });
  const request = {
    table: { database: 'shop', schema: 'dbo', name: 't' },
    where: 'y > 2',
    columns: [riskColumn('v', 'varchar(max)'), riskColumn('n', 'nvarchar(max)'), riskColumn('b', 'varbinary(max)')],
  };

  it('looks at all columns in one scan', () => {
    expect(profileStatement(request)).toBe(
      'SELECT COUNT_BIG(CASE WHEN DATALENGTH([v]) > 134217728 THEN 1 END) AS [n1], MAX(DATALENGTH([v])) AS [e1], COUNT_BIG(CASE WHEN DATALENGTH([n]) / 2 > 134217728 THEN 1 END) AS [n2], MAX(DATALENGTH([n]) / 2) AS [e2], COUNT_BIG(CASE WHEN DATALENGTH([b]) > 67108864 THEN 1 END) AS [n3], MAX(DATALENGTH([b])) AS [e3] FROM [dbo].[t] WHERE (y > 2)',
    );
  });

  it('names the columns whose values are too long', async () => {
    const session = createFakeSession({
      views: {},
      answers: [[/COUNT_BIG/, [['0', '90', '0', null, '2', '70000000']]]],
    });
    expect(await profileValues(session, request, signal)).toEqual([
      {
        column: 'b',
        risk: 'text-length',
        count: 2,
        example: 'a value of 70.0 MB',
        detail: expect.stringContaining('64 MB'),
      },
    ]);
  });
});

describe('previewStatement', () => {
  it('writes every column as text that is cut at the server', () => {
    const columns = [
      column('n', 'nvarchar(max)'),
      column('b', 'varbinary(max)'),
      column('d', 'decimal(38,10)'),
      column('t', 'text'),
      column('s', 'int', { traits: ['encrypted'] }),
    ];
    expect(previewStatement(table(columns), { limit: 20, maxLength: 200 })).toBe(
      "SELECT TOP (20) LEFT([n], 200) AS [c1], CONVERT(varchar(400), SUBSTRING([b], 1, 200), 2) AS [c2], CONVERT(varchar(41), [d]) AS [c3], SUBSTRING([t], 1, 200) AS [c4], N'(not shown)' AS [c5] FROM [dbo].[a]]b]",
    );
  });
});
