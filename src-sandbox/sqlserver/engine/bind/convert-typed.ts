import type { SqlType } from '../../engine-contract.ts';
import { digitsOf } from '../values/number-text.ts';
import { errors } from '../errors.ts';
import { SqlError } from '../errors.ts';
import {
  decimalSize,
  duckType,
  isBinary,
  isClr,
  isDateTime,
  isDecimal,
  isFixedText,
  isFloat,
  isInteger,
  isMax,
  isMoney,
  isNumber,
  isText,
  isUnicode,
  precedenceOf,
  sameType,
  textLength,
  typeLabel,
} from '../sql-types.ts';
import { codePageOf } from '../values/code-page.ts';
import { convertValue } from '../values/convert.ts';
import type { Binder, Typed } from './binder.ts';
import { callScript, commonText, constantOf, resolveCollation } from './typed.ts';

export type ConvertMode = { kind: 'implicit' | 'explicit'; style?: number | null; isTry?: boolean };

const IMPLICIT: ConvertMode = { kind: 'implicit' };

/** The expression as another type. Throws 206, 257 or 529 for pairs that T-SQL does not convert. */
export function convertTyped(b: Binder, typed: Typed, to: SqlType, mode: ConvertMode = IMPLICIT): Typed {
  const target = withCollation(b, typed, to);
  if (typed.literal === 'null') return constantOf(b, null, target);
  requireConvertible(typed.type, target, mode.kind);
  const label = isText(target) ? (isText(typed.type) ? typed.label : 'coercible') : 'coercible';
  if (sameType(typed.type, target) && mode.style === undefined) return { ...typed, type: target, label };
  const native = typed.constant === undefined ? nativeSql(typed, target) : null;
  if (native !== null) return { ...typed, sql: native, type: target, label, isSimple: typed.isSimple };
  const options = { style: mode.style ?? null, order: b.environment.dateOrder };
  const from = typed.type;
  const plain = (value: Parameters<typeof convertValue>[0]) => convertValue(value, from, target, options);
  return callScript(b, `convert ${mode.isTry === true ? 'try' : ''} ${options.style ?? ''} ${options.order}`, {
    args: [typed],
    result: target,
    nullable: mode.isTry === true || typed.nullable,
    label,
    run: ([value = null]) => {
      if (mode.isTry !== true) return plain(value);
      try {
        return plain(value);
      } catch (error) {
        if (error instanceof SqlError && error.number !== 40_000) return null;
        throw error;
      }
    },
  });
}

function withCollation(b: Binder, typed: Typed, to: SqlType): SqlType {
  if (!isText(to) || to.collation !== undefined) return to;
  const collation = isText(typed.type) ? typed.type.collation : undefined;
  return { ...to, collation: collation ?? b.environment.database.collation };
}

/** SQL that converts without a detour through script, or null. Every case is exact and cannot fail in another way than the vendor's. */
function nativeSql(typed: Typed, to: SqlType): string | null {
  const { sql, type: from } = typed;
  const cast = `CAST(${sql} AS ${duckType(to)})`;
  if (isText(from) && isText(to)) {
    const fits = textLength(to) >= textLength(from);
    const widens =
      isUnicode(to) || (!isUnicode(from) && codePageOf(from.collation ?? '') === codePageOf(to.collation ?? ''));
    if (!fits || !widens) return null;
    if (!isFixedText(to)) return sql;
    return isUnicode(to) ? `rpad(${sql}, ${to.length ?? 1}, ' ')` : null;
  }
  if (isInteger(from) && from.name !== 'bit' && isInteger(to) && to.name !== 'bit') {
    return decimalSize(to).precision >= decimalSize(from).precision ? cast : null;
  }
  if (isInteger(from) && isFloat(to)) return cast;
  if ((isInteger(from) || isDecimal(from) || isMoney(from)) && (isDecimal(to) || to.name === 'money')) {
    if (from.name === 'bit') return null;
    const a = decimalSize(from);
    const z = decimalSize(to);
    return z.scale >= a.scale && z.precision - z.scale >= a.precision - a.scale ? cast : null;
  }
  if (isInteger(from) && from.name !== 'bit' && isText(to) && !isFixedText(to) && textLength(to) >= 20) return cast;
  if (isDecimal(from) && isText(to) && !isFixedText(to) && textLength(to) >= 41) return cast;
  if (from.name === 'real' && to.name === 'float') return cast;
  if (isBinary(from) && to.name === 'varbinary' && from.name !== 'timestamp') {
    return isMax(to) || (!isMax(from) && (from.length ?? 1) <= (to.length ?? 1)) ? sql : null;
  }
  if (from.name === 'date' && to.name === 'datetime2') return `(CAST(${sql} AS BIGINT) * 864000000000)`;
  if (
    from.name === to.name &&
    (from.name === 'datetime2' || from.name === 'time') &&
    (to.scale ?? 7) >= (from.scale ?? 7)
  ) {
    return sql;
  }
  return null;
}

/** https://learn.microsoft.com/en-us/sql/t-sql/functions/cast-and-convert-transact-sql#implicit-conversions */
export function requireConvertible(from: SqlType, to: SqlType, kind: 'implicit' | 'explicit'): void {
  if (from.name === to.name) return;
  const verdict = conversionKind(from, to);
  if (verdict === 'none') {
    throw kind === 'explicit'
      ? errors.noExplicitConversion(from.name, to.name)
      : errors.operandClash(typeLabel(from), typeLabel(to));
  }
  if (verdict === 'explicit' && kind === 'implicit') throw errors.noImplicitConversion(typeLabel(from), typeLabel(to));
}

function conversionKind(from: SqlType, to: SqlType): 'implicit' | 'explicit' | 'none' {
  if (from.name === 'sql_variant') return isOldLike(to) ? 'none' : 'explicit';
  if (to.name === 'sql_variant') return isOldLike(from) || isMax(from) ? 'none' : 'implicit';
  if (isClr(from) || isClr(to)) return clrConversion(from, to);
  if (from.name === 'xml')
    return isText(to) && !isMaxOld(to) ? 'explicit' : isBinary(to) && to.name !== 'image' ? 'explicit' : 'none';
  if (to.name === 'xml') return isText(from) ? 'implicit' : isBinary(from) ? 'implicit' : 'none';
  if (isText(from)) return textConversion(from, to);
  if (isText(to)) {
    if (to.name === 'text' || to.name === 'ntext') return 'none';
    if (from.name === 'image') return 'none';
    return 'implicit';
  }
  if (isBinary(from)) return binaryConversion(from, to);
  if (isBinary(to)) {
    if (to.name === 'image') return 'none';
    if (from.name === 'uniqueidentifier') return to.name === 'timestamp' ? 'none' : 'explicit';
    if (isDateTime(from)) return 'explicit';
    return isFloat(from) ? 'explicit' : 'implicit';
  }
  if (from.name === 'uniqueidentifier' || to.name === 'uniqueidentifier') return 'none';
  if (isNumber(from) && isNumber(to)) return 'implicit';
  if (isNumber(from)) return to.name === 'datetime' || to.name === 'smalldatetime' ? 'implicit' : 'none';
  if (isNumber(to)) return from.name === 'datetime' || from.name === 'smalldatetime' ? 'explicit' : 'none';
  if (from.name === 'time' && to.name === 'date') return 'none';
  if (from.name === 'date' && to.name === 'time') return 'none';
  return 'implicit';
}

const isOldLike = (type: SqlType): boolean =>
  ['text', 'ntext', 'image', 'timestamp', 'xml', 'sql_variant'].includes(type.name) || isClr(type);
const isMaxOld = (type: SqlType): boolean => type.name === 'text' || type.name === 'ntext';

function clrConversion(from: SqlType, to: SqlType): 'implicit' | 'explicit' | 'none' {
  if (isClr(from)) {
    if (isText(to) && !isMaxOld(to)) return 'explicit';
    return isBinary(to) && to.name !== 'image' && to.name !== 'timestamp' ? 'explicit' : 'none';
  }
  if (isText(from)) return isMaxOld(from) ? 'none' : 'implicit';
  return isBinary(from) && from.name !== 'image' ? 'implicit' : 'none';
}

function textConversion(from: SqlType, to: SqlType): 'implicit' | 'explicit' | 'none' {
  if (isText(to)) return 'implicit';
  if (isMaxOld(from)) return 'none';
  if (isBinary(to)) return to.name === 'image' ? 'implicit' : 'explicit';
  return 'implicit';
}

function binaryConversion(from: SqlType, to: SqlType): 'implicit' | 'explicit' | 'none' {
  if (isBinary(to)) return 'implicit';
  if (from.name === 'image') return 'none';
  if (isInteger(to) || isDecimal(to) || isMoney(to)) return 'implicit';
  if (isFloat(to)) return 'none';
  if (to.name === 'uniqueidentifier') return from.name === 'timestamp' ? 'none' : 'implicit';
  return 'explicit';
}

/** The type that expressions of CASE, COALESCE, UNION and comparisons have in common. */
export function commonType(b: Binder, operands: readonly Typed[], operator: string): SqlType {
  const typedOnes = operands.filter((operand) => operand.literal !== 'null');
  const first = typedOnes[0]?.type;
  if (first === undefined) return { name: 'int' };
  const types = typedOnes.map((operand) => operand.type);
  if (types.every(isText)) {
    if (types.length === 1 || types.every((type) => sameType(type, first) && type.collation === first.collation))
      return first;
    const { collation } = resolveCollation(b, typedOnes, operator);
    const old = types.find((type) => type.name === 'ntext') ?? types.find((type) => type.name === 'text');
    return old === undefined ? commonText(types, collation) : { ...old, collation };
  }
  if (types.every((type) => isNumber(type)) && types.some(isDecimal) && !types.some(isFloat))
    return commonDecimal(typedOnes);
  const highest = types.reduce((a, z) => (precedenceOf(z) > precedenceOf(a) ? z : a));
  if (isText(highest))
    return commonText(
      types.map((type) => (isText(type) ? type : { name: 'varchar', length: 8000 })),
      resolveCollation(b, typedOnes, operator).collation,
    );
  if (isBinary(highest) && highest.name !== 'timestamp' && highest.name !== 'image') {
    const same = types.filter(isBinary);
    const isAnyMax = same.some(isMax);
    return {
      name: same.some((type) => type.name === 'varbinary') || isAnyMax ? 'varbinary' : 'binary',
      length: isAnyMax ? -1 : Math.max(...same.map((type) => type.length ?? 1)),
    };
  }
  if (highest.name === 'time' || highest.name === 'datetime2' || highest.name === 'datetimeoffset') {
    const scales = types.map((type) => (type.scale === undefined ? (type.name === 'datetime' ? 3 : 0) : type.scale));
    const own = types.filter((type) => type.name === highest.name).map((type) => type.scale ?? 7);
    return { name: highest.name, scale: types.some(isText) ? Math.max(...own) : Math.max(...scales) };
  }
  return highest;
}

/** https://learn.microsoft.com/en-us/sql/t-sql/data-types/precision-scale-and-length-transact-sql (UNION and the like). */
function commonDecimal(operands: readonly Typed[]): SqlType {
  const sizes = operands.map((operand) => decimalOperand(operand));
  const scale = Math.max(...sizes.map((size) => size.scale));
  const whole = Math.max(...sizes.map((size) => size.precision - size.scale));
  if (scale + whole <= 38) return { name: 'decimal', precision: scale + whole, scale };
  return { name: 'decimal', precision: 38, scale: Math.max(Math.min(scale, 6), 38 - whole) };
}

/** Precision and scale of an operand; an integer literal has as many digits as are written. */
export function decimalOperand(operand: Typed): { precision: number; scale: number } {
  if (operand.literal === 'number' && operand.type.name === 'int') {
    return { precision: Math.max(1, digitsOf(operand.constant).replace('-', '').length), scale: 0 };
  }
  return decimalSize(operand.type);
}
