import { describe, expect, it } from 'vitest';
import { AppError } from '#shared/errors/app-error';
import type { ColumnDescription, TableRef } from '#shared/model/table';
import { hostileNames, randomText } from '../../lib/testing/hostile-names.ts';
import { sqlTokens, type SqlRules, type SqlToken } from '../../lib/testing/sql-tokens.ts';
import { carryColumn } from './carry.ts';
import { keys, postgresColumns, redshiftColumns, svvColumns, tableFilter, tableInfo } from './catalog-queries.ts';
import { toColumnType } from './column-types.ts';
import { requireCondition } from './condition.ts';
import { redshiftDialect, selectStatement, unloadProbeStatement, unloadStatement } from './dialect.ts';
import { previewStatement } from './preview.ts';
import { profileStatement } from './profile.ts';
import { quantileStatement } from './quantiles.ts';

/** Stands for the name where a statement is read with an ordinary one. */
const PLAIN = 'zzplainzz';
const NAMES = hostileNames(1, 400);
const TYPES = [
  'integer',
  'numeric',
  'varchar(20)',
  'char(3)',
  'date',
  'timestamptz',
  'time',
  'super',
  'varbyte(10)',
  'geometry',
  'boolean',
  'interval year to month',
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
});
const columns = (name: string): ColumnDescription[] => TYPES.map((type, index) => column(name, type, index + 1));
const select = (name: string) => ({
  table: ref(name),
  columns: columns(name).flatMap((each, index) => {
    const carry = carryColumn(each, { asText: index % 2 === 0 });
    return carry.kind === 'carried' ? [{ expression: carry.expression, alias: `c${index}` }] : [];
  }),
  conditions: redshiftDialect
    .rangePredicates(
      [
        { name, nullable: true },
        { name, nullable: true },
      ],
      [[redshiftDialect.quoteLiteral(name), redshiftDialect.quoteLiteral(name)]],
    )
    .map(({ predicate }) => predicate),
});
const unload = (name: string) => ({
  uri: `s3://bucket/${name}/`,
  iamRole: `arn:aws:iam::1:role/${name.trim().replaceAll(',', '')}x`,
  region: `r${name}`,
  encryption: { kind: 'kms' as const, keyId: name },
  maxFileSizeMb: 256,
});

const STATEMENTS: Record<string, (name: string) => string> = {
  select: (name) => selectStatement(select(name)),
  quantiles: (name) =>
    quantileStatement({
      table: ref(name),
      columns: [column(name, 'varchar(10)'), column(name, 'integer')],
      count: 4,
      where: `x = ${redshiftDialect.quoteLiteral(name)}`,
      fraction: 0.5,
    }),
  profile: (name) =>
    profileStatement({
      table: ref(name),
      where: null,
      columns: (['date-range', 'timestamp-range', 'hex-length', 'text-length'] as const).map((risk, index) => ({
        ...column(name, ['date', 'timestamptz', 'geometry', 'super'][index] ?? ''),
        risk,
      })),
    }),
  preview: (name) =>
    previewStatement(
      {
        ref: ref(name),
        kind: 'table',
        rowEstimate: 1,
        byteEstimate: 1,
        columns: columns(name),
        primaryKey: [],
        uniqueKeys: [],
        partitionKeys: [],
      },
      { limit: 5, maxLength: 200 },
    ),
  'table filter': (name) => `SELECT 1 WHERE ${tableFilter('a', 'b', [ref(name)])}`,
  'table info': (name) => tableInfo([ref(name)]),
  'columns of Redshift': (name) => redshiftColumns([ref(name)]),
  'columns of PostgreSQL': (name) => postgresColumns([ref(name)]),
  'columns of views': (name) => svvColumns([ref(name)]),
  keys: (name) => keys([ref(name)]),
};

describe.each(['redshift', 'postgres'] as const)('statements with hostile names, read by the rules of %s', (rules) => {
  it.each(Object.keys(STATEMENTS))('%s means the same whatever the names are', (what) => {
    const build = STATEMENTS[what] ?? (() => '');
    const plain = read(build(PLAIN), rules);
    for (const name of NAMES) expect(read(build(name), rules), name).toEqual(withName(plain, name));
  });
});

describe('UNLOAD with hostile names', () => {
  it('holds the very SELECT, and means the same by its clauses', () => {
    const plain = sqlTokens(unloadProbeStatement(unload(PLAIN)), 'redshift');
    for (const name of NAMES) {
      const trimmed = name.trim().replaceAll(',', '');
      const expected = plain.map((token) =>
        token.kind === 'text' && token.text.startsWith('arn:')
          ? { ...token, text: token.text.replace(PLAIN, () => trimmed) }
          : (withName([token], name)[0] ?? token),
      );
      expect(sqlTokens(unloadProbeStatement(unload(name)), 'redshift'), name).toEqual(expected);
      const tokens = sqlTokens(unloadStatement({ select: select(name), ...unload(name) }), 'redshift');
      expect(tokens.map(({ kind }) => kind)).toEqual(expected.map(({ kind }) => kind));
      expect(tokens.find(({ kind }) => kind === 'text')?.text, name).toBe(selectStatement(select(name)));
    }
  });
});

describe('a NUL, which would end the statement on the wire', () => {
  it.each([...Object.keys(STATEMENTS), 'unload'])('is refused in %s', (what) => {
    const build =
      what === 'unload' ? (name: string) => unloadProbeStatement(unload(name)) : (STATEMENTS[what] ?? (() => ''));
    expect(() => build('a\0b')).toThrow(AppError);
  });

  it.each(['\0', "'a\0b'", '"a\0b"', '-- a\0b\n 1=1', '/* \0 */ 1=1'])(
    'is refused in the condition %j',
    (condition) => {
      expect(() => requireCondition(condition)).toThrow(AppError);
    },
  );
});

describe('conditions of the user', () => {
  const PARTS = [
    ...'\'"\\/-*;$()=;\n\r ',
    'a = 1',
    ' OR ',
    "''",
    '$$',
    '$t$',
    'w$$',
    '--',
    '/*',
    '*/',
    "E'",
    "\\'",
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
      for (const rules of ['redshift', 'postgres'] as const) expectContained(guarded, rules, condition);
    }
    expect(kept).toBeGreaterThan(2_000);
  });

  it.each([
    '1=1) OR (1=1',
    '-- \r) OR (1=1',
    "$a$'$a$) OR (1=1 --'",
    "x = $q$ ' $q$ ) OR ('' = '",
    'a /* /* */ = 1',
    "a$$ ' $$ ' ) OR (1=1 --'",
  ])('are refused as %j', (condition) => expect(() => requireCondition(condition)).toThrow(AppError));

  it.each(["a = 'it''s'", 'b > 1 -- all\nAND c', 'f("x)") IN (1, 2)', "d = '\\\\'", "e = $$it's$$"])(
    'are kept as %j',
    (condition) => {
      expectContained(requireCondition(condition), 'redshift', condition);
    },
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
function expectContained(guarded: string, rules: SqlRules, condition: string): void {
  const tokens = sqlTokens(`${guarded} AND (zz)`, rules).filter(({ kind }) => kind !== 'comment');
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

/** Tokens, with a text that is put together around CHR(92) read as one. */
function read(sql: string, rules: SqlRules): SqlToken[] {
  const tokens = sqlTokens(sql, rules);
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

const CHR = ['|', '|', 'CHR', '(', '92', ')', '|', '|'];

function joinedText(tokens: SqlToken[], at: number): { text: string; end: number } | null {
  if (tokens[at]?.text !== '(' || tokens[at + 1]?.kind !== 'text') return null;
  let text = tokens[at + 1]?.text ?? '';
  let place = at + 2;
  while (CHR.every((part, index) => tokens[place + index]?.text === part)) {
    text += `\\${tokens[place + CHR.length]?.text ?? ''}`;
    place += CHR.length + 1;
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
