import { describe, expect, it } from 'vitest';
import type { RunReport } from '#shared/model/run';
import { toCsv } from './run-report.ts';

const table: RunReport['tables'][number] = {
  source: 'dev.public.a',
  target: 'DB.PUBLIC.A',
  sourceRows: 1,
  stagedRows: 1,
  loadedRows: null,
  stagedBytes: 10,
  partitions: 1,
  elapsedMs: 5,
  outcome: 'failed',
  error: { code: 'X', title: 't', message: 'said "no", twice', advice: 'a' },
  leftOut: [{ sourceName: 'c', nativeType: 'hllsketch', reason: 'r' }],
  warnings: [],
};
const report = (change: Partial<typeof table>): RunReport => ({
  outcome: 'finished-with-failures',
  runId: 'r',
  tables: [{ ...table, ...change }],
  validation: { passed: 0, warnings: 0, failed: 0, notCompared: 0 },
  pause: null,
  elapsedMs: 5,
});

describe('results as CSV', () => {
  it('quotes what must be quoted and leaves unknown numbers empty', () => {
    const [head, line] = toCsv(report({})).split('\r\n');
    expect(head).toBe(
      'source,target,outcome,sourceRows,stagedRows,loadedRows,stagedBytes,partitions,elapsedMs,error,advice,leftOutColumns,warnings',
    );
    expect(line).toBe('dev.public.a,DB.PUBLIC.A,failed,1,1,,10,1,5,"X: said ""no"", twice",a,c: r,');
  });

  it('does not let a spreadsheet take a name for a formula', () => {
    expect(toCsv(report({ source: '=HYPERLINK("x")' }))).toContain(`"'=HYPERLINK(""x"")"`);
  });
});
