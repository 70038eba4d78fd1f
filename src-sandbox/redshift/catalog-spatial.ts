/**
 * GEOMETRY and GEOGRAPHY are kept as hexadecimal EWKB (two dimensions; points, linestrings, polygons and collections of one of these).
 * https://docs.aws.amazon.com/redshift/latest/dg/geospatial-functions.html
 */
export const catalogSpatial = `
CREATE FUNCTION pg_catalog.redshift_hex_int(integer) RETURNS text IMMUTABLE STRICT LANGUAGE sql
  AS $$ SELECT upper(encode(redshift_little_endian(int4send($1)), 'hex')) $$;
CREATE FUNCTION pg_catalog.redshift_hex_double(float8) RETURNS text IMMUTABLE STRICT LANGUAGE sql
  AS $$ SELECT upper(encode(redshift_little_endian(float8send($1)), 'hex')) $$;
CREATE FUNCTION pg_catalog.redshift_hex_points(list text, is_counted boolean) RETURNS text IMMUTABLE STRICT LANGUAGE plpgsql AS $$
DECLARE
  point text;
  numbers text[];
  result text := '';
  points text[] := string_to_array(list, ',');
BEGIN
  FOREACH point IN ARRAY points LOOP
    numbers := regexp_split_to_array(btrim(point, E' \\n\\t\\r()'), E'\\\\s+');
    IF array_length(numbers, 1) <> 2 THEN
      RAISE EXCEPTION 'Only two-dimensional coordinates are available in the practice environment, not "%"', point USING ERRCODE = '0A000';
    END IF;
    result := result || redshift_hex_double(numbers[1]::float8) || redshift_hex_double(numbers[2]::float8);
  END LOOP;
  RETURN CASE WHEN is_counted THEN redshift_hex_int(array_length(points, 1)) ELSE '' END || result;
END $$;
CREATE FUNCTION pg_catalog.redshift_hex_geometry(wkt text, srid integer) RETURNS text IMMUTABLE STRICT LANGUAGE plpgsql AS $$
DECLARE
  parts text[] := regexp_match(wkt, E'^\\\\s*(MULTIPOINT|MULTILINESTRING|MULTIPOLYGON|POINT|LINESTRING|POLYGON)\\\\s*\\\\((.*)\\\\)\\\\s*$', 'i');
  kind text := upper(parts[1]);
  code integer := array_position(ARRAY['POINT', 'LINESTRING', 'POLYGON', 'MULTIPOINT', 'MULTILINESTRING', 'MULTIPOLYGON'], kind);
  header text;
  items text[];
  item text;
  body text := '';
BEGIN
  IF code IS NULL THEN RAISE EXCEPTION 'Invalid or unsupported WKT: %', left(wkt, 60) USING ERRCODE = '22023'; END IF;
  header := '01' || CASE WHEN srid = 0 THEN redshift_hex_int(code) ELSE redshift_hex_int(code | 536870912) || redshift_hex_int(srid) END;
  IF code = 1 THEN RETURN header || redshift_hex_points(parts[2], false); END IF;
  IF code = 2 THEN RETURN header || redshift_hex_points(parts[2], true); END IF;
  items := CASE code
    WHEN 4 THEN string_to_array(parts[2], ',')
    WHEN 6 THEN regexp_split_to_array(parts[2], E'\\\\)\\\\s*\\\\)\\\\s*,\\\\s*\\\\(\\\\s*\\\\(')
    ELSE regexp_split_to_array(parts[2], E'\\\\)\\\\s*,\\\\s*\\\\(') END;
  FOREACH item IN ARRAY items LOOP
    item := CASE code WHEN 6 THEN '((' || regexp_replace(btrim(item), E'^\\\\(\\\\(|\\\\)\\\\)$', '', 'g') || '))' ELSE '(' || btrim(item, '() ') || ')' END;
    body := body || CASE code
      WHEN 3 THEN redshift_hex_points(item, true)
      WHEN 4 THEN redshift_hex_geometry('POINT' || item, 0)
      WHEN 5 THEN redshift_hex_geometry('LINESTRING' || item, 0)
      ELSE redshift_hex_geometry('POLYGON' || item, 0) END;
  END LOOP;
  RETURN header || redshift_hex_int(array_length(items, 1)) || body;
END $$;

CREATE FUNCTION pg_catalog.redshift_read_int(bytes bytea, at integer) RETURNS bigint IMMUTABLE STRICT LANGUAGE sql AS $$
  SELECT get_byte(bytes, at) + get_byte(bytes, at + 1) * 256::bigint + get_byte(bytes, at + 2) * 65536::bigint + get_byte(bytes, at + 3) * 16777216::bigint $$;
CREATE FUNCTION pg_catalog.redshift_read_double(bytes bytea, at integer) RETURNS float8 IMMUTABLE STRICT LANGUAGE plpgsql AS $$
DECLARE
  high bigint := redshift_read_int(bytes, at + 4);
  fraction float8 := ((high & 1048575) * 4294967296 + redshift_read_int(bytes, at))::float8;
  exponent integer := ((high >> 20) & 2047)::integer;
  sign integer := CASE WHEN high >= 2147483648 THEN -1 ELSE 1 END;
BEGIN
  IF exponent = 0 AND fraction = 0 THEN RETURN 0; END IF;
  IF exponent = 0 OR exponent = 2047 THEN RAISE EXCEPTION 'A coordinate is not a usual number' USING ERRCODE = '22023'; END IF;
  RETURN sign * (1 + fraction / 4503599627370496) * power(2::float8, exponent - 1023);
END $$;
CREATE FUNCTION pg_catalog.redshift_fifteen_digits(value float8) RETURNS numeric IMMUTABLE STRICT LANGUAGE sql SET extra_float_digits = 0
  AS $$ SELECT value::text::numeric $$;
CREATE FUNCTION pg_catalog.redshift_show_double(value float8, digits integer) RETURNS text IMMUTABLE STRICT LANGUAGE plpgsql SET extra_float_digits = 1 AS $$
DECLARE exact numeric := CASE digits WHEN 15 THEN redshift_fifteen_digits(value) ELSE value::text::numeric END;
BEGIN
  IF exact = 0 THEN RETURN '0'; END IF;
  RETURN trim_scale(round(exact, digits - 1 - floor(log(abs(exact)))::integer))::text;
END $$;
CREATE FUNCTION pg_catalog.redshift_read_points(bytes bytea, count integer, digits integer, INOUT at integer, OUT list text) IMMUTABLE LANGUAGE plpgsql AS $$
DECLARE points text[] := '{}';
BEGIN
  FOR i IN 1 .. count LOOP
    points := points || (redshift_show_double(redshift_read_double(bytes, at), digits) || ' ' || redshift_show_double(redshift_read_double(bytes, at + 8), digits));
    at := at + 16;
  END LOOP;
  list := '(' || array_to_string(points, ',') || ')';
END $$;
CREATE FUNCTION pg_catalog.redshift_read_geometry(bytes bytea, digits integer, INOUT at integer, OUT kind text, OUT body text) IMMUTABLE LANGUAGE plpgsql AS $$
DECLARE
  code bigint := redshift_read_int(bytes, at + 1);
  kinds text[] := ARRAY['POINT', 'LINESTRING', 'POLYGON', 'MULTIPOINT', 'MULTILINESTRING', 'MULTIPOLYGON'];
  items text[] := '{}';
  item text;
  count integer;
BEGIN
  IF get_byte(bytes, at) <> 1 THEN RAISE EXCEPTION 'Only little-endian EWKB is available in the practice environment' USING ERRCODE = '0A000'; END IF;
  at := at + CASE WHEN code & 536870912 <> 0 THEN 9 ELSE 5 END;
  kind := kinds[(code & 255)::integer];
  IF kind IS NULL THEN RAISE EXCEPTION 'Geometry type % is not available in the practice environment', code & 255 USING ERRCODE = '0A000'; END IF;
  IF kind = 'POINT' THEN
    SELECT p.at, p.list INTO at, body FROM redshift_read_points(bytes, 1, digits, at) p;
    RETURN;
  END IF;
  count := redshift_read_int(bytes, at)::integer;
  at := at + 4;
  IF kind = 'LINESTRING' THEN
    SELECT p.at, p.list INTO at, body FROM redshift_read_points(bytes, count, digits, at) p;
    RETURN;
  END IF;
  FOR i IN 1 .. count LOOP
    IF kind = 'POLYGON' THEN
      SELECT p.at, p.list INTO at, item FROM redshift_read_points(bytes, redshift_read_int(bytes, at)::integer, digits, at + 4) p;
    ELSE
      SELECT g.at, g.body INTO at, item FROM redshift_read_geometry(bytes, digits, at) g;
    END IF;
    items := items || item;
  END LOOP;
  body := '(' || array_to_string(items, ',') || ')';
END $$;
CREATE FUNCTION pg_catalog.redshift_srid(hex text) RETURNS integer IMMUTABLE STRICT LANGUAGE sql AS $$
  SELECT CASE WHEN redshift_read_int(decode(hex, 'hex'), 1) & 536870912 <> 0 THEN redshift_read_int(decode(hex, 'hex'), 5)::integer ELSE 0 END $$;
CREATE FUNCTION pg_catalog.redshift_wkt(hex text, digits integer) RETURNS text IMMUTABLE STRICT LANGUAGE sql
  AS $$ SELECT g.kind || g.body FROM redshift_read_geometry(decode(hex, 'hex'), digits, 0) g $$;
CREATE FUNCTION pg_catalog.redshift_plain_wkb(hex text) RETURNS text IMMUTABLE STRICT LANGUAGE sql AS $$
  SELECT CASE WHEN redshift_srid(hex) = 0 THEN hex
    ELSE '01' || redshift_hex_int((redshift_read_int(decode(hex, 'hex'), 1) & 255)::integer) || substr(hex, 19) END $$;
;;
CREATE FUNCTION pg_catalog.st_geomfromtext(wkt text, srid integer DEFAULT 0) RETURNS geometry IMMUTABLE STRICT LANGUAGE sql
  AS $$ SELECT CASE WHEN srid >= 0 THEN redshift_hex_geometry(wkt, srid)::geometry END $$;
CREATE FUNCTION pg_catalog.st_geomfromewkt(ewkt text) RETURNS geometry IMMUTABLE STRICT LANGUAGE sql AS $$
  SELECT redshift_hex_geometry(regexp_replace(ewkt, '^SRID=[0-9]+;', '', 'i'), coalesce(substring(ewkt FROM '^SRID=([0-9]+);')::integer, 0))::geometry $$;
CREATE FUNCTION pg_catalog.st_geogfromtext(wkt text) RETURNS geography IMMUTABLE STRICT LANGUAGE sql AS $$
  SELECT redshift_hex_geometry(regexp_replace(wkt, '^SRID=[0-9]+;', '', 'i'), coalesce(substring(wkt FROM '^SRID=([0-9]+);')::integer, 4326))::geography $$;
CREATE FUNCTION pg_catalog.redshift_checked_ewkb(hex text) RETURNS text IMMUTABLE STRICT LANGUAGE plpgsql AS $$
BEGIN PERFORM redshift_wkt(hex, 15); RETURN upper(hex); END $$;
CREATE FUNCTION pg_catalog.st_geomfromewkb(hex text) RETURNS geometry IMMUTABLE STRICT LANGUAGE sql AS $$ SELECT redshift_checked_ewkb(hex)::geometry $$;
CREATE FUNCTION pg_catalog.st_geomfromwkb(hex text) RETURNS geometry IMMUTABLE STRICT LANGUAGE sql AS $$ SELECT redshift_checked_ewkb(hex)::geometry $$;
${['geometry', 'geography'].map(readers).join('\n')}
`;

function readers(type: string): string {
  const define = (name: string, returns: string, body: string, extra = ''): string =>
    `CREATE FUNCTION pg_catalog.${name}(geo ${type}${extra}) RETURNS ${returns} IMMUTABLE STRICT LANGUAGE sql AS $$ SELECT ${body} $$;`;
  const srid = `CASE WHEN redshift_srid(geo::text) = 0 THEN '' ELSE 'SRID=' || redshift_srid(geo::text) || ';' END`;
  const digits = ', digits integer DEFAULT 15';
  return [
    define('st_astext', 'text', 'redshift_wkt(geo::text, digits)', digits),
    define('st_asewkt', 'text', `${srid} || redshift_wkt(geo::text, digits)`, digits),
    define('st_ashexewkb', 'text', 'upper(geo::text)'),
    define('st_ashexwkb', 'text', 'redshift_plain_wkb(upper(geo::text))'),
    define('st_asewkb', 'varbyte', `decode(geo::text, 'hex')::varbyte`),
    define('st_asbinary', 'varbyte', `decode(redshift_plain_wkb(upper(geo::text)), 'hex')::varbyte`),
    define('st_srid', 'integer', 'redshift_srid(geo::text)'),
    define('geometrytype', 'text', `(redshift_read_geometry(decode(geo::text, 'hex'), 15, 0)).kind`),
    define(
      'st_geometrytype',
      'text',
      `'ST_' || replace(replace(replace(initcap((redshift_read_geometry(decode(geo::text, 'hex'), 15, 0)).kind), 'string', 'String'), 'Multip', 'MultiP'), 'Multil', 'MultiL')`,
    ),
  ].join('\n');
}
