import type { QueryClient } from '@tanstack/react-query';
import type { RunDelta, RunState } from '#shared/model/run';
import { listen } from './client.ts';
import { mergeCheck } from './merge-check.ts';
import { mergeRunDelta } from './merge-run-delta.ts';
import { practiceProgressQuery } from './practice.ts';
import { projectQuery, projectsQuery, secretStatusQuery } from './projects.ts';
import { runQuery, runsQuery, unfinishedRunsQuery } from './run.ts';
import { liveChecksQuery } from './staging.ts';
import { validationProgressQuery } from './validation.ts';

/** Keeps the query cache in step with main's events. Called once, at start; the answer ends it. */
export function subscribeToEvents(queryClient: QueryClient): () => void {
  const ends = [
    listen('run.changed', (delta) => applyRunDelta(queryClient, delta)),
    listen('projects.changed', ({ projectId }) => {
      void queryClient.invalidateQueries({ queryKey: projectsQuery().queryKey });
      void queryClient.invalidateQueries({ queryKey: projectQuery(projectId).queryKey });
      void queryClient.invalidateQueries({ queryKey: secretStatusQuery(projectId).queryKey });
    }),
    listen('staging.checkProgress', ({ projectId, check }) => {
      queryClient.setQueryData(liveChecksQuery(projectId).queryKey, (known) => mergeCheck(known ?? [], check));
    }),
    listen('practice.progress', ({ text }) => queryClient.setQueryData(practiceProgressQuery().queryKey, text)),
    listen('validation.progress', ({ runId, done, total }) =>
      queryClient.setQueryData(validationProgressQuery(runId).queryKey, { done, total }),
    ),
  ];
  return () => ends.forEach((end) => end());
}

function applyRunDelta(queryClient: QueryClient, delta: RunDelta): void {
  const { queryKey } = runQuery(delta.runId);
  const known = queryClient.getQueryData(queryKey);
  if (known !== undefined) {
    const merged = mergeRunDelta(known, delta);
    if (merged === null) void queryClient.invalidateQueries({ queryKey });
    else if (merged !== known) queryClient.setQueryData(queryKey, merged);
  }
  // The list may be older than the run that a page shows: it is asked for again whenever it says something else.
  const listed =
    delta.projectId === null
      ? undefined
      : queryClient.getQueryData(runsQuery(delta.projectId).queryKey)?.find(({ runId }) => runId === delta.runId);
  const isNews = (known !== undefined && known.state !== delta.state) || isOther(listed?.state, delta.state);
  if (isNews && delta.projectId !== null) {
    void queryClient.invalidateQueries({ queryKey: runsQuery(delta.projectId).queryKey });
    void queryClient.invalidateQueries({ queryKey: projectQuery(delta.projectId).queryKey });
    void queryClient.invalidateQueries({ queryKey: projectsQuery().queryKey });
    void queryClient.invalidateQueries({ queryKey: unfinishedRunsQuery().queryKey });
  }
}

function isOther(listed: RunState | undefined, now: RunState): boolean {
  return listed === undefined ? now !== 'running' : listed !== now;
}
