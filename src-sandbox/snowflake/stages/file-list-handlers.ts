import type { StatementContext, StatementHandler, StatementResult } from '../commands/command.ts';
import type { TokenReader } from '../sql/token-reader.ts';
import { numberColumn, textColumn } from './ddl-helpers.ts';
import type { StagedFile } from './internal-store.ts';
import type { OpenStage } from './open-stage.ts';
import { openStage } from './open-stage.ts';
import { matchesPattern } from './path-pattern.ts';
import { propertyOf, readProperties, textOf } from './properties.ts';
import { invalidParameter, objectMissing } from './stage-errors.ts';
import { readStageLocation } from './stage-location.ts';

/** LIST (LS) and REMOVE (RM). https://docs.snowflake.com/en/sql-reference/sql/list and .../remove */
export const fileListHandlers: StatementHandler[] = [
  { name: 'LIST', matches: (reader) => isCommand(reader, ['LIST', 'LS']), execute: listFiles },
  { name: 'REMOVE', matches: (reader) => isCommand(reader, ['REMOVE', 'RM']), execute: removeFiles },
];

function isCommand(reader: TokenReader, words: readonly string[]): boolean {
  const next = reader.peek(1).kind;
  return (
    reader.peek().kind === 'word' && words.includes(reader.peek().value) && (next === 'stage' || next === 'string')
  );
}

async function listFiles(context: StatementContext, reader: TokenReader): Promise<StatementResult> {
  const { stage, pattern } = openTarget(context, reader, 'READ');
  try {
    const files = await findFiles(stage, pattern);
    const rows = files.map((file) => [
      stage.displayName(file.path),
      String(file.size),
      file.md5,
      listTime(file.lastModified),
    ]);
    const columns = [textColumn('name'), numberColumn('size'), textColumn('md5'), textColumn('last_modified')];
    return { kind: 'rows', columns, rows };
  } finally {
    stage.close();
  }
}

/** Files that are gone before an error stay gone, as the vendor's page says. */
async function removeFiles(context: StatementContext, reader: TokenReader): Promise<StatementResult> {
  const { stage, pattern } = openTarget(context, reader, 'WRITE');
  try {
    const rows: string[][] = [];
    for (const file of await findFiles(stage, pattern)) {
      context.signal.throwIfAborted();
      await stage.remove(file.path);
      rows.push([stage.displayName(file.path), 'removed']);
    }
    return { kind: 'rows', columns: [textColumn('name'), textColumn('result')], rows };
  } finally {
    stage.close();
  }
}

function openTarget(
  context: StatementContext,
  reader: TokenReader,
  access: 'READ' | 'WRITE',
): { stage: OpenStage; pattern: string | null } {
  reader.next();
  const location = readStageLocation(reader);
  const properties = readProperties(reader);
  reader.expectEnd();
  const unknown = properties.find((property) => property.name !== 'PATTERN');
  if (unknown) {
    throw invalidParameter(unknown.name);
  }
  if (location.kind === 'url') {
    throw objectMissing('Stage', location.url);
  }
  const pattern = propertyOf(properties, 'PATTERN');
  return { stage: openStage(context, location, access), pattern: pattern ? textOf('PATTERN', pattern) : null };
}

async function findFiles(stage: OpenStage, pattern: string | null): Promise<StagedFile[]> {
  const files = await stage.list(stage.prefix);
  return files.filter((file) => matchesPattern(stage.patternText(file.path), pattern));
}

/** `Wed, 5 Aug 2020 16:58:16 GMT`: the day of the month without a leading zero. */
function listTime(date: Date): string {
  return date.toUTCString().replace(/^(\w{3}, )0/, '$1');
}
