import { AppError, type ErrorValue } from '#shared/errors/app-error';
import { formatBytes } from '#shared/format/bytes';
import { formatCount } from '#shared/format/count';
import { formatDuration } from '#shared/format/duration';
import type { MigrationPlan } from '#shared/model/plan';
import type { RunReport, RunState } from '#shared/model/run';
import { tableLabel } from '#shared/model/table';
import type { ValidationReport } from '#shared/model/validation';
import { createAbortController } from '../lib/abort.ts';
import { preparePlan } from '../migration/prepare-plan.ts';
import { planStatements } from '../migration/plan-statements.ts';
import { buildRunReport } from '../migration/run-report.ts';
import { runChecks } from '../validation/run-checks.ts';
import type { Command } from './arguments.ts';
import type { Headless } from './headless-core.ts';

export interface CommandResult {
  json: unknown;
  text: string;
  exitCode: number;
}

const EXIT = { done: 0, failures: 1, stopped: 3 } as const;
const RESUMABLE: ReadonlySet<RunState> = new Set(['paused', 'interrupted', 'finished-with-failures', 'cancelled']);

export function runCommand(command: Command, headless: Headless): Promise<CommandResult> {
  switch (command) {
    case 'plan':
      return showPlan(headless);
    case 'run':
      return startRun(headless);
    case 'resume':
      return resumeRun(headless);
    case 'validate':
      return validate(headless);
    case 'status':
      return Promise.resolve(showStatus(headless));
  }
}

async function showPlan(headless: Headless): Promise<CommandResult> {
  const plan = await withSides(headless, (source, target) =>
    preparePlan(headless.planInput, { source, target, withProfile: true, signal: forever() }),
  );
  const statements = await withSides(headless, (source, target) =>
    Promise.resolve(
      plan.tables.map((table) => ({
        table: tableLabel(table.source),
        partitions: table.blocked
          ? []
          : table.partitions.map(({ id, label }) => ({
              id,
              label,
              ...planStatements(
                plan,
                { tableId: table.id, partitionId: id },
                { source: source.dialect, target: target.dialect },
              ),
            })),
      })),
    ),
  );
  const blocked = plan.tables.filter((table) => table.blocked);
  return { json: { plan, statements }, text: planText(plan), exitCode: blocked.length > 0 ? EXIT.failures : EXIT.done };
}

async function startRun(headless: Headless): Promise<CommandResult> {
  const { core, planInput } = headless;
  const plan = await withSides(headless, (source, target) =>
    preparePlan(planInput, { source, target, withProfile: true, signal: forever() }),
  );
  const { runId } = core.runs.start(plan);
  return finishRun(headless, runId);
}

async function resumeRun(headless: Headless): Promise<CommandResult> {
  const { core, planInput } = headless;
  const run = core.runs.list(planInput.projectId).find(({ runId }) => RESUMABLE.has(core.runs.snapshot(runId).state));
  if (!run) throw new AppError('RUN_NOT_FOUND', { facts: { id: 'of this workflow that could go on' } });
  const freshPlan = await withSides(headless, (source, target) =>
    preparePlan(planInput, { source, target, withProfile: true, signal: forever() }),
  );
  core.runs.resume(run.runId, { freshPlan });
  return finishRun(headless, run.runId);
}

/** Waits for the end of a run, then compares both sides; Ctrl-C pauses, a second one cancels. */
async function finishRun(headless: Headless, runId: string): Promise<CommandResult> {
  const { core, log } = headless;
  let interrupts = 0;
  const onInterrupt = (): void => {
    interrupts += 1;
    if (interrupts === 1) {
      log('warn', 'Pausing: what is at work is finished. Press Ctrl-C again to cancel it.');
      core.runs.pause(runId);
    } else core.runs.cancel(runId);
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onInterrupt);
  try {
    const state = await core.runs.finished(runId);
    const isStopped = state === 'paused' || state === 'cancelled';
    const validation = isStopped ? null : await compareCounts(headless, core.runs.plan(runId), runId);
    const report = buildRunReport(core.runs.snapshot(runId), validation);
    return { json: report, text: reportText(report), exitCode: exitCodeOf(report, isStopped) };
  } finally {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onInterrupt);
  }
}

function exitCodeOf(report: RunReport, isStopped: boolean): number {
  if (isStopped) return EXIT.stopped;
  return report.outcome === 'done' && report.validation.failed === 0 ? EXIT.done : EXIT.failures;
}

async function compareCounts(headless: Headless, plan: MigrationPlan, runId: string): Promise<ValidationReport> {
  const loaded = new Set(
    headless.core.runs.snapshot(runId).tables.flatMap((table) => (table.state === 'loaded' ? [table.id] : [])),
  );
  const report = await withSides(headless, (source, target) =>
    runChecks({
      runId,
      plan: { ...plan, tables: plan.tables.filter((table) => loaded.has(table.id)) },
      source,
      target,
      signal: forever(),
    }),
  );
  headless.core.journal.saveValidation(runId, report);
  return report;
}

async function validate(headless: Headless): Promise<CommandResult> {
  const plan = await withSides(headless, (source, target) =>
    preparePlan(headless.planInput, { source, target, withProfile: false, signal: forever() }),
  );
  const report = await withSides(headless, (source, target) =>
    runChecks({ runId: plan.id, plan, source, target, signal: forever() }),
  );
  const lines = report.results.map(
    (result) =>
      `${result.status.padEnd(12)} ${tableLabel(result.source)} -> ${tableLabel(result.target)}  ${result.detail}`,
  );
  return { json: report, text: lines.join('\n'), exitCode: report.counts.failed > 0 ? EXIT.failures : EXIT.done };
}

function showStatus({ core, planInput }: Headless): CommandResult {
  const runs = core.runs.list(planInput.projectId).map(({ runId }) => core.runs.snapshot(runId));
  const lines = runs.map(
    (run) =>
      `${run.runId}  ${run.state.padEnd(22)} ${run.startedAt}  ${run.totals.tablesLoaded} of ${run.totals.tables} tables loaded, ${run.totals.tablesFailed} failed`,
  );
  return {
    json: runs,
    text: lines.length > 0 ? lines.join('\n') : 'There are no runs of this workflow on this machine.',
    exitCode: EXIT.done,
  };
}

async function withSides<T>(
  headless: Headless,
  work: (source: ReturnType<Headless['openSource']>, target: ReturnType<Headless['openTarget']>) => Promise<T>,
): Promise<T> {
  const source = headless.openSource();
  const target = headless.openTarget();
  try {
    return await work(source, target);
  } finally {
    await Promise.allSettled([source.close(), target.close()]);
  }
}

function forever(): AbortSignal {
  return createAbortController().signal;
}

/** Why the run is not at work, what to do about it, and how it goes on. */
function pauseLines({ pause }: RunReport): string[] {
  if (!pause) return [];
  const { cause, error, secrets } = pause;
  return [
    ...(error ? [`${error.title}. ${error.message}`, error.advice] : []),
    ...(secrets.length > 0 ? [`Give a new value in the connections file for: ${secrets.join(', ')}.`] : []),
    ...(cause === 'lease-held' || cause === 'lease-lost' ? [] : ['Then go on with the command resume.']),
    '',
  ];
}

function planText(plan: MigrationPlan): string {
  const lines = plan.tables.map((table) => {
    const parts = `${table.partitions.length} ${table.partitions.length === 1 ? 'partition' : 'partitions'}`;
    const state = table.blocked
      ? `cannot run: ${toErrorText(table.blocked)}`
      : `${parts}, about ${formatCount(table.expectedRows)} rows, ${formatBytes(table.expectedBytes)}`;
    const leftOut = table.leftOut
      .map(({ sourceName, reason }) => `\n    not carried: ${sourceName}: ${reason}`)
      .join('');
    return `${tableLabel(table.source)} -> ${tableLabel(table.target)}  ${state}${leftOut}`;
  });
  return [...lines, '', ...plan.remarks].join('\n');
}

function toErrorText(error: ErrorValue): string {
  return `${error.message} ${error.advice}`;
}

function reportText(report: RunReport): string {
  const lines = report.tables.map((table) => {
    const rows = `source ${formatCount(table.sourceRows)}, staged ${formatCount(table.stagedRows)}, loaded ${formatCount(table.loadedRows)}`;
    const error = table.error ? `\n    ${table.error.title}. ${table.error.message}\n    ${table.error.advice}` : '';
    const extra = [
      ...table.leftOut.map(({ sourceName, reason }) => `not carried: ${sourceName}: ${reason}`),
      ...table.warnings,
    ]
      .map((line) => `\n    ${line}`)
      .join('');
    return `${table.outcome.padEnd(8)} ${table.source} -> ${table.target}  ${rows}, ${formatBytes(table.stagedBytes)}, ${formatDuration(table.elapsedMs)}${error}${extra}`;
  });
  const { passed, warnings, failed, notCompared } = report.validation;
  return [
    ...lines,
    '',
    ...pauseLines(report),
    `Row counts: ${passed} equal, ${warnings} warnings, ${failed} different, ${notCompared} not compared.`,
    `${report.outcome} after ${formatDuration(report.elapsedMs)}. Run ${report.runId}.`,
  ].join('\n');
}
