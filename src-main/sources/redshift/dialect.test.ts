import { describe, expect, it } from 'vitest';
import type { ColumnDescription, TableRef } from '#shared/model/table';
import type { UnloadRequest } from '../source.ts';
import { toColumnType } from './column-types.ts';
import { redshiftDialect, unloadStatement } from './dialect.ts';

const table: TableRef = { database: 'dev', schema: 'public', name: 'orders' };
const hostile: TableRef = { database: 'dev', schema: 'S"1; --', name: "o'r\\d/*" };

function column(nativeType: string, name = 'col'): ColumnDescription {
  return {
    name,
    ordinal: 1,
    nativeType,
    type: toColumnType(nativeType),
    nullable: true,
    defaultExpression: null,
    isIdentity: false,
    isComputed: false,
  };
}

describe('carry', () => {
  it.each([
    ['smallint', '"col"', 'native-integer', null],
    ['integer', '"col"', 'native-integer', null],
    ['bigint', '"col"', 'native-integer', null],
    ['numeric(38,10)', '"col"', 'native-decimal', null],
    ['numeric', 'CAST("col" AS VARCHAR)', 'decimal-text', null],
    ['double precision', '"col"', 'native-float', null],
    ['boolean', '"col"', 'native-boolean', null],
    ['char(10)', 'CAST("col" AS VARCHAR(10))', 'native-text', null],
    ['varchar(20)', '"col"', 'native-text', null],
    ['date', '"col"', 'native-date', 'date-range'],
    ['time', 'CAST("col" AS VARCHAR(64))', 'iso-time', null],
    ['timetz', 'CAST("col" AS VARCHAR(64))', 'iso-time-tz', null],
    ['timestamp', '"col"', 'native-timestamp', 'timestamp-range'],
    ['timestamptz', `"col" AT TIME ZONE 'UTC'`, 'utc-timestamp', 'timestamp-range'],
    ['super', 'JSON_SERIALIZE("col")', 'json', 'text-length'],
    ['varbyte(100)', `FROM_VARBYTE("col", 'hex')`, 'hex', 'hex-length'],
    ['geometry', 'ST_AsHexEWKB("col")', 'hex-ewkb', 'hex-length'],
    ['geography', 'ST_AsHexEWKB("col")', 'hex-ewkb', 'hex-length'],
    ['interval year to month', 'CAST("col" AS VARCHAR(64))', 'interval-text', null],
    ['uuid', 'CAST("col" AS VARCHAR(36))', 'native-text', null],
  ])('carries %s as %s', (nativeType, expression, carrier, risk) => {
    for (const strategy of ['unload', 'regular'] as const) {
      expect(redshiftDialect.carry(column(nativeType), strategy)).toMatchObject({
        kind: 'carried',
        expression,
        carrier,
        risk,
      });
    }
  });

  it.each([
    ['unload', '"col"'],
    ['regular', 'CAST("col" AS DOUBLE PRECISION)'],
  ] as const)('carries real with all its digits by %s', (strategy, expression) => {
    const carry = redshiftDialect.carry(column('real'), strategy);
    expect(carry).toMatchObject({ kind: 'carried', expression, carrier: 'native-float' });
  });

  it.each([
    ['date', 'CAST("col" AS VARCHAR(64))', 'iso-date'],
    ['timestamp', 'CAST("col" AS VARCHAR(64))', 'iso-timestamp'],
    ['timestamptz', 'CAST("col" AS VARCHAR(64))', 'iso-timestamp-tz'],
  ])('carries %s as text without risk when asked to', (nativeType, expression, carrier) => {
    const carry = redshiftDialect.carry(column(nativeType), 'unload', { asText: true });
    expect(carry).toMatchObject({ kind: 'carried', expression, carrier, risk: null });
  });

  it('gives the reason for what it does not carry', () => {
    expect(redshiftDialect.carry(column('hllsketch'), 'unload')).toMatchObject({
      kind: 'not-carried',
      reason: expect.stringContaining('HLLSKETCH') as string,
    });
    expect(redshiftDialect.carry(column('struct<a:int>'), 'unload')).toMatchObject({
      kind: 'not-carried',
      reason: expect.stringContaining('struct<a:int>') as string,
    });
  });

  it('tells what CHAR and TIMESTAMPTZ lose', () => {
    expect(redshiftDialect.carry(column('char(3)'), 'unload')).toMatchObject({
      notes: [expect.stringContaining('Trailing blanks')],
    });
    expect(redshiftDialect.carry(column('timestamptz'), 'unload')).toMatchObject({
      notes: [expect.stringContaining('UTC')],
    });
  });

  it('quotes a hostile column name in every form', () => {
    for (const type of ['varchar(5)', 'char(5)', 'super', 'varbyte(5)', 'geometry', 'timestamptz', 'time']) {
      const carry = redshiftDialect.carry(column(type, 'a"b\'; --'), 'unload');
      expect(carry.kind === 'carried' && carry.expression).toContain('"a""b\'; --"');
    }
  });
});

describe('selectStatement', () => {
  it('names every column, and joins conditions', () => {
    const columns = [
      { expression: '"a"', alias: 'c1' },
      { expression: `"b" AT TIME ZONE 'UTC'`, alias: 'c2' },
    ];
    expect(redshiftDialect.selectStatement({ table, columns, conditions: ['"a" > 1', '', "b = 'x' -- why"] })).toBe(
      `SELECT "a" AS "c1", "b" AT TIME ZONE 'UTC' AS "c2" FROM "public"."orders" WHERE ("a" > 1) AND (b = 'x' -- why\n)`,
    );
  });

  it('quotes hostile names', () => {
    expect(
      redshiftDialect.selectStatement({
        table: hostile,
        columns: [{ expression: '"x"', alias: 'c"1' }],
        conditions: [],
      }),
    ).toBe(`SELECT "x" AS "c""1" FROM "S""1; --"."o'r\\d/*"`);
  });
});

describe('unloadStatement', () => {
  const request: UnloadRequest = {
    select: { table, columns: [{ expression: '"a"', alias: 'c1' }], conditions: [`"d" >= '2020-01-01'::date`] },
    uri: 's3://bucket/run/t/p/a/',
    iamRole: 'arn:aws:iam::123456789012:role/Unload',
    region: 'eu-central-1',
    encryption: { kind: 'none' },
    maxFileSizeMb: 256,
  };

  it('doubles the quotes of the query and names manifest, size, region and role', () => {
    expect(unloadStatement(request)).toBe(
      `UNLOAD ('SELECT "a" AS "c1" FROM "public"."orders" WHERE ("d" >= ''2020-01-01''::date)') TO 's3://bucket/run/t/p/a/' IAM_ROLE 'arn:aws:iam::123456789012:role/Unload' FORMAT AS PARQUET MANIFEST VERBOSE MAXFILESIZE 256 MB REGION 'eu-central-1'`,
    );
  });

  it.each([
    ['default', 'IAM_ROLE default'],
    ['Default ', 'IAM_ROLE default'],
    ['arn:aws:iam::1:role/A, arn:aws:iam::2:role/B', `IAM_ROLE 'arn:aws:iam::1:role/A,arn:aws:iam::2:role/B'`],
    ["x' CREDENTIALS 'y", `IAM_ROLE 'x'' CREDENTIALS ''y'`],
  ])('writes the role %s', (iamRole, clause) => {
    expect(unloadStatement({ ...request, iamRole })).toContain(` ${clause} FORMAT`);
  });

  it.each([
    [{ kind: 'none' } as const, `REGION 'eu-central-1'`],
    [{ kind: 'bucket-default' } as const, `REGION 'eu-central-1' ENCRYPTED AUTO`],
    [{ kind: 'kms', keyId: 'arn:aws:kms:k' } as const, `REGION 'eu-central-1' KMS_KEY_ID 'arn:aws:kms:k' ENCRYPTED`],
  ])('writes the encryption %j', (encryption, ending) => {
    expect(unloadStatement({ ...request, encryption }).endsWith(ending)).toBe(true);
  });

  it('leaves REGION out as long as the region is not known', () => {
    expect(unloadStatement({ ...request, region: '' })).not.toContain('REGION');
  });

  it('keeps hostile names and backslashes inside the literal', () => {
    const statement = unloadStatement({ ...request, select: { ...request.select, table: hostile, conditions: [] } });
    expect(statement).toContain(`UNLOAD ('SELECT "a" AS "c1" FROM "S""1; --"."o''r\\\\d/*"') TO `);
  });

  it('refuses a condition that would end the query', () => {
    const select = { ...request.select, conditions: ["1=1) ') TO 's3://other/' --"] };
    expect(() => unloadStatement({ ...request, select })).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID' }) as Error,
    );
  });
});
