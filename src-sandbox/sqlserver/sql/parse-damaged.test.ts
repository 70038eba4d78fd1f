import { expect, test } from 'vitest';
import { parseBatch } from './parse-batch.ts';
import { TsqlSyntaxError } from './syntax-error.ts';

const BATCHES = [
  "SELECT TOP (5) a, b AS c FROM dbo.t AS x WITH (NOLOCK) JOIN u ON x.a = u.a WHERE a IN (1, 2) AND b LIKE 'x%' GROUP BY a ORDER BY a OFFSET 1 ROWS OPTION (MAXDOP 1)",
  'CREATE TABLE t (a int IDENTITY(1,1) NOT NULL PRIMARY KEY, b AS (a + 1) PERSISTED, PERIOD FOR SYSTEM_TIME (c, d), CHECK (a > 0)) ON ps (a) WITH (SYSTEM_VERSIONING = ON)',
  'MERGE INTO t AS x USING (VALUES (1)) AS s (a) ON x.a = s.a WHEN MATCHED THEN UPDATE SET b = s.a WHEN NOT MATCHED THEN INSERT (a) VALUES (s.a) OUTPUT $action;',
  'BEGIN TRY DECLARE @x int = 1; IF @x = 1 BEGIN SET @x += 1 END ELSE PRINT @x; WHILE 1 = 1 BREAK END TRY BEGIN CATCH THROW END CATCH',
  "WITH c (a) AS (SELECT 1) INSERT INTO t (a) OUTPUT inserted.* SELECT a, CASE WHEN a = 1 THEN 'x' END, SUM(a) OVER (ORDER BY c ROWS 1 PRECEDING) FROM c FOR XML PATH('x')",
  "ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES u (b); EXEC @r = p 1, @a = N'x' OUTPUT; GRANT SELECT (a) ON OBJECT::dbo.t TO public",
];
const STRAYS = [
  "'",
  '[',
  ']',
  '"',
  '/*',
  '--',
  '(',
  ')',
  ',',
  '.',
  '..',
  '::',
  '0x',
  '1e',
  '@',
  '@@',
  '#',
  '$',
  'N',
  '\n',
  '{',
  '\u{1F600}',
  'WITH',
  'END',
  'AS',
  'NOT',
];

/** Numbers that look random and are the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(state / 65_536) % Math.max(1, below);
  };
}

/** A batch with pieces cut out, put in or replaced, or its end cut off. */
function damaged(next: (below: number) => number): string {
  const tokens = (BATCHES[next(BATCHES.length)] ?? '').match(/@?\w+|'[^']*'|\s+|./g) ?? [];
  for (let count = 1 + next(3); count > 0; count -= 1) {
    const at = next(tokens.length);
    const stray = ` ${STRAYS[next(STRAYS.length)] ?? ''} `;
    const how = next(4);
    if (how === 0) tokens.splice(at, 1 + next(3));
    else if (how === 1) tokens.splice(at, 0, stray);
    else if (how === 2) tokens.splice(at, 1, stray);
    else tokens.splice(at);
  }
  return tokens.join('');
}

test('a damaged batch is read or refused with an error that has a place, and nothing else', () => {
  const next = numbers(7);
  let refused = 0;
  for (let i = 0; i < 3000; i += 1) {
    const text = damaged(next);
    try {
      for (const statement of parseBatch(text, { quotedIdentifier: true })) {
        expect(statement.at.offset, text).toBeLessThan(statement.end);
        expect(statement.end, text).toBeLessThanOrEqual(text.length);
      }
    } catch (error) {
      if (!(error instanceof TsqlSyntaxError)) throw error;
      refused += 1;
      expect(error.message, text).not.toMatch(/%s|undefined/);
      expect(error.line, text).toBeGreaterThanOrEqual(1);
      expect(error.line, text).toBeLessThanOrEqual(text.split('\n').length);
    }
  }
  expect(refused).toBeGreaterThan(2000);
});
