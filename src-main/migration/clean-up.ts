import { AppError, isAbort, toErrorValue } from '#shared/errors/app-error';
import type { JournalAttempt } from '#shared/model/journal';
import type { RunContext } from './run-context.ts';
import { placeLabel, planStage, stagePath } from './stage-place.ts';

/**
 * Deletes the staged files of one attempt, with the clean-up keys when there are any, else through the stage. A refusal is a warning that names the
 * place and the permission, never a failure: the rows are loaded.
 */
export async function removeAttemptFiles(
  context: RunContext,
  attempt: Pick<JournalAttempt, 'attemptId' | 'tableId' | 'path'>,
): Promise<void> {
  const { plan, connections, journal, progress, signal } = context;
  try {
    if (connections.staging) await removeWithKeys(context, attempt.path);
    else
      await connections.target.removeStaged(
        { stage: planStage(plan), path: stagePath(plan, attempt.path) },
        { signal },
      );
    journal.setCleaned(attempt.attemptId);
  } catch (error) {
    if (isAbort(error)) throw error;
    const { message } = toErrorValue(error);
    const text = `Staged files stay in ${placeLabel(plan, attempt.path)}: ${message}`;
    progress.addEvent('warning', text, attempt.tableId);
    const { warnings } = progress.table(attempt.tableId);
    progress.updateTable(attempt.tableId, { warnings: [...warnings, text] });
  }
}

async function removeWithKeys({ plan, connections, signal }: RunContext, path: string): Promise<void> {
  const { staging } = connections;
  if (!staging || !plan.staging) return;
  const prefix = plan.staging.s3Uri.slice(`s3://${staging.bucket}/`.length);
  const objects = await staging.list(`${prefix}${path}`, { signal });
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
