/**
 * Redshift's system views over PostgreSQL's catalog, with the columns of the pages named at each group. All of them are in pg_catalog,
 * as Redshift's are, so unqualified names find them.
 */

/** What the views have in common: user tables and views with what the session may see, and their columns with Redshift's attributes. */
const SHARED_VIEWS = `
CREATE FUNCTION pg_catalog.redshift_format_type(oid, integer) RETURNS text LANGUAGE internal STABLE AS 'format_type';
CREATE OR REPLACE FUNCTION pg_catalog.format_type(oid, integer) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN $1 = 'pg_catalog.varbyte'::regtype::oid THEN 'binary varying' || coalesce('(' || ($2 - 4)::text || ')', '')
    ELSE redshift_format_type($1, $2) END $$;
;;
CREATE VIEW pg_catalog.redshift_relation AS
  SELECT current_database() AS database_name, n.nspname AS schema_name, c.relname AS table_name, c.oid AS table_id, c.relkind, c.relowner,
    c.relacl, c.relnatts, c.reltuples, c.relpages, obj_description(c.oid, 'pg_class') AS remarks, coalesce(t.attributes, '{}') AS attributes,
    coalesce(t.is_late_binding, false) AS is_late_binding, t.created_at
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN redshift_table_attributes t ON t.table_id = c.oid
  WHERE c.relkind IN ('r', 'v', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND n.nspname NOT LIKE 'pg\\_%';
CREATE VIEW pg_catalog.redshift_visible_relation AS
  SELECT * FROM pg_catalog.redshift_relation r WHERE has_schema_privilege(r.schema_name, 'USAGE')
    AND (pg_has_role(r.relowner, 'USAGE') OR has_table_privilege(r.table_id, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES'));
CREATE VIEW pg_catalog.redshift_column AS
  SELECT r.*, a.attname AS column_name, a.attnum AS ordinal_position, pg_get_expr(d.adbin, d.adrelid) AS column_default,
    CASE WHEN a.attnotnull THEN 'NO' ELSE 'YES' END AS is_nullable, a.attnotnull, format_type(a.atttypid, a.atttypmod) AS full_type,
    format_type(a.atttypid, NULL) AS data_type, a.attacl, col_description(r.table_id, a.attnum) AS column_remarks,
    CASE WHEN a.atttypid = 'pg_catalog.varbyte'::regtype AND a.atttypmod >= 4 THEN a.atttypmod - 4
      ELSE information_schema._pg_char_max_length(a.atttypid, a.atttypmod)::integer END AS character_maximum_length,
    information_schema._pg_numeric_precision(a.atttypid, a.atttypmod)::integer AS numeric_precision,
    information_schema._pg_numeric_precision_radix(a.atttypid, a.atttypmod)::integer AS numeric_precision_radix,
    information_schema._pg_numeric_scale(a.atttypid, a.atttypmod)::integer AS numeric_scale,
    information_schema._pg_datetime_precision(a.atttypid, a.atttypmod)::integer AS datetime_precision,
    coalesce(r.attributes -> 'encodings' ->> a.attname, CASE
      WHEN r.relkind <> 'r' OR r.attributes -> 'sortKeys' ? a.attname::text THEN 'none'
      WHEN a.atttypid IN (16, 700, 701) OR format_type(a.atttypid, NULL) IN ('super', 'geometry', 'geography', 'hllsketch') THEN 'none'
      WHEN a.atttypid IN (20, 21, 23, 1700, 1082, 1114, 1184, 1083, 1266) THEN 'az64' ELSE 'lzo' END) AS encoding,
    coalesce(r.attributes ->> 'distKey' = a.attname, false) AS is_distkey,
    coalesce((SELECT CASE WHEN r.attributes ->> 'sortStyle' = 'INTERLEAVED' AND k.ordinality % 2 = 0 THEN -k.ordinality ELSE k.ordinality END
      FROM jsonb_array_elements_text(r.attributes -> 'sortKeys') WITH ORDINALITY AS k(name, ordinality)
      WHERE k.name = a.attname), 0)::integer AS sort_position
  FROM pg_catalog.redshift_relation r JOIN pg_attribute a ON a.attrelid = r.table_id LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attnum > 0 AND NOT a.attisdropped;
CREATE VIEW pg_catalog.redshift_visible_column AS
  SELECT c.* FROM pg_catalog.redshift_column c WHERE has_schema_privilege(c.schema_name, 'USAGE')
    AND (pg_has_role(c.relowner, 'USAGE') OR has_column_privilege(c.table_id, c.ordinal_position, 'SELECT, INSERT, UPDATE, REFERENCES'));
CREATE FUNCTION pg_catalog.redshift_row_count(relation oid, pages integer, tuples real) RETURNS numeric LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
DECLARE result numeric;
BEGIN
  -- Large tables are counted by ANALYZE only.
  IF tuples >= 0 AND pages > 20000 THEN RETURN tuples::numeric; END IF;
  EXECUTE 'SELECT count(*) FROM ' || relation::regclass INTO result;
  RETURN result;
END $$;
CREATE FUNCTION pg_catalog.redshift_dist_style(attributes jsonb, row_count numeric) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE attributes ->> 'distStyle'
    WHEN 'KEY' THEN 'KEY(' || (attributes ->> 'distKey') || ')' WHEN 'ALL' THEN 'ALL' WHEN 'EVEN' THEN 'EVEN'
    ELSE CASE WHEN row_count < 100000 THEN 'AUTO(ALL)' ELSE 'AUTO(EVEN)' END END $$;
CREATE FUNCTION pg_catalog.redshift_is_superuser() RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT rolsuper FROM pg_roles WHERE rolname = current_user $$;
`;

/** https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_TABLE_INFO.html: no empty tables, superusers only. */
const TABLE_INFO = `
CREATE VIEW pg_catalog.svv_table_info AS
  SELECT r.database_name::text AS "database", r.schema_name::text AS "schema", r.table_id, r.table_name::text AS "table",
    CASE WHEN EXISTS (SELECT 1 FROM redshift_column c WHERE c.table_id = r.table_id AND c.encoding <> 'none') THEN 'Y, AUTO(ENCODE)' ELSE 'N' END AS encoded,
    redshift_dist_style(r.attributes, n.row_count) AS diststyle,
    CASE WHEN r.attributes ->> 'sortStyle' = 'INTERLEAVED' THEN 'INTERLEAVED'
      ELSE coalesce(r.attributes -> 'sortKeys' ->> 0, 'AUTO(SORTKEY)') END AS sortkey1,
    (SELECT coalesce(max(c.character_maximum_length), 0) FROM redshift_column c WHERE c.table_id = r.table_id AND c.data_type = 'character varying')::integer AS max_varchar,
    (SELECT c.encoding FROM redshift_column c WHERE c.table_id = r.table_id AND c.column_name::text = r.attributes -> 'sortKeys' ->> 0) AS sortkey1_enc,
    coalesce(jsonb_array_length(r.attributes -> 'sortKeys'), 0) AS sortkey_num,
    s.blocks AS size, round(s.blocks / 160000.0 * 100, 4) AS pct_used, 0::bigint AS empty,
    CASE WHEN coalesce(jsonb_array_length(r.attributes -> 'sortKeys'), 0) > 0 THEN 0.00::numeric(5,2) END AS unsorted,
    CASE WHEN r.reltuples < 0 THEN 100.00 ELSE 0.00 END::numeric(5,2) AS stats_off,
    n.row_count::numeric(38,0) AS tbl_rows,
    CASE WHEN coalesce(jsonb_array_length(r.attributes -> 'sortKeys'), 0) > 0 THEN 1.00::numeric(19,2) END AS skew_sortkey1,
    CASE WHEN redshift_dist_style(r.attributes, n.row_count) LIKE 'KEY%' THEN 1.00::numeric(19,2) END AS skew_rows,
    n.row_count::numeric(38,0) AS estimated_visible_rows, NULL::text AS risk_event, NULL::numeric(12,2) AS vacuum_sort_benefit,
    r.created_at AS create_time
  FROM redshift_relation r
    CROSS JOIN LATERAL (SELECT redshift_row_count(r.table_id, r.relpages, r.reltuples) AS row_count) n
    CROSS JOIN LATERAL (SELECT greatest((r.relnatts + 3) * (SELECT count(*) FROM redshift_slice), ceil(pg_table_size(r.table_id) / 1048576.0))::bigint AS blocks) s
  WHERE r.relkind = 'r' AND n.row_count > 0;
CREATE VIEW pg_catalog.svv_diskusage AS
  SELECT "database" AS db_id, "table" AS name, s.slice, 0 AS col, table_id AS tbl, 0 AS blocknum, size AS num_values
  FROM svv_table_info CROSS JOIN redshift_slice s;
`;

/** https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_TABLES.html and its neighbours. */
const TABLES_AND_COLUMNS = `
CREATE VIEW pg_catalog.svv_tables AS
  SELECT database_name::varchar(128) AS table_catalog, schema_name::varchar(128) AS table_schema, table_name::varchar(128) AS table_name,
    CASE relkind WHEN 'r' THEN 'BASE TABLE' ELSE 'VIEW' END::varchar(128) AS table_type, remarks::varchar(256) AS remarks
  FROM redshift_visible_relation;
CREATE VIEW pg_catalog.svv_columns AS
  SELECT database_name::varchar(128) AS table_catalog, schema_name::varchar(128) AS table_schema, table_name::varchar(128) AS table_name,
    column_name::varchar(128) AS column_name, ordinal_position::integer AS ordinal_position, column_default::varchar(4000) AS column_default,
    is_nullable::varchar(3) AS is_nullable, data_type::varchar(128) AS data_type, character_maximum_length, numeric_precision,
    numeric_precision_radix, numeric_scale, datetime_precision, NULL::varchar(128) AS interval_type, NULL::varchar(128) AS interval_precision,
    NULL::varchar(128) AS character_set_catalog, NULL::varchar(128) AS character_set_schema, NULL::varchar(128) AS character_set_name,
    NULL::varchar(128) AS collation_catalog, NULL::varchar(128) AS collation_schema, NULL::varchar(128) AS collation_name,
    NULL::varchar(128) AS domain_name, column_remarks::varchar(256) AS remarks
  FROM redshift_visible_column;
CREATE VIEW pg_catalog.svv_redshift_databases AS
  SELECT d.datname::varchar(128) AS database_name, d.datdba::integer AS database_owner, 'local'::varchar(32) AS database_type,
    d.datacl::text::varchar(128) AS database_acl, NULL::varchar(128) AS database_options, 'Snapshot Isolation'::varchar(128) AS database_isolation_level
  FROM pg_database d WHERE d.datname NOT IN ('template0', 'template1', 'postgres');
CREATE VIEW pg_catalog.svv_redshift_schemas AS
  SELECT current_database()::varchar(128) AS database_name, n.nspname::varchar(128) AS schema_name, n.nspowner::integer AS schema_owner,
    'local'::varchar(128) AS schema_type, n.nspacl::text::varchar(128) AS schema_acl, NULL::varchar(128) AS schema_option
  FROM pg_namespace n WHERE n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp%' AND has_schema_privilege(n.oid, 'USAGE');
CREATE VIEW pg_catalog.svv_redshift_tables AS
  SELECT database_name::varchar(128) AS database_name, schema_name::varchar(128) AS schema_name, table_name::varchar(128) AS table_name,
    CASE relkind WHEN 'r' THEN 'TABLE' ELSE 'VIEW' END::varchar(128) AS table_type, relacl::text::varchar(128) AS table_acl,
    remarks::varchar(128) AS remarks, pg_get_userbyid(relowner)::varchar(128) AS table_owner
  FROM redshift_visible_relation;
CREATE VIEW pg_catalog.svv_redshift_columns AS
  SELECT database_name::varchar(128) AS database_name, schema_name::varchar(128) AS schema_name, table_name::varchar(128) AS table_name,
    column_name::varchar(128) AS column_name, ordinal_position::integer AS ordinal_position, full_type::varchar(32) AS data_type,
    column_default::varchar(4000) AS column_default, is_nullable::varchar(3) AS is_nullable, encoding::varchar(128) AS encoding,
    is_distkey AS distkey, sort_position AS sortkey, attacl::text::varchar(128) AS column_acl, column_remarks::varchar(256) AS remarks
  FROM redshift_visible_column;
CREATE VIEW pg_catalog.svv_all_schemas AS
  SELECT database_name, schema_name, schema_owner, schema_type, schema_acl, NULL::varchar(128) AS source_database, schema_option FROM svv_redshift_schemas;
CREATE VIEW pg_catalog.svv_all_tables AS
  SELECT database_name, schema_name, table_name, table_acl, table_type, remarks, table_owner AS owner FROM svv_redshift_tables;
CREATE VIEW pg_catalog.svv_all_columns AS
  SELECT c.database_name::varchar(128) AS database_name, c.schema_name::varchar(128) AS schema_name, c.table_name::varchar(128) AS table_name,
    c.column_name::varchar(128) AS column_name, c.ordinal_position::integer AS ordinal_position, c.column_default::varchar(4000) AS column_default,
    c.is_nullable::varchar(3) AS is_nullable, c.data_type::varchar(128) AS data_type, c.character_maximum_length, c.numeric_precision,
    c.numeric_scale, c.column_remarks::varchar(256) AS remarks
  FROM redshift_visible_column c;
CREATE VIEW pg_catalog.svv_mv_info AS
  SELECT current_database()::char(128) AS database_name, schemaname::char(128) AS schema_name, matviewowner::char(128) AS user_name,
    matviewname::char(128) AS name, 'f'::char(1) AS is_stale, 1 AS state, 'f'::char(1) AS autorewrite, 'f'::char(1) AS autorefresh FROM pg_matviews;
CREATE VIEW pg_catalog.pg_table_def AS
  SELECT schema_name AS schemaname, table_name AS tablename, column_name AS "column", full_type AS type, encoding, is_distkey AS distkey,
    sort_position AS sortkey, attnotnull AS "notnull"
  FROM redshift_visible_column WHERE relkind = 'r' AND schema_name = ANY (current_schemas(false));
CREATE FUNCTION pg_catalog.pg_get_late_binding_view_cols() RETURNS SETOF record LANGUAGE sql STABLE AS $$
  SELECT schema_name, table_name, column_name, full_type::varchar, ordinal_position::integer FROM redshift_visible_column WHERE is_late_binding $$;
CREATE FUNCTION pg_catalog.pg_get_cols(relation text) RETURNS SETOF record LANGUAGE sql STABLE AS $$
  SELECT schema_name, table_name, column_name, full_type::varchar, ordinal_position::integer FROM redshift_visible_column
  WHERE table_id = relation::regclass $$;
`;

/**
 * PG_ATTRIBUTE and PG_CLASS have columns of Redshift's own, and PG_ATTRDEF shows IDENTITY as a default, as in
 * https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_COLUMNS.html; the proxy puts these views in the place of PostgreSQL's tables (rewrite-sql.ts). */
const PG_TABLES = `
CREATE FUNCTION pg_catalog.pg_get_expr(text, oid) RETURNS text IMMUTABLE LANGUAGE sql AS $$ SELECT $1 $$;
CREATE VIEW pg_catalog.redshift_pg_attrdef AS
  SELECT adrelid, adnum, pg_get_expr(adbin, adrelid) AS adbin, pg_get_expr(adbin, adrelid) AS adsrc FROM pg_catalog.pg_attrdef
  UNION ALL
  SELECT attrelid, attnum, expression, expression FROM (
    SELECT a.attrelid, a.attnum, format('%s(%s, %s, ''%s,%s''::text)', CASE a.attidentity WHEN 'd' THEN 'default_identity' ELSE '"identity"' END,
      a.attrelid::bigint, a.attnum - 1, s.seqstart, s.seqincrement) AS expression
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum AND d.deptype = 'i'
    JOIN pg_catalog.pg_sequence s ON s.seqrelid = d.objid
    WHERE a.attidentity <> '') identities;
CREATE VIEW pg_catalog.redshift_pg_attribute AS
  SELECT a.*, coalesce(c.encoding, 'none') AS attencodingname, coalesce(c.is_distkey, false) AS attisdistkey, coalesce(c.sort_position, 0) AS attsortkeyord
  FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.redshift_column c ON c.table_id = a.attrelid AND c.ordinal_position = a.attnum;
CREATE VIEW pg_catalog.redshift_pg_class AS
  SELECT c.*, CASE t.attributes ->> 'distStyle' WHEN 'EVEN' THEN 0 WHEN 'KEY' THEN 1 WHEN 'ALL' THEN 8 ELSE 9 END AS reldiststyle
  FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.redshift_table_attributes t ON t.table_id = c.oid;
CREATE VIEW pg_catalog.pg_class_info AS
  SELECT c.oid AS reloid, c.relname, c.relnamespace, c.relowner, c.reltuples, c.relkind, c.relnatts, c.reldiststyle,
    CASE WHEN c.reldiststyle = 9 THEN 11 ELSE c.reldiststyle END AS releffectivediststyle, t.created_at AS relcreationtime
  FROM pg_catalog.redshift_pg_class c LEFT JOIN redshift_table_attributes t ON t.table_id = c.oid;
DROP VIEW pg_catalog.pg_user;
CREATE VIEW pg_catalog.pg_user AS
  SELECT rolname AS usename, oid::integer AS usesysid, rolcreatedb AS usecreatedb, rolsuper AS usesuper, false AS usecatupd,
    '********'::text AS passwd, rolvaliduntil::timestamp AS valuntil, rolconfig::text AS useconfig FROM pg_roles WHERE rolcanlogin;
CREATE VIEW pg_catalog.pg_user_info AS
  SELECT usename, usesysid, usecreatedb, usesuper, usecatupd, passwd, valuntil, useconfig, 'UNLIMITED'::text AS useconnlimit,
    CASE WHEN usesuper THEN 'UNRESTRICTED' ELSE 'RESTRICTED' END AS syslogaccess, NULL::timestamp AS last_ddl_ts FROM pg_user;
`;

const EXTERNAL = `
CREATE VIEW pg_catalog.svv_external_schemas AS SELECT 0 AS esoid, 0::smallint AS eskind, ''::name AS schemaname, 0 AS esowner, ''::text AS databasename, ''::text AS esoptions WHERE false;
CREATE VIEW pg_catalog.svv_external_databases AS SELECT 0 AS eskind, ''::text AS esoptions, ''::text AS databasename, ''::text AS location, ''::text AS parameters WHERE false;
CREATE VIEW pg_catalog.svv_external_tables AS
  SELECT ''::text AS redshift_database_name, ''::text AS schemaname, ''::text AS tablename, ''::text AS tabletype, ''::text AS location, ''::text AS input_format,
    ''::text AS output_format, ''::text AS serialization_lib, ''::text AS serde_parameters, 0 AS compressed, ''::text AS parameters WHERE false;
CREATE VIEW pg_catalog.svv_external_columns AS
  SELECT ''::text AS redshift_database_name, ''::text AS schemaname, ''::text AS tablename, ''::text AS columnname, ''::text AS external_type,
    0 AS columnnum, 0 AS part_key, ''::text AS is_nullable WHERE false;
`;

/** https://docs.aws.amazon.com/redshift/latest/dg/serverless_views-monitoring.html and the STL_, STV_ pages: users see their own rows. */
const MONITORING = `
CREATE VIEW pg_catalog.stv_slices AS SELECT node, slice, slice % 2 AS localslice, 'D'::char(1) AS type FROM redshift_slice;
CREATE VIEW pg_catalog.stv_blocklist AS
  SELECT s.slice, 0 AS col, r.table_id::integer AS tbl, 0 AS blocknum, r.reltuples::bigint AS num_values, 0::bigint AS minvalue, 0::bigint AS maxvalue,
    0::smallint AS sb_pos, 1::smallint AS pinned, 1::smallint AS on_disk, 0::smallint AS modified, 1::smallint AS hdr_modified, 0::smallint AS unsorted,
    0::smallint AS tombstone, 0::smallint AS preferred_diskno, 0::smallint AS temporary, 0::smallint AS newblock
  FROM redshift_relation r CROSS JOIN redshift_slice s WHERE r.relkind = 'r';
CREATE VIEW pg_catalog.stv_sessions AS
  SELECT backend_start::timestamp AS starttime, pid AS process, usename::char(50) AS user_name, datname::char(50) AS db_name, 0 AS timeout
  FROM pg_stat_activity WHERE datname IS NOT NULL AND usename <> 'rdsdb' AND (redshift_is_superuser() OR usename = current_user);
CREATE VIEW pg_catalog.stv_recents AS
  SELECT usesysid::integer AS userid, CASE state WHEN 'active' THEN 'Running' ELSE 'Done' END::char(20) AS status, query_start::timestamp AS starttime,
    (extract(epoch FROM clock_timestamp() - query_start) * 1000000)::bigint AS duration, usename::char(50) AS user_name, datname::char(50) AS db_name,
    query::char(600) AS query, pid
  FROM pg_stat_activity WHERE datname IS NOT NULL AND usename <> 'rdsdb' AND (redshift_is_superuser() OR usename = current_user);
CREATE VIEW pg_catalog.stl_unload_log AS
  SELECT user_id AS userid, query_id AS query, slice, session_id AS pid, file_name::char(1280) AS path, start_time, end_time, line_count,
    file_size AS transfer_size, file_format::char(10) AS file_format
  FROM redshift_unload_file WHERE redshift_is_superuser() OR user_id = current_user_id();
CREATE VIEW pg_catalog.sys_unload_history AS
  SELECT user_id, query_id, session_id, transaction_id, database_name, status, start_time, end_time, duration, file_format, compression, unloaded_location,
    unloaded_rows, unloaded_files_count, unloaded_files_size, error_message
  FROM redshift_unload WHERE redshift_is_superuser() OR user_id = current_user_id();
CREATE VIEW pg_catalog.sys_unload_detail AS
  SELECT user_id, query_id, session_id, start_time, end_time, (extract(epoch FROM end_time - start_time) * 1000000)::bigint AS duration, file_name,
    line_count AS unloaded_rows, file_size AS unloaded_bytes, file_format
  FROM redshift_unload_file WHERE redshift_is_superuser() OR user_id = current_user_id();
;;
DO $$
DECLARE view_name text;
BEGIN
  FOR view_name IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'v'
    AND c.relname <> 'svv_table_info' AND c.relname <> 'svv_diskusage'
    AND (c.relname LIKE 'svv%' OR c.relname LIKE 'stv%' OR c.relname LIKE 'stl%' OR c.relname LIKE 'sys\\_%' OR c.relname LIKE 'redshift%'
      OR c.relname IN ('pg_user', 'pg_user_info', 'pg_table_def', 'pg_class_info')) LOOP
    EXECUTE format('GRANT SELECT ON pg_catalog.%I TO PUBLIC', view_name);
  END LOOP;
END $$;
`;

export const catalogViews = [SHARED_VIEWS, TABLE_INFO, TABLES_AND_COLUMNS, PG_TABLES, EXTERNAL, MONITORING].join(
  '\n;;\n',
);
