import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { CallInput } from '#shared/ipc/contract';
import type { SecretSlot } from '#shared/model/connection-settings';
import type { RunSnapshot } from '#shared/model/run';
import { call } from './client.ts';
import { projectQuery, projectsQuery, secretStatusQuery } from './projects.ts';

/** A run as it is now. Deltas of main are merged into this entry (events.ts), so it is asked for once. */
export function runQuery(runId: string) {
  return queryOptions({
    queryKey: ['run', runId, 'snapshot'],
    queryFn: ({ signal }) => call('run.snapshot', { runId }, { signal }),
    staleTime: Infinity,
  });
}

/** Runs of a project, newest first. */
export function runsQuery(projectId: string) {
  return queryOptions({
    queryKey: ['project', projectId, 'runs'],
    queryFn: ({ signal }) => call('run.list', { projectId }, { signal }),
  });
}

export function partitionsQuery(runId: string, tableId: string) {
  return queryOptions({
    queryKey: ['run', runId, 'partitions', tableId],
    queryFn: ({ signal }) => call('run.partitions', { runId, tableId }, { signal }),
    staleTime: 0,
  });
}

/** Events older than those of the snapshot, by page. */
export function runEventsQuery(runId: string, before: number | undefined, limit = 200) {
  return queryOptions({
    queryKey: ['run', runId, 'events', before ?? 'newest', limit],
    queryFn: ({ signal }) =>
      call('run.events', before === undefined ? { runId, limit } : { runId, before, limit }, { signal }),
  });
}

export function useStartRun() {
  const remember = useRememberRun();
  return useMutation({ mutationFn: (planId: string) => call('run.start', { planId }), onSuccess: remember });
}

/** Pause finishes what runs and starts nothing new; cancel ends what runs; resume goes on. */
export function useSteerRun(runId: string) {
  const remember = useRememberRun();
  return useMutation({
    mutationFn: (action: 'pause' | 'resume' | 'cancel') => call(`run.${action}`, { runId }),
    onSuccess: remember,
  });
}

export function useRetryRun() {
  const remember = useRememberRun();
  return useMutation({ mutationFn: (input: CallInput<'run.retry'>) => call('run.retry', input), onSuccess: remember });
}

export function useSetLanes(runId: string) {
  const remember = useRememberRun();
  return useMutation({
    mutationFn: (lanes: Omit<CallInput<'run.setLanes'>, 'runId'>) => call('run.setLanes', { runId, ...lanes }),
    onSuccess: remember,
  });
}

/** Limits of one table; null gives it back to those of the run. */
export function useSetTableLanes(runId: string) {
  const remember = useRememberRun();
  return useMutation({
    mutationFn: (lanes: Omit<CallInput<'run.setTableLanes'>, 'runId'>) =>
      call('run.setTableLanes', { runId, ...lanes }),
    onSuccess: remember,
  });
}

export type TableAction = 'pause' | 'resume' | 'retry' | 'cancel';

/** Steers one table while the others go on. */
export function useSteerTable(runId: string) {
  const remember = useRememberRun();
  return useMutation({
    mutationFn: ({ tableId, action }: { tableId: string; action: TableAction }) => {
      switch (action) {
        case 'pause':
          return call('run.pauseTable', { runId, tableId });
        case 'resume':
          return call('run.resumeTable', { runId, tableId });
        case 'cancel':
          return call('run.cancelTable', { runId, tableId });
        case 'retry':
          return call('run.retryTables', { runId, tableIds: [tableId] });
      }
    },
    onSuccess: remember,
  });
}

/** Stores the secrets that a paused run asks for, with its project, and goes on. */
export function useContinueRun(runId: string) {
  const queryClient = useQueryClient();
  const remember = useRememberRun();
  return useMutation({
    mutationFn: (secrets: Partial<Record<SecretSlot, string>>) => call('run.continueWith', { runId, secrets }),
    onSuccess: async (snapshot) => {
      if (snapshot.projectId !== null)
        void queryClient.invalidateQueries({ queryKey: secretStatusQuery(snapshot.projectId).queryKey });
      await remember(snapshot);
    },
  });
}

/** All failed tries of a partition, oldest first. */
export function partitionErrorsQuery(runId: string, tableId: string, partitionId: string) {
  return queryOptions({
    queryKey: ['run', runId, 'errors', tableId, partitionId],
    queryFn: ({ signal }) => call('run.errors', { runId, tableId, partitionId }, { signal }),
    staleTime: 0,
  });
}

/** Runs of all projects that can go on, newest first. */
export function unfinishedRunsQuery() {
  return queryOptions({
    queryKey: ['runs', 'unfinished'],
    queryFn: ({ signal }) => call('run.unfinished', undefined, { signal }),
    staleTime: 0,
  });
}

/** What was wrong with the journal when the app started. */
export function journalFindingsQuery() {
  return queryOptions({
    queryKey: ['runs', 'journal-findings'],
    queryFn: ({ signal }) => call('run.journalFindings', undefined, { signal }),
    staleTime: Infinity,
  });
}

/** Asks for a place and writes the results there; the answer is the path, or null when cancelled. */
export function useExportRun(runId: string) {
  return useMutation({ mutationFn: (format: 'csv' | 'json') => call('run.export', { runId, format }) });
}

function useRememberRun() {
  const queryClient = useQueryClient();
  return async (snapshot: RunSnapshot) => {
    queryClient.setQueryData(runQuery(snapshot.runId).queryKey, snapshot);
    // Events may have overtaken this answer: the run is asked for as it is now.
    void queryClient.invalidateQueries({ queryKey: runQuery(snapshot.runId).queryKey });
    void queryClient.invalidateQueries({ queryKey: unfinishedRunsQuery().queryKey });
    if (snapshot.projectId === null) return;
    await Promise.all([
      queryClient.invalidateQueries({ queryKey: projectQuery(snapshot.projectId).queryKey }),
      queryClient.invalidateQueries({ queryKey: runsQuery(snapshot.projectId).queryKey }),
      queryClient.invalidateQueries({ queryKey: projectsQuery().queryKey }),
    ]);
  };
}
