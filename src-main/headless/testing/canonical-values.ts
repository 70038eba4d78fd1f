/** NULL has a form that no value has. */
const NULL = '\u0000NULL';

/**
 * One form for the text that Redshift writes of a value, by the type's name in pg_type. What the form leaves out on purpose: zeros behind the last digit of
 * a fraction, the blanks that pad CHAR, the order and white space of JSON objects, the sign of an offset of zero.
 */
export function canonicalSource(type: string, text: string | null): string {
  if (text === null) return NULL;
  if (type === 'bpchar') return text.replace(/ +$/, '');
  return canonicalValue(type, text);
}

/** The same for the text that Snowflake writes, by the type of the source. Blanks are not cut here: Snowflake's count. */
export function canonicalTarget(type: string, text: string | null): string {
  if (text === null) return NULL;
  return type === 'bpchar' ? text : canonicalValue(type, text);
}

function canonicalValue(type: string, text: string): string {
  switch (type) {
    case 'int2':
    case 'int4':
    case 'int8':
    case 'numeric':
      return canonicalNumber(text);
    case 'float4':
      return canonicalFloat(Math.fround(toNumber(text)));
    case 'float8':
      return canonicalFloat(toNumber(text));
    case 'bool':
      return canonicalBoolean(text);
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return canonicalTime(text);
    case 'super':
      return canonicalJson(text);
    case 'varbyte':
      return text.replace(/^\\x/, '').toLowerCase();
    case 'geometry':
    case 'geography':
      return text.toUpperCase();
    default:
      return text;
  }
}

/** Digits only, without an exponent: nothing here goes through a double. */
export function canonicalNumber(text: string): string {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!match) return `not a number: ${text}`;
  const [, sign = '', whole = '', part = '', exponent = '0'] = match;
  const point = whole.length + Number(exponent);
  const digits = whole + part;
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0');
  const cut = point <= 0 ? 1 : point;
  const left = padded.slice(0, cut).replace(/^0+(?=\d)/, '');
  const right = padded.slice(cut).replace(/0+$/, '');
  const number = right === '' ? left : `${left}.${right}`;
  return sign === '-' && number !== '0' ? `-${number}` : number;
}

function toNumber(text: string): number {
  const special = /^(-?)inf(?:inity)?$/i.exec(text);
  if (special) return special[1] === '-' ? -Infinity : Infinity;
  return Number(text);
}

function canonicalFloat(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function canonicalBoolean(text: string): string {
  if (/^(t|true|1)$/i.test(text)) return 'true';
  return /^(f|false|0)$/i.test(text) ? 'false' : `not a boolean: ${text}`;
}

/** `2020-01-02 03:04:05.600000`, with an offset only when it is not zero, with BC when it is. */
function canonicalTime(text: string): string {
  const match = /^(.*?\d\d:\d\d:\d\d)(?:\.(\d+))? ?(Z|[+-]\d\d(?::?\d\d)?)?( BC)?$/.exec(text);
  if (!match) return `not a time: ${text}`;
  const [, moment = '', fraction = '', offset = '', era = ''] = match;
  const digits = fraction.replace(/0+$/, '').padEnd(6, '0');
  const isZero = /^(|Z|[+-]00(:?00)?)$/.test(offset);
  return `${moment.replace('T', ' ')}.${digits}${isZero ? '' : offset}${era}`;
}

/** Keys in order, no white space, numbers by canonicalNumber: JSON.parse would round them. */
export function canonicalJson(text: string): string {
  const withTexts = text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    token.startsWith('"') ? `"s${token.slice(1)}` : `"n${canonicalNumber(token)}"`,
  );
  try {
    return JSON.stringify(sortKeys(JSON.parse(withTexts) as unknown));
  } catch {
    return `not JSON: ${text.slice(0, 200)}`;
  }
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, child]) => [key, sortKeys(child)] as const);
  return entries.sort(([a], [b]) => (a < b ? -1 : 1));
}
