import type { CatalogObject, Schema } from '../catalog/catalog-types.ts';
import type { ResultColumn, StatementContext, StatementResult } from '../commands/command.ts';
import { types } from '../sql/data-type.ts';
import type { Identifier, ObjectName, TokenReader } from '../sql/token-reader.ts';
import { errors } from '../errors.ts';
import { resolveStageName } from './stage-names.ts';

/** The start of a CREATE: `CREATE [OR REPLACE | OR ALTER] [TEMPORARY] <kind> [IF NOT EXISTS] <name>`. */
export interface CreateHead {
  orReplace: boolean;
  temporary: boolean;
  ifNotExists: boolean;
  name: ObjectName;
}

const statusColumn: ResultColumn = { name: 'status', type: types.text() };

/** The one-row answer of DDL. */
export function statusResult(text: string): StatementResult {
  return { kind: 'rows', columns: [statusColumn], rows: [[text]] };
}

export const textColumn = (name: string): ResultColumn => ({ name, type: types.text(), nullable: true });
export const numberColumn = (name: string): ResultColumn => ({ name, type: types.number(), nullable: true });
export const timeColumn = (name: string): ResultColumn => ({ name, type: types.ltz(3), nullable: true });

/** A point in time in wire form: seconds since the epoch with nine decimals. */
export function wireTime(date: Date): string {
  const ms = BigInt(date.getTime());
  const negative = ms < 0n;
  const size = negative ? -ms : ms;
  return `${negative ? '-' : ''}${size / 1000n}.${String(size % 1000n).padStart(3, '0')}000000`;
}

/** Whether the tokens start `<verb> ... <object words>`, with nothing but these words in between. */
export function startsWithVerb(
  reader: TokenReader,
  verb: string,
  between: readonly string[],
  object: readonly string[],
): boolean {
  if (reader.peek().kind !== 'word' || reader.peek().value !== verb) {
    return false;
  }
  let at = 1;
  while (reader.peek(at).kind === 'word' && between.includes(reader.peek(at).value)) {
    at += 1;
  }
  return object.every((word, i) => reader.peek(at + i).kind === 'word' && reader.peek(at + i).value === word);
}

export function readCreateHead(reader: TokenReader, words: readonly string[]): CreateHead {
  reader.expectWords('CREATE');
  if (reader.isWords('OR', 'ALTER')) {
    throw errors.notInPractice(`CREATE OR ALTER ${words.join(' ')}`);
  }
  const orReplace = reader.acceptWords('OR', 'REPLACE');
  const temporary = reader.acceptWords('TEMPORARY') || reader.acceptWords('TEMP') || reader.acceptWords('VOLATILE');
  reader.expectWords(...words);
  const ifNotExists = reader.acceptWords('IF', 'NOT', 'EXISTS');
  return { orReplace, temporary, ifNotExists, name: reader.objectName() };
}

/** `[LIKE '...'] [IN {ACCOUNT | DATABASE [name] | SCHEMA [name] | name}] [STARTS WITH '...'] [LIMIT n [FROM '...']]`. */
export interface ShowScope {
  like: string | null;
  startsWith: string | null;
  limit: number | null;
  from: string | null;
  schemas: Schema[];
}

export function readShowScope(context: StatementContext, reader: TokenReader): ShowScope {
  const like = reader.acceptWords('LIKE') ? reader.string() : null;
  const schemas = reader.acceptWords('IN') ? readScope(context, reader) : defaultScope(context);
  const startsWith = reader.acceptWords('STARTS', 'WITH') ? reader.string() : null;
  const limit = reader.acceptWords('LIMIT') ? reader.integer() : null;
  const from = limit !== null && reader.acceptWords('FROM') ? reader.string() : null;
  return { like, startsWith, limit, from, schemas };
}

/** The objects that a SHOW lists: matching, visible to the role, sorted by database, schema and name. */
export function filterShown<T extends CatalogObject>(context: StatementContext, scope: ShowScope, objects: T[]): T[] {
  const shown = objects
    .filter((object) => isLike(object.name, scope.like))
    .filter((object) => scope.startsWith === null || object.name.startsWith(scope.startsWith))
    .filter((object) => scope.from === null || object.name >= scope.from)
    .filter((object) => SEEN_BY.some((privilege) => context.hasPrivilege(privilege, object)));
  return scope.limit === null ? shown : shown.slice(0, scope.limit);
}

const SEEN_BY = ['USAGE', 'READ', 'WRITE', 'OWNERSHIP'];

/** SQL LIKE, case-insensitive, as SHOW filters. */
export function isLike(text: string, pattern: string | null): boolean {
  if (pattern === null) {
    return true;
  }
  const source = pattern.replace(/\\([\s\S])|[%_]|[.*+?^${}()|[\]\\]/g, (found, escaped: string | undefined) => {
    if (escaped !== undefined) {
      return escaped.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    }
    return found === '%' ? '[\\s\\S]*' : found === '_' ? '[\\s\\S]' : `\\${found}`;
  });
  return new RegExp(`^${source}$`, 'iu').test(text);
}

function readScope(context: StatementContext, reader: TokenReader): Schema[] {
  if (reader.acceptWords('ACCOUNT')) {
    return accountSchemas(context);
  }
  if (reader.acceptWords('DATABASE')) {
    return isNameNext(reader) ? databaseSchemas(context, reader.identifier()) : defaultScope(context);
  }
  const named = reader.acceptWords('SCHEMA');
  if (named && !isNameNext(reader)) {
    const { database, schema } = context.session;
    const current = database && schema ? context.catalog.findSchema(database, schema) : undefined;
    return current ? [current] : defaultScope(context);
  }
  return [context.resolveSchema(reader.objectName())];
}

function isNameNext(reader: TokenReader): boolean {
  return !reader.atEnd() && !reader.isWords('STARTS', 'WITH') && !reader.isWords('LIMIT') && !reader.isWords('LIKE');
}

function defaultScope(context: StatementContext): Schema[] {
  const database = context.session.database ? context.catalog.findDatabase(context.session.database) : undefined;
  return database ? [...database.schemas.values()] : accountSchemas(context);
}

function databaseSchemas(context: StatementContext, name: Identifier): Schema[] {
  const database = context.catalog.findDatabase(name.name);
  if (!database) {
    throw errors.doesNotExistOrOperation();
  }
  return [...database.schemas.values()];
}

function accountSchemas(context: StatementContext): Schema[] {
  return [...context.catalog.databases.values()].flatMap((database) => [...database.schemas.values()]);
}

/** Checks that the role may create an object of this kind in the schema, and that OR REPLACE and IF NOT EXISTS are not both given. */
export function prepareCreate(
  context: StatementContext,
  head: CreateHead,
  privilege: string,
): { schema: Schema; name: string } {
  if (head.orReplace && head.ifNotExists) {
    throw errors.unsupported('OR REPLACE and IF NOT EXISTS in the same statement');
  }
  const target = resolveStageName(context, head.name);
  context.requirePrivilege(privilege, target.schema);
  return target;
}
