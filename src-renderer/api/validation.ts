import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from './client.ts';

/** The newest comparison of a run's tables; null before the first one. */
export function validationQuery(runId: string) {
  return queryOptions({
    queryKey: ['run', runId, 'validation'],
    queryFn: ({ signal }) => call('validation.latest', { runId }, { signal }),
    staleTime: Infinity,
  });
}

export interface ValidationProgress {
  done: number;
  /** 0 while no comparison runs. */
  total: number;
}

/** How far the comparison in progress is (`validation.progress`). */
export function validationProgressQuery(runId: string) {
  return queryOptions({
    queryKey: ['run', runId, 'validation-progress'],
    queryFn: (): ValidationProgress => NOT_RUNNING,
    initialData: (): ValidationProgress => NOT_RUNNING,
    staleTime: Infinity,
  });
}

export function useRunValidation(runId: string) {
  const queryClient = useQueryClient();
  const progressKey = validationProgressQuery(runId).queryKey;
  return useMutation({
    mutationFn: (signal: AbortSignal) => call('validation.run', { runId }, { signal }),
    onSuccess: (report) => queryClient.setQueryData(validationQuery(runId).queryKey, report),
    onSettled: () => queryClient.setQueryData(progressKey, NOT_RUNNING),
  });
}

const NOT_RUNNING: ValidationProgress = { done: 0, total: 0 };
