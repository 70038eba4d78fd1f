import type { Journal } from '#shared/model/journal';
import type { MigrationPlan } from '#shared/model/plan';
import type { LaneLimits } from '#shared/model/run';
import type { RunLimits } from '#shared/model/run-limits';
import type { Log } from '../lib/log.ts';
import { createSemaphore, type Semaphore } from '../lib/semaphore.ts';
import type { StagedManifest } from '../staging/staging.ts';
import type { Connections } from './connections.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import type { Outages } from './outages.ts';
import type { RunControl } from './run-control.ts';
import type { RunProgress } from './run-progress.ts';
import type { TableQueue } from './table-queue.ts';

/** What every part of a run works with. Work of one table has a copy whose signal and pause are the table's. */
export interface RunContext {
  plan: MigrationPlan;
  runId: string;
  /** Watched: each call has its limit, and errors know their side. */
  connections: Connections;
  journal: Journal;
  progress: RunProgress;
  /** Fires on cancel. */
  signal: AbortSignal;
  /** True from the moment a pause is wanted: what runs is finished, nothing new begins. */
  isPausing(): boolean;
  /** Reads the manifest that the source wrote for an attempt. */
  parseManifest(json: unknown, expected: { uri: string }): StagedManifest;
  lanes: RunLanes;
  control: RunControl;
  queue: TableQueue;
  outages: Outages;
  lease: LeaseKeeper;
  limits: RunLimits;
  /** Paths whose files could not be deleted: said once. */
  refusedPaths: Set<string>;
  log: Log;
}

/** Places for work that runs at the same time; they may be resized while the run is at work. */
export interface RunLanes {
  unload: Semaphore;
  load: Semaphore;
}

export function createRunLanes(options: Pick<LaneLimits, 'unloadLanes' | 'loadLanes'>): RunLanes {
  return { unload: createSemaphore(options.unloadLanes), load: createSemaphore(options.loadLanes) };
}
