import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { TableRef } from '#shared/model/table';
import { call } from './client.ts';
import { projectQuery } from './projects.ts';

/** Tests the saved source settings; main keeps the report in the project. */
export function useTestSource(projectId: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (signal: AbortSignal) => call('source.test', { projectId }, { signal }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: projectQuery(projectId).queryKey }),
  });
}

export function sourceDatabasesQuery(projectId: string) {
  return queryOptions({
    queryKey: ['project', projectId, 'source-databases'],
    queryFn: ({ signal }) => call('source.listDatabases', { projectId }, { signal }),
  });
}

export function sourceTablesQuery(projectId: string) {
  return queryOptions({
    queryKey: ['project', projectId, 'source-tables'],
    queryFn: ({ signal }) => call('source.listTables', { projectId }, { signal }),
    staleTime: 5 * 60_000,
  });
}

/** Five rows of a table; asked for on request only, so give `enabled`. */
export function sourcePreviewQuery(projectId: string, table: TableRef) {
  return queryOptions({
    queryKey: ['project', projectId, 'source-preview', table],
    queryFn: ({ signal }) => call('source.preview', { projectId, table }, { signal }),
    staleTime: Infinity,
  });
}

/** Reads a pasted JDBC URL, ODBC string, account URL or client command line; null when the text is none of them. */
export function parseConnectionText(text: string) {
  return call('source.parseConnectionText', { text });
}
