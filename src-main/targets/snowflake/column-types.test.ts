import { describe, expect, it } from 'vitest';
import { columnType } from '#shared/model/column-type';
import { fitType, formatTargetType, inferType, parseTargetType } from './column-types.ts';

describe('parseTargetType', () => {
  it.each([
    ['NUMBER(38,0)', 'NUMBER(38,0)'],
    ['number(10)', 'NUMBER(10,0)'],
    ['DECIMAL( 12 , 2 )', 'NUMBER(12,2)'],
    ['BIGINT', 'NUMBER(38,0)'],
    ['double precision', 'FLOAT'],
    ['VARCHAR', 'VARCHAR(16777216)'],
    ['char', 'VARCHAR(1)'],
    ['string', 'VARCHAR(16777216)'],
    ['VARCHAR(20)', 'VARCHAR(20)'],
    ['BINARY(8)', 'BINARY(8)'],
    ['VARBINARY', 'BINARY(8388608)'],
    ['TIME', 'TIME(9)'],
    ['TIMESTAMP', 'TIMESTAMP_NTZ(9)'],
    ['timestamp_tz(6)', 'TIMESTAMP_TZ(6)'],
    ['TIMESTAMP WITH LOCAL TIME ZONE', 'TIMESTAMP_LTZ(9)'],
    ['TIMESTAMP(3) WITHOUT TIME ZONE', 'TIMESTAMP_NTZ(3)'],
    ['VARIANT', 'VARIANT'],
    ['GEOGRAPHY', 'GEOGRAPHY'],
  ])('reads %s as %s', (text, expected) => {
    const parsed = parseTargetType(text);
    expect(parsed && formatTargetType(parsed)).toBe(expected);
  });

  it.each(['VECTOR(FLOAT, 3)', 'MAP(VARCHAR, NUMBER)', 'VARCHAR(10); DROP TABLE T', '', 'NUMBER(1,2,3)', 'HLLSKETCH'])(
    'does not know %j',
    (text) => {
      expect(parseTargetType(text)).toBeNull();
    },
  );
});

describe('inferType', () => {
  it.each([
    [columnType('integer', { precision: 19 }), 'NUMBER(38,0)'],
    [columnType('decimal', { precision: 15, scale: 2 }), 'NUMBER(15,2)'],
    [columnType('decimal', { precision: 38, scale: 37 }), 'NUMBER(38,37)'],
    [columnType('decimal', { precision: 38, scale: 38 }), 'VARCHAR(41)'],
    [columnType('float', { precision: 24 }), 'FLOAT'],
    [columnType('boolean'), 'BOOLEAN'],
    [columnType('text', { length: 25 }), 'VARCHAR(25)'],
    [columnType('text'), 'VARCHAR'],
    [columnType('text', { length: 1_000_000_000 }), 'VARCHAR(134217728)'],
    [columnType('binary', { length: 1024 }), 'BINARY(1024)'],
    [columnType('binary'), 'BINARY'],
    [columnType('date'), 'DATE'],
    [columnType('time', { precision: 6 }), 'TIME(6)'],
    [columnType('time-tz', { precision: 6 }), 'VARCHAR(32)'],
    [columnType('timestamp', { precision: 6 }), 'TIMESTAMP_NTZ(6)'],
    [columnType('timestamp-tz', { precision: 7 }), 'TIMESTAMP_TZ(7)'],
    [columnType('json'), 'VARIANT'],
    [columnType('xml'), 'VARCHAR'],
    [columnType('uuid'), 'VARCHAR(36)'],
    [columnType('geometry'), 'GEOMETRY'],
    [columnType('geography'), 'GEOGRAPHY'],
    [columnType('interval'), 'VARCHAR(128)'],
  ])('%o becomes %s', (type, expected) => {
    expect(inferType(type)).toBe(expected);
  });

  it('gives a type that the target parses and that holds every value of the source type', () => {
    const types = [
      columnType('integer', { precision: 19 }),
      columnType('decimal', { precision: 38, scale: 38 }),
      columnType('decimal', { precision: 38, scale: 10 }),
      columnType('text', { length: 65535 }),
      columnType('binary', { length: 1024 }),
      columnType('timestamp', { precision: 7 }),
      columnType('timestamp-tz', { precision: 6 }),
      columnType('time', { precision: 7 }),
      columnType('time-tz', { precision: 6 }),
      columnType('json'),
      columnType('geometry'),
      columnType('geography'),
      columnType('uuid'),
    ];
    for (const type of types) {
      const parsed = parseTargetType(inferType(type));
      expect(parsed, type.kind).not.toBeNull();
      if (parsed) expect(fitType(type, parsed), type.kind).toEqual({ kind: 'holds' });
    }
  });
});

describe('fitType', () => {
  const fit = (type: Parameters<typeof fitType>[0], target: string) => {
    const parsed = parseTargetType(target);
    if (!parsed) throw new Error(`${target} is not known`);
    return fitType(type, parsed).kind;
  };

  it.each([
    [columnType('integer', { precision: 10 }), 'NUMBER(10,0)', 'holds'],
    [columnType('integer', { precision: 10 }), 'NUMBER(9,0)', 'may-stop'],
    [columnType('decimal', { precision: 10, scale: 2 }), 'NUMBER(10,1)', 'loses'],
    [columnType('decimal', { precision: 10, scale: 2 }), 'NUMBER(10,4)', 'may-stop'],
    [columnType('decimal', { precision: 12, scale: 2 }), 'FLOAT', 'holds'],
    [columnType('decimal', { precision: 18, scale: 2 }), 'FLOAT', 'loses'],
    [columnType('float', { precision: 53 }), 'NUMBER(38,10)', 'loses'],
    [columnType('float', { precision: 53 }), 'VARCHAR', 'loses'],
    [columnType('text', { length: 10 }), 'VARCHAR(9)', 'may-stop'],
    [columnType('text', { length: 10 }), 'NUMBER(38,0)', 'other'],
    [columnType('timestamp', { precision: 6 }), 'TIMESTAMP_NTZ(3)', 'loses'],
    [columnType('timestamp', { precision: 6 }), 'DATE', 'loses'],
    [columnType('timestamp', { precision: 6 }), 'TIMESTAMP_TZ(6)', 'other'],
    [columnType('date'), 'TIMESTAMP_NTZ(9)', 'holds'],
    [columnType('boolean'), 'NUMBER(1,0)', 'holds'],
    [columnType('json'), 'OBJECT', 'may-stop'],
    [columnType('json'), 'ARRAY', 'loses'],
    [columnType('binary', { length: 16 }), 'BINARY(8)', 'may-stop'],
  ])('%o into %s: %s', (type, target, expected) => {
    expect(fit(type, target)).toBe(expected);
  });
});
