/** TPC-H's lineitem, as both sources have it: types as their users give them, and how each column travels. */
export interface LineitemColumn {
  name: string;
  pgType: string;
  tdsType: string;
  carrier: 'native-integer' | 'native-decimal' | 'native-date' | 'native-text';
  kind: 'integer' | 'decimal' | 'date' | 'text';
  precision: number | null;
  scale: number | null;
  length: number | null;
}

const integer = (name: string, digits: 10 | 19): LineitemColumn => ({
  ...{ name, pgType: digits === 19 ? 'bigint' : 'integer', tdsType: digits === 19 ? 'bigint' : 'int' },
  ...{ carrier: 'native-integer', kind: 'integer', precision: digits, scale: 0, length: null },
});
const decimal = (name: string): LineitemColumn => ({
  ...{ name, pgType: 'numeric(15,2)', tdsType: 'decimal(15,2)' },
  ...{ carrier: 'native-decimal', kind: 'decimal', precision: 15, scale: 2, length: null },
});
const date = (name: string): LineitemColumn => ({
  ...{ name, pgType: 'date', tdsType: 'date' },
  ...{ carrier: 'native-date', kind: 'date', precision: null, scale: null, length: null },
});
const text = (name: string, length: number): LineitemColumn => ({
  ...{ name, pgType: `character varying(${length})`, tdsType: `varchar(${length})` },
  ...{ carrier: 'native-text', kind: 'text', precision: null, scale: null, length },
});

export const LINEITEM: LineitemColumn[] = [
  integer('l_orderkey', 19),
  integer('l_partkey', 10),
  integer('l_suppkey', 10),
  integer('l_linenumber', 10),
  decimal('l_quantity'),
  decimal('l_extendedprice'),
  decimal('l_discount'),
  decimal('l_tax'),
  text('l_returnflag', 1),
  text('l_linestatus', 1),
  date('l_shipdate'),
  date('l_commitdate'),
  date('l_receiptdate'),
  text('l_shipinstruct', 25),
  text('l_shipmode', 10),
  text('l_comment', 44),
];
