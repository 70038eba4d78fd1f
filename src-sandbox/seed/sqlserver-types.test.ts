import { describe, expect, it } from 'vitest';
import { SQLSERVER_TYPES_TABLES, sqlServerTypesBatches } from './sqlserver-types.ts';

describe('sqlServerTypesBatches', () => {
  const batches = [...sqlServerTypesBatches()];

  it('writes every literal so that its value stays what it is', () => {
    const texts = batches.find((batch) => batch.startsWith('INSERT INTO types.[unicode_texts]'));
    expect(texts).toContain("N'''; DROP TABLE types.text_values; --'");
    expect(texts).toContain("N'emoji 😀");
    const binary = batches.find((batch) => batch.startsWith('INSERT INTO types.[binaries]'));
    expect(binary).toContain("(1, 0x0000000000000000, 0x, 0x, '00000000-0000-0000-0000-000000000000')");
  });

  it('doubles closing brackets in names', () => {
    expect(batches).toContainEqual(expect.stringMatching(/^CREATE TABLE types\.\[\]\]\]\]\] \(id int NOT NULL/));
  });

  it('puts at most a thousand rows into an INSERT', () => {
    const inserts = batches.filter((batch) => batch.startsWith('INSERT INTO types.[guid_key]'));
    expect(inserts.map((batch) => batch.split('\n').length)).toEqual([1000, 1000, 1000]);
  });
});

describe('SQLSERVER_TYPES_TABLES', () => {
  it('has tables of different names, with as many rows as they announce and a value for every column', () => {
    const names = SQLSERVER_TYPES_TABLES.map(({ name }) => name.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
    for (const { name, rows, columns, rowCount } of SQLSERVER_TYPES_TABLES) {
      if (!rows) continue;
      expect(rows.length, name).toBe(rowCount);
      for (const row of rows) expect(row.length, name).toBe(columns?.length);
    }
  });

  it('has keys without duplicates, as far as the server can tell', () => {
    const keys: [string, number][] = [
      ['composite_key', 3],
      ['guid_key', 1],
      ['case_blind_key', 1],
      ['partitioned', 2],
    ];
    for (const [name, width] of keys) {
      const rows = SQLSERVER_TYPES_TABLES.find((table) => table.name === name)?.rows ?? [];
      const seen = new Set(rows.map((row) => row.slice(0, width).join('|').toLowerCase()));
      expect(seen.size, name).toBe(rows.length);
    }
  });
});
