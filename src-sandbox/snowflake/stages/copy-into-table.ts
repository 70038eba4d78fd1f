import type { Table } from '../catalog/catalog-types.ts';
import type { ResultColumn, StatementContext, StatementResult } from '../commands/command.ts';
import type { TokenReader } from '../sql/token-reader.ts';
import type { CopyOptions } from './copy-options.ts';
import { resolveCopyOptions } from './copy-options.ts';
import type { CopyIntoTable } from './copy-statement.ts';
import { readCopyIntoTable, stageOfQuery } from './copy-statement.ts';
import { openCopyTarget } from './copy-target.ts';
import { numberColumn, statusResult, textColumn } from './ddl-helpers.ts';
import { readFileFormatClause, resolveFormat } from './format-clause.ts';
import { cleanLeftovers } from './leftovers.ts';
import type { ExaminedFile, FileOutcome, LoadPlan } from './load-file.ts';
import { examineFile, explainFailure, insertExamined, insertFile, RejectedRecordError } from './load-file.ts';
import type { LoadRecord } from './load-history.ts';
import { addLoadRecords, decideLoad } from './load-history.ts';
import type { StagedFile } from './internal-store.ts';
import type { LocalCopy, OpenStage } from './open-stage.ts';
import { openLocation, openStage } from './open-stage.ts';
import { buildLoadQuery } from './load-query.ts';
import { matchesPattern } from './path-pattern.ts';
import { readCredentials } from './stage-handlers.ts';
import { fileNotFound, fileNotFoundText } from './stage-errors.ts';
import type { StageLocation } from './stage-location.ts';
import { requireIntegration } from './stage-names.ts';
import type { SourceFile } from './stage-source.ts';
import { isFolderMark, toSourceFile } from './stage-source.ts';
import { validateFiles } from './validate-files.ts';

/** The statement type that the protocol gives a load. */
const COPY_STATEMENT = 0x3700;

export const LOAD_COLUMNS: ResultColumn[] = [
  textColumn('file'),
  textColumn('status'),
  numberColumn('rows_parsed'),
  numberColumn('rows_loaded'),
  numberColumn('error_limit'),
  numberColumn('errors_seen'),
  textColumn('first_error'),
  numberColumn('first_error_line'),
  numberColumn('first_error_character'),
  textColumn('first_error_column_name'),
];

/**
 * COPY INTO <table>, after the words COPY INTO: one atomic statement in the session's transaction.
 * https://docs.snowflake.com/en/sql-reference/sql/copy-into-table
 */
export async function copyIntoTable(context: StatementContext, reader: TokenReader): Promise<StatementResult> {
  const statement = readCopyIntoTable(context, reader);
  context.requireWarehouse();
  await cleanLeftovers(context);
  const target = openCopyTarget(context, statement.table, statement.columns);
  const stage = openSource(context, statement);
  try {
    const options = resolveCopyOptions(stage.copyOptions, statement.copyOptions);
    const plan: LoadPlan = {
      target,
      format: formatOfCopy(context, statement, stage),
      options,
      query: statement.query,
      hasColumnList: statement.columns !== null,
    };
    if (statement.query === null) {
      checkPlainLoad(context, plan);
    }
    if (statement.validation) {
      return await validateFiles(context, {
        stage,
        statement,
        plan,
        validation: statement.validation,
        select: selectFiles,
      });
    }
    return await loadFiles(context, { stage, statement, plan });
  } finally {
    stage.close();
  }
}

/** Files that a COPY names or finds: those to read, those skipped as loaded, those missing. */
export interface SelectedFiles {
  load: StagedFile[];
  loadedBefore: StagedFile[];
  missing: string[];
}

/** FILES names files exactly and beats PATTERN; a path is a prefix. @throws 091016 for a missing named file that must be there */
export async function selectFiles(
  context: StatementContext,
  source: { stage: OpenStage; statement: CopyIntoTable; options: CopyOptions; table: Table; toleratesMissing: boolean },
): Promise<SelectedFiles> {
  const { stage, statement, options, table } = source;
  const found: StagedFile[] = [];
  const missing: string[] = [];
  if (statement.files) {
    const named = await Promise.all(statement.files.map((name) => stage.find(stage.prefix + name)));
    for (const [i, file] of named.entries()) {
      const path = stage.prefix + (statement.files[i] ?? '');
      if (file) {
        found.push(file);
      } else if (source.toleratesMissing) {
        missing.push(path);
      } else {
        throw fileNotFound(stage.reference(path));
      }
    }
  } else {
    const listed = await stage.list(stage.prefix);
    found.push(
      ...listed.filter(
        (file) => !isFolderMark(file) && matchesPattern(stage.patternText(file.path), statement.pattern),
      ),
    );
  }
  const now = context.services.now();
  const decisions = found.map((file) => ({
    file,
    decision: options.force ? 'load' : decideLoad(table, { name: stage.historyName(file.path), staged: file }, now),
  }));
  const isLoadable = (decision: string): boolean =>
    decision === 'load' || (decision === 'uncertain' && options.loadUncertainFiles);
  return {
    load: withinSize(
      decisions.filter(({ decision }) => isLoadable(decision)).map(({ file }) => file),
      options.sizeLimit,
    ),
    loadedBefore: decisions.filter(({ decision }) => !isLoadable(decision)).map(({ file }) => file),
    missing,
  };
}

/** The next file is taken as long as the bytes so far do not exceed the limit; the first one always. */
function withinSize(files: StagedFile[], limit: number | null): StagedFile[] {
  if (limit === null) {
    return files;
  }
  let bytes = 0;
  return files.filter((file) => {
    const takes = bytes <= limit;
    bytes += takes ? file.size : 0;
    return takes;
  });
}

async function loadFiles(
  context: StatementContext,
  load: { stage: OpenStage; statement: CopyIntoTable; plan: LoadPlan },
): Promise<StatementResult> {
  const { stage, statement, plan } = load;
  const { options, target } = plan;
  const files = await selectFiles(context, {
    stage,
    statement,
    options,
    table: target.table,
    toleratesMissing: options.onError.kind !== 'abort',
  });
  const release = reserve(target.table, stage, files.load, context.services.now());
  let outcomes: Outcome[];
  try {
    outcomes =
      options.onError.kind === 'abort'
        ? await loadOrAbort(context, stage, plan, files.load)
        : await loadTolerantly(context, stage, plan, files.load);
  } finally {
    release();
  }
  const records = outcomes.map(({ file, outcome }) => toRecord(context, stage, file, outcome));
  const takeBack = addLoadRecords(target.table, records);
  context.onTransactionEnd((committed) => {
    if (!committed) {
      takeBack();
    }
  });
  if (options.purge) {
    await purge(stage, outcomes);
  }
  return toResult(stage, statement, options, { outcomes, files });
}

interface Outcome {
  file: StagedFile;
  outcome: FileOutcome;
}

/** Every row of every file, or none: the first rejected record is the statement's error. */
async function loadOrAbort(
  context: StatementContext,
  stage: OpenStage,
  plan: LoadPlan,
  files: readonly StagedFile[],
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let current: { source: SourceFile; copy: LocalCopy } | undefined;
  try {
    await context.atomically(async () => {
      for (const file of files) {
        context.signal.throwIfAborted();
        const copy = await stage.open(file.path);
        current = { source: toSourceFile(context, stage, file, copy.file), copy };
        outcomes.push({ file, outcome: await insertFile(context, current.source, plan) });
        await copy.release();
        current = undefined;
      }
    });
  } catch (error) {
    if (error instanceof RejectedRecordError) {
      throw error;
    }
    throw current ? await explainFailure(context, current.source, plan, error) : error;
  } finally {
    await current?.copy.release();
  }
  return outcomes;
}

/** Files are looked through first; what is good of them is then written in one go. */
async function loadTolerantly(
  context: StatementContext,
  stage: OpenStage,
  plan: LoadPlan,
  files: readonly StagedFile[],
): Promise<Outcome[]> {
  const examined: { file: StagedFile; work: ExaminedFile; copy: LocalCopy }[] = [];
  const copies: LocalCopy[] = [];
  try {
    for (const file of files) {
      context.signal.throwIfAborted();
      const copy = await stage.open(file.path);
      copies.push(copy);
      const work = await examineFile(context, toSourceFile(context, stage, file, copy.file), plan);
      examined.push({ file, work, copy });
    }
    return await context.atomically(async () => {
      const outcomes: Outcome[] = [];
      for (const { file, work } of examined) {
        outcomes.push({ file, outcome: await insertExamined(context, work) });
      }
      return outcomes;
    });
  } finally {
    for (const { work } of examined) {
      await work.close().catch(() => undefined);
    }
    for (const copy of copies) {
      await copy.release();
    }
  }
}

/**
 * Marks files as loaded while they are being loaded, so that a COPY at the same moment skips them:
 * https://docs.snowflake.com/en/user-guide/data-load-considerations-load (executing parallel COPY statements)
 */
function reserve(table: Table, stage: OpenStage, files: readonly StagedFile[], now: Date): () => void {
  const records = files.map((file): LoadRecord => ({
    file: stage.historyName(file.path),
    fileName: file.path,
    stageLocation: stage.locationName,
    size: file.size,
    md5: file.md5,
    loadedOn: now,
    status: 'LOADED',
    rowsParsed: 0,
    rowsLoaded: 0,
    errorCount: 0,
    errorLimit: 1,
    firstError: null,
  }));
  return addLoadRecords(table, records);
}

function toRecord(context: StatementContext, stage: OpenStage, file: StagedFile, outcome: FileOutcome): LoadRecord {
  const { firstError } = outcome;
  return {
    file: stage.historyName(file.path),
    fileName: file.path,
    stageLocation: stage.locationName,
    size: file.size,
    md5: file.md5,
    loadedOn: context.services.now(),
    status: outcome.status,
    rowsParsed: outcome.rowsParsed,
    rowsLoaded: outcome.rowsLoaded,
    errorCount: outcome.errorsSeen,
    errorLimit: outcome.errorLimit,
    firstError: firstError && {
      message: firstError.message,
      line: firstError.line,
      character: firstError.character,
      columnName: firstError.columnName,
    },
  };
}

/** A failure to purge is no error. https://docs.snowflake.com/en/sql-reference/sql/copy-into-table (PURGE) */
async function purge(stage: OpenStage, outcomes: readonly Outcome[]): Promise<void> {
  for (const { file, outcome } of outcomes) {
    if (outcome.status !== 'LOAD_FAILED') {
      await stage.remove(file.path).catch(() => undefined);
    }
  }
}

function toResult(
  stage: OpenStage,
  statement: CopyIntoTable,
  options: CopyOptions,
  result: { outcomes: readonly Outcome[]; files: SelectedFiles },
): StatementResult {
  const rows: (string | null)[][] = result.outcomes
    .filter(({ outcome }) => !options.returnFailedOnly || outcome.status !== 'LOADED')
    .map(({ file, outcome }) => outcomeRow(stage.displayName(file.path), outcome));
  if (statement.files && !options.returnFailedOnly) {
    for (const file of result.files.loadedBefore) {
      const name = stage.displayName(file.path);
      rows.push([name, 'LOAD_SKIPPED', '0', '0', null, '1', 'File was loaded before.', null, null, null]);
    }
  }
  for (const path of result.files.missing) {
    const limit =
      options.onError.kind === 'skip-file' && options.onError.unit === 'records' ? options.onError.limit : 1;
    const text = fileNotFoundText(stage.reference(path));
    rows.push([stage.displayName(path), 'LOAD_FAILED', '0', '0', String(limit), '1', text, null, null, null]);
  }
  if (result.outcomes.length === 0 && rows.length === 0) {
    const nothing = statusResult('Copy executed with 0 files processed.');
    return nothing.kind === 'rows' ? { ...nothing, statementTypeId: COPY_STATEMENT } : nothing;
  }
  return { kind: 'rows', columns: LOAD_COLUMNS, rows, statementTypeId: COPY_STATEMENT };
}

function outcomeRow(name: string, outcome: FileOutcome): (string | null)[] {
  const { firstError } = outcome;
  return [
    name,
    outcome.status,
    String(outcome.rowsParsed),
    String(outcome.rowsLoaded),
    String(outcome.errorLimit),
    String(outcome.errorsSeen),
    firstError?.message ?? null,
    numberText(firstError?.line),
    numberText(firstError?.character),
    firstError?.columnName ?? null,
  ];
}

function numberText(value: number | null | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

function openSource(context: StatementContext, statement: CopyIntoTable): OpenStage {
  const location: StageLocation = statement.location ?? {
    kind: 'table',
    name: statement.table,
    path: '',
    hasPath: false,
    text: '',
  };
  if (location.kind !== 'url') {
    return openStage(context, location, 'READ');
  }
  const { integration, credentials } = statement.access;
  if (integration) {
    const found = requireIntegration(context, integration.at(-1)?.name ?? '');
    return openLocation(context, location.url, {
      kind: 'integration',
      integrationId: found.id,
      integrationName: found.name,
    });
  }
  return openLocation(context, location.url, credentials ? readCredentials(credentials) : { kind: 'none' });
}

/** The statement's format beats the one inside the query's FROM, which beats the stage's; a table's own counts for its stage. */
function formatOfCopy(context: StatementContext, statement: CopyIntoTable, stage: OpenStage): LoadPlan['format'] {
  if (statement.fileFormat) {
    return resolveFormat(context, readFileFormatClause(context, statement.fileFormat));
  }
  const inQuery = statement.query ? stageOfQuery(statement.query).fileFormat : null;
  if (inQuery?.kind === 'string') {
    return resolveFormat(context, readFileFormatClause(context, { kind: 'string', value: inQuery.value }));
  }
  if (inQuery?.kind === 'column') {
    return resolveFormat(context, readFileFormatClause(context, { kind: 'word', value: '', name: inQuery.parts }));
  }
  return resolveFormat(context, stage.fileFormat);
}

/** Refuses what no file could make right, before any file is looked at. */
function checkPlainLoad(context: StatementContext, plan: LoadPlan): void {
  buildLoadQuery(context, plan.target, { format: plan.format, options: plan.options, fieldNames: [] });
}
