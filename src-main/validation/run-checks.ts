import { isAbort, toErrorValue } from '#shared/errors/app-error';
import type { MigrationPlan, TableTask } from '#shared/model/plan';
import type { ValidationReport, ValidationResult } from '#shared/model/validation';
import { formatCount } from '#shared/format/count';
import { createSemaphore } from '../lib/semaphore.ts';
import type { Source } from '../sources/source.ts';
import type { Target } from '../targets/target.ts';

const CHECK_LANES = 4;

export interface RunChecksOptions {
  runId: string;
  plan: MigrationPlan;
  source: Source;
  target: Target;
  signal: AbortSignal;
  onProgress?(done: number, total: number): void;
}

/** Counts the rows of every table on both sides now, by COUNT(*) there and there, and says where they differ. */
export async function runChecks({
  runId,
  plan,
  source,
  target,
  signal,
  onProgress,
}: RunChecksOptions): Promise<ValidationReport> {
  const startedAt = new Date().toISOString();
  const begun = performance.now();
  const lanes = createSemaphore(CHECK_LANES);
  let done = 0;
  const results = await Promise.all(
    plan.tables.map((task) =>
      lanes.run(async () => {
        const result = await compareRowCounts(task, { source, target, signal });
        done += 1;
        onProgress?.(done, plan.tables.length);
        return result;
      }, signal),
    ),
  );
  return {
    runId,
    startedAt,
    elapsedMs: Math.round(performance.now() - begun),
    counts: countStatuses(results),
    results,
  };
}

async function compareRowCounts(
  task: TableTask,
  { source, target, signal }: Pick<RunChecksOptions, 'source' | 'target' | 'signal'>,
): Promise<ValidationResult> {
  const base = {
    id: `${task.id} row-count`,
    level: 'metrics' as const,
    check: 'Row count',
    source: task.source,
    target: task.target,
    column: null,
  };
  try {
    const [sourceRows, targetRows] = await Promise.all([
      source.countRows({ table: task.source, where: task.where || null }, { signal }),
      target.countRows(task.target, { signal }),
    ]);
    return {
      ...base,
      sourceValue: String(sourceRows),
      targetValue: String(targetRows),
      error: null,
      ...judge(task, sourceRows, targetRows),
    };
  } catch (error) {
    if (isAbort(error)) throw error;
    const value = toErrorValue(error);
    return { ...base, sourceValue: null, targetValue: null, status: 'error', detail: value.message, error: value };
  }
}

/** Pure: what two counts mean for a table. Rows that were there before an append cannot be told apart from the loaded ones by counting. */
export function judge(
  task: Pick<TableTask, 'existingRows' | 'targetState'>,
  sourceRows: number,
  targetRows: number,
): Pick<ValidationResult, 'status' | 'detail'> {
  if (sourceRows === targetRows) return { status: 'pass', detail: `Both sides hold ${formatCount(sourceRows)} rows.` };
  const difference = targetRows - sourceRows;
  const sentence =
    difference > 0
      ? `Snowflake holds ${formatCount(difference)} rows more than the source.`
      : `Snowflake holds ${formatCount(-difference)} rows fewer than the source.`;
  if (task.existingRows === 'append' && task.targetState === 'exists' && difference > 0) {
    return {
      status: 'not-compared',
      detail: `${sentence} The table was appended to, so its earlier rows are counted too.`,
    };
  }
  return { status: 'fail', detail: sentence };
}

function countStatuses(results: ValidationResult[]): ValidationReport['counts'] {
  const count = (...statuses: ValidationResult['status'][]): number =>
    results.filter(({ status }) => statuses.includes(status)).length;
  return {
    passed: count('pass'),
    warnings: count('warning'),
    failed: count('fail', 'error'),
    notCompared: count('not-compared'),
  };
}
