import type { TpchTable } from './tpch.ts';

/** Redshift DDL with the distribution and sort keys that AWS's own TPC-H scripts use; `schema` is written as given. */
export function tpchRedshiftDdl(schema: string): Record<TpchTable, string> {
  const table = (name: TpchTable, columns: string, attributes: string): string =>
    `CREATE TABLE ${schema}.${name} (${columns}) ${attributes}`;
  return {
    region: table(
      'region',
      'r_regionkey integer NOT NULL, r_name char(25) NOT NULL, r_comment varchar(152), PRIMARY KEY (r_regionkey)',
      'DISTSTYLE ALL SORTKEY (r_regionkey)',
    ),
    nation: table(
      'nation',
      'n_nationkey integer NOT NULL, n_name char(25) NOT NULL, n_regionkey integer NOT NULL, n_comment varchar(152), PRIMARY KEY (n_nationkey)',
      'DISTSTYLE ALL SORTKEY (n_nationkey)',
    ),
    supplier: table(
      'supplier',
      's_suppkey integer NOT NULL, s_name char(25) NOT NULL, s_address varchar(40) NOT NULL, s_nationkey integer NOT NULL, s_phone char(15) NOT NULL, s_acctbal numeric(15,2) NOT NULL, s_comment varchar(101) NOT NULL, PRIMARY KEY (s_suppkey)',
      'DISTSTYLE ALL SORTKEY (s_suppkey)',
    ),
    customer: table(
      'customer',
      'c_custkey bigint NOT NULL, c_name varchar(25) NOT NULL, c_address varchar(40) NOT NULL, c_nationkey integer NOT NULL, c_phone char(15) NOT NULL, c_acctbal numeric(15,2) NOT NULL, c_mktsegment char(10) NOT NULL, c_comment varchar(117) NOT NULL, PRIMARY KEY (c_custkey)',
      'DISTKEY (c_custkey) SORTKEY (c_custkey)',
    ),
    part: table(
      'part',
      'p_partkey bigint NOT NULL, p_name varchar(55) NOT NULL, p_mfgr char(25) NOT NULL, p_brand char(10) NOT NULL, p_type varchar(25) NOT NULL, p_size integer NOT NULL, p_container char(10) NOT NULL, p_retailprice numeric(15,2) NOT NULL, p_comment varchar(23) NOT NULL, PRIMARY KEY (p_partkey)',
      'DISTKEY (p_partkey) SORTKEY (p_partkey)',
    ),
    partsupp: table(
      'partsupp',
      'ps_partkey bigint NOT NULL, ps_suppkey integer NOT NULL, ps_availqty integer NOT NULL, ps_supplycost numeric(15,2) NOT NULL, ps_comment varchar(199) NOT NULL, PRIMARY KEY (ps_partkey, ps_suppkey)',
      'DISTKEY (ps_partkey) SORTKEY (ps_partkey)',
    ),
    orders: table(
      'orders',
      'o_orderkey bigint NOT NULL, o_custkey bigint NOT NULL, o_orderstatus char(1) NOT NULL, o_totalprice numeric(15,2) NOT NULL, o_orderdate date NOT NULL, o_orderpriority char(15) NOT NULL, o_clerk char(15) NOT NULL, o_shippriority integer NOT NULL, o_comment varchar(79) NOT NULL, PRIMARY KEY (o_orderkey)',
      'DISTKEY (o_orderkey) SORTKEY (o_orderdate, o_orderkey)',
    ),
    lineitem: table(
      'lineitem',
      'l_orderkey bigint NOT NULL, l_partkey bigint NOT NULL, l_suppkey integer NOT NULL, l_linenumber integer NOT NULL, l_quantity numeric(15,2) NOT NULL, l_extendedprice numeric(15,2) NOT NULL, l_discount numeric(15,2) NOT NULL, l_tax numeric(15,2) NOT NULL, l_returnflag char(1) NOT NULL, l_linestatus char(1) NOT NULL, l_shipdate date NOT NULL, l_commitdate date NOT NULL, l_receiptdate date NOT NULL, l_shipinstruct char(25) NOT NULL, l_shipmode char(10) NOT NULL, l_comment varchar(44) NOT NULL, PRIMARY KEY (l_orderkey, l_linenumber)',
      'DISTKEY (l_orderkey) SORTKEY (l_shipdate, l_orderkey)',
    ),
  };
}

/** The same tables as a SnowConvert deployment leaves them in Snowflake: its type names, no keys but the primary ones. */
export function tpchSnowflakeDdl(schema: string): Record<TpchTable, string> {
  const ddl = tpchRedshiftDdl(schema);
  const convert = (text: string): string =>
    text
      .slice(0, text.lastIndexOf(')', text.search(/ (DISTKEY|DISTSTYLE) /)) + 1)
      .replace('CREATE TABLE', 'CREATE TABLE IF NOT EXISTS')
      .replaceAll('numeric(', 'NUMBER(');
  return Object.fromEntries(Object.entries(ddl).map(([name, text]) => [name, convert(text)])) as Record<
    TpchTable,
    string
  >;
}
