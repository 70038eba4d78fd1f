import { describe, expect, it } from 'vitest';
import { createSemaphore } from './semaphore.ts';

const forever = new AbortController().signal;

function gate(): { promise: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const promise = new Promise<void>((resolve) => (open = resolve));
  return { promise, open };
}

describe('a semaphore', () => {
  it('never runs more than its size at once and keeps the order of arrival', async () => {
    const semaphore = createSemaphore(2);
    const order: number[] = [];
    let running = 0;
    let most = 0;
    const gates = [gate(), gate(), gate(), gate()];
    const all = gates.map((g, index) =>
      semaphore.run(async () => {
        running += 1;
        most = Math.max(most, running);
        order.push(index);
        await g.promise;
        running -= 1;
      }, forever),
    );
    for (const g of gates) g.open();
    await Promise.all(all);
    expect(most).toBe(2);
    expect(order).toEqual([0, 1, 2, 3]);
  });

  it('gives the place back when the work fails', async () => {
    const semaphore = createSemaphore(1);
    await expect(semaphore.run(() => Promise.reject(new Error('no')), forever)).rejects.toThrow('no');
    await expect(semaphore.run(() => Promise.resolve('yes'), forever)).resolves.toBe('yes');
  });

  it('lets a waiting caller go when its signal fires, and does not lose the place', async () => {
    const semaphore = createSemaphore(1);
    const first = gate();
    const running = semaphore.run(() => first.promise, forever);
    const abort = new AbortController();
    const waiting = semaphore.run(() => Promise.resolve(), abort.signal);
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    first.open();
    await running;
    await expect(semaphore.run(() => Promise.resolve(1), forever)).resolves.toBe(1);
  });

  it('starts waiting work when it grows', async () => {
    const semaphore = createSemaphore(1);
    const first = gate();
    const running = semaphore.run(() => first.promise, forever);
    const second = semaphore.run(() => Promise.resolve('grown'), forever);
    semaphore.resize(2);
    await expect(second).resolves.toBe('grown');
    first.open();
    await running;
  });
});
