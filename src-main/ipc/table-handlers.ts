import type { TableTarget } from '#shared/ipc/contract';
import { tableKey, type TableRef } from '#shared/model/table';
import { tableSelectionSchema, type Project, type TableSelection } from '#shared/model/project';
import type { Core } from '../compose.ts';
import { planInputOfProject } from '../migration/plan-input.ts';
import { preparePlan } from '../migration/prepare-plan.ts';
import { describeOne } from './describe-one.ts';
import { openProject } from './project-context.ts';
import type { Handlers } from './call-door.ts';

type TableCalls = 'tables.targets' | 'tables.detail';

export function createTableHandlers(core: Core): Pick<Handlers, TableCalls> {
  return {
    'tables.targets': async ({ projectId, tables }, { signal }) => {
      if (tables.length === 0) return [];
      const { project, source, target } = await openProject(core, projectId);
      const input = { ...planInputOfProject(project), staging: null, selection: selectionsOf(project, tables) };
      const plan = await preparePlan(input, { source: source(), target: target(), withProfile: false, signal });
      return plan.tables.map((task): TableTarget => {
        const differs = task.differences.length > 0;
        return {
          source: task.source,
          target: task.target,
          state: task.targetState === 'missing' ? 'missing' : differs ? 'differs' : 'exists',
          targetRows: task.targetRows,
          differences: task.differences,
        };
      });
    },
    'tables.detail': async ({ projectId, table }, { signal }) => {
      const { project, source, target } = await openProject(core, projectId);
      const input = { ...planInputOfProject(project), staging: null, selection: selectionsOf(project, [table]) };
      const [description, plan] = await Promise.all([
        describeOne(source(), table, signal),
        preparePlan(input, { source: source(), target: target(), withProfile: false, signal }),
      ]);
      const task = plan.tables[0];
      if (!task) throw new Error('a plan of one table has no table');
      const [targetTable = null] = await target().describeTables([task.target], { signal });
      return { description, target: targetTable, plan: task };
    },
  };
}

/** What the project says about these tables; one that is not selected yet is looked at with the project's defaults. */
function selectionsOf(project: Project, tables: TableRef[]): TableSelection[] {
  const chosen = new Map(project.selection.map((selection) => [tableKey(selection.source), selection]));
  return tables.map((source) => chosen.get(tableKey(source)) ?? tableSelectionSchema.parse({ source }));
}
