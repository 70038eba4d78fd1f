/** Redshift's functions that PostgreSQL lacks or answers otherwise. https://docs.aws.amazon.com/redshift/latest/dg/c_SQL_functions.html */
export const catalogFunctions = `
CREATE OR REPLACE FUNCTION pg_catalog.version() RETURNS text LANGUAGE sql STABLE AS
  $$ SELECT 'PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0.54052'::text $$;
CREATE FUNCTION pg_catalog.redshift_abort() RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'aborted'; END $$;
CREATE FUNCTION pg_catalog.pg_last_query_id() RETURNS integer LANGUAGE sql AS $$ SELECT -1 $$;
CREATE FUNCTION pg_catalog.pg_last_query_id(integer) RETURNS integer LANGUAGE sql AS $$ SELECT $1 $$;
CREATE FUNCTION pg_catalog.pg_last_unload_count() RETURNS bigint LANGUAGE sql AS $$ SELECT 0::bigint $$;
CREATE FUNCTION pg_catalog.pg_last_unload_count(bigint) RETURNS bigint LANGUAGE sql AS $$ SELECT $1 $$;
CREATE FUNCTION pg_catalog.pg_last_unload_id() RETURNS bigint LANGUAGE sql AS $$ SELECT -1::bigint $$;
CREATE FUNCTION pg_catalog.pg_last_unload_id(bigint) RETURNS bigint LANGUAGE sql AS $$ SELECT $1 $$;
CREATE FUNCTION pg_catalog.pg_last_copy_count() RETURNS bigint LANGUAGE sql AS $$ SELECT 0::bigint $$;
CREATE FUNCTION pg_catalog.pg_last_copy_id() RETURNS bigint LANGUAGE sql AS $$ SELECT -1::bigint $$;
CREATE FUNCTION pg_catalog.current_user_id() RETURNS integer LANGUAGE sql STABLE AS $$ SELECT usesysid::integer FROM pg_user WHERE usename = current_user $$;

CREATE FUNCTION pg_catalog.getdate() RETURNS timestamp LANGUAGE sql STABLE AS $$ SELECT date_trunc('second', now() AT TIME ZONE 'UTC') $$;
CREATE FUNCTION pg_catalog.sysdate() RETURNS timestamp LANGUAGE sql STABLE AS $$ SELECT now() AT TIME ZONE 'UTC' $$;
CREATE FUNCTION pg_catalog.convert_timezone(source text, target text, at timestamp) RETURNS timestamp LANGUAGE sql STABLE STRICT
  AS $$ SELECT (at AT TIME ZONE source) AT TIME ZONE target $$;
CREATE FUNCTION pg_catalog.convert_timezone(target text, at timestamp) RETURNS timestamp LANGUAGE sql STABLE STRICT
  AS $$ SELECT (at AT TIME ZONE 'UTC') AT TIME ZONE target $$;
CREATE FUNCTION pg_catalog.redshift_date_part_unit(part text) RETURNS text IMMUTABLE LANGUAGE sql AS $$
  SELECT CASE lower(part)
    WHEN 'y' THEN 'year' WHEN 'yr' THEN 'year' WHEN 'yrs' THEN 'year' WHEN 'years' THEN 'year'
    WHEN 'qtr' THEN 'quarter' WHEN 'qtrs' THEN 'quarter' WHEN 'quarters' THEN 'quarter'
    WHEN 'mon' THEN 'month' WHEN 'mons' THEN 'month' WHEN 'months' THEN 'month'
    WHEN 'w' THEN 'week' WHEN 'weeks' THEN 'week' WHEN 'd' THEN 'day' WHEN 'days' THEN 'day'
    WHEN 'h' THEN 'hour' WHEN 'hr' THEN 'hour' WHEN 'hrs' THEN 'hour' WHEN 'hours' THEN 'hour'
    WHEN 'm' THEN 'minute' WHEN 'min' THEN 'minute' WHEN 'mins' THEN 'minute' WHEN 'minutes' THEN 'minute'
    WHEN 's' THEN 'second' WHEN 'sec' THEN 'second' WHEN 'secs' THEN 'second' WHEN 'seconds' THEN 'second'
    WHEN 'ms' THEN 'millisecond' WHEN 'msec' THEN 'millisecond' WHEN 'msecs' THEN 'millisecond' WHEN 'milliseconds' THEN 'millisecond'
    WHEN 'us' THEN 'microsecond' WHEN 'usec' THEN 'microsecond' WHEN 'usecs' THEN 'microsecond' WHEN 'microseconds' THEN 'microsecond'
    ELSE lower(part) END $$;
CREATE FUNCTION pg_catalog.redshift_unit_number(unit text, at timestamp) RETURNS bigint IMMUTABLE LANGUAGE plpgsql AS $$
DECLARE days bigint := at::date - date '2000-01-02';
  micros bigint := (extract(epoch FROM at) * 1000000)::bigint;
BEGIN
  RETURN CASE unit
    WHEN 'year' THEN extract(year FROM at)::bigint
    WHEN 'quarter' THEN extract(year FROM at)::bigint * 4 + extract(quarter FROM at)::bigint
    WHEN 'month' THEN extract(year FROM at)::bigint * 12 + extract(month FROM at)::bigint
    WHEN 'week' THEN floor(days / 7.0)::bigint
    WHEN 'day' THEN days
    WHEN 'hour' THEN floor(micros / 3600000000.0)::bigint
    WHEN 'minute' THEN floor(micros / 60000000.0)::bigint
    WHEN 'second' THEN floor(micros / 1000000.0)::bigint
    WHEN 'millisecond' THEN floor(micros / 1000.0)::bigint
    WHEN 'microsecond' THEN micros
  END;
END $$;
CREATE FUNCTION pg_catalog.datediff(part text, from_time timestamp, to_time timestamp) RETURNS bigint IMMUTABLE STRICT LANGUAGE plpgsql AS $$
DECLARE unit text := redshift_date_part_unit(part);
  difference bigint := redshift_unit_number(unit, to_time) - redshift_unit_number(unit, from_time);
BEGIN
  IF difference IS NULL THEN RAISE EXCEPTION 'invalid datepart "%" for DATEDIFF', part USING ERRCODE = '22023'; END IF;
  RETURN difference;
END $$;
CREATE FUNCTION pg_catalog.date_diff(part text, from_time timestamp, to_time timestamp) RETURNS bigint IMMUTABLE STRICT LANGUAGE sql
  AS $$ SELECT datediff(part, from_time, to_time) $$;
CREATE FUNCTION pg_catalog.dateadd(part text, amount bigint, at timestamp) RETURNS timestamp IMMUTABLE STRICT LANGUAGE plpgsql AS $$
DECLARE unit text := redshift_date_part_unit(part);
BEGIN
  RETURN CASE unit
    WHEN 'year' THEN at + amount * interval '1 year'
    WHEN 'quarter' THEN at + amount * interval '3 months'
    WHEN 'month' THEN at + amount * interval '1 month'
    ELSE at + (amount || ' ' || unit)::interval END;
END $$;

CREATE FUNCTION pg_catalog.len(text) RETURNS integer IMMUTABLE STRICT LANGUAGE sql AS $$ SELECT length($1) $$;
CREATE FUNCTION pg_catalog.len(varbyte) RETURNS integer IMMUTABLE STRICT LANGUAGE sql AS $$ SELECT octet_length($1::bytea) $$;
CREATE FUNCTION pg_catalog.length(varbyte) RETURNS integer IMMUTABLE STRICT LANGUAGE sql AS $$ SELECT octet_length($1::bytea) $$;
CREATE FUNCTION pg_catalog.octet_length(varbyte) RETURNS integer IMMUTABLE STRICT LANGUAGE sql AS $$ SELECT octet_length($1::bytea) $$;
CREATE FUNCTION pg_catalog.charindex(needle text, hay text) RETURNS integer IMMUTABLE STRICT LANGUAGE sql AS $$ SELECT strpos(hay, needle) $$;
CREATE FUNCTION pg_catalog.redshift_digest(bytea, text) RETURNS bytea IMMUTABLE STRICT LANGUAGE c AS '$libdir/pgcrypto', 'pg_digest';
CREATE FUNCTION pg_catalog.func_sha1(text) RETURNS text IMMUTABLE STRICT LANGUAGE sql AS $$ SELECT encode(redshift_digest(convert_to($1, 'UTF8'), 'sha1'), 'hex') $$;
CREATE FUNCTION pg_catalog.sha1(text) RETURNS text IMMUTABLE STRICT LANGUAGE sql AS $$ SELECT func_sha1($1) $$;
CREATE FUNCTION pg_catalog.sha(text) RETURNS text IMMUTABLE STRICT LANGUAGE sql AS $$ SELECT func_sha1($1) $$;
CREATE FUNCTION pg_catalog.sha2(value text, bits integer) RETURNS text IMMUTABLE STRICT LANGUAGE plpgsql AS $$
BEGIN
  IF bits NOT IN (0, 224, 256, 384, 512) THEN RAISE EXCEPTION 'Invalid SHA2 bits argument: %', bits USING ERRCODE = '22023'; END IF;
  RETURN encode(redshift_digest(convert_to(value, 'UTF8'), 'sha' || CASE bits WHEN 0 THEN 256 ELSE bits END), 'hex');
END $$;
CREATE FUNCTION pg_catalog.strtol(value text, base integer) RETURNS bigint IMMUTABLE STRICT LANGUAGE plpgsql AS $$
DECLARE
  digits text := lower(ltrim(value));
  sign integer := 1;
  result numeric := 0;
  digit integer;
BEGIN
  IF base < 2 OR base > 36 THEN RAISE EXCEPTION 'The input base % is not in the range 2..36', base USING ERRCODE = '22023'; END IF;
  IF left(digits, 1) IN ('-', '+') THEN sign := CASE left(digits, 1) WHEN '-' THEN -1 ELSE 1 END; digits := substr(digits, 2); END IF;
  IF base = 16 AND left(digits, 2) = '0x' THEN digits := substr(digits, 3); END IF;
  FOR i IN 1 .. length(digits) LOOP
    digit := strpos('0123456789abcdefghijklmnopqrstuvwxyz', substr(digits, i, 1)) - 1;
    IF digit < 0 OR digit >= base THEN
      RAISE EXCEPTION 'The input % is not valid to be converted to base %', value, base USING ERRCODE = '22023';
    END IF;
    result := result * base + digit;
  END LOOP;
  RETURN (sign * result)::bigint;
END $$;
CREATE FUNCTION pg_catalog.redshift_fnv(bytes bytea, seed bigint) RETURNS bigint IMMUTABLE STRICT LANGUAGE plpgsql AS $$
DECLARE
  modulus numeric := 18446744073709551616;
  hash numeric := CASE WHEN seed < 0 THEN seed + modulus ELSE seed END;
  low integer;
BEGIN
  FOR i IN 0 .. octet_length(bytes) - 1 LOOP
    low := mod(hash, 256)::integer;
    hash := hash - low + (low # get_byte(bytes, i));
    hash := mod(hash * 1099511628211, modulus);
  END LOOP;
  RETURN CASE WHEN hash >= modulus / 2 THEN hash - modulus ELSE hash END::bigint;
END $$;
CREATE FUNCTION pg_catalog.redshift_little_endian(bytes bytea) RETURNS bytea IMMUTABLE STRICT LANGUAGE plpgsql AS $$
DECLARE result bytea := ''::bytea;
BEGIN
  FOR i IN REVERSE octet_length(bytes) - 1 .. 0 LOOP result := result || substring(bytes FROM i + 1 FOR 1); END LOOP;
  RETURN result;
END $$;
CREATE FUNCTION pg_catalog.fnv_hash(value text, seed bigint DEFAULT -3750763034362895579) RETURNS bigint IMMUTABLE LANGUAGE sql
  AS $$ SELECT CASE WHEN value IS NULL THEN seed ELSE redshift_fnv(convert_to(value, 'UTF8'), seed) END $$;
CREATE FUNCTION pg_catalog.fnv_hash(value integer, seed bigint DEFAULT -3750763034362895579) RETURNS bigint IMMUTABLE LANGUAGE sql
  AS $$ SELECT CASE WHEN value IS NULL THEN seed ELSE redshift_fnv(redshift_little_endian(int4send(value)), seed) END $$;
CREATE FUNCTION pg_catalog.fnv_hash(value bigint, seed bigint DEFAULT -3750763034362895579) RETURNS bigint IMMUTABLE LANGUAGE sql
  AS $$ SELECT CASE WHEN value IS NULL THEN seed ELSE redshift_fnv(redshift_little_endian(int8send(value)), seed) END $$;
CREATE FUNCTION pg_catalog.fnv_hash(value smallint, seed bigint DEFAULT -3750763034362895579) RETURNS bigint IMMUTABLE LANGUAGE sql
  AS $$ SELECT CASE WHEN value IS NULL THEN seed ELSE redshift_fnv(redshift_little_endian(int2send(value)), seed) END $$;

CREATE FUNCTION pg_catalog.redshift_compact_json(text) RETURNS text IMMUTABLE STRICT LANGUAGE sql
  AS $$ SELECT regexp_replace($1, E'("(?:[^"\\\\\\\\]|\\\\\\\\.)*")|[ \\t\\n\\r]+', E'\\\\1', 'g') $$;
CREATE FUNCTION pg_catalog.json_parse(text) RETURNS super IMMUTABLE STRICT LANGUAGE sql AS $$ SELECT redshift_compact_json($1)::json::super $$;
CREATE FUNCTION pg_catalog.json_serialize(super) RETURNS text IMMUTABLE STRICT LANGUAGE sql AS $$ SELECT redshift_compact_json($1::json::text) $$;
CREATE FUNCTION pg_catalog.json_size(super) RETURNS integer IMMUTABLE STRICT LANGUAGE sql AS $$ SELECT octet_length(pg_catalog.json_serialize($1)) $$;
CREATE FUNCTION pg_catalog.json_typeof(super) RETURNS text IMMUTABLE STRICT LANGUAGE sql AS $$ SELECT json_typeof($1::json) $$;
CREATE FUNCTION pg_catalog.can_json_parse(text) RETURNS boolean IMMUTABLE STRICT LANGUAGE sql AS $$ SELECT $1 IS JSON $$;
CREATE FUNCTION pg_catalog.is_valid_json(text) RETURNS boolean IMMUTABLE STRICT LANGUAGE sql AS $$ SELECT $1 IS JSON OBJECT $$;

CREATE FUNCTION pg_catalog.from_varbyte(value varbyte, format text) RETURNS text IMMUTABLE STRICT LANGUAGE plpgsql AS $$
BEGIN
  CASE lower(format)
    WHEN 'hex' THEN RETURN encode(value::bytea, 'hex');
    WHEN 'base64' THEN RETURN replace(encode(value::bytea, 'base64'), E'\\n', '');
    WHEN 'utf8', 'utf-8' THEN RETURN convert_from(value::bytea, 'UTF8');
    ELSE RAISE EXCEPTION 'Invalid format: %', format USING ERRCODE = '22023';
  END CASE;
END $$;
CREATE FUNCTION pg_catalog.to_varbyte(value text, format text) RETURNS varbyte IMMUTABLE STRICT LANGUAGE plpgsql AS $$
BEGIN
  CASE lower(format)
    WHEN 'hex' THEN RETURN decode(value, 'hex')::varbyte;
    WHEN 'base64' THEN RETURN decode(value, 'base64')::varbyte;
    WHEN 'utf8', 'utf-8' THEN RETURN convert_to(value, 'UTF8')::varbyte;
    ELSE RAISE EXCEPTION 'Invalid format: %', format USING ERRCODE = '22023';
  END CASE;
END $$;
CREATE FUNCTION pg_catalog.to_hex(value varbyte) RETURNS text IMMUTABLE STRICT LANGUAGE sql AS $$ SELECT encode(value::bytea, 'hex') $$;
CREATE FUNCTION pg_catalog.to_hex(value text) RETURNS text IMMUTABLE STRICT LANGUAGE sql AS $$ SELECT encode(convert_to(value, 'UTF8'), 'hex') $$;
CREATE FUNCTION pg_catalog.from_hex(value text) RETURNS varbyte IMMUTABLE STRICT LANGUAGE sql AS $$ SELECT decode(value, 'hex')::varbyte $$;

CREATE AGGREGATE pg_catalog.listagg(text, text) (SFUNC = string_agg_transfn, STYPE = internal, FINALFUNC = string_agg_finalfn);
`;
