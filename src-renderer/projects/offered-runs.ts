import type { ProjectCard } from '#shared/model/project';
import type { RunSummary } from '#shared/model/run';

/**
 * Runs to offer at the start: the newest one of each project, when it stands still before its end. One that ended with failures shows on the card of its
 * project, and its results offer the retry.
 */
export function offeredRuns<
  Run extends Pick<RunSummary, 'runId' | 'projectId' | 'state'>,
  Card extends Pick<ProjectCard, 'id' | 'lastRunId'>,
>(runs: readonly Run[], cards: readonly Card[]): { run: Run; card: Card }[] {
  return runs.flatMap((run) => {
    const card = cards.find(({ id, lastRunId }) => id === run.projectId && lastRunId === run.runId);
    const standsStill = run.state === 'paused' || run.state === 'interrupted';
    return card !== undefined && standsStill ? [{ run, card }] : [];
  });
}
