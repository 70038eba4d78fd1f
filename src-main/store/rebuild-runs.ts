import type Database from 'libsql';
import type { MigrationPlan } from '#shared/model/plan';
import type { RunSummary } from '#shared/model/run';
import { listRunFiles, readRunFile, type RunFile } from './plan-files.ts';

/**
 * Puts the runs of the plan files into an empty journal, as runs that were interrupted: what of them is loaded is read from the ledger in Snowflake when
 * they are resumed, and their staged files are swept away then.
 */
export function rebuildRuns(
  database: Database.Database,
  runFiles: string,
  savePlan: (plan: MigrationPlan) => void,
): { rebuiltRuns: string[]; lostRuns: string[] } {
  const rebuiltRuns: string[] = [];
  const lostRuns: string[] = [];
  const plans = new Set<string>();
  const insert = database.prepare(
    `INSERT INTO run (run_id, plan_id, project_id, state, started_at, elapsed_ms, summary, is_rebuilt) VALUES (?, ?, ?, 'running', ?, 0, ?, 1)`,
  );
  for (const runId of listRunFiles(runFiles)) {
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
