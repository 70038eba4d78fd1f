import { describe, expect, it } from 'vitest';
import { createDiskBudget, createDiskUse, forgetLane, isDiskFull } from './disk-budget.ts';

const MIB = 1024 * 1024;
const { signal } = new AbortController();

function budgets(quotaBytes: number | null, freeBytes: () => number = () => Infinity) {
  const use = createDiskUse(4, quotaBytes);
  const readFreeBytes = (): Promise<number> => Promise.resolve(freeBytes());
  const lane = (index: number) => createDiskBudget({ use, lane: index, directory: '/spool', signal, readFreeBytes });
  return { use, first: lane(0), second: lane(1) };
}

describe('createDiskBudget', () => {
  it('gives out as much as the quota says, over all lanes', async () => {
    const { first, second } = budgets(100);
    expect(await first.tryReserve(60)).toBe(true);
    expect(await second.tryReserve(60)).toBe(false);
    expect(await second.tryReserve(40)).toBe(true);
    first.release(60);
    expect(await second.tryReserve(60)).toBe(true);
  });

  it('has no limit without a quota but the space on the disk, of which it leaves some', async () => {
    const { first } = budgets(null, () => 100 * MIB);
    expect(await first.tryReserve(36 * MIB)).toBe(true);
    expect(await first.tryReserve(37 * MIB)).toBe(false);
  });

  it('waits while files of another lane are still there to go away', async () => {
    const { first, second } = budgets(100);
    await first.reserve(80);
    const waiting = second.reserve(90);
    first.release(80);
    await waiting;
    expect(await first.tryReserve(20)).toBe(false);
  });

  it('names the directory when there is no room and nothing will go away', async () => {
    const { first } = budgets(100);
    await expect(first.reserve(101)).rejects.toMatchObject({ code: 'DISK_FULL', facts: { path: '/spool' } });
    const { first: onFullDisk } = budgets(null, () => 0);
    await expect(onFullDisk.reserve(1)).rejects.toMatchObject({ code: 'DISK_FULL' });
  });

  it('ends waiting when the signal fires', async () => {
    const controller = new AbortController();
    const use = createDiskUse(2, 100);
    const other = createDiskBudget({
      use,
      lane: 0,
      directory: '/',
      signal,
      readFreeBytes: () => Promise.resolve(1e12),
    });
    const budget = createDiskBudget({ use, lane: 1, directory: '/', signal: controller.signal });
    await other.reserve(100);
    const waiting = budget.reserve(10);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('gives back what a lane had that is gone', async () => {
    const { use, first, second } = budgets(100);
    await first.reserve(70);
    await second.reserve(20);
    forgetLane(use, 0);
    expect(await second.tryReserve(80)).toBe(true);
    expect(await first.tryReserve(1)).toBe(false);
  });
});

describe('isDiskFull', () => {
  it.each([
    ['ENOSPC', true],
    ['EDQUOT', true],
    ['EFBIG', true],
    ['EACCES', false],
  ])('%s: %s', (code, expected) => {
    expect(isDiskFull(Object.assign(new Error(code), { code }))).toBe(expected);
  });
});
