import type { SqlType, SqlValue } from '../sqlserver/engine-contract.ts';
import { tpchRows, type TpchTable } from './tpch.ts';

export interface SeedColumn {
  name: string;
  type: SqlType;
  nullable: boolean;
}

const int: SqlType = { name: 'int' };
const bigint: SqlType = { name: 'bigint' };
const money: SqlType = { name: 'money' };
const date: SqlType = { name: 'date' };
const amount: SqlType = { name: 'decimal', precision: 15, scale: 2 };
const char = (length: number): SqlType => ({ name: 'char', length });
const varchar = (length: number): SqlType => ({ name: 'varchar', length });
const nvarchar = (length: number): SqlType => ({ name: 'nvarchar', length });

type Definition = { key: string[]; columns: [string, SqlType][]; nullable?: string[] };

/** Names, keys and lengths are TPC-H's (specification 3.0.1, 1.4); balances are money and comments of parts nvarchar, so that both travel with rows in numbers. */
const TABLES: Readonly<Record<TpchTable, Definition>> = {
  region: {
    key: ['r_regionkey'],
    columns: [
      ['r_regionkey', int],
      ['r_name', char(25)],
      ['r_comment', varchar(152)],
    ],
    nullable: ['r_comment'],
  },
  nation: {
    key: ['n_nationkey'],
    columns: [
      ['n_nationkey', int],
      ['n_name', char(25)],
      ['n_regionkey', int],
      ['n_comment', varchar(152)],
    ],
    nullable: ['n_comment'],
  },
  supplier: {
    key: ['s_suppkey'],
    columns: [
      ['s_suppkey', int],
      ['s_name', char(25)],
      ['s_address', varchar(40)],
      ['s_nationkey', int],
      ['s_phone', char(15)],
      ['s_acctbal', money],
      ['s_comment', varchar(101)],
    ],
  },
  customer: {
    key: ['c_custkey'],
    columns: [
      ['c_custkey', bigint],
      ['c_name', varchar(25)],
      ['c_address', varchar(40)],
      ['c_nationkey', int],
      ['c_phone', char(15)],
      ['c_acctbal', money],
      ['c_mktsegment', char(10)],
      ['c_comment', varchar(117)],
    ],
  },
  part: {
    key: ['p_partkey'],
    columns: [
      ['p_partkey', bigint],
      ['p_name', varchar(55)],
      ['p_mfgr', char(25)],
      ['p_brand', char(10)],
      ['p_type', varchar(25)],
      ['p_size', int],
      ['p_container', char(10)],
      ['p_retailprice', amount],
      ['p_comment', nvarchar(23)],
    ],
  },
  partsupp: {
    key: ['ps_partkey', 'ps_suppkey'],
    columns: [
      ['ps_partkey', bigint],
      ['ps_suppkey', int],
      ['ps_availqty', int],
      ['ps_supplycost', amount],
      ['ps_comment', varchar(199)],
    ],
  },
  orders: {
    key: ['o_orderkey'],
    columns: [
      ['o_orderkey', bigint],
      ['o_custkey', bigint],
      ['o_orderstatus', char(1)],
      ['o_totalprice', amount],
      ['o_orderdate', date],
      ['o_orderpriority', char(15)],
      ['o_clerk', char(15)],
      ['o_shippriority', int],
      ['o_comment', varchar(79)],
    ],
  },
  lineitem: {
    key: ['l_orderkey', 'l_linenumber'],
    columns: [
      ['l_orderkey', bigint],
      ['l_partkey', bigint],
      ['l_suppkey', int],
      ['l_linenumber', int],
      ['l_quantity', amount],
      ['l_extendedprice', amount],
      ['l_discount', amount],
      ['l_tax', amount],
      ['l_returnflag', char(1)],
      ['l_linestatus', char(1)],
      ['l_shipdate', date],
      ['l_commitdate', date],
      ['l_receiptdate', date],
      ['l_shipinstruct', char(25)],
      ['l_shipmode', char(10)],
      ['l_comment', varchar(44)],
    ],
  },
};

export function tpchSqlServerColumns(table: TpchTable): SeedColumn[] {
  const { columns, nullable = [] } = TABLES[table];
  return columns.map(([name, type]) => ({ name, type, nullable: nullable.includes(name) }));
}

/** CREATE TABLE with a clustered primary key, in the schema dbo. */
export function tpchSqlServerDdl(table: TpchTable): string {
  const columns = tpchSqlServerColumns(table).map(
    ({ name, type, nullable }) => `${name} ${typeText(type)} ${nullable ? 'NULL' : 'NOT NULL'}`,
  );
  const key = `CONSTRAINT pk_${table} PRIMARY KEY CLUSTERED (${TABLES[table].key.join(', ')})`;
  return `CREATE TABLE dbo.${table} (${[...columns, key].join(', ')})`;
}

/** The rows of `tpchRows`, as the values that SQL Server would hold: char padded to its length. */
export function* tpchSqlServerRows(table: TpchTable, scale: number): Generator<SqlValue[]> {
  const readers = TABLES[table].columns.map(([, type]) => valueReader(type));
  for (const row of tpchRows(table, scale)) yield readers.map((read, index) => read(row[index] ?? ''));
}

function typeText(type: SqlType): string {
  if (type.name === 'decimal') return `decimal(${type.precision},${type.scale})`;
  return type.length === undefined ? type.name : `${type.name}(${type.length})`;
}

function valueReader(type: SqlType): (text: string) => SqlValue {
  switch (type.name) {
    case 'int':
      return Number;
    case 'bigint':
      return (text) => BigInt(Number(text));
    case 'decimal':
      return (text) => unscaled(text, type.scale ?? 0);
    case 'money':
      return (text) => unscaled(text, 4);
    case 'date':
      return daysOf;
    case 'char':
      return (text) => text.padEnd(type.length ?? 1);
    default:
      return (text) => text;
  }
}

/** By way of a double, which is quicker and holds every amount of these tables: none has more than eleven digits. */
function unscaled(text: string, scale: number): bigint {
  return BigInt(Math.round(Number(text) * 10 ** scale));
}

/** Days since 0001-01-01. */
function daysOf(text: string): number {
  return (DAYS[text] ??= Date.parse(text) / 86_400_000 + 719_162);
}

const DAYS: Record<string, number> = {};
