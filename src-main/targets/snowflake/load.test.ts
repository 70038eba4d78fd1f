import { describe, expect, it } from 'vitest';
import { CARRIERS, columnType, type Carrier, type ColumnType } from '#shared/model/column-type';
import { TARGET_TYPE_NAMES } from './column-types.ts';
import { copyStatement, copyStatements, loadExpression } from './load.ts';

function load(carrier: Carrier, type: ColumnType, targetType: string, nullOutOfRange = false) {
  const loaded = loadExpression({ alias: 'c1', carrier, type, targetType, nullOutOfRange });
  return loaded.kind === 'loads' ? loaded.expression : `cannot: ${loaded.reason}`;
}

const integer = columnType('integer', { precision: 19 });
const decimal = columnType('decimal', { precision: 20, scale: 4 });
const float = columnType('float', { precision: 53 });
const text = columnType('text', { length: 25 });
const binary = columnType('binary', { length: 64 });
const timestamp = columnType('timestamp', { precision: 6 });
const timestampTz = columnType('timestamp-tz', { precision: 6 });
const time = columnType('time', { precision: 6 });

describe('loadExpression', () => {
  it.each<[Carrier, ColumnType, string, string]>([
    ['native-integer', integer, 'NUMBER(38,0)', '$1:c1::NUMBER(38,0)'],
    ['native-integer', integer, 'VARCHAR(30)', '$1:c1::NUMBER(38,0)::VARCHAR'],
    ['native-decimal', decimal, 'NUMBER(20,4)', '$1:c1::NUMBER(20,4)'],
    ['native-decimal', decimal, 'VARCHAR(30)', '$1:c1::NUMBER(20,4)::VARCHAR'],
    ['decimal-text', decimal, 'NUMBER(38,10)', 'TO_NUMBER($1:c1::VARCHAR, 38, 10)'],
    ['native-float', float, 'FLOAT', '$1:c1::FLOAT'],
    ['native-boolean', columnType('boolean'), 'BOOLEAN', '$1:c1::BOOLEAN'],
    ['native-boolean', columnType('boolean'), 'NUMBER(1,0)', '$1:c1::BOOLEAN::NUMBER(1,0)'],
    ['native-text', text, 'VARCHAR(25)', '$1:c1::VARCHAR'],
    ['native-text', text, 'VARIANT', 'TO_VARIANT($1:c1::VARCHAR)'],
    ['hex', binary, 'BINARY(64)', "TO_BINARY($1:c1::VARCHAR, 'HEX')"],
    ['native-binary', binary, 'BINARY(64)', '$1:c1::BINARY'],
    ['native-date', columnType('date'), 'DATE', '$1:c1::DATE'],
    ['iso-date', columnType('date'), 'DATE', "TO_DATE($1:c1::VARCHAR, 'YYYY-MM-DD')"],
    ['native-date', columnType('date'), 'TIMESTAMP_NTZ(9)', '$1:c1::DATE::TIMESTAMP_NTZ(9)'],
    ['iso-time', time, 'TIME(6)', 'TO_TIME($1:c1::VARCHAR)::TIME(6)'],
    ['iso-time-tz', columnType('time-tz', { precision: 6 }), 'VARCHAR(32)', '$1:c1::VARCHAR'],
    ['native-timestamp', timestamp, 'TIMESTAMP_NTZ(6)', '$1:c1::TIMESTAMP_NTZ(6)'],
    ['iso-timestamp', timestamp, 'TIMESTAMP_NTZ(9)', 'TO_TIMESTAMP_NTZ($1:c1::VARCHAR)::TIMESTAMP_NTZ(9)'],
    ['utc-timestamp', timestampTz, 'TIMESTAMP_TZ(6)', '$1:c1::TIMESTAMP_NTZ(6)::TIMESTAMP_TZ(6)'],
    ['utc-timestamp', timestampTz, 'TIMESTAMP_LTZ(6)', '$1:c1::TIMESTAMP_NTZ(6)::TIMESTAMP_LTZ(6)'],
    ['utc-timestamp', timestampTz, 'TIMESTAMP_NTZ(6)', '$1:c1::TIMESTAMP_NTZ(6)'],
    ['iso-timestamp-tz', timestampTz, 'TIMESTAMP_TZ(9)', 'TO_TIMESTAMP_TZ($1:c1::VARCHAR)::TIMESTAMP_TZ(9)'],
    ['json', columnType('json'), 'VARIANT', 'PARSE_JSON($1:c1::VARCHAR)'],
    ['json', columnType('json'), 'OBJECT', 'TO_OBJECT(PARSE_JSON($1:c1::VARCHAR))'],
    ['json', columnType('json'), 'VARCHAR', '$1:c1::VARCHAR'],
    ['xml', columnType('xml'), 'VARCHAR', '$1:c1::VARCHAR'],
    ['xml', columnType('xml'), 'VARIANT', 'PARSE_XML($1:c1::VARCHAR)'],
    ['hex-ewkb', columnType('geometry'), 'GEOMETRY', 'TO_GEOMETRY($1:c1::VARCHAR)'],
    ['hex-ewkb', columnType('geography'), 'GEOGRAPHY', 'TO_GEOGRAPHY($1:c1::VARCHAR)'],
    ['wkt', columnType('geometry'), 'GEOMETRY', 'TO_GEOMETRY($1:c1::VARCHAR)'],
    ['interval-text', columnType('interval'), 'VARCHAR(128)', '$1:c1::VARCHAR'],
    ['native-text', columnType('uuid'), 'VARCHAR(36)', '$1:c1::VARCHAR'],
  ])('%s of %o into %s', (carrier, type, targetType, expected) => {
    expect(load(carrier, type, targetType)).toBe(expected);
  });

  it.each<[Carrier, ColumnType, string, string]>([
    ['decimal-text', decimal, 'NUMBER(20,4)', 'TRY_TO_NUMBER($1:c1::VARCHAR, 20, 4)'],
    ['native-integer', integer, 'NUMBER(5,0)', 'TRY_CAST($1:c1::VARCHAR AS NUMBER(5,0))'],
    ['iso-date', columnType('date'), 'DATE', 'TRY_TO_DATE($1:c1::VARCHAR)'],
    ['native-timestamp', timestamp, 'TIMESTAMP_NTZ(6)', 'TRY_CAST($1:c1::VARCHAR AS TIMESTAMP_NTZ(6))'],
    ['native-text', text, 'VARCHAR(10)', 'IFF(LENGTH($1:c1::VARCHAR) <= 10, $1:c1::VARCHAR, NULL)'],
    [
      'json',
      columnType('json'),
      'VARIANT',
      'IFF(CHECK_JSON($1:c1::VARCHAR) IS NULL, PARSE_JSON($1:c1::VARCHAR), NULL)',
    ],
    ['hex-ewkb', columnType('geometry'), 'GEOMETRY', 'TRY_TO_GEOMETRY($1:c1::VARCHAR)'],
  ])('%s of %o into %s loads NULL for what does not fit when asked', (carrier, type, targetType, expected) => {
    expect(load(carrier, type, targetType, true)).toBe(expected);
  });

  it.each<[Carrier, ColumnType, string]>([
    ['native-decimal', decimal, 'NUMBER(20,2)'],
    ['native-float', float, 'NUMBER(38,10)'],
    ['native-float', float, 'VARCHAR'],
    ['native-timestamp', timestamp, 'TIMESTAMP_NTZ(3)'],
    ['native-timestamp', timestamp, 'TIMESTAMP_TZ(6)'],
    ['native-timestamp', timestamp, 'DATE'],
    ['iso-timestamp-tz', timestampTz, 'TIMESTAMP_NTZ(9)'],
    ['json', columnType('json'), 'ARRAY'],
    ['native-text', text, 'NUMBER(38,0)'],
    ['hex', binary, 'VARIANT'],
    ['native-text', text, 'VECTOR(FLOAT, 3)'],
  ])('%s of %o does not load into %s, which would change values', (carrier, type, targetType) => {
    expect(load(carrier, type, targetType)).toMatch(/^cannot: .+/);
  });

  it('never casts to a VARCHAR with a length, which may cut the text', () => {
    for (const carrier of CARRIERS) {
      const expression = load(carrier, columnType('text', { length: 100 }), 'VARCHAR(10)');
      if (!expression.startsWith('cannot')) expect(expression).not.toMatch(/VARCHAR\(\d/);
    }
  });

  it('casts every value, because a bare $1:c1 would load a JSON null into VARIANT', () => {
    for (const carrier of CARRIERS) {
      for (const target of TARGET_TYPE_NAMES) {
        for (const kind of [
          'integer',
          'decimal',
          'float',
          'boolean',
          'text',
          'json',
          'timestamp',
          'timestamp-tz',
          'date',
          'time',
          'geometry',
          'binary',
          'xml',
        ] as const) {
          const expression = load(carrier, columnType(kind), target);
          if (expression.startsWith('cannot')) continue;
          expect(expression.replaceAll('$1:c1::', '')).not.toContain('$1:c1');
        }
      }
    }
  });

  it('says when a value may be too long for the column', () => {
    const loaded = loadExpression({
      alias: 'c2',
      carrier: 'native-text',
      type: text,
      targetType: 'VARCHAR(10)',
      nullOutOfRange: false,
    });
    expect(loaded).toEqual({
      kind: 'loads',
      expression: '$1:c2::VARCHAR',
      notes: ['A value longer than 10 characters stops the load.'],
    });
  });

  it('quotes an alias that is not a plain name', () => {
    const loaded = loadExpression({
      alias: 'a "b"',
      carrier: 'native-text',
      type: text,
      targetType: 'VARCHAR',
      nullOutOfRange: false,
    });
    expect(loaded).toMatchObject({ expression: '$1:"a ""b"""::VARCHAR' });
  });
});

const request = {
  table: { database: 'DB', schema: 'Sales "EU"', name: "it's. a table" },
  columns: [
    { targetName: 'ID', loadExpression: '$1:c1::NUMBER(38,0)' },
    { targetName: 'Na"me', loadExpression: '$1:c2::VARCHAR' },
  ],
  stage: { database: 'DB', schema: 'STAGES', name: 'S3' },
  path: 'run/1/0a-b/',
  files: ['0000_part_00.parquet', '0001_part_00.parquet'],
  ledger: { database: 'LEDGER', schema: 'L' },
};

describe('copyStatement', () => {
  it('is a transforming COPY with named files and every option written out', () => {
    expect(copyStatement(request)).toBe(
      [
        'COPY INTO "DB"."Sales ""EU"""."it\'s. a table" ("ID", "Na""me")',
        'FROM (SELECT $1:c1::NUMBER(38,0), $1:c2::VARCHAR FROM @"DB"."STAGES"."S3"/run/1/0a-b/)',
        "FILES = ('0000_part_00.parquet', '0001_part_00.parquet')",
        'FILE_FORMAT = (FORMAT_NAME = \'"LEDGER"."L"."SNOWFERRY_PARQUET"\')',
        'ON_ERROR = ABORT_STATEMENT',
        'PURGE = FALSE',
      ].join('\n'),
    );
  });

  it('puts a location with unusual characters into quotes as a whole', () => {
    expect(copyStatement({ ...request, path: "it's a run/" })).toContain(
      'FROM \'@"DB"."STAGES"."S3"/it\'\'s a run/\')',
    );
  });

  it('cuts more than 1,000 files into several statements without losing one', () => {
    const files = Array.from({ length: 2001 }, (_, index) => `f${index}.parquet`);
    const statements = copyStatements({ ...request, files });
    expect(statements).toHaveLength(3);
    const named = statements.flatMap((sql) => [...sql.matchAll(/'(f\d+\.parquet)'/g)].map((match) => match[1]));
    expect(named).toEqual(files);
  });

  it('needs no statement when there is no file', () => {
    expect(copyStatements({ ...request, files: [] })).toEqual([]);
  });
});
