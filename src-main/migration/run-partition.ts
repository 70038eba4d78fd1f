import { randomUUID } from 'node:crypto';
import { isAbort, toErrorValue } from '#shared/errors/app-error';
import type { JournalAttempt } from '#shared/model/journal';
import type { PartitionTask, TableTask } from '#shared/model/plan';
import { tableLabel, type TableRef } from '#shared/model/table';
import { formatBytes } from '#shared/format/bytes';
import { formatCount } from '#shared/format/count';
import type { StagedManifest } from '../staging/staging.ts';
import { attemptPath } from './attempt-path.ts';
import { removeAttemptFiles } from './clean-up.ts';
import { PauseRequested } from './pause-requested.ts';
import type { RunContext } from './run-context.ts';
import type { TableLanes } from './run-control.ts';
import { planStage, stagePath } from './stage-place.ts';
import { streamPartition } from './stream-partition.ts';
import { tryUntilDone } from './try-until-done.ts';
import { unloadPartition } from './unload-partition.ts';

export interface PartitionWork {
  task: TableTask;
  partition: PartitionTask;
  /** Where the rows go. */
  table: TableRef;
  /** The table's own places. */
  lanes: TableLanes;
}

/** Where an extraction puts its files, and whom it tells how far it is. */
export interface ExtractionAttempt {
  attemptId: string;
  path: string;
  onRows(rows: number): void;
}

/** What an extraction ends with; `verb` is for the message about it. */
export interface StagedOutcome {
  manifest: StagedManifest;
  /** What the source says that it sent; equal to the manifest's rows. */
  sourceRows: number;
  verb: 'unloaded' | 'extracted';
}

/** An attempt that may have left files. */
type BegunAttempt = Pick<JournalAttempt, 'attemptId' | 'path' | 'tableId'>;

/** An attempt whose files are complete and counted. */
interface StagedAttempt {
  attemptId: string;
  path: string;
  manifest: StagedManifest;
}

/** `session` tells whether Snowflake may have touched the files. */
interface StagedLoad {
  staged: StagedAttempt;
  session: { hasBegun: boolean };
}

/**
 * Extracts and loads one partition exactly once. Errors are dealt with by their class (`tryUntilDone`), each try under a new path; the last one is written
 * down and thrown. A staged attempt that a pause or crash left behind is loaded without extracting again.
 */
export async function runPartition(context: RunContext, work: PartitionWork): Promise<void> {
  const { progress, plan } = context;
  const { task, partition } = work;
  const begun: BegunAttempt[] = [];
  const tryOptions = { tableId: task.id, partitionId: partition.id, label: partLabel(work) };
  try {
    await tryUntilDone(context, tryOptions, () => runAttempt(context, work, begun));
  } catch (error) {
    if (error instanceof PauseRequested) putBack(context, work);
    else if (isAbort(error)) progress.updatePartition(task.id, partition.id, { state: 'cancelled' });
    else progress.updatePartition(task.id, partition.id, { state: 'failed', error: toErrorValue(error) });
    await removeUseless(context, work, begun);
    throw error;
  }
  if (plan.options.cleanUp !== 'never') await removeFiles(context, begun);
  progress.updatePartition(task.id, partition.id, { error: null });
}

/** A pause between two steps keeps complete files; what was half extracted begins anew. */
function putBack({ progress }: RunContext, { task, partition }: PartitionWork): void {
  const { state } = progress.partition(task.id, partition.id);
  if (state === 'extracting' || state === 'failed')
    progress.updatePartition(task.id, partition.id, { state: 'waiting' });
}

/** Of a partition that is not loaded, only complete files of the newest try can be of use, and not when everything is to be cleaned up. */
async function removeUseless(context: RunContext, work: PartitionWork, begun: BegunAttempt[]): Promise<void> {
  const { plan, progress, control } = context;
  if (plan.options.cleanUp === 'never' || control.isLeaseLost) return;
  const { state } = progress.partition(work.task.id, work.partition.id);
  const mayKeep = plan.options.cleanUp === 'on-success' && state !== 'cancelled';
  const staged = mayKeep ? findStagedAttempt(context, work) : null;
  await removeFiles(
    context,
    begun.filter(({ attemptId }) => attemptId !== staged?.attemptId),
  );
}

async function runAttempt(context: RunContext, work: PartitionWork, begun: BegunAttempt[]): Promise<void> {
  const found = findStagedAttempt(context, work);
  if (found && !begun.some(({ attemptId }) => attemptId === found.attemptId))
    begun.push({ ...found, tableId: work.task.id });
  const staged = found ?? (await extract(context, work, begun));
  if (context.isPausing()) throw new PauseRequested();
  const session = { hasBegun: false };
  try {
    await load(context, work, { staged, session });
  } catch (error) {
    // Files that no session has touched are as good as new; of others, the vendor does not say whether a rolled-back COPY counts as loaded.
    if (!isAbort(error) && !(error instanceof PauseRequested) && session.hasBegun) abandon(context, work, staged);
    throw error;
  }
}

/** Of the tries that failed too: what they left is of no use any more. */
async function removeFiles(context: RunContext, begun: BegunAttempt[]): Promise<void> {
  for (const attempt of begun) await removeAttemptFiles(context, attempt);
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

async function extract(context: RunContext, work: PartitionWork, begun: BegunAttempt[]): Promise<StagedAttempt> {
  const { lanes, signal, progress } = context;
  const inLane = async (): Promise<StagedAttempt> => {
    if (context.isPausing()) throw new PauseRequested();
    const done = progress.beginActivity(context.plan.strategy === 'unload' ? 'Unload' : 'Extract', partLabel(work));
    try {
      return await extractToStaging(context, work, { begun, onRows: done.report });
    } finally {
      done();
    }
  };
  return work.lanes.unload.run(() => lanes.unload.run(inLane, signal), signal);
}

async function extractToStaging(
  context: RunContext,
  work: PartitionWork,
  { begun, onRows }: { begun: BegunAttempt[]; onRows: (rows: number) => void },
): Promise<StagedAttempt> {
  const { plan, runId, journal, progress } = context;
  const { task, partition } = work;
  const attemptId = randomUUID();
  const path = attemptPath({ runId, tableId: task.id, partitionId: partition.id, attemptId });
  journal.startAttempt({ runId, tableId: task.id, partitionId: partition.id, attemptId, path });
  begun.push({ attemptId, path, tableId: task.id });
  progress.updatePartition(task.id, partition.id, {
    state: 'extracting',
    attempt: progress.partition(task.id, partition.id).attempt + 1,
    attemptId,
    error: null,
  });
  const extraction = plan.strategy === 'unload' ? unloadPartition : streamPartition;
  const { manifest, sourceRows, verb } = await extraction(context, work, { attemptId, path, onRows });
  journal.setManifest(attemptId, JSON.stringify(manifest));
  progress.updatePartition(task.id, partition.id, {
    state: 'staged',
    sourceRows,
    stagedRows: manifest.rows,
    stagedBytes: manifest.bytes,
    stagedFiles: manifest.files.length,
  });
  progress.addEvent(
    'info',
    `${partLabel(work)}: ${formatCount(manifest.rows)} rows ${verb} into ${manifest.files.length} files, ${formatBytes(manifest.bytes)}.`,
    task.id,
  );
  return { attemptId, path, manifest };
}

async function load(context: RunContext, work: PartitionWork, given: StagedLoad): Promise<void> {
  const { lanes, signal, progress } = context;
  await work.lanes.load.run(
    () =>
      lanes.load.run(async () => {
        if (context.isPausing()) throw new PauseRequested();
        const done = progress.beginActivity('Load', partLabel(work));
        try {
          await loadStaged(context, work, given);
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
  { staged, session }: StagedLoad,
): Promise<void> {
  const { plan, runId, connections, journal, progress, signal, limits } = context;
  progress.updatePartition(task.id, partition.id, { state: 'loading' });
  const outcome = await connections.target.loadPartition(
    {
      runId,
      tableId: task.id,
      partitionId: partition.id,
      attemptId: staged.attemptId,
      table,
      columns: task.columns,
      stage: planStage(plan),
      path: stagePath(plan, staged.path),
      files: staged.manifest.files.map(({ key }) => key.slice(key.indexOf(staged.path) + staged.path.length)),
      ledger: plan.options.ledger,
      expectedRows: staged.manifest.rows,
      fileDigest: staged.manifest.digest,
      deletePredicate: null,
      lease: { instanceId: journal.instance.id },
      limits,
      onSession(sessionId) {
        session.hasBegun = true;
        journal.setSession(staged.attemptId, sessionId);
      },
    },
    { signal },
  );
  progress.updatePartition(task.id, partition.id, { state: 'loaded', loadedRows: outcome.loadedRows, error: null });
}

function partLabel({ task, partition }: Pick<PartitionWork, 'task' | 'partition'>): string {
  const label = tableLabel(task.source);
  return task.partitions.length === 1 ? label : `${label} (${partition.label})`;
}
