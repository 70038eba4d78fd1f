import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { TPCH_TABLES, tpchCopyChunks, tpchRowCounts, tpchRows } from './tpch.ts';
import { tpchSnowflakeDdl } from './tpch-ddl.ts';

describe('tpchRows', () => {
  it('gives the same bytes everywhere', () => {
    const hash = createHash('sha256');
    for (const table of TPCH_TABLES) for (const chunk of tpchCopyChunks(table, 0.001)) hash.update(chunk);
    expect(hash.digest('hex')).toBe('e5d6d977e71556202b9055217ae5eec127538d0160e6d7fbd9b42dd915ab16f0');
  });

  it('has the row counts that it announces, 1 to 7 lines an order', () => {
    const counts = tpchRowCounts(0.002);
    expect(counts).toMatchObject({
      region: 5,
      nation: 25,
      supplier: 20,
      customer: 300,
      part: 400,
      partsupp: 1600,
      orders: 3000,
    });
    for (const table of TPCH_TABLES) expect([...tpchRows(table, 0.002)].length).toBe(counts[table]);
    const lines = new Map<string, number>();
    for (const [order] of tpchRows('lineitem', 0.002)) lines.set(order ?? '', (lines.get(order ?? '') ?? 0) + 1);
    expect(lines.size).toBe(counts.orders);
    expect(new Set(lines.values())).toEqual(new Set([1, 2, 3, 4, 5, 6, 7]));
  });

  it('keeps every reference', () => {
    const scale = 0.001;
    const column = (table: (typeof TPCH_TABLES)[number], index: number): Set<string> =>
      new Set([...tpchRows(table, scale)].map((row) => row[index] ?? ''));
    const [customers, orders] = [column('customer', 0), column('orders', 0)];
    const supplied = new Set([...tpchRows('partsupp', scale)].map((row) => `${row[0]}/${row[1]}`));
    expect(supplied.size).toBe(tpchRowCounts(scale).partsupp);
    for (const row of tpchRows('orders', scale)) expect(customers.has(row[1] ?? '')).toBe(true);
    for (const row of tpchRows('lineitem', scale)) {
      expect(orders.has(row[0] ?? '')).toBe(true);
      expect(supplied.has(`${row[1]}/${row[2]}`)).toBe(true);
    }
  });

  it.each([0, 0.0001, 11, Number.NaN])('refuses the scale factor %s', (scale) => {
    expect(() => tpchRowCounts(scale)).toThrow(RangeError);
  });
});

describe('tpchSnowflakeDdl', () => {
  it('has no distribution or sort keys left', () => {
    const ddl = tpchSnowflakeDdl('TPCH');
    expect(Object.values(ddl).join(' ')).not.toMatch(/DISTKEY|SORTKEY|DISTSTYLE|numeric\(/);
    expect(ddl.region).toBe(
      'CREATE TABLE IF NOT EXISTS TPCH.region (r_regionkey integer NOT NULL, r_name char(25) NOT NULL, r_comment varchar(152), PRIMARY KEY (r_regionkey))',
    );
  });
});
