import { z } from 'zod';
import { CALL_NAMES, type CallName } from '#shared/ipc/channels';
import { CALL_INPUTS } from '#shared/ipc/contract';
import { seededRandom, type Random } from './seeded-random.ts';

/** A message as JSON text, in which `{"%": "..."}` stands for a value that JSON does not have; `revive` makes it whole. */
export interface HostileMessage {
  name: string;
  /** Of `input`. */
  text: string;
}

/**
 * Messages drawn from the contract's own schemas and beyond: a third fits, most of the others differ in a few places, the rest is anything at all.
 * `{"%": "id"}` stands for an id that exists, of whatever kind the place asks for.
 */
export function hostileMessages(seed: number, count: number): HostileMessage[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, index) => {
    const name = CALL_NAMES[index % CALL_NAMES.length] as CallName;
    const kind = random.next();
    const input = kind < 0.92 ? fromSchema(schemaOf(name), random) : anything(random, 3);
    const holder = { input };
    if (kind >= 0.35 && kind < 0.92) for (let left = 1 + random.below(3); left > 0; left -= 1) damage(holder, random);
    const text = JSON.stringify(holder.input) ?? tag('undefined');
    return { name, text: withKeys(text, random) };
  });
}

/** Names of calls and of what an object has without having it. */
export const WRONG_NAMES = ['', '__proto__', 'constructor', 'toString', 'app', 'app.info ', 'APP.INFO', 'a\0b', '../x'];

export const HOSTILE_TEXTS = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  '\udfff\ud800x',
  '\u202e\u2066\ufeff',
  '../../../../../../tmp/escaped',
  '..\\..\\escaped',
  '/etc/passwd',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'https://docs.aws.amazon.com.evil.example/',
  'https://docs.snowflake.com@evil.example/',
  '%2e%2e%2f%00',
  "'; DROP TABLE x; --",
  '"]`$1\\\n\r/*',
  '${process.exit(1)}{detail}',
  '<img src=x onerror=alert(1)>',
  '__proto__',
  'constructor',
  '-eyJ'.repeat(20),
  'password=',
  'CON',
  's3://bucket/a//b/',
  's3://bucket/../x/',
  '9'.repeat(400),
  'e\u0301'.repeat(50),
];

const STRANGE_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  '\0',
  'then',
  'length',
];

/** Each is a value that JSON cannot write, or that would make the text long. */
export const SPECIALS = [
  'nan',
  'infinity',
  'minus-infinity',
  'minus-zero',
  'undefined',
  'bigint',
  'date',
  'map',
  'bytes',
  'deep',
  'cycle',
  'long-text',
  'long-tokens',
  'long-blanks',
  'long-array',
  'many-keys',
] as const;

type Schema = {
  type?: string | string[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  propertyNames?: Schema;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  minimum?: number;
  maximum?: number;
  format?: string;
  pattern?: string;
  minLength?: number;
};

const schemas = new Map<CallName, Schema>();

function schemaOf(name: CallName): Schema {
  const known = schemas.get(name);
  if (known) return known;
  const made = z.toJSONSchema(CALL_INPUTS[name], { io: 'input', unrepresentable: 'any', reused: 'inline' }) as Schema;
  schemas.set(name, made);
  return made;
}

function fromSchema(schema: Schema, random: Random, key = ''): unknown {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fromSchema(random.pick(choices), random, key);
  if ('const' in schema) return schema.const;
  if (schema.enum) return random.pick(schema.enum);
  switch (schema.type) {
    case 'string':
      return text(schema, random, key);
    case 'integer':
    case 'number': {
      if (key === 'revision') return special('revision');
      const low = Math.max(schema.minimum ?? -5, -5);
      return low + random.below(Math.min((schema.maximum ?? 40) - low, 40) + 1);
    }
    case 'boolean':
      return random.chance(0.5);
    case 'null':
      return null;
    case 'array':
      return Array.from({ length: 1 + random.below(3) }, () => fromSchema(schema.items ?? {}, random, singular(key)));
    case 'object':
      return object(schema, random);
    default:
      return anything(random, 2);
  }
}

function object(schema: Schema, random: Random): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (const [key, property] of Object.entries(schema.properties ?? {}))
    if (schema.required?.includes(key) || random.chance(0.5)) made[key] = fromSchema(property, random, key);
  const names = schema.propertyNames?.enum as string[] | undefined;
  if (schema.properties === undefined && typeof schema.additionalProperties === 'object')
    for (let left = random.below(4); left > 0; left -= 1)
      made[names ? random.pick(names) : `k${left}`] = fromSchema(schema.additionalProperties, random);
  return made;
}

const IDS = new Set(['projectId', 'runId', 'planId', 'tableId', 'partitionId']);

function text(schema: Schema, random: Random, key: string): unknown {
  if (IDS.has(key)) return random.chance(0.8) ? special(`id:${key}`) : random.pick(HOSTILE_TEXTS);
  if (schema.format === 'uri')
    return random.pick(['https://docs.snowflake.com/en', 'https://127.0.0.1:9/', 'ftp://x/']);
  if (key === 's3Uri') return random.pick(['s3://bucket/path/', 's3://my-bucket/', ...HOSTILE_TEXTS]);
  if (key === 'host') return '127.0.0.1';
  if (schema.pattern !== undefined) return 'abc';
  return random.chance(0.6) ? random.pick(['plain', 'a', 'PUBLIC', 'tpch']) : random.pick(HOSTILE_TEXTS);
}

/** Puts something else into one place, adds a key or takes one away. */
function damage(holder: { input: unknown }, random: Random): void {
  const places: { parent: Record<string, unknown>; key: string }[] = [];
  const visit = (parent: Record<string, unknown>, key: string): void => {
    places.push({ parent, key });
    const value = parent[key];
    if (typeof value === 'object' && value !== null && !('%' in value))
      for (const inner of Object.keys(value)) visit(value as Record<string, unknown>, inner);
  };
  visit(holder, 'input');
  const { parent, key } = random.pick(places);
  const value = parent[key];
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && random.chance(0.3))
    (value as Record<string, unknown>)[`extra${random.below(3)}`] = anything(random, 2);
  else if (random.chance(0.2) && parent !== holder) delete parent[key];
  else parent[key] = anything(random, 2);
}

function anything(random: Random, depth: number): unknown {
  const kind = random.below(depth > 0 ? 9 : 7);
  switch (kind) {
    case 0:
      return random.pick(HOSTILE_TEXTS);
    case 1:
    case 2:
      return special(random.pick(SPECIALS));
    case 3:
      return random.pick([0, 1, -1, 1.5, 2 ** 31, 2 ** 53, 1e308, -1e-308]);
    case 4:
      return random.pick([true, false, null]);
    case 5:
      return [];
    case 6:
      return {};
    case 7:
      return Array.from({ length: random.below(4) }, () => anything(random, depth - 1));
    default:
      return Object.fromEntries(
        Array.from({ length: random.below(4) }, (_, index) => [`extra${index}`, anything(random, depth - 1)]),
      );
  }
}

/** Keys such as `__proto__` come in by the text: JSON.parse makes an own property of them, an object literal does not. */
function withKeys(text: string, random: Random): string {
  return text.replace(/"extra\d"/g, () => JSON.stringify(random.pick(STRANGE_KEYS)));
}

function special(name: string): { '%': string } {
  return { '%': name };
}

function tag(name: string): string {
  return JSON.stringify(special(name));
}

function singular(key: string): string {
  return key === 'tableIds' ? 'tableId' : key;
}
