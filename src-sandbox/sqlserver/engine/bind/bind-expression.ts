import type { SqlType, SqlValue } from '../../engine-contract.ts';
import type { Expression } from '../../sql/ast.ts';
import { isCollationName } from '../collation.ts';
import { errors, SqlError } from '../errors.ts';
import { isClr, isText, isUnicode, nvarchar, typeLabel, varbinary, varchar } from '../sql-types.ts';
import { bindCall } from '../functions/bind-call.ts';
import { bindMethod, bindProperty, bindStatic } from '../functions/clr-methods.ts';
import { bindArithmetic, bindUnary } from './arithmetic.ts';
import type { Binder, Scope, Typed } from './binder.ts';
import { compare, oneColumn } from './bind-condition.ts';
import { commonType, convertTyped } from './convert-typed.ts';
import { resolveColumn } from './resolve-column.ts';
import { constantOf, nullOf } from './typed.ts';

export function bindExpression(b: Binder, expression: Expression, scope: Scope): Typed {
  try {
    return groupedExpression(b, expression, scope) ?? bindNode(b, expression, scope);
  } catch (error) {
    if (error instanceof SqlError && error.line === 0) error.line = expression.at.line;
    throw error;
  }
}

/** In a grouped query an expression that the rows are grouped by is a value of the group. */
function groupedExpression(b: Binder, expression: Expression, scope: Scope): Typed | undefined {
  const { grouping } = scope;
  if (grouping === null || grouping.groups.length === 0 || CONSTANT_KINDS.has(expression.kind)) return undefined;
  if (grouping.isOnlyColumns && expression.kind !== 'column') return undefined;
  let typed: Typed;
  try {
    typed = b.expression(expression, { ...grouping.rows, clause: 'group' });
  } catch (error) {
    if (error instanceof SqlError) return undefined;
    throw error;
  }
  return grouping.groups.find((group) => group.sql === typed.sql)?.typed;
}

const CONSTANT_KINDS = new Set(['null', 'number', 'string', 'binary-string', 'variable', 'global-variable', 'default']);

function bindNode(b: Binder, expression: Expression, scope: Scope): Typed {
  switch (expression.kind) {
    case 'null':
      return nullOf(b);
    case 'number':
      return numberLiteral(b, expression.text, expression.type);
    case 'string':
      return stringLiteral(b, expression.value, expression.national);
    case 'binary-string':
      return constantOf(b, expression.value, varbinary(Math.max(1, expression.value.length)));
    case 'column':
      return resolveColumn(b, expression, scope);
    case 'variable': {
      const variable = b.environment.variable(expression.name);
      if (variable === undefined) throw errors.undeclaredVariable(expression.name);
      return constantOf(b, variable.value, variable.type);
    }
    case 'global-variable': {
      const variable = b.environment.globalVariable(expression.name);
      if (variable === undefined) throw errors.undeclaredVariable(expression.name);
      return constantOf(b, variable.value, variable.type);
    }
    case 'unary':
      return bindUnary(b, expression.operator, b.expression(expression.operand, scope));
    case 'binary':
      return bindArithmetic(
        b,
        expression.operator,
        b.expression(expression.left, scope),
        b.expression(expression.right, scope),
      );
    case 'collate':
      return collate(b, expression, scope);
    case 'simple-case':
    case 'searched-case':
    case 'iif':
    case 'coalesce':
    case 'nullif':
      return bindCase(b, expression, scope);
    case 'cast':
    case 'convert':
      return bindConversion(b, expression, scope);
    case 'subquery':
      return scalarQuery(b, expression, scope);
    case 'call':
      return bindCall(b, expression, scope);
    case 'method-call':
      return bindMethod(b, b.expression(expression.operand, scope), {
        method: expression.method.name,
        args: expression.args.map((arg) => b.expression(arg, scope)),
      });
    case 'property':
      return bindProperty(b, b.expression(expression.operand, scope), expression.name.name);
    case 'static-call':
      return bindStatic(b, {
        type: expression.type.name,
        method: expression.method.name,
        args: expression.args?.map((arg) => b.expression(arg, scope)) ?? null,
      });
    case 'default':
      throw new SqlError(156, "Incorrect syntax near the keyword 'DEFAULT'.", { severity: 15 });
    case 'at-time-zone':
    case 'trim':
    case 'niladic':
    case 'partition-number':
      return bindCall(b, expression, scope);
    default:
      throw errors.unsupported(`the expression ${expression.kind}`);
  }
}

function numberLiteral(b: Binder, text: string, type: SqlType): Typed {
  if (type.name === 'int') return constantOf(b, Number(text), type, { literal: 'number' });
  const value: SqlValue =
    type.name === 'float' || type.name === 'real'
      ? Number(text)
      : unscaledLiteral(text, type.name === 'money' ? 4 : (type.scale ?? 0));
  return constantOf(b, value, type, { literal: 'number' });
}

function unscaledLiteral(text: string, scale: number): bigint {
  const [whole = '', fraction = ''] = text.replaceAll(',', '').split('.');
  return BigInt(`${whole}${fraction.slice(0, scale).padEnd(scale, '0')}` || '0');
}

/** A literal's length is its own, at least 1; beyond 8,000 bytes it is (max). */
function stringLiteral(b: Binder, value: string, national: boolean): Typed {
  const { collation } = b.environment.database;
  const limit = national ? 4000 : 8000;
  const length = value.length > limit ? -1 : Math.max(1, value.length);
  const type = national ? nvarchar(length, collation) : varchar(length, collation);
  return constantOf(b, value, type, { literal: 'text' });
}

function collate(b: Binder, expression: Extract<Expression, { kind: 'collate' }>, scope: Scope): Typed {
  const operand = b.expression(expression.operand, scope);
  const name =
    expression.collation.toLowerCase() === 'database_default' ? b.environment.database.collation : expression.collation;
  if (!isCollationName(name)) throw new SqlError(448, `Invalid collation '${expression.collation}'.`);
  const text = isText(operand.type) || operand.literal === 'null' ? operand : undefined;
  if (text === undefined)
    throw new SqlError(447, `Expression type ${typeLabel(operand.type)} is invalid for COLLATE clause.`);
  const target: SqlType = isText(operand.type) ? { ...operand.type, collation: name } : varchar(1, name);
  const changesPage = isText(operand.type) && !isUnicode(operand.type) && operand.type.collation !== name;
  const converted = changesPage ? convertTyped(b, operand, target) : { ...operand, type: target };
  return { ...converted, type: target, label: 'explicit' };
}

type CaseExpression = Extract<Expression, { kind: 'simple-case' | 'searched-case' | 'iif' | 'coalesce' | 'nullif' }>;

function bindCase(b: Binder, expression: CaseExpression, scope: Scope): Typed {
  switch (expression.kind) {
    case 'simple-case': {
      const operand = b.expression(expression.operand, scope);
      return caseOf(
        b,
        expression.branches.map(({ when, then }) => ({
          when: compare(b, '=', operand, b.expression(when, scope)),
          then: b.expression(then, scope),
        })),
        expression.otherwise === null ? nullOf(b) : b.expression(expression.otherwise, scope),
      );
    }
    case 'searched-case':
      return caseOf(
        b,
        expression.branches.map(({ when, then }) => ({
          when: b.condition(when, scope),
          then: b.expression(then, scope),
        })),
        expression.otherwise === null ? nullOf(b) : b.expression(expression.otherwise, scope),
      );
    case 'iif':
      return caseOf(
        b,
        [{ when: b.condition(expression.condition, scope), then: b.expression(expression.then, scope) }],
        b.expression(expression.otherwise, scope),
      );
    case 'coalesce': {
      const args = expression.args.map((arg) => b.expression(arg, scope));
      if (args.every((arg) => arg.literal === 'null')) {
        throw new SqlError(
          4127,
          'At least one of the arguments to COALESCE must be an expression that is not the NULL constant.',
        );
      }
      const type = commonType(b, args, 'coalesce');
      const converted = args.map((arg) => convertTyped(b, arg, type));
      return {
        sql: `COALESCE(${converted.map((arg) => arg.sql).join(', ')})`,
        type,
        nullable: converted.every((arg) => arg.nullable),
        label: 'implicit',
        isSimple: false,
      };
    }
    case 'nullif': {
      const left = b.expression(expression.left, scope);
      if (left.literal === 'null')
        throw new SqlError(
          4151,
          'The type of the first argument to NULLIF cannot be the NULL constant because the type of the first argument has to be known.',
        );
      const equal = compare(b, '=', left, b.expression(expression.right, scope));
      return {
        ...withoutConstant(left),
        sql: `CASE WHEN ${equal} THEN NULL ELSE ${left.sql} END`,
        nullable: true,
        isSimple: false,
      };
    }
  }
}

function withoutConstant(typed: Typed): Typed {
  const { sql, type, nullable, label, isSimple } = typed;
  return { sql, type, nullable, label, isSimple };
}

function caseOf(b: Binder, branches: { when: string; then: Typed }[], otherwise: Typed): Typed {
  const results = [...branches.map((branch) => branch.then), otherwise];
  if (results.every((result) => result.literal === 'null')) {
    throw new SqlError(
      8133,
      'At least one of the result expressions in a CASE specification must be an expression other than the NULL constant.',
    );
  }
  const type = commonType(b, results, 'CASE');
  const converted = results.map((result) => convertTyped(b, result, type));
  const whens = branches.map(({ when }, i) => `WHEN ${when} THEN ${converted[i]?.sql ?? 'NULL'}`).join(' ');
  return {
    sql: `CASE ${whens} ELSE ${converted.at(-1)?.sql ?? 'NULL'} END`,
    type,
    nullable: converted.some((result) => result.nullable),
    label: 'implicit',
    isSimple: false,
  };
}

function bindConversion(b: Binder, expression: Extract<Expression, { kind: 'cast' | 'convert' }>, scope: Scope): Typed {
  const type = b.environment.typeOf(expression.type);
  const operand = b.expression(expression.operand, scope);
  const converted = (style: number | null | undefined): Typed =>
    convertTyped(b, operand, type, {
      kind: 'explicit',
      isTry: expression.isTry,
      ...(style === undefined ? {} : { style }),
    });
  if (expression.kind === 'cast' || expression.style === null) return converted(undefined);
  const style = convertTyped(b, b.expression(expression.style, scope), { name: 'int' });
  if (style.constant === undefined) throw errors.unsupported('a style of CONVERT that is not a constant');
  if (style.constant === null) return nullOf(b, type);
  if (isClr(operand.type)) return converted(undefined);
  return converted(style.constant as number);
}

function scalarQuery(b: Binder, expression: Extract<Expression, { kind: 'subquery' }>, scope: Scope): Typed {
  const query = b.query(expression.query, scope);
  const column = query.columns[0];
  if (query.columns.length !== 1 || column === undefined) throw oneColumn();
  return { sql: `(${query.sql})`, type: column.type, nullable: true, label: column.label, isSimple: false };
}
