import { describe, expect, it } from 'vitest';
import { toResultField, type DriverColumn } from './result-fields.ts';

function field(name: string, parts: Partial<DriverColumn> = {}) {
  return toResultField({ colName: 'c', type: { name }, ...parts });
}

describe('toResultField', () => {
  it.each<[string, Partial<DriverColumn>, string]>([
    ['Int', {}, 'int'],
    ['IntN', { dataLength: 8 }, 'bigint'],
    ['FloatN', { dataLength: 4 }, 'real'],
    ['MoneyN', { dataLength: 4 }, 'smallmoney'],
    ['DateTimeN', { dataLength: 4 }, 'smalldatetime'],
    ['BitN', { dataLength: 1 }, 'bit'],
    ['DecimalN', { precision: 38, scale: 10, dataLength: 17 }, 'decimal(38,10)'],
    ['NumericN', { precision: 9, scale: 2, dataLength: 5 }, 'numeric(9,2)'],
    ['VarChar', { dataLength: 20 }, 'varchar(20)'],
    ['VarChar', { dataLength: 65535 }, 'varchar(max)'],
    ['NVarChar', { dataLength: 50 }, 'nvarchar(25)'],
    ['NChar', { dataLength: 20 }, 'nchar(10)'],
    ['VarBinary', { dataLength: 65535 }, 'varbinary(max)'],
    ['Binary', { dataLength: 8, userType: 80 }, 'rowversion'],
    ['Binary', { dataLength: 8 }, 'binary(8)'],
    ['DateTime2', { scale: 7 }, 'datetime2(7)'],
    ['Time', { scale: 3 }, 'time(3)'],
    ['Date', {}, 'date'],
    ['NText', {}, 'ntext'],
    ['Xml', {}, 'xml'],
    ['Variant', { dataLength: 8009 }, 'sql_variant'],
    ['UniqueIdentifier', { dataLength: 16 }, 'uniqueidentifier'],
    ['UDT', { udtInfo: { owningSchema: 'sys', typeName: 'geometry' } }, 'geometry'],
    ['UDT', { udtInfo: { owningSchema: 'dbo', typeName: 'Point' } }, 'dbo.Point (CLR)'],
    ['Null', {}, 'unknown'],
  ])('names %s of %j', (name, parts, nativeType) => {
    expect(field(name, parts).nativeType).toBe(nativeType);
  });

  it('reads the flags', () => {
    expect(field('Int', { flags: 0x0011 })).toMatchObject({ nullable: true, isIdentity: true, isComputed: false });
    expect(field('Int', { flags: 0x0028 })).toMatchObject({ nullable: false, isIdentity: false, isComputed: true });
  });
});
