import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { CallInput } from '#shared/ipc/contract';
import { call } from './client.ts';
import { projectQuery } from './projects.ts';

export function namedConnectionsQuery() {
  return queryOptions({
    queryKey: ['snowflake', 'named-connections'],
    queryFn: ({ signal }) => call('snowflake.namedConnections', undefined, { signal }),
  });
}

/** Tests the saved Snowflake settings. The passcode of the moment goes with this one login and is kept nowhere. */
export function useTestSnowflake(projectId: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ signal, passcode }: { signal: AbortSignal; passcode: string }) =>
      call('snowflake.test', passcode === '' ? { projectId } : { projectId, passcode }, { signal }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: projectQuery(projectId).queryKey }),
  });
}

export type SnowflakeListing = Omit<CallInput<'snowflake.list'>, 'projectId'>;

/** Databases, schemas of a database, stages of a schema, warehouses, roles or storage integrations that the role sees. */
export function snowflakeListQuery(projectId: string, listing: SnowflakeListing) {
  return queryOptions({
    queryKey: ['project', projectId, 'snowflake-list', listing],
    queryFn: ({ signal }) => call('snowflake.list', { projectId, ...listing }, { signal }),
  });
}

export type StageRequest = Omit<CallInput<'snowflake.stageDdl'>, 'projectId'>;

/** The statement that would create the stage, secrets masked. */
export function stageDdlQuery(projectId: string, request: StageRequest) {
  return queryOptions({
    queryKey: ['project', projectId, 'stage-ddl', request],
    queryFn: ({ signal }) => call('snowflake.stageDdl', { projectId, ...request }, { signal }),
  });
}

export function useCreateStage(projectId: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (request: StageRequest) => call('snowflake.createStage', { projectId, ...request }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['project', projectId, 'snowflake-list'] }),
  });
}
