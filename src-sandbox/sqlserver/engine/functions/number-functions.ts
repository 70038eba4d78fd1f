import type { SqlType, SqlValue } from '../../engine-contract.ts';
import type { Binder, Typed } from '../bind/binder.ts';
import { convertTyped } from '../bind/convert-typed.ts';
import { errors, SqlError } from '../errors.ts';
import { decimalSize, FLOAT, INT, isDecimal, isFloat, isMoney, isNumber, isText, typeLabel } from '../sql-types.ts';
import { fitsPrecision, rescale } from '../values/number-text.ts';
import { entry, script, type FunctionEntry, type FunctionTable } from './function-table.ts';

/** A text becomes float; bit and the small integers int; real float. */
function numeric(b: Binder, arg: Typed, name: string): Typed {
  if (isText(arg.type) || arg.literal === 'null') return convertTyped(b, arg, FLOAT);
  if (!isNumber(arg.type)) throw errors.argumentType(typeLabel(arg.type), 1, name);
  if (arg.type.name === 'real') return convertTyped(b, arg, FLOAT);
  if (arg.type.name === 'bit' || arg.type.name === 'tinyint' || arg.type.name === 'smallint')
    return convertTyped(b, arg, INT);
  if (arg.type.name === 'smallmoney') return convertTyped(b, arg, { name: 'money' });
  return arg;
}

const float = (name: string, map: (value: number) => number): [string, FunctionEntry] => [
  name,
  entry(1, 1, (b, [arg]) =>
    script(b, name, [convertTyped(b, arg as Typed, FLOAT)], FLOAT, ([value]) => finite(map(value as number))),
  ),
];

function finite(value: number): number {
  if (Number.isNaN(value)) throw new SqlError(3623, 'An invalid floating point operation occurred.');
  if (!Number.isFinite(value)) throw errors.overflowConverting('float');
  return value;
}

const whole = (value: bigint, scale: number, up: boolean): bigint => {
  const unit = 10n ** BigInt(scale);
  const rest = value % unit;
  if (rest === 0n) return value / unit;
  const cut = value / unit;
  return up ? (value > 0n ? cut + 1n : cut) : value < 0n ? cut - 1n : cut;
};

function rounded(name: 'FLOOR' | 'CEILING'): FunctionEntry {
  return entry(1, 1, (b, [arg]) => {
    const one = numeric(b, arg as Typed, name);
    const { precision, scale } = decimalSize(one.type);
    const type: SqlType = isDecimal(one.type) ? { name: 'decimal', precision, scale: 0 } : one.type;
    return script(b, name, [one], type, ([value]) => {
      if (isFloat(one.type)) return name === 'FLOOR' ? Math.floor(value as number) : Math.ceil(value as number);
      if (isDecimal(one.type)) return whole(value as bigint, scale, name === 'CEILING');
      if (isMoney(one.type)) return whole(value as bigint, 4, name === 'CEILING') * 10_000n;
      return value as SqlValue;
    });
  });
}

function round(b: Binder, args: Typed[]): Typed {
  const one = numeric(b, args[0] as Typed, 'round');
  const length = convertTyped(b, args[1] as Typed, INT);
  const cut = args[2] === undefined ? undefined : convertTyped(b, args[2], INT);
  return script(
    b,
    'ROUND',
    cut === undefined ? [one, length] : [one, length, cut],
    one.type,
    ([value, digits, truncates]) => {
      const places = digits as number;
      const truncate = truncates !== undefined && truncates !== 0;
      if (isFloat(one.type)) return roundFloat(value as number, places, truncate);
      const { scale, precision } = isDecimal(one.type)
        ? decimalSize(one.type)
        : isMoney(one.type)
          ? { scale: 4, precision: 19 }
          : { scale: 0, precision: 0 };
      const unscaled = BigInt(value as number | bigint);
      const result = places >= scale ? unscaled : roundedTo(unscaled, scale - places, truncate);
      if (precision > 0) {
        if (!fitsPrecision(result, precision)) throw errors.overflowConverting('numeric');
        return result;
      }
      if (one.type.name === 'bigint') return result;
      if (result > 2_147_483_647n || result < -2_147_483_648n) throw errors.overflowConverting('int');
      return Number(result);
    },
  );
}

function roundedTo(unscaled: bigint, drop: number, truncate: boolean): bigint {
  if (drop > 40) return 0n;
  const unit = 10n ** BigInt(drop);
  return (truncate ? unscaled / unit : rescale(unscaled, drop, 0)) * unit;
}

function roundFloat(value: number, places: number, truncate: boolean): number {
  const factor = 10 ** Math.abs(places);
  const shifted = places >= 0 ? value * factor : value / factor;
  const kept = truncate ? Math.trunc(shifted) : Math.sign(shifted) * Math.round(Math.abs(shifted));
  return places >= 0 ? kept / factor : kept * factor;
}

/** https://learn.microsoft.com/en-us/sql/t-sql/functions/mathematical-functions-transact-sql */
export const NUMBER_FUNCTIONS: FunctionTable = new Map<string, FunctionEntry>([
  [
    'ABS',
    entry(1, 1, (b, [arg]) => {
      const one = numeric(b, arg as Typed, 'abs');
      return script(b, 'ABS', [one], one.type, ([value]) => {
        if (value === -2_147_483_648 && one.type.name === 'int') throw errors.overflowConverting('int');
        if (one.type.name === 'bigint' && value === -(2n ** 63n)) throw errors.overflowConverting('bigint');
        return typeof value === 'bigint' ? (value < 0n ? -value : value) : Math.abs(value as number);
      });
    }),
  ],
  [
    'SIGN',
    entry(1, 1, (b, [arg]) => {
      const one = numeric(b, arg as Typed, 'sign');
      return script(b, 'SIGN', [one], one.type, ([value]) => {
        const sign = (value as number) > 0 ? 1 : (value as number) < 0 ? -1 : 0;
        if (typeof value !== 'bigint') return sign;
        return BigInt(sign) * 10n ** BigInt(one.type.name === 'bigint' ? 0 : decimalSize(one.type).scale);
      });
    }),
  ],
  ['ROUND', entry(2, 3, round)],
  ['FLOOR', rounded('FLOOR')],
  ['CEILING', rounded('CEILING')],
  [
    'POWER',
    entry(2, 2, (b, args) => {
      const base = numeric(b, args[0] as Typed, 'power');
      const power = script(
        b,
        'POWER',
        [convertTyped(b, base, FLOAT), convertTyped(b, args[1] as Typed, FLOAT)],
        FLOAT,
        ([x, y]) => finite((x as number) ** (y as number)),
      );
      const type: SqlType = isDecimal(base.type)
        ? { name: 'decimal', precision: 38, scale: decimalSize(base.type).scale }
        : base.type;
      return convertTyped(b, power, type);
    }),
  ],
  float('SQRT', Math.sqrt),
  float('EXP', Math.exp),
  float('LOG10', Math.log10),
  float('SIN', Math.sin),
  float('COS', Math.cos),
  float('TAN', Math.tan),
  float('ATAN', Math.atan),
  float('ASIN', Math.asin),
  float('ACOS', Math.acos),
  float('SQUARE', (value) => value * value),
  float('RADIANS', (value) => (value * Math.PI) / 180),
  float('DEGREES', (value) => (value * 180) / Math.PI),
  ['PI', entry(0, 0, (b) => script(b, 'PI', [], FLOAT, () => Math.PI))],
  [
    'LOG',
    entry(1, 2, (b, args) => {
      const floats = args.map((arg) => convertTyped(b, arg, FLOAT));
      return script(b, 'LOG', floats, FLOAT, ([value, base]) =>
        finite(base === undefined ? Math.log(value as number) : Math.log(value as number) / Math.log(base as number)),
      );
    }),
  ],
  [
    'ATN2',
    entry(2, 2, (b, args) =>
      script(
        b,
        'ATN2',
        args.map((arg) => convertTyped(b, arg, FLOAT)),
        FLOAT,
        ([y, x]) => Math.atan2(y as number, x as number),
      ),
    ),
  ],
]);
