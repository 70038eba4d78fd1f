import type { Statement } from './ast-statement.ts';
import type { Condition, Expression, TypeReference } from './ast.ts';
import { parseCondition } from './parse-condition.ts';
import { parseExpression } from './parse-expression.ts';
import { parseStatements } from './parse-procedural.ts';
import { parseNestedQuery } from './parse-query.ts';
import { parseStatement } from './parse-statement.ts';
import { parseTypeReference } from './parse-type.ts';
import type { Parser } from './parser.ts';
import { createTokenReader } from './token-reader.ts';

export type ParseOptions = {
  /** The session's QUOTED_IDENTIFIER when the batch begins: false reads "..." as a string. */
  quotedIdentifier: boolean;
};

/**
 * Reads a whole batch, as the vendor does before it runs any of it. Statements that the stand-in does not know are syntax errors.
 * @throws TsqlSyntaxError the first error, with the vendor's number, text and line
 */
export function parseBatch(text: string, options: ParseOptions): Statement[] {
  const parser = createParser(text, options);
  return parseStatements(parser, () => parser.atEnd());
}

/** A single value, as the definition of a default or computed column holds it. */
export function parseExpressionText(text: string, options: ParseOptions): Expression {
  const parser = createParser(text, options);
  const expression = parser.expression();
  if (!parser.atEnd()) throw parser.unexpected();
  return expression;
}

/** A single condition, as the definition of a check constraint or filtered index holds it. */
export function parseConditionText(text: string, options: ParseOptions): Condition {
  const parser = createParser(text, options);
  const condition = parser.condition();
  if (!parser.atEnd()) throw parser.unexpected();
  return condition;
}

/** A parameter as sp_executesql, sp_prepare and procedures declare it. */
export type ParameterDeclaration = {
  /** With the @. */
  name: string;
  type: TypeReference;
  value: Expression | null;
  isOutput: boolean;
  isReadOnly: boolean;
};

/** `@p1 int, @p2 nvarchar(max) = N'x' OUTPUT`: the declaration that sp_executesql takes; empty text declares nothing. */
export function parseParameterDeclarations(text: string): ParameterDeclaration[] {
  const parser = createParser(text, { quotedIdentifier: true });
  if (parser.atEnd()) return [];
  const declarations = parser.commaSeparated((): ParameterDeclaration => {
    const name = parser.variable();
    parser.acceptWords('AS');
    const type = parseTypeReference(parser, { use: 'declaration', subject: 'parameter', name });
    const value = parser.acceptOperator('=') ? parser.expression() : null;
    const isOutput = parser.acceptWords('OUTPUT') || parser.acceptWords('OUT');
    return { name, type, value, isOutput, isReadOnly: parser.acceptWords('READONLY') };
  });
  if (!parser.atEnd()) throw parser.unexpected();
  return declarations;
}

function createParser(text: string, options: ParseOptions): Parser {
  const parser: Parser = Object.assign(createTokenReader(text, options), {
    expression: () => parseExpression(parser),
    condition: () => parseCondition(parser),
    nestedQuery: () => parseNestedQuery(parser),
    statement: () => parseStatement(parser),
    loopDepth: 0,
  });
  return parser;
}
