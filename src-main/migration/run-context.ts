import type { Journal } from '#shared/model/journal';
import type { MigrationPlan } from '#shared/model/plan';
import type { Log } from '../lib/log.ts';
import { createSemaphore, type Semaphore } from '../lib/semaphore.ts';
import type { StagedManifest } from '../staging/staging.ts';
import type { Connections } from './connections.ts';
import type { RunProgress } from './run-progress.ts';

/** What every part of a run works with. */
export interface RunContext {
  plan: MigrationPlan;
  runId: string;
  connections: Connections;
  journal: Journal;
  progress: RunProgress;
  /** Fires on cancel. */
  signal: AbortSignal;
  /** True from the moment the user asks for a pause: what runs is finished, nothing new begins. */
  isPausing(): boolean;
  /** Reads the manifest that the source wrote for an attempt. */
  parseManifest(json: unknown, expected: { uri: string }): StagedManifest;
  lanes: RunLanes;
  log: Log;
}

/** Places for work that runs at the same time; they may be resized while the run is at work. */
export interface RunLanes {
  unload: Semaphore;
  load: Semaphore;
}

export function createRunLanes(options: { unloadLanes: number; loadLanes: number }): RunLanes {
  return { unload: createSemaphore(options.unloadLanes), load: createSemaphore(options.loadLanes) };
}

/** Thrown inside a run to stop between two steps; an outcome, not an error. */
export class PauseRequested extends Error {}
