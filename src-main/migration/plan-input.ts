import type { StagingSettings } from '#shared/model/connection-settings';
import type { Project, RunOptions, TableSelection, TargetRule } from '#shared/model/project';

/** What a plan is made from, whether it comes from the wizard or from a workflow file. */
export interface PlanInput {
  projectId: string | null;
  strategy: Project['strategy'];
  staging: StagingSettings | null;
  targetRule: TargetRule;
  options: RunOptions;
  selection: TableSelection[];
}

export function planInputOfProject(project: Project): PlanInput {
  return {
    projectId: project.id,
    strategy: project.strategy,
    staging: project.strategy === 'unload' ? project.staging : null,
    targetRule: project.targetRule,
    options: project.options,
    selection: project.selection,
  };
}
