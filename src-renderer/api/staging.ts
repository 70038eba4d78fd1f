import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { CheckResult } from '#shared/model/check';
import { call } from './client.ts';
import { mergeCheck } from './merge-check.ts';
import { projectQuery } from './projects.ts';

/** Checks of the S3 page as they come in while they run (`staging.checkProgress`); empty before the first one of this session. */
export function liveChecksQuery(projectId: string) {
  return queryOptions({
    queryKey: ['project', projectId, 'live-checks'],
    queryFn: (): CheckResult[] => [],
    initialData: (): CheckResult[] => [],
    staleTime: Infinity,
    gcTime: Infinity,
  });
}

/** Runs all checks of the S3 page, or the one with the id `only`. */
export function useCheckStaging(projectId: string) {
  const queryClient = useQueryClient();
  const { queryKey } = liveChecksQuery(projectId);
  return useMutation({
    mutationFn: ({ only, signal }: { only?: string; signal: AbortSignal }) => {
      if (only === undefined) queryClient.setQueryData(queryKey, []);
      return call('staging.check', only === undefined ? { projectId } : { projectId, only }, { signal });
    },
    onSuccess: (checks) => queryClient.setQueryData(queryKey, (known) => checks.reduce(mergeCheck, known ?? [])),
    onSettled: () => queryClient.invalidateQueries({ queryKey: projectQuery(projectId).queryKey }),
  });
}

/** Both IAM policies, filled in for a bucket. */
export function policiesQuery(s3Uri: string) {
  return queryOptions({
    queryKey: ['staging', 'policies', s3Uri],
    queryFn: ({ signal }) => call('staging.policies', { s3Uri }, { signal }),
    staleTime: Infinity,
  });
}

export function regionQuery(projectId: string, s3Uri: string) {
  return queryOptions({
    queryKey: ['project', projectId, 'bucket-region', s3Uri],
    queryFn: ({ signal }) => call('staging.detectRegion', { projectId, s3Uri }, { signal }),
    staleTime: Infinity,
  });
}
