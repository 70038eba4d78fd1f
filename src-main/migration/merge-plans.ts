import type { JournalAttempt } from '#shared/model/journal';
import type { MigrationPlan, TableTask } from '#shared/model/plan';
import type { RunProgress } from './run-progress.ts';
import { planStage } from './stage-place.ts';

/** What the journal says of the run. */
interface WhatIsKnown {
  partitions: RunProgress['partitions'];
  attempts: Pick<JournalAttempt, 'tableId' | 'sessionId'>[];
  /** What files beside the journal say; null: it may be any. */
  begunTables: string[] | null;
}

/**
 * The plan with which a run goes on after the user has mended something: settings are those of now; a table keeps its task when rows of it are staged or
 * loaded already, or when a load of it has begun: only the ledger knows then what became of it, and it knows partitions by their place in that
 * task. Else it gets the new one (new columns, a target that exists by now, no longer blocked). Tables stay the run's tables.
 */
export function mergePlans(earlier: MigrationPlan, fresh: MigrationPlan, known: WhatIsKnown): MigrationPlan {
  const freshTasks = new Map(fresh.tables.map((task) => [task.id, task]));
  const isSamePlace =
    earlier.strategy === fresh.strategy &&
    earlier.staging?.s3Uri === fresh.staging?.s3Uri &&
    earlier.stagePrefix === fresh.stagePrefix &&
    JSON.stringify(planStage(earlier)) === JSON.stringify(planStage(fresh));
  const loadBegun = new Set([
    ...known.attempts.flatMap(({ sessionId, tableId }) => (sessionId === null ? [] : [tableId])),
    ...(known.begunTables ?? earlier.tables.map(({ id }) => id)),
  ]);
  return {
    ...earlier,
    id: fresh.id,
    createdAt: fresh.createdAt,
    strategy: fresh.strategy,
    staging: fresh.staging,
    stagePrefix: fresh.stagePrefix,
    options: fresh.options,
    tables: earlier.tables.map((task) => {
      const freshTask = freshTasks.get(task.id);
      const hasBegun = loadBegun.has(task.id) || isStaged(task, known, isSamePlace);
      return freshTask && !hasBegun ? freshTask : task;
    }),
  };
}

/** Staged files count only while the run looks for them in the same place. */
function isStaged(task: TableTask, known: WhatIsKnown, isSamePlace: boolean): boolean {
  return known
    .partitions(task.id)
    .some(({ state }) => state === 'loaded' || state === 'loading' || (isSamePlace && state === 'staged'));
}
