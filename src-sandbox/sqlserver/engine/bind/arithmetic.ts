import type { SqlType, SqlValue } from '../../engine-contract.ts';
import type { ArithmeticOperator } from '../../sql/ast.ts';
import { errors, travelText } from '../errors.ts';
import {
  decimal,
  decimalSize,
  duckType,
  isBinary,
  isDateTime,
  isDecimal,
  isFloat,
  isInteger,
  isMax,
  isMoney,
  isNumber,
  isOldLob,
  isText,
  isUnicode,
  nvarchar,
  precedenceOf,
  textLength,
  typeLabel,
  varbinary,
  varchar,
} from '../sql-types.ts';
import { fitsPrecision, rescale } from '../values/number-text.ts';
import type { Binder, Typed } from './binder.ts';
import { convertTyped, decimalOperand } from './convert-typed.ts';
import { callScript, operatorName, resolveCollation } from './typed.ts';

/** A binary operator on expressions. https://learn.microsoft.com/en-us/sql/t-sql/language-elements/operators-transact-sql */
export function bindArithmetic(b: Binder, operator: ArithmeticOperator, left: Typed, right: Typed): Typed {
  const [a, z] = withNulls(left, right);
  if (operator === '&' || operator === '|' || operator === '^') return bitwise(b, operator, a, z);
  if (operator === '+' && (isText(a.type) || isBinary(a.type)) && (isText(z.type) || isBinary(z.type))) {
    return concatenate(b, a, z);
  }
  if (isDateTime(a.type) || isDateTime(z.type)) return dateArithmetic(b, operator, a, z);
  const operand = [a, z].find(({ type }) => !isNumber(type) && !isText(type) && !isBinary(type));
  if (operand !== undefined) {
    throw a.type.name === z.type.name
      ? errors.invalidOperator(typeLabel(a.type), operatorName(operator))
      : precedenceOf(a.type) > precedenceOf(z.type) || precedenceOf(a.type) < precedenceOf(z.type)
        ? isNumber(a.type) || isNumber(z.type)
          ? errors.operandClash(typeLabel(a.type), typeLabel(z.type))
          : errors.incompatibleTypes(typeLabel(a.type), typeLabel(z.type), operatorName(operator))
        : errors.invalidOperator(typeLabel(operand.type), operatorName(operator));
  }
  if (!isNumber(a.type) && !isNumber(z.type)) {
    throw a.type.name === z.type.name
      ? errors.invalidOperator(typeLabel(a.type), operatorName(operator))
      : errors.incompatibleTypes(typeLabel(a.type), typeLabel(z.type), operatorName(operator));
  }
  return onNumbers(
    b,
    operator,
    isNumber(a.type) ? a : convertTyped(b, a, z.type),
    isNumber(z.type) ? z : convertTyped(b, z, a.type),
  );
}

/** A bare NULL takes the type of the other side. */
function withNulls(left: Typed, right: Typed): [Typed, Typed] {
  const retyped = (typed: Typed, other: Typed): Typed =>
    typed.literal === 'null' && other.literal !== 'null'
      ? { ...typed, type: other.type, sql: `NULL::${duckType(other.type)}` }
      : typed;
  return [retyped(left, right), retyped(right, left)];
}

function onNumbers(b: Binder, operator: ArithmeticOperator, left: Typed, right: Typed): Typed {
  const { type } = precedenceOf(left.type) >= precedenceOf(right.type) ? left : right;
  if (isFloat(type)) return onFloats(b, operator, left, right);
  if (isDecimal(type)) return onDecimals(b, operator, left, right);
  if (isMoney(type)) return onMoney(b, operator, left, right, type);
  if (type.name === 'bit') throw errors.invalidOperator('bit', operatorName(operator));
  return onIntegers(b, operator, left, right, type);
}

function result(sql: string, type: SqlType, left: Typed, right: Typed): Typed {
  return { sql, type, nullable: left.nullable || right.nullable, label: 'coercible', isSimple: false };
}

const divisionError = (): string => `error('${travelText(errors.divideByZero())}')`;

function guarded(sql: string, divisor: Typed, type: SqlType): string {
  const isSafe = divisor.constant !== undefined && divisor.constant !== null && Number(divisor.constant) !== 0;
  if (isSafe) return sql;
  return `CASE WHEN ${divisor.sql} = 0 THEN CAST(${divisionError()} AS ${duckType(type)}) ELSE ${sql} END`;
}

const RANGE: Readonly<Record<string, readonly [bigint, bigint]>> = {
  tinyint: [0n, 255n],
  smallint: [-32_768n, 32_767n],
  int: [-2_147_483_648n, 2_147_483_647n],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n],
};

function onIntegers(b: Binder, operator: ArithmeticOperator, left: Typed, right: Typed, type: SqlType): Typed {
  const a = convertTyped(b, left, type);
  const z = convertTyped(b, right, type);
  if (a.constant !== undefined && z.constant !== undefined) {
    const [low, high] = RANGE[type.name] ?? [0n, 0n];
    return callScript(b, `integer ${operator}`, {
      args: [a, z],
      result: type,
      run: ([x, y]) => {
        const value = onBigInts(operator, BigInt(x as number), BigInt(y as number));
        if (value < low || value > high) throw errors.overflowConverting(type.name);
        return type.name === 'bigint' ? value : Number(value);
      },
    });
  }
  const duck = operator === '/' ? '//' : operator;
  const sql = `CAST((${a.sql} ${duck} ${z.sql}) AS ${duckType(type)})`;
  return result(operator === '/' || operator === '%' ? guarded(sql, z, type) : sql, type, left, right);
}

function onBigInts(operator: ArithmeticOperator, x: bigint, y: bigint): bigint {
  switch (operator) {
    case '+':
      return x + y;
    case '-':
      return x - y;
    case '*':
      return x * y;
    default:
      if (y === 0n) throw errors.divideByZero();
      return operator === '/' ? x / y : x % y;
  }
}

function onFloats(b: Binder, operator: ArithmeticOperator, left: Typed, right: Typed): Typed {
  if (operator === '%') throw errors.incompatibleTypes(typeLabel(left.type), typeLabel(right.type), 'modulo');
  // real with anything but float stays real.
  const isReal = [left, right].every(({ type }) => type.name !== 'float');
  const type: SqlType = { name: isReal ? 'real' : 'float' };
  const args = [convertTyped(b, left, type), convertTyped(b, right, type)] as const;
  return callScript(b, `float ${operator}`, {
    args,
    result: type,
    nullable: left.nullable || right.nullable,
    run: ([a, z]) => {
      const x = a as number;
      const y = z as number;
      if (operator === '/' && y === 0) throw errors.divideByZero();
      const value = operator === '+' ? x + y : operator === '-' ? x - y : operator === '*' ? x * y : x / y;
      const kept = isReal ? Math.fround(value) : value;
      if (!Number.isFinite(kept)) throw errors.overflowConverting(type.name);
      return kept;
    },
  });
}

/** https://learn.microsoft.com/en-us/sql/t-sql/data-types/precision-scale-and-length-transact-sql */
export function decimalResult(
  operator: ArithmeticOperator,
  left: { precision: number; scale: number },
  right: { precision: number; scale: number },
): { precision: number; scale: number } {
  const { precision: p1, scale: s1 } = left;
  const { precision: p2, scale: s2 } = right;
  switch (operator) {
    case '+':
    case '-': {
      const scale = Math.max(s1, s2);
      const whole = Math.max(p1 - s1, p2 - s2) + 1;
      if (scale + whole <= 38) return { precision: scale + whole, scale };
      return { precision: 38, scale: Math.max(0, Math.min(scale, 38 - Math.min(38, whole - 1))) };
    }
    case '%': {
      const scale = Math.max(s1, s2);
      return { precision: Math.min(38, Math.min(p1 - s1, p2 - s2) + scale), scale };
    }
    default: {
      const scale = operator === '*' ? s1 + s2 : Math.max(6, s1 + p2 + 1);
      const precision = operator === '*' ? p1 + p2 + 1 : p1 - s1 + s2 + scale;
      if (precision <= 38) return { precision, scale };
      const whole = precision - scale;
      if (whole < 32) return { precision: 38, scale: Math.min(scale, 38 - whole) };
      return { precision: 38, scale: scale < 6 ? scale : 6 };
    }
  }
}

function onDecimals(b: Binder, operator: ArithmeticOperator, left: Typed, right: Typed): Typed {
  const a = decimalOperand(left);
  const z = decimalOperand(right);
  const size = decimalResult(operator, a, z);
  const type = decimal(size.precision, size.scale);
  const x = isDecimal(left.type)
    ? left
    : convertTyped(b, left, decimal(Math.max(a.precision, decimalSize(left.type).precision), a.scale));
  const y = isDecimal(right.type)
    ? right
    : convertTyped(b, right, decimal(Math.max(z.precision, decimalSize(right.type).precision), z.scale));
  const isConstant = x.constant !== undefined && y.constant !== undefined;
  if (!isConstant && (operator === '+' || operator === '-') && size.precision < 38) {
    const cast = (typed: Typed): string => `CAST(${typed.sql} AS ${duckType(type)})`;
    return result(`CAST((${cast(x)} ${operator} ${cast(y)}) AS ${duckType(type)})`, type, left, right);
  }
  if (!isConstant && operator === '*' && decimalSize(x.type).precision + decimalSize(y.type).precision < 38) {
    return result(`CAST((${x.sql} * ${y.sql}) AS ${duckType(type)})`, type, left, right);
  }
  const s1 = decimalSize(x.type).scale;
  const s2 = decimalSize(y.type).scale;
  return callScript(b, `decimal ${operator}`, {
    args: [x, y],
    result: type,
    nullable: left.nullable || right.nullable,
    run: ([v, w]) => decimalOperation(operator, { x: v as bigint, s1, y: w as bigint, s2 }, size),
  });
}

function decimalOperation(
  operator: ArithmeticOperator,
  operands: { x: bigint; s1: number; y: bigint; s2: number },
  size: { precision: number; scale: number },
): SqlValue {
  const { x, s1, y, s2 } = operands;
  const scale = Math.max(s1, s2);
  let value: bigint;
  switch (operator) {
    case '+':
      value = rescale(rescale(x, s1, scale) + rescale(y, s2, scale), scale, size.scale);
      break;
    case '-':
      value = rescale(rescale(x, s1, scale) - rescale(y, s2, scale), scale, size.scale);
      break;
    case '*':
      value = rescale(x * y, s1 + s2, size.scale);
      break;
    case '%':
      if (y === 0n) throw errors.divideByZero();
      value = rescale(x, s1, scale) % rescale(y, s2, scale);
      break;
    default:
      if (y === 0n) throw errors.divideByZero();
      // The quotient is cut off, not rounded.
      value = (x * 10n ** BigInt(size.scale + s2)) / (y * 10n ** BigInt(s1));
  }
  if (!fitsPrecision(value, size.precision)) throw errors.overflowConverting('numeric');
  return value;
}

function onMoney(b: Binder, operator: ArithmeticOperator, left: Typed, right: Typed, highest: SqlType): Typed {
  const type: SqlType = { name: highest.name };
  const [low, high] = (type.name === 'money' ? RANGE['bigint'] : RANGE['int']) ?? [0n, 0n];
  return callScript(b, `money ${operator}`, {
    args: [convertTyped(b, left, type), convertTyped(b, right, type)],
    result: type,
    nullable: left.nullable || right.nullable,
    run: ([v, w]) => {
      const x = v as bigint;
      const y = w as bigint;
      if ((operator === '/' || operator === '%') && y === 0n) throw errors.divideByZero();
      const value =
        operator === '+'
          ? x + y
          : operator === '-'
            ? x - y
            : operator === '*'
              ? rescale(x * y, 8, 4)
              : operator === '/'
                ? (x * 10_000n) / y
                : x % y;
      if (value < low || value > high) throw errors.overflowConverting(type.name);
      return value;
    },
  });
}

function bitwise(b: Binder, operator: '&' | '|' | '^', left: Typed, right: Typed): Typed {
  if (!isInteger(left.type) && !isInteger(right.type)) {
    throw errors.incompatibleTypes(typeLabel(left.type), typeLabel(right.type), operatorName(operator));
  }
  for (const { type } of [left, right]) {
    if (!isInteger(type) && !isBinary(type) && !isText(type)) {
      throw errors.incompatibleTypes(typeLabel(left.type), typeLabel(right.type), operatorName(operator));
    }
  }
  const whole = [left, right].filter(({ type }) => isInteger(type)).map(({ type }) => type);
  const type = whole.reduce((a, z) => (precedenceOf(z) > precedenceOf(a) ? z : a));
  return callScript(b, `bitwise ${operator}`, {
    args: [convertTyped(b, left, type), convertTyped(b, right, type)],
    result: type,
    nullable: left.nullable || right.nullable,
    run: ([v, w]) => {
      const x = BigInt(v as number);
      const y = BigInt(w as number);
      const value = operator === '&' ? x & y : operator === '|' ? x | y : x ^ y;
      return type.name === 'bigint' ? value : type.name === 'bit' ? value !== 0n : Number(value);
    },
  });
}

/** The result of + on texts is cut at 8,000 bytes unless one side is (max). */
function concatenate(b: Binder, left: Typed, right: Typed): Typed {
  if (isOldLob(left.type) || isOldLob(right.type)) {
    throw errors.incompatibleTypes(typeLabel(left.type), typeLabel(right.type), 'add');
  }
  if (isBinary(left.type) && isBinary(right.type)) {
    const length =
      isMax(left.type) || isMax(right.type) ? -1 : Math.min(8000, (left.type.length ?? 8) + (right.type.length ?? 8));
    return result(`(${left.sql} || ${right.sql})`, varbinary(length), left, right);
  }
  if (isBinary(left.type) || isBinary(right.type)) {
    throw errors.incompatibleTypes(typeLabel(left.type), typeLabel(right.type), 'add');
  }
  const { collation, label } = resolveCollation(b, [left, right], 'add operator');
  const unicode = isUnicode(left.type) || isUnicode(right.type);
  const limit = unicode ? 4000 : 8000;
  const total = textLength(left.type) + textLength(right.type);
  const length = total === Infinity ? -1 : Math.min(limit, Math.max(1, total));
  const type = unicode ? nvarchar(length, collation) : varchar(length, collation);
  const isLong = total !== Infinity && total > limit;
  if (typeof left.constant === 'string' && typeof right.constant === 'string') {
    const joined = callScript(b, 'concatenate', {
      args: [left, right],
      result: type,
      run: ([x, y]) => `${x as string}${y as string}`.slice(0, isLong ? limit : undefined),
    });
    return { ...joined, label };
  }
  const sql = `(${left.sql} || ${right.sql})`;
  return { ...result(isLong ? `left(${sql}, ${limit})` : sql, type, left, right), label };
}

/** datetime and smalldatetime take numbers as days; the other types do not. */
function dateArithmetic(b: Binder, operator: ArithmeticOperator, left: Typed, right: Typed): Typed {
  const type = [left.type, right.type].find((one) => isDateTime(one)) ?? left.type;
  const isOld = (one: SqlType): boolean => one.name === 'datetime' || one.name === 'smalldatetime';
  const other = isDateTime(left.type) ? right : left;
  if ((operator !== '+' && operator !== '-') || !isOld(type)) {
    if (isDateTime(left.type) && isDateTime(right.type)) {
      throw left.type.name === right.type.name
        ? errors.invalidOperator(left.type.name, operatorName(operator))
        : errors.incompatibleTypes(left.type.name, right.type.name, operatorName(operator));
    }
    if (isNumber(other.type)) throw errors.operandClash(typeLabel(left.type), typeLabel(right.type));
    throw errors.incompatibleTypes(typeLabel(left.type), typeLabel(right.type), operatorName(operator));
  }
  const datetime: SqlType = { name: 'datetime' };
  const sum = callScript(b, `datetime ${operator}`, {
    args: [convertTyped(b, left, datetime), convertTyped(b, right, datetime)],
    result: datetime,
    nullable: left.nullable || right.nullable,
    run: ([x, y]) => {
      const value = operator === '+' ? (x as bigint) + (y as bigint) : (x as bigint) - (y as bigint);
      if (value < -53_690n * 25_920_000n || value >= 2_958_464n * 25_920_000n)
        throw errors.overflowConverting('datetime');
      return value;
    },
  });
  return type.name === 'smalldatetime' && !(left.type.name === 'datetime' || right.type.name === 'datetime')
    ? convertTyped(b, sum, { name: 'smalldatetime' })
    : sum;
}

/** Unary minus, plus and ~. */
export function bindUnary(b: Binder, operator: '-' | '+' | '~', operand: Typed): Typed {
  if (operator === '+') return operand;
  const { type } = operand;
  if (operator === '~') {
    if (!isInteger(type)) throw errors.invalidOperator(typeLabel(type), operatorName('~'));
    return callScript(b, 'not', {
      args: [operand],
      result: type,
      run: ([value]) => {
        if (type.name === 'bit') return value !== true;
        if (type.name === 'bigint') return ~(value as bigint);
        return type.name === 'tinyint' ? 255 - (value as number) : ~(value as number);
      },
    });
  }
  if (isText(type)) throw errors.invalidOperator(typeLabel(type), 'minus');
  if (!isNumber(type) || type.name === 'bit') throw errors.invalidOperator(typeLabel(type), 'minus');
  const kept: SqlType = type.name === 'tinyint' ? { name: 'smallint' } : type;
  const negated = callScript(b, 'minus', {
    args: [operand],
    result: kept,
    nullable: operand.nullable,
    run: ([value]) => {
      if (typeof value === 'number') {
        if (value === -2_147_483_648 && type.name === 'int') throw errors.overflowConverting('int');
        return value === 0 ? 0 : -value;
      }
      if (type.name === 'bigint' && value === -(2n ** 63n)) throw errors.overflowConverting('bigint');
      return -(value as bigint);
    },
  });
  return operand.literal === 'number' ? { ...negated, literal: 'number' } : negated;
}
