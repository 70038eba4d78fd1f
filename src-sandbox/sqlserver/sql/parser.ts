import type { Condition, Expression, Query } from './ast.ts';
import type { Statement } from './ast-statement.ts';
import type { TokenReader } from './token-reader.ts';

/** A reader with the rules that call each other: the files of the grammar know each other through it. */
export type Parser = TokenReader & {
  expression(): Expression;
  condition(): Condition;
  /** A query within parentheses or a view: no OPTION, ORDER BY only where it means something. */
  nestedQuery(): Query;
  statement(): Statement;
  /** Levels of WHILE around the statement. */
  loopDepth: number;
};
