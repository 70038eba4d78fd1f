import type { Condition, Expression, Identifier, ObjectName, TypeReference } from './ast.ts';

/**
 * The text that the vendor keeps of a default, a computed column, a check constraint or a filter: names in brackets, numbers in parentheses,
 * built-in functions in lower case, CAST as CONVERT, BETWEEN and IN as comparisons, the whole in parentheses: `((0))`, `([a]+[b]*(2))`, `(getdate())`.
 * What the vendor's pages show no example of is printed in the same manner.
 * https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-check-constraints-transact-sql
 */
export function printDefinition(node: { expression: Expression } | { condition: Condition }): string {
  return `(${'expression' in node ? printExpression(node.expression) : printCondition(node.condition)})`;
}

const LOOSEST = 0;
const ADDITIVE = 1;
const MULTIPLICATIVE = 2;
const TIGHTEST = 3;

function precedence(expression: Expression): number {
  if (expression.kind === 'unary') return expression.operator === '~' ? TIGHTEST : ADDITIVE;
  if (expression.kind !== 'binary') return TIGHTEST;
  return ['*', '/', '%'].includes(expression.operator) ? MULTIPLICATIVE : ADDITIVE;
}

function printExpression(expression: Expression, minimum: number = LOOSEST): string {
  const text = expressionText(expression);
  return precedence(expression) < minimum ? `(${text})` : text;
}

function expressionText(e: Expression): string {
  switch (e.kind) {
    case 'null':
      return 'NULL';
    case 'default':
      return 'DEFAULT';
    case 'number':
      return `(${e.type.name === 'money' ? '$' : ''}${e.text})`;
    case 'string':
      return `${e.national ? 'N' : ''}'${e.value.replaceAll("'", "''")}'`;
    case 'binary-string':
      return `0x${Buffer.from(e.value).toString('hex').toUpperCase()}`;
    case 'column':
      return e.parts.map((part) => (part ? bracketed(part.name) : '')).join('.');
    case 'pseudo-column':
      return [...e.qualifier.map((part) => bracketed(part.name)), e.name.toLowerCase()].join('.');
    case 'variable':
    case 'global-variable':
      return e.name;
    case 'unary':
      return unaryText(e.operator, e.operand);
    case 'binary': {
      const own = precedence(e);
      // The vendor keeps parentheses around an operand of the same precedence on the left too.
      return `${printExpression(e.left, own + 1)}${e.operator}${printExpression(e.right, own + 1)}`;
    }
    case 'collate':
      return `${printExpression(e.operand, TIGHTEST)} COLLATE ${e.collation}`;
    case 'at-time-zone':
      return `${printExpression(e.operand, TIGHTEST)} AT TIME ZONE ${printExpression(e.zone, TIGHTEST)}`;
    case 'subquery':
      return '(SELECT)';
    case 'next-value-for':
      return `NEXT VALUE FOR ${objectText(e.sequence)}`;
    default:
      return callText(e);
  }
}

/** A negative number is one constant: `(-1)`. */
function unaryText(operator: string, operand: Expression): string {
  if (operand.kind === 'number' && operator !== '~')
    return expressionText({ ...operand, text: `${operator}${operand.text}` });
  return `${operator}${printExpression(operand, operator === '~' ? TIGHTEST : MULTIPLICATIVE)}`;
}

type CallLike = Exclude<
  Expression,
  {
    kind:
      | 'null'
      | 'default'
      | 'number'
      | 'string'
      | 'binary'
      | 'binary-string'
      | 'column'
      | 'pseudo-column'
      | 'variable'
      | 'global-variable'
      | 'unary'
      | 'collate'
      | 'at-time-zone'
      | 'subquery'
      | 'next-value-for';
  }
>;

function callText(e: CallLike): string {
  switch (e.kind) {
    case 'simple-case':
      return caseText(
        printExpression(e.operand),
        e.branches.map(({ when, then }) => [printExpression(when), printExpression(then)]),
        e.otherwise,
      );
    case 'searched-case':
      return caseText(
        null,
        e.branches.map(({ when, then }) => [printCondition(when), printExpression(then)]),
        e.otherwise,
      );
    case 'iif':
      return caseText(null, [[printCondition(e.condition), printExpression(e.then)]], e.otherwise);
    case 'cast':
      return `${e.isTry ? 'TRY_CAST' : 'CONVERT'}(${e.isTry ? `${printExpression(e.operand)} AS ${typeText(e.type)}` : `${typeText(e.type)},${printExpression(e.operand)}`})`;
    case 'convert': {
      const style = e.style ? `,${printExpression(e.style)}` : '';
      return `${e.isTry ? 'TRY_CONVERT' : 'CONVERT'}(${typeText(e.type)},${printExpression(e.operand)}${style})`;
    }
    case 'parse': {
      const culture = e.culture ? ` USING ${printExpression(e.culture)}` : '';
      return `${e.isTry ? 'TRY_PARSE' : 'PARSE'}(${printExpression(e.operand)} AS ${typeText(e.type)}${culture})`;
    }
    case 'coalesce':
      return `coalesce(${argumentText(e.args)})`;
    case 'nullif':
      return `nullif(${argumentText([e.left, e.right])})`;
    case 'trim':
      return `Trim(${e.characters ? `${e.side} ${printExpression(e.characters)} FROM ` : ''}${printExpression(e.operand)})`;
    case 'niladic':
      return e.name === 'CURRENT_TIMESTAMP' ? 'getdate()' : e.name === 'USER' ? 'user_name()' : e.name.toLowerCase();
    case 'call':
      return `${calledName(e.name)}(${[...(e.datePart ? [e.datePart] : []), ...(e.star ? ['*'] : e.args.map((arg) => printExpression(arg)))].join(',')})`;
    case 'partition-number':
      return `$partition.${bracketed(e.partitionFunction)}(${argumentText(e.args)})`;
    case 'method-call':
      return `${printExpression(e.operand, TIGHTEST)}.${bracketed(e.method.name)}(${argumentText(e.args)})`;
    case 'property':
      return `${printExpression(e.operand, TIGHTEST)}.${bracketed(e.name.name)}`;
    case 'static-call':
      return `${objectText(e.type)}::${bracketed(e.method.name)}${e.args ? `(${argumentText(e.args)})` : ''}`;
  }
}

function caseText(
  operand: string | null,
  branches: (readonly [string, string] | string[])[],
  otherwise: Expression | null,
): string {
  const whens = branches.map(([when, then]) => ` when ${when} then ${then}`).join('');
  return `case${operand === null ? '' : ` ${operand}`}${whens}${otherwise ? ` else ${printExpression(otherwise)}` : ''} end`;
}

function argumentText(args: Expression[]): string {
  return args.map((arg) => printExpression(arg)).join(',');
}

/** Functions of the server in lower case; of users, and methods, as they were named. */
function calledName(name: Identifier[]): string {
  const [only] = name;
  return name.length === 1 && only ? only.name.toLowerCase() : name.map((part) => bracketed(part.name)).join('.');
}

function bracketed(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`;
}

function objectText(name: ObjectName): string {
  return [name.database, name.schema, name.name]
    .filter((part) => part !== null)
    .map(bracketed)
    .join('.');
}

function typeText(reference: TypeReference): string {
  if (reference.kind === 'named') return objectText(reference.name);
  const { name, length, precision, scale } = reference.type;
  if (reference.isSysname) return '[sysname]';
  if (length !== undefined) return `[${name}](${length === -1 ? 'max' : length})`;
  if (precision !== undefined) return `[${name}](${precision},${scale ?? 0})`;
  return scale === undefined || scale === 7 ? `[${name}]` : `[${name}](${scale})`;
}

const OR_LEVEL = 1;
const AND_LEVEL = 2;
const NOT_LEVEL = 3;

function conditionLevel(condition: Condition): number {
  switch (condition.kind) {
    case 'or':
      return OR_LEVEL;
    case 'in-list':
      return condition.negated ? AND_LEVEL : condition.list.length > 1 ? OR_LEVEL : NOT_LEVEL;
    case 'and':
    case 'between':
      return AND_LEVEL;
    default:
      return NOT_LEVEL;
  }
}

function printCondition(condition: Condition, minimum: number = OR_LEVEL): string {
  const text = conditionText(condition);
  return conditionLevel(condition) < minimum ? `(${text})` : text;
}

function conditionText(c: Condition): string {
  switch (c.kind) {
    case 'and':
      return `${printCondition(c.left, AND_LEVEL)} AND ${printCondition(c.right, AND_LEVEL)}`;
    case 'or':
      return `${printCondition(c.left)} OR ${printCondition(c.right)}`;
    case 'not':
      return `NOT ${printCondition(c.operand, NOT_LEVEL)}`;
    case 'compare':
      return `${printExpression(c.left)}${c.operator}${printExpression(c.right)}`;
    case 'is-null':
      return `${printExpression(c.operand)} IS ${c.negated ? 'NOT ' : ''}NULL`;
    case 'is-distinct':
      return `${printExpression(c.left)} IS ${c.negated ? 'NOT ' : ''}DISTINCT FROM ${printExpression(c.right)}`;
    case 'like': {
      const escape = c.escape ? ` escape ${printExpression(c.escape)}` : '';
      return `${c.negated ? 'NOT ' : ''}${printExpression(c.operand)} like ${printExpression(c.pattern)}${escape}`;
    }
    case 'between': {
      const operand = printExpression(c.operand);
      const inside = `${operand}>=${printExpression(c.low)} AND ${operand}<=${printExpression(c.high)}`;
      return c.negated ? `NOT (${inside})` : inside;
    }
    case 'in-list':
      return [...c.list]
        .reverse()
        .map((item) => `${printExpression(c.operand)}${c.negated ? '<>' : '='}${printExpression(item)}`)
        .join(c.negated ? ' AND ' : ' OR ');
    case 'quantified':
    case 'in-query':
    case 'exists':
    case 'full-text':
      // A definition holds no subquery: the vendor refuses it (1046) before one is kept.
      return `(${c.kind})`;
  }
}
