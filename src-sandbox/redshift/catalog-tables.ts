/** Tables of the stand-in's own, and the event trigger that keeps what CREATE TABLE said beyond PostgreSQL (rewrite-create-table.ts); it also lets the role of reading users read. */
export const catalogTables = `
CREATE ROLE practice_readers NOLOGIN;
CREATE TABLE pg_catalog.redshift_slice (slice integer PRIMARY KEY, node integer NOT NULL);
GRANT SELECT ON pg_catalog.redshift_slice TO PUBLIC;
CREATE TABLE pg_catalog.redshift_table_attributes (
  table_id oid PRIMARY KEY,
  attributes jsonb NOT NULL,
  is_late_binding boolean NOT NULL DEFAULT false,
  created_at timestamp NOT NULL DEFAULT now()
);
GRANT SELECT ON pg_catalog.redshift_table_attributes TO PUBLIC;
CREATE TABLE pg_catalog.redshift_unload (
  user_id integer NOT NULL, query_id bigint NOT NULL, session_id integer NOT NULL, transaction_id bigint NOT NULL, database_name text NOT NULL,
  status text NOT NULL, start_time timestamp NOT NULL, end_time timestamp NOT NULL, duration bigint NOT NULL, file_format text NOT NULL,
  compression text NOT NULL, unloaded_location text NOT NULL, unloaded_rows bigint NOT NULL, unloaded_files_count bigint NOT NULL,
  unloaded_files_size bigint NOT NULL, error_message text NOT NULL
);
CREATE TABLE pg_catalog.redshift_unload_file (
  user_id integer NOT NULL, query_id bigint NOT NULL, session_id integer NOT NULL, slice integer NOT NULL, file_name text NOT NULL,
  start_time timestamp NOT NULL, end_time timestamp NOT NULL, line_count bigint NOT NULL, file_size bigint NOT NULL, file_format text NOT NULL
);
;;
CREATE FUNCTION pg_catalog.redshift_keep_attributes() RETURNS event_trigger SECURITY DEFINER LANGUAGE plpgsql
  SET standard_conforming_strings = on SET search_path = pg_catalog AS $$
DECLARE
  command record;
  marker text := substring(current_query() FROM '/\\*redshift:([A-Za-z0-9+/=]+)\\*/');
  late_binding boolean := current_query() LIKE '%/*redshift-late-binding*/%';
BEGIN
  FOR command IN SELECT objid, object_identity FROM pg_event_trigger_ddl_commands() WHERE object_type IN ('table', 'view') LOOP
    INSERT INTO pg_catalog.redshift_table_attributes (table_id, attributes, is_late_binding)
    VALUES (command.objid, coalesce(convert_from(decode(marker, 'base64'), 'UTF8')::jsonb, '{}'), late_binding)
    ON CONFLICT (table_id) DO UPDATE SET attributes = excluded.attributes, is_late_binding = excluded.is_late_binding;
    EXECUTE format('GRANT SELECT ON %s TO practice_readers', command.object_identity);
  END LOOP;
  FOR command IN SELECT object_identity FROM pg_event_trigger_ddl_commands() WHERE object_type = 'schema' LOOP
    EXECUTE format('GRANT USAGE ON SCHEMA %s TO practice_readers', command.object_identity);
  END LOOP;
END $$;
`;

/** Made last: the catalog's own tables and views are none of its business. */
export const catalogTrigger = `
CREATE EVENT TRIGGER redshift_keep_attributes ON ddl_command_end
  WHEN TAG IN ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'CREATE VIEW', 'CREATE SCHEMA') EXECUTE FUNCTION pg_catalog.redshift_keep_attributes();
`;
