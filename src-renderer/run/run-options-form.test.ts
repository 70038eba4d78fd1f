import { describe, expect, it } from 'vitest';
import { runOptionsSchema, tableSelectionSchema, type PartitionSize } from '#shared/model/project';
import {
  runOptionProblems,
  runOptionValuesOf,
  toRunOptions,
  withPartitionSize,
  RUN_OPTION_FIELDS,
} from './run-options-form.ts';

const defaults = runOptionsSchema.parse({});
const table = (partitionSize: PartitionSize | null = null) =>
  tableSelectionSchema.parse({ source: { database: 'd', schema: 's', name: 't' }, partitionSize });
const values = runOptionValuesOf(defaults, []);

describe('the options of a run', () => {
  it.each([
    defaults,
    runOptionsSchema.parse({
      isolation: 'read-uncommitted',
      unloadLanes: 1,
      localDirectory: '/scratch',
      localQuotaMb: 512,
      cleanUp: 'never',
      stopAfterFailedTables: 3,
      createMissingTargets: false,
      existingRows: 'append',
      ledger: { database: 'D', schema: 'S' },
    }),
  ])('travel into the form and back (%#)', (options) => {
    expect(toRunOptions(runOptionValuesOf(options, []), options)).toEqual(options);
    expect(runOptionProblems(runOptionValuesOf(options, []))).toEqual({});
  });

  it.each([
    [{ unloadLanes: '0' }, 'unloadLanes', 'Enter a whole number from 1 to 32.'],
    [{ loadLanes: '33' }, 'loadLanes', 'Enter a whole number from 1 to 32.'],
    [{ loadLanesPerTable: 'x' }, 'loadLanesPerTable', 'Enter a whole number from 1 to 8.'],
    [{ localQuotaMb: '63' }, 'localQuotaMb', 'Enter a whole number from 64 to 1000000000, or nothing.'],
    [{ partitionKind: 'rows', partitionRows: '' }, 'partitionRows', 'Enter a whole number from 1 to 1000000000000.'],
    [{ ledgerSchema: ' ' }, 'ledgerSchema', 'The schema is needed.'],
  ])('%j is refused', (change, name, sentence) => {
    expect(runOptionProblems({ ...values, ...change })).toEqual({ [name]: sentence });
    expect(RUN_OPTION_FIELDS).toContain(name);
  });

  it('does not check a size that is not chosen', () => {
    expect(runOptionProblems({ ...values, partitionKind: 'auto', partitionRows: '', partitionMb: '0' })).toEqual({});
  });
});

describe('the size of partitions', () => {
  const rows: PartitionSize = { kind: 'rows', maxRowsPerPartition: 500 };

  it('shows what all tables have, and that they differ', () => {
    expect(runOptionValuesOf(defaults, [table(), table()]).partitionKind).toBe('auto');
    expect(runOptionValuesOf(defaults, [table(rows), table(rows)])).toMatchObject({
      partitionKind: 'rows',
      partitionRows: '500',
    });
    expect(runOptionValuesOf(defaults, [table(rows), table()]).partitionKind).toBe('mixed');
  });

  it('is set for every table, or left to each', () => {
    const selection = [table(rows), table()];
    const chosen = { ...values, partitionKind: 'megabytes', partitionMb: '200' };
    expect(withPartitionSize(chosen, selection).map(({ partitionSize }) => partitionSize)).toEqual([
      { kind: 'megabytes', targetSizeMb: 200 },
      { kind: 'megabytes', targetSizeMb: 200 },
    ]);
    expect(withPartitionSize({ ...values, partitionKind: 'mixed' }, selection)).toEqual(selection);
  });
});
