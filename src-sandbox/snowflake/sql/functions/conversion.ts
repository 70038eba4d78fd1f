import type { TypedSql } from '../../commands/command.ts';
import { errors, SnowflakeError } from '../../errors.ts';
import { quoteText } from '../../engine/database.ts';
import { types, type SnowflakeType } from '../data-type.ts';
import { rule, type CallTools, type FunctionTable } from './rule.ts';

/** TO_X(value [, format]) and TRY_TO_X. */
function converter(to: SnowflakeType, isTry = false): FunctionTable[string] {
  return rule(1, 2, ([a, format], tools) => {
    const value = a as TypedSql;
    if (format && value.type.kind === 'number' && to.kind.startsWith('timestamp')) return epochAt(value, to, tools);
    const text = format ? formatText(tools) : undefined;
    return isTry ? tools.tryCast(value, to, text) : tools.cast(value, to, text);
  });
}

function formatText(tools: CallTools): string {
  const text = tools.constant(1);
  if (text === undefined) throw errors.notInPractice(`${tools.name} with a format that is no string literal`);
  return text;
}

/** TO_TIMESTAMP(number, scale): the number counts 10^-scale seconds. */
function epochAt(value: TypedSql, to: SnowflakeType, tools: CallTools): TypedSql {
  const scale = tools.node.args[1];
  if (scale?.kind !== 'number') throw errors.notInPractice(`${tools.name} with a scale that is no literal`);
  const nanos = `(CAST(${tools.cast(value, types.number(38, 0)).sql} AS HUGEINT) * ${10n ** BigInt(9 - Number(scale.text))})`;
  return tools.cast({ sql: nanos, type: to.kind === 'timestamp_ntz' ? types.ntz() : types.ltz() }, to);
}

function toNumber(isTry: boolean): FunctionTable[string] {
  return rule(1, 4, (args, tools) => {
    const value = args[0] as TypedSql;
    const rest = tools.node.args.slice(1);
    if (rest[0]?.kind === 'string') throw errors.notInPractice('TO_NUMBER with a format');
    const numbers = rest.map((a) => {
      if (a.kind !== 'number') throw errors.notInPractice(`${tools.name} with a precision that is no literal`);
      return Number(a.text);
    });
    const to = types.number(numbers[0] ?? 38, numbers[1] ?? 0);
    return isTry ? tools.tryCast(value, to) : tools.cast(value, to);
  });
}

const toText = rule(1, 2, ([a, format], tools) => {
  const value = a as TypedSql;
  if (!format) return tools.cast(value, types.text());
  const text = formatText(tools);
  if (value.type.kind === 'number') {
    return { sql: `sf_number_format(CAST(${value.sql} AS VARCHAR), ${quoteText(text)})`, type: types.text() };
  }
  if (value.type.kind === 'float') throw errors.notInPractice('TO_CHAR of a FLOAT with a format');
  if (value.type.kind === 'binary' && text.toUpperCase().replace('-', '') === 'UTF8') {
    return { sql: `decode(${value.sql})`, type: types.text() };
  }
  return tools.cast(value, types.text(), text);
});

const toBinary = (isTry: boolean): FunctionTable[string] => converter(types.binary(), isTry);

/** https://docs.snowflake.com/en/sql-reference/functions-conversion */
export const conversionFunctions: FunctionTable = {
  TO_CHAR: toText,
  TO_VARCHAR: toText,
  TO_NUMBER: toNumber(false),
  TO_DECIMAL: toNumber(false),
  TO_NUMERIC: toNumber(false),
  TRY_TO_NUMBER: toNumber(true),
  TRY_TO_DECIMAL: toNumber(true),
  TRY_TO_NUMERIC: toNumber(true),
  TO_DOUBLE: converter(types.float),
  TRY_TO_DOUBLE: converter(types.float, true),
  TO_BOOLEAN: converter(types.boolean),
  TRY_TO_BOOLEAN: converter(types.boolean, true),
  TO_DATE: converter(types.date),
  DATE: converter(types.date),
  TRY_TO_DATE: converter(types.date, true),
  TO_TIME: converter(types.time()),
  TIME: converter(types.time()),
  TRY_TO_TIME: converter(types.time(), true),
  TO_TIMESTAMP: converter(types.ntz()),
  TO_TIMESTAMP_NTZ: converter(types.ntz()),
  TO_TIMESTAMP_LTZ: converter(types.ltz()),
  TO_TIMESTAMP_TZ: converter(types.tz()),
  TRY_TO_TIMESTAMP: converter(types.ntz(), true),
  TRY_TO_TIMESTAMP_NTZ: converter(types.ntz(), true),
  TRY_TO_TIMESTAMP_LTZ: converter(types.ltz(), true),
  TRY_TO_TIMESTAMP_TZ: converter(types.tz(), true),
  TO_BINARY: toBinary(false),
  TRY_TO_BINARY: toBinary(true),
  TO_VARIANT: converter(types.variant),
  TO_GEOGRAPHY: converter(types.geography),
  TO_GEOMETRY: converter(types.geometry),
  HEX_ENCODE: rule(1, 2, ([a, letterCase], tools) => {
    const sql = bytes(a as TypedSql, tools);
    const lower =
      letterCase && tools.node.args[1]?.kind === 'number' && (tools.node.args[1] as { text: string }).text === '0';
    return { sql: lower ? `lower(hex(${sql}))` : `hex(${sql})`, type: types.text() };
  }),
  HEX_DECODE_BINARY: rule(1, 1, ([a], tools) => tools.cast(a as TypedSql, types.binary(), 'HEX')),
  TRY_HEX_DECODE_BINARY: rule(1, 1, ([a], tools) => tools.tryCast(a as TypedSql, types.binary(), 'HEX')),
  HEX_DECODE_STRING: rule(1, 1, ([a], tools) => ({
    sql: `decode(${tools.cast(a as TypedSql, types.binary(), 'HEX').sql})`,
    type: types.text(),
  })),
  BASE64_ENCODE: rule(1, 1, ([a], tools) => ({ sql: `sf_base64(${bytes(a as TypedSql, tools)})`, type: types.text() })),
  BASE64_DECODE_BINARY: rule(1, 1, ([a], tools) => tools.cast(a as TypedSql, types.binary(), 'BASE64')),
  BASE64_DECODE_STRING: rule(1, 1, ([a], tools) => ({
    sql: `decode(${tools.cast(a as TypedSql, types.binary(), 'BASE64').sql})`,
    type: types.text(),
  })),
};

/** Text as its UTF-8 bytes; binary as it is. */
export function bytes(value: TypedSql, tools: CallTools): string {
  if (value.type.kind === 'binary') return value.sql;
  if (value.type.kind === 'null' || value.type.kind === 'text') return `encode(${tools.text(value)})`;
  throw new SnowflakeError(
    '001044',
    '42P13',
    `SQL compilation error:\nInvalid argument types for function '${tools.name}': (${value.type.kind.toUpperCase()})`,
  );
}
