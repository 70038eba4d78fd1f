import { describe, expect, it } from 'vitest';
import type { ColumnDescription, ColumnTrait } from '#shared/model/table';
import { carryColumn, exactTextExpression } from './carry.ts';
import { toColumnType } from './column-types.ts';

function column(nativeType: string, parts: Partial<ColumnDescription> = {}): ColumnDescription {
  return {
    name: 'c]1',
    ordinal: 1,
    nativeType,
    type: toColumnType(nativeType),
    nullable: true,
    defaultExpression: null,
    isIdentity: false,
    isComputed: false,
    ...parts,
  };
}

function notesOf(described: ColumnDescription): string {
  const carry = carryColumn(described);
  return carry.kind === 'carried' ? carry.notes.join(' ') : `not carried: ${carry.reason}`;
}

describe('carryColumn', () => {
  it.each([
    ['bit', 'native-boolean'],
    ['tinyint', 'native-integer'],
    ['bigint', 'native-integer'],
    ['decimal(38,10)', 'native-decimal'],
    ['money', 'native-decimal'],
    ['smallmoney', 'native-decimal'],
    ['real', 'native-float'],
    ['float', 'native-float'],
    ['date', 'native-date'],
    ['time(7)', 'iso-time'],
    ['datetime', 'native-timestamp'],
    ['smalldatetime', 'native-timestamp'],
    ['datetime2(6)', 'native-timestamp'],
    ['datetime2(7)', 'iso-timestamp'],
    ['datetimeoffset(7)', 'iso-timestamp-tz'],
    ['char(10)', 'native-text'],
    ['nvarchar(40)', 'native-text'],
    ['binary(16)', 'native-binary'],
    ['rowversion', 'native-binary'],
    ['uniqueidentifier', 'native-text'],
    ['dbo.Phone (nvarchar(25))', 'native-text'],
  ])('takes %s from the wire as %s', (nativeType, carrier) => {
    expect(carryColumn(column(nativeType))).toMatchObject({
      kind: 'carried',
      expression: '[c]]1]',
      carrier,
      risk: null,
    });
  });

  it.each([
    ['varchar(max)', '[c]]1]', 'native-text'],
    ['nvarchar(max)', '[c]]1]', 'native-text'],
    ['varbinary(max)', '[c]]1]', 'native-binary'],
    ['text', 'CONVERT(varchar(max), [c]]1])', 'native-text'],
    ['ntext', 'CONVERT(nvarchar(max), [c]]1])', 'native-text'],
    ['image', 'CONVERT(varbinary(max), [c]]1])', 'native-binary'],
    ['xml', 'CONVERT(nvarchar(max), [c]]1])', 'xml'],
    ['json', 'CONVERT(nvarchar(max), [c]]1])', 'json'],
  ])('looks at the length of %s before', (nativeType, expression, carrier) => {
    expect(carryColumn(column(nativeType))).toMatchObject({
      kind: 'carried',
      expression,
      carrier,
      risk: 'text-length',
    });
  });

  it.each([
    ['decimal(38,38)', 'CONVERT(varchar(41), [c]]1])', 'decimal-text'],
    ['vector', 'CONVERT(nvarchar(max), [c]]1])', 'json'],
    ['hierarchyid', '[c]]1].ToString()', 'native-text'],
    ['dbo.Point (CLR)', '[c]]1].ToString()', 'native-text'],
    ['geometry', "N'SRID=' + CONVERT(nvarchar(11), [c]]1].STSrid) + N';' + [c]]1].AsTextZM()", 'wkt'],
    ['geography', "N'SRID=' + CONVERT(nvarchar(11), [c]]1].STSrid) + N';' + [c]]1].AsTextZM()", 'wkt'],
  ])('makes text of %s at the server', (nativeType, expression, carrier) => {
    expect(carryColumn(column(nativeType))).toMatchObject({ kind: 'carried', expression, carrier });
  });

  it('writes a sql_variant by its base type, so that no digit is lost', () => {
    const carry = carryColumn(column('sql_variant'));
    const expression = carry.kind === 'carried' ? carry.expression : '';
    expect(expression).toMatch(
      /^CASE CONVERT\(varchar\(128\), SQL_VARIANT_PROPERTY\(\[c\]\]1\], 'BaseType'\)\) WHEN 'datetime' THEN /,
    );
    expect(expression).toContain("WHEN 'float' THEN CONVERT(nvarchar(30), CONVERT(float, [c]]1]), 3)");
    expect(expression).toMatch(/ ELSE CONVERT\(nvarchar\(max\), \[c\]\]1\]\) END$/);
  });

  it.each<[ColumnTrait, RegExp]>([
    ['internal', /keeps this column for itself/],
    ['column-set', /sparse columns once more/],
    ['encrypted', /Always Encrypted/],
    ['masked', /GRANT UNMASK/],
  ])('does not carry what is %s, and says why', (trait, reason) => {
    expect(carryColumn(column('int', { traits: [trait] }))).toEqual({
      kind: 'not-carried',
      reason: expect.stringMatching(reason),
    });
  });

  it('does not carry a type that it does not know', () => {
    expect(carryColumn(column('mystery'))).toMatchObject({ kind: 'not-carried' });
  });

  it.each([
    [column('int', { isIdentity: true }), /identity/],
    [column('int', { isComputed: true }), /stored values/],
    [column('int', { isComputed: true, traits: ['computed-on-read'] }), /whenever it is read/],
    [column('datetime2(7)', { traits: ['hidden'] }), /SELECT \*/],
    [column('varchar(10)', { collation: 'Latin1_General_CI_AS' }), /without regard to case \(/],
    [column('varchar(10)', { collation: 'Latin1_General_100_CI_AI_SC' }), /case and accents/],
    [column('datetime'), /1\/300/],
    [column('uniqueidentifier'), /upper case/],
    [column('sql_variant'), /base type/],
    [column('geometry'), /SRID/],
  ])('notes what the user should know of %j', (described, note) => {
    expect(notesOf(described)).toMatch(note);
  });

  it('has nothing to note of a collation that compares exactly', () => {
    expect(notesOf(column('varchar(10)', { collation: 'Latin1_General_100_BIN2' }))).toBe('');
  });

  it.each([
    ['date', 'CONVERT(varchar(10), [c]]1], 23)', 'iso-date'],
    ['time(7)', 'CONVERT(varchar(16), [c]]1], 121)', 'iso-time'],
    ['datetime', 'CONVERT(varchar(23), [c]]1], 121)', 'iso-timestamp'],
    ['datetimeoffset(7)', 'CONVERT(varchar(34), [c]]1], 121)', 'iso-timestamp-tz'],
  ])('has a text form of %s', (nativeType, expression, carrier) => {
    expect(carryColumn(column(nativeType), { asText: true })).toMatchObject({ kind: 'carried', expression, carrier });
  });
});

describe('exactTextExpression', () => {
  it.each([
    ['bit', 'CONVERT(varchar(1), [c]]1])'],
    ['bigint', 'CONVERT(varchar(20), [c]]1])'],
    ['decimal(38,0)', 'CONVERT(varchar(41), [c]]1])'],
    ['money', 'CONVERT(varchar(41), CAST([c]]1] AS decimal(19,4)))'],
    ['float', 'CONVERT(varchar(30), [c]]1], 3)'],
    ['datetime2(7)', 'CONVERT(varchar(27), [c]]1], 121)'],
    ['varchar(50)', 'CONVERT(nvarchar(50), [c]]1])'],
    ['varchar(8000)', 'CONVERT(nvarchar(max), [c]]1])'],
    ['text', 'CONVERT(nvarchar(max), CONVERT(varchar(max), [c]]1]))'],
    ['nvarchar(50)', '[c]]1]'],
    ['varbinary(20)', 'CONVERT(varchar(max), [c]]1], 2)'],
    ['rowversion', 'CONVERT(varchar(16), CONVERT(binary(8), [c]]1]), 2)'],
    ['uniqueidentifier', 'CONVERT(varchar(36), [c]]1])'],
  ])('of %s is %s', (nativeType, expression) => {
    expect(exactTextExpression(column(nativeType))).toBe(expression);
  });
});
