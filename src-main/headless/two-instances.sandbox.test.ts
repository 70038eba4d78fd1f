import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RunReport } from '#shared/model/run';
import {
  startPractice,
  type CommandOutput,
  type CommandRequest,
  type Practice,
  type StartedCommand,
} from './testing/practice-commands.ts';

/** Longer than a second process needs to start and ask on a busy machine: the first one is frozen then, and renews nothing. */
const LEASE_SECONDS = 25;

let practice: Practice;

beforeAll(async () => {
  practice = await startPractice(['--source', 'redshift', '--scale', '0.01']);
});

afterAll(() => practice?.stop());

/** Many partitions, one after the other: there is time to come in between. */
function workflowInto(schema: string): CommandRequest {
  const { snowflake, redshift } = practice.description;
  return {
    workflow: {
      tables: ['orders', 'customer'].map((tableName) => ({
        source: { databaseName: redshift.database, schemaName: 'tpch', tableName },
        target: { databaseName: snowflake.database, schemaName: schema, tableName },
        columnNamesToPartitionBy: [tableName === 'orders' ? 'o_orderkey' : 'c_custkey'],
        targetPartitionSizeRows: tableName === 'orders' ? 1500 : 500,
      })),
      defaultTableConfiguration: {
        extraction: {
          strategy: 'unload',
          externalStage: `${snowflake.database}.${snowflake.schema}.${snowflake.stage}`,
        },
      },
      options: { unloadLanes: 1, loadLanes: 1, limits: { leaseSeconds: LEASE_SECONDS } },
    },
  };
}

function reportOf({ stdout, stderr }: CommandOutput): RunReport {
  if (stdout === '') throw new Error(`Nothing was printed on stdout:\n${stderr}`);
  return JSON.parse(stdout) as RunReport;
}

/** Until a command has loaded something. */
async function untilUnderWay(command: StartedCommand): Promise<void> {
  const ended = command.output.then(({ code, stderr }) => {
    throw new Error(`It ended by itself (exit code ${String(code)}):\n${stderr}`);
  });
  const underWay = vi.waitFor(
    () => expect(command.stderr.match(/rows unloaded/g)?.length ?? 0, command.stderr).toBeGreaterThan(1),
    { timeout: 60_000, interval: 50 },
  );
  await Promise.race([underWay, ended]);
}

/** Stops the process where it is, though not within a commit: nobody could write the journal then, and this is about the lease. */
async function freeze(command: StartedCommand): Promise<void> {
  for (;;) {
    command.signal('SIGSTOP');
    await delay(200);
    if (isJournalFree()) return;
    command.signal('SIGCONT');
    await delay(500);
  }
}

function isJournalFree(): boolean {
  const journal = new Database(path.join(practice.dataDirectory, 'journal.db'));
  try {
    journal.exec('PRAGMA busy_timeout = 0');
    journal.exec('BEGIN IMMEDIATE');
    return true;
  } catch {
    return false;
  } finally {
    journal.close();
  }
}

describe('two processes on one run', () => {
  it('do not both work on it: the second is told who does, takes over when the lease has run out, and the first one then stops before it commits', async () => {
    const request = workflowInto('TWO_INSTANCES');
    const first = await practice.start('run', request);
    await untilUnderWay(first);
    await freeze(first);

    const refused = await (await practice.start('resume', request)).output;
    const { outcome, pause } = reportOf(refused);
    expect({ code: refused.code, outcome, cause: pause?.cause }).toEqual({
      code: 3,
      outcome: 'paused',
      cause: 'lease-held',
    });
    expect(pause?.error?.message).toMatch(/^Process \d+ of \S+ on \S+ works on this run since .* UTC/);

    const second = await vi.waitFor(
      async () => {
        const output = await (await practice.start('resume', request)).output;
        expect(reportOf(output).pause?.cause).not.toBe('lease-held');
        return output;
      },
      { timeout: 120_000, interval: 500 },
    );
    expect({ code: second.code, stderr: second.code === 0 ? '' : second.stderr }).toEqual({ code: 0, stderr: '' });
    const report = reportOf(second);
    expect(report.tables.map(({ sourceRows, loadedRows }) => loadedRows === sourceRows)).toEqual([true, true]);
    expect(report.validation).toMatchObject({ failed: 0 });

    first.signal('SIGCONT');
    const woken = await first.output;
    expect({ code: woken.code, cause: reportOf(woken).pause?.cause }).toEqual({ code: 3, cause: 'lease-lost' });

    const after = await practice.start('resume', request);
    expect((await after.output).code).toBe(2);
    expect(after.stderr).toContain('There is no run with the id of this workflow that could go on.');
  }, 240_000);

  it('need not wait for the lease of a process of this machine that was killed', async () => {
    const request = workflowInto('KILLED');
    const first = await practice.start('run', request);
    await untilUnderWay(first);
    first.signal('SIGKILL');
    await first.output;
    const second = await (await practice.start('resume', request)).output;
    expect({ code: second.code, stderr: second.code === 0 ? '' : second.stderr }).toEqual({ code: 0, stderr: '' });
    expect(reportOf(second).validation).toMatchObject({ failed: 0 });
  });
});
