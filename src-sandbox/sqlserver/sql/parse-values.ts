import type { Expression } from './ast.ts';
import type { Parser } from './parser.ts';
import { syntaxErrors } from './syntax-error.ts';

/** INSERT takes this many rows; a derived table takes more. https://learn.microsoft.com/en-us/sql/t-sql/queries/table-value-constructor-transact-sql */
const INSERT_ROWS = 1000;

/** `(1, 'a'), (2, 'b')` behind VALUES. @throws TsqlSyntaxError 10709 for rows of different widths, 10738 above 1000 rows of INSERT */
export function parseRows(p: Parser, use: 'insert' | 'derived'): Expression[][] {
  const rows = p.commaSeparated(() => {
    const { line } = p.position();
    return { line, row: p.list(() => p.expression()) };
  });
  const width = rows[0]?.row.length;
  rows.forEach(({ line, row }, index) => {
    if (row.length !== width) throw syntaxErrors.rowWidths(line);
    if (use === 'insert' && index >= INSERT_ROWS) throw syntaxErrors.tooManyRows(line);
  });
  return rows.map(({ row }) => row);
}
