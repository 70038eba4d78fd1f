import {
  sourceSettingsSchema,
  snowflakeSettingsSchema,
  stagingSettingsSchema,
  type SecretSlot,
} from '#shared/model/connection-settings';
import type { Project } from '#shared/model/project';
import type { RunState, RunSummary } from '#shared/model/run';
import type { ValidationReport } from '#shared/model/validation';
import { settingsDigest } from '#shared/model/settings-digest';
import type { z } from 'zod';
import { STEP_LABELS, stepsOf, type StepId } from './steps.ts';

export const STEP_STATES = ['done', 'waiting', 'running', 'failed', 'blocked'] as const;
export type StepState = (typeof STEP_STATES)[number];

export interface StepStatus {
  id: StepId;
  label: string;
  state: StepState;
  /** Why the step is blocked or failed, or what it waits for; null when the state says enough. */
  reason: string | null;
}

type LastRun = Pick<RunSummary, 'state' | 'totals' | 'finishedAt'>;
type LastComparison = Pick<ValidationReport, 'startedAt' | 'counts'>;

/**
 * The state of every step of a project, in order. `lastRun` is the newest run, null before the first one; `comparison` the newest data validation of that
 * run, null before the first one.
 */
export function buildStepStates(
  project: Project,
  lastRun: LastRun | null,
  comparison: LastComparison | null = null,
  /** Secrets that the settings need and that are not stored any more: without a keychain they are forgotten when the app closes. */
  missingSecrets: readonly SecretSlot[] = [],
): StepStatus[] {
  const states = new Map<StepId, Judgement>();
  return stepsOf(project).map((id) => {
    const judgement = judge(id, { project, lastRun, comparison, missingSecrets }, states);
    states.set(id, judgement);
    return { id, label: STEP_LABELS[id], ...judgement };
  });
}

/** The step to open first: what runs, else the first that is neither done nor blocked, else the last one that can be opened. */
export function firstOpenStep(steps: readonly StepStatus[]): StepId {
  const running = steps.find((step) => step.state === 'running');
  const next = running ?? steps.find((step) => step.state === 'waiting' || step.state === 'failed');
  return (next ?? steps.findLast((step) => step.state !== 'blocked'))?.id ?? 'source';
}

/** Steps that rely on a page's settings and hold something that a change makes stale, for the question before it is applied. */
export function stepsAffectedBy(changed: 'source' | 'snowflake' | 'staging', project: Project): string[] {
  const affected: string[] = [];
  const add = (id: StepId, isHeld: boolean, what: string) => isHeld && affected.push(`${STEP_LABELS[id]}: ${what}`);
  if (changed !== 'staging') {
    add('staging', project.stagingCheck !== null && project.strategy === 'unload', 'the checks have to run again.');
  }
  if (changed === 'source')
    add('tables', project.selection.length > 0, 'the selected tables are looked up in the new source.');
  if (changed === 'snowflake') add('tables', project.selection.length > 0, 'the target tables are compared again.');
  return affected;
}

interface Facts {
  project: Project;
  lastRun: LastRun | null;
  comparison: LastComparison | null;
  missingSecrets: readonly SecretSlot[];
}

interface Judgement {
  state: StepState;
  reason: string | null;
}

function judge(
  id: StepId,
  { project, lastRun, comparison, missingSecrets }: Facts,
  before: ReadonlyMap<StepId, Judgement>,
): Judgement {
  switch (id) {
    case 'source':
      return (
        missing(missingSecrets, 'source.') ?? judgeTested(sourceSettingsSchema, project.source, project.sourceTest)
      );
    case 'snowflake':
      return (
        missing(missingSecrets, 'snowflake.') ??
        judgeTested(snowflakeSettingsSchema, project.snowflake, project.snowflakeTest)
      );
    case 'staging':
      return needs(before, ['source', 'snowflake']) ?? missing(missingSecrets, 's3.') ?? judgeStaging(project);
    case 'tables':
      return needs(before, ['source', 'snowflake', 'staging']) ?? judgeTables(project);
    case 'migrate':
      return judgeRun(lastRun) ?? needs(before, ['source', 'snowflake', 'staging', 'tables']) ?? WAITING;
    case 'results':
      return judgeResults(lastRun);
    case 'validation':
      return judgeValidation(lastRun, comparison);
  }
}

function missing(slots: readonly SecretSlot[], prefix: string): Judgement | null {
  return slots.some((slot) => slot.startsWith(prefix)) ? waiting('A password or key has to be entered again.') : null;
}

function judgeTested(
  schema: z.ZodType,
  settings: Project['source'] | Project['snowflake'],
  test: Project['sourceTest'],
): Judgement {
  if (settings === null || !schema.safeParse(settings).success) return WAITING;
  if (test === null) return waiting('The connection is not tested yet.');
  if (test.digest !== settingsDigest(settings)) return waiting('Settings or secrets changed since the last test.');
  return DONE;
}

function judgeStaging({ staging, stagingCheck }: Project): Judgement {
  if (staging === null || !stagingSettingsSchema.safeParse(staging).success) return WAITING;
  if (stagingCheck === null) return waiting('The checks have not run yet.');
  if (stagingCheck.digest !== settingsDigest(staging))
    return waiting('Settings or secrets changed since the last check.');
  const failed = stagingCheck.checks.filter((check) => check.state === 'failed').length;
  if (failed > 0) return { state: 'failed', reason: failed === 1 ? '1 check failed.' : `${failed} checks failed.` };
  return DONE;
}

function judgeTables({ selection }: Project): Judgement {
  return selection.length === 0 ? waiting('No table is selected yet.') : DONE;
}

function judgeRun(lastRun: LastRun | null): Judgement | null {
  if (lastRun === null) return null;
  switch (lastRun.state) {
    case 'running':
      return { state: 'running', reason: 'A run is in progress.' };
    case 'pausing':
      return { state: 'running', reason: 'The run is about to pause.' };
    case 'cancelling':
      return { state: 'running', reason: 'The run is being cancelled.' };
    case 'paused':
      return waiting('The run is paused.');
    case 'interrupted':
      return waiting('The run was interrupted and can go on.');
    case 'cancelled':
      return waiting('The last run was cancelled.');
    case 'finished-with-failures':
      return { state: 'failed', reason: failedTables(lastRun.totals.tablesFailed) };
    case 'done':
      return DONE;
  }
}

function judgeResults(lastRun: LastRun | null): Judgement {
  if (lastRun === null) return blocked('Nothing has been migrated yet.');
  if (!ENDED.has(lastRun.state)) return blocked('The run has not finished yet.');
  if (lastRun.totals.tablesFailed > 0) {
    return { state: 'failed', reason: failedTables(lastRun.totals.tablesFailed) };
  }
  return lastRun.state === 'done' ? DONE : WAITING;
}

function judgeValidation(lastRun: LastRun | null, comparison: LastComparison | null): Judgement {
  if (lastRun === null || lastRun.totals.tablesLoaded === 0) return blocked('No table has been loaded yet.');
  if (!ENDED.has(lastRun.state)) return blocked('The run has not finished yet.');
  if (comparison === null) return WAITING;
  if (lastRun.finishedAt !== null && lastRun.finishedAt > comparison.startedAt) {
    return waiting('The run went on since the last comparison.');
  }
  const { failed, warnings, notCompared } = comparison.counts;
  if (failed > 0) return { state: 'failed', reason: counted(failed, 'check failed', 'checks failed') };
  const open = warnings + notCompared;
  return { state: 'done', reason: open === 0 ? null : counted(open, 'table needs a look', 'tables need a look') };
}

const ENDED: ReadonlySet<RunState> = new Set(['done', 'finished-with-failures', 'cancelled', 'paused', 'interrupted']);
const DONE: Judgement = { state: 'done', reason: null };
const WAITING: Judgement = { state: 'waiting', reason: null };

function waiting(reason: string): Judgement {
  return { state: 'waiting', reason };
}

function blocked(reason: string): Judgement {
  return { state: 'blocked', reason };
}

/** The first of the steps that is not done, as the reason why a later one is blocked; steps that the project does not have count as done. */
function needs(before: ReadonlyMap<StepId, Judgement>, ids: readonly StepId[]): Judgement | null {
  const open = ids.find((id) => before.has(id) && before.get(id)?.state !== 'done');
  return open === undefined ? null : blocked(`Needs "${STEP_LABELS[open]}" first.`);
}

function failedTables(count: number): string {
  return counted(count, 'table failed', 'tables failed');
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}.`;
}
