import type { TypedSql } from '../../commands/command.ts';
import { SnowflakeError } from '../../errors.ts';
import type { Expression, ExpressionNode } from '../ast.ts';
import type { SnowflakeType } from '../data-type.ts';
import type { Translator } from '../translate-expression.ts';

export type CallNode = Extract<ExpressionNode, { kind: 'call' }> & { span: Expression['span'] };

/** What a function's rule may use: the translated arguments and casts of them. */
export interface CallTools {
  name: string;
  node: CallNode;
  t: Translator;
  cast(value: TypedSql, to: SnowflakeType, format?: string): TypedSql;
  tryCast(value: TypedSql, to: SnowflakeType, format?: string): TypedSql;
  /** DuckDB SQL of the value as text. */
  text(value: TypedSql): string;
  /** The value of an argument that must be a constant string. */
  constant(index: number): string | undefined;
  translate(expression: Expression): TypedSql;
}

/** Writes one call; `args` are the translated positional arguments. Arity is checked before. */
export interface FunctionRule {
  arity: [number, number];
  write(args: TypedSql[], tools: CallTools): TypedSql;
}

export type FunctionTable = Record<string, FunctionRule>;

export function rule(min: number, max: number, write: FunctionRule['write']): FunctionRule {
  return { arity: [min, max], write };
}

export function wrongArguments(
  name: string,
  node: CallNode,
  kind: 'too many' | 'not enough',
  expected: number,
  got: number,
): SnowflakeError {
  const place = `error line ${node.span.line} at position ${node.span.position}`;
  const text = `${kind} arguments for function [${name}(...)] expected ${expected}, got ${got}`;
  return new SnowflakeError(
    kind === 'too many' ? '000939' : '000938',
    '22023',
    `SQL compilation error: ${place}\n${text}`,
    node.span,
  );
}
