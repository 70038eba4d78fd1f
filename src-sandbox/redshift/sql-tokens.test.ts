import { describe, expect, it } from 'vitest';
import { splitStatements, SqlTokenError } from './sql-tokens.ts';

const texts = (sql: string): string[] => splitStatements(sql).map((statement) => statement.text.trim());

describe('splitStatements', () => {
  it.each<[string, string[]]>([
    ['select 1; select 2;', ['select 1', 'select 2']],
    [
      `select ';' ; select ";" ; select $$;$$ ; select $a$;$$;$a$`,
      [`select ';'`, 'select ";"', 'select $$;$$', 'select $a$;$$;$a$'],
    ],
    ['select 1 -- a;b\n; select 2', ['select 1 -- a;b', 'select 2']],
    ['/* a; /* nested; */ b; */ select 1', ['/* a; /* nested; */ b; */ select 1']],
    [`select 'it''s; \\'quoted\\'; \\\\'; select 2`, [`select 'it''s; \\'quoted\\'; \\\\'`, 'select 2']],
    [' ; ;; ', []],
  ])('cuts %s at its own semicolons', (sql, expected) => {
    expect(texts(sql)).toEqual(expected);
  });

  it.each(["select 'x", 'select "x', 'select $$x', '/* x', "select 'x\\'"])('says that %s does not end', (sql) => {
    expect(() => splitStatements(sql)).toThrow(SqlTokenError);
  });

  it('gives literals and identifiers without their quoting', () => {
    const [statement] = splitStatements(`SELECT 'a\\tb''c', "A""b", $1, $x$d$x$, 1.5e3`);
    expect(statement?.tokens.filter((token) => token.value !== ',').map((token) => [token.kind, token.value])).toEqual([
      ['word', 'select'],
      ['string', "a\tb'c"],
      ['quoted', 'A"b'],
      ['parameter', '$1'],
      ['dollar', 'd'],
      ['number', '1.5e3'],
    ]);
  });
});
