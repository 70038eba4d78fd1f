import { AppError } from '#shared/errors/app-error';
import type { Secrets, SourceSettings } from '#shared/model/connection-settings';
import { throwIfAborted } from '../lib/abort.ts';
import type { Log } from '../lib/log.ts';
import { createSemaphore } from '../lib/semaphore.ts';
import { createDiskUse, forgetLane } from './disk-budget.ts';
import type { Extractor } from './extraction.ts';
import { startLane, type Lane } from './lane.ts';
import { createSpoolDirectory } from './spool-directory.ts';

export interface ExtractorOptions {
  source: SourceSettings;
  /** Reaches the threads in memory only. */
  secrets: Secrets;
  /** The built file of extract-lane.worker.ts. */
  workerUrl: URL;
  /** From 1 up to 64. */
  lanes: number;
  /** For temporary files; made when it is missing. Several processes may use the same one. */
  directory: string;
  /** Most bytes of temporary files over all lanes, or null for as much as the disk has. */
  quotaBytes: number | null;
  log: Log;
}

const MOST_LANES = 64;

/** Nothing is started before the first extraction. */
export function createExtractor(options: ExtractorOptions): Extractor {
  const { source, secrets, workerUrl, log } = options;
  const disk = createDiskUse(MOST_LANES, options.quotaBytes);
  const spool = createSpoolDirectory(options.directory);
  const places = createSemaphore(laneCount(options.lanes));
  const closing = new AbortController();
  const lanes = new Set<Lane>();
  const idle: Lane[] = [];
  const running = new Set<Promise<unknown>>();
  let size = laneCount(options.lanes);

  const takeLane = (): Lane => {
    for (let lane = idle.pop(); lane; lane = idle.pop()) {
      if (lane.isAlive()) return lane;
      lanes.delete(lane);
    }
    const used = new Set([...lanes].map(({ index }) => index));
    const index = Array.from({ length: MOST_LANES }, (_, place) => place).find((place) => !used.has(place)) ?? 0;
    const lane = startLane(workerUrl, { settings: source, secrets, disk, lane: index });
    lanes.add(lane);
    return lane;
  };

  const giveBack = (lane: Lane): void => {
    if (lane.isAlive() && lanes.size <= size && !closing.signal.aborted) idle.push(lane);
    else dismiss(lane);
  };

  const dismiss = (lane: Lane): void => {
    lanes.delete(lane);
    void lane.close();
  };

  return {
    extract(request, given) {
      const signal = AbortSignal.any([given.signal, closing.signal]);
      const work = places.run(async () => {
        throwIfAborted(signal);
        const directory = await spool.open(request.attemptId);
        const lane = takeLane();
        try {
          return await lane.extract(request, directory, { ...given, signal });
        } catch (error) {
          if (error instanceof AppError) log('warn', error.message, { code: error.code, attempt: request.attemptId });
          throw error;
        } finally {
          await spool.remove(directory);
          // Nothing of this lane is on the disk any more, whatever its thread came to book before it ended.
          forgetLane(disk, lane.index);
          giveBack(lane);
        }
      }, signal);
      running.add(work);
      const forget = (): void => void running.delete(work);
      work.then(forget, forget);
      return work;
    },
    resize(count) {
      size = laneCount(count);
      places.resize(size);
      while (lanes.size > size) {
        const lane = idle.pop();
        if (!lane) return;
        dismiss(lane);
      }
    },
    async close() {
      closing.abort();
      // They cancel their statements first; a thread that is ended leaves its statement to the server.
      await Promise.allSettled(running);
      await Promise.all([...lanes].map((lane) => lane.close()));
      lanes.clear();
      await spool.close();
    },
  };
}

function laneCount(wanted: number): number {
  return Math.min(MOST_LANES, Math.max(1, Math.floor(wanted)));
}
