import type { TypedSql } from '../../commands/command.ts';
import { errors } from '../../errors.ts';
import type { Expression, ExpressionNode } from '../ast.ts';
import { castTo } from '../cast.ts';
import { types } from '../data-type.ts';
import { translateExpression, asText, windowSql, type Translator } from '../translate-expression.ts';
import { aggregateFunctions } from './aggregate.ts';
import { conditionalFunctions } from './conditional.ts';
import { conversionFunctions } from './conversion.ts';
import { dateFunctions, extractPart } from './date.ts';
import { jsonFunctions } from './json.ts';
import { numberFunctions } from './number.ts';
import { wrongArguments, type CallNode, type CallTools, type FunctionTable } from './rule.ts';
import { textFunctions } from './text.ts';
import { windowFunctions } from './window.ts';

const TABLE: FunctionTable = {
  ...aggregateFunctions,
  ...windowFunctions,
  ...conditionalFunctions,
  ...conversionFunctions,
  ...dateFunctions,
  ...jsonFunctions,
  ...numberFunctions,
  ...textFunctions,
};

/** Functions whose first argument is a date part written as a bare word. */
const PART_FIRST = new Set([
  'DATEADD',
  'DATEDIFF',
  'DATE_PART',
  'DATE_TRUNC',
  'TIMESTAMPADD',
  'TIMESTAMPDIFF',
  'TIMEADD',
  'TIMEDIFF',
  'TRUNC',
  'LAST_DAY',
]);
const PARTS =
  /^(?:YEAR|YYYY|YY|MONTH|MM|MON|DAY|DD|D|WEEK|WK|QUARTER|Q|HOUR|HH|MINUTE|MI|SECOND|SS|S|MILLISECOND|MS|MICROSECOND|US|NANOSECOND|NS|DAYOFWEEK|DOW|DAYOFYEAR|DOY|DAYOFWEEKISO|WEEKISO|YEAROFWEEK|EPOCH_SECOND|EPOCH|EPOCH_MILLISECOND|EPOCH_MICROSECOND|EPOCH_NANOSECOND|TIMEZONE_HOUR|TIMEZONE_MINUTE)S?$/;

/** A function call or EXTRACT. @throws 002140 "Unknown function X" for what is not in the table */
export function callFunction(
  expression: Extract<ExpressionNode, { kind: 'call' | 'extract' }> & { span: Expression['span'] },
  t: Translator,
  given?: TypedSql[],
): TypedSql {
  if (expression.kind === 'extract') {
    return extractPart(expression.part, translateExpression(expression.operand, t), t);
  }
  const context = expression.over ? undefined : contextCall(expression, t, given);
  if (context) return context;
  const found = TABLE[expression.name];
  if (!found) throw errors.unknownFunction(expression.name);
  const args = given ?? expression.args.map((arg, i) => argument(expression, arg, i, t));
  const [least, most] = found.arity;
  const count = expression.star ? 1 : args.length;
  if (count < least) throw wrongArguments(expression.name, expression, 'not enough', least, count);
  if (count > most) throw wrongArguments(expression.name, expression, 'too many', most, count);
  const isWindowOnly = expression.name in windowFunctions;
  if (expression.over && !isWindowOnly && !(expression.name in aggregateFunctions)) {
    throw errors.notInPractice(`${expression.name} as a window function`);
  }
  if ((expression.distinct || expression.star) && !(expression.name in aggregateFunctions))
    throw errors.syntax('DISTINCT', expression.span);
  return found.write(args, toolsFor(expression, t));
}

function argument(call: CallNode, arg: Expression, index: number, t: Translator): TypedSql {
  const isPart =
    PART_FIRST.has(call.name) &&
    arg.kind === 'column' &&
    arg.parts.length === 1 &&
    PARTS.test(arg.parts[0]?.name ?? '');
  const position = call.name === 'TRUNC' || call.name === 'LAST_DAY' ? 1 : 0;
  if (isPart && index === position && arg.kind === 'column') {
    return { sql: `'${arg.parts[0]?.name}'`, type: types.text() };
  }
  return translateExpression(arg, t);
}

function contextCall(call: CallNode, t: Translator, given: TypedSql[] | undefined): TypedSql | undefined {
  if (given) return undefined;
  const constants = call.args.map((a) =>
    a.kind === 'string'
      ? a.value
      : a.kind === 'number'
        ? a.text
        : a.kind === 'unary' && a.operand.kind === 'number'
          ? `-${a.operand.text}`
          : '',
  );
  return t.environment.contextFunction(call.name, constants);
}

function toolsFor(node: CallNode, t: Translator): CallTools {
  const { parameter } = t.environment;
  return {
    name: node.name,
    node,
    t,
    cast: (value, to, format) => castTo(value, to, { parameter, ...(format === undefined ? {} : { format }) }),
    tryCast: (value, to, format) =>
      castTo(value, to, { parameter, strict: false, ...(format === undefined ? {} : { format }) }),
    text: (value) => asText(value, t),
    constant: (index) => {
      const arg = node.args[index];
      return arg?.kind === 'string' ? arg.value : undefined;
    },
    translate: (e) => translateExpression(e, t),
  };
}

/** ` OVER (...)` of the call, or nothing. */
export function overSql(tools: CallTools): string {
  return tools.node.over ? windowSql(tools.node.over, tools.t) : '';
}
