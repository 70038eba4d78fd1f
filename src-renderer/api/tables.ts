import { queryOptions } from '@tanstack/react-query';
import type { TableRef } from '#shared/model/table';
import { call } from './client.ts';

/** The state of the target of each given source table. */
export function tableTargetsQuery(projectId: string, tables: TableRef[]) {
  return queryOptions({
    queryKey: ['project', projectId, 'table-targets', tables],
    queryFn: ({ signal }) => call('tables.targets', { projectId, tables }, { signal }),
    staleTime: 5 * 60_000,
  });
}

/** Description, target and plan of one table, for the side panel. */
export function tableDetailQuery(projectId: string, table: TableRef) {
  return queryOptions({
    queryKey: ['project', projectId, 'table-detail', table],
    queryFn: ({ signal }) => call('tables.detail', { projectId, table }, { signal }),
  });
}
