import { describe, expect, it } from 'vitest';
import { createTokenReader } from '../sql/token-reader.ts';
import { errorLimit, readCopyOptionTexts, resolveCopyOptions } from './copy-options.ts';
import { defaultFileFormat, parseFormatType, withFormatOptions } from './file-format.ts';
import { matchesPattern } from './path-pattern.ts';
import { readProperties, toGivenOptions } from './properties.ts';
import { parseStageLocation } from './stage-location.ts';
import { isLocationAllowed, parseStorageUrl } from './storage-url.ts';

const read = (text: string): ReturnType<typeof readProperties> => readProperties(createTokenReader(text));
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'accepted';
};

describe('stage locations', () => {
  it.each([
    ['@st', { kind: 'named', name: [{ name: 'ST', quoted: false }], path: '', hasPath: false }],
    ['@st/a/b.csv', { kind: 'named', path: 'a/b.csv', hasPath: true }],
    [
      '@db.sc."my st"/x',
      { kind: 'named', name: [{ name: 'DB' }, { name: 'SC' }, { name: 'my st', quoted: true }], path: 'x' },
    ],
    ['@db..st', { kind: 'named', name: [{ name: 'DB' }, { name: '' }, { name: 'ST' }] }],
    ['@%t/x', { kind: 'table', name: [{ name: 'T' }], path: 'x' }],
    ['@s.%t', { kind: 'table', name: [{ name: 'S' }, { name: 'T' }], path: '' }],
    ['@~/../x//y', { kind: 'user', path: '../x//y' }],
    ['@my stage/path 1/f', { kind: 'named', name: [{ name: 'MY STAGE' }], path: 'path 1/f' }],
    ['s3://bucket/x', { kind: 'url', url: 's3://bucket/x' }],
  ])('reads %s', (text, expected) => {
    expect(parseStageLocation(text)).toMatchObject(expected);
  });

  it.each(['st', '@', '@~x', '@"', '@a.b.c.d'])('refuses %s', (text) => {
    expect(codeOf(() => parseStageLocation(text))).toBe('001003');
  });
});

describe('storage URLs', () => {
  it('takes bucket and path apart', () => {
    expect(parseStorageUrl('s3://b/a/c/')).toEqual({ bucket: 'b', path: 'a/c/' });
  });

  it('refuses other clouds and other texts', () => {
    expect(codeOf(() => parseStorageUrl('gcs://b/'))).toBe('000002');
    expect(codeOf(() => parseStorageUrl('http://b/'))).toBe('001011');
  });

  it.each([
    ['s3://b/a/x', ['s3://b/a/'], [], true],
    ['s3://b/a', ['s3://b/a/'], [], false],
    ['s3://b', ['s3://b/'], [], true],
    ['s3://bb/', ['s3://b'], [], false],
    ['s3://b/secret/x', ['*'], ['s3://b/secret/'], false],
    ['s3://b/x', ['*'], ['s3://b/secret/'], true],
    ['s3://b/x', [], [], false],
  ])('%s with %j allowed and %j blocked: %s', (url, allowed, blocked, expected) => {
    expect(isLocationAllowed(url, { allowed, blocked })).toBe(expected);
  });
});

describe('file formats', () => {
  it('have the documented defaults', () => {
    expect(defaultFileFormat('CSV').options).toMatchObject({
      FIELD_DELIMITER: ',',
      RECORD_DELIMITER: '\n',
      NULL_IF: ['\\N'],
      ESCAPE_UNENCLOSED_FIELD: '\\',
      ERROR_ON_COLUMN_COUNT_MISMATCH: true,
    });
    expect(defaultFileFormat('PARQUET').options).toMatchObject({
      BINARY_AS_TEXT: true,
      USE_LOGICAL_TYPE: false,
      USE_VECTORIZED_SCANNER: false,
    });
  });

  it.each([
    ["FIELD_DELIMITER = '\\\\t'", { FIELD_DELIMITER: '\t' }],
    ["FIELD_DELIMITER = '0x7c'", { FIELD_DELIMITER: '|' }],
    ["FIELD_DELIMITER = '\\\\001'", { FIELD_DELIMITER: '\u0001' }],
    ['FIELD_DELIMITER = NONE', { FIELD_DELIMITER: null }],
    ["NULL_IF = ('a', '')", { NULL_IF: ['a', ''] }],
    ['NULL_IF = ()', { NULL_IF: [] }],
    ["COMPRESSION = 'gzip' SKIP_HEADER = 1", { COMPRESSION: 'GZIP', SKIP_HEADER: 1 }],
    ["ENCODING = 'UTF-8', TRIM_SPACE = true", { ENCODING: 'UTF8', TRIM_SPACE: true }],
  ])('take %s', (text, expected) => {
    expect(withFormatOptions(defaultFileFormat('CSV'), toGivenOptions(read(text))).options).toMatchObject(expected);
  });

  it.each([
    ['NO_SUCH = 1', '001006'],
    ["TRIM_SPACE = 'TRUE'", '001008'],
    ['COMPRESSION = LZO', '001008'],
    ["FIELD_OPTIONALLY_ENCLOSED_BY = 'ab'", '001008'],
    ['PARSE_HEADER = TRUE SKIP_HEADER = 1', '001008'],
    ["FIELD_DELIMITER = ',' RECORD_DELIMITER = ','", '001008'],
    ['STRIP_OUTER_ARRAY = TRUE', '001006'],
  ])('refuse %s for CSV', (text, code) => {
    expect(codeOf(() => withFormatOptions(defaultFileFormat('CSV'), toGivenOptions(read(text))))).toBe(code);
  });

  it('refuse types that are not read here as unsupported, and others as wrong', () => {
    expect(codeOf(() => parseFormatType('avro'))).toBe('000002');
    expect(codeOf(() => parseFormatType('EXCEL'))).toBe('001008');
  });
});

describe('copy options', () => {
  it('of a statement beat those of the stage, one by one', () => {
    const options = resolveCopyOptions(
      readCopyOptionTexts(read('ON_ERROR = CONTINUE PURGE = TRUE')),
      readCopyOptionTexts(read("ON_ERROR = 'skip_file_3%'")),
    );
    expect(options).toMatchObject({ purge: true, onError: { kind: 'skip-file', limit: 3, unit: 'percent' } });
  });

  it('cut texts with ENFORCE_LENGTH = FALSE as with TRUNCATECOLUMNS', () => {
    expect(resolveCopyOptions(readCopyOptionTexts(read('ENFORCE_LENGTH = FALSE'))).truncateColumns).toBe(true);
  });

  it.each(['ON_ERROR = 2', 'ON_ERROR = KEEP_GOING', 'SIZE_LIMIT = 0', "PURGE = 'TRUE'", 'MATCH_BY_COLUMN_NAME = YES'])(
    'refuse %s',
    (text) => {
      expect(codeOf(() => readCopyOptionTexts(read(text)))).toBe('001008');
    },
  );

  it('refuse unknown names', () => {
    expect(codeOf(() => readCopyOptionTexts(read('NO_SUCH = 1')))).toBe('001006');
  });

  it.each([
    ['ABORT_STATEMENT', 100, 1],
    ['CONTINUE', 100, 100],
    ['CONTINUE', 0, 1],
    ['SKIP_FILE', 100, 1],
    ['SKIP_FILE_7', 100, 7],
    ["'SKIP_FILE_10%'", 55, 5],
    ["'SKIP_FILE_10%'", 3, 1],
  ])('%s of %i records stops at %i errors', (text, records, expected) => {
    const { onError } = resolveCopyOptions(readCopyOptionTexts(read(`ON_ERROR = ${text}`)));
    expect(errorLimit(onError, records)).toBe(expected);
  });
});

describe('PATTERN', () => {
  it.each([
    ['a/b.csv', '.*[.]csv', true],
    ['a/b.csv', 'b[.]csv', false],
    ['a/B.CSV', '(?i).*[.]csv', true],
    ['a\nb', '(?s)a.b', true],
  ])('%j against %s: %s', (text, pattern, expected) => {
    expect(matchesPattern(text, pattern)).toBe(expected);
  });

  it('refuses what is no expression', () => {
    expect(codeOf(() => matchesPattern('x', '(['))).toBe('100048');
  });
});
