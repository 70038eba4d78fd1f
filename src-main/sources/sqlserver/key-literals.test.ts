import { describe, expect, it } from 'vitest';
import type { ColumnDescription } from '#shared/model/table';
import { toColumnType } from './column-types.ts';
import { keyLiteral } from './key-literals.ts';

const table = { database: 'shop', schema: 'dbo', name: 't' };

function column(nativeType: string, parts: Partial<ColumnDescription> = {}): ColumnDescription {
  return {
    name: 'k',
    ordinal: 1,
    nativeType,
    type: toColumnType(nativeType),
    nullable: false,
    defaultExpression: null,
    isIdentity: false,
    isComputed: false,
    ...parts,
  };
}

const POLISH = { collation: 'Polish_CI_AS' };

describe('keyLiteral', () => {
  it.each([
    ['int', '-5', '-5'],
    ['bigint', '12', '12'],
    ['bigint', '-9223372036854775808', 'CAST(-9223372036854775808 AS bigint)'],
    ['decimal(38,10)', '1.5000000000', "CAST('1.5000000000' AS decimal(38,10))"],
    ['money', '922337203685477.5807', "CAST('922337203685477.5807' AS money)"],
    ['float', '1.7976931348623157e+308', "CAST('1.7976931348623157e+308' AS float)"],
    ['date', '0001-01-01', "CAST('0001-01-01' AS date)"],
    ['time(7)', '23:59:59.9999999', "CAST('23:59:59.9999999' AS time(7))"],
    ['datetime2(7)', '2024-02-29 13:05:09.1234567', "CAST('2024-02-29 13:05:09.1234567' AS datetime2(7))"],
    [
      'datetimeoffset(3)',
      '2024-02-29 13:05:09.123 +02:00',
      "CAST('2024-02-29 13:05:09.123 +02:00' AS datetimeoffset(3))",
    ],
    ['datetime', '2024-02-29 13:05:09.003', "CONVERT(datetime, '2024-02-29 13:05:09.003', 121)"],
    ['smalldatetime', '2024-02-29 13:05:00', "CONVERT(smalldatetime, '2024-02-29 13:05:00', 120)"],
    [
      'uniqueidentifier',
      '6F9619FF-8B86-D011-B42D-00C04FC964FF',
      "CAST('6F9619FF-8B86-D011-B42D-00C04FC964FF' AS uniqueidentifier)",
    ],
    ['binary(4)', '00FF0102', '0x00FF0102'],
    ['rowversion', '00000000000007D1', '0x00000000000007D1'],
    ['nvarchar(20)', "Ä'🚢", "N'Ä''🚢'"],
    ['varchar(20)', "it's", "'it''s'"],
    ['dbo.Code (varchar(20))', 'x', "'x'"],
  ])('writes a %s as a literal of that type: %s', (nativeType, text, literal) => {
    expect(keyLiteral(table, column(nativeType))(text)).toBe(literal);
  });

  it("goes through the code page of the column's collation for other text", () => {
    expect(keyLiteral(table, column('varchar(20)', POLISH))('Łódź')).toBe(
      "CONVERT(varchar(20), N'Łódź' COLLATE Polish_CI_AS)",
    );
  });

  it.each([
    ['half a surrogate pair', 'nvarchar(20)', {}, 'a\ud83d'],
    ['a NUL', 'nvarchar(20)', {}, 'a\0'],
    ['a character that the code page lacks', 'varchar(20)', POLISH, 'Ł?'],
    ['a character that could not be read', 'varchar(20)', POLISH, 'Ł\ufffd'],
    ['text of an unknown code page', 'varchar(20)', {}, 'Łódź'],
  ])('does without %s', (_what, nativeType, parts, text) => {
    expect(keyLiteral(table, column(nativeType, parts))(text)).toBeNull();
  });

  it.each([
    ['xml', {}, 'no order'],
    ['varchar(max)', {}, 'no order'],
    ['hierarchyid', {}, 'no order'],
    ['sql_variant', {}, 'no order'],
    ['int', { traits: ['masked' as const] }, 'cannot be read'],
  ])('refuses to cut by %s', (nativeType, parts, reason) => {
    expect(() => keyLiteral(table, column(nativeType, parts))).toThrow(
      expect.objectContaining({ code: 'NOT_SUPPORTED', message: expect.stringContaining(reason) }) as Error,
    );
  });
});
