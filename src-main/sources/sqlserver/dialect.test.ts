import { describe, expect, it } from 'vitest';
import type { TableRef } from '#shared/model/table';
import { selectStatement, sqlServerDialect } from './dialect.ts';

const table: TableRef = { database: 'shop', schema: 'dbo', name: 'Orders' };
const hostile: TableRef = { database: 'shop', schema: "s]1'; --", name: 'o"r]d/*' };

describe('selectStatement', () => {
  it('names every column by expression and alias', () => {
    expect(
      selectStatement({
        table,
        columns: [
          { expression: '[id]', alias: 'c1' },
          { expression: 'CONVERT(varchar(41), [x])', alias: 'c2' },
        ],
        conditions: [],
      }),
    ).toBe('SELECT [id] AS [c1], CONVERT(varchar(41), [x]) AS [c2] FROM [dbo].[Orders]');
  });

  it('joins conditions by AND, each in parentheses', () => {
    expect(
      selectStatement({
        table: hostile,
        columns: [{ expression: '[a]', alias: 'c1' }],
        conditions: ['[a] >= 1', ' ', 'b = 2 OR c = 3 -- user'],
      }),
    ).toBe(`SELECT [a] AS [c1] FROM [s]]1'; --].[o"r]]d/*] WHERE ([a] >= 1) AND (b = 2 OR c = 3 -- user\n)`);
  });

  it('refuses a condition that reaches into the statement', () => {
    expect(() =>
      selectStatement({ table, columns: [{ expression: '[a]', alias: 'c1' }], conditions: ['1=1) OR (1=1'] }),
    ).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }) as Error);
  });
});

describe('tableName', () => {
  it('has two parts', () => {
    expect(sqlServerDialect.tableName(table)).toBe('[dbo].[Orders]');
  });
});
