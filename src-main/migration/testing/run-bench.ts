import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Journal } from '#shared/model/journal';
import type { MigrationPlan } from '#shared/model/plan';
import type { RunOptions } from '#shared/model/project';
import { DEFAULT_LIMITS, type RunLimits } from '#shared/model/run-limits';
import { silentLog } from '../../lib/log.ts';
import { temporaryFolder } from '../../lib/testing/temporary-folder.ts';
import { preparePlan } from '../prepare-plan.ts';
import { createRunManager, type RunManager } from '../run-manager.ts';
import { createFakeWorld, planInput, type FakeWorld } from './fake-sides.ts';

/** Fake sides, a real journal, and a run manager on both. */
export interface RunBench {
  world: FakeWorld;
  journal: Journal;
  journalPath: string;
  runs: RunManager;
  plan(names: string[], options?: BenchOptions): Promise<MigrationPlan>;
  /** Another manager on the same world: with a journal of its own opened on the same file, as a second process has it. */
  second(): RunManager;
  /** The process ends without a word, and a new one starts. */
  restart(): RunManager;
}

export type BenchOptions = Partial<Omit<RunOptions, 'limits'>> & {
  limits?: Partial<RunLimits>;
  /** Cuts each table into so many partitions. */
  parts?: number;
};

export interface RunBenchParts {
  openJournal(path: string): Journal;
  /** Times that connections were opened are counted by the caller. */
  onConnect?(): void;
}

const never = new AbortController().signal;

export function createRunBench(rows: Record<string, number>, { openJournal, onConnect }: RunBenchParts): RunBench {
  const world = createFakeWorld(rows);
  const journalPath = join(temporaryFolder('run'), 'journal.db');
  const journal = openJournal(journalPath);
  const manage = (used: Journal): RunManager =>
    createRunManager({
      journal: used,
      log: silentLog,
      connect() {
        onConnect?.();
        return Promise.resolve({ source: world.source, target: world.target, staging: null, extractor: null });
      },
      parseManifest: world.parseManifest,
      onChange: () => undefined,
      onEnd: () => undefined,
    });
  const bench: RunBench = {
    world,
    journal,
    journalPath,
    runs: manage(journal),
    async plan(names, { parts = 1, limits, ...options } = {}) {
      world.parts = parts;
      const input = planInput(names, { ...options, limits: { ...DEFAULT_LIMITS, recountMs: 0, ...limits } });
      const plan = await preparePlan(input, { ...world, withProfile: true, signal: never });
      return parts === 1 ? plan : cut(plan, parts);
    },
    second: () => manage(openJournal(journalPath)),
    restart() {
      // The end of a process frees its lock, as closing the journal does.
      bench.journal.close();
      bench.journal = openJournal(journalPath);
      bench.runs = manage(bench.journal);
      return bench.runs;
    },
  };
  return bench;
}

/** Waits for a condition; a busy machine may need a while. */
export async function eventually(check: () => void): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return check();
    } catch (error) {
      if (performance.now() > until) throw error;
      await delay(10);
    }
  }
}

const PATIENCE_MS = 10_000;

/** A promise that stays open: as good as a process that died at this point. */
export const crash = (): Promise<void> => new Promise(() => undefined);

export const rowsOf = ({ world }: RunBench): Record<string, number> => Object.fromEntries(world.targetRows);

export function tableId(runs: RunManager, runId: string, name: string): string {
  return runs.plan(runId).tables.find(({ source }) => source.name === name)?.id ?? '';
}

export function tableState(runs: RunManager, runId: string, name: string): string {
  return runs.snapshot(runId).tables.find(({ source }) => source.name === name)?.state ?? '';
}

function cut(plan: MigrationPlan, parts: number): MigrationPlan {
  const tables = plan.tables.map((task) => ({
    ...task,
    partitions: Array.from({ length: parts }, (_, index) => ({
      id: `p${index}`,
      index,
      label: `part ${index}`,
      sourcePredicate: `part ${index}`,
      expectedRows: null,
      expectedBytes: null,
    })),
  }));
  return { ...plan, tables };
}
