import { SQL_TYPE_NAMES, type SqlType, type SqlTypeName } from '../engine-contract.ts';
import type { Identifier, ObjectName, TypeReference } from './ast.ts';
import { syntaxErrors } from './syntax-error.ts';
import type { TokenReader } from './token-reader.ts';

/** Where a type stands: it decides the default length of char types and how an error calls it. */
export type TypeUse = { use: 'cast' } | { use: 'declaration'; subject: 'column' | 'parameter'; name: string };

type Size = number | 'max';

const SYNONYMS: ReadonlyMap<string, SqlTypeName> = new Map([
  ['integer', 'int'],
  ['dec', 'decimal'],
  ['character', 'char'],
  ['rowversion', 'timestamp'],
]);
const CHARACTER_TYPES: ReadonlySet<string> = new Set(['char', 'varchar', 'nchar', 'nvarchar']);
const BINARY_TYPES: ReadonlySet<string> = new Set(['binary', 'varbinary']);
const FRACTION_TYPES: ReadonlySet<string> = new Set(['time', 'datetime2', 'datetimeoffset']);
const KNOWN: ReadonlySet<string> = new Set(SQL_TYPE_NAMES);

/**
 * `varchar(max)`, `double precision`, `national char varying(5)`, `[dbo].[Phone]`, `sys.geography`, `xml(CONTENT dbo.Schemas)`.
 * https://learn.microsoft.com/en-us/sql/t-sql/data-types/data-type-synonyms-transact-sql
 * @throws TsqlSyntaxError for sizes that the type does not take
 */
export function parseTypeReference(reader: TokenReader, use: TypeUse): TypeReference {
  const at = reader.position();
  const words = typeWords(reader);
  if (words.kind === 'named') {
    // A user type takes no size of its own; what follows in parentheses is refused by whoever reads on.
    return reader.located({ kind: 'named' as const, name: words.name }, at);
  }
  if (words.name === 'xml' && reader.isOperator('(')) {
    const xmlSchema = reader.parenthesized(() => {
      if (!reader.acceptWords('CONTENT')) reader.acceptWords('DOCUMENT');
      return reader.objectName(2);
    });
    return reader.located(
      { kind: 'system' as const, type: { name: 'xml' as const }, isSysname: false, isRowversionWord: false, xmlSchema },
      at,
    );
  }
  const sizes = reader.isOperator('(') ? reader.list(() => typeSize(reader)) : [];
  const isSysname = words.name === 'sysname';
  const type = isSysname
    ? { name: 'nvarchar' as const, length: 128 }
    : sizedType({ name: words.name as SqlTypeName, sizes, use, line: at.line });
  return reader.located(
    { kind: 'system' as const, type, isSysname, isRowversionWord: words.isRowversionWord, xmlSchema: null },
    at,
  );
}

function typeSize(reader: TokenReader): Size {
  return reader.acceptWords('MAX') ? 'max' : reader.integer();
}

type TypeWords =
  { kind: 'system'; name: SqlTypeName | 'sysname'; isRowversionWord: boolean } | { kind: 'named'; name: ObjectName };

function typeWords(reader: TokenReader): TypeWords {
  const system = (name: SqlTypeName | 'sysname', isRowversionWord = false): TypeWords => ({
    kind: 'system',
    name,
    isRowversionWord,
  });
  if (reader.acceptWords('DOUBLE', 'PRECISION')) return system('float');
  if (reader.acceptWords('NATIONAL')) {
    if (reader.acceptWords('TEXT')) return system('ntext');
    reader.oneOf(['CHAR', 'CHARACTER']);
    return system(reader.acceptWords('VARYING') ? 'nvarchar' : 'nchar');
  }
  const first = reader.identifier();
  const parts: Identifier[] = [first];
  while (parts.length < 3 && reader.acceptOperator('.')) parts.push(reader.identifier());
  const last = parts[parts.length - 1] as Identifier;
  const lower = last.name.toLowerCase();
  const name = SYNONYMS.get(lower) ?? lower;
  const isOfSys = parts.length === 1 || (parts.length === 2 && first.name.toLowerCase() === 'sys');
  if (isOfSys && (KNOWN.has(name) || name === 'sysname')) {
    if (!last.quoted && (name === 'char' || name === 'binary') && reader.acceptWords('VARYING'))
      return system(`var${name}`);
    return system(name as SqlTypeName, lower === 'rowversion');
  }
  const prefix = (back: number): string | null => parts[parts.length - 1 - back]?.name ?? null;
  return {
    kind: 'named',
    name: { server: null, database: prefix(2), schema: prefix(1), name: last.name, at: first.at },
  };
}

type SizedType = { name: SqlTypeName; sizes: Size[]; use: TypeUse; line: number };

function sizedType(from: SizedType): SqlType {
  const { name } = from;
  if (CHARACTER_TYPES.has(name) || BINARY_TYPES.has(name)) return lengthType(from);
  if (FRACTION_TYPES.has(name)) return fractionType(from);
  if (name === 'decimal' || name === 'numeric') return decimalType(from);
  if (name === 'float') return floatType(from);
  if (from.sizes.length > 0) throw noSize(from);
  return { name };
}

function lengthType(from: SizedType): SqlType {
  const { name, sizes, use, line } = from;
  const maximum = name.startsWith('n') ? 4000 : 8000;
  const [size] = sizes;
  if (sizes.length > 1) throw noSize(from);
  if (size === undefined) return { name, length: use.use === 'cast' ? 30 : 1 };
  if (size === 'max') {
    if (!name.includes('var')) throw syntaxErrors.near(line, 'max');
    return { name, length: -1 };
  }
  if (size === 0) throw syntaxErrors.invalidLength(line, line, 0);
  if (size > maximum) throw tooLarge(from, size, maximum);
  return { name, length: size };
}

/** The vendor tells a size above 8000, which no type takes, from one above the type's own maximum. */
function tooLarge(from: SizedType, size: number, maximum: number): Error {
  const subject = from.use.use === 'cast' ? 'type' : from.use.subject;
  const name = from.use.use === 'cast' ? from.name : from.use.name;
  return size > 8000
    ? syntaxErrors.sizeOfAnyType(from.line, size, subject, name, 8000)
    : syntaxErrors.sizeOfType(from.line, size, subject, name, maximum);
}

function fractionType(from: SizedType): SqlType {
  const [size] = from.sizes;
  if (from.sizes.length > 1 || size === 'max') throw noSize(from);
  if (size !== undefined && size > 7) throw syntaxErrors.invalidScale(from.line, from.line, size);
  return { name: from.name, scale: size ?? 7 };
}

function decimalType(from: SizedType): SqlType {
  const [precision = 18, scale = 0] = from.sizes;
  if (from.sizes.length > 2 || precision === 'max' || scale === 'max') throw noSize(from);
  if (precision === 0) throw syntaxErrors.invalidLength(from.line, from.line, 0);
  if (precision > 38) {
    const subject = from.use.use === 'cast' ? 'type' : from.use.subject;
    const name = from.use.use === 'cast' ? from.name : from.use.name;
    throw syntaxErrors.sizeOfType(from.line, precision, subject, name, 38);
  }
  if (scale > precision) throw syntaxErrors.scaleAbovePrecision(from.line);
  return { name: from.name, precision, scale };
}

/** float(1) to float(24) is real. https://learn.microsoft.com/en-us/sql/t-sql/data-types/float-and-real-transact-sql */
function floatType(from: SizedType): SqlType {
  const [bits = 53] = from.sizes;
  if (from.sizes.length > 1 || bits === 'max') throw noSize(from);
  if (bits < 1 || bits > 53) throw syntaxErrors.invalidLength(from.line, from.line, bits);
  return { name: bits <= 24 ? 'real' : 'float' };
}

function noSize(from: SizedType): Error {
  return from.use.use === 'cast'
    ? syntaxErrors.castAttributes(from.line, from.name)
    : syntaxErrors.columnWidth(from.line, 1, from.name);
}
