import { randomUUID } from 'node:crypto';
import { AppError, isAbort, toErrorValue } from '#shared/errors/app-error';
import type { PartitionTask, TableTask } from '#shared/model/plan';
import { tableLabel, type TableRef } from '#shared/model/table';
import { formatBytes } from '#shared/format/bytes';
import { formatCount } from '#shared/format/count';
import type { Semaphore } from '../lib/semaphore.ts';
import type { StagedManifest } from '../staging/staging.ts';
import { attemptPath, attemptUri } from './attempt-path.ts';
import { removeAttemptFiles } from './clean-up.ts';
import { selectRequest, unloadRequest } from './plan-statements.ts';
import { retry } from './retry.ts';
import { PauseRequested, type RunContext } from './run-context.ts';

export interface PartitionWork {
  task: TableTask;
  partition: PartitionTask;
  /** Where the rows go. */
  table: TableRef;
  /** Places for COPY statements into this table. */
  loads: Semaphore;
}

/** An attempt whose files are complete and counted. */
interface StagedAttempt {
  attemptId: string;
  path: string;
  manifest: StagedManifest;
}

/**
 * Extracts and loads one partition exactly once. Errors that may pass are repeated with a new attempt under a new path; the others are written down and
 * thrown. A staged attempt that a pause or crash left behind is loaded without extracting again.
 */
export async function runPartition(context: RunContext, work: PartitionWork): Promise<void> {
  const { progress, plan, signal } = context;
  const { task, partition } = work;
  try {
    await retry(() => runAttempt(context, work), {
      maxAttempts: plan.options.maxAttempts,
      signal,
      onRetry: (error, attempt, waitMs) =>
        progress.addEvent(
          'warning',
          `${partLabel(work)}: ${error.message} Try ${attempt + 1} of ${plan.options.maxAttempts} begins in ${Math.ceil(waitMs / 1000)} s.`,
          task.id,
        ),
    });
  } catch (error) {
    if (error instanceof PauseRequested) throw error;
    if (isAbort(error)) progress.updatePartition(task.id, partition.id, { state: 'cancelled' });
    else progress.updatePartition(task.id, partition.id, { state: 'failed', error: toErrorValue(error) });
    throw error;
  }
}

async function runAttempt(context: RunContext, work: PartitionWork): Promise<void> {
  const { task, partition } = work;
  const staged = findStagedAttempt(context, work) ?? (await extract(context, work));
  if (context.isPausing()) throw new PauseRequested();
  try {
    await load(context, work, staged);
  } catch (error) {
    if (isAbort(error)) throw error;
    abandon(context, work, staged);
    if (context.plan.options.cleanUp === 'always') await removeAttemptFiles(context, { ...staged, tableId: task.id });
    throw error;
  }
  if (context.plan.options.cleanUp !== 'never') await removeAttemptFiles(context, { ...staged, tableId: task.id });
  context.progress.updatePartition(task.id, partition.id, { error: null });
}

/** The attempt that was staged but not loaded when the run was paused or the app ended. */
function findStagedAttempt(
  { journal, progress }: RunContext,
  { task, partition }: PartitionWork,
): StagedAttempt | null {
  const { state, attemptId } = progress.partition(task.id, partition.id);
  if ((state !== 'staged' && state !== 'loading') || attemptId === null) return null;
  const attempt = journal.readAttempt(attemptId);
  if (!attempt?.manifest || attempt.isCleaned) return null;
  return { attemptId, path: attempt.path, manifest: JSON.parse(attempt.manifest) as StagedManifest };
}

function abandon({ progress }: RunContext, { task, partition }: PartitionWork, staged: StagedAttempt): void {
  const { attemptId } = progress.partition(task.id, partition.id);
  if (attemptId === staged.attemptId)
    progress.updatePartition(task.id, partition.id, { state: 'waiting', attemptId: null });
}

async function extract(context: RunContext, work: PartitionWork): Promise<StagedAttempt> {
  const { lanes, signal, progress } = context;
  return lanes.unload.run(async () => {
    if (context.isPausing()) throw new PauseRequested();
    const done = progress.beginActivity('Unload', partLabel(work));
    try {
      return await unloadToStaging(context, work);
    } finally {
      done();
    }
  }, signal);
}

async function unloadToStaging(context: RunContext, work: PartitionWork): Promise<StagedAttempt> {
  const { plan, runId, connections, journal, progress, signal } = context;
  const { task, partition } = work;
  const attemptId = randomUUID();
  const place = { runId, tableId: task.id, partitionId: partition.id, attemptId };
  const path = attemptPath(place);
  if (!plan.staging || !connections.source.unload)
    throw new AppError('NOT_SUPPORTED', { facts: { detail: 'This source cannot write to S3 itself.' } });
  journal.startAttempt({ ...place, path });
  progress.updatePartition(task.id, partition.id, {
    state: 'extracting',
    attempt: progress.partition(task.id, partition.id).attempt + 1,
    attemptId,
    error: null,
  });
  const uri = attemptUri(plan.staging.s3Uri, place);
  const outcome = await connections.source.unload(unloadRequest(plan, selectRequest(task, partition), uri), { signal });
  const manifest =
    outcome.unloadedRows === 0
      ? await readManifestIfThere(context, { task, path, uri })
      : await readManifest(context, { task, path, uri });
  if (manifest.rows !== outcome.sourceRows || manifest.rows !== outcome.unloadedRows) {
    throw new AppError('MANIFEST_MISMATCH', {
      facts: { table: tableLabel(task.source), sourceRows: outcome.sourceRows, stagedRows: manifest.rows },
    });
  }
  journal.setManifest(attemptId, JSON.stringify(manifest));
  progress.updatePartition(task.id, partition.id, {
    state: 'staged',
    sourceRows: outcome.sourceRows,
    stagedRows: manifest.rows,
    stagedBytes: manifest.bytes,
    stagedFiles: manifest.files.length,
  });
  progress.addEvent(
    'info',
    `${partLabel(work)}: ${formatCount(manifest.rows)} rows unloaded into ${manifest.files.length} files, ${formatBytes(manifest.bytes)}.`,
    task.id,
  );
  return { attemptId, path, manifest };
}

interface ManifestPlace {
  task: TableTask;
  path: string;
  uri: string;
}

const LARGEST_MANIFEST_BYTES = 64_000_000;

/** Read with the clean-up keys when there are any, else through the stage, which covers the same bucket. */
async function readManifest(context: RunContext, { task, path, uri }: ManifestPlace): Promise<StagedManifest> {
  const { plan, connections, signal } = context;
  if (!plan.staging) throw new AppError('INTERNAL', { facts: { detail: 'a manifest was expected without staging' } });
  try {
    const json = connections.staging
      ? (JSON.parse(
          await connections.staging.readText(`${uri.slice(`s3://${connections.staging.bucket}/`.length)}manifest`, {
            signal,
            maxBytes: LARGEST_MANIFEST_BYTES,
          }),
        ) as unknown)
      : await connections.target.readStagedJson(
          { stage: plan.staging.stage, path: `${plan.stagePrefix}${path}manifest` },
          { signal },
        );
    return context.parseManifest(json, { uri });
  } catch (error) {
    if (isAbort(error)) throw error;
    const { message } = toErrorValue(error);
    throw new AppError('UNLOAD_NO_MANIFEST', {
      cause: error,
      facts: { table: tableLabel(task.source), key: `${uri}manifest`, detail: message },
    });
  }
}

/** Zero rows may leave no files and no manifest at all: the vendor's page does not say, so both are right. */
async function readManifestIfThere(context: RunContext, place: ManifestPlace): Promise<StagedManifest> {
  try {
    return await readManifest(context, place);
  } catch (error) {
    if (isAbort(error)) throw error;
    return { files: [], rows: 0, bytes: 0, digest: '' };
  }
}

async function load(context: RunContext, work: PartitionWork, staged: StagedAttempt): Promise<void> {
  const { lanes, signal, progress } = context;
  await work.loads.run(
    () =>
      lanes.load.run(async () => {
        if (context.isPausing()) throw new PauseRequested();
        const done = progress.beginActivity('Load', partLabel(work));
        try {
          await loadStaged(context, work, staged);
        } finally {
          done();
        }
      }, signal),
    signal,
  );
}

async function loadStaged(
  context: RunContext,
  { task, partition, table }: PartitionWork,
  staged: StagedAttempt,
): Promise<void> {
  const { plan, runId, connections, journal, progress, signal } = context;
  if (!plan.staging) throw new AppError('INTERNAL', { facts: { detail: 'a load was asked for without staging' } });
  progress.updatePartition(task.id, partition.id, { state: 'loading' });
  const path = `${plan.stagePrefix}${staged.path}`;
  const bucketPath = `${plan.staging.s3Uri}${staged.path}`.replace(/^s3:\/\/[^/]+\//, '');
  const outcome = await connections.target.loadPartition(
    {
      runId,
      tableId: task.id,
      partitionId: partition.id,
      attemptId: staged.attemptId,
      table,
      columns: task.columns,
      stage: plan.staging.stage,
      path,
      files: staged.manifest.files.map(({ key }) => key.slice(bucketPath.length)),
      ledger: plan.options.ledger,
      expectedRows: staged.manifest.rows,
      fileDigest: staged.manifest.digest,
      deletePredicate: null,
      onSession: (sessionId) => journal.setSession(staged.attemptId, sessionId),
    },
    { signal },
  );
  progress.updatePartition(task.id, partition.id, { state: 'loaded', loadedRows: outcome.loadedRows, error: null });
}

function partLabel({ task, partition }: Pick<PartitionWork, 'task' | 'partition'>): string {
  const label = tableLabel(task.source);
  return task.partitions.length === 1 ? label : `${label} (${partition.label})`;
}
