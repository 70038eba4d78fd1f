import { describe, expect, it } from 'vitest';
import type { MigrationPlan } from '#shared/model/plan';
import type { PartitionProgress } from '#shared/model/run';
import { createAbortController } from '../lib/abort.ts';
import { mergePlans } from './merge-plans.ts';
import { preparePlan } from './prepare-plan.ts';
import { createFakeWorld, planInput } from './testing/fake-sides.ts';

const { signal } = createAbortController();

async function planOf(cutAt: number): Promise<MigrationPlan> {
  const world = createFakeWorld({ orders: 100 });
  world.source.quantiles = () => Promise.resolve([[String(cutAt)]]);
  const input = planInput(['orders']);
  const selection = input.selection.map((table) => ({
    ...table,
    partitionSize: { kind: 'rows' as const, maxRowsPerPartition: 50 },
  }));
  return preparePlan({ ...input, selection }, { ...world, withProfile: true, signal });
}

const partitions = (state: PartitionProgress['state']) => () => [{ state } as PartitionProgress];
const predicates = (plan: MigrationPlan) => plan.tables[0]?.partitions.map(({ sourcePredicate }) => sourcePredicate);

describe('going on under a fresh plan', () => {
  it('takes the fresh partitions of a table of which nothing is staged', async () => {
    const [earlier, fresh] = [await planOf(10), await planOf(20)];
    const merged = mergePlans(earlier, fresh, { partitions: partitions('failed'), attempts: [], begunTables: [] });
    expect(predicates(merged)).toEqual(predicates(fresh));
  });

  it.each(['staged', 'loading', 'loaded'] as const)('keeps the partitions of a table with a %s one', async (state) => {
    const [earlier, fresh] = [await planOf(10), await planOf(20)];
    const merged = mergePlans(earlier, fresh, { partitions: partitions(state), attempts: [], begunTables: [] });
    expect(predicates(merged)).toEqual(predicates(earlier));
  });

  it('keeps the partitions of a failed load, because it may have been committed', async () => {
    const [earlier, fresh] = [await planOf(10), await planOf(20)];
    const attempts = [{ tableId: earlier.tables[0]?.id ?? '', sessionId: '42' }];
    const merged = mergePlans(earlier, fresh, { partitions: partitions('failed'), attempts, begunTables: [] });
    expect(predicates(merged)).toEqual(predicates(earlier));
  });

  it.each([
    ['that the files beside the journal name', (id: string) => [id]],
    ['when those files cannot be understood', () => null],
  ])('keeps the partitions of a table %s', async (_, begunTables) => {
    const [earlier, fresh] = [await planOf(10), await planOf(20)];
    const begun = begunTables(earlier.tables[0]?.id ?? '');
    const merged = mergePlans(earlier, fresh, {
      partitions: partitions('failed'),
      attempts: [],
      begunTables: begun,
    });
    expect(predicates(merged)).toEqual(predicates(earlier));
  });
});
