import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from './client.ts';
import { projectQuery, projectsQuery } from './projects.ts';

export function practiceAvailableQuery() {
  return queryOptions({
    queryKey: ['practice', 'available'],
    queryFn: ({ signal }) => call('practice.available', undefined, { signal }),
    staleTime: Infinity,
  });
}

/** What the start of the practice environment is doing (`practice.progress`); empty while it is not starting. */
export function practiceProgressQuery() {
  return queryOptions({
    queryKey: ['practice', 'progress'],
    queryFn: () => '',
    initialData: '',
    staleTime: Infinity,
  });
}

export function useStartPractice() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (signal: AbortSignal) => call('practice.start', undefined, { signal }),
    onSuccess: (project) => {
      queryClient.setQueryData(projectQuery(project.id).queryKey, project);
      void queryClient.invalidateQueries({ queryKey: projectsQuery().queryKey });
    },
    onSettled: () => queryClient.setQueryData(practiceProgressQuery().queryKey, ''),
  });
}
