/**
 * Redshift's own types as base types over PostgreSQL's input and output functions, so that each has an OID of its own.
 * SUPER is held as JSON text, VARBYTE as bytes, GEOMETRY and GEOGRAPHY as hexadecimal EWKB, HLLSKETCH as text.
 * https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html
 */
export const catalogTypes = [
  createType({ name: 'super', like: 'json', input: 'json_in', output: 'json_out' }),
  createType({ name: 'geometry', like: 'text', input: 'textin', output: 'textout' }),
  createType({ name: 'geography', like: 'text', input: 'textin', output: 'textout' }),
  createType({ name: 'hllsketch', like: 'text', input: 'textin', output: 'textout' }),
  createType({ name: 'varbyte', like: 'bytea', input: 'byteain', output: 'byteaout', hasLength: true }),
  `
CREATE CAST (super AS json) WITHOUT FUNCTION;
CREATE CAST (json AS super) WITHOUT FUNCTION;
CREATE CAST (varbyte AS bytea) WITHOUT FUNCTION;
CREATE CAST (bytea AS varbyte) WITHOUT FUNCTION AS ASSIGNMENT;
CREATE CAST (geometry AS text) WITHOUT FUNCTION;
CREATE CAST (text AS geometry) WITHOUT FUNCTION AS ASSIGNMENT;
CREATE CAST (geography AS text) WITHOUT FUNCTION;
CREATE CAST (text AS geography) WITHOUT FUNCTION AS ASSIGNMENT;

CREATE FUNCTION pg_catalog.redshift_text_to_varbyte(text) RETURNS varbyte IMMUTABLE STRICT LANGUAGE sql
  AS $$ SELECT convert_to($1, 'UTF8')::varbyte $$;
CREATE FUNCTION pg_catalog.redshift_varbyte_length(varbyte, integer, boolean) RETURNS varbyte IMMUTABLE STRICT LANGUAGE plpgsql AS $$
BEGIN
  IF $2 < 4 OR octet_length($1::bytea) <= $2 - 4 THEN RETURN $1; END IF;
  IF $3 THEN RETURN substring($1::bytea FROM 1 FOR $2 - 4)::varbyte; END IF;
  RAISE EXCEPTION 'value too long for type binary varying(%)', $2 - 4 USING ERRCODE = '22001';
END $$;
CREATE CAST (varbyte AS varbyte) WITH FUNCTION pg_catalog.redshift_varbyte_length(varbyte, integer, boolean) AS IMPLICIT;
CREATE CAST (text AS varbyte) WITH FUNCTION pg_catalog.redshift_text_to_varbyte(text) AS ASSIGNMENT;
CREATE CAST (varchar AS varbyte) WITH FUNCTION pg_catalog.redshift_text_to_varbyte(text) AS ASSIGNMENT;

CREATE FUNCTION pg_catalog.redshift_varbyte_cmp(varbyte, varbyte) RETURNS integer IMMUTABLE STRICT LANGUAGE sql
  AS $$ SELECT CASE WHEN $1::bytea < $2::bytea THEN -1 WHEN $1::bytea = $2::bytea THEN 0 ELSE 1 END $$;
CREATE FUNCTION pg_catalog.redshift_varbyte_eq(varbyte, varbyte) RETURNS boolean IMMUTABLE STRICT LANGUAGE sql AS $$ SELECT $1::bytea = $2::bytea $$;
CREATE FUNCTION pg_catalog.redshift_varbyte_ne(varbyte, varbyte) RETURNS boolean IMMUTABLE STRICT LANGUAGE sql AS $$ SELECT $1::bytea <> $2::bytea $$;
CREATE FUNCTION pg_catalog.redshift_varbyte_lt(varbyte, varbyte) RETURNS boolean IMMUTABLE STRICT LANGUAGE sql AS $$ SELECT $1::bytea < $2::bytea $$;
CREATE FUNCTION pg_catalog.redshift_varbyte_le(varbyte, varbyte) RETURNS boolean IMMUTABLE STRICT LANGUAGE sql AS $$ SELECT $1::bytea <= $2::bytea $$;
CREATE FUNCTION pg_catalog.redshift_varbyte_gt(varbyte, varbyte) RETURNS boolean IMMUTABLE STRICT LANGUAGE sql AS $$ SELECT $1::bytea > $2::bytea $$;
CREATE FUNCTION pg_catalog.redshift_varbyte_ge(varbyte, varbyte) RETURNS boolean IMMUTABLE STRICT LANGUAGE sql AS $$ SELECT $1::bytea >= $2::bytea $$;
CREATE OPERATOR pg_catalog.= (LEFTARG = varbyte, RIGHTARG = varbyte, FUNCTION = pg_catalog.redshift_varbyte_eq);
CREATE OPERATOR pg_catalog.<> (LEFTARG = varbyte, RIGHTARG = varbyte, FUNCTION = pg_catalog.redshift_varbyte_ne);
CREATE OPERATOR pg_catalog.< (LEFTARG = varbyte, RIGHTARG = varbyte, FUNCTION = pg_catalog.redshift_varbyte_lt);
CREATE OPERATOR pg_catalog.<= (LEFTARG = varbyte, RIGHTARG = varbyte, FUNCTION = pg_catalog.redshift_varbyte_le);
CREATE OPERATOR pg_catalog.> (LEFTARG = varbyte, RIGHTARG = varbyte, FUNCTION = pg_catalog.redshift_varbyte_gt);
CREATE OPERATOR pg_catalog.>= (LEFTARG = varbyte, RIGHTARG = varbyte, FUNCTION = pg_catalog.redshift_varbyte_ge);
CREATE OPERATOR CLASS pg_catalog.redshift_varbyte_ops DEFAULT FOR TYPE varbyte USING btree AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 pg_catalog.redshift_varbyte_cmp(varbyte, varbyte);
`,
].join('\n;;\n');

function createType(input: { name: string; like: string; input: string; output: string; hasLength?: boolean }): string {
  const { name } = input;
  const modifier = input.hasLength ? ', TYPMOD_IN = varchartypmodin, TYPMOD_OUT = varchartypmodout' : '';
  return `
CREATE TYPE pg_catalog.${name};
CREATE FUNCTION pg_catalog.${name}_in(cstring) RETURNS pg_catalog.${name} AS '${input.input}' LANGUAGE internal IMMUTABLE STRICT;
CREATE FUNCTION pg_catalog.${name}_out(pg_catalog.${name}) RETURNS cstring AS '${input.output}' LANGUAGE internal IMMUTABLE STRICT;
CREATE TYPE pg_catalog.${name} (INPUT = ${name}_in, OUTPUT = ${name}_out, LIKE = ${input.like}${modifier}, STORAGE = extended);
`;
}
