import type { TableRef } from '#shared/model/table';
import { quoteLiteral } from './quoting.ts';

/**
 * Catalog SQL. PG_* tables are read on the leader node only and cannot be joined with SVV_TABLE_INFO, which reads STV tables, so each statement keeps to
 * one of the two worlds and the results are put together here: https://docs.aws.amazon.com/redshift/latest/dg/c_join_PG.html
 */
const USER_SCHEMA = `n.nspname NOT IN ('information_schema', 'catalog_history', 'padb_harvest') AND SUBSTRING(n.nspname, 1, 3) <> 'pg_'`;
/** Tables, views, and PostgreSQL's materialized views, partitioned and foreign tables. */
const RELATION_KINDS = `c.relkind IN ('r', 'v', 'm', 'p', 'f')`;

export const DATABASES = `SELECT datname FROM pg_catalog.pg_database WHERE datname NOT IN ('template0', 'template1', 'padb_harvest', 'sys:internal') ORDER BY datname`;

/** schema, name, kind, rows as ANALYZE counted them. */
export const RELATIONS = `SELECT n.nspname, c.relname, c.relkind, c.reltuples FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE ${RELATION_KINDS} AND ${USER_SCHEMA} AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')`;

/** schema, name, type without sizes, number of columns of that type. */
export const TYPES_BY_TABLE = `SELECT n.nspname, c.relname, format_type(a.atttypid, NULL), COUNT(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid WHERE ${RELATION_KINDS} AND ${USER_SCHEMA} AND a.attnum > 0 AND NOT a.attisdropped GROUP BY 1, 2, 3`;

/** schema, name, type, number of columns: late-binding views have no rows in PG_ATTRIBUTE. */
export const LATE_BINDING_TYPES = `SELECT view_schema, view_name, col_type, COUNT(*) FROM pg_get_late_binding_view_cols() cols(view_schema name, view_name name, col_name name, col_type varchar, col_num int) GROUP BY 1, 2, 3`;

/** schema, name, type, number of columns of tables in external schemas. */
export const EXTERNAL_TYPES = `SELECT schemaname, tablename, external_type, COUNT(*) FROM svv_external_columns GROUP BY 1, 2, 3`;

/** schema and name. Redshift shows materialized views as views. */
export const MATERIALIZED_VIEWS = `SELECT schema_name, name FROM svv_mv_info`;

const INFO_COLUMNS = `"schema", "table", tbl_rows, estimated_visible_rows, size, sortkey1, diststyle`;

/**
 * schema, name, rows, rows not marked for deletion, size in blocks of 1 MB, first sort column, distribution.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_TABLE_INFO.html
 */
export function tableInfo(tables: TableRef[] | null): string {
  return `SELECT ${INFO_COLUMNS} FROM svv_table_info${tables === null ? '' : ` WHERE ${tableFilter('"schema"', '"table"', tables)}`}`;
}

const COLUMN_SOURCE = `FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE ${RELATION_KINDS} AND a.attnum > 0 AND NOT a.attisdropped`;
const COLUMN_FIELDS = `n.nspname, c.relname, c.relkind, c.reltuples, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid)`;

/** The fields of COLUMN_FIELDS, then sort position (negative when interleaved), distribution key. Redshift's PG_ATTRIBUTE alone has the last two. */
export function redshiftColumns(tables: TableRef[]): string {
  return `SELECT ${COLUMN_FIELDS}, a.attsortkeyord, a.attisdistkey ${COLUMN_SOURCE} AND (${tableFilter('n.nspname', 'c.relname', tables)}) ORDER BY 1, 2, 5`;
}

/** The fields of COLUMN_FIELDS, then identity and generated marks of PostgreSQL. */
export function postgresColumns(tables: TableRef[]): string {
  return `SELECT ${COLUMN_FIELDS}, a.attidentity, a.attgenerated ${COLUMN_SOURCE} AND (${tableFilter('n.nspname', 'c.relname', tables)}) ORDER BY 1, 2, 5`;
}

/** schema, name, `p` or `u`, column numbers as `{1,2}`. */
export function keys(tables: TableRef[]): string {
  return `SELECT n.nspname, c.relname, con.contype, con.conkey FROM pg_catalog.pg_constraint con JOIN pg_catalog.pg_class c ON c.oid = con.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE con.contype IN ('p', 'u') AND (${tableFilter('n.nspname', 'c.relname', tables)}) ORDER BY 1, 2, con.conname`;
}

/** Columns of views that bind late and of external tables: schema, name, position, column, type, length, precision, scale, nullable, default. */
export function svvColumns(tables: TableRef[]): string {
  return `SELECT table_schema, table_name, ordinal_position, column_name, data_type, character_maximum_length, numeric_precision, numeric_scale, is_nullable, column_default FROM svv_columns WHERE ${tableFilter('table_schema', 'table_name', tables)} ORDER BY 1, 2, 3`;
}

/** `(<schema> = 'a' AND <name> IN ('x', 'y')) OR (...)`. */
export function tableFilter(schemaColumn: string, nameColumn: string, tables: TableRef[]): string {
  const bySchema = new Map<string, string[]>();
  for (const { schema, name } of tables) bySchema.set(schema, [...(bySchema.get(schema) ?? []), name]);
  return [...bySchema]
    .map(
      ([schema, names]) =>
        `(${schemaColumn} = ${quoteLiteral(schema)} AND ${nameColumn} IN (${names.map(quoteLiteral).join(', ')}))`,
    )
    .join(' OR ');
}

/** Number of schemas, number of those that the user may use. */
export const SCHEMA_RIGHTS = `SELECT COUNT(*), SUM(CASE WHEN has_schema_privilege(n.oid, 'USAGE') THEN 1 ELSE 0 END) FROM pg_catalog.pg_namespace n WHERE ${USER_SCHEMA}`;

/** Number of tables and views in usable schemas, number of those that the user may read. */
export const TABLE_RIGHTS = `SELECT COUNT(*), SUM(CASE WHEN has_table_privilege(c.oid, 'SELECT') THEN 1 ELSE 0 END) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE ${RELATION_KINDS} AND ${USER_SCHEMA} AND has_schema_privilege(n.oid, 'USAGE')`;
