import { describe, expect, it } from 'vitest';
import type { SqlType, SqlValue } from '../sqlserver/engine-contract.ts';
import { TPCH_TABLES, tpchRows } from './tpch.ts';
import { tpchSqlServerColumns, tpchSqlServerDdl, tpchSqlServerRows } from './sqlserver-tpch.ts';

describe('tpchSqlServerRows', () => {
  it.each(TPCH_TABLES)('has the values of the other sources in %s', (table) => {
    const columns = tpchSqlServerColumns(table);
    const texts = [...tpchRows(table, 0.001)];
    const rows = [...tpchSqlServerRows(table, 0.001)];

    expect(rows.map((row) => row.map((value, index) => toText(value, columns[index]!.type)))).toEqual(texts);
  });

  it('pads char to its length, as the server stores it', () => {
    const [row] = tpchSqlServerRows('region', 0.001);
    expect(row?.[1]).toBe('AFRICA'.padEnd(25));
  });
});

describe('tpchSqlServerDdl', () => {
  it('writes T-SQL with a clustered primary key', () => {
    expect(tpchSqlServerDdl('partsupp')).toBe(
      'CREATE TABLE dbo.partsupp (ps_partkey bigint NOT NULL, ps_suppkey int NOT NULL, ps_availqty int NOT NULL, ps_supplycost decimal(15,2) NOT NULL, ps_comment varchar(199) NOT NULL, CONSTRAINT pk_partsupp PRIMARY KEY CLUSTERED (ps_partkey, ps_suppkey))',
    );
  });
});

function toText(value: SqlValue, { name, scale }: SqlType): string {
  if (name === 'date') return new Date((Number(value) - 719_162) * 86_400_000).toISOString().slice(0, 10);
  if (name === 'money') return fixed(value as bigint, 4).slice(0, -2);
  if (name === 'decimal') return fixed(value as bigint, scale ?? 0);
  if (typeof value === 'object') throw new Error(`no value of ${name}`);
  return String(value).trimEnd();
}

function fixed(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
