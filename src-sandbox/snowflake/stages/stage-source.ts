import type { StageRelation, StatementContext } from '../commands/command.ts';
import type { Expression, TableSource } from '../sql/ast.ts';
import { createTokenReader } from '../sql/token-reader.ts';
import type { FileFormat } from './file-format.ts';
import { resolveFormat } from './format-clause.ts';
import type { StagedFile } from './internal-store.ts';
import type { OpenStage } from './open-stage.ts';
import { openStage } from './open-stage.ts';
import { matchesPattern } from './path-pattern.ts';
import { parquetRelation } from './parquet-source.ts';
import { invalidValue } from './stage-errors.ts';
import { parseStageLocation } from './stage-location.ts';
import { requireFileFormat } from './stage-names.ts';
import { runLater } from './leftovers.ts';
import { textRelation } from './text-source.ts';

/** A staged file that is here to be read. */
export interface SourceFile {
  readonly staged: StagedFile;
  readonly localFile: string;
  /** METADATA$FILENAME. */
  readonly metadataName: string;
  readonly scannedOn: Date;
}

/**
 * The relation behind `FROM @stage/path (FILE_FORMAT => ..., PATTERN => ...)`, for the query translator. Files of external
 * stages are fetched first; copies and helper tables live until the session's next statement on a stage.
 * https://docs.snowflake.com/en/user-guide/querying-stage
 */
export async function resolveStageSource(
  context: StatementContext,
  source: Extract<TableSource, { kind: 'stage' }>,
): Promise<StageRelation> {
  const stage = openStage(context, parseStageLocation(source.location, source.span), 'READ');
  try {
    const format = source.fileFormat
      ? namedFormat(context, source.fileFormat)
      : resolveFormat(context, stage.fileFormat);
    const files = (await stage.list(stage.prefix)).filter(
      (file) => !isFolderMark(file) && matchesPattern(stage.patternText(file.path), source.pattern),
    );
    const sources: SourceFile[] = [];
    for (const file of files) {
      const copy = await stage.open(file.path);
      runLater(context, () => copy.release());
      sources.push(toSourceFile(context, stage, file, copy.file));
    }
    return await fileRelation(context, sources, { format });
  } finally {
    stage.close();
  }
}

/** A relation over files that are here already. */
export function fileRelation(
  context: StatementContext,
  files: readonly SourceFile[],
  options: { format: FileFormat },
): Promise<StageRelation> {
  return options.format.type === 'PARQUET'
    ? parquetRelation(context, files, options)
    : textRelation(context, files, options);
}

export function toSourceFile(
  context: StatementContext,
  stage: OpenStage,
  staged: StagedFile,
  localFile: string,
): SourceFile {
  return { staged, localFile, metadataName: stage.metadataName(staged.path), scannedOn: context.services.now() };
}

/** The empty object that consoles make for a folder. */
export function isFolderMark(file: StagedFile): boolean {
  return file.size === 0 && file.path.endsWith('/');
}

/** `FILE_FORMAT => 'name'` or `=> name`; a query takes named formats only. */
function namedFormat(context: StatementContext, expression: Expression): FileFormat {
  if (expression.kind === 'column') {
    return requireFileFormat(context, expression.parts).format;
  }
  if (expression.kind === 'string') {
    const reader = createTokenReader(expression.value);
    const name = reader.objectName();
    reader.expectEnd();
    return requireFileFormat(context, name).format;
  }
  throw invalidValue(expression.kind, 'FILE_FORMAT');
}
