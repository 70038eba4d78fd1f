import { formatCount } from '#shared/format/count';
import type { TableTask } from '#shared/model/plan';
import { tableLabel } from '#shared/model/table';
import type { RunProgress } from './run-progress.ts';

/** What a cancelled table leaves in Snowflake, in words. */
export function cancelledSentence(progress: Pick<RunProgress, 'stays' | 'runId'>, task: TableTask): string {
  const label = tableLabel(task.source);
  const stays = progress.stays(task.id);
  if (!stays) return `${label} was cancelled. Nothing of it was committed in Snowflake.`;
  const parts = `${stays.partitions} of ${task.partitions.length} partitions`;
  return `${label} was cancelled. ${formatCount(stays.rows)} rows (${parts}) stay in ${tableLabel(stays.table)}; nothing is half-loaded.`;
}
