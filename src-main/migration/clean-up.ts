import { AppError, isAbort, toErrorValue } from '#shared/errors/app-error';
import type { JournalAttempt } from '#shared/model/journal';
import { sleep } from '../lib/abort.ts';
import { failureKind } from './failure-kind.ts';
import { backOffMs } from './retry.ts';
import type { RunContext } from './run-context.ts';
import { placeLabel, planStage, stagePath } from './stage-place.ts';

/**
 * Deletes the staged files of one attempt, with the clean-up keys when there are any, else through the stage. A refusal is a warning that names the
 * place and the permission, never a failure: the rows are loaded. Also works after a cancel.
 */
export async function removeAttemptFiles(
  context: RunContext,
  attempt: Pick<JournalAttempt, 'attemptId' | 'tableId' | 'path'>,
): Promise<void> {
  const { plan, journal, progress, refusedPaths } = context;
  if (refusedPaths.has(attempt.path)) return;
  try {
    await removeBelow(context, attempt.path);
    journal.setCleaned(attempt.attemptId);
  } catch (error) {
    // What may pass is left to the sweep at the end.
    if (isPassing(error)) return;
    refusedPaths.add(attempt.path);
    const text = leftBehind(placeLabel(plan, attempt.path), error);
    progress.addEvent('warning', text, attempt.tableId);
    const { warnings } = progress.table(attempt.tableId);
    progress.updateTable(attempt.tableId, { warnings: [...warnings, text] });
  }
}

/**
 * Deletes everything below the run's own directory that no load will need: what failed, cancelled and crashed tries left, also when the journal does not
 * know them any more. With `keepsStaged`, complete files that are still to be loaded stay.
 */
export async function sweepRun(context: RunContext, { keepsStaged }: { keepsStaged: boolean }): Promise<void> {
  const { plan, journal, progress, runId, refusedPaths } = context;
  const attempts = journal.attempts(runId);
  const kept = keepsStaged ? attempts.filter((attempt) => mayBeLoaded(context, attempt)).map(({ path }) => path) : [];
  const sweep = async (): Promise<void> => {
    const doomed = (await listAttemptPaths(context, `${runId}/`)).filter(
      (path) => !kept.includes(path) && !refusedPaths.has(path),
    );
    for (const path of kept.length === 0 && doomed.length > 0 ? [`${runId}/`] : doomed)
      await removeBelow(context, path);
    for (const attempt of attempts)
      if (!attempt.isCleaned && !kept.includes(attempt.path) && !refusedPaths.has(attempt.path))
        journal.setCleaned(attempt.attemptId);
  };
  for (let tries = 1; ; tries += 1) {
    try {
      return await sweep();
    } catch (error) {
      if (!isPassing(error) || tries === SWEEPS) {
        progress.addEvent('warning', leftBehind(placeLabel(plan, `${runId}/`), error));
        return;
      }
      await sleep(backOffMs(tries), ownSignal(context));
    }
  }
}

const SWEEPS = 3;

/** A side that is away, or an error that a second try may not meet. */
function isPassing(error: unknown): boolean {
  const kind = failureKind(error, null);
  return kind === 'away' || kind === 'again';
}

/** Complete, and not loaded yet. */
function mayBeLoaded({ progress }: RunContext, attempt: JournalAttempt): boolean {
  const partition = progress.partition(attempt.tableId, attempt.partitionId);
  return partition.attemptId === attempt.attemptId && attempt.manifest !== null && partition.state !== 'loaded';
}

/** Directories of attempts that hold files, as the journal writes them: `<run>/<table>/<partition>/<attempt>/`. */
async function listAttemptPaths(context: RunContext, path: string): Promise<string[]> {
  const { plan, connections } = context;
  const { staging, target } = connections;
  const signal = ownSignal(context);
  const inStage = stagePath(plan, '');
  const names =
    staging && plan.staging
      ? (await staging.list(`${keyPrefix(context)}${path}`, { signal })).map(({ key }) =>
          key.slice(keyPrefix(context).length),
        )
      : (await target.listStaged({ stage: planStage(plan), path: stagePath(plan, path) }, { signal })).map((file) =>
          file.path.slice(inStage.length),
        );
  return [...new Set(names.map((name) => name.split('/').slice(0, ATTEMPT_DEPTH).join('/') + '/'))];
}

const ATTEMPT_DEPTH = 4;

async function removeBelow(context: RunContext, path: string): Promise<void> {
  const { plan, connections } = context;
  const signal = ownSignal(context);
  if (!connections.staging) {
    await connections.target.removeStaged({ stage: planStage(plan), path: stagePath(plan, path) }, { signal });
    return;
  }
  const { staging } = connections;
  const objects = await staging.list(`${keyPrefix(context)}${path}`, { signal });
  if (objects.length === 0) return;
  const refused = await staging.remove(
    objects.map(({ key }) => key),
    { signal },
  );
  const first = refused[0];
  if (first)
    throw new AppError('S3_ACCESS_DENIED', {
      facts: { action: 's3:DeleteObject', resource: `s3://${staging.bucket}/${first.key}` },
      raw: first.message,
    });
}

/** The S3 URI's path inside the bucket. */
function keyPrefix({ plan, connections }: RunContext): string {
  return plan.staging && connections.staging
    ? plan.staging.s3Uri.slice(`s3://${connections.staging.bucket}/`.length)
    : '';
}

/** Cleaning up belongs to a cancel, so the cancel does not stop it; only time does. */
function ownSignal({ limits }: RunContext): AbortSignal {
  return AbortSignal.timeout(limits.stagingCallSeconds * 1000);
}

function leftBehind(place: string, error: unknown): string {
  const why = isAbort(error) || isTimeout(error) ? 'deleting them took too long.' : toErrorValue(error).message;
  return `Staged files stay in ${place}: ${why}`;
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}
