import { describe, expect, it } from 'vitest';
import { columnType } from '#shared/model/column-type';
import { careType, displayType, toColumnType } from './column-types.ts';

describe('toColumnType', () => {
  it.each([
    ['smallint', columnType('integer', { precision: 5, scale: 0 })],
    ['integer', columnType('integer', { precision: 10, scale: 0 })],
    ['bigint', columnType('integer', { precision: 19, scale: 0 })],
    ['numeric(38,10)', columnType('decimal', { precision: 38, scale: 10 })],
    ['numeric(18)', columnType('decimal', { precision: 18, scale: 0 })],
    ['numeric', columnType('decimal')],
    ['real', columnType('float', { precision: 24 })],
    ['double precision', columnType('float', { precision: 53 })],
    ['boolean', columnType('boolean')],
    ['character(10)', columnType('text', { length: 10, padded: true })],
    ['bpchar', columnType('text', { length: 1, padded: true })],
    ['character varying(20)', columnType('text', { length: 20 })],
    ['character varying', columnType('text')],
    ['text', columnType('text')],
    ['name', columnType('text')],
    ['date', columnType('date')],
    ['time without time zone', columnType('time', { precision: 6 })],
    ['time(3) with time zone', columnType('time-tz', { precision: 3 })],
    ['timestamp without time zone', columnType('timestamp', { precision: 6 })],
    ['timestamp with time zone', columnType('timestamp-tz', { precision: 6 })],
    ['super', columnType('json')],
    ['binary varying(100)', columnType('binary', { length: 100 })],
    ['varbyte(64000)', columnType('binary', { length: 64000 })],
    ['geometry', columnType('geometry')],
    ['geography', columnType('geography')],
    ['interval year to month', columnType('interval')],
    ['interval day to second(6)', columnType('interval')],
    ['interval', columnType('interval')],
    ['hllsketch', columnType('unsupported')],
    ['integer[]', columnType('unsupported')],
    ['struct<a:int,b:string>', columnType('unsupported')],
    ['string', columnType('text')],
    ['"public"."super"', columnType('json')],
    ['redshift.varbyte(10)', columnType('binary', { length: 10 })],
    ['bytea', columnType('binary')],
    ['uuid', columnType('uuid')],
    ['jsonb', columnType('json')],
    ["o'dd type", columnType('unsupported')],
  ])('maps %s', (native, expected) => {
    expect(toColumnType(native)).toEqual(expected);
  });
});

describe('displayType', () => {
  it.each([
    ['character varying(20)', 'varchar(20)'],
    ['timestamp without time zone', 'timestamp'],
    ['timestamp with time zone', 'timestamptz'],
    ['time with time zone', 'timetz'],
    ['binary varying(100)', 'varbyte(100)'],
    ['numeric(10,2)', 'numeric(10,2)'],
    ['interval day to second(6)', 'interval day to second'],
    ['struct<a:int>', 'struct<a:int>'],
  ])('shows %s as %s', (native, shown) => {
    expect(displayType(native)).toBe(shown);
  });

  it('means the same type as what it shows', () => {
    for (const native of [
      'character varying(20)',
      'timestamp with time zone',
      'interval year to month',
      'binary varying(7)',
    ]) {
      expect(toColumnType(displayType(native))).toEqual(toColumnType(native));
    }
  });
});

describe('careType', () => {
  it('names types that cannot be carried or need care, and no others', () => {
    const types = [
      'integer',
      'character varying(10)',
      'super',
      'hllsketch',
      'geometry',
      'time with time zone',
      'integer[]',
      'date',
    ];
    expect(types.map(careType)).toEqual([null, null, 'super', 'hllsketch', 'geometry', 'timetz', 'integer[]', null]);
  });
});
