import { AppError, isAbort, toErrorValue } from '#shared/errors/app-error';
import { backOffMs } from './retry.ts';
import { failureKind } from './failure-kind.ts';
import { pauseForUser } from './pause-for-user.ts';
import { PauseRequested } from './pause-requested.ts';
import type { RunContext } from './run-context.ts';
import { sideOf } from './sides.ts';

export interface TryOptions {
  tableId: string;
  /** Null for work of the whole table. */
  partitionId: string | null;
  /** For events: `public.orders (part 3)`. */
  label: string;
}

/**
 * Repeats work by the class of its errors: a side that is away is waited for and does not count as a try; what may pass by itself is tried again up to
 * the plan's number of attempts, with growing waits; what needs the user pauses the run. Everything else, and the last error, is thrown.
 */
export async function tryUntilDone<T>(context: RunContext, options: TryOptions, work: () => Promise<T>): Promise<T> {
  for (let failures = 0; ;) {
    if (context.isPausing()) throw new PauseRequested();
    try {
      return await work();
    } catch (error) {
      if (await isCounted(context, options, error)) failures += 1;
      if (failures >= context.plan.options.maxAttempts) throw error;
      if (failures > 0) await waitForNextTry(context, options, { error: error as AppError, failures });
    }
  }
}

/** Deals with one failure: resolves with whether it counts as a try, or rejects when nothing is to be tried again. */
async function isCounted(context: RunContext, options: TryOptions, error: unknown): Promise<boolean> {
  const { control, outages } = context;
  if (isAbort(error) || error instanceof PauseRequested) throw error;
  if (error instanceof AppError && error.code === 'LEASE_LOST') return isLeaseBack(context);
  if (options.partitionId) noteFailure(context, { ...options, partitionId: options.partitionId }, error);
  if (!(error instanceof AppError)) throw error;
  const side = sideOf(error);
  switch (failureKind(error, side)) {
    case 'away':
      return side === null || !(await outages.wait(side)).wasAway;
    case 'again':
      return true;
    case 'needs-you':
      throw pauseForUser(control, side, error);
    default:
      throw error;
  }
}

/** A half extracted partition waits for its next try; complete files that can still be loaded stay what they are. */
function noteFailure(
  { progress }: RunContext,
  { tableId, partitionId }: { tableId: string; partitionId: string },
  error: unknown,
): void {
  progress.addPartitionError(tableId, partitionId, toErrorValue(error));
  if (progress.partition(tableId, partitionId).state === 'extracting')
    progress.updatePartition(tableId, partitionId, { state: 'waiting' });
}

/** A load found the lease run out, as after a long sleep. Where nobody took the run over meanwhile, it is ours again. Answers that no try is to be counted. */
async function isLeaseBack({ lease, outages }: RunContext): Promise<false> {
  try {
    if (await lease.verify()) return false;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    await outages.wait('snowflake');
    return false;
  }
  throw new PauseRequested();
}

async function waitForNextTry(
  { control, progress, plan, signal, isPausing }: RunContext,
  { tableId, partitionId, label }: TryOptions,
  { error, failures }: { error: AppError; failures: number },
): Promise<void> {
  const waitMs = backOffMs(failures);
  progress.addEvent(
    'warning',
    `${label}: ${error.message} Try ${failures + 1} of ${plan.options.maxAttempts} begins in ${Math.ceil(waitMs / 1000)} s.`,
    tableId,
  );
  if (partitionId) progress.setNextTry(tableId, partitionId, new Date(Date.now() + waitMs).toISOString());
  try {
    await control.sleep(waitMs, { signal, isPausing });
  } finally {
    if (partitionId) progress.setNextTry(tableId, partitionId, null);
  }
}
