import { AppError } from '#shared/errors/app-error';
import { rememberSecret } from '../../lib/redact.ts';
import type { CreateStageRequest, LedgerLocation, StageDescription, StagedFile, StageRef } from '../target.ts';
import { createStage as createStageSql, temporaryFormat } from './ddl.ts';
import { toRecords } from './execute.ts';
import { formatName, JSON_FORMAT, PARQUET_FORMAT, type FileFormatName } from './load.ts';
import { quoteName, stageLocation } from './quote.ts';
import type { SessionPool } from './session-pool.ts';

/** URL and integration of a stage, by SHOW STAGES: its list has both, needs no warehouse and no pattern. */
export async function describeStage(
  pool: SessionPool,
  stage: StageRef,
  signal: AbortSignal,
): Promise<StageDescription> {
  const description = await findStage(pool, stage, signal);
  await refuseCutting(pool, stage, signal);
  return description;
}

async function findStage(pool: SessionPool, stage: StageRef, signal: AbortSignal): Promise<StageDescription> {
  const result = await pool.run({
    sql: `SHOW STAGES IN SCHEMA ${quoteName(stage.database, stage.schema)}`,
    signal,
    object: stageLabel(stage),
  });
  const row = toRecords(result).find((record) => record['name'] === stage.name);
  if (!row) throw new AppError('STAGE_NOT_FOUND', { facts: { stage: stageLabel(stage) }, field: 'staging.stage.name' });
  return { url: row['url'] || null, storageIntegration: row['storage_integration'] || null };
}

/**
 * A stage may carry copy options of its own, and one of them cuts long text without a word. COPY leaves it to the stage, so such a stage is refused.
 * docs.snowflake.com/en/sql-reference/sql/desc-stage
 */
async function refuseCutting(pool: SessionPool, stage: StageRef, signal: AbortSignal): Promise<void> {
  const name = quoteName(stage.database, stage.schema, stage.name);
  let rows: Record<string, string | null>[];
  try {
    rows = toRecords(await pool.run({ sql: `DESCRIBE STAGE ${name}`, signal, object: stageLabel(stage) }));
  } catch (error) {
    // A role may use a stage without being allowed to look at its options.
    if (error instanceof AppError && error.code === 'PRIVILEGE_MISSING') return;
    throw error;
  }
  const value = (property: string) =>
    rows.find((row) => row['property'] === property)?.['property_value']?.toLowerCase();
  if (value('TRUNCATECOLUMNS') !== 'true' && value('ENFORCE_LENGTH') !== 'false') return;
  throw new AppError('INPUT_INVALID', {
    facts: {
      detail: `The stage ${stageLabel(stage)} cuts text that is too long (copy option TRUNCATECOLUMNS), which would lose data without an error. Use another stage, or run: ALTER STAGE ${name} SET COPY_OPTIONS = (TRUNCATECOLUMNS = FALSE)`,
    },
    field: 'staging.stage.name',
  });
}

export async function createStage(pool: SessionPool, request: CreateStageRequest, signal: AbortSignal): Promise<void> {
  if (request.access.kind === 'keys') {
    rememberSecret(request.access.secretAccessKey);
    rememberSecret(request.access.sessionToken);
  }
  await pool.run({
    sql: createStageSql(request, { maskSecrets: false }),
    shownSql: createStageSql(request, { maskSecrets: true }),
    signal,
    object: stageLabel(request.stage),
  });
}

export async function listStaged(
  pool: SessionPool,
  request: { stage: StageRef; path: string; limit?: number },
  signal: AbortSignal,
): Promise<StagedFile[]> {
  const { url } = await findStage(pool, request.stage, signal);
  const result = await pool.run({
    sql: `LIST ${stageLocation(request.stage, request.path)}`,
    signal,
    object: stageLabel(request.stage),
  });
  const files = toRecords(result).map((row) => ({
    path: pathBelowStage(row['name'] ?? '', url),
    bytes: Number(row['size'] ?? 0),
  }));
  return request.limit === undefined ? files : files.slice(0, request.limit);
}

export async function removeStaged(
  pool: SessionPool,
  request: { stage: StageRef; path: string },
  signal: AbortSignal,
): Promise<number> {
  try {
    const result = await pool.run({
      sql: `REMOVE ${stageLocation(request.stage, request.path)}`,
      signal,
      object: stageLabel(request.stage),
    });
    return toRecords(result).filter((row) => (row['result'] ?? '').toLowerCase() === 'removed').length;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'STAGE_ACCESS_DENIED') throw error;
    throw new AppError('S3_ACCESS_DENIED', {
      cause: error,
      facts: { action: 's3:DeleteObject', resource: `@${stageLabel(request.stage)}/${request.path}` },
      ...(error.raw === null ? {} : { raw: error.raw }),
      ...(error.queryId === null ? {} : { queryId: error.queryId }),
    });
  }
}

/** A JSON file through the stage; one document is one row. */
export async function readStagedJson(
  pool: SessionPool,
  request: { stage: StageRef; path: string; ledger: LedgerLocation | null },
  signal: AbortSignal,
): Promise<unknown> {
  const format = await usableFormat(pool, { ...request, format: JSON_FORMAT }, signal);
  const result = await pool.run({
    sql: `SELECT $1 FROM ${stageLocation(request.stage, request.path)} (FILE_FORMAT => ${format})`,
    signal,
    object: stageLabel(request.stage),
  });
  const text = result.rows[0]?.[0];
  if (result.rows.length !== 1 || text === null || text === undefined) {
    throw new AppError('S3_OBJECT_MISSING', { facts: { key: request.path }, queryId: result.queryId });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new AppError('TARGET_UNAVAILABLE', {
      cause: error,
      facts: { detail: `${request.path} with something else than JSON` },
      queryId: result.queryId,
    });
  }
}

export async function countStagedRows(
  pool: SessionPool,
  request: { stage: StageRef; path: string; ledger: LedgerLocation | null },
  signal: AbortSignal,
): Promise<number> {
  const format = await usableFormat(pool, { ...request, format: PARQUET_FORMAT }, signal);
  const result = await pool.run({
    sql: `SELECT COUNT(*) FROM ${stageLocation(request.stage, request.path)} (FILE_FORMAT => ${format})`,
    signal,
    object: stageLabel(request.stage),
  });
  return Number(result.rows[0]?.[0] ?? 0);
}

/** The ledger's format when the run is prepared; before that a temporary one in the stage's schema, which leaves nothing behind. */
async function usableFormat(
  pool: SessionPool,
  request: { stage: StageRef; ledger: LedgerLocation | null; format: FileFormatName },
  signal: AbortSignal,
): Promise<string> {
  if (request.ledger) return formatName(request.ledger, request.format);
  const { database, schema } = request.stage;
  await pool.run({
    sql: temporaryFormat({ database, schema }, request.format),
    signal,
    object: `${database}.${schema}`,
  });
  return formatName({ database, schema }, request.format);
}

function stageLabel(stage: StageRef): string {
  return `${stage.database}.${stage.schema}.${stage.name}`;
}

/** LIST names files of an external stage by their whole URL, those of an internal stage by `<stage>/<path>`. docs.snowflake.com/en/sql-reference/sql/list */
export function pathBelowStage(name: string, url: string | null): string {
  if (url === null) return name.slice(name.indexOf('/') + 1);
  const base = url.endsWith('/') ? url : `${url}/`;
  return name.startsWith(base) ? name.slice(base.length) : name;
}
