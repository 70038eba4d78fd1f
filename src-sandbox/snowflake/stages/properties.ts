import { createTokenReader } from '../sql/token-reader.ts';
import type { ObjectName, TokenReader } from '../sql/token-reader.ts';
import type { GivenOption } from './file-format.ts';
import { invalidValue } from './stage-errors.ts';

/** The value of `NAME = value`: text in quotes, a bare word or name, a number, `('a', 'b')` or `(NAME = value ...)`. */
export type PropertyValue =
  | { kind: 'string'; value: string }
  | { kind: 'word'; value: string; name: ObjectName }
  | { kind: 'number'; value: string }
  | { kind: 'list'; items: readonly string[] }
  | { kind: 'group'; properties: readonly Property[] };

export interface Property {
  /** In upper case. */
  readonly name: string;
  readonly value: PropertyValue;
}

/** Reads `NAME = value` pairs, separated by blanks or commas, up to the first token that does not start one. */
export function readProperties(reader: TokenReader): Property[] {
  const properties: Property[] = [];
  for (;;) {
    const mark = reader.mark();
    if (properties.length > 0) {
      reader.acceptOperator(',');
    }
    const name = reader.peek();
    if (name.kind !== 'word' || reader.peek(1).kind !== 'operator' || reader.peek(1).value !== '=') {
      reader.reset(mark);
      return properties;
    }
    reader.next();
    reader.next();
    properties.push({ name: name.value, value: readValue(reader) });
  }
}

/** The last value given for a name, or undefined. */
export function propertyOf(properties: readonly Property[], name: string): PropertyValue | undefined {
  return properties.findLast((property) => property.name === name)?.value;
}

/** A scalar's text as written; lists and groups are refused. */
export function textOf(name: string, value: PropertyValue): string {
  if (value.kind === 'list' || value.kind === 'group') {
    throw invalidValue(showValue(value), name);
  }
  return value.value;
}

/** TRUE or FALSE as bare words; `'TRUE'` in quotes is refused, as the vendor refuses it. */
export function booleanOf(name: string, value: PropertyValue): boolean {
  if (value.kind === 'word' && /^(true|false)$/i.test(value.value)) {
    return value.value.toUpperCase() === 'TRUE';
  }
  throw invalidValue(showValue(value), name);
}

/** `('a', 'b')`, or one scalar as a list of one. */
export function listOf(name: string, value: PropertyValue): readonly string[] {
  if (value.kind === 'group') {
    throw invalidValue(showValue(value), name);
  }
  return value.kind === 'list' ? value.items : [value.value];
}

export function groupOf(name: string, value: PropertyValue): readonly Property[] {
  if (value.kind === 'group') {
    return value.properties;
  }
  if (value.kind === 'list' && value.items.length === 0) {
    return [];
  }
  throw invalidValue(showValue(value), name);
}

/** An object name: a bare (dotted, quoted) name, or the same inside single quotes. */
export function objectNameOf(name: string, value: PropertyValue): ObjectName {
  if (value.kind === 'word') {
    return value.name;
  }
  if (value.kind === 'string') {
    const reader = createTokenReader(value.value);
    const found = reader.objectName();
    reader.expectEnd();
    return found;
  }
  throw invalidValue(showValue(value), name);
}

/** The properties as options of a file format. */
export function toGivenOptions(properties: readonly Property[]): GivenOption[] {
  return properties.map(({ name, value }) => {
    if (value.kind === 'group') {
      throw invalidValue(showValue(value), name);
    }
    return value.kind === 'list'
      ? { name, value: value.items, quoted: false }
      : {
          name,
          value: value.kind === 'word' ? value.value.toUpperCase() : value.value,
          quoted: value.kind === 'string',
        };
  });
}

/** A value as the vendor's `invalid value [...]` sentence shows it. */
export function showValue(value: PropertyValue): string {
  switch (value.kind) {
    case 'string':
      return `'${value.value}'`;
    case 'list':
      return `(${value.items.map((item) => `'${item}'`).join(', ')})`;
    case 'group':
      return `(${value.properties.map((property) => `${property.name} = ${showValue(property.value)}`).join(' ')})`;
    default:
      return value.value;
  }
}

function readValue(reader: TokenReader): PropertyValue {
  const token = reader.peek();
  if (token.kind === 'string') {
    reader.next();
    return { kind: 'string', value: token.value };
  }
  if (token.kind === 'number' || (reader.isOperator('-') && reader.peek(1).kind === 'number')) {
    const sign = reader.acceptOperator('-') ? '-' : '';
    return { kind: 'number', value: sign + reader.next().value };
  }
  if (reader.acceptOperator('(')) {
    return readParenthesised(reader);
  }
  if (token.kind === 'word' && /^(TRUE|FALSE|NULL|ALL)$/.test(token.value)) {
    reader.next();
    return { kind: 'word', value: token.text, name: [{ name: token.value, quoted: false }] };
  }
  if (token.kind === 'word' || token.kind === 'quoted') {
    const start = reader.peek().start;
    const name = reader.objectName();
    return { kind: 'word', value: reader.sql.slice(start, endOfPrevious(reader, start)).trim(), name };
  }
  throw reader.unexpected();
}

/** Where the token before the reader's place ends in the statement's text. */
export function endOfPrevious(reader: TokenReader, start: number): number {
  const mark = reader.mark();
  reader.reset(mark - 1);
  const end = reader.peek().end;
  reader.reset(mark);
  return Math.max(end, start);
}

function readParenthesised(reader: TokenReader): PropertyValue {
  if (reader.acceptOperator(')')) {
    return { kind: 'list', items: [] };
  }
  if (reader.peek().kind === 'word' && reader.peek(1).kind === 'operator' && reader.peek(1).value === '=') {
    const properties = readProperties(reader);
    reader.expectOperator(')');
    return { kind: 'group', properties };
  }
  const items: string[] = [];
  do {
    items.push(textOf('', readValue(reader)));
  } while (reader.acceptOperator(','));
  reader.expectOperator(')');
  return { kind: 'list', items };
}
