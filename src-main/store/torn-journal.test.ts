import { copyFileSync, existsSync, readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AppError } from '#shared/errors/app-error';
import type { Journal } from '#shared/model/journal';
import type { MigrationPlan } from '#shared/model/plan';
import { runOptionsSchema } from '#shared/model/project';
import { temporaryFolder } from '../lib/testing/temporary-folder.ts';
import { openJournal } from './journal.ts';

/** The same numbers for the same seed: a failure can be repeated. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const plan: MigrationPlan = {
  id: 'plan',
  projectId: 'p',
  createdAt: '2026-01-01T00:00:00.000Z',
  strategy: 'unload',
  staging: null,
  stagePrefix: '',
  options: runOptionsSchema.parse({}),
  tables: Array.from({ length: 6 }, (_, index) => ({
    id: `t${index}`,
    source: { database: 'dev', schema: 'public', name: `t${index}` },
    target: { database: 'DB', schema: 'PUBLIC', name: `T${index}` },
    targetState: 'missing' as const,
    targetRows: null,
    columns: [],
    leftOut: [],
    differences: [],
    existingRows: 'stop' as const,
    createDdl: 'CREATE',
    where: '',
    partitions: Array.from({ length: 30 }, (_unused, part) => ({
      id: `p${part}`,
      index: part,
      label: `part ${part}`,
      sourcePredicate: `"id" >= ${part * 1000} AND "id" < ${part * 1000 + 1000}`,
      expectedRows: 1000,
      expectedBytes: null,
    })),
    expectedRows: 30_000,
    expectedBytes: null,
    blocked: null,
  })),
  remarks: [],
};

let original = '';

/** A run in the middle of its work, as a killed process leaves it: the last changes are in the WAL only. */
beforeAll(() => {
  original = temporaryFolder('torn');
  const path = join(original, 'journal.db');
  const first = openJournal(path);
  first.savePlan(plan);
  first.createRun({ runId: 'run', planId: 'plan', projectId: 'p', startedAt: '2026-01-01T00:00:00.000Z' });
  fill(first, plan.tables.slice(0, 3));
  first.close();
  const journal = openJournal(path);
  fill(journal, plan.tables.slice(3));
  // The files as they are now, before closing folds the WAL into the database.
  const copy = temporaryFolder('torn');
  copyFiles(original, copy);
  journal.close();
  original = copy;
}, 60_000);

function fill(journal: Journal, tasks: MigrationPlan['tables']): void {
  for (const task of tasks) {
    for (const { id } of task.partitions.slice(0, 10)) {
      const attemptId = `${task.id}-${id}`;
      journal.startAttempt({ attemptId, runId: 'run', tableId: task.id, partitionId: id, path: `run/${attemptId}/` });
      journal.setManifest(attemptId, JSON.stringify({ files: [], rows: 1000, bytes: 1, digest: 'd' }));
      journal.setPartition('run', {
        tableId: task.id,
        partitionId: id,
        state: 'loaded',
        attempt: 1,
        attemptId,
        sourceRows: 1000,
        stagedRows: 1000,
        stagedBytes: 1,
        stagedFiles: 1,
        loadedRows: 1000,
        error: null,
        firstError: null,
        errorCount: 0,
      });
    }
  }
}

function copyFiles(from: string, to: string): void {
  for (const name of readdirSync(from, { withFileTypes: true })) {
    if (name.isFile()) copyFileSync(join(from, name.name), join(to, name.name));
  }
}

function freshCopy(): string {
  const directory = temporaryFolder('torn');
  copyFiles(original, directory);
  // The plan lies beside it.
  const source = openJournalForPlan(directory);
  source.close();
  copyFiles(original, directory);
  return join(directory, 'journal.db');
}

/** Writes the file of the run's plan into a directory, by a journal that is thrown away. */
function openJournalForPlan(directory: string): Journal {
  const journal = openJournal(join(directory, 'other.db'));
  journal.savePlan(plan);
  journal.createRun({ runId: 'run', planId: 'plan', projectId: 'p', startedAt: '2026-01-01T00:00:00.000Z' });
  return journal;
}

type Damage = (path: string, random: () => number) => void;

const files = (path: string): string[] => ['', '-wal', '-shm'].map((suffix) => `${path}${suffix}`).filter(existsSync);
const pick = <T>(values: T[], random: () => number): T => values[Math.floor(random() * values.length)] as T;

const DAMAGES: [string, Damage][] = [
  [
    'truncated',
    (path, random) => {
      const file = pick(files(path), random);
      truncateSync(file, Math.floor(random() * readFileSync(file).length));
    },
  ],
  [
    'overwritten with noise in one place',
    (path, random) => {
      const file = pick(files(path), random);
      const bytes = readFileSync(file);
      const start = Math.floor(random() * bytes.length);
      const length = 1 + Math.floor(random() * 600);
      for (let at = start; at < Math.min(bytes.length, start + length); at += 1) bytes[at] = Math.floor(random() * 256);
      writeFileSync(file, bytes);
    },
  ],
  [
    'with single bits turned over',
    (path, random) => {
      const file = pick(files(path), random);
      const bytes = readFileSync(file);
      for (let count = 0; count < 8; count += 1) {
        const at = Math.floor(random() * bytes.length);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      }
      writeFileSync(file, bytes);
    },
  ],
  [
    'with noise in the header',
    (path, random) => {
      const bytes = readFileSync(path);
      for (let count = 0; count < 4; count += 1) bytes[Math.floor(random() * 100)] = Math.floor(random() * 256);
      writeFileSync(path, bytes);
    },
  ],
];

describe.each(DAMAGES)('a journal %s', (_, damage) => {
  it('opens all the same: it has the run with the very plan, and either all of it is sound or it says what was found', () => {
    for (let seed = 1; seed <= 15; seed += 1) {
      const path = freshCopy();
      damage(path, createRandom(seed));
      const journal = openJournal(path);
      const message = `seed ${seed}`;
      expect(journal.readRun('run')?.planId, message).toBe('plan');
      expect(journal.readPlan('plan'), message).toEqual(plan);
      // Whatever it says of partitions can be read; the ledger has the last word on what is loaded.
      for (const { state } of journal.partitions('run')) expect(state, message).toBe('loaded');
      journal.attempts('run');
      const [finding] = journal.findings;
      if (finding) {
        expect(finding.rebuiltRuns, message).toEqual(['run']);
        expect(finding.setAside.length, message).toBeGreaterThan(0);
        expect(
          finding.setAside.every((aside) => existsSync(aside) && /damaged-/.test(aside)),
          message,
        ).toBe(true);
        expect(journal.readRun('run')?.isRebuilt, message).toBe(true);
      }
      journal.close();
    }
  }, 120_000);
});

function tear(path: string): void {
  for (const file of files(path)) writeFileSync(file, 'torn');
}

describe('a damaged journal', () => {
  it('stays where it is while another process has it open', () => {
    const path = freshCopy();
    const living = openJournal(path);
    tear(path);
    expect(() => openJournal(path)).toThrowError(expect.objectContaining({ code: 'JOURNAL_UNAVAILABLE' }) as AppError);
    expect(readdirSync(dirname(path)).some((name) => name.includes('damaged'))).toBe(false);
    living.close();
  });

  it('names the plans that are lost too', () => {
    const path = freshCopy();
    const planFile = join(dirname(path), 'runs', 'run.run.json');
    writeFileSync(planFile, readFileSync(planFile, 'utf8').replace('"p0', '"p9'));
    tear(path);
    const journal = openJournal(path);
    expect(journal.findings).toMatchObject([{ rebuiltRuns: [], lostRuns: ['run'] }]);
    journal.close();
  });

  it('that lost its last commits without a trace gets its runs and their newer plans from the files', () => {
    const path = join(temporaryFolder('torn'), 'journal.db');
    const journal = openJournal(path);
    journal.savePlan(plan);
    journal.createRun({ runId: 'run', planId: 'plan', projectId: 'p', startedAt: '2026-01-01T00:00:00.000Z' });
    const older = temporaryFolder('torn');
    copyFiles(dirname(path), older);
    journal.savePlan({ ...plan, id: 'newer' });
    journal.setRunPlan('run', 'newer');
    journal.createRun({ runId: 'second', planId: 'newer', projectId: 'p', startedAt: '2026-01-02T00:00:00.000Z' });
    journal.close();
    copyFiles(older, dirname(path));
    const again = openJournal(path);
    expect(again.findings).toEqual([]);
    expect(again.readRun('run')).toMatchObject({ planId: 'newer', isRebuilt: false });
    expect(again.readPlan('newer')?.tables).toEqual(plan.tables);
    expect(again.readRun('second')).toMatchObject({ planId: 'newer', isRebuilt: true });
    again.close();
  });
});
