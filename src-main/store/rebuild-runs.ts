import type Database from 'libsql';
import type { MigrationPlan } from '#shared/model/plan';
import type { RunSummary } from '#shared/model/run';
import { listRunFiles, readRunFile, type RunFile } from './plan-files.ts';

/**
 * Puts the runs of the plan files that the journal does not have into it, as runs that were interrupted: what of them is loaded is read from the ledger in Snowflake when
 * they are resumed, and their staged files are swept away then.
 */
export function rebuildRuns(
  database: Database.Database,
  runFiles: string,
  savePlan: (plan: MigrationPlan) => void,
): { rebuiltRuns: string[]; lostRuns: string[] } {
  const rebuiltRuns: string[] = [];
  const lostRuns: string[] = [];
  const column = (sql: string): Set<string> =>
    new Set((database.prepare(sql).all() as { id: string }[]).map(({ id }) => id));
  const plans = column('SELECT plan_id AS id FROM plan');
  const known = column('SELECT run_id AS id FROM run');
  const insert = database.prepare(
    `INSERT INTO run (run_id, plan_id, project_id, state, started_at, elapsed_ms, summary, is_rebuilt) VALUES (?, ?, ?, 'running', ?, 0, ?, 1)`,
  );
  for (const runId of listRunFiles(runFiles)) {
    if (known.has(runId)) continue;
    const run = readRunFile(runFiles, runId);
    if (!run || run.runId !== runId) {
      lostRuns.push(runId);
      continue;
    }
    if (!plans.has(run.plan.id)) savePlan(run.plan);
    plans.add(run.plan.id);
    insert.run(runId, run.plan.id, run.projectId, run.startedAt, JSON.stringify(summaryOf(run)));
    rebuiltRuns.push(runId);
  }
  return { rebuiltRuns, lostRuns };
}

/** The plan beside the journal is written first: where the journal has an older one, it has lost its last commits. */
export function takeNewerPlan(
  database: Database.Database,
  { runId, planId }: { runId: string; planId: string },
  { runFiles, savePlan }: { runFiles: string; savePlan(plan: MigrationPlan): void },
): void {
  const plan = readRunFile(runFiles, runId)?.plan;
  if (!plan || plan.id === planId) return;
  if (database.prepare('SELECT 1 FROM plan WHERE plan_id = ?').all(plan.id).length === 0) savePlan(plan);
  database.prepare('UPDATE run SET plan_id = ? WHERE run_id = ?').run(plan.id, runId);
}

function summaryOf({ runId, projectId, startedAt, plan }: RunFile): RunSummary {
  return {
    runId,
    projectId,
    planId: plan.id,
    state: 'interrupted',
    startedAt,
    finishedAt: null,
    elapsedMs: 0,
    totals: {
      tables: plan.tables.length,
      tablesLoaded: 0,
      tablesFailed: 0,
      partitions: plan.tables.reduce((sum, task) => sum + task.partitions.length, 0),
      partitionsLoaded: 0,
      expectedRows: null,
      sourceRows: 0,
      stagedRows: 0,
      loadedRows: 0,
      stagedBytes: 0,
      warnings: 0,
    },
  };
}
