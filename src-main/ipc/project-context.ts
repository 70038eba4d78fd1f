import type { Secrets } from '#shared/model/connection-settings';
import type { Project } from '#shared/model/project';
import type { Core } from '../compose.ts';
import type { Source } from '../sources/source.ts';
import type { Staging } from '../staging/staging.ts';
import type { Target } from '../targets/target.ts';

/** A project with its secrets, and its connected sides as they are asked for. */
export interface ProjectContext {
  project: Project;
  secrets: Secrets;
  source(): Source;
  target(): Target;
  staging(): Staging | null;
}

export async function openProject(core: Core, projectId: string): Promise<ProjectContext> {
  const project = await core.projects.get(projectId);
  const secrets = await core.secrets.read(projectId);
  return {
    project,
    secrets,
    source: () => core.connections.source(project, secrets),
    target: () => core.connections.target(project, secrets),
    staging: () => core.connections.staging(project, secrets),
  };
}
