import type { TypedSql } from '../../commands/command.ts';
import { types, type SnowflakeType } from '../data-type.ts';
import { bool } from '../translate-expression.ts';
import { bytes } from './conversion.ts';
import { rule, type CallTools, type FunctionTable } from './rule.ts';

const int = (value: TypedSql | undefined, tools: CallTools): string =>
  value ? `CAST(${tools.cast(value, types.number(18, 0)).sql} AS BIGINT)` : '0';
const count = (sql: string): TypedSql => ({ sql: `CAST(${sql} AS DECIMAL(18,0))`, type: types.number(18, 0) });
const textual = (sql: string, type: SnowflakeType = types.text()): TypedSql => ({ sql, type });
const same = (value: TypedSql): SnowflakeType => (value.type.kind === 'text' ? value.type : types.text());

const keep = (name: string): FunctionTable[string] =>
  rule(1, 1, ([a], tools) => textual(`${name}(${tools.text(a as TypedSql)})`, same(a as TypedSql)));

const trim = (name: string): FunctionTable[string] =>
  rule(1, 2, ([a, characters], tools) =>
    textual(
      `${name}(${tools.text(a as TypedSql)}${characters ? `, ${tools.text(characters)}` : ", ' '"})`,
      same(a as TypedSql),
    ),
  );

const length = rule(1, 1, ([a], tools) =>
  count(
    (a as TypedSql).type.kind === 'binary'
      ? `octet_length(${(a as TypedSql).sql})`
      : `length(${tools.text(a as TypedSql)})`,
  ),
);

/** A position below 1 counts from the end; a length below 0 gives an empty text. */
const substring = rule(2, 3, ([a, start, size], tools) => {
  const value = a as TypedSql;
  const isBinary = value.type.kind === 'binary';
  const body = isBinary ? `hex(${value.sql})` : tools.text(value);
  const from = int(start, tools);
  const whole = isBinary ? `(length(${body}) // 2)` : `length(${body})`;
  const first = `(CASE WHEN ${from} < 0 THEN greatest(${whole} + ${from} + 1, 1) WHEN ${from} = 0 THEN 1 ELSE ${from} END)`;
  const amount = size ? `greatest(${int(size, tools)}, 0)` : whole;
  const tooFar = `${from} < -${whole}`;
  if (isBinary) {
    return {
      sql: `(CASE WHEN ${tooFar} THEN ''::BLOB ELSE unhex(substring(${body}, ${first} * 2 - 1, ${amount} * 2)) END)`,
      type: value.type,
    };
  }
  return textual(`(CASE WHEN ${tooFar} THEN '' ELSE substring(${body}, ${first}, ${amount}) END)`, same(value));
});

const hash = (algorithm: string): FunctionTable[string] =>
  rule(1, 1, ([a], tools) => {
    const value = a as TypedSql;
    if (value.type.kind !== 'binary')
      return textual(
        algorithm === 'md5' ? `md5(${tools.text(value)})` : `sf_hash(${tools.text(value)}, '${algorithm}')`,
        types.text(algorithm === 'md5' ? 32 : 40),
      );
    return textual(`sf_hash_blob(${value.sql}, '${algorithm}')`, types.text(32));
  });

const sha2 = rule(1, 2, ([a, size], tools) => {
  const value = a as TypedSql;
  const bits = size ? (tools.node.args[1] as { text?: string }).text : '256';
  if (!['224', '256', '384', '512'].includes(bits ?? '')) return textual('NULL');
  const length = types.text(Number(bits) / 4);
  if (value.type.kind === 'binary') return textual(`sf_hash_blob(${value.sql}, 'sha${bits}')`, length);
  return textual(
    bits === '256' ? `sha256(${tools.text(value)})` : `sf_hash(${tools.text(value)}, 'sha${bits}')`,
    length,
  );
});

/** concat and concat_ws give NULL when any argument is NULL. */
const concat = rule(1, 200, (args, tools) => {
  if (args.length && args.every((a) => a.type.kind === 'binary'))
    return { sql: `(${args.map((a) => a.sql).join(' || ')})`, type: types.binary() };
  return {
    ...textual(`(${args.map((a) => tools.text(a)).join(' || ')})`),
    nullable: args.some((a) => a.nullable ?? true),
  };
});

/** The digest's last or first eight bytes as a number. */
const md5Half = (from: number): FunctionTable[string] =>
  rule(1, 1, ([a], tools) => ({
    sql: `CAST(CAST('0x' || substr(md5(${tools.text(a as TypedSql)}), ${from}, 16) AS UBIGINT) AS DECIMAL(20,0))`,
    type: types.number(20, 0),
  }));

/** https://docs.snowflake.com/en/sql-reference/functions-string */
export const textFunctions: FunctionTable = {
  UPPER: keep('upper'),
  LOWER: keep('lower'),
  REVERSE: keep('reverse'),
  TRIM: trim('trim'),
  LTRIM: trim('ltrim'),
  RTRIM: trim('rtrim'),
  LENGTH: length,
  LEN: length,
  CHAR_LENGTH: length,
  CHARACTER_LENGTH: length,
  OCTET_LENGTH: rule(1, 1, ([a], tools) => count(`octet_length(${bytes(a as TypedSql, tools)})`)),
  BIT_LENGTH: rule(1, 1, ([a], tools) => count(`octet_length(${bytes(a as TypedSql, tools)}) * 8`)),
  SUBSTRING: substring,
  SUBSTR: substring,
  LEFT: rule(2, 2, ([a, n], tools) =>
    textual(`left(${tools.text(a as TypedSql)}, greatest(${int(n, tools)}, 0))`, same(a as TypedSql)),
  ),
  RIGHT: rule(2, 2, ([a, n], tools) =>
    textual(`right(${tools.text(a as TypedSql)}, greatest(${int(n, tools)}, 0))`, same(a as TypedSql)),
  ),
  CONCAT: concat,
  CONCAT_WS: rule(2, 200, ([separator, ...rest], tools) => {
    const glue = tools.text(separator as TypedSql);
    return textual(`(${rest.map((a) => tools.text(a)).join(` || ${glue} || `)})`);
  }),
  REPLACE: rule(2, 3, ([a, from, to], tools) => {
    const found = tools.text(from as TypedSql);
    const body = tools.text(a as TypedSql);
    return textual(
      `(CASE WHEN ${found} = '' THEN ${body} ELSE replace(${body}, ${found}, ${to ? tools.text(to) : "''"}) END)`,
    );
  }),
  TRANSLATE: rule(3, 3, ([a, from, to], tools) =>
    textual(`translate(${[a, from, to].map((v) => tools.text(v as TypedSql)).join(', ')})`),
  ),
  REPEAT: rule(2, 2, ([a, n], tools) => textual(`repeat(${tools.text(a as TypedSql)}, greatest(${int(n, tools)}, 0))`)),
  LPAD: rule(2, 3, ([a, n, pad], tools) =>
    textual(
      `lpad(${tools.text(a as TypedSql)}, CAST(greatest(${int(n, tools)}, 0) AS INTEGER), ${pad ? tools.text(pad) : "' '"})`,
    ),
  ),
  RPAD: rule(2, 3, ([a, n, pad], tools) =>
    textual(
      `rpad(${tools.text(a as TypedSql)}, CAST(greatest(${int(n, tools)}, 0) AS INTEGER), ${pad ? tools.text(pad) : "' '"})`,
    ),
  ),
  STARTSWITH: rule(2, 2, ([a, b], tools) =>
    bool(`starts_with(${tools.text(a as TypedSql)}, ${tools.text(b as TypedSql)})`),
  ),
  ENDSWITH: rule(2, 2, ([a, b], tools) => bool(`suffix(${tools.text(a as TypedSql)}, ${tools.text(b as TypedSql)})`)),
  CONTAINS: rule(2, 2, ([a, b], tools) => bool(`contains(${tools.text(a as TypedSql)}, ${tools.text(b as TypedSql)})`)),
  POSITION: rule(2, 2, ([a, b], tools) => count(`strpos(${tools.text(b as TypedSql)}, ${tools.text(a as TypedSql)})`)),
  CHARINDEX: rule(2, 2, ([a, b], tools) => count(`strpos(${tools.text(b as TypedSql)}, ${tools.text(a as TypedSql)})`)),
  SPLIT_PART: rule(3, 3, ([a, separator, n], tools) =>
    textual(
      `split_part(${tools.text(a as TypedSql)}, ${tools.text(separator as TypedSql)}, CASE WHEN ${int(n, tools)} = 0 THEN 1 ELSE ${int(n, tools)} END)`,
    ),
  ),
  ASCII: rule(1, 1, ([a], tools) =>
    count(`coalesce(CASE WHEN ${tools.text(a as TypedSql)} = '' THEN 0 END, unicode(${tools.text(a as TypedSql)}))`),
  ),
  UNICODE: rule(1, 1, ([a], tools) =>
    count(`coalesce(CASE WHEN ${tools.text(a as TypedSql)} = '' THEN 0 END, unicode(${tools.text(a as TypedSql)}))`),
  ),
  CHR: rule(1, 1, ([a], tools) => textual(`chr(CAST(${int(a, tools)} AS INTEGER))`, types.text(1))),
  CHAR: rule(1, 1, ([a], tools) => textual(`chr(CAST(${int(a, tools)} AS INTEGER))`, types.text(1))),
  SPACE: rule(1, 1, ([n], tools) => textual(`repeat(' ', greatest(${int(n, tools)}, 0))`)),
  REGEXP_LIKE: rule(2, 2, ([a, b], tools) =>
    bool(`regexp_full_match(${tools.text(a as TypedSql)}, ${tools.text(b as TypedSql)})`),
  ),
  REGEXP_REPLACE: rule(2, 3, ([a, b, c], tools) =>
    textual(
      `regexp_replace(${tools.text(a as TypedSql)}, ${tools.text(b as TypedSql)}, ${c ? tools.text(c) : "''"}, 'g')`,
    ),
  ),
  MD5: hash('md5'),
  MD5_HEX: hash('md5'),
  SHA1: hash('sha1'),
  SHA1_HEX: hash('sha1'),
  SHA2: sha2,
  SHA2_HEX: sha2,
  MD5_BINARY: rule(1, 1, ([a], tools) => ({
    sql: `unhex(${(a as TypedSql).type.kind === 'binary' ? `sf_hash_blob(${(a as TypedSql).sql}, 'md5')` : `md5(${tools.text(a as TypedSql)})`})`,
    type: types.binary(16),
  })),
  SHA2_BINARY: rule(1, 1, ([a], tools) => ({
    sql: `unhex(${(a as TypedSql).type.kind === 'binary' ? `sf_hash_blob(${(a as TypedSql).sql}, 'sha256')` : `sha256(${tools.text(a as TypedSql)})`})`,
    type: types.binary(64),
  })),
  MD5_NUMBER_LOWER64: md5Half(17),
  MD5_NUMBER_UPPER64: md5Half(1),
  UUID_STRING: rule(0, 0, () => ({ ...textual('CAST(uuid() AS VARCHAR)', types.text(36)), nullable: false })),
};
