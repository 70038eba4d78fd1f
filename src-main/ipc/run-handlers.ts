import { AppError } from '#shared/errors/app-error';
import type { EventPayloads } from '#shared/ipc/contract';
import type { MigrationPlan } from '#shared/model/plan';
import type { RunSnapshot } from '#shared/model/run';
import type { Core } from '../compose.ts';
import { planInputOfProject } from '../migration/plan-input.ts';
import { planStatements } from '../migration/plan-statements.ts';
import { preparePlan } from '../migration/prepare-plan.ts';
import { buildRunReport, toCsv } from '../migration/run-report.ts';
import { runChecks } from '../validation/run-checks.ts';
import { openProject } from './project-context.ts';
import type { Handlers } from './call-door.ts';

type RunCalls = Extract<keyof Handlers, `plan.${string}` | `run.${string}` | `validation.${string}`>;

export interface RunHandlerOptions {
  core: Core;
  /** Asks where to save and writes the text there; the path, or null when cancelled. */
  saveFile(request: { suggestedName: string; text: string }): Promise<string | null>;
  sendValidationProgress(payload: EventPayloads['validation.progress']): void;
}

export function createRunHandlers({
  core,
  saveFile,
  sendValidationProgress,
}: RunHandlerOptions): Pick<Handlers, RunCalls> {
  const { runs, journal } = core;
  const planOfProject = async (projectId: string, signal: AbortSignal): Promise<MigrationPlan> => {
    const { project, source, target } = await openProject(core, projectId);
    return preparePlan(planInputOfProject(project), { source: source(), target: target(), withProfile: true, signal });
  };
  const requirePlan = (planId: string): MigrationPlan => {
    const plan = journal.readPlan(planId);
    if (!plan) throw new AppError('PLAN_OUTDATED');
    return plan;
  };
  const noted = async (snapshot: RunSnapshot): Promise<RunSnapshot> => {
    if (snapshot.projectId) await core.projects.record(snapshot.projectId, { lastRunId: snapshot.runId });
    return snapshot;
  };

  return {
    'plan.build': async ({ projectId }, { signal }) => {
      const plan = await planOfProject(projectId, signal);
      journal.savePlan(plan);
      return plan;
    },
    'plan.get': ({ planId }) => Promise.resolve().then(() => requirePlan(planId)),
    'plan.statements': async ({ planId, tableId, partitionId }) => {
      const plan = requirePlan(planId);
      const { source, target } = await openProject(core, plan.projectId ?? '');
      return planStatements(plan, { tableId, partitionId }, { source: source().dialect, target: target().dialect });
    },
    'run.start': async ({ planId }) => noted(runs.start(requirePlan(planId))),
    'run.pause': ({ runId }) => Promise.resolve().then(() => runs.pause(runId)),
    'run.resume': ({ runId }) => Promise.resolve().then(() => runs.resume(runId)),
    'run.cancel': ({ runId }) => Promise.resolve().then(() => runs.cancel(runId)),
    'run.retry': async ({ runId, which, existingRows, tableIds }, { signal }) => {
      if (which === 'all') return noted(runs.startAgain(runId, { existingRows, tableIds }));
      const { projectId } = runs.plan(runId);
      const freshPlan = projectId ? await planOfProject(projectId, signal) : undefined;
      return noted(runs.resume(runId, { freshPlan, tableIds }));
    },
    'run.setLanes': ({ runId, ...lanes }) => Promise.resolve().then(() => runs.setLanes(runId, lanes)),
    'run.pauseTable': ({ runId, tableId }) => Promise.resolve().then(() => runs.pauseTable(runId, tableId)),
    'run.resumeTable': ({ runId, tableId }) => Promise.resolve().then(() => runs.resumeTable(runId, tableId)),
    'run.cancelTable': ({ runId, tableId }) => Promise.resolve().then(() => runs.cancelTable(runId, tableId)),
    'run.retryTables': ({ runId, tableIds }) => Promise.resolve().then(() => runs.retryTables(runId, tableIds)),
    'run.setTableLanes': ({ runId, tableId, ...own }) =>
      Promise.resolve().then(() => runs.setTableLanes(runId, tableId, own)),
    'run.continueWith': async ({ runId, secrets }) => {
      const { projectId } = runs.plan(runId);
      if (projectId && Object.keys(secrets).length > 0) await core.secrets.write(projectId, secrets);
      return noted(runs.resume(runId));
    },
    'run.errors': ({ runId, tableId, partitionId }) =>
      Promise.resolve().then(() => runs.errors(runId, tableId, partitionId)),
    'run.unfinished': () => Promise.resolve().then(() => runs.unfinished()),
    'run.journalFindings': () => Promise.resolve(journal.findings),
    'run.snapshot': ({ runId }) => Promise.resolve().then(() => runs.snapshot(runId)),
    'run.list': ({ projectId }) => Promise.resolve().then(() => runs.list(projectId)),
    'run.partitions': ({ runId, tableId }) => Promise.resolve().then(() => runs.partitions(runId, tableId)),
    'run.events': ({ runId, before = null, limit }) =>
      Promise.resolve().then(() => runs.events(runId, { before, limit })),
    'run.export': ({ runId, format }) => {
      const report = buildRunReport(runs.snapshot(runId), journal.readValidation(runId));
      const text = format === 'csv' ? toCsv(report) : `${JSON.stringify(report, null, 2)}\n`;
      return saveFile({ suggestedName: `snowferry-results-${runId.slice(0, 8)}.${format}`, text });
    },
    'validation.run': async ({ runId }, { signal }) => {
      const plan = runs.plan(runId);
      const { source, target } = await openProject(core, plan.projectId ?? '');
      const report = await runChecks({
        runId,
        plan,
        source: source(),
        target: target(),
        signal,
        onProgress: (done, total) => sendValidationProgress({ runId, done, total }),
      });
      journal.saveValidation(runId, report);
      return report;
    },
    'validation.latest': ({ runId }) => Promise.resolve().then(() => journal.readValidation(runId)),
  };
}
