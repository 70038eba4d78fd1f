import { describe, expect, it } from 'vitest';
import { jsonText, parseJson } from './json-text.ts';
import { decimalText, divideRounded, floatText, formatDecimal, parseDecimal, rescale } from './number-text.ts';
import {
  epochNanos,
  formatMoment,
  momentOf,
  nanosOf,
  packTz,
  parseAuto,
  parseMoment,
  unpackTz,
  wallToInstant,
} from './time-text.ts';

describe('numbers', () => {
  it.each([
    ['2.5', 0, '3'],
    ['-2.5', 0, '-3'],
    ['1.005', 2, '1.01'],
    ['99999999999999999999999999999999999999', 0, '99999999999999999999999999999999999999'],
    ['1e3', 1, '1000.0'],
    ['.5', 3, '0.500'],
  ])('%s at scale %i is %s', (text, scale, expected) => {
    const value = parseDecimal(text);
    expect(value && decimalText(rescale(value, scale), scale)).toBe(expected);
  });

  it.each([
    [7n, 2n, 4n],
    [-7n, 2n, -4n],
    [10n, 3n, 3n],
    [11n, 3n, 4n],
    [5n, 3n, 2n],
    [-5n, 3n, -2n],
  ])('%s / %s rounds to %s', (a, b, expected) => {
    expect(divideRounded(a, b)).toBe(expected);
  });

  it.each([
    [NaN, 'NaN'],
    [-Infinity, '-inf'],
    [-0, '-0'],
    [1e21, '1e+21'],
    [1.5e-7, '1.5e-07'],
    [0.1, '0.1'],
  ])('prints the float %s as %s', (value, expected) => {
    expect(floatText(value)).toBe(expected);
  });

  it.each([
    ['1234.5', '999,990.00', '   1,234.50'],
    ['-5', 'FM000', '-005'],
    ['0.5', 'FM9990.00', '0.50'],
  ])('formats %s by %s', (text, format, expected) => {
    expect(formatDecimal(text, format)).toBe(expected);
  });
});

describe('moments', () => {
  it.each(['0001-01-01 00:00:00.000000001', '1969-12-31 23:59:59.999999999', '9999-12-31 23:59:59.999999999'])(
    '%s comes back as it was',
    (text) => {
      const moment = parseAuto(text);
      const nanos = moment && nanosOf(moment);
      expect(nanos !== undefined && formatMoment(momentOf(nanos, null), 'YYYY-MM-DD HH24:MI:SS.FF9')).toBe(text);
    },
  );

  it.each(['2024-02-30', '2024-13-01', 'soon', '2024-01-01 25:00:00'])('%s is no moment', (text) => {
    expect(parseAuto(text)).toBeUndefined();
  });

  it('takes numbers by their size: seconds, then milliseconds, microseconds, nanoseconds', () => {
    expect(
      [1_700_000_000n, 1_700_000_000_000n, 1_700_000_000_000_000n, 1_700_000_000_000_000_000n].map(epochNanos),
    ).toEqual(Array.from({ length: 4 }, () => 1_700_000_000_000_000_000n));
  });

  it('reads by a format', () => {
    expect(parseMoment('05-Apr-2013 01:02 PM', 'DD-MON-YYYY HH12:MI AM')).toMatchObject({
      year: 2013,
      month: 4,
      day: 5,
      hour: 13,
      minute: 2,
    });
    expect(parseMoment('2013-04-05x', 'YYYY-MM-DD')).toBeUndefined();
  });

  it('keeps the offset and orders by instant', () => {
    const packed = packTz(-1n, -570);
    expect(unpackTz(packed)).toEqual({ instant: -1n, offset: -570 });
    expect(packTz(1n, -1440) > packTz(0n, 1440)).toBe(true);
  });

  it('takes summer time into account', () => {
    const wall =
      nanosOf({ year: 2024, month: 7, day: 1, hour: 12, minute: 0, second: 0, nanos: 0, offset: null }) ?? 0n;
    expect(wallToInstant(wall, 'America/New_York') - wall).toBe(4n * 3600n * 1_000_000_000n);
  });
});

describe('JSON', () => {
  it.each([
    ['{"b": 1, "a": [true, null]}', '{"a":[true,null],"b":1}'],
    ['12345678901234567890123456789012345678', '12345678901234567890123456789012345678'],
    ['1.912e2', '1.912000000000000e+02'],
    ['"\\u00e9\\n"', '"é\\n"'],
  ])('%s is held as %s', (text, expected) => {
    expect(jsonText(parseJson(text))).toBe(expected);
  });

  it.each(['{', '[1,]', '{"a":1,"a":2}', '1 2', "{'a':1}"])('%s is refused', (text) => {
    expect(() => parseJson(text)).toThrow();
  });
});
