import { queryOptions } from '@tanstack/react-query';
import type { TableRef } from '#shared/model/table';
import { call } from './client.ts';

/** The state of the target of each given source table. `basis` is what the answer depends on besides: the target rule. */
export function tableTargetsQuery(projectId: string, tables: TableRef[], basis: string) {
  return queryOptions({
    queryKey: ['project', projectId, 'table-targets', tables, basis],
    queryFn: ({ signal }) => call('tables.targets', { projectId, tables }, { signal }),
    staleTime: 5 * 60_000,
  });
}

/** Description, target and plan of one table, for the side panel. `basis` is what the answer depends on besides. */
export function tableDetailQuery(projectId: string, table: TableRef, basis: string) {
  return queryOptions({
    queryKey: ['project', projectId, 'table-detail', table, basis],
    queryFn: ({ signal }) => call('tables.detail', { projectId, table }, { signal }),
  });
}
