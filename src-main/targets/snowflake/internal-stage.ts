import { basename } from 'node:path';
import { AppError } from '#shared/errors/app-error';
import { DEFAULT_LIMITS } from '#shared/model/run-limits';
import type { StageRef, Target } from '../target.ts';
import { toRecords, type StatementResult } from './execute.ts';
import { quoteLiteral, quoteName } from './quote.ts';
import type { SessionPool } from './session-pool.ts';
import { describeStage } from './stage.ts';

/**
 * SNOWFLAKE_SSE: Snowflake encrypts the files when they arrive, so that the driver need not write an encrypted copy of each to the disk first. An
 * administrator who wants client-side encryption (Tri-Secret Secure asks for it) creates the stage beforehand.
 * docs.snowflake.com/en/sql-reference/sql/create-stage
 */
export function createInternalStage(stage: StageRef): string {
  return [
    `CREATE STAGE IF NOT EXISTS ${quoteName(stage.database, stage.schema, stage.name)}`,
    "ENCRYPTION = (TYPE = 'SNOWFLAKE_SSE')",
    `COMMENT = ${quoteLiteral('Snowferry: files on their way into tables. Empty when no migration runs.')}`,
  ].join('\n');
}

export async function ensureInternalStage(pool: SessionPool, stage: StageRef, signal: AbortSignal): Promise<void> {
  const found = await findStage(pool, stage, signal);
  if (!found) {
    await pool.run({ sql: createInternalStage(stage), signal, object: label(stage) });
    return;
  }
  if (found.url === null) return;
  throw new AppError('INPUT_INVALID', {
    facts: {
      detail: `The stage ${label(stage)} is an external one (${found.url}). Without S3, files go to an internal stage of that name: rename the external one or choose another place for the ledger.`,
    },
  });
}

async function findStage(pool: SessionPool, stage: StageRef, signal: AbortSignal) {
  try {
    return await describeStage(pool, stage, signal);
  } catch (error) {
    if (error instanceof AppError && error.code === 'STAGE_NOT_FOUND') return null;
    throw error;
  }
}

/**
 * The statement ends at the server long before the driver has sent the bytes, so the watchdog over the statement waits as long as a slow line needs.
 * Every row's status counts, because a failed upload may come without an error. docs.snowflake.com/en/sql-reference/sql/put
 */
export async function putFile(
  pool: SessionPool,
  request: Parameters<Target['putFile']>[0],
  signal: AbortSignal,
): Promise<void> {
  const { statementSilenceSeconds, slowestUploadBytesPerSecond } = request.limits ?? DEFAULT_LIMITS;
  const failed = (detail: string, parts: { cause?: unknown; queryId?: string } = {}): AppError =>
    new AppError('UPLOAD_FAILED', {
      ...parts,
      facts: { file: basename(request.localPath), stage: label(request.stage), detail },
    });
  let result: StatementResult;
  try {
    result = await pool.run({
      sql: putStatement(request),
      signal,
      object: label(request.stage),
      watchdogMs: Math.max(statementSilenceSeconds, request.bytes / slowestUploadBytesPerSecond) * 1000,
    });
  } catch (error) {
    if (!isDriverFailure(error)) throw error;
    throw failed(error.raw ?? error.message, { cause: error });
  }
  const rows = toRecords(result);
  const status = (rows[0]?.['status'] ?? '').toUpperCase();
  // SKIPPED: the name is this attempt's own, so the file is the same one, sent by a try whose answer was lost.
  if (rows.length === 1 && (status === 'UPLOADED' || status === 'SKIPPED')) return;
  const unclear = status === '' ? 'the driver did not say what became of it' : `its status is ${status}`;
  throw failed(rows[0]?.['message'] || unclear, { queryId: result.queryId });
}

/** What the server says has an SQLSTATE; a file that cannot be read, or a storage that does not take it, has none. */
function isDriverFailure(error: unknown): error is AppError {
  if (!(error instanceof AppError) || error.code !== 'TARGET_STATEMENT_FAILED') return false;
  return typeof (error.cause as { sqlState?: unknown } | undefined)?.sqlState !== 'string';
}

/** Paths have forward slashes on every system: `'file:///tmp/a.parquet'`, `'file://C:/Temp/a.parquet'`. */
export function putStatement(request: { stage: StageRef; path: string; localPath: string }): string {
  const file = `file://${request.localPath.replaceAll('\\', '/')}`;
  const location = `@${quoteName(request.stage.database, request.stage.schema, request.stage.name)}/${request.path}`;
  return `PUT ${quoteLiteral(file)} ${quoteLiteral(location)} AUTO_COMPRESS = FALSE OVERWRITE = FALSE PARALLEL = 1`;
}

function label(stage: StageRef): string {
  return `${stage.database}.${stage.schema}.${stage.name}`;
}
