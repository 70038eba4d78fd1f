import { queryOptions, useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query';
import type { Project, ProjectPatch } from '#shared/model/project';
import type { SecretStatus } from '#shared/ipc/contract';
import type { SecretSlot } from '#shared/model/connection-settings';
import { call } from './client.ts';

export function projectsQuery() {
  return queryOptions({
    queryKey: ['projects', 'list'],
    queryFn: ({ signal }) => call('projects.list', undefined, { signal }),
  });
}

export function projectQuery(projectId: string) {
  return queryOptions({
    queryKey: ['project', projectId, 'value'],
    queryFn: ({ signal }) => call('projects.get', { projectId }, { signal }),
    staleTime: Infinity,
  });
}

export function secretStatusQuery(projectId: string) {
  return queryOptions({
    queryKey: ['project', projectId, 'secrets'],
    queryFn: ({ signal }) => call('secrets.status', { projectId }, { signal }),
    staleTime: Infinity,
  });
}

export function useCreateProject() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (input: { name: string; sourceKind: Project['sourceKind'] }) => call('projects.create', input),
    onSuccess: (project) => rememberProject(queryClient, project),
  });
}

export function useDuplicateProject() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (projectId: string) => call('projects.duplicate', { projectId }),
    onSuccess: (project) => rememberProject(queryClient, project),
  });
}

export function useDeleteProject() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (projectId: string) => call('projects.delete', { projectId }),
    onSuccess: async (_, projectId) => {
      queryClient.removeQueries({ queryKey: ['project', projectId] });
      await queryClient.invalidateQueries({ queryKey: projectsQuery().queryKey });
    },
  });
}

/** What to change: a patch, or a function of the newest project (for drafts and other parts that are changed, not replaced). */
export type ProjectChange = ProjectPatch | ((project: Project) => ProjectPatch);

/**
 * Changes a project. Changes of one project run one after the other, each on the revision that the one before it left, so that quick changes of one
 * window never refuse each other.
 */
export function useUpdateProject(projectId: string) {
  const queryClient = useQueryClient();
  return useMutation({
    scope: { id: `project-${projectId}` },
    mutationFn: (change: ProjectChange) => updateProject(queryClient, projectId, change),
  });
}

/** Stores secrets, or forgets those that are null. */
export function useSetSecrets(projectId: string) {
  const onSuccess = useRememberSecrets(projectId);
  return useMutation({
    mutationFn: (values: Partial<Record<SecretSlot, string | null>>) => call('secrets.set', { projectId, values }),
    onSuccess,
  });
}

/** Takes the secrets of a named Snowflake connection over into the project; the window never sees them. */
export function useAdoptNamedSecrets(projectId: string) {
  const onSuccess = useRememberSecrets(projectId);
  return useMutation({
    mutationFn: (fromNamedConnection: string) => call('secrets.set', { projectId, values: {}, fromNamedConnection }),
    onSuccess,
  });
}

function useRememberSecrets(projectId: string) {
  const queryClient = useQueryClient();
  return async (status: SecretStatus) => {
    queryClient.setQueryData(secretStatusQuery(projectId).queryKey, status);
    await queryClient.invalidateQueries({ queryKey: projectQuery(projectId).queryKey });
  };
}

async function updateProject(queryClient: QueryClient, projectId: string, change: ProjectChange): Promise<Project> {
  const { queryKey } = projectQuery(projectId);
  const current = queryClient.getQueryData(queryKey) ?? (await call('projects.get', { projectId }));
  try {
    return await sendChange(queryClient, current, change);
  } catch (error) {
    const newest = await call('projects.get', { projectId });
    queryClient.setQueryData(queryKey, newest);
    // A function can be applied to whatever another window left; a plain patch might undo it.
    if (typeof change !== 'function' || newest.revision === current.revision) throw error;
    return sendChange(queryClient, newest, change);
  }
}

async function sendChange(queryClient: QueryClient, current: Project, change: ProjectChange): Promise<Project> {
  const patch = typeof change === 'function' ? change(current) : change;
  if (Object.keys(patch).length === 0) return current;
  const project = await call('projects.update', { projectId: current.id, revision: current.revision, patch });
  rememberProject(queryClient, project);
  return project;
}

function rememberProject(queryClient: QueryClient, project: Project): void {
  queryClient.setQueryData(projectQuery(project.id).queryKey, project);
  void queryClient.invalidateQueries({ queryKey: projectsQuery().queryKey });
}
