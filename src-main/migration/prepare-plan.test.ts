import { describe, expect, it } from 'vitest';
import type { TableDescription } from '#shared/model/table';
import { preparePlan } from './prepare-plan.ts';
import { createFakeWorld, describeSource, planInput } from './testing/fake-sides.ts';

const { signal } = new AbortController();

/** Partitions of a table of 100 rows, of which the source's statistics say this. */
async function partitionsOf(
  statistics: Pick<TableDescription, 'rowEstimate' | 'byteEstimate'>,
  size: { kind: 'rows'; maxRowsPerPartition: number } | { kind: 'auto' },
): Promise<{ partitions: number; counted: (string | null)[] }> {
  const world = createFakeWorld({ a: 100 });
  const counted: (string | null)[] = [];
  const source = {
    ...world.source,
    describeTables: () => Promise.resolve([{ ...describeSource('a', 100), ...statistics }]),
    countRows: ({ where }: { where: string | null }) => {
      counted.push(where);
      return Promise.resolve(100);
    },
  };
  const input = planInput(['a']);
  const selection = input.selection.map((table) => ({ ...table, partitionSize: size, where: 'id > 0' }));
  const plan = await preparePlan({ ...input, selection }, { ...world, source, withProfile: true, signal });
  return { partitions: plan.tables[0]?.partitions.length ?? 0, counted };
}

describe('partitions by rows', () => {
  it('follow the statistics of the source, without a scan', async () => {
    const known = { rowEstimate: 80, byteEstimate: 8000 };
    expect(await partitionsOf(known, { kind: 'rows', maxRowsPerPartition: 10 })).toEqual({
      partitions: 8,
      counted: [],
    });
  });

  it('follow a count where there are none, as of a view', async () => {
    const unknown = { rowEstimate: null, byteEstimate: null };
    expect(await partitionsOf(unknown, { kind: 'rows', maxRowsPerPartition: 10 })).toEqual({
      partitions: 10,
      counted: ['id > 0'],
    });
  });

  it('are not counted for when nobody asked for rows: the table stays whole', async () => {
    const unknown = { rowEstimate: null, byteEstimate: null };
    expect(await partitionsOf(unknown, { kind: 'auto' })).toEqual({ partitions: 1, counted: [] });
  });
});
