import { describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors/app-error';
import type { ColumnDescription, TableDescription, TableRef } from '#shared/model/table';
import { hostileNames, randomText } from '../../lib/testing/hostile-names.ts';
import { sqlTokens, type SqlToken } from '../../lib/testing/sql-tokens.ts';
import { carryColumn } from './carry.ts';
import { readObjects } from './catalog.ts';
import { parseNativeType, toColumnType } from './column-types.ts';
import { requireCondition } from './condition.ts';
import { selectStatement, sqlServerDialect } from './dialect.ts';
import { keyLiteral } from './key-literals.ts';
import { previewStatement } from './preview.ts';
import { profileStatement } from './profile.ts';
import { quantileStatement } from './quantiles.ts';

/** Stands for the name where a statement is read with an ordinary one. */
const PLAIN = 'zzplainzz';
const NAMES = hostileNames(2, 400);
const TYPES = [
  'int',
  'bigint',
  'decimal(38,10)',
  'money',
  'nvarchar(50)',
  'varchar(20)',
  'char(3)',
  'ntext',
  'image',
  'varbinary(max)',
  'xml',
  'uniqueidentifier',
  'datetime2(7)',
  'datetimeoffset(3)',
  'datetime',
  'sql_variant',
  'geometry',
  'hierarchyid',
  'bit',
  'real',
];

const ref = (name: string): TableRef => ({ database: name, schema: name, name });
const column = (name: string, nativeType: string, ordinal = 1): ColumnDescription => ({
  name,
  ordinal,
  nativeType,
  type: toColumnType(nativeType),
  nullable: true,
  defaultExpression: null,
  isIdentity: false,
  isComputed: false,
  collation: 'Latin1_General_CI_AS',
});
const columns = (name: string): ColumnDescription[] => TYPES.map((type, index) => column(name, type, index + 1));
const table = (name: string): TableDescription => ({
  ref: ref(name),
  kind: 'table',
  rowEstimate: 1,
  byteEstimate: 1,
  columns: columns(name),
  primaryKey: [],
  uniqueKeys: [],
  partitionKeys: [],
});

const STATEMENTS: Record<string, (name: string) => string | Promise<string>> = {
  select: (name) =>
    selectStatement({
      table: ref(name),
      columns: columns(name).flatMap((each, index) => {
        const carry = carryColumn(each, { asText: index % 2 === 0 });
        return carry.kind === 'carried' ? [{ expression: carry.expression, alias: `c${index}` }] : [];
      }),
      conditions: sqlServerDialect
        .rangePredicates(
          [
            { name, nullable: true },
            { name, nullable: true },
          ],
          [[sqlServerDialect.quoteLiteral(name), sqlServerDialect.quoteLiteral(name)]],
        )
        .map(({ predicate }) => predicate),
    }),
  quantiles: (name) =>
    quantileStatement({
      table: table(name),
      columns: [column(name, 'nvarchar(10)'), column(name, 'datetime2(3)')],
      count: 4,
      where: `x = ${sqlServerDialect.quoteLiteral(name)}`,
      rowCount: 100,
      samplePercent: 5,
    }),
  profile: (name) =>
    profileStatement({
      table: ref(name),
      where: null,
      columns: ['nvarchar(max)', 'xml', 'varbinary(max)', 'varchar(max)'].map((type) => ({
        ...column(name, type),
        risk: 'text-length',
      })),
    }),
  preview: (name) => previewStatement(table(name), { limit: 5, maxLength: 200 }),
  'catalog filter': async (name) => {
    const asked: string[] = [];
    await readObjects(
      {
        read: ({ where }) => Promise.resolve(void asked.push(where ?? '')).then(() => null),
        ask: () => Promise.resolve(null),
        fieldsOf: () => Promise.resolve(null),
      },
      [ref(name)],
    );
    return asked.filter((where) => where.includes('IN (N') || where.includes('IN ((')).join(' AND ');
  },
};

describe('statements with hostile names', () => {
  it.each(Object.keys(STATEMENTS))('%s means the same whatever the names are', async (what) => {
    const build = STATEMENTS[what] ?? (() => '');
    const plain = read(await build(PLAIN));
    expect(plain.some(({ text }) => text === PLAIN)).toBe(true);
    for (const name of NAMES) expect(read(await build(name)), name).toEqual(withName(plain, name));
  });

  it.each(Object.keys(STATEMENTS))('%s refuses a NUL', async (what) => {
    await expect((async () => STATEMENTS[what]?.('a\0b'))()).rejects.toThrow(AppError);
  });
});

describe('literals of key values', () => {
  it.each(['nvarchar(200)', 'nchar(10)', 'varchar(200)', 'char(10)'])(
    'of %s hold exactly the value, or there is none',
    (nativeType) => {
      const toLiteral = keyLiteral(ref('t'), column('k', nativeType));
      let kept = 0;
      for (const value of NAMES) {
        const literal = toLiteral(value);
        if (literal === null) continue;
        kept += 1;
        const texts = read(literal).filter(({ kind }) => kind === 'text');
        expect(texts, literal).toEqual([{ kind: 'text', text: value }]);
      }
      expect(kept).toBeGreaterThan(NAMES.length / 4);
      expect(parseNativeType(nativeType).name).toBe(nativeType.replace(/\(.*/, ''));
    },
  );
});

describe('conditions of the user', () => {
  const PARTS = [
    ...'\'"[]\\/-*;$()=;\n\r ',
    'a = 1',
    ' OR ',
    "''",
    ']]',
    '--',
    '/*',
    '*/',
    "N'",
    '\\\n',
    ')',
    '(',
    "'x'",
    ') OR (1=1',
  ];

  it('reach no further than their parentheses, or are refused', () => {
    let kept = 0;
    for (let seed = 0; seed < 60_000; seed += 1) {
      const condition = randomText(seed, PARTS);
      const guarded = guard(condition);
      if (guarded === null) continue;
      kept += 1;
      expectContained(guarded, condition);
    }
    expect(kept).toBeGreaterThan(2_000);
  });

  it.each(['1=1) OR (1=1', '1=1 /*/*/', "a = '\0'", '[a\0] = 1', '-- \0', 'a = [b'])('are refused as %j', (condition) =>
    expect(() => requireCondition(condition)).toThrow(AppError),
  );
});

/** Null for one that is refused. */
function guard(condition: string): string | null {
  try {
    return requireCondition(condition);
  } catch (error) {
    expect(error).toMatchObject({ code: 'INPUT_INVALID' });
    return null;
  }
}

/** `(condition) AND (zz)`: the first parenthesis closes just before AND, nothing is left open and there is one statement. */
function expectContained(guarded: string, condition: string): void {
  const tokens = sqlTokens(`${guarded} AND (zz)`, 'tsql').filter(({ kind }) => kind !== 'comment');
  const isSign = (token: SqlToken | undefined, sign: string): boolean => token?.kind === 'sign' && token.text === sign;
  let depth = 0;
  const closes = tokens.findIndex((token) => {
    if (isSign(token, '(')) depth += 1;
    if (isSign(token, ')')) depth -= 1;
    return depth === 0;
  });
  expect(
    tokens.slice(closes + 1).map(({ text }) => text),
    condition,
  ).toEqual(['AND', '(', 'zz', ')']);
  expect(
    tokens.some((token) => isSign(token, ';')),
    condition,
  ).toBe(false);
}

/** Tokens, with a text that is put together from parts read as one. */
function read(sql: string): SqlToken[] {
  const tokens = sqlTokens(sql, 'tsql');
  const read: SqlToken[] = [];
  for (let at = 0; at < tokens.length;) {
    const joined = joinedText(tokens, at);
    const token = tokens[at];
    if (joined) {
      read.push({ kind: 'text', text: joined.text });
      at = joined.end;
    } else {
      if (token) read.push(token);
      at += 1;
    }
  }
  return read;
}

function joinedText(tokens: SqlToken[], at: number): { text: string; end: number } | null {
  if (tokens[at]?.text !== '(' || tokens[at + 1]?.kind !== 'text') return null;
  let text = tokens[at + 1]?.text ?? '';
  let place = at + 2;
  while (tokens[place]?.text === '+' && tokens[place + 1]?.kind === 'text') {
    text += tokens[place + 1]?.text ?? '';
    place += 2;
  }
  return place > at + 2 && tokens[place]?.text === ')' ? { text, end: place + 1 } : null;
}

function withName(tokens: SqlToken[], name: string): SqlToken[] {
  return tokens.map((token) =>
    token.kind === 'name' || token.kind === 'text'
      ? { ...token, text: token.text.replaceAll(PLAIN, () => name) }
      : token,
  );
}
