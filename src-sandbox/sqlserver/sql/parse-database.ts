import type { AlterDatabase, DdlStatement } from './ast-ddl.ts';
import type { Parser } from './parser.ts';
import { syntaxErrors } from './syntax-error.ts';

type SetAction = Extract<AlterDatabase['action'], { kind: 'set' }>;

/** Options that take ON or OFF. https://learn.microsoft.com/en-us/sql/t-sql/statements/alter-database-transact-sql-set-options */
const SWITCHES: ReadonlySet<string> = new Set([
  'ALLOW_SNAPSHOT_ISOLATION',
  'ANSI_NULLS',
  'ANSI_NULL_DEFAULT',
  'ANSI_PADDING',
  'ANSI_WARNINGS',
  'ARITHABORT',
  'AUTO_CLOSE',
  'AUTO_CREATE_STATISTICS',
  'AUTO_SHRINK',
  'AUTO_UPDATE_STATISTICS',
  'AUTO_UPDATE_STATISTICS_ASYNC',
  'CONCAT_NULL_YIELDS_NULL',
  'CURSOR_CLOSE_ON_COMMIT',
  'DATE_CORRELATION_OPTIMIZATION',
  'DB_CHAINING',
  'ENCRYPTION',
  'MEMORY_OPTIMIZED_ELEVATE_TO_SNAPSHOT',
  'NUMERIC_ROUNDABORT',
  'QUOTED_IDENTIFIER',
  'READ_COMMITTED_SNAPSHOT',
  'RECURSIVE_TRIGGERS',
  'TRUSTWORTHY',
]);
/** Options that stand alone. */
const STATES: ReadonlySet<string> = new Set([
  'DISABLE_BROKER',
  'EMERGENCY',
  'ENABLE_BROKER',
  'MULTI_USER',
  'OFFLINE',
  'ONLINE',
  'READ_ONLY',
  'READ_WRITE',
  'RESTRICTED_USER',
  'SINGLE_USER',
]);
/** Options with a word of their own; the ones in WITH_EQUALS have `=` before it. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  RECOVERY: ['FULL', 'BULK_LOGGED', 'SIMPLE'],
  PAGE_VERIFY: ['CHECKSUM', 'TORN_PAGE_DETECTION', 'NONE'],
  CURSOR_DEFAULT: ['LOCAL', 'GLOBAL'],
  PARAMETERIZATION: ['SIMPLE', 'FORCED'],
  DELAYED_DURABILITY: ['DISABLED', 'ALLOWED', 'FORCED'],
};
const WITH_EQUALS: ReadonlySet<string> = new Set(['DELAYED_DURABILITY']);

/** `DATABASE name [COLLATE c]` behind CREATE; where its files lie is not for the stand-in to say. */
export function parseCreateDatabase(p: Parser): DdlStatement {
  p.expectWords('DATABASE');
  const name = p.identifier();
  const collation = p.acceptWords('COLLATE') ? p.anyIdentifier().name : null;
  return { kind: 'create-database', name, collation };
}

export function parseAlterDatabase(p: Parser): DdlStatement {
  p.expectWords('DATABASE');
  const name = p.acceptWords('CURRENT') ? null : p.identifier();
  if (p.acceptWords('COLLATE')) {
    return { kind: 'alter-database', name, action: { kind: 'collate', collation: p.anyIdentifier().name } };
  }
  if (p.acceptWords('MODIFY', 'NAME')) {
    p.expectOperator('=');
    return { kind: 'alter-database', name, action: { kind: 'modify-name', name: p.identifier() } };
  }
  p.expectWords('SET');
  const options = p.commaSeparated(() => parseOption(p));
  return { kind: 'alter-database', name, action: { kind: 'set', options, termination: parseTermination(p) } };
}

function parseOption(p: Parser): SetAction['options'][number] {
  const token = p.next();
  if (token.kind !== 'word') throw p.unexpected(token);
  const name = token.value;
  if (SWITCHES.has(name)) return { name, value: p.oneOf(['ON', 'OFF']) };
  if (STATES.has(name)) return { name, value: '' };
  if (name === 'COMPATIBILITY_LEVEL') {
    p.expectOperator('=');
    return { name, value: String(p.integer()) };
  }
  const words = VALUES[name];
  if (!words) throw syntaxErrors.notRecognizedOption(token.line, token.text, 'ALTER DATABASE SET');
  if (WITH_EQUALS.has(name)) p.expectOperator('=');
  return { name, value: p.oneOf(words) };
}

function parseTermination(p: Parser): SetAction['termination'] {
  if (p.acceptWords('WITH', 'ROLLBACK')) {
    if (p.acceptWords('IMMEDIATE')) return 'ROLLBACK IMMEDIATE';
    p.expectWords('AFTER');
    p.integer();
    p.acceptWords('SECONDS');
    return 'ROLLBACK AFTER';
  }
  return p.acceptWords('WITH', 'NO_WAIT') ? 'NO_WAIT' : null;
}
