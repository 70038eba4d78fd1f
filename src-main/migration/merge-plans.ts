import type { MigrationPlan, TableTask } from '#shared/model/plan';
import type { RunProgress } from './run-progress.ts';

/**
 * The plan with which a run goes on after the user has mended something: settings are those of now; a table keeps its task when rows of it are staged or
 * loaded already, else it gets the new one (new columns, a target that exists by now, no longer blocked). Tables stay the run's tables.
 */
export function mergePlans(
  earlier: MigrationPlan,
  fresh: MigrationPlan,
  progress: Pick<RunProgress, 'partitions'>,
): MigrationPlan {
  const freshTasks = new Map(fresh.tables.map((task) => [task.id, task]));
  const isSamePlace = earlier.staging?.s3Uri === fresh.staging?.s3Uri && earlier.stagePrefix === fresh.stagePrefix;
  return {
    ...earlier,
    id: fresh.id,
    createdAt: fresh.createdAt,
    staging: fresh.staging,
    stagePrefix: fresh.stagePrefix,
    options: fresh.options,
    tables: earlier.tables.map((task) => {
      const freshTask = freshTasks.get(task.id);
      return freshTask && !hasBegun(task, progress, isSamePlace) ? freshTask : task;
    }),
  };
}

/** Staged files count only while the run looks for them in the same place. */
function hasBegun(task: TableTask, progress: Pick<RunProgress, 'partitions'>, isSamePlace: boolean): boolean {
  return progress
    .partitions(task.id)
    .some(({ state }) => state === 'loaded' || (isSamePlace && (state === 'staged' || state === 'loading')));
}
