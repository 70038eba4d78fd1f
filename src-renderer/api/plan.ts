import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from './client.ts';

/** Makes the plan of the project as it is now. */
export function useBuildPlan(projectId: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (signal: AbortSignal) => call('plan.build', { projectId }, { signal }),
    onSuccess: (plan) => queryClient.setQueryData(planQuery(plan.id).queryKey, plan),
  });
}

export function planQuery(planId: string) {
  return queryOptions({
    queryKey: ['plan', planId],
    queryFn: ({ signal }) => call('plan.get', { planId }, { signal }),
    staleTime: Infinity,
  });
}

/** The statements of one partition, for reading. */
export function statementsQuery(planId: string, tableId: string, partitionId: string) {
  return queryOptions({
    queryKey: ['plan', planId, 'statements', tableId, partitionId],
    queryFn: ({ signal }) => call('plan.statements', { planId, tableId, partitionId }, { signal }),
    staleTime: Infinity,
  });
}
