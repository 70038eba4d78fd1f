import { describe, expect, it } from 'vitest';
import type { StatementContext } from '../commands/command.ts';
import { parseQuery } from '../sql/parse-query.ts';
import { createTokenReader } from '../sql/token-reader.ts';
import type { CopyIntoTable } from './copy-statement.ts';
import { isUnload, readCopyIntoTable } from './copy-statement.ts';

const context = { parseQuery } as unknown as StatementContext;
const read = (text: string): CopyIntoTable => readCopyIntoTable(context, createTokenReader(text));
const codeOf = (text: string): string => {
  try {
    read(text);
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'accepted';
};
const names = (count: number): string => Array.from({ length: count }, (_, i) => `'f${i}'`).join(', ');

describe('COPY INTO a table', () => {
  it('reads a transforming load with its clauses', () => {
    const statement = read(
      "db.s.t (a, \"b\") FROM (SELECT $1:c1::NUMBER(38,2), METADATA$FILENAME FROM @st/p/ x) FILES = ('1', '2') " +
        'FILE_FORMAT = (FORMAT_NAME = ff) ON_ERROR = CONTINUE FORCE = TRUE',
    );
    expect(statement).toMatchObject({
      columns: [{ name: 'A' }, { name: 'b' }],
      location: { kind: 'named', path: 'p/' },
      files: ['1', '2'],
      copyOptions: { ON_ERROR: 'CONTINUE', FORCE: 'true' },
    });
    expect(statement.query?.body).toMatchObject({ kind: 'select' });
  });

  it('takes the table stage when FROM is left out', () => {
    expect(read('t')).toMatchObject({ location: null, query: null, files: null });
  });

  it('takes 1,000 names in FILES and no more', () => {
    expect(codeOf(`t FROM @s FILES = (${names(1000)})`)).toBe('accepted');
    expect(codeOf(`t FROM @s FILES = (${names(1001)})`)).toBe('001008');
  });

  it.each([
    ['an unknown option', 't FROM @s NO_SUCH = 1', '001006'],
    ['VALIDATION_MODE with a query', 't FROM (SELECT $1 FROM @s) VALIDATION_MODE = RETURN_ERRORS', '001006'],
    ['MATCH_BY_COLUMN_NAME with a query', 't FROM (SELECT $1 FROM @s) MATCH_BY_COLUMN_NAME = CASE_SENSITIVE', '001795'],
    ['a WHERE in the query', 't FROM (SELECT $1 FROM @s WHERE $1 > 1)', '002158'],
    ['an ORDER BY in the query', 't FROM (SELECT $1 FROM @s ORDER BY 1)', '002158'],
    ['a LIMIT in the query', 't FROM (SELECT $1 FROM @s LIMIT 1)', '002158'],
    ['a query over a table', 't FROM (SELECT 1 FROM x)', '002158'],
    ['a column named twice', 't (a, A) FROM @s', '002025'],
    ['a wrong VALIDATION_MODE', 't FROM @s VALIDATION_MODE = RETURN_SOME', '001008'],
    ['words behind the end', 't FROM @s PURGE = TRUE nonsense', '001003'],
  ])('refuses %s', (_what, text, code) => {
    expect(codeOf(text)).toBe(code);
  });

  it.each([
    ['COPY INTO @s FROM t', true],
    ["COPY INTO 's3://b/x' FROM t", true],
    ['COPY INTO t FROM @s', false],
  ])('tells loads from unloads: %s', (text, expected) => {
    expect(isUnload(createTokenReader(text))).toBe(expected);
  });
});
