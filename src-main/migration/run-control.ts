import type { LaneLimits, Pause } from '#shared/model/run';
import { createAbortController, throwIfAborted, toAbortError } from '../lib/abort.ts';
import { createSemaphore, type Semaphore } from '../lib/semaphore.ts';
import { PauseRequested } from './pause-requested.ts';

/** What the user, or a failure that concerns everything, wants of a run at work. */
export interface RunControl {
  /** Fires on cancel and when the lease is lost. */
  readonly signal: AbortSignal;
  readonly pause: Pause | null;
  readonly isLeaseLost: boolean;
  /** Tables that had failed before this start and are not tried again: they do not count for "stop after so many failed tables". */
  readonly forgivenFailures: number;
  forgiveFailures(count: number): void;
  /** The first cause stands. */
  requestPause(pause: Pause): void;
  cancel(): void;
  /** Everything stops at once, and nothing is committed any more. */
  loseLease(pause: Pause): void;
  /** Fires when the table or the run is cancelled. */
  tableSignal(tableId: string): AbortSignal;
  cancelTable(tableId: string): void;
  /** A table that is tried again after it was cancelled. */
  renewTable(tableId: string): void;
  tableLanes(tableId: string): TableLanes;
  setLanes(limits: LaneLimits): void;
  setTableLanes(tableId: string, own: OwnLanes): void;
  /** To be called when a pause of a table changed: waits look again. */
  notify(): void;
  /** Waits; ends with PauseRequested when a pause comes, with an AbortError on cancel. */
  sleep(ms: number, options: { signal: AbortSignal; isPausing(): boolean }): Promise<void>;
}

/** Places for the work of one table. */
export interface TableLanes {
  unload: Semaphore;
  load: Semaphore;
  /** Partitions at work in any way. */
  work: Semaphore;
}

export interface OwnLanes {
  unloadLanes: number | null;
  loadLanes: number | null;
}

export interface RunControlOptions {
  limits: LaneLimits;
  ownLanes(tableId: string): OwnLanes;
  /** Told once, when a pause is wanted for the first time, and again when the lease is lost. */
  onPause(pause: Pause): void;
}

export function createRunControl({ limits: firstLimits, ownLanes, onPause }: RunControlOptions): RunControl {
  const controller = createAbortController();
  const tables = new Map<string, AbortController>();
  const lanes = new Map<string, TableLanes>();
  const listeners = new Set<() => void>();
  let limits = firstLimits;
  let pause: Pause | null = null;
  let isLeaseLost = false;
  let forgivenFailures = 0;

  const notify = (): void => {
    for (const listener of [...listeners]) listener();
  };
  const abortAll = (): void => {
    controller.abort();
    for (const table of tables.values()) table.abort();
    notify();
  };
  const sizesOf = (tableId: string, own = ownLanes(tableId)): { unload: number; load: number; work: number } => ({
    unload: own.unloadLanes ?? limits.unloadLanes,
    load: own.loadLanes ?? limits.loadLanesPerTable,
    work: limits.unloadLanes + limits.loadLanes,
  });
  const resize = (tableId: string, own?: OwnLanes): void => {
    const known = lanes.get(tableId);
    const sizes = sizesOf(tableId, own);
    known?.unload.resize(sizes.unload);
    known?.load.resize(sizes.load);
    known?.work.resize(sizes.work);
  };

  return {
    signal: controller.signal,
    get pause() {
      return pause;
    },
    get isLeaseLost() {
      return isLeaseLost;
    },
    get forgivenFailures() {
      return forgivenFailures;
    },
    forgiveFailures(count) {
      forgivenFailures = count;
    },
    requestPause(wanted) {
      if (pause) return;
      pause = wanted;
      onPause(wanted);
      notify();
    },
    cancel: abortAll,
    loseLease(wanted) {
      isLeaseLost = true;
      pause = wanted;
      onPause(wanted);
      abortAll();
    },
    tableSignal(tableId) {
      const known = tables.get(tableId) ?? createAbortController();
      tables.set(tableId, known);
      if (controller.signal.aborted) known.abort();
      return known.signal;
    },
    cancelTable: (tableId) => tables.get(tableId)?.abort(),
    renewTable: (tableId) => void tables.delete(tableId),
    tableLanes(tableId) {
      const known = lanes.get(tableId);
      if (known) return known;
      const { unload, load, work } = sizesOf(tableId);
      const made = { unload: createSemaphore(unload), load: createSemaphore(load), work: createSemaphore(work) };
      lanes.set(tableId, made);
      return made;
    },
    setLanes(wanted) {
      limits = wanted;
      for (const tableId of lanes.keys()) resize(tableId);
      notify();
    },
    setTableLanes: resize,
    notify,
    sleep: (ms, { signal, isPausing }) =>
      new Promise((resolve, reject) => {
        throwIfAborted(signal);
        const end = (act: () => void): void => {
          clearTimeout(timer);
          listeners.delete(look);
          signal.removeEventListener('abort', onAbort);
          act();
        };
        const onAbort = (): void => end(() => reject(toAbortError(signal)));
        const look = (): void => {
          if (isPausing()) end(() => reject(new PauseRequested()));
        };
        const timer = setTimeout(() => end(resolve), ms);
        signal.addEventListener('abort', onAbort, { once: true });
        listeners.add(look);
        look();
      }),
  };
}
