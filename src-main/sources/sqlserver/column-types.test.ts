import { describe, expect, it } from 'vitest';
import { careType, formatNativeType, parseNativeType, toColumnType, type CatalogType } from './column-types.ts';

const MAX_BYTES = 2_147_483_647;

describe('toColumnType', () => {
  it.each([
    ['bit', { kind: 'boolean' }],
    ['tinyint', { kind: 'integer', precision: 3 }],
    ['smallint', { kind: 'integer', precision: 5 }],
    ['int', { kind: 'integer', precision: 10 }],
    ['bigint', { kind: 'integer', precision: 19 }],
    ['decimal(38,10)', { kind: 'decimal', precision: 38, scale: 10 }],
    ['numeric(5,0)', { kind: 'decimal', precision: 5, scale: 0 }],
    ['decimal', { kind: 'decimal', precision: 18, scale: 0 }],
    ['money', { kind: 'decimal', precision: 19, scale: 4 }],
    ['smallmoney', { kind: 'decimal', precision: 10, scale: 4 }],
    ['real', { kind: 'float', precision: 24 }],
    ['float', { kind: 'float', precision: 53 }],
    ['float(24)', { kind: 'float', precision: 24 }],
    ['char(10)', { kind: 'text', length: 10, padded: true }],
    ['nchar(10)', { kind: 'text', length: 10, padded: true }],
    ['varchar(20)', { kind: 'text', length: 20, padded: false }],
    ['varchar(max)', { kind: 'text', length: MAX_BYTES }],
    ['nvarchar(max)', { kind: 'text', length: 1_073_741_823 }],
    ['text', { kind: 'text', length: MAX_BYTES }],
    ['ntext', { kind: 'text', length: 1_073_741_823 }],
    ['sysname', { kind: 'text', length: 128 }],
    ['binary(8)', { kind: 'binary', length: 8 }],
    ['varbinary(max)', { kind: 'binary', length: MAX_BYTES }],
    ['image', { kind: 'binary', length: MAX_BYTES }],
    ['rowversion', { kind: 'binary', length: 8 }],
    ['timestamp', { kind: 'binary', length: 8 }],
    ['uniqueidentifier', { kind: 'uuid' }],
    ['date', { kind: 'date' }],
    ['time(7)', { kind: 'time', precision: 7 }],
    ['smalldatetime', { kind: 'timestamp', precision: 0 }],
    ['datetime', { kind: 'timestamp', precision: 3 }],
    ['datetime2(0)', { kind: 'timestamp', precision: 0 }],
    ['datetime2(7)', { kind: 'timestamp', precision: 7 }],
    ['datetimeoffset(3)', { kind: 'timestamp-tz', precision: 3 }],
    ['xml', { kind: 'xml' }],
    ['json', { kind: 'json' }],
    ['vector', { kind: 'json' }],
    ['sql_variant', { kind: 'text', length: null }],
    ['hierarchyid', { kind: 'text', length: 4000 }],
    ['geography', { kind: 'geography' }],
    ['geometry', { kind: 'geometry' }],
    ['dbo.Phone (nvarchar(25))', { kind: 'text', length: 25 }],
    ['odd (name). (decimal(9,2))', { kind: 'decimal', precision: 9, scale: 2 }],
    ['dbo.Point (CLR)', { kind: 'text' }],
    ['mystery', { kind: 'unsupported' }],
  ])('reads %s', (nativeType, expected) => {
    expect(toColumnType(nativeType)).toMatchObject(expected);
  });

  it('takes a name that is no type for an unknown one', () => {
    expect(parseNativeType('decimal(x)')).toEqual({ name: 'unknown', sizes: [] });
  });
});

describe('formatNativeType', () => {
  const catalogType = (parts: Partial<CatalogType>): CatalogType => ({
    baseName: 'int',
    userName: null,
    isAssembly: false,
    maxLength: 4,
    precision: 10,
    scale: 0,
    ...parts,
  });

  it.each([
    [{ baseName: 'int' }, 'int'],
    [{ baseName: 'decimal', precision: 38, scale: 10 }, 'decimal(38,10)'],
    [{ baseName: 'varchar', maxLength: -1 }, 'varchar(max)'],
    [{ baseName: 'varchar', maxLength: 30 }, 'varchar(30)'],
    [{ baseName: 'nvarchar', maxLength: 50 }, 'nvarchar(25)'],
    [{ baseName: 'nvarchar', maxLength: 50, userName: 'dbo.Phone' }, 'dbo.Phone (nvarchar(25))'],
    [{ baseName: 'timestamp', maxLength: 8 }, 'rowversion'],
    [{ baseName: 'datetime2', scale: 7 }, 'datetime2(7)'],
    [{ baseName: 'geometry', isAssembly: true, maxLength: -1 }, 'geometry'],
    [{ baseName: 'Point', isAssembly: true, userName: 'dbo.Point', maxLength: 17 }, 'dbo.Point (CLR)'],
  ])('writes %j as %s', (parts, expected) => {
    expect(formatNativeType(catalogType(parts))).toBe(expected);
  });
});

describe('careType', () => {
  it.each([
    ['int', null],
    ['nvarchar(max)', null],
    ['geometry', 'geometry'],
    ['sql_variant', 'sql_variant'],
    ['xml', 'xml'],
    ['dbo.Point (CLR)', 'clr'],
    ['mystery', 'mystery'],
  ])('of %s is %s', (nativeType, expected) => {
    expect(careType(nativeType)).toBe(expected);
  });
});
