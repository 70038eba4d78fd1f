import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../lib/testing/temporary-folder.ts';
import { openJournal } from './journal.ts';

const newPath = (): string => join(temporaryFolder('journal'), 'journal.db');
const partition = {
  tableId: 't',
  partitionId: 'p',
  state: 'waiting' as const,
  attempt: 0,
  attemptId: null,
  sourceRows: null,
  stagedRows: null,
  stagedBytes: null,
  stagedFiles: null,
  loadedRows: null,
  error: null,
  firstError: null,
  errorCount: 0,
};

describe('the journal', () => {
  it('keeps states, attempts and events over a restart', () => {
    const path = newPath();
    const journal = openJournal(path);
    journal.createRun({ runId: 'r', planId: 'x', projectId: 'p1', startedAt: '2026-01-01T00:00:00.000Z' });
    journal.setPartition('r', partition);
    journal.setPartition('r', { ...partition, state: 'loaded', attempt: 2, loadedRows: 9_007_199_254_740_991 });
    journal.startAttempt({ attemptId: 'a', runId: 'r', tableId: 't', partitionId: 'p', path: 'r/t/p/a/' });
    journal.setManifest('a', '{}');
    journal.setSession('a', '4711');
    journal.addEvent('r', { sequence: 1, at: '2026-01-01T00:00:01.000Z', level: 'info', tableId: null, text: 'one' });
    journal.addEvent('r', { sequence: 2, at: '2026-01-01T00:00:02.000Z', level: 'error', tableId: 't', text: 'two' });
    journal.close();

    const again = openJournal(path);
    expect(again.unfinishedRuns().map((run) => run.runId)).toEqual(['r']);
    expect(again.partitions('r')).toEqual([
      { ...partition, state: 'loaded', attempt: 2, loadedRows: 9_007_199_254_740_991 },
    ]);
    expect(again.attempts('r')).toEqual([
      {
        attemptId: 'a',
        runId: 'r',
        tableId: 't',
        partitionId: 'p',
        path: 'r/t/p/a/',
        manifest: '{}',
        sessionId: '4711',
        isCleaned: false,
      },
    ]);
    expect(again.events('r', { before: null, limit: 1 }).map((event) => event.text)).toEqual(['two']);
    expect(again.events('r', { before: 2, limit: 10 }).map((event) => event.text)).toEqual(['one']);
    again.close();
  });

  it('says which file it is when it cannot be opened', () => {
    const path = newPath();
    mkdirSync(path);
    expect(() => openJournal(path)).toThrowError(
      expect.objectContaining({
        code: 'JOURNAL_UNAVAILABLE',
        facts: expect.objectContaining({ path }) as object,
      }) as Error,
    );
  });

  it('lists the runs of the command line, which belong to no project', () => {
    const journal = openJournal(newPath());
    journal.createRun({ runId: 'r', planId: 'x', projectId: null, startedAt: '2026-01-01T00:00:00.000Z' });
    journal.createRun({ runId: 's', planId: 'x', projectId: 'p', startedAt: '2026-01-01T00:00:00.000Z' });
    expect(journal.listRuns(null).map((run) => run.runId)).toEqual(['r']);
    journal.close();
  });
});
