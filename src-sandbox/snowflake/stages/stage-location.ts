import { errors } from '../errors.ts';
import type { Identifier, ObjectName, TokenReader } from '../sql/token-reader.ts';

/**
 * A place that holds files: `@stage/path`, `@%table/path`, `@~/path` or a bucket's URL. `path` is everything after the first
 * slash, taken literally (`..` and `//` are names like others); `text` is the reference as written, with its path.
 */
export type StageLocation =
  | { kind: 'named'; name: ObjectName; path: string; hasPath: boolean; text: string }
  | { kind: 'table'; name: ObjectName; path: string; hasPath: boolean; text: string }
  | { kind: 'user'; path: string; hasPath: boolean; text: string }
  | { kind: 'url'; url: string; text: string };

/** A reference as it stands in a statement: a bare `@...` or `s3://...`, or either one in single quotes. */
export function readStageLocation(reader: TokenReader): StageLocation {
  const token = reader.peek();
  if (token.kind === 'stage') {
    reader.next();
    return parseStageLocation(token.value, { line: token.line, position: token.position });
  }
  if (token.kind === 'string') {
    reader.next();
    return parseStageLocation(token.value, { line: token.line, position: token.position });
  }
  throw reader.unexpected();
}

export function isStageLocation(reader: TokenReader): boolean {
  const token = reader.peek();
  return token.kind === 'stage' || (token.kind === 'string' && /^(@|[a-z0-9]+:\/\/)/i.test(token.value));
}

/**
 * Takes a reference apart. Names fold to upper case unless they are quoted; inside single quotes a name may hold spaces
 * (`'@my stage/path 1/file 1.csv'`). https://docs.snowflake.com/en/user-guide/querying-stage
 */
export function parseStageLocation(text: string, place = { line: 1, position: 0 }): StageLocation {
  if (/^[a-z0-9]+:\/\//i.test(text)) {
    return { kind: 'url', url: text, text };
  }
  if (!text.startsWith('@')) {
    throw errors.syntax(text, place);
  }
  if (text.startsWith('@~')) {
    const rest = text.slice(2);
    if (rest !== '' && !rest.startsWith('/')) {
      throw errors.syntax(rest, { line: place.line, position: place.position + 2 });
    }
    return { kind: 'user', ...splitPath(rest), text };
  }
  const found = readName(text, place);
  return { kind: found.isTable ? 'table' : 'named', name: found.name, ...splitPath(text.slice(found.end)), text };
}

/** `"T"`-style spelling of an identifier: bare when it needs no quotes. */
export function spellIdentifier(name: string): string {
  return /^[A-Z_][A-Z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

function splitPath(rest: string): { path: string; hasPath: boolean } {
  return { path: rest.startsWith('/') ? rest.slice(1) : '', hasPath: rest.startsWith('/') };
}

function readName(
  text: string,
  place: { line: number; position: number },
): { name: Identifier[]; isTable: boolean; end: number } {
  const name: Identifier[] = [];
  let isTable = false;
  let at = 1;
  for (;;) {
    if (text[at] === '%') {
      isTable = true;
      at += 1;
    }
    const part = readPart(text, at);
    if (!part) {
      throw errors.syntax(text[at] ?? '<EOF>', { line: place.line, position: place.position + at });
    }
    name.push(part.identifier);
    at = part.end;
    if (text[at] !== '.' || isTable || name.length === 3) {
      break;
    }
    at += 1;
    if (text[at] === '.' && name.length === 1) {
      name.push({ name: '', quoted: false });
      at += 1;
    }
  }
  if (at < text.length && text[at] !== '/') {
    throw errors.syntax(text.slice(at), { line: place.line, position: place.position + at });
  }
  return { name, isTable, end: at };
}

function readPart(text: string, at: number): { identifier: Identifier; end: number } | undefined {
  const quoted = /"((?:[^"]|"")+)"/y;
  quoted.lastIndex = at;
  const inQuotes = quoted.exec(text);
  if (inQuotes) {
    return { identifier: { name: (inQuotes[1] ?? '').replaceAll('""', '"'), quoted: true }, end: quoted.lastIndex };
  }
  const bare = /[^./"%@]+/y;
  bare.lastIndex = at;
  const word = bare.exec(text)?.[0];
  return word === undefined
    ? undefined
    : { identifier: { name: word.toUpperCase(), quoted: false }, end: at + word.length };
}
