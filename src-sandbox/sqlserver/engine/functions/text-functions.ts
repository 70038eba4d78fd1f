import type { SqlType, SqlValue } from '../../engine-contract.ts';
import type { Expression } from '../../sql/ast.ts';
import type { Binder, Scope, Typed } from '../bind/binder.ts';
import { convertTyped } from '../bind/convert-typed.ts';
import { resolveCollation } from '../bind/typed.ts';
import { collationOf, foldForSearch } from '../collation.ts';
import { errors, SqlError } from '../errors.ts';
import {
  BIGINT,
  FLOAT,
  INT,
  isBinary,
  isMax,
  isOldLob,
  isText,
  isUnicode,
  nvarchar,
  textLength,
  typeLabel,
  varbinary,
  varchar,
} from '../sql-types.ts';
import { codePageOf, decodeCodePage, encodeCodePage } from '../values/code-page.ts';
import { likeSource } from '../values/like.ts';
import { dataLength } from '../values/data-length.ts';
import { asText, entry, script, type FunctionEntry, type FunctionTable } from './function-table.ts';

type Mapper = (text: string, type: SqlType) => string;

/** A function of one text that keeps its type. */
const mapped = (name: string, map: Mapper): [string, FunctionEntry] => [
  name,
  entry(1, 1, (b, [arg]) => {
    const text = plainText(b, arg as Typed, 1, name);
    const type: SqlType = varying(text.type);
    return script(
      b,
      `${name} ${type.collation ?? ''}`,
      [text],
      type,
      ([value]) => map(value as string, type),
      keeps(text),
    );
  }),
];

const keeps = (typed: Typed): { label: Typed['label']; nullable: boolean } => ({
  label: typed.label,
  nullable: typed.nullable,
});

/** char becomes varchar, nchar nvarchar. */
function varying(type: SqlType): SqlType {
  return type.name === 'char'
    ? { ...type, name: 'varchar' }
    : type.name === 'nchar'
      ? { ...type, name: 'nvarchar' }
      : type;
}

function plainText(b: Binder, arg: Typed, place: number, name: string): Typed {
  const text = asText(b, arg);
  if (!isOldLob(text.type)) return text;
  throw errors.argumentType(typeLabel(text.type), place, name);
}

const int = (b: Binder, arg: Typed | undefined): Typed => convertTyped(b, arg as Typed, INT);

function sameTextOrBinary(b: Binder, arg: Typed): Typed {
  if (isBinary(arg.type) && arg.type.name !== 'image') return arg;
  if (arg.type.name === 'text') return convertTyped(b, arg, varchar(-1));
  if (arg.type.name === 'ntext') return convertTyped(b, arg, nvarchar(-1));
  if (arg.type.name === 'image') return convertTyped(b, arg, varbinary(-1), { kind: 'explicit' });
  return asText(b, arg);
}

const negativeLength = (name: string): SqlError =>
  name === 'substring'
    ? new SqlError(537, 'Invalid length parameter passed to the LEFT or SUBSTRING function.', { state: 3 })
    : new SqlError(536, `Invalid length parameter passed to the ${name} function.`, { state: 6 });

function substring(b: Binder, args: Typed[]): Typed {
  const source = sameTextOrBinary(b, args[0] as Typed);
  const isBytes = isBinary(source.type);
  const length = args[2]?.constant;
  const most = isMax(source.type) ? -1 : (source.type.length ?? 8);
  const kept = typeof length === 'number' && length >= 0 && most !== -1 ? Math.max(1, Math.min(most, length)) : most;
  const type: SqlType = isBytes ? varbinary(kept) : { ...varying(source.type), length: kept };
  return script(
    b,
    'SUBSTRING',
    [source, int(b, args[1]), int(b, args[2])],
    type,
    ([value, start, count]) => {
      if ((count as number) < 0) throw negativeLength('substring');
      const from = Math.max(0, (start as number) - 1);
      const to = Math.max(0, (start as number) - 1 + (count as number));
      return value instanceof Uint8Array ? value.slice(from, to) : (value as string).slice(from, to);
    },
    keeps(source),
  );
}

function side(name: 'LEFT' | 'RIGHT'): FunctionEntry {
  return entry(2, 2, (b, args) => {
    const text = plainText(b, args[0] as Typed, 1, name);
    return script(
      b,
      name,
      [text, int(b, args[1])],
      varying(text.type),
      ([value, count]) => {
        if ((count as number) < 0) throw negativeLength(name === 'LEFT' ? 'left' : 'right');
        const string = value as string;
        return name === 'LEFT'
          ? string.slice(0, count as number)
          : string.slice(Math.max(0, string.length - (count as number)));
      },
      keeps(text),
    );
  });
}

/** Whether texts of a collation are found without regard to case; the folded text has the positions of the original. */
const folder =
  (type: SqlType) =>
  (text: string): string =>
    collationOf(type.collation ?? '').isBinary ? text : foldForSearch(text, type);

function charIndex(b: Binder, args: Typed[]): Typed {
  const [sought, text] = [asText(b, args[0] as Typed), sameTextOrBinary(b, args[1] as Typed)];
  if (isBinary(text.type)) throw errors.unsupported('CHARINDEX in binary values');
  const { collation } = resolveCollation(b, [sought, text], 'charindex');
  const fold = folder({ name: 'nvarchar', length: -1, collation });
  const start =
    args[2] === undefined
      ? int(b, { ...sought, sql: '1::INTEGER', type: INT, constant: 1, nullable: false })
      : int(b, args[2]);
  return script(
    b,
    `CHARINDEX ${collation}`,
    [sought, text, start],
    isMax(text.type) ? BIGINT : INT,
    ([needle, hay, from]) => {
      const at =
        (needle as string) === ''
          ? -1
          : fold(hay as string).indexOf(fold(needle as string), Math.max(0, (from as number) - 1));
      return isMax(text.type) ? BigInt(at + 1) : at + 1;
    },
  );
}

function patIndex(b: Binder, args: Typed[]): Typed {
  const [pattern, text] = [asText(b, args[0] as Typed), sameTextOrBinary(b, args[1] as Typed)];
  const { collation } = resolveCollation(b, [pattern, text], 'patindex');
  const fold = folder({ name: 'nvarchar', length: -1, collation });
  return script(b, `PATINDEX ${collation}`, [pattern, text], isMax(text.type) ? BIGINT : INT, ([wanted, value]) => {
    const source = fold(wanted as string);
    const open = source.startsWith('%');
    const inner = source.slice(open ? 1 : 0, source.endsWith('%') && source.length > 1 ? -1 : undefined);
    const regex = new RegExp(`${open ? '' : '^'}${likeSource(inner, null)}${source.endsWith('%') ? '' : '$'}`, 's');
    const at = (regex.exec(fold(value as string))?.index ?? -1) + 1;
    return isMax(text.type) ? BigInt(at) : at;
  });
}

function replace(b: Binder, args: Typed[]): Typed {
  const texts = args.map((arg) => sameTextOrBinary(b, arg));
  const { collation, label } = resolveCollation(b, texts, 'replace');
  const unicode = texts.some(({ type }) => isUnicode(type));
  const isLong = texts.some(({ type }) => isMax(type));
  const type = unicode ? nvarchar(isLong ? -1 : 4000, collation) : varchar(isLong ? -1 : 8000, collation);
  const fold = folder(type);
  return script(
    b,
    `REPLACE ${collation}`,
    texts,
    type,
    ([value, from, to]) => {
      const text = value as string;
      const sought = fold(from as string);
      if (sought === '') return text;
      const folded = fold(text);
      let result = '';
      let at = 0;
      for (let next = folded.indexOf(sought); next >= 0; next = folded.indexOf(sought, at)) {
        result += text.slice(at, next) + (to as string);
        at = next + sought.length;
      }
      return limited(result + text.slice(at), type);
    },
    { label },
  );
}

const limited = (text: string, type: SqlType): string =>
  textLength(type) < text.length ? text.slice(0, textLength(type)) : text;

function stuff(b: Binder, args: Typed[]): Typed {
  const text = plainText(b, args[0] as Typed, 1, 'stuff');
  const added = asText(b, args[3] as Typed);
  const unicode = isUnicode(text.type) || isUnicode(added.type);
  const isLong = isMax(text.type) || isMax(added.type);
  const { collation, label } = resolveCollation(b, [text, added], 'stuff');
  const type = unicode ? nvarchar(isLong ? -1 : 4000, collation) : varchar(isLong ? -1 : 8000, collation);
  return script(
    b,
    'STUFF',
    [text, int(b, args[1]), int(b, args[2]), added],
    type,
    ([value, start, length, insert]) => {
      const string = value as string;
      const from = (start as number) - 1;
      if (from < 0 || from >= string.length || (length as number) < 0) return null;
      return limited(
        string.slice(0, from) + ((insert as string | null) ?? '') + string.slice(from + (length as number)),
        type,
      );
    },
    { label, takesNull: false },
  );
}

function replicate(b: Binder, args: Typed[]): Typed {
  const text = sameTextOrBinary(b, args[0] as Typed);
  if (isBinary(text.type)) throw errors.unsupported('REPLICATE of binary values');
  const type: SqlType = { ...varying(text.type), length: isMax(text.type) ? -1 : isUnicode(text.type) ? 4000 : 8000 };
  return script(
    b,
    'REPLICATE',
    [text, int(b, args[1])],
    type,
    ([value, count]) => ((count as number) < 0 ? null : limited((value as string).repeat(count as number), type)),
    keeps(text),
  );
}

/** CONCAT and CONCAT_WS take NULL for an empty text. */
function concat(b: Binder, args: Typed[], separated: boolean): Typed {
  const texts = args.map((arg) =>
    arg.literal === 'null'
      ? convertTyped(b, arg, varchar(1))
      : isText(arg.type)
        ? arg
        : convertTyped(b, arg, varchar(8000)),
  );
  const { collation, label } = resolveCollation(b, texts, 'concat');
  const unicode = texts.some(({ type }) => isUnicode(type));
  const isLong = texts.some(({ type }) => isMax(type));
  const total = texts.reduce(
    (sum, { type }, i) =>
      sum + Math.min(textLength(type), args[i] !== undefined && isText(args[i].type) ? Infinity : 41),
    0,
  );
  const type = unicode
    ? nvarchar(isLong ? -1 : Math.max(1, Math.min(4000, total)), collation)
    : varchar(isLong ? -1 : Math.max(1, Math.min(8000, total)), collation);
  return script(
    b,
    separated ? 'CONCAT_WS' : 'CONCAT',
    texts,
    type,
    (values) => {
      if (!separated) return limited(values.map((value) => (value as string | null) ?? '').join(''), type);
      const [separator, ...rest] = values;
      return limited(
        rest
          .filter((value) => value !== null)
          .map((value) => value as string)
          .join((separator as string | null) ?? ''),
        type,
      );
    },
    { takesNull: true, label, nullable: false },
  );
}

function quoteName(text: string, mark: string): string | null {
  const pairs: Readonly<Record<string, [string, string]>> = {
    '[': ['[', ']'],
    ']': ['[', ']'],
    '(': ['(', ')'],
    ')': ['(', ')'],
    '<': ['<', '>'],
    '>': ['<', '>'],
    '{': ['{', '}'],
    '}': ['{', '}'],
    "'": ["'", "'"],
    '"': ['"', '"'],
    '`': ['`', '`'],
  };
  const pair = pairs[mark];
  if (pair === undefined || text.length > 128) return null;
  return `${pair[0]}${text.replaceAll(pair[1], pair[1] + pair[1])}${pair[1]}`;
}

function soundex(text: string): string {
  const codes: Readonly<Record<string, string>> = {
    B: '1',
    F: '1',
    P: '1',
    V: '1',
    C: '2',
    G: '2',
    J: '2',
    K: '2',
    Q: '2',
    S: '2',
    X: '2',
    Z: '2',
    D: '3',
    T: '3',
    L: '4',
    M: '5',
    N: '5',
    R: '6',
  };
  const upper = text.toUpperCase();
  if (!/^[A-Z]/.test(upper)) return '0000';
  let result = upper.charAt(0);
  let last = codes[result] ?? '';
  for (const char of upper.slice(1)) {
    if (!/[A-Z]/.test(char)) break;
    const code = codes[char] ?? '';
    if (code !== '' && code !== last) result += code;
    if (char !== 'H' && char !== 'W') last = code;
  }
  return result.slice(0, 4).padEnd(4, '0');
}

/** https://learn.microsoft.com/en-us/sql/t-sql/functions/string-functions-transact-sql */
export const TEXT_FUNCTIONS: FunctionTable = new Map<string, FunctionEntry>([
  [
    'LEN',
    entry(1, 1, (b, [arg]) => {
      const one = arg as Typed;
      if (isOldLob(one.type) || one.type.name === 'xml') throw errors.argumentType(typeLabel(one.type), 1, 'len');
      const result = isMax(one.type) ? BIGINT : INT;
      if (isBinary(one.type)) {
        return script(b, 'LEN binary', [one], result, ([value]) => lengthAs((value as Uint8Array).length, result));
      }
      const text = asText(b, one);
      return script(
        b,
        'LEN',
        [text],
        result,
        ([value]) => lengthAs((value as string).replace(/ +$/, '').length, result),
        { nullable: text.nullable },
      );
    }),
  ],
  [
    'DATALENGTH',
    entry(1, 1, (b, [arg]) => {
      const one = arg as Typed;
      const result =
        isMax(one.type) && one.type.name !== 'text' && one.type.name !== 'ntext' && one.type.name !== 'image'
          ? BIGINT
          : INT;
      return script(
        b,
        'DATALENGTH',
        [one],
        result,
        ([value]) => lengthAs(dataLength(value as SqlValue, one.type), result),
        { nullable: one.nullable },
      );
    }),
  ],
  [
    'SUBSTRING',
    entry(2, 3, (b, args) =>
      substring(
        b,
        args.length === 3
          ? args
          : [
              ...args,
              {
                ...(args[1] as Typed),
                sql: '2147483647::INTEGER',
                constant: 2_147_483_647,
                type: INT,
                nullable: false,
              },
            ],
      ),
    ),
  ],
  ['LEFT', side('LEFT')],
  ['RIGHT', side('RIGHT')],
  ['REPLACE', entry(3, 3, replace)],
  mapped('UPPER', (text) => eachUnit(text, (unit) => unit.toUpperCase())),
  mapped('LOWER', (text) => eachUnit(text, (unit) => unit.toLowerCase())),
  mapped('LTRIM', (text) => text.replace(/^ +/, '')),
  mapped('RTRIM', (text) => text.replace(/ +$/, '')),
  mapped('REVERSE', (text) => text.split('').reverse().join('')),
  ['CHARINDEX', entry(2, 3, charIndex)],
  ['PATINDEX', entry(2, 2, patIndex)],
  ['STUFF', entry(4, 4, stuff)],
  ['REPLICATE', entry(2, 2, replicate)],
  ['CONCAT', entry(2, Infinity, (b, args) => concat(b, args, false))],
  ['CONCAT_WS', entry(3, Infinity, (b, args) => concat(b, args, true))],
  [
    'SPACE',
    entry(1, 1, (b, args) =>
      script(b, 'SPACE', [int(b, args[0])], varchar(8000, b.environment.database.collation), ([count]) =>
        (count as number) < 0 ? null : ' '.repeat(Math.min(8000, count as number)),
      ),
    ),
  ],
  ['ASCII', entry(1, 1, (b, args) => firstCode(b, args[0] as Typed, 'ASCII'))],
  ['UNICODE', entry(1, 1, (b, args) => firstCode(b, args[0] as Typed, 'UNICODE'))],
  ['CHAR', entry(1, 1, (b, args) => charOf(b, args[0] as Typed))],
  [
    'NCHAR',
    entry(1, 1, (b, args) =>
      script(b, 'NCHAR', [int(b, args[0])], nvarchar(2, b.environment.database.collation), ([code]) =>
        (code as number) < 0 || (code as number) > 0xffff ? null : String.fromCharCode(code as number),
      ),
    ),
  ],
  [
    'QUOTENAME',
    entry(1, 2, (b, args) => {
      const text = convertTyped(b, args[0] as Typed, nvarchar(4000));
      const mark = args[1] === undefined ? undefined : convertTyped(b, args[1], nvarchar(1));
      return script(
        b,
        'QUOTENAME',
        mark === undefined ? [text] : [text, mark],
        nvarchar(258, text.type.collation),
        ([value, by]) => quoteName(value as string, (by as string | undefined) ?? '['),
        { label: text.label },
      );
    }),
  ],
  [
    'STR',
    entry(1, 3, (b, args) => {
      const length = args[1] === undefined ? 10 : args[1].constant;
      const decimals = args[2] === undefined ? 0 : args[2].constant;
      if (typeof length !== 'number' || typeof decimals !== 'number')
        throw errors.unsupported('STR with a length that is not a constant');
      return script(
        b,
        `STR ${length} ${decimals}`,
        [convertTyped(b, args[0] as Typed, FLOAT)],
        varchar(length, b.environment.database.collation),
        ([value]) => strText(value as number, length, decimals),
      );
    }),
  ],
  [
    'SOUNDEX',
    entry(1, 1, (b, args) =>
      script(b, 'SOUNDEX', [asText(b, args[0] as Typed)], varchar(4, b.environment.database.collation), ([value]) =>
        soundex(value as string),
      ),
    ),
  ],
  [
    'ISJSON',
    entry(1, 1, (b, args) =>
      script(b, 'ISJSON', [asText(b, args[0] as Typed)], INT, ([value]) => (isJson(value as string) ? 1 : 0)),
    ),
  ],
  [
    'TRANSLATE',
    entry(3, 3, (b, args) => {
      const [text, from, to] = args.map((arg) => asText(b, arg)) as [Typed, Typed, Typed];
      return script(
        b,
        `TRANSLATE ${text.type.collation ?? ''}`,
        [text, from, to],
        varying(text.type),
        ([value, a, z]) => {
          if ((a as string).length !== (z as string).length) {
            throw new SqlError(
              9828,
              'The second and third arguments of the TRANSLATE built-in function must contain an equal number of characters.',
            );
          }
          const fold = folder(text.type);
          const folded = fold(a as string);
          return (value as string)
            .split('')
            .map((char) => {
              const at = folded.indexOf(fold(char));
              return at < 0 ? char : (z as string).charAt(at);
            })
            .join('');
        },
        keeps(text),
      );
    }),
  ],
]);

const lengthAs = (length: number, type: SqlType): SqlValue => (type.name === 'bigint' ? BigInt(length) : length);

function eachUnit(text: string, map: (unit: string) => string): string {
  const changed = map(text);
  if (changed.length === text.length) return changed;
  return text
    .split('')
    .map((unit) => {
      const one = map(unit);
      return one.length === 1 ? one : unit;
    })
    .join('');
}

function firstCode(b: Binder, arg: Typed, name: 'ASCII' | 'UNICODE'): Typed {
  const text = name === 'UNICODE' ? convertTyped(b, arg, nvarchar(-1)) : asText(b, arg);
  const page = codePageOf(text.type.collation ?? '');
  return script(b, `${name} ${page}`, [text], INT, ([value]) => {
    const string = value as string;
    if (string === '') return null;
    return name === 'UNICODE' ? string.charCodeAt(0) : (encodeCodePage(string.charAt(0), page)[0] ?? null);
  });
}

function charOf(b: Binder, arg: Typed): Typed {
  const { collation } = b.environment.database;
  const page = codePageOf(collation);
  return script(b, `CHAR ${page}`, [int(b, arg)], { name: 'char', length: 1, collation }, ([code]) => {
    const number = code as number;
    return number < 0 || number > 255
      ? null
      : decodeCodePage(Uint8Array.from([number]), page === 65_001 && number > 127 ? 1252 : page);
  });
}

function strText(value: number, length: number, decimals: number): string {
  const fixed = value.toFixed(Math.min(16, Math.max(0, decimals)));
  const whole = value.toFixed(0);
  if (whole.length > length) return '*'.repeat(length);
  const text =
    fixed.length > length ? value.toFixed(Math.max(0, Math.min(decimals, length - whole.length - 1))) : fixed;
  return text.padStart(length);
}

function isJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}

/** TRIM([characters FROM] text). */
export function bindTrim(b: Binder, expression: Extract<Expression, { kind: 'trim' }>, scope: Scope): Typed {
  const text = plainText(b, b.expression(expression.operand, scope), 1, 'trim');
  const characters = expression.characters === null ? null : asText(b, b.expression(expression.characters, scope));
  const fold = folder(text.type);
  const { side: from } = expression;
  return script(
    b,
    `TRIM ${from} ${text.type.collation ?? ''}`,
    characters === null ? [text] : [text, characters],
    varying(text.type),
    ([value, chars]) => {
      const string = value as string;
      const sought = fold((chars as string | undefined) ?? ' ');
      const folded = fold(string);
      let start = 0;
      let end = string.length;
      if (from !== 'TRAILING') while (start < end && sought.includes(folded.charAt(start))) start += 1;
      if (from !== 'LEADING') while (end > start && sought.includes(folded.charAt(end - 1))) end -= 1;
      return string.slice(start, end);
    },
    keeps(text),
  );
}
