import type { AssignmentOperator } from './ast.ts';
import type { TokenReader } from './token-reader.ts';

const OPERATORS: readonly AssignmentOperator[] = ['=', '+=', '-=', '*=', '/=', '%=', '&=', '|=', '^='];

/** The assignment operator that stands `ahead` tokens away, not read, or null. */
export function assignmentOperator(reader: TokenReader, ahead = 0): AssignmentOperator | null {
  const token = reader.peek(ahead);
  if (token.kind !== 'operator') return null;
  return OPERATORS.find((operator) => operator === token.value) ?? null;
}

export function expectAssignmentOperator(reader: TokenReader): AssignmentOperator {
  const operator = assignmentOperator(reader);
  if (!operator) throw reader.unexpected();
  reader.next();
  return operator;
}
