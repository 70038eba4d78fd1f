import { describe, expect, it } from 'vitest';
import type { Carrier } from '#shared/model/column-type';
import { CellError } from '../../../extract/cell-error.ts';
import { codecFor } from './codec-for.ts';
import { textEncoder, wireColumnOf } from './encode-text.ts';
import { readValues } from './testing/read-values.ts';

function readBack(nativeType: string, carrier: Carrier, text: string): string | null {
  const column = wireColumnOf('c', nativeType);
  const bytes = textEncoder(column)(text);
  const codec = codecFor(column, carrier);
  if (!codec) throw new Error('no codec');
  const lengths = Int32Array.of(bytes.length);
  return readValues({ bytes, rowCount: 1, stride: 1, starts: Int32Array.of(0), lengths }, 0, codec)[0]!;
}

describe('textEncoder', () => {
  it.each<[string, Carrier, string, string?]>([
    ['bit', 'native-boolean', '1'],
    ['tinyint', 'native-integer', '255'],
    ['smallint', 'native-integer', '-32768'],
    ['int', 'native-integer', '-2147483648'],
    ['bigint', 'native-integer', '-9223372036854775808'],
    ['decimal(18,4)', 'native-decimal', '-12345678901234.5678', '-123456789012345678'],
    ['decimal(38,10)', 'native-decimal', `-${'9'.repeat(28)}.${'9'.repeat(10)}`, `-${'9'.repeat(38)}`],
    ['decimal(38,38)', 'decimal-text', `0.${'0'.repeat(37)}1`],
    ['numeric(5,2)', 'decimal-text', '.50', '0.50'],
    ['money', 'decimal-text', '-922337203685477.5808'],
    ['smallmoney', 'decimal-text', '-214748.3648'],
    ['float', 'native-float', '1.7976931348623157e+308'],
    ['float', 'native-float', '-4.9406564584124654e-324', '-5e-324'],
    ['real', 'native-float', '3.4028234663852886e+038', '3.4028234663852886e+38'],
    ['date', 'iso-date', '0001-01-01'],
    ['date', 'native-date', '1969-12-31', '-1'],
    ['time(7)', 'iso-time', '23:59:59.9999999'],
    ['time(0)', 'iso-time', '23:59:59'],
    ['smalldatetime', 'iso-timestamp', '2079-06-06 23:59:00'],
    ['datetime', 'iso-timestamp', '1753-01-01 00:00:00.000'],
    ['datetime', 'iso-timestamp', '9999-12-31 23:59:59.997'],
    ['datetime', 'iso-timestamp', '2000-02-29 12:00:00.003'],
    ['datetime2(3)', 'iso-timestamp', '9999-12-31 23:59:59.999'],
    ['datetime2(7)', 'iso-timestamp', '0001-01-01 00:00:00.0000001'],
    ['datetimeoffset(7)', 'iso-timestamp-tz', '9999-12-31 23:59:59.9999999 +14:00'],
    ['datetimeoffset(0)', 'iso-timestamp-tz', '1970-01-01 00:00:00 -03:30'],
    ['varbinary(max)', 'native-binary', '00FF', '00ff'],
    ['rowversion', 'native-binary', '00000000000007D1', '00000000000007d1'],
    ['image', 'native-binary', '', ''],
    ['uniqueidentifier', 'native-text', '00112233-4455-6677-8899-AABBCCDDEEFF'],
    ['nvarchar(10)', 'native-text', 'a😀'],
    ['varchar(max)', 'native-text', ''],
    ['geometry', 'wkt', 'SRID=4326;POINT (1 2)'],
    ['dbo.Amount (decimal(9,2))', 'decimal-text', '1.00'],
  ])('brings %s as %s: %s to the bytes of the wire', (nativeType, carrier, text, expected = text) => {
    expect(readBack(nativeType, carrier, text)).toBe(expected);
  });

  it.each([
    ['int', '1.5'],
    ['decimal(5,2)', '1.234'],
    ['decimal(5,2)', '1,000.00'],
    ['datetime2(3)', '2000-01-01 00:00:00.1234'],
    ['datetime2(3)', 'Jan  1 2000'],
    ['date', '2000-1-1'],
    ['varbinary(9)', '0x00'],
    ['bit', 'true'],
  ])('refuses text that is no %s: %s', (nativeType, text) => {
    expect(() => textEncoder(wireColumnOf('c', nativeType))(text)).toThrow(CellError);
  });
});
