import type { DdlStatement } from './ast-ddl.ts';
import type { Identifier, ObjectName } from './ast.ts';
import { parseAlterDatabase, parseCreateDatabase } from './parse-database.ts';
import { parseAlterIndex, parseCreateIndex, parseDropIndex } from './parse-index.ts';
import {
  parseAlterPartition,
  parseCreatePartition,
  parseSequence,
  parseCreateStatistics,
  parseCreateType,
} from './parse-ddl-objects.ts';
import { parseAlterRole, parseLogin, parseUser } from './parse-security.ts';
import { parseAlterTable, parseCreateTable } from './parse-table.ts';
import { parseView } from './parse-view.ts';
import type { Parser } from './parser.ts';
import { syntaxErrors } from './syntax-error.ts';

export function parseCreate(p: Parser): DdlStatement {
  const start = { isFirst: p.lastEnd() === 0, at: p.position() };
  p.expectWords('CREATE');
  if (p.isWords('OR', 'ALTER', 'VIEW') || p.isWords('VIEW')) return parseView(p, { ...start, verb: 'CREATE' });
  switch (word(p)) {
    case 'TABLE':
      return parseCreateTable(p);
    case 'UNIQUE':
    case 'CLUSTERED':
    case 'NONCLUSTERED':
    case 'COLUMNSTORE':
    case 'INDEX':
      return parseCreateIndex(p);
    case 'SCHEMA':
      return parseCreateSchema(p, start);
    case 'TYPE':
      return parseCreateType(p);
    case 'DATABASE':
      return parseCreateDatabase(p);
    case 'PARTITION':
      return parseCreatePartition(p);
    case 'SYNONYM':
      return parseCreateSynonym(p);
    case 'SEQUENCE':
      return parseSequence(p, 'create');
    case 'STATISTICS':
      return parseCreateStatistics(p);
    case 'LOGIN':
      return parseLogin(p, 'create');
    case 'USER':
      return parseUser(p, 'create');
    case 'ROLE': {
      p.next();
      const name = p.identifier();
      return { kind: 'create-role', name, authorization: p.acceptWords('AUTHORIZATION') ? p.identifier() : null };
    }
    default:
      throw p.unexpected();
  }
}

function word(p: Parser): string | null {
  const token = p.peek();
  return token.kind === 'word' ? token.value : null;
}

export function parseAlter(p: Parser): DdlStatement {
  const start = { isFirst: p.lastEnd() === 0, at: p.position() };
  p.expectWords('ALTER');
  switch (word(p)) {
    case 'TABLE':
      return parseAlterTable(p);
    case 'INDEX':
      return parseAlterIndex(p);
    case 'VIEW':
      return parseView(p, { ...start, verb: 'ALTER' });
    case 'SCHEMA':
      return parseTransfer(p);
    case 'DATABASE':
      return parseAlterDatabase(p);
    case 'PARTITION':
      return parseAlterPartition(p);
    case 'SEQUENCE':
      return parseSequence(p, 'alter');
    case 'LOGIN':
      return parseLogin(p, 'alter');
    case 'USER':
      return parseUser(p, 'alter');
    case 'SERVER':
    case 'ROLE':
      return parseAlterRole(p);
    default:
      throw p.unexpected();
  }
}

/** The names of DROP x a, b, c. */
type DropList = { ifExists: boolean; names: ObjectName[] };

export function parseDrop(p: Parser): DdlStatement {
  p.expectWords('DROP');
  switch (word(p)) {
    case 'INDEX':
      return parseDropIndex(p);
    case 'TABLE':
      return { kind: 'drop-table', ...dropList(p) };
    case 'VIEW':
      return { kind: 'drop-view', ...dropList(p) };
    case 'TYPE':
      return { kind: 'drop-type', ...dropList(p) };
    case 'SEQUENCE':
      return { kind: 'drop-sequence', ...dropList(p) };
    case 'SYNONYM': {
      const { ifExists, name } = dropObject(p);
      return { kind: 'drop-synonym', name, ifExists };
    }
    case 'STATISTICS':
      p.next();
      return { kind: 'drop-statistics', names: p.commaSeparated(() => p.objectName()) };
    case 'DATABASE': {
      p.next();
      const ifExists = p.acceptWords('IF', 'EXISTS');
      return { kind: 'drop-database', names: p.commaSeparated(() => p.identifier()), ifExists };
    }
    case 'PARTITION': {
      p.next();
      const isFunction = p.oneOf(['FUNCTION', 'SCHEME']) === 'FUNCTION';
      return { kind: isFunction ? 'drop-partition-function' : 'drop-partition-scheme', ...dropName(p) };
    }
    case 'SCHEMA':
      p.next();
      return { kind: 'drop-schema', ...dropName(p) };
    case 'USER':
      p.next();
      return { kind: 'drop-user', ...dropName(p) };
    case 'ROLE':
      p.next();
      return { kind: 'drop-role', ...dropName(p) };
    case 'LOGIN':
      p.next();
      return { kind: 'drop-login', name: p.identifier() };
    default:
      throw p.unexpected();
  }
}

function dropList(p: Parser): DropList {
  p.next();
  const ifExists = p.acceptWords('IF', 'EXISTS');
  return { ifExists, names: p.commaSeparated(() => p.objectName(2)) };
}

function dropObject(p: Parser): { ifExists: boolean; name: ObjectName } {
  p.next();
  const ifExists = p.acceptWords('IF', 'EXISTS');
  return { ifExists, name: p.objectName(2) };
}

function dropName(p: Parser): { ifExists: boolean; name: Identifier } {
  const ifExists = p.acceptWords('IF', 'EXISTS');
  return { ifExists, name: p.identifier() };
}

/** Elements of the schema within CREATE SCHEMA are not taken. https://learn.microsoft.com/en-us/sql/t-sql/statements/create-schema-transact-sql */
function parseCreateSchema(p: Parser, start: { isFirst: boolean; at: { line: number } }): DdlStatement {
  if (!start.isFirst) throw syntaxErrors.mustBeFirst(start.at.line, 'CREATE SCHEMA');
  p.expectWords('SCHEMA');
  const name = p.isWords('AUTHORIZATION') ? null : p.identifier();
  const authorization = p.acceptWords('AUTHORIZATION') ? p.identifier() : null;
  if (!p.atEnd() && !p.isOperator(';')) throw p.unexpected();
  return { kind: 'create-schema', name, authorization };
}

/** `SCHEMA s TRANSFER [OBJECT::] t`. */
function parseTransfer(p: Parser): DdlStatement {
  p.expectWords('SCHEMA');
  const schema = p.identifier();
  p.expectWords('TRANSFER');
  if (p.isWords('TYPE') && p.isOperator('::', 1)) {
    p.next();
    p.next();
    return { kind: 'alter-schema-transfer', schema, securable: 'TYPE', name: p.objectName(1) };
  }
  if (p.isWords('OBJECT') && p.isOperator('::', 1)) {
    p.next();
    p.next();
  }
  return { kind: 'alter-schema-transfer', schema, securable: 'OBJECT', name: p.objectName(1) };
}

function parseCreateSynonym(p: Parser): DdlStatement {
  p.expectWords('SYNONYM');
  const name = p.objectName(1);
  p.expectWords('FOR');
  return { kind: 'create-synonym', name, target: p.objectName() };
}
